"""Convolutions and running extremes, lists out of arrays: kinds, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bound import Bound, shape_of
from .kinds import Array, Kind, List, Num
from .shapes import dtype_of
from .term import Factor, Term
from .typing_rules import some_length

if TYPE_CHECKING:
    from .adjoint import Adjoint

CONVOLVE = '''\
def _convolve_back(g, a, v, mode):
    """The adjoints of a and v where g is that of np.convolve(a, v, mode)."""
    n = min(len(a), len(v))
    before = {"full": 0, "same": (n - 1) // 2, "valid": n - 1}[mode]
    full = np.zeros(len(a) + len(v) - 1)
    full[before : before + len(g)] = g
    return np.correlate(full, v, "valid"), np.correlate(full, a, "valid")
'''
RUNNING = '''\
def _running_back(g, x, z):
    """The adjoint of x where g is that of its running extreme z: to the first element that is it."""
    g = g.copy()
    for i in range(len(x) - 1, 0, -1):
        if z[i] == z[i - 1]:
            g[i - 1] += g[i]
            g[i] = 0.0
    return g
'''


def convolved(c: Bound) -> Kind | None:
    flat = all(len(shape_of(c[n]) or ()) == 1 for n in ("a", "v"))
    return Array("float", (some_length(),)) if flat and isinstance(c.literal("mode", "full"), str) else None


def convolve(a: Adjoint, c: Bound, g: Term) -> None:
    f = a.helper("_convolve_back", CONVOLVE)
    x, v = c["a"], c["v"]
    both = f"{f}({a.whole(g, c.call).factor().text}, {a.text(x)}, {a.text(v)}, {c.literal('mode', 'full')!r})"
    name = a.named(Term((Factor(both, cost=30, fresh=True),)))
    for i, to in enumerate((x, v)):
        a.give(to, Term((Factor(f"{name}[{i}]", cost=1, shape=shape_of(to), whole=True),)))


def running(c: Bound) -> Kind | None:
    shape = c.shape("a")
    return Array(dtype_of(c.kind("a")), shape) if shape is not None and len(shape) == 1 else None


def running_extreme(a: Adjoint, c: Bound, g: Term) -> None:
    f = a.helper("_running_back", RUNNING)
    x, z = a.text(c["a"]), a.text(c.call)
    a.flow(c.call, c["a"], g, lambda t: f"{f}({t}, {x}, {z})")


def listed(c: Bound) -> Kind | None:
    """x.tolist()."""
    shape = c.shape("a")
    if not shape:
        return None
    out: Kind = Num(dtype_of(c.kind("a")))
    for _ in shape:
        out = List(out)
    return out


def unlisted(a: Adjoint, c: Bound, g: Term) -> None:
    text = f"{a.np('array')}({g.factor().text})"
    a.give(c["a"], Term((Factor(text, cost=10, shape=c.shape("a"), whole=True, fresh=True),)))
