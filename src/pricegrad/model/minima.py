"""A firm that returns the least of several amounts, written out so that every part is smooth.

    def bakery(flour, labour):
        return min(flour / 0.6, labour / 0.4)

makes "limit 1 on bread" and "limit 2 on bread" from the same inputs, and a carrier makes bread from one of
each: the same function, whose kink is now a matter of which limit has a price. Concave where the parts are.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from pricegrad.model.economy import Model
from pricegrad.model.lindahl import CARRIER, copy_of, write_out
from pricegrad.model.parts import CodeFirm, Flow, Sector

LIMIT = "limit "
M = TypeVar("M", bound=Model)


def plain(model: M) -> M:
    """The same economy with smooth firms and rival goods only."""
    return write_out(split_minima(model))


def split_minima(model: M) -> M:
    """The same economy with minima written out; the model itself when it has none."""
    other = model
    for firm in model.firms.values():
        if not isinstance(firm, CodeFirm) or len(firm.makes) != 1:
            continue
        parts = _parts(firm.function)
        if parts is None:
            continue
        function, count = parts
        good = firm.makes[0]
        limits = tuple(f"{LIMIT}{k + 1} on {good} of {firm.name}" for k in range(count))
        if other is model:
            other = copy_of(model)
        other.firms[firm.name] = replace(firm, function=function, makes=limits)
        name = f"{CARRIER}{LIMIT}on {good} of {firm.name}"
        inputs = tuple(Flow(limit, 1.0) for limit in limits)
        other.firms[name] = Sector(name, (Flow(good, 1.0),), inputs)
    return other


def _parts(function: Callable[..., Any]) -> tuple[Callable[..., Any], int] | None:
    """A function of the parts of the minimum that `function` returns, and their number; None if it returns
    none.
    """
    try:
        text = textwrap.dedent(inspect.getsource(function))
        body = ast.parse(text).body
    except (OSError, TypeError, SyntaxError):
        return None
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef) or "min(" not in text:
        return None
    made = body[0]
    returns = [node for node in ast.walk(made) if isinstance(node, ast.Return)]
    least = _minimum(returns[0].value) if len(returns) == 1 and made.body[-1] is returns[0] else None
    if least is None or getattr(inspect.unwrap(function), "__globals__", {}).get("min", min) is not min:
        return None
    returns[0].value = ast.Tuple(least, ast.Load())
    made.decorator_list = []
    return _compiled(function, made), len(least)


def _minimum(value: ast.expr | None) -> list[ast.expr] | None:
    """The arguments of `min(a, b, ...)`, or of a positive number times it."""
    match value:
        case ast.Call(func=ast.Name(id="min"), args=args, keywords=[]) if len(args) > 1:
            return None if any(isinstance(arg, ast.Starred) for arg in args) else list(args)
        case ast.BinOp(left=ast.Constant(value=(int() | float()) as factor), op=ast.Mult(), right=right) if (
            factor > 0
        ):
            inner = _minimum(right)
            scaled = [ast.BinOp(ast.Constant(factor), ast.Mult(), part) for part in inner or ()]
            return list(scaled) or None
    return None


def _compiled(function: Callable[..., Any], made: ast.FunctionDef) -> Callable[..., Any]:
    text = ast.unparse(ast.fix_missing_locations(ast.Module([made], []))) + "\n"
    file = f"<limits of {made.name} at {function.__code__.co_filename}:{function.__code__.co_firstlineno}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    closure = inspect.getclosurevars(function)
    namespace = {**function.__globals__, **closure.nonlocals}
    exec(compile(text, file, "exec"), namespace)
    parts: Callable[..., Any] = namespace[made.name]
    return parts
