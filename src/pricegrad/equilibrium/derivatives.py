"""First and second derivatives of a user's function of amounts: slopes by backprop, curvature from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from pricegrad.backprop import vjp
from pricegrad.errors import ModelError
from pricegrad.network import CodeUnit
from pricegrad.network.forest import Floats

UNDEFINED = (ValueError, ZeroDivisionError, OverflowError, FloatingPointError)
_PULLBACKS: WeakKeyDictionary[Callable[..., Any], dict[int, Any]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Jet:
    """Values of the outputs, their Jacobian (outputs x inputs), and the Hessian of weights @ values."""

    value: Floats
    slope: Floats
    curvature: Floats


def differentiate(unit: CodeUnit, outputs: int) -> Callable[[Floats, Floats], Jet]:
    """The jet of a unit's function at amounts x with output weights: `jet(x, weights)`.

    Where the function is not defined the jet is nan. Raises SourceError for code that cannot be
    differentiated and ModelError for another number of outputs than the firm makes goods.
    """
    pullback = _pullback(unit.function, len(unit.inputs))
    wrong = f"{unit.name!r} returns another number of amounts than the {outputs} it should"

    def pull(x: Floats, seed: Floats) -> tuple[Any, Floats]:
        given = float(seed[0]) if outputs == 1 else tuple(seed.tolist())
        try:
            value, slope = pullback(*x.tolist(), given, **unit.coefficients)
        except UNDEFINED:
            return None, np.full(len(x), np.nan)
        return value, np.array([_real(part) for part in (slope if len(x) > 1 else [slope])])

    def jet(x: Floats, weights: Floats) -> Jet:
        rows = []
        value: Any = None
        for k in range(outputs):
            value, row = pull(x, np.eye(outputs)[k])
            rows.append(row)
        if value is None:
            values = np.full(outputs, np.nan)
        else:
            values = np.array([_real(part) for part in (value if isinstance(value, tuple) else (value,))])
        if len(values) != outputs:
            raise ModelError(wrong)
        return Jet(values, np.array(rows), _hessian(lambda at: pull(at, weights)[1], x))

    return jet


def _hessian(gradient: Callable[[Floats], Floats], x: Floats) -> Floats:
    """Differences of fourth order of an exact gradient: right to about 1e-11."""
    n = len(x)
    found = np.empty((n, n))
    for i in range(n):
        h = 1e-3 * max(abs(float(x[i])), 1e-6)
        ends = []
        for move in (h, -h, 2 * h, -2 * h):
            at = x.copy()
            at[i] += move
            ends.append(gradient(at))
        found[i] = (8 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / (12 * h)
    return 0.5 * (found + found.T)


def _pullback(function: Callable[..., Any], count: int) -> Any:
    """The vector-Jacobian product of a function in its first `count` parameters, derived once."""
    try:
        known = _PULLBACKS.setdefault(function, {})
    except TypeError:
        known = {}
    if count not in known:
        known[count] = vjp(function, wrt=tuple(range(count)) if count > 1 else 0)
    return known[count]


def _real(number: Any) -> float:
    return float("nan") if isinstance(number, complex) else float(number)


def slopes(function: Callable[..., Any], at: list[float]) -> list[float]:
    """The derivative of a function of numbers in each of them."""
    found = _pullback(function, len(at))(*at, 1.0)[1]
    return [_real(part) for part in (found if len(at) > 1 else [found])]


def slope(curve: Callable[[float], Any], at: float) -> float:
    """The derivative of a curve of one number."""
    return float(_pullback(curve, 1)(at, 1.0)[1])
