"""The fence: what is not differentiated is refused here, with its place, the reason and a rewrite."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator
from typing import NoReturn

import numpy as np

from pricegrad.errors import SourceError

from .source import Source

_FORBIDDEN: dict[type[ast.AST], tuple[str, str]] = {
    ast.Global: ("`global` lets a function change what others read", "pass the value in and return it"),
    ast.Yield: ("a generator has no single value to differentiate", "build a list and return it"),
    ast.YieldFrom: ("a generator has no single value to differentiate", "build a list and return it"),
    ast.Await: ("`await` is not differentiated", "differentiate the part that computes"),
    ast.AsyncFunctionDef: ("`async` is not differentiated", "differentiate the part that computes"),
    ast.AsyncFor: ("`async` is not differentiated", "differentiate the part that computes"),
    ast.AsyncWith: ("`async` is not differentiated", "differentiate the part that computes"),
    ast.TryStar: ("`try` can leave its body at any point", "test for the condition with `if` beforehand"),
    ast.ClassDef: ("a class made inside the function is not followed", "define it outside"),
}


def refuse(source: Source, node: ast.AST, what: str, hint: str = "") -> NoReturn:
    """Raise a SourceError that points at `node`."""
    line = getattr(node, "lineno", source.first)
    raise SourceError(
        what,
        file=source.file,
        line=line,
        column=getattr(node, "col_offset", 0),
        text=source.line(line),
        hint=hint,
    )


def check(source: Source, inner: bool = False) -> None:
    """Refuse the statements that can never be differentiated, whatever the arguments.

    `inner`: the function stands inside another that is read too, whose variables it may bind.
    """
    if not inner:
        for node in own_statements(source.tree):
            if isinstance(node, ast.Nonlocal):
                refuse(
                    source,
                    node,
                    "`nonlocal` changes a variable of a function that has returned",
                    "Pass the value in and return it.",
                )
    own = set(own_statements(source.tree))
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.Yield, ast.YieldFrom)) and node not in own:
            continue  # a generator inside: seen when it is called
        if isinstance(node, ast.With) and not all(map(known_manager(source), node.items)):
            refuse(
                source,
                node,
                "`with` runs code that is not in sight",
                "Instead: keep it outside the function.",
            )
        if type(node) in _FORBIDDEN:
            what, hint = _FORBIDDEN[type(node)]
            refuse(source, node, what, f"Instead: {hint}.")


def known_manager(source: Source) -> Callable[[ast.withitem], bool]:
    """Is it np.errstate(...), which changes no value, or suppress(E), which is `try` with `pass`?"""

    def known(item: ast.withitem) -> bool:
        call = item.context_expr
        if not isinstance(call, ast.Call):
            return False
        what = source.meaning(call.func)
        return what is np.errstate or (what is contextlib.suppress and len(call.args) == 1)

    return known


def own_statements(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, not in functions inside it."""
    work = list(ast.iter_child_nodes(tree))
    while work:
        node = work.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            work.extend(ast.iter_child_nodes(node))
