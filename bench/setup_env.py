"""Set up .venv-bench: pricegrad from this checkout and the differentiators it is measured against.

The peers are for measuring alone and belong to no lock of users; the versions that came are recorded in the
pages the benchmarks write. A peer that does not install is left out.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-bench"
PYTHON = VENV / "bin" / "python"
PEERS = (
    ("numba",),
    ("mesa", "simpy"),
    ("autograd",),
    ("jax",),
    ("casadi",),
    ("tangent-ad",),
    ("--no-deps", "torch==2.13.0+cpu"),  # this build alone: any other pulls gigabytes for graphics cards
)
TORCH_NEEDS = ("filelock", "typing-extensions", "sympy", "networkx", "jinja2", "fsspec", "setuptools")


def pip(*words: str) -> bool:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    if not PYTHON.exists():
        print("- a virtual environment in .venv-bench", flush=True)
        venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)
    print("- pricegrad from this checkout", flush=True)
    if not pip("-e", "."):
        print("set-up stopped: pricegrad itself did not install, see above", file=sys.stderr)
        return 2
    for words in PEERS:
        print(f"- {words[-1]}", flush=True)
        if not pip(*words):
            print(f"  {words[-1]} does not install here and is left out", flush=True)
        elif words[-1].startswith("torch"):
            pip(*TORCH_NEEDS)
    (VENV / "ready").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
