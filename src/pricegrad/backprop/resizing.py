"""Loops over a list that becomes longer or shorter meanwhile: Python asks its length at each round."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from .lowering import placed
from .snippets import lines

_RESIZES = {"append", "appendleft", "popleft", "extend", "insert", "pop", "clear", "remove"}


def counted(s: ast.For, i: str) -> tuple[str, list[ast.stmt]]:
    """The list that a loop goes over and resizes, and the loop with a count `i`; ("", []) if none."""
    it, number, element, start = s.iter, None, s.target, None
    if isinstance(it, ast.Call) and isinstance(it.func, ast.Name) and it.func.id == "enumerate" and it.args:
        if not isinstance(s.target, ast.Tuple) or len(s.target.elts) != 2:
            return "", []
        (number, element), rest = s.target.elts, [*it.args[1:], *(k.value for k in it.keywords)]
        it, start = it.args[0], rest[0] if rest else None
    if not isinstance(it, ast.Name) or it.id not in resized(s.body):
        return "", []
    xs = it.id
    first, loop = lines(f"{i} = 0\nwhile {i} < len({xs}):\n    item = {xs}[{i}]\n    {i} += 1")
    assert isinstance(loop, ast.While)
    assert isinstance(loop.body[0], ast.Assign)
    loop.body[0].targets = [element]
    if number is not None:
        count: ast.expr = ast.Name(i, ast.Load())
        count = count if start is None else ast.BinOp(count, ast.Add(), start)
        loop.body.insert(0, ast.Assign([number], count))
    loop.body += s.body
    return xs, [placed(first, s), placed(loop, s)]


def resized(nodes: Sequence[ast.AST]) -> set[str]:
    """The names of lists that some code makes longer or shorter by a method, or by `del`."""
    out = set()
    for n in (inner for node in nodes for inner in ast.walk(node)):
        match n:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in _RESIZES:
                out.add(name)
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Del()):
                out.add(name)
    return out
