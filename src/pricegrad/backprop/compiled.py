"""From emitted text to a live function: tracebacks, inspect.getsource and debuggers see the text."""

from __future__ import annotations

import itertools
import linecache
from typing import Any

_count = itertools.count(1)


def register(source: str, name: str) -> str:
    """Make emitted source known to `linecache`; the file name it goes by."""
    file = f"<pricegrad {name} {next(_count)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    return file


def run(source: str, name: str, live: dict[str, Any]) -> dict[str, Any]:
    """Execute emitted source; `live` are the user's own objects behind its constants."""
    file = register(source, name)
    namespace: dict[str, Any] = {"__name__": "pricegrad.emitted", "__file__": file}
    exec(compile(source, file, "exec"), namespace)
    namespace.update(live)
    return namespace
