"""Lines of code: indentation and aligned comments."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from .expr import SUM, TERNARY, precedence

Line = tuple[int, str, str]  # indent, code, comment

_MAX_COMMENT_COLUMN = 60
_WIDTH = 88


@dataclass
class Writer:
    """Collects (indent, code, comment) and writes them out."""

    lines: list[Line] = field(default_factory=list)
    indent: int = 0

    def put(self, code: str, comment: str = "") -> None:
        """One line; what a statement adds to its own last sum joins that sum."""
        if self.lines and comment and self.lines[-1][::2] == (self.indent, comment):
            both = joined(self.lines[-1][1], code)
            if both:
                self.lines.pop()
                code = both
        self.lines.append((self.indent, code, comment))

    def take(self, start: int) -> list[Line]:
        """Take back the lines from `start` on."""
        out = self.lines[start:]
        del self.lines[start:]
        return out

    def choose(self, test: str, then: list[Line], other: list[Line]) -> None:
        """An `if` of two arms, either of which may have no lines."""
        if then and [line[:2] for line in then] == [line[:2] for line in other]:
            self.lines += [(i - 1, code, comment) for i, code, comment in then]
            return
        if not then and other:
            test, then, other = negated(test), other, []
        if then:
            self.put(f"if {test}:")
            self.lines += then
        if then and then[-1][0] == self.indent + 1 and re.match(r"(break|return)\b", then[-1][1]):
            self.lines += [(i - 1, code, comment) for i, code, comment in other]
        elif other and _is_if(other):
            indent, code, comment = other[0]
            self.lines.append((indent - 1, "el" + code, comment))
            self.lines += [(i - 1, code, comment) for i, code, comment in other[1:]]
        elif other:
            self.put("else:")
            self.lines += other

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


def joined(first: str, then: str) -> str:
    """`y = a` and `y += b` as `y = a + b`; "" where that is not the same or is long."""
    start, more = re.fullmatch(r"(\w+) = (.+)", first), re.fullmatch(r"(\w+) ([+-])= (.+)", then)
    if not start or not more or start[1] != more[1] or re.search(rf"\b{start[1]}\b", more[3]):
        return ""
    level = precedence(ast.parse(start[2], mode="eval").body)
    added = precedence(ast.parse(more[3], mode="eval").body)
    right = f"({more[3]})" if added < SUM + (more[2] == "-") else more[3]
    code = f"{first} {more[2]} {right}"
    return code if level >= SUM and len(code) <= _WIDTH else ""


def conditional(test: str, then: list[Line], other: list[Line]) -> list[str] | None:
    """`y = a if test else b` for two arms that give the same variables their values, if that is short."""
    if not len(then) == len(other) <= (2 if test.isidentifier() else 1):
        return None
    arms: list[dict[str, str]] = []
    for lines in (then, other):
        parts = [code.partition(" = ") for _, code, _ in lines]
        if not all(sign and place.isidentifier() for place, sign, _ in parts):
            return None
        arms.append({place: value for place, _, value in parts})
    read = set(re.findall(r"\w+", " ".join([test, *arms[0].values(), *arms[1].values()])))
    if (
        len(arms[0]) < len(then)
        or arms[0].keys() != arms[1].keys()
        or (len(then) > 1 and read & set(arms[0]))
    ):
        return None
    out = [f"{y} = {_operand(a)} if {_operand(test)} else {_operand(arms[1][y])}" for y, a in arms[0].items()]
    return out if all(len(code) <= _WIDTH for code in out) else None


def _operand(code: str) -> str:
    return f"({code})" if precedence(ast.parse(code, mode="eval").body) <= TERNARY else code


def negated(test: str) -> str:
    """The opposite of a condition, as it is written by hand."""
    if test.startswith("not ") and (test[4:].isidentifier() or _closed(test[4:])):
        return test[4:] if test[4:].isidentifier() else test[5:-1]
    equal = re.fullmatch(r"([\w.]+) (==|!=) ([\w.]+|\"\w*\"|'\w*')", test)
    if equal:
        return f"{equal[1]} {'!=' if equal[2] == '==' else '=='} {equal[3]}"
    return f"not {test}" if test.isidentifier() else f"not ({test})"


def _closed(text: str) -> bool:
    """Is this one pair of parentheses around everything?"""
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth <= 0 and i < len(text) - 1:
            return False
    return text.startswith("(")


def _is_if(lines: list[Line]) -> bool:
    """Are these lines one `if` statement and nothing more?"""
    indent = lines[0][0]
    return lines[0][1].startswith("if ") and all(
        i > indent or code.startswith(("elif ", "else:")) for i, code, _ in lines[1:]
    )
