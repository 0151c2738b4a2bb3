"""The way back through choices by element: where, maximum, minimum, clip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import expr as ex
from .bound import Bound, shape_of
from .expr import Expr
from .kinds import Num
from .rules_scalar import ALIASES
from .term import Factor, Term

if TYPE_CHECKING:
    from .adjoint import Adjoint

# Operations that are finite, with their derivatives, wherever their operands are.
_HARMLESS = {"name", "const", "index", "neg", "pos", "add", "sub", "T", "sin", "cos", "tanh", "atan", "abs", "field",  # noqa: E501
             "maximum", "minimum", "where", "clip", "reshape", "ravel", "sum", "mean"}  # fmt: skip


def harmless(e: Expr) -> bool:
    """Can nothing infinite arise in this expression or its derivatives?"""
    short = ALIASES.get(e.op, e.op)
    if short == "mul" or (short == "pow" and _whole_power(e)) or short == "square":
        return all(map(harmless, e.args))
    return short in _HARMLESS and all(map(harmless, e.args))


def _whole_power(e: Expr) -> bool:
    b = e.args[1]
    n = b.extra[1] if b.op == "const" and isinstance(b.extra, tuple) else None
    return isinstance(n, int) and n >= 1


def where(a: Adjoint, c: Bound, g: Term) -> None:
    """What flows back goes to the element that was taken, and nothing to the other, whatever that was."""
    test, x, y = c["condition"], c["x"], c["y"]
    if isinstance(c.call.kind, Num):
        cond = a.value(test).at(ex.OR)
        for arm, code in ((x, "({g} if {c} else 0.0)"), (y, "(0.0 if {c} else {g})")):
            if arm.active and harmless(arm):
                text = code.format(g=g.factor().at(ex.OR), c=cond)
                a.give(arm, Term((Factor(text, cost=g.cost + 1),)))
            elif arm.active:
                a.give(arm, a.guarded(arm, g, cond, arm is x))
        return
    g = a.shared(g, c.call, x.active + y.active)
    for arm, taken in ((x, True), (y, False)):
        if arm.active and a.safe(arm):
            body = g.body()
            left, right = (body.text, "0.0") if taken else ("0.0", body.text)
            text = f"{a.np('where')}({a.value(test).text}, {left}, {right})"
            whole = g.whole or same_as(test, c.call)
            part = Factor(text, cost=20, shape=shape_of(c.call) if whole else None, whole=whole, fresh=True)
            a.send(c.call, arm, Term((part,), sign=g.sign))
        elif arm.active:
            a.selected(c.call, arm, g, test, taken)


def same_as(test: Expr, e: Expr) -> bool:
    from .broadcasting import fills

    return fills(shape_of(test), shape_of(e))


def _larger(a: Adjoint, c: Bound, g: Term, sign: str) -> None:
    """maximum (">") or minimum ("<"): equal elements give all to the second, or of a minimum to the first."""
    x, y = c["a"], c["b"]
    g = a.shared(g, c.call, x.active + y.active)
    for arm, other in ((x, y), (y, x)):
        if not arm.active:
            continue
        if not other.active and id(c.call) in a.result and arm.cost >= 4 and other.cost < 4:
            left, test = a.value(c.call), sign  # the result tells it too, and is at hand
        else:
            left = a.value(arm, 2)
            first = (arm is x) == (sign == "<")
            test = f"{sign}=" if first and other.active else sign
        text = f"({left.at(ex.COMPARE + 1)} {test} {a.value(other, 2).at(ex.COMPARE + 1)})"
        shape = shape_of(c.call)
        a.send(c.call, arm, g.times(Factor(text, cost=10, shape=shape, whole=True, fresh=True, integer=True)))


def maximum(a: Adjoint, c: Bound, g: Term) -> None:
    _larger(a, c, g, ">")


def minimum(a: Adjoint, c: Bound, g: Term) -> None:
    _larger(a, c, g, "<")


def clip(a: Adjoint, c: Bound, g: Term) -> None:
    """Inside the bounds to the array, outside to the bound."""
    x, low, high = c["a"], c.get("a_min"), c.get("a_max")
    g = a.shared(g, c.call, x.active + bool(low and low.active) + bool(high and high.active))
    value = a.value(x, 2).at(ex.COMPARE + 1)
    inside = []
    limits = {id(b): a.value(b, 2).at(ex.COMPARE + 1) for b in (low, high) if b is not None}
    for bound, keep, cut, other in ((low, ">=", "<", high), (high, "<=", ">", low)):
        if bound is None:
            continue
        limit = limits[id(bound)]
        inside.append(f"({value} {keep} {limit})")
        if bound.active:
            test = f"({value} {cut} {limit})"
            if other is not None:  # where the bounds cross, the upper one wins
                crossed = (
                    f"({limits[id(other)]} > {limit})"
                    if bound is high
                    else f"({limit} <= {limits[id(other)]})"
                )
                test = f"({test} {'|' if bound is high else '&'} {crossed})"
            outside = Factor(test, cost=10, shape=shape_of(c.call), whole=True, fresh=True, integer=True)
            a.send(c.call, bound, g.times(outside))
    if x.active:
        text = f"({' & '.join(inside)})" if len(inside) > 1 else inside[0]
        a.send(
            c.call,
            x,
            g.times(Factor(text, cost=20, shape=shape_of(c.call), whole=True, fresh=True, integer=True)),
        )
