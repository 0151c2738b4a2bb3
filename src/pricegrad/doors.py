"""What upper floors offer to the results of lower ones: the top floor hangs the doors, results open them."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

DOORS: dict[str, Callable[..., Any]] = {}


class Reported:
    """A result that can be written as a page."""

    def report(self, path: str | PathLike[str]) -> Path:
        """Write the result to `path` as one HTML page that needs nothing else, and return the path."""
        written: Path = DOORS["report"](self, path)
        return written
