"""Compile the files requirements/*.txt anew: exact versions and hashes, no addresses."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".venv" / "bin" / "uv"
COMMON = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-header",
          "--no-emit-index-url", "--no-emit-find-links", "--quiet", "--upgrade"]  # fmt: skip


def lock(name: str, *sources: str) -> None:
    target = ROOT / "requirements" / f"{name}.txt"
    subprocess.run(
        [str(UV), "pip", "compile", *COMMON, *sources, "-o", str(target)],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


if __name__ == "__main__":
    lock("core", "pyproject.toml", "requirements/build.in")
    extras = ["--extra", "numba", "--extra", "distributed", "--group", "dev"]
    lock("dev", "pyproject.toml", "requirements/build.in", *extras, "-c", "requirements/core.txt")
    lock(
        "docs",
        "pyproject.toml",
        "requirements/build.in",
        *extras,
        "--group",
        "docs",
        "-c",
        "requirements/dev.txt",
    )
