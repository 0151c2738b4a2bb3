"""Find the source of a function: live, in a file, in a notebook cell, in a string."""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import linecache
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import Any

from pricegrad.errors import SourceError, did_you_mean

from .methods import cells, opened, without

Function = ast.FunctionDef | ast.Lambda
MISSING = object()


@dataclass(eq=False)
class Source:
    """A function as text: its tree with the line numbers of its file, and where its free names are found."""

    name: str
    file: str
    first: int
    lines: list[str]
    tree: Function
    globals: dict[str, Any]
    cells: dict[str, Any] = field(default_factory=dict)
    function: Any = None

    def line(self, number: int) -> str:
        """The text of one line of the file, by its number there."""
        i = number - self.first
        return self.lines[i] if 0 <= i < len(self.lines) else ""

    def lookup(self, name: str) -> Any:
        """The object a free name stands for, or MISSING."""
        if name in self.cells:
            try:
                return self.cells[name].cell_contents
            except ValueError:
                return MISSING
        if name in self.globals:
            return self.globals[name]
        return getattr(builtins, name, MISSING)

    def meaning(self, node: ast.expr) -> Any:
        """The object that a dotted name from outside the function stands for, or MISSING."""
        if isinstance(node, ast.Name):
            return self.lookup(node.id)
        if isinstance(node, ast.Attribute):
            return getattr(self.meaning(node.value), node.attr, MISSING)
        return MISSING

    def cut(self, node: ast.expr, children: list[ast.expr]) -> tuple[str, ...]:
        """The text of `node` around its children, which stand in source order."""
        place = self._offset(node.lineno, node.col_offset)
        out = []
        for child in children:
            out.append(self._bytes[place : self._offset(child.lineno, child.col_offset)])
            place = self._offset(child.end_lineno or 0, child.end_col_offset or 0)
        out.append(self._bytes[place : self._offset(node.end_lineno or 0, node.end_col_offset or 0)])
        return tuple(_one_line(piece.decode()) for piece in out)

    @functools.cached_property
    def _bytes(self) -> bytes:
        return "".join(self.lines).encode()

    @functools.cached_property
    def _starts(self) -> list[int]:
        out = [0]
        for line in self.lines:
            out.append(out[-1] + len(line.encode()))
        return out

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - self.first] + column

    @property
    def parameters(self) -> list[ast.arg]:
        """Every named parameter, in order, keyword-only ones last."""
        a = self.tree.args
        return [*a.posonlyargs, *a.args, *([a.vararg] if a.vararg else []), *a.kwonlyargs]


def _one_line(piece: str) -> str:
    if "\n" not in piece:
        return piece
    return " ".join(line.split("#")[0].rstrip(" \\").strip() for line in piece.split("\n"))


def of(function: Any) -> Source:
    """The source of a live function; SourceError where there is none."""
    whole = function
    function, settled = opened(whole)
    function = plain(function)
    code = function.__code__
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, TypeError):
        raise SourceError(
            f"the source of `{function.__name__}` cannot be found",
            file=code.co_filename,
            line=code.co_firstlineno,
            hint="Define it in a file, a notebook cell, or give the text to pricegrad.function_from_source.",
        ) from None
    first = first or 1
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise SourceError(
            "`async` is not differentiated",
            file=code.co_filename,
            line=first,
            text=lines[0],
            hint="Differentiate the part that computes.",
        )
    tree = _parse(lines, first, code.co_filename)
    node = without(_find(tree, code, function), settled)
    around = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    return Source(
        "f" if isinstance(node, ast.Lambda) else function.__name__,
        code.co_filename,
        first,
        lines,
        node,
        function.__globals__,
        {**around, **cells(settled, whole)},
        function,
    )


def plain(function: Any) -> Any:
    """The Python function inside a cache, a compiled function or a bound method; SourceError for anything
    else.
    """
    if isinstance(function, functools._lru_cache_wrapper):
        function = function.__wrapped__
    function = getattr(function, "py_func", function)
    if not isinstance(function, FunctionType):
        name = getattr(function, "__name__", type(function).__name__)
        raise SourceError(
            f"`{name}` is a {type(function).__name__}, not a function written in Python",
            hint="Wrap it: `def f(x): return ...`.",
        )
    return function


def _parse(lines: list[str], first: int, file: str) -> ast.Module:
    """Parse an indented piece of a file; positions are those of the file."""
    text = textwrap.dedent("".join(lines))
    shift = len(lines[0]) - len(lines[0].lstrip()) if lines[0].strip() else 0
    for piece, down, right in _pieces(text):
        try:
            tree = ast.parse(piece)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.expr, ast.stmt, ast.arg, ast.keyword)):
                node.col_offset += shift + (right if node.lineno == 1 else 0)
                node.end_col_offset = (
                    (node.end_col_offset or 0) + shift + (right if node.end_lineno == 1 else 0)
                )
                node.lineno += first - 1 + down
                node.end_lineno = (node.end_lineno or 0) + first - 1 + down
        return tree
    raise SourceError("the source cannot be parsed on its own", file=file, line=first, text=lines[0])


def _pieces(text: str) -> list[tuple[str, int, int]]:
    """The text as it is; for a lambda inside a larger call, shorter and shorter pieces from `lambda` on."""
    out = [(text, 0, 0)]
    start = text.find("lambda")
    if start >= 0:
        down, right = text[:start].count("\n"), start - (text.rfind("\n", 0, start) + 1)
        out += [
            ("(" + text[start:stop].strip() + ")", down, right - 1) for stop in range(len(text), start, -1)
        ]
    return out


def _find(tree: ast.Module, code: Any, function: Any) -> Function:
    """The def or lambda in `tree` that compiles to `code`."""
    names = list(code.co_varnames[: code.co_argcount])
    found: list[Function] = []
    for node in ast.walk(tree):
        if (isinstance(node, ast.FunctionDef) and node.name == code.co_name) or (
            isinstance(node, ast.Lambda) and code.co_name == "<lambda>"
        ):
            a = node.args
            if [p.arg for p in (*a.posonlyargs, *a.args)] == names:
                found.append(node)
    if isinstance(found[0] if found else None, ast.Lambda) and len(found) > 1:
        found = [n for n in found if isinstance(n, ast.Lambda) and _same_code(n, code)]
    if len(found) != 1 and not (found and isinstance(found[0], ast.FunctionDef)):
        raise SourceError(
            f"cannot tell which function on this line is `{function.__name__}`",
            file=code.co_filename,
            line=code.co_firstlineno,
            hint="Give it a name with `def`, or a line of its own.",
        )
    return found[0]


def _same_code(node: ast.expr, code: Any) -> bool:
    expression = ast.Expression(node)
    made = compile(expression, "<lambda>", "eval").co_consts[0]
    return (made.co_code, made.co_names) == (code.co_code, code.co_names) and (
        [c for c in made.co_consts if not inspect.iscode(c)]
        == [c for c in code.co_consts if not inspect.iscode(c)]
    )


def from_text(text: str, name: str | None = None, file: str = "<text>") -> Any:
    """The function `name` (default: the last one defined) of a piece of Python text, run in a module of its
    own.
    """
    try:
        tree = ast.parse(text, file)
    except SyntaxError as error:
        raise SourceError(
            f"not valid Python: {error.msg}",
            file=file,
            line=error.lineno or 0,
            column=(error.offset or 1) - 1,
            text=error.text or "",
        ) from None
    names = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    if not names or (name is not None and name not in names):
        raise SourceError(f"no function `{name or ''}` here.{did_you_mean(name or '', names)}", file=file)
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace: dict[str, Any] = {"__name__": Path(file).stem, "__file__": file}
    exec(compile(text, file, "exec"), namespace)
    return namespace[name or names[-1]]


def from_file(place: str) -> Any:
    """The function named by `FILE.py:FUNCTION`."""
    path, _, name = place.rpartition(":")
    if not path or not Path(path).is_file():
        raise SourceError(f"no such file: {path or place}", hint="Write it as FILE.py:FUNCTION.")
    return from_text(Path(path).read_text(encoding="utf-8"), name, str(Path(path).resolve()))
