"""Joining arrays, along an axis they have or a new one: kinds, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .bound import Bound, shape_of
from .expr import Expr
from .kinds import BOTTOM, INT, Array, Dim, Kind, List, Num, Shape, Tuple, join
from .shapes import dtype_of
from .term import Factor, Term
from .typing_rules import as_array, some_length

if TYPE_CHECKING:
    from .adjoint import Adjoint


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
