"""The rows of the table of derivatives, cut into factors."""

from __future__ import annotations

import ast
from functools import cache

from .expr import precedence

Part = tuple[str, int, int, list[str], list[str]]  # text, precedence, cost, places, functions


@cache
def parsed(template: str) -> tuple[int, list[Part], list[Part]]:
    """ "-{g} * A / B" as sign, factors above and factors below."""
    text = template.replace("{g}", "G_").replace("{z}", "Z_").replace("{x}", "X0_")
    text = text.replace("{x0}", "X0_").replace("{x1}", "X1_")
    node = ast.parse(text, mode="eval").body
    nums: list[ast.expr] = []
    dens: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        (nums if isinstance(node.op, ast.Mult) else dens).insert(0, node.right)
        node = node.left
    sign = -1 if isinstance(node, ast.UnaryOp) else 1
    return sign, [_part(n) for n in nums], [_part(n) for n in dens]


def _part(node: ast.expr) -> Part:
    names = sorted({n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id.endswith("_")})
    functions = sorted(
        {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    )
    cost = sum(
        3 if isinstance(n, ast.Call) else 1 for n in ast.walk(node) if isinstance(n, (ast.Call, ast.BinOp))
    )
    return ast.unparse(node), precedence(node), cost, names, functions
