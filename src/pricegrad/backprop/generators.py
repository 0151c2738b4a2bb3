"""Generators as functions that build a list: what is asked of them one by one is made at once.

That is the same as long as nobody changes what a generator reads between two of its values, and it ends.
"""

from __future__ import annotations

import ast
import copy
from dataclasses import replace
from inspect import isgeneratorfunction
from types import FunctionType
from typing import Any

from .fence import own_statements, refuse
from .frame import Closure, identifiers
from .lowering import placed
from .snippets import Put, lines
from .source import Source

_STOPS = (ast.Break, ast.Return, ast.Raise)


def is_generator(tree: ast.AST) -> bool:
    """Does a function yield, itself and not a function inside it?"""
    return any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_statements(tree))


def gives_values(function: Any) -> bool:
    """Is it a generator, live or an inner one?"""
    if isinstance(function, Closure):
        return is_generator(function.source.tree)
    return isinstance(function, FunctionType) and isgeneratorfunction(function)


def as_list(source: Source) -> Source:
    """The function that returns all that a generator gives; a function that is none as it is."""
    tree = source.tree
    if isinstance(tree, ast.Lambda) or not is_generator(tree):
        return source
    for n in own_statements(tree):
        endless = isinstance(n, ast.While) and isinstance(n.test, ast.Constant) and bool(n.test.value)
        if endless and not any(isinstance(m, _STOPS) for m in own_statements(n)):
            refuse(
                source,
                n,
                f"`{source.name}` gives values without end",
                "Give it an end, or write this loop where its values are used.",
            )
    name = "yielded"
    while name in identifiers(tree):
        name += "_"
    new = copy.copy(tree)
    body = [_Collects(name).visit(copy.deepcopy(s)) for s in tree.body]
    (start,) = lines(f"{name} = []")
    new.body = [placed(start, tree.body[0]), *body, placed(_back(name), tree.body[-1])]
    return replace(source, tree=new)


def _back(name: str) -> ast.stmt:
    return ast.Return(ast.Name(name, ast.Load()))


class _Collects(ast.NodeTransformer):
    """Every `yield` puts its value into a list; every `return` gives it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        given = node.value
        if isinstance(given, ast.Yield):
            (put,) = lines(f"{self.name}.append(value)")
            value = given.value if given.value is not None else ast.Constant(None)
            return placed(Put({"value": value}).visit(put), node)
        if isinstance(given, ast.YieldFrom):
            (loop,) = lines(f"for {self.name}_one in values:\n    {self.name}.append({self.name}_one)")
            return placed(Put({"values": given.value}).visit(loop), node)
        return node

    def visit_Return(self, node: ast.Return) -> ast.stmt:
        return placed(_back(self.name), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node
