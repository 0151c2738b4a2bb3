"""Reshaping, transposing, turning round: kinds, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bound import UNKNOWN, Bound, literal, shape_of
from .kinds import Array, Kind, Num, Shape
from .shapes import _kind, dimension, dtype_of, shape_named
from .term import Term
from .typing_rules import some_length

if TYPE_CHECKING:
    from .adjoint import Adjoint


def of_shape(c: Bound, shape: Shape, name: str = "a") -> Kind:
    """The kind of an argument in another shape."""
    return _kind(dtype_of(c.kind(name)), shape)


# ---------------------------------------------------------------------- the same elements in another shape


def _new_shape(c: Bound) -> Shape:
    """The shape that reshape(...) is given, in one argument or several."""
    parts = [c.args["shape"], *c.rest] if "shape" in c.args else c.rest
    if len(parts) != 1:
        return tuple(some_length() if literal(p) == -1 else dimension(p) for p in parts)
    shape = shape_named(parts[0])
    return None if shape is None else tuple(some_length() if d == -1 else d for d in shape)


def reshaped(c: Bound) -> Kind | None:
    return of_shape(c, _new_shape(c))


def flat(c: Bound) -> Kind | None:
    shape = c.shape("a")
    if shape is not None and len(shape) == 1:
        return of_shape(c, shape)
    return Array(dtype_of(c.kind("a")), (some_length(),))


def expanded(c: Bound) -> Kind | None:
    shape, axis = c.shape("a"), c.literal("axis")
    if shape is None or not isinstance(axis, int):
        return None
    at = axis % (len(shape) + 1)
    return of_shape(c, (*shape[:at], 1, *shape[at:]))


def squeezed(c: Bound) -> Kind | None:
    shape, axis = c.shape("a"), c.literal("axis")
    if shape is None or axis is UNKNOWN:
        return Array(dtype_of(c.kind("a")), None)
    if axis is not None:
        gone = {i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,))}
        return of_shape(c, tuple(d for i, d in enumerate(shape) if i not in gone))
    from .typing_rules import never_one

    if all(d == 1 or never_one(d) for d in shape):
        return of_shape(c, tuple(d for d in shape if d != 1))
    return Array(dtype_of(c.kind("a")), None)


def at_least(n: int) -> Any:
    def kind(c: Bound) -> Kind | None:
        shape = c.shape("a")
        if shape is None:
            return None
        return Array(dtype_of(c.kind("a")), (1,) * (n - len(shape)) + shape)

    return kind


def reshape(a: Adjoint, c: Bound, g: Term) -> None:
    """Anything that keeps the elements in their order."""
    x = c["a"]
    if shape_of(x) == ():
        return a.flow(c.call, x, g, lambda t: f"{t}.item()")
    a.flow(c.call, x, g, lambda t: f"{t}.reshape({a.shape(x)})")


def item(a: Adjoint, c: Bound, g: Term) -> None:
    x = c["a"]
    a.give(x, g if shape_of(x) == () else a.whole(g.loose(), x))


def passed(a: Adjoint, c: Bound, g: Term) -> None:
    """copy, array, asarray, astype(float): the same numbers."""
    a.give(c["a"], g)


# ---------------------------------------------------------------------- axes in another order


def _order(c: Bound) -> list[int] | None:
    shape = c.shape("a")
    axes = [c.args["axes"], *c.rest] if c.get("axes") is not None else c.rest
    if shape is None:
        return None
    if not axes:
        return list(range(len(shape)))[::-1]
    order = literal(axes[0]) if len(axes) == 1 else tuple(literal(x) for x in axes)
    if isinstance(order, int):
        order = (order,)
    return [i % len(shape) for i in order] if isinstance(order, tuple) and UNKNOWN not in order else None


def transposed(c: Bound) -> Kind | None:
    order, shape = _order(c), c.shape("a")
    return None if order is None or shape is None else of_shape(c, tuple(shape[i] for i in order))


def transpose(a: Adjoint, c: Bound, g: Term) -> None:
    order = _order(c) or []
    back = tuple(order.index(i) for i in range(len(order)))
    turned = back == tuple(range(len(back)))[::-1]
    a.flow(c.call, c["a"], g, lambda t: f"{t}.T" if turned else f"{a.np('transpose')}({t}, {back})")


def _moved(c: Bound, names: tuple[str, str], swap: bool) -> Shape:
    shape, i, j = c.shape("a"), c.literal(names[0]), c.literal(names[1])
    if shape is None or not isinstance(i, int) or not isinstance(j, int):
        return None
    out, i, j = list(shape), i % len(shape), j % len(shape)
    if swap:
        out[i], out[j] = out[j], out[i]
    else:
        out.insert(j, out.pop(i))
    return tuple(out)


def swapped(c: Bound) -> Kind | None:
    shape = _moved(c, ("axis1", "axis2"), True)
    return None if shape is None else of_shape(c, shape)


def moved(c: Bound) -> Kind | None:
    shape = _moved(c, ("source", "destination"), False)
    return None if shape is None else of_shape(c, shape)


def swapaxes(a: Adjoint, c: Bound, g: Term) -> None:
    a.flow(c.call, c["a"], g, lambda t: f"{a.np('swapaxes')}({t}, {c.text('axis1')}, {c.text('axis2')})")


def moveaxis(a: Adjoint, c: Bound, g: Term) -> None:
    a.flow(
        c.call, c["a"], g, lambda t: f"{a.np('moveaxis')}({t}, {c.text('destination')}, {c.text('source')})"
    )


def flip(a: Adjoint, c: Bound, g: Term) -> None:
    axis = "" if c.get("axis") is None else f", {c.text('axis')}"
    a.flow(c.call, c["a"], g, lambda t: f"{a.np('flip')}({t}{axis})")


def flip_by_name(a: Adjoint, c: Bound, g: Term) -> None:
    """fliplr, flipud are their own way back."""
    a.flow(c.call, c["a"], g, lambda t: f"{a.np(c.call.op)}({t})")


def roll(a: Adjoint, c: Bound, g: Term) -> None:
    axis = "" if c.get("axis") is None else f", {c.text('axis')}"
    shift = c["shift"]
    value = literal(shift)
    if isinstance(value, tuple) or not isinstance(shift.kind, Num):
        raise a.unknown(c.call, "np.roll over several axes at once", "Roll one axis after the other.")
    back = str(-value) if isinstance(value, int) else f"-({a.text(shift)})"
    a.flow(c.call, c["a"], g, lambda t: f"{a.np('roll')}({t}, {back}{axis})")
