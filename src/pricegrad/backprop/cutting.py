"""Padding, cutting, taking, sorting and differencing: kinds, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bound import UNKNOWN, Bound, literal, shape_of
from .kinds import NONE, Dim, Kind
from .rearranging import of_shape
from .term import Factor, Term
from .typing_rules import some_length

if TYPE_CHECKING:
    from .adjoint import Adjoint


def _widths(c: Bound) -> list[tuple[int, int]] | None:
    shape, width = c.shape("a"), c.literal("pad_width")
    if shape is None or width is UNKNOWN or c.literal("mode", "constant") != "constant":
        return None
    if isinstance(width, int):
        return [(width, width)] * len(shape)
    if all(isinstance(w, int) for w in width):
        return [(width[0], width[-1])] * len(shape)
    return [tuple(w) for w in width] if len(width) == len(shape) else [tuple(width[0])] * len(shape)


def padded(c: Bound) -> Kind | None:
    widths, shape = _widths(c), c.shape("a")
    if widths is None or shape is None:
        return None
    dims = [
        d if w == (0, 0) else d + sum(w) if isinstance(d, int) else some_length()
        for d, w in zip(shape, widths, strict=True)
    ]
    return of_shape(c, tuple(dims))


def pad(a: Adjoint, c: Bound, g: Term) -> None:
    cut = ", ".join(f"{b or ''}:{-e if e else ''}" for b, e in _widths(c) or [])
    a.flow(c.call, c["a"], g, lambda t: f"{t}[{cut}]")


def diagonal_kind(c: Bound) -> Kind | None:
    shape = c.shape("a")
    if shape is None or len(shape) not in (1, 2):
        return None
    main = c.literal("k", 0) == 0 and c.literal("offset", 0) == 0
    if len(shape) == 1:
        return of_shape(c, (shape[0] if main else some_length(),) * 2)
    return of_shape(c, (shape[0] if main and shape[0] == shape[1] else some_length(),))


def diagonal(a: Adjoint, c: Bound, g: Term) -> None:
    """diag, both ways."""
    x = c["a"]
    key = "k" if "k" in c.args else "offset"
    k = "" if c.get(key) is None else c.text(key)
    if len(shape_of(x) or ()) == 1:
        return a.flow(c.call, x, g, lambda t: f"{a.np('diag')}({t}{', ' if k else ''}{k})")
    value = literal(c.get(key), 0)
    if not isinstance(value, int):
        raise a.unknown(c.call, "a diagonal whose number is only known while running")
    g = a.whole(g, c.call)
    g = Term((Factor(a.named(g), shape=g.shape, whole=True),))
    rows = f"{a.np('arange')}(len({g.nums[0].text}))"
    up, down = (f" + {value}" if value > 0 else ""), (f" + {-value}" if value < 0 else "")
    a.scattered(c.call, x, f"{rows}{down}, {rows}{up}", g, False)


def triangle(a: Adjoint, c: Bound, g: Term) -> None:
    k = "" if c.get("k") is None else f", {c.text('k')}"
    a.flow(c.call, c["a"], g, lambda t: f"{a.np(c.call.op)}({t}{k})")


def taken(c: Bound) -> Kind | None:
    shape, index, axis = c.shape("a"), c.shape("indices"), c.literal("axis")
    if shape is None or index is None or axis is UNKNOWN:
        return None
    if axis is None:
        return of_shape(c, index)
    at = axis % len(shape)
    return of_shape(c, (*shape[:at], *index, *shape[at + 1 :]))


def take(a: Adjoint, c: Bound, g: Term) -> None:
    x, axis = c["a"], c.literal("axis")
    shape, index = shape_of(x) or (), a.value(c["indices"]).text
    if axis is None and len(shape) > 1:
        index = f"{a.np('unravel_index')}({index}, {a.shape(x)})"
    elif axis:
        index = f"({'slice(None), ' * (axis % len(shape))}{index})"
    a.scattered(c.call, x, index, a.whole(g, c.call), True)


def sort(a: Adjoint, c: Bound, g: Term) -> None:
    x, axis = c["a"], c.text("axis", "-1")
    if c.args.get("axis") is not None and c["axis"].kind == NONE:
        raise a.unknown(c.call, "np.sort of all elements of a matrix", "Sort x.ravel().")
    g = a.whole(g, c.call)
    name = a.module.temporary(a.lines)
    a.lines.append(f"{name} = {a.np('zeros_like')}({a.like(x)})")
    order = f"{a.np('argsort')}({a.text(x)}, axis={axis})"
    a.lines.append(f"{a.np('put_along_axis')}({name}, {order}, {g.factor().text}, axis={axis})")
    a.give(x, Term((Factor(name, shape=shape_of(x), whole=True),)))


def differences(c: Bound) -> Kind | None:
    shape, axis = c.shape("a"), c.literal("axis", -1)
    if shape is None or not isinstance(axis, int) or c.literal("n", 1) != 1:
        return None
    at = axis % len(shape)
    d = shape[at]
    less: Dim = (
        d - 1
        if isinstance(d, int)
        else (d[0], d[1], d[2] - 1)
        if d is not None and d[0][0] != "#"
        else some_length()
    )
    return of_shape(c, (*shape[:at], less, *shape[at + 1 :]))


def diff(a: Adjoint, c: Bound, g: Term) -> None:
    """Each difference takes from one element and gives to the next."""
    shape, axis = c.shape("a") or (0,), c.literal("axis", -1)
    at = axis % len(shape)

    def widths(pair: str) -> str:
        all_of = [pair if i == at else "(0, 0)" for i in range(len(shape))]
        return pair if len(shape) == 1 else f"[{', '.join(all_of)}]"

    if not (g.is_name):
        g = Term((Factor(a.named(a.whole(g, c.call)), shape=shape_of(c.call), whole=True),))
    p = a.np("pad")
    a.flow(c.call, c["a"], g, lambda t: f"{p}({t}, {widths('(1, 0)')}) - {p}({t}, {widths('(0, 1)')})")
