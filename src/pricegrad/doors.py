"""What upper floors offer to the results of lower ones: the top floor hangs the doors, results open them."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

DOORS: dict[str, Callable[..., Any]] = {}


class Reported:
    """A result that can be written as a page, and saved."""

    def report(self, path: str | PathLike[str]) -> Path:
        """Write the result to `path` as one HTML page that needs nothing else, and return the path."""
        written: Path = DOORS["report"](self, path)
        return written

    def save(self, path: str | PathLike[str]) -> None:
        """Write the result to `path` (.json), every digit and what its page shows; `pg.load` reads it."""
        DOORS["save"](self, path)


class Priced(Reported):
    """A result with prices, which can be drawn as a ladder."""

    def plot(self, path: str | PathLike[str] | None = None) -> Any:
        """A figure of all prices, the dearest on top, saved to `path` (.png, .svg, .pdf) when given."""
        return DOORS["ladder"](self, path)
