"""Where the reference tables and economies lie beside the checkout; tests skip where they do not."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared(*parts):
    """The path of a file in the `shared` folder beside the checkout, or one level up; skips without it."""
    for base in (ROOT.parent, ROOT.parent.parent):
        path = base.joinpath("shared", *parts)
        if path.exists():
            return path
    return pytest.skip(f"no {'/'.join(parts)} in a shared folder beside the checkout")
