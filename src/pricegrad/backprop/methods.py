"""Methods, objects that are called and partial functions: a function, and what it is given already."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
from types import CellType, FunctionType, MethodType
from typing import Any


def opened(function: Any) -> tuple[Any, dict[str, Any]]:
    """The function behind one of these, and the parameters that are settled; anything else as it is."""
    if isinstance(function, MethodType):
        return _with_first(function.__func__, function.__self__)
    if isinstance(function, functools.partial):
        inner, settled = opened(function.func)
        if not isinstance(inner, FunctionType):
            return function, {}
        a, positional = inner.__code__, [n for n in _positional(inner) if n not in settled]
        given = {**dict(zip(positional, function.args, strict=False)), **function.keywords}
        open_names = {*positional, *a.co_varnames[a.co_argcount : a.co_argcount + a.co_kwonlyargcount]}
        optional = _positional(inner)[a.co_argcount - len(inner.__defaults__ or ()) :]
        rest = positional[len(function.args) :]
        left = [n for n in rest if n not in given]
        unlike = rest[: len(left)] != left or set(given) & set(optional)  # its places would be others
        if len(function.args) > len(positional) or set(given) - open_names or unlike:
            return function, {}
        return inner, {**settled, **given}
    call = inspect.getattr_static(type(function), "__call__", None)
    return _with_first(call, function) if isinstance(call, FunctionType) else (function, {})


def _with_first(function: Any, first: Any) -> tuple[Any, dict[str, Any]]:
    names = _positional(function) if isinstance(function, FunctionType) else []
    return (function, {names[0]: first}) if names else (function, {})


def _positional(function: FunctionType) -> list[str]:
    return list(function.__code__.co_varnames[: function.__code__.co_argcount])


def without(tree: Any, settled: dict[str, Any]) -> Any:
    """The function without the parameters that are settled."""
    if not settled:
        return tree
    tree = copy.copy(tree)
    tree.args = copy.copy(tree.args)
    for part in ("posonlyargs", "args"):
        setattr(tree.args, part, [p for p in getattr(tree.args, part) if p.arg not in settled])
    words = zip(tree.args.kwonlyargs, tree.args.kw_defaults, strict=True)
    left: list[tuple[ast.arg, ast.expr | None]] = [(p, d) for p, d in words if p.arg not in settled]
    tree.args.kwonlyargs, tree.args.kw_defaults = [p for p, _ in left], [d for _, d in left]
    return tree


ITSELF = "<itself>"  # what the function is called by where it calls itself


def cells(settled: dict[str, Any], whole: Any) -> dict[str, CellType]:
    """The settled parameters as variables around the function, and the whole that they were settled by."""
    return {name: CellType(value) for name, value in {**settled, ITSELF: whole}.items()} if settled else {}
