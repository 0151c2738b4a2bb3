"""Repeating elements, arrays and numbers, and filling new arrays with them: kinds, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bound import UNKNOWN, Bound, shape_of
from .kinds import INT, Array, Kind, Num, Tuple
from .rearranging import of_shape
from .shapes import dtype_of, shape_named
from .term import Factor, Term
from .typing_rules import some_length

if TYPE_CHECKING:
    from .adjoint import Adjoint


def repeated(c: Bound) -> Kind | None:
    shape, axis = c.shape("a"), c.literal("axis")
    if shape is None or axis is UNKNOWN:
        return None
    if axis is None:
        return Array(dtype_of(c.kind("a")), (some_length(),))
    at = axis % len(shape)
    return of_shape(c, (*shape[:at], some_length(), *shape[at + 1 :]))


def repeat(a: Adjoint, c: Bound, g: Term) -> None:
    x, r = c["a"], c["repeats"]
    shape, axis = shape_of(x), c.literal("axis")
    if not isinstance(r.kind, Num):
        if shape is None or len(shape) != 1:
            raise a.unknown(c.call, "np.repeat with several counts on a matrix")
        rows = f"{a.np('repeat')}({a.np('arange')}(len({a.like(x)})), {a.text(r)})"
        return a.scattered(c.call, x, rows, a.whole(g, c.call), True)
    n = a.text(r)
    at = len(shape or ()) - 1 if axis is None else axis % len(shape or (1,))
    size = f"*{a.shape(x)}" if at == len(shape or ()) - 1 else f"*{a.shape(x)}[:{at + 1}]"
    rest = "" if at == len(shape or ()) - 1 else f", *{a.shape(x)}[{at + 1}:]"
    a.flow(c.call, x, g, lambda t: f"{a.np('sum')}({t}.reshape({size}, {n}{rest}), axis={at + 1})")


def tiled(c: Bound) -> Kind | None:
    shape, reps = c.shape("a"), c["reps"]
    n = len(reps.kind.items) if isinstance(reps.kind, Tuple) else 1 if reps.kind == INT else None
    if shape is None or n is None:
        return None
    return Array(dtype_of(c.kind("a")), tuple(some_length() for _ in range(max(n, len(shape)))))


def tile(a: Adjoint, c: Bound, g: Term) -> None:
    x, reps = c["a"], c["reps"]
    shape = shape_of(x) or ()
    counts = [a.text(p) for p in reps.args] if reps.op == "tuple" else [a.text(reps)]
    if isinstance(reps.kind, Tuple) and reps.op != "tuple":
        counts = [f"{a.text(reps)}[{i}]" for i in range(len(reps.kind.items))]
    n = max(len(shape), len(counts))
    counts = ["1"] * (n - len(counts)) + counts
    sizes = ["1"] * (n - len(shape)) + [f"{a.like(x)}.shape[{i}]" for i in range(len(shape))]
    mixed = ", ".join(f"{r}, {s}" for r, s in zip(counts, sizes, strict=True))
    axes = tuple(range(0, 2 * n, 2)) if n > 1 else 0
    last = f".reshape({a.shape(x)})" if len(shape) != n else ""
    a.flow(c.call, x, g, lambda t: f"{a.np('sum')}({t}.reshape({mixed}), axis={axes}){last}")


def stretched_to(c: Bound) -> Kind | None:
    shape = shape_named(c["shape"])
    return None if shape is None else of_shape(c, shape)


def broadcast_to(a: Adjoint, c: Bound, g: Term) -> None:
    shape = c.call.kind.shape if isinstance(c.call.kind, Array) else ()
    g = a.whole(g, c.call)
    a.give(c["a"], a.fitted(g, c.call, shape, c["a"]))


def fill(a: Adjoint, c: Bound, g: Term) -> None:
    """full, full_like."""
    v = c["fill_value"]
    shape = shape_of(c.call)
    a.give(v, a.fitted(a.whole(g, c.call), c.call, shape, v))


def space(a: Adjoint, c: Bound, g: Term) -> None:
    """linspace: between its ends."""
    name = a.named(a.whole(g, c.call))
    t = f"{a.np('linspace')}(0.0, 1.0, len({name}))"
    a.give(c["start"], Term((Factor(f"{a.np('sum')}({name} * (1 - {t}))", cost=30),)))
    a.give(c["stop"], Term((Factor(f"{a.np('sum')}({name} * {t})", cost=30),)))
