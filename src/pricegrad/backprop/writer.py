"""Lines of code: indentation and aligned comments."""

from __future__ import annotations

from dataclasses import dataclass, field

_MAX_COMMENT_COLUMN = 60


@dataclass
class Writer:
    """Collects (indent, code, comment) and writes them out."""

    lines: list[tuple[int, str, str]] = field(default_factory=list)
    indent: int = 0

    def put(self, code: str, comment: str = "") -> None:
        """One line."""
        self.lines.append((self.indent, code, comment))

    def text(self) -> str:
        """The code, comments in one column four behind the longest line (long lines aside)."""
        widths = [4 * i + len(code) for i, code, comment in self.lines if comment]
        fitting = [w for w in widths if w <= _MAX_COMMENT_COLUMN] or [min(widths, default=0)]
        column = max(fitting) + 4
        out = []
        for i, code, comment in self.lines:
            line = "    " * i + code
            if comment:
                line = f"{line:<{column}}# {comment}" if len(line) + 4 <= column else f"{line}    # {comment}"
            out.append(line.rstrip())
        return "\n".join(out) + "\n"
