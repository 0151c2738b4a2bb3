"""Reshaping, transposing, joining, repeating: kinds, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bound import UNKNOWN, Bound, literal, shape_of
from .expr import Expr
from .kinds import BOTTOM, INT, NONE, Array, Dim, Kind, List, Num, Shape, Tuple, join
from .shapes import _kind, dimension, dtype_of, shape_named
from .term import Factor, Term
from .typing_rules import as_array, elementwise, some_length

if TYPE_CHECKING:
    from .adjoint import Adjoint


def _like(c: Bound, shape: Shape, name: str = "a") -> Kind:
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
    return _like(c, _new_shape(c))


def flat(c: Bound) -> Kind | None:
    shape = c.shape("a")
    if shape is not None and len(shape) == 1:
        return _like(c, shape)
    return Array(dtype_of(c.kind("a")), (some_length(),))


def expanded(c: Bound) -> Kind | None:
    shape, axis = c.shape("a"), c.literal("axis")
    if shape is None or not isinstance(axis, int):
        return None
    at = axis % (len(shape) + 1)
    return _like(c, (*shape[:at], 1, *shape[at:]))


def squeezed(c: Bound) -> Kind | None:
    shape, axis = c.shape("a"), c.literal("axis")
    if shape is None or axis is UNKNOWN:
        return Array(dtype_of(c.kind("a")), None)
    if axis is not None:
        gone = {i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,))}
        return _like(c, tuple(d for i, d in enumerate(shape) if i not in gone))
    from .typing_rules import never_one

    if all(d == 1 or never_one(d) for d in shape):
        return _like(c, tuple(d for d in shape if d != 1))
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
    return None if order is None or shape is None else _like(c, tuple(shape[i] for i in order))


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
    return None if shape is None else _like(c, shape)


def moved(c: Bound) -> Kind | None:
    shape = _moved(c, ("source", "destination"), False)
    return None if shape is None else _like(c, shape)


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


# ---------------------------------------------------------------------- joined


def _parts(c: Bound) -> list[Expr] | None:
    """The arrays that are joined, one by one; None for a list of unknown length."""
    whole = c["arrays"]
    return list(whole.args) if whole.op in ("list", "tuple") else None


def _item(c: Bound) -> Kind:
    whole = c["arrays"].kind
    if isinstance(whole, Tuple):
        out: Kind = BOTTOM
        for k in whole.items:
            out = join(out, as_array(k))
        return out
    if isinstance(whole, List):
        return as_array(whole.item)
    return (
        as_array(Array(whole.dtype, whole.shape[1:])) if isinstance(whole, Array) and whole.shape else BOTTOM
    )


def _axis(c: Bound, n: int) -> int | None:
    axis = c.literal("axis", 0)
    return axis % n if isinstance(axis, int) else None


def concatenated(c: Bound) -> Kind | None:
    item = _item(c)
    if isinstance(c["arrays"].kind, Array) or not isinstance(item, Array) or item.shape is None:
        return None
    axis = _axis(c, len(item.shape))
    if axis is None:
        return None
    lengths = [s[axis] for p in _parts(c) or [] if (s := shape_of(p)) and len(s) > axis]
    known: Dim = sum(lengths) if lengths and all(isinstance(d, int) for d in lengths) else some_length()  # type: ignore[arg-type]
    return Array(item.dtype, (*item.shape[:axis], known, *item.shape[axis + 1 :]))


def stacked(c: Bound) -> Kind | None:
    item = _item(c)
    shape: Shape = item.shape if isinstance(item, Array) else () if isinstance(item, Num) else None
    if isinstance(c["arrays"].kind, Array) or shape is None:
        return None
    axis = _axis(c, len(shape) + 1)
    parts = _parts(c)
    n: Dim = some_length() if parts is None else len(parts)
    return None if axis is None else Array(dtype_of(item), (*shape[:axis], n, *shape[axis:]))


def joined_at(how: str) -> Any:
    """hstack, vstack, column_stack: as concatenate or stack, by the number of dimensions."""

    def kind(c: Bound) -> Kind | None:
        item = _item(c)
        if not isinstance(item, Array) or item.shape is None:
            return None
        stack, axis = _how(how, len(item.shape))
        as_if = Bound(_with_axis(c.call, axis), "arrays axis")
        return stacked(as_if) if stack else concatenated(as_if)

    return kind


def _how(name: str, ndim: int) -> tuple[bool, int]:
    """Stack or not, and along which axis."""
    if name == "hstack":
        return False, 0 if ndim == 1 else 1
    if name == "vstack":
        return (True, 0) if ndim == 1 else (False, 0)
    return (True, 1) if ndim == 1 else (False, 1)


def _with_axis(call: Expr, axis: int) -> Expr:
    number = Expr("const", (), (str(axis),), 15, INT, extra=("literal", axis))
    extra = {**call.extra, "names": [None, "axis"]}
    return Expr(call.op, (call.args[0], number), ("", "", ""), 15, call.kind, call.active, extra)


def concatenate(a: Adjoint, c: Bound, g: Term) -> None:
    item = _item(c)
    assert isinstance(item, Array)
    _split(a, c, g, False, _axis(c, len(item.shape or ())) or 0)


def stack(a: Adjoint, c: Bound, g: Term) -> None:
    shape = c.call.kind.shape if isinstance(c.call.kind, Array) else ()
    _split(a, c, g, True, _axis(c, len(shape or ())) or 0)


def join_by_name(a: Adjoint, c: Bound, g: Term) -> None:
    item = _item(c)
    assert isinstance(item, Array)
    how, axis = _how(c.call.op, len(item.shape or ()))
    _split(a, c, g, how, axis)


def _split(a: Adjoint, c: Bound, g: Term, stack: bool, axis: int) -> None:
    """g cut into the pieces that were joined."""
    parts = _parts(c)
    g = a.whole(g, c.call)
    colons = ":, " * axis
    if parts is None:
        whole = c["arrays"]
        if stack:
            text = a.named(g)
            code = f"list({text})" if axis == 0 else f"list({a.np('moveaxis')}({text}, {axis}, 0))"
        else:
            lengths = (
                f"[v.shape[{axis}] for v in {a.text(whole)}]"
                if axis
                else f"[len(v) for v in {a.text(whole)}]"
            )
            code = f"{a.np('split')}({g.factor().text}, {a.np('cumsum')}({lengths})[:-1], axis={axis})"
        return a.back(whole, Term((Factor(code, cost=5),)))
    if sum(p.active for p in parts) > 1 and not g.is_name:
        g = Term((Factor(a.named(g), shape=g.shape, whole=True),))
    place = ""
    for k, p in enumerate(parts):
        if stack:
            cut = f"{colons}{k}"
        else:
            n = f"len({a.like(p)})" if axis == 0 else f"{a.like(p)}.shape[{axis}]"
            last = k == len(parts) - 1
            after = n if not place else f"{place} + {n}"
            cut = f"{colons}{place}:{'' if last else after}"
            place = after
        a.flow(c.call, p, g, lambda t, cut=cut: f"{t}[{cut}]")  # type: ignore[misc]


# ---------------------------------------------------------------------- repeated


def repeated(c: Bound) -> Kind | None:
    shape, axis = c.shape("a"), c.literal("axis")
    if shape is None or axis is UNKNOWN:
        return None
    if axis is None:
        return Array(dtype_of(c.kind("a")), (some_length(),))
    at = axis % len(shape)
    return _like(c, (*shape[:at], some_length(), *shape[at + 1 :]))


def repeat(a: Adjoint, c: Bound, g: Term) -> None:
    x, r = c["a"], c["repeats"]
    shape, axis = shape_of(x), c.literal("axis")
    if not isinstance(r.kind, Num):
        if shape is None or len(shape) != 1:
            raise a.unknown(c.call, "np.repeat with several counts on a matrix")
        rows = f"{a.np('repeat')}({a.np('arange')}(len({a.like(x)})), {a.text(r)})"
        return _scatter(a, c, x, rows, g)
    n = a.text(r)
    at = len(shape or ()) - 1 if axis is None else axis % len(shape or (1,))
    size = f"*{a.shape(x)}" if at == len(shape or ()) - 1 else f"*{a.shape(x)}[:{at + 1}]"
    rest = "" if at == len(shape or ()) - 1 else f", *{a.shape(x)}[{at + 1}:]"
    a.flow(c.call, x, g, lambda t: f"{a.np('sum')}({t}.reshape({size}, {n}{rest}), axis={at + 1})")


def _scatter(a: Adjoint, c: Bound, x: Expr, index: str, g: Term) -> None:
    a.scattered(c.call, x, index, a.whole(g, c.call), True)


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
    return None if shape is None else _like(c, shape)


def broadcast_to(a: Adjoint, c: Bound, g: Term) -> None:
    shape = c.call.kind.shape if isinstance(c.call.kind, Array) else ()
    g = a.whole(g, c.call)
    a.give(c["a"], a.fitted(g, c.call, shape, c["a"]))


# ---------------------------------------------------------------------- padded, cut, taken


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
    return _like(c, tuple(dims))


def pad(a: Adjoint, c: Bound, g: Term) -> None:
    cut = ", ".join(f"{b or ''}:{-e if e else ''}" for b, e in _widths(c) or [])
    a.flow(c.call, c["a"], g, lambda t: f"{t}[{cut}]")


def diagonal_kind(c: Bound) -> Kind | None:
    shape = c.shape("a")
    if shape is None or len(shape) not in (1, 2):
        return None
    main = c.literal("k", 0) == 0 and c.literal("offset", 0) == 0
    if len(shape) == 1:
        return _like(c, (shape[0] if main else some_length(),) * 2)
    return _like(c, (shape[0] if main and shape[0] == shape[1] else some_length(),))


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
        return _like(c, index)
    at = axis % len(shape)
    return _like(c, (*shape[:at], *index, *shape[at + 1 :]))


def take(a: Adjoint, c: Bound, g: Term) -> None:
    x, axis = c["a"], c.literal("axis")
    shape, index = shape_of(x) or (), a.value(c["indices"]).text
    g = a.whole(g, c.call)
    if axis is None and len(shape) > 1:
        index = f"{a.np('unravel_index')}({index}, {a.shape(x)})"
    elif axis:
        index = f"({'slice(None), ' * (axis % len(shape))}{index})"
    _scatter(a, c, x, index, g)


def sort(a: Adjoint, c: Bound, g: Term) -> None:
    x, axis = c["a"], c.text("axis", "-1")
    if c.args.get("axis") is not None and c["axis"].kind == NONE:
        raise a.unknown(c.call, "np.sort of all elements of a matrix", "Sort x.ravel().")
    g = a.whole(g, c.call)
    name = a.module.temporary(len(a.lines))
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
    return _like(c, (*shape[:at], less, *shape[at + 1 :]))


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


# ---------------------------------------------------------------------- made


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


def elementwise_kind(c: Bound) -> Kind | None:
    return elementwise([c.kind("a")])
