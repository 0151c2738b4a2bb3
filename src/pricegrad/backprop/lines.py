"""A function as the list of its lines: what each assigns, reads, and passes back. For explanations."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pricegrad.errors import SourceError

from . import source as src
from .api import vjp
from .fence import check, refuse


@dataclass(frozen=True)
class Line:
    """One assignment of a straight-line function: `target = text`, on line `number` of `file`.

    `reads` are the variables it reads; `function` computes the line from them, in that order, as keywords.
    """

    target: str
    text: str
    file: str
    number: int
    reads: tuple[str, ...]
    function: Callable[..., float]


def lines(f: Callable[..., Any]) -> tuple[tuple[str, ...], list[Line], str]:
    """The parameters, the lines in order, and the name of the result of a straight-line function of
    numbers.

    A variable that is assigned twice gets a name a version (`a`, `a_2`). A `return` of an expression
    becomes a last line whose target is the function's name. Raises SourceError for anything but assignments
    to names.
    """
    source = src.of(f)
    check(source)
    parameters = tuple(p.arg for p in source.parameters)
    version = {p: p for p in parameters}
    out: list[Line] = []
    tree = source.tree
    body: list[ast.stmt] = (
        tree.body
        if isinstance(tree, ast.FunctionDef)
        else [ast.copy_location(ast.Return(tree.body), tree.body)]
    )
    for s in body:
        match s:
            case ast.Expr(value=ast.Constant()):
                continue
            case (
                ast.Assign(targets=[ast.Name(id=target)], value=value)
                | ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value)
            ):
                pass
            case ast.AugAssign(target=ast.Name(id=target), op=op, value=value):
                value = ast.copy_location(
                    ast.BinOp(ast.copy_location(ast.Name(target, ast.Load()), s), op, value), s
                )
            case ast.Return(value=ast.Name(id=name)) if name in version:
                return parameters, out, version[name]
            case ast.Return(value=ast.expr() as value):
                target = source.name
            case _:
                refuse(
                    source,
                    s,
                    "only assignments of one name a line can become firms",
                    "Write it as a firm of its own.",
                )
        new = (
            target
            if target not in version.values() and target not in version
            else _fresh(target, set(version.values()))
        )
        out.append(_line(source, version, new, value, s.lineno))
        version[target] = new
        if isinstance(s, ast.Return):
            return parameters, out, new
    raise SourceError(f"`{source.name}` returns nothing", file=source.file, line=source.first)


def _fresh(target: str, taken: set[str]) -> str:
    i = 2
    while f"{target}_{i}" in taken:
        i += 1
    return f"{target}_{i}"


def _line(source: src.Source, version: dict[str, str], target: str, value: ast.expr, number: int) -> Line:
    names = list(dict.fromkeys(n.id for n in ast.walk(value) if isinstance(n, ast.Name) and n.id in version))
    reads = tuple(version[n] for n in names)

    class Rename(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.Name:
            return ast.copy_location(ast.Name(version.get(node.id, node.id), node.ctx), node)

    whole = value.lineno == value.end_lineno and value.end_col_offset is not None
    text = source.cut(value, [])[0] if whole and hasattr(value, "end_lineno") else ast.unparse(value)
    code = f"def line({', '.join(reads)}):\n    return {ast.unparse(Rename().visit(value))}\n"
    function = src.from_text(code, "line", f"<{source.name} line {number} {target}>")
    free = {
        n: source.lookup(n) for n in {x.id for x in ast.walk(value) if isinstance(x, ast.Name)} - set(version)
    }
    function.__globals__.update({n: o for n, o in free.items() if o is not src.MISSING})
    return Line(target, text, source.file, number, reads, function)


def pullback(f: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """The function (arguments..., seed) -> (value, derivatives), unchecked and as fast as it gets."""
    made: Callable[..., tuple[Any, Any]] = vjp(f, check=False)
    return made
