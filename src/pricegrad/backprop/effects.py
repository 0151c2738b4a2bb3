"""Which names a piece of the user's code may change in place, told from its text alone."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterator, Sequence
from types import FunctionType

from pricegrad.errors import SourceError

from .frame import Frame
from .module import canonical
from .source import MISSING, of

_CHANGES = {
    "append",
    "extend",
    "insert",
    "pop",
    "popleft",
    "appendleft",
    "sort",
    "reverse",
    "clear",
    "remove",
    "update",
    "fill",
    "put",
}

# Functions whose result gives what they are given.
_SHOWING = {"zip", "enumerate", "reversed", "iter"}

# Functions of NumPy that change their first argument.
_FIRST = {"at", "copyto", "fill_diagonal", "put_along_axis"}


def changed_names(frame: Frame) -> set[str]:
    """The names a function may change in place."""
    return changes([frame.source.tree], frame)


def changes(nodes: Sequence[ast.AST], frame: Frame) -> set[str]:
    """The names that some code may change in place: by index, by a method, or by handing them to a
    function.
    """
    out: set[str] = set()
    for n in (inner for node in nodes for inner in ast.walk(node)):
        if isinstance(n, (ast.Subscript, ast.Attribute)) and isinstance(n.ctx, (ast.Store, ast.Del)):
            out.add(_root_name(n))
        elif isinstance(n, ast.AugAssign):
            out.add(_root_name(n.target))
        elif isinstance(n, ast.Call):
            if isinstance(n.func, ast.Attribute) and n.func.attr in _CHANGES:
                out.add(_root_name(n.func.value))
            if isinstance(n.func, ast.Attribute) and n.func.attr in _FIRST and n.args:
                out.add(_root_name(n.args[0]))
            out |= {_root_name(k.value) for k in n.keywords if k.arg == "out"}
            if isinstance(n.func, ast.Name):
                obj = frame.source.lookup(n.func.id)
                if n.func.id in frame.locals or obj is MISSING or not canonical(obj):
                    out |= {a.id for a in n.args if isinstance(a, ast.Name)}
                    if not isinstance(obj, FunctionType) or changes_given(obj):
                        out |= {_root_name(a) for a in (*n.args, *(k.value for k in n.keywords))}
    pairs = _names_for_one_thing(frame.source.tree)
    while more := {old for new, old in pairs if new in out} - out:
        out |= more
    return out - {""}


@functools.lru_cache(maxsize=64)
def _names_for_one_thing(tree: ast.AST) -> tuple[tuple[str, str], ...]:
    return tuple(pair for n in ast.walk(tree) for pair in _second_names(n))


def _second_names(n: ast.AST) -> Iterator[tuple[str, str]]:
    """Which names a statement may make second names for (parts of) which others: (new, old)."""
    if isinstance(n, ast.Assign):
        for target in n.targets:
            yield from _paired(target, n.value)
    elif isinstance(n, (ast.For, ast.NamedExpr)):
        yield from _paired(n.target, n.iter if isinstance(n, ast.For) else n.value)


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, str]]:
    several = (ast.Tuple, ast.List)
    if isinstance(value, ast.IfExp):
        yield from _paired(target, value.body)
        yield from _paired(target, value.orelse)
    elif isinstance(target, several) and isinstance(value, several) and len(target.elts) == len(value.elts):
        for t, v in zip(target.elts, value.elts, strict=True):
            yield from _paired(t, v)
    elif isinstance(target, several):
        for t in target.elts:
            yield from _paired(t, value)
    elif isinstance(target, (ast.Name, ast.Starred)):
        parts: list[ast.expr] = []
        if isinstance(value, several):
            parts = value.elts
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in _SHOWING:
            parts = value.args
        name = _root_name(target.value if isinstance(target, ast.Starred) else target)
        yield from ((name, _root_name(part)) for part in (value, *parts))


@functools.cache
def changes_given(function: FunctionType) -> bool:
    """May a function change in place what it is given? (Also by handing it on.)"""
    try:
        tree = of(function).tree
    except SourceError:
        return True
    given = {n.arg for n in ast.walk(tree.args) if isinstance(n, ast.arg)}
    return any(
        (isinstance(n, (ast.Subscript, ast.Attribute)) and isinstance(n.ctx, (ast.Store, ast.Del)))
        or (isinstance(n, ast.AugAssign) and _root_name(n.target) in given)
        or (isinstance(n, ast.Call) and _hands_on(n, given))
        for n in ast.walk(tree)
    )


def _hands_on(call: ast.Call, given: set[str]) -> bool:
    """Is what is given changed by this call, or given to a function that is not a known one?"""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in _CHANGES
    known = isinstance(call.func, ast.Name) and hasattr(builtins, call.func.id)
    return not known and any(_root_name(a) in given for a in call.args)


def _root_name(node: ast.expr) -> str:
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def enclosing(tree: ast.AST, stores: list[ast.Name]) -> list[ast.AST] | None:
    """The nodes of the innermost loop or branch body that has all the stores."""
    best: list[ast.AST] | None = None
    for n in ast.walk(tree):
        for body in (getattr(n, "body", None), getattr(n, "orelse", None)):
            if isinstance(n, (ast.For, ast.While, ast.If)) and isinstance(body, list):
                inner = [x for b in body for x in ast.walk(b)]
                if all(s in inner for s in stores):
                    best = inner
    return best


def grown_names(tree: ast.AST) -> set[str]:
    """The names that stand left of += and the like, which changes an array or a list in place."""
    return {
        n.target.id for n in ast.walk(tree) if isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name)
    }


def stored_names(tree: ast.AST) -> set[str]:
    """The names that are bound otherwise."""
    grown = {id(n.target) for n in ast.walk(tree) if isinstance(n, ast.AugAssign)}
    return {
        n.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store) and id(n) not in grown
    }
