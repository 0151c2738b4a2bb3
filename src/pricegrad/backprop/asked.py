"""What is asked of a name in some code, told from the text alone: of heaps, of sets that grow."""

from __future__ import annotations

import ast

_HEAP = ("heappush", "heappop", "heapify", "len")


def more_than_a_heap(tree: ast.AST, name: str) -> ast.Name | None:
    """Where more is read of a heap than its least element by heappop, its length, and whether it is empty."""
    fine = _tested(tree)
    for n in ast.walk(tree):
        match n:
            case ast.Call(args=[first, *_]) if ast.unparse(n.func).split(".")[-1] in _HEAP:
                fine.add(id(first))
    return _other(tree, name, fine)


def only_a_growing_set(tree: ast.AST, name: str) -> bool:
    """Is it bound to set() alone, and are things only added to it, looked for in it, and counted?"""
    fine = _tested(tree)
    for n in ast.walk(tree):
        match n:
            case ast.Expr(ast.Call(func=ast.Attribute(value=value, attr="add"), args=[_], keywords=[])):
                fine.add(id(value))
            case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[right]):
                fine.add(id(right))
            case ast.Call(func=ast.Name(id="len"), args=[value]):
                fine.add(id(value))
            case ast.Assign(targets=[ast.Name() as target], value=value) if is_empty_set(value):
                fine.add(id(target))
    own = {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    return name not in own and _other(tree, name, fine, loads=False) is None


def is_empty_set(node: ast.expr) -> bool:
    """set()"""
    return isinstance(node, ast.Call) and ast.unparse(node) == "set()"


def _tested(tree: ast.AST) -> set[int]:
    """The nodes of which only the truth is asked."""
    fine: set[int] = set()
    for n in ast.walk(tree):
        match n:
            case ast.While(test=test) | ast.If(test=test) | ast.UnaryOp(op=ast.Not(), operand=test):
                fine.add(id(test))
            case ast.BoolOp(values=values):
                fine |= {id(v) for v in values}
    return fine


def _other(tree: ast.AST, name: str, fine: set[int], loads: bool = True) -> ast.Name | None:
    """The first place where a name stands otherwise; `loads`: where it is read."""
    for n in ast.walk(tree):
        other = isinstance(n, ast.Name) and n.id == name and id(n) not in fine
        if other and isinstance(n, ast.Name) and (isinstance(n.ctx, ast.Load) or not loads):
            return n
    return None
