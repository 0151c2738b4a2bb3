"""Set up .venv with the exact versions of requirements/NAME.txt: `python3 tools/setup_env.py core|dev|docs`.

Uses the standard library alone, since nothing is installed yet. A standard venv gets a pinned `uv` by
pip, and uv installs the locked versions, checking hashes. `docs` contains `dev` contains `core`: one set-up
serves all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

UV = "0.13.9"
NAMES = ["core", "dev", "docs"]  # each contains those before it
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def stop(message: str) -> None:
    print(f"set-up stopped: {message}", file=sys.stderr)
    raise SystemExit(2)


def run(*command: str | Path) -> None:
    done = subprocess.run([str(word) for word in command], cwd=ROOT, check=False)
    if done.returncode:
        stop(f"`{' '.join(str(word) for word in command)}` failed (exit {done.returncode}), see above")


def pip_config() -> dict[str, list[str]]:
    """What pip has been told about indexes: uv does not read pip's configuration, so it is passed on."""
    shown = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    settings: dict[str, list[str]] = {}
    for line in shown.splitlines():
        name, _, value = line.partition("=")
        settings.setdefault(name.rpartition(".")[2], []).extend(value.strip("'\"").split())
    return settings


def uv_environment() -> dict[str, str]:
    """uv's variables for the index, the extra indexes and the certificate that pip is configured with."""
    settings = pip_config()
    found = {"UV_PYTHON_DOWNLOADS": "never"}
    if "index-url" in settings:
        found["UV_DEFAULT_INDEX"] = settings["index-url"][0]
    remote = [url for url in settings.get("extra-index-url", []) if not url.startswith("file:")]
    if remote:
        found["UV_INDEX"] = " ".join(remote)
    if "cert" in settings:
        found["SSL_CERT_FILE"] = settings["cert"][0]
    return {name: value for name, value in found.items() if name not in os.environ}


def make_venv() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  (this script meets the system's own Python)
        stop(f"pricegrad needs Python 3.11 or later, and `python3` is {sys.version.split()[0]}; "
             "name a later one: make PYTHON=python3.12 demo")  # fmt: skip
    if not PYTHON.exists():
        print("- a virtual environment in .venv", flush=True)
        try:
            import ensurepip  # noqa: F401
            import venv
        except ImportError:
            stop("Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv")
        venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)


def main(name: str) -> None:
    lock = ROOT / "requirements" / f"{name}.txt"
    make_venv()
    if not (VENV / "bin" / "uv").exists():
        print(f"- the installer, uv {UV}", flush=True)
        run(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"uv=={UV}")
    os.environ.update(uv_environment())
    print(f"- the versions locked in requirements/{name}.txt", flush=True)
    uv = VENV / "bin" / "uv"
    run(uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", lock)
    print("- pricegrad itself, from this checkout", flush=True)
    run(uv, "pip", "install", "--quiet", "--python", PYTHON,
        "--no-deps", "--no-build-isolation", "--no-index", "-e", ".")  # fmt: skip
    (VENV / name).touch()
    for smaller in NAMES[: NAMES.index(name)]:
        (VENV / smaller).touch()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in NAMES:
        stop("say which set-up: core, dev or docs")
    main(sys.argv[1])
