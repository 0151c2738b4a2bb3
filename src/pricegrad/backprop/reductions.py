"""The way back through sums, means, products, extremes and norms over axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import expr as ex
from .bound import UNKNOWN, Bound, shape_of
from .expr import Expr
from .kinds import FLOAT, Kind, Shape
from .shapes import axes
from .term import Factor, Term
from .typing_rules import elementwise

if TYPE_CHECKING:
    from .adjoint import Adjoint

OTHERS = '''\
def _others(x):
    """For each element the product of all the others along the last axis."""
    one = np.ones_like(x[..., :1])
    left = np.cumprod(np.concatenate([one, x[..., :-1]], axis=-1), axis=-1)
    right = np.cumprod(np.concatenate([one, x[..., :0:-1]], axis=-1), axis=-1)
    return left * right[..., ::-1]
'''
CUMPROD = '''\
def _cumprod_back(g, x):
    """The adjoint of x where g is that of np.cumprod(x, axis=-1)."""
    g = g.copy()
    for i in range(x.shape[-1] - 1, 0, -1):
        g[..., i - 1] += x[..., i] * g[..., i]
    one = np.ones_like(x[..., :1])
    return g * np.cumprod(np.concatenate([one, x[..., :-1]], axis=-1), axis=-1)
'''


def spread(a: Adjoint, c: Bound, g: Term) -> Term:
    """g, the adjoint of a reduction, so that it broadcasts against the argument."""
    shape: Shape = c.shape("a")
    if shape == ():
        return g
    keep = c.literal("keepdims", False)
    if shape is None or keep is UNKNOWN:
        return _spread_later(a, c, g)
    if c.get("axis") is None or (keep is True and axes(c, len(shape)) is not None):
        return g.loose()
    found = axes(c, len(shape))
    if found is None:
        return _spread_later(a, c, g)
    if sorted(found) == list(range(len(found))) or g.shape == ():
        return g.loose()
    g = a.whole(g, c.call)
    index = ", ".join("None" if i in found else ":" for i in range(len(shape)))
    new = tuple(1 if i in found else d for i, d in enumerate(shape))
    return a.linear(g, lambda t: f"{t}[{index}]", new, whole=False)


def _spread_later(a: Adjoint, c: Bound, g: Term) -> Term:
    """The same where axes or dimensions are only known while running."""
    x, axis = c["a"], c.text("axis")
    g = a.whole(g, c.call)
    keep = c.literal("keepdims", False)

    def code(t: str) -> str:
        inner = t if keep is True or c.get("axis") is None else f"{a.np('expand_dims')}({t}, {axis})"
        if keep is UNKNOWN:
            inner = f"{a.np('reshape')}({t}, {a.np('shape')}({a.np('sum')}({a.like(x)}, axis={axis}, keepdims=True)))"  # noqa: E501
        return f"{a.np('broadcast_to')}({inner}, {a.shape(x)})"

    return a.linear(g, code, shape_of(x))


def count(a: Adjoint, c: Bound) -> Factor:
    """How many elements went into each result."""
    x = c["a"]
    shape = c.shape("a")
    if c.get("axis") is None or shape in (None, ()):
        known = shape not in (None, ())
        if c.get("axis") is None:
            return Factor(f"{a.like(x)}.size" if known else f"{a.np('size')}({a.like(x)})", cost=1)
    found = axes(c, len(shape)) if shape is not None else None
    if found is None:
        return Factor(f"({a.np('size')}({a.like(x)}) // {a.np('size')}({a.text(c.call)}))", cost=2)
    text = " * ".join(f"{a.like(x)}.shape[{i}]" for i in found)
    return Factor(text, ex.PRODUCT if len(found) > 1 else ex.ATOM, len(found))


def total(a: Adjoint, c: Bound, g: Term) -> None:
    a.give(c["a"], spread(a, c, g))


def mean(a: Adjoint, c: Bound, g: Term) -> None:
    a.give(c["a"], spread(a, c, g).over(count(a, c)))


def stretched(a: Adjoint, c: Bound, e: Expr) -> str:
    """The result of a reduction, code that broadcasts against the argument."""
    z = Term((a.value(e),))
    z = Term((Factor(z.nums[0].text, z.nums[0].prec, 0, shape_of(e), True),))
    return spread(a, c, z).body().at(ex.ATOM)


def extreme(a: Adjoint, c: Bound, g: Term) -> None:
    """max, min: equal elements share what flows back."""
    x = c["a"]
    if shape_of(x) == ():
        return a.give(x, g)
    g = spread(a, c, g)
    name = a.module.temporary(a.lines)
    a.lines.append(f"{name} = {a.value(x).at(ex.COMPARE + 1)} == {stretched(a, c, c.call)}")
    sel = Factor(name, shape=shape_of(x), whole=True, integer=True)
    if c.get("axis") is None:
        hits = Factor(f"{a.np('count_nonzero')}({name})", cost=2)
    else:
        hits = Factor(
            f"{a.np('sum')}({name}, axis={c.text('axis')}, keepdims=True)",
            cost=10,
            shape=_kept(c),
            fresh=True,
            integer=True,
        )
    a.give(x, g.times(sel).over(hits))


def _kept(c: Bound) -> Shape:
    shape = c.shape("a")
    found = axes(c, len(shape)) if shape is not None else None
    return (
        None if shape is None or found is None else tuple(1 if i in found else d for i, d in enumerate(shape))
    )


def product(a: Adjoint, c: Bound, g: Term) -> None:
    """prod, exact where elements are zero."""
    x = c["a"]
    if shape_of(x) == ():
        return a.give(x, g)
    f = a.helper("_others", OTHERS)
    g = spread(a, c, g)
    shape, axis = c.shape("a"), c.literal("axis")
    text = a.text(x)
    if axis is None:
        flat = (
            f"{f}({text})"
            if shape is not None and len(shape) == 1
            else f"{f}({text}.ravel()).reshape({a.shape(x)})"
        )
    elif isinstance(axis, tuple):
        raise a.unknown(c.call, "np.prod over several axes", "Take it over one axis at a time.")
    elif axis == -1 or (isinstance(axis, int) and shape is not None and axis == len(shape) - 1):
        flat = f"{f}({text})"
    else:
        flat = (
            f"{a.np('moveaxis')}({f}({a.np('moveaxis')}({text}, {c.text('axis')}, -1)), -1, {c.text('axis')})"
        )
    a.give(x, g.times(Factor(flat, cost=40, shape=shape_of(x), whole=True)))


def cumulative_sum(a: Adjoint, c: Bound, g: Term) -> None:
    x = c["a"]
    g = a.whole(g, c.call)
    if c.get("axis") is None:
        ndim = shape_of(x)
        tail = "" if ndim is not None and len(ndim) == 1 else f".reshape({a.shape(x)})"
        return a.flow(c.call, x, g, lambda t: f"{a.np('cumsum')}({t}[::-1])[::-1]{tail}")
    k, flip = c.text("axis"), a.np("flip")
    a.flow(c.call, x, g, lambda t: f"{flip}({a.np('cumsum')}({flip}({t}, {k}), {k}), {k})")


def cumulative_product(a: Adjoint, c: Bound, g: Term) -> None:
    """cumprod, exact where elements are zero."""
    x = c["a"]
    f = a.helper("_cumprod_back", CUMPROD)
    shape, axis, move = shape_of(x), c.literal("axis"), a.np("moveaxis")
    text = a.text(x)
    last = shape is not None and (axis in (-1, len(shape) - 1) or (axis is None and len(shape) == 1))
    if last:
        return a.flow(c.call, x, g, lambda t: f"{f}({t}, {text})")
    if c.get("axis") is None:
        return a.flow(c.call, x, g, lambda t: f"{f}({t}, {text}.ravel()).reshape({a.shape(x)})")
    k = c.text("axis")
    a.flow(c.call, x, g, lambda t: f"{move}({f}({move}({t}, {k}, -1), {move}({text}, {k}, -1)), -1, {k})")


def variance(a: Adjoint, c: Bound, g: Term) -> None:
    x = c["a"]
    a.give(x, spread(a, c, g).times(Factor("2"), centred(a, c)).over(freedom(a, c)))


def deviation(a: Adjoint, c: Bound, g: Term) -> None:
    """std; where it is zero nothing flows."""
    z = a.value(c.call)
    part = g.times(*()).over(nonzero(a, c.call, z))
    a.give(c["a"], spread(a, c, part).times(centred(a, c)).over(freedom(a, c)))


def nonzero(a: Adjoint, e: Expr, z: Factor) -> Factor:
    """A divisor with zeros replaced by ones."""
    if shape_of(e) == ():
        return Factor(f"({z.text} or 1.0)", cost=1)
    z = Factor(a.named(Term((z,))), shape=z.shape) if not z.text.isidentifier() else z
    text = f"{a.np('where')}({z.text} == 0, 1.0, {z.text})"
    return Factor(text, cost=20, shape=shape_of(e), whole=True, fresh=True)


def centred(a: Adjoint, c: Bound) -> Factor:
    """x minus its mean."""
    x = c["a"]
    text = a.text(x)
    axis = "" if c.get("axis") is None else f", axis={c.text('axis')}, keepdims=True"
    code = f"({text} - {a.np('mean')}({text}{axis}))"
    return Factor(code, cost=30, shape=shape_of(x), whole=True, fresh=True)


def freedom(a: Adjoint, c: Bound) -> Factor:
    n = count(a, c)
    ddof = c.args.get("ddof")
    if ddof is None:
        return n
    return Factor(f"({n.at(ex.SUM)} - {a.value(ddof).at(ex.PRODUCT)})", cost=n.cost + 1)


def norm(a: Adjoint, c: Bound, g: Term) -> None:
    """linalg.norm: of all elements, or of vectors along one axis; zero at zero."""
    x, order = c["a"], c.literal("ord")
    shape, axis = c.shape("a"), c.literal("axis")
    vectors = (
        axis is not UNKNOWN and not isinstance(axis, tuple) and (axis is not None or len(shape or (1,)) == 1)
    )
    if order == 1 and vectors:
        sign = Factor(f"{a.np('sign')}({a.text(x)})", cost=10, shape=shape_of(x), whole=True, fresh=True)
        return a.give(x, spread(a, c, g).times(sign))
    if not (order is None or (order == 2 and vectors) or (order == "fro" and not vectors)):
        raise a.unknown(c.call, f"this norm (ord={c.text('ord')})", "Use the 2-norm or write it out.")
    part = g.over(nonzero(a, c.call, a.value(c.call)))
    a.give(x, spread(a, c, part).times(a.value(x)))


def trace(a: Adjoint, c: Bound, g: Term) -> None:
    x = c["a"]
    a.give(
        x,
        g.times(Factor(f"{a.np('eye')}(*{a.shape(x)})", cost=10, shape=shape_of(x), whole=True, fresh=True)),
    )


def trapezoid_kind(c: Bound) -> Kind | None:
    shape, x = c.shape("a"), c.get("x")
    return FLOAT if shape is not None and len(shape) == 1 and (x is None or not x.active) else None


def trapezoid(a: Adjoint, c: Bound, g: Term) -> None:
    """Each step counts half for either end."""
    y, x = c["a"], c.get("x")
    step = f"{a.np('diff')}({a.text(x)})" if x is not None else c.text("dx", "1.0")
    name = a.module.temporary(a.lines)
    a.lines.append(f"{name} = {a.np('zeros_like')}({a.like(y)})")
    a.lines.append(f"{name}[1:] += {step} / 2")
    a.lines.append(f"{name}[:-1] += {step} / 2")
    a.give(y, g.loose().times(Factor(name, shape=shape_of(y), whole=True)))


def interpolated(c: Bound) -> Kind | None:
    """np.interp: differentiated where it is read off, not by its table."""
    table = [c["xp"], c["fp"]]
    flat = all(len(shape_of(e) or ()) == 1 and not e.active for e in table)
    return elementwise([c.kind("x")], "float") if flat else None


def interpolate(a: Adjoint, c: Bound, g: Term) -> None:
    x, xp, fp = a.text(c["x"]), a.text(c["xp"]), a.text(c["fp"])
    i = f"{a.np('clip')}({a.np('searchsorted')}({xp}, {x}, 'right') - 1, 0, len({xp}) - 2)"
    inside = f"(({xp}[0] <= {x}) & ({x} <= {xp}[-1]))"
    slope = f"(({a.np('diff')}({fp}) / {a.np('diff')}({xp}))[{i}] * {inside})"
    a.give(c["x"], g.times(Factor(slope, cost=40, shape=shape_of(c["x"]), whole=True, fresh=True)))
