"""Everything pricegrad refuses, as one tree of exceptions.

PricegradError              any refusal; the command line prints its message and exits with 2
├── SourceError             code that cannot be differentiated: file, line, caret, what would be accepted
├── ModelError              an economy that does not make sense: which firm, which good, what would be right
├── TableError              an input-output table that cannot be read
├── NotSolved               a solver or a market ended without a solution (exit code 1)
└── DerivativeMismatch      a derivative that disagrees with the independent check on its first call
"""

from __future__ import annotations

import difflib
import linecache
import re
from collections.abc import Iterable
from pathlib import Path


class PricegradError(Exception):
    """Base of every error raised on purpose. The message is one a user can act on."""


class SourceError(PricegradError):
    """Code that cannot be read or differentiated.

    `file`, `line`, `column` (0-based) and `text` (the source line) place it; the message ends in what to do.
    """

    def __init__(
        self, what: str, *, file: str = "", line: int = 0, column: int = 0, text: str = "", hint: str = ""
    ) -> None:
        self.what, self.file, self.line, self.column, self.text, self.hint = (
            what,
            file,
            line,
            column,
            text,
            hint,
        )
        super().__init__(self._message())

    def also(self, hint: str) -> SourceError:
        """The same refusal with another way out behind its own."""
        hints = "\n  ".join(filter(None, (self.hint, hint)))
        return SourceError(
            self.what, file=self.file, line=self.line, column=self.column, text=self.text, hint=hints
        )

    def _message(self) -> str:
        lines = [self.what]
        if self.file or self.line:
            lines.append(f"  {self.file or '<source>'}, line {self.line}")
        if self.text:
            stripped = self.text.rstrip("\n")
            lines.append(f"    {stripped.lstrip()}")
            lead = len(stripped) - len(stripped.lstrip())
            lines.append("    " + " " * max(self.column - lead, 0) + "^")
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)


class ModelError(PricegradError):
    """An economy that does not make sense."""


class TableError(PricegradError):
    """An input-output table that cannot be read as one."""


class NotSolved(PricegradError):  # noqa: N818  (reads as the fact it reports)
    """A solver ended without a solution. The message says what is violated, and where."""


class DerivativeMismatch(PricegradError):  # noqa: N818
    """A derivative disagrees with an independent check along a random direction."""


REACH = 8  # a call or the head of a function spreads over so many lines at most


def place(where: str, word: str) -> str:
    """The user's line at or soon after `where` (file:line) that says `word`, with a caret under it."""
    file, _, line = where.rpartition(":")
    linecache.checkcache(file)  # the file may have changed since it was read
    for number in range(int(line), int(line) + REACH) if file else ():
        text = linecache.getline(file, number).strip()
        said = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
        if said:
            return f"\n  {beside(file)}, line {number}\n    {text}\n    {' ' * said.start()}^"
    return ""


def beside(file: str) -> str:
    """A file as one would name it from here."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else file


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """' Did you mean "steel"?' when a known name is near, else a short list of the known names, else ''."""
    names = [str(k) for k in known]
    folded = {known.casefold(): known for known in reversed(names)}
    wanted = str(name).casefold()
    near = difflib.get_close_matches(wanted, folded, n=1) or [key for key in folded if wanted in key][-1:]
    if near and wanted:
        return f' Did you mean "{folded[near[0]]}"?'
    if not names:
        return ""
    shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
    return f" Known: {shown}."
