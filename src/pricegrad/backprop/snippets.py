"""Pieces of code that are made up, before they are given a place."""

from __future__ import annotations

import ast
import copy


class Put(ast.NodeTransformer):
    """Puts nodes in place of names."""

    def __init__(self, nodes: dict[str, ast.expr]) -> None:
        self.nodes = nodes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.nodes:
            return node
        new = copy.deepcopy(self.nodes[node.id])
        if isinstance(new, ast.Name) and isinstance(node.ctx, ast.Store):
            new.ctx = ast.Store()
        return new


def lines(code: str) -> list[ast.stmt]:
    """The statements of some code, which stand nowhere yet."""
    tree = ast.parse(code)
    for n in ast.walk(tree):
        if hasattr(n, "lineno"):
            del n.lineno
    return tree.body


def spot(code: str) -> ast.expr:
    """The expression some code is, which stands nowhere yet."""
    (statement,) = lines(code)
    assert isinstance(statement, ast.Expr)
    return statement.value
