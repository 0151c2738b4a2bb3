"""What a case is, and how a derivative is judged: right, refused, wrong or crash."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import pricegrad as pg
from pricegrad.errors import PricegradError

from . import oracle

SCALAR, ARRAY = 1e-12, 1e-10


@dataclass(frozen=True)
class Case:
    """A plain function and the points at which its derivative is asked for.

    `wrt` as in `pg.grad`; None means every argument that holds a float. `expected` gives the derivative in
    closed form (one per point, a tuple if there are several parameters) where running the function on dual
    numbers would not find it: kinks, 0**0, NaN in a branch not taken. `ref` is a plain function with the same
    value, for the oracle to run where the original cannot take duals. `smooth` says that a difference
    quotient agrees. `loose` compares numbers only, not the containers they come in. `quiet`: the function
    itself warns of invalid values. `may_refuse` gives the reason why a refusal would do.
    """

    f: Callable[..., Any]
    points: tuple[tuple[Any, ...], ...]
    wrt: Any = None
    rtol: float = SCALAR
    expected: tuple[Any, ...] | None = None
    ref: Callable[..., Any] | None = None
    smooth: bool = True
    loose: bool = False
    quiet: bool = False
    may_refuse: str = ""
    name: str = ""
    group: str = ""

    def parameters(self, args) -> list[int]:
        if self.wrt is None:
            return [i for i, a in enumerate(args) if holds_float(a)]
        names = self.wrt if isinstance(self.wrt, tuple) else (self.wrt,)
        return [oracle.parameter_index(self.f, n) for n in names]

    def truth(self, i: int, by=oracle.slope):
        """The derivative at point i, from the oracle or in closed form."""
        if self.expected is not None:
            return self.expected[i]
        args = self.points[i]
        parts = [oracle.gradient(self.ref or self.f, args, k, by) for k in self.parameters(args)]
        return parts[0] if len(parts) == 1 and not isinstance(self.wrt, tuple) else tuple(parts)


@dataclass
class Verdict:
    kind: str
    detail: str = ""
    got: Any = None
    expected: Any = None
    point: Any = field(default=None, repr=False)


CASES: list[Case] = []


def case(f, *points, **options) -> None:
    """Register a case; each point is a tuple of arguments. Names are those of the functions, made unique."""
    group = f.__module__.rsplit(".", 1)[-1].removeprefix("cases_")
    name = options.pop("name", f.__name__)
    if any(isinstance(a, np.ndarray) for p in points for a in p):
        options.setdefault("rtol", ARRAY)
    taken = {c.name for c in CASES}
    assert name not in taken, f"two cases are called {name}"
    CASES.append(Case(f, points, name=name, group=group, **options))


def holds_float(x) -> bool:
    if isinstance(x, np.ndarray):
        return x.dtype.kind == "f"
    if isinstance(x, dict):
        return any(holds_float(v) for v in x.values())
    if isinstance(x, (list, tuple)):
        return any(holds_float(v) for v in x)
    return isinstance(x, (float, np.floating))


def flatten(x) -> np.ndarray:
    """Every number of a nest, in order; None (nothing to differentiate) gives nothing."""
    if x is None:
        return np.zeros(0)
    if isinstance(x, dict):
        return flatten(list(x.values()))
    if isinstance(x, (list, tuple)):
        return np.concatenate([np.zeros(0), *(flatten(v) for v in x)])
    return np.asarray(x, dtype=float).ravel()


def same_shape(got, expected) -> str:
    """'' if the derivative has the shape of its parameter, else what is wrong."""
    if expected is None:
        return ""
    if isinstance(expected, np.ndarray):
        if not isinstance(got, np.ndarray) or got.shape != expected.shape or got.dtype.kind != "f":
            return f"wanted a float array of shape {expected.shape}, got {type(got).__name__} {np.shape(got)}"
        return ""
    if isinstance(expected, dict):
        if not isinstance(got, dict) or got.keys() != expected.keys():
            return f"wanted a dict with keys {list(expected)}, got {got!r}"
        return next(filter(None, (same_shape(got[k], v) for k, v in expected.items())), "")
    if isinstance(expected, (list, tuple)):
        if not isinstance(got, type(expected)) or len(got) != len(expected):
            return f"wanted a {type(expected).__name__} of {len(expected)}, got {got!r}"
        return next(filter(None, map(same_shape, got, expected)), "")
    return "" if isinstance(got, float) else f"wanted a float, got {type(got).__name__} {got!r}"


def differ(got, expected, rtol) -> str:
    a, b = flatten(got), flatten(expected)
    if a.shape != b.shape:
        return f"wanted {b.size} numbers, got {a.size}"
    if not b.size:
        return ""
    allowed = rtol * (np.abs(b) + 1e-2 * np.max(np.abs(b))) + 1e-300
    bad = ~(np.abs(a - b) <= allowed) & ~((a == b) | (np.isnan(a) & np.isnan(b)))
    return f"worst absolute error {np.max(np.abs(a - b)[bad])}" if bad.any() else ""


def equal_nests(a, b) -> bool:
    if isinstance(a, np.ndarray):
        return (
            isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
        )
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(equal_nests(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(equal_nests, a, b))
    return a is b or a == b or (a != a and b != b)


def copied(args):
    return tuple(a if callable(a) else copy.deepcopy(a) for a in args)


def judge(c: Case, differentiate=None) -> Verdict:
    """Differentiate at every point with one and the same derivative function."""
    try:
        g = (differentiate or pg.grad)(c.f, wrt=c.wrt)
        for i, point in enumerate(c.points):
            args = copied(point)
            with np.errstate(all="ignore" if c.quiet else "warn"):
                got = g(*args)
            expected = c.truth(i)
            verdict = _compare(c, got, expected)
            if verdict:
                return Verdict("wrong", verdict, got, expected, point)
            if not equal_nests(args, point):
                return Verdict("wrong", "the caller's arguments were changed", args, point, point)
    except PricegradError as e:
        return Verdict("refused" if placed(str(e)) else "crash", str(e))
    except RecursionError as e:
        return Verdict("crash", f"RecursionError: {e}")
    except Exception as e:
        return Verdict("crash", f"{type(e).__name__}: {e}")
    return Verdict("right")


def _compare(c: Case, got, expected) -> str:
    shape = "" if c.loose else same_shape(got, expected)
    return shape or differ(got, expected, c.rtol)


def placed(message: str) -> bool:
    """A refusal must name a file and a line."""
    return bool(re.search(r"\.py|<", message) and re.search(r"line \d+|:\d+", message))


def source_of(c: Case) -> str:
    try:
        return inspect.getsource(c.f)
    except OSError:
        return repr(c.f)
