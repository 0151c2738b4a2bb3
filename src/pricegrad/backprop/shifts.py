"""A shift on which nothing depends is not differentiated: the largest element in softmax and log-sum-exp.

Add c to the largest element wherever it is used, and follow what becomes of the values computed from it: they
gain a multiple of c, or a factor exp(k c). Where at the end neither is left, the derivative by the shift is
zero, whatever the largest element's own derivative is.
"""

from __future__ import annotations

from dataclasses import dataclass

from .bound import UNKNOWN, Bound
from .expr import Expr
from .ir import Block, Let, Return, Stmt, assigned, blocks, changed, walk
from .kinds import Array, Num
from .liveness import Liveness


@dataclass(frozen=True)
class Moved:
    """A value that gains `count` times c, or (`scaled`) a factor exp(count c)."""

    count: float = 0
    scaled: bool = False


STILL = Moved()


def without_shifts(body: Block) -> None:
    """Mark largest and smallest elements on which nothing depends as not to be differentiated."""
    live = Liveness()
    live.run(body)
    for block in blocks(body):
        for i, s in enumerate(block):
            if isinstance(s, (Let, Return)):
                for e in _extremes(s):
                    shift = Shift(e, s)
                    if shift.vanishes(block[i:], live.after[id(block)]):
                        for node in shift.same:
                            node.active = False


def _values(s: Let | Return) -> tuple[Expr, ...]:
    return s.values if isinstance(s, Let) else (s.value,)


def _nodes(e: Expr) -> list[Expr]:
    return [e, *(n for a in e.args for n in _nodes(a))]


def _extremes(s: Let | Return) -> list[Expr]:
    """The elements np.max and np.min find: one of all, or along one axis that is kept."""
    found: dict[str, Expr] = {}
    for e in (n for v in _values(s) for n in _nodes(v)):
        array = e.op in ("max", "min") and e.active and e.args and isinstance(e.args[0].kind, Array)
        if array and isinstance(e.extra, dict) and e.extra.get("row") and _kept_axis(e) is not UNKNOWN:
            found.setdefault(e.text, e)
    return list(found.values())


def _kept_axis(e: Expr) -> int | None:
    """The axis of a reduction that keeps it, counted from the end; None for one number of all."""
    bound = Bound(e, "a axis !out keepdims")
    axis, keepdims = bound.literal("axis"), bound.literal("keepdims", False)
    kind = e.args[0].kind
    if bound.wrong or UNKNOWN in (axis, keepdims):
        return UNKNOWN  # type: ignore[no-any-return]
    if axis is None:
        return UNKNOWN if keepdims else None
    known = isinstance(kind, Array) and kind.ndim is not None and keepdims and isinstance(axis, int)
    return (axis - kind.ndim if axis >= 0 else axis) if known else UNKNOWN  # type: ignore[attr-defined, no-any-return]


class Shift:
    """What becomes of values when `e`, in the statement `s`, gains c."""

    def __init__(self, e: Expr, s: Let | Return) -> None:
        self.text, self.axis, self.first = e.text, _kept_axis(e), s
        kind = e.args[0].kind
        self.ndim = kind.ndim if isinstance(kind, Array) else None
        self.same: list[Expr] = []  # where it stands, itself or by the name it was given
        self.names: set[str] = set()  # those names
        self.moved: dict[str, Moved] = {}  # variables that are not still

    def vanishes(self, rest: Block, later: frozenset[str]) -> bool:
        """Is nothing left of it after these statements, in what is read later?"""
        for s in rest:
            if isinstance(s, Return):
                return self.of(s.value, s) == STILL
            if isinstance(s, Let):
                found = [self.of(v, s) for v in s.values]
                if None in found:
                    return False
                for n, v, moved in zip(s.names, s.values, found, strict=True):
                    self.moved.pop(n, None)
                    self.names.discard(n)
                    if moved is not None and moved != STILL:
                        self.moved[n] = moved
                    if v.text == self.text and s is self.first:
                        self.names.add(n)
            elif _touched(s) & self.moved.keys():
                return False
        return not later & self.moved.keys()

    def of(self, e: Expr, s: Stmt) -> Moved | None:
        """What becomes of one expression; None where it cannot be told."""
        if (s is self.first and e.text == self.text) or (e.op == "name" and e.text in self.names):
            self.same.append(e)
            return Moved(1)
        if e.op == "name":
            return self.moved.get(e.text, STILL)
        if e.hidden & self.moved.keys():
            return None
        parts = [self.of(a, s) for a in e.args]
        if all(p == STILL for p in parts):
            return STILL
        if None in parts or not self.aligned(e):
            return None
        return self.operated(e, [p or STILL for p in parts])

    def operated(self, e: Expr, parts: list[Moved]) -> Moved | None:
        """The rules: sums of shifts, products of factors, exp and log between them, and reductions."""
        first, still = parts[0], all(p == STILL for p in parts[1:])
        if e.op in ("add", "sub", "mul", "div") and len(parts) == 2:
            scaled = e.op in ("mul", "div")
            if any(p.scaled != scaled for p in parts if p != STILL):
                return None
            sign = -1 if e.op in ("sub", "div") else 1
            count = parts[0].count + sign * parts[1].count
            return Moved(count, scaled) if count else STILL
        if e.op == "neg" and not first.scaled:
            return Moved(-first.count)
        if e.op in ("exp", "log") and len(parts) == 1 and first.scaled == (e.op == "log"):
            return Moved(first.count, not first.scaled)
        reduced = e.op in (("sum", "mean") if first.scaled else ("mean", "max", "min")) and still
        if reduced and isinstance(e.extra, dict) and e.extra.get("row"):
            along = _kept_axis(e)
            return first if along == self.axis or self.axis is None else None
        return None

    def aligned(self, e: Expr) -> bool:
        """Does the axis of c lie along the same axis of all operands?"""
        if self.axis is None:
            return True
        kinds = [a.kind for a in e.args[:2] if a.op != "const"]
        return all(isinstance(k, Num) or (isinstance(k, Array) and k.ndim == self.ndim) for k in kinds)


def _touched(s: Stmt) -> set[str]:
    """Every name a statement reads or changes, with all that stands inside it."""
    inside = list(walk([s]))
    read = Liveness().run([s])
    read |= {w for t in inside if isinstance(t, Let) for v in t.values for w in v.reads}
    return {*read, *(n for t in inside for n in (*assigned(t), *changed(t)))}
