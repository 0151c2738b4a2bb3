"""First and second derivatives of a user's function of amounts, by backprop: slopes by the emitted pullback,
curvature from the emitted gradient differentiated again, or from differences of the slopes if that fails.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from pricegrad.backprop import hessian, vjp
from pricegrad.errors import ModelError, PricegradError, SourceError
from pricegrad.network import CodeUnit
from pricegrad.network.forest import Floats

UNDEFINED = (ValueError, ZeroDivisionError, OverflowError, FloatingPointError)
AGREE = 1e-5  # what two ways to the same curvature may differ by, relative to the largest
_DERIVED: WeakKeyDictionary[Callable[..., Any], dict[int, Derived]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Jet:
    """Values of the outputs, their Jacobian (outputs x inputs), and the Hessian of weights @ values."""

    value: Floats
    slope: Floats
    curvature: Floats


class Derived:
    """A function's derivatives in its first `count` parameters, derived once.

    `differences` says why curvature comes from differences; it is empty where it comes from code, or where
    nobody has asked for it yet.
    """

    def __init__(self, function: Callable[..., Any], count: int) -> None:
        self.function, self.count, self.differences = function, count, ""
        self.wrt: Any = tuple(range(count)) if count > 1 else 0
        self.pullback = vjp(function, wrt=self.wrt)
        self.second: Any = None

    def slopes(self, x: Floats, seed: Floats, coefficients: dict[str, Any]) -> tuple[Any, Floats]:
        """The value at x and the slopes of seed @ value, nan where they are not defined."""
        given = float(seed[0]) if len(seed) == 1 else tuple(seed.tolist())
        try:
            value, slope = self.pullback(*x.tolist(), given, **coefficients)
        except UNDEFINED:
            return None, np.full(len(x), np.nan)
        except TypeError:
            if not isinstance(self.function(*x.tolist(), **coefficients), complex):
                raise
            return None, np.full(len(x), np.nan)  # a root of a negative number, say
        return value, np.array([_real(part) for part in (slope if self.count > 1 else [slope])])

    def curvature(self, x: Floats, seed: Floats, coefficients: dict[str, Any]) -> Floats:
        """The second derivatives of seed @ value."""
        if self.second is None and not self.differences:
            self._derive_again(x, seed, coefficients)
        if self.second is None or self.differences:
            return self._by_differences(x, seed, coefficients)
        return float(seed[0]) * self._by_code(x, coefficients)

    def _derive_again(self, x: Floats, seed: Floats, coefficients: dict[str, Any]) -> None:
        """Differentiate the gradient and hold it once against differences; keep the reason if that fails."""
        if len(seed) > 1:
            self.differences = "it makes several goods"
            return
        known = self._by_differences(x, np.ones(1), coefficients)
        if not np.isfinite(known).all():
            return  # not defined here; it will be asked for elsewhere
        try:
            self.second = hessian(self.function, wrt=self.wrt)
            found = self._by_code(x, coefficients)
        except PricegradError as error:
            self.differences = str(error).splitlines()[0]
            return
        slopes = self.slopes(x, np.ones(1), coefficients)[1]
        size = float(np.abs(known).max() + np.abs(slopes).max() / max(float(np.abs(x).max()), 1e-300))
        if not float(np.abs(found - known).max()) <= AGREE * size:
            self.differences = "its second derivative is another than the differences of its first"

    def _by_code(self, x: Floats, coefficients: dict[str, Any]) -> Floats:
        try:
            found = np.asarray(self.second(*x.tolist(), **coefficients), dtype=np.float64)
        except (*UNDEFINED, SourceError):  # the latter for slopes that are complex
            found = np.full((self.count, self.count), np.nan)
        return found.reshape(self.count, self.count)

    def _by_differences(self, x: Floats, seed: Floats, coefficients: dict[str, Any]) -> Floats:
        return _hessian(lambda at: self.slopes(at, seed, coefficients)[1], x)


def differentiate(unit: CodeUnit, outputs: int) -> Callable[[Floats, Floats], Jet]:
    """The jet of a unit's function at amounts x with output weights: `jet(x, weights)`.

    Where the function is not defined the jet is nan. Raises SourceError for code that cannot be
    differentiated and ModelError for another number of outputs than the firm makes goods.
    """
    code = _derived(unit.function, len(unit.inputs))
    wrong = f"{unit.name!r} returns another number of amounts than the {outputs} it should"

    def jet(x: Floats, weights: Floats) -> Jet:
        rows = []
        value: Any = None
        for k in range(outputs):
            value, row = code.slopes(x, np.eye(outputs)[k], unit.coefficients)
            rows.append(row)
        if value is None:
            values = np.full(outputs, np.nan)
        else:
            values = np.array([_real(part) for part in (value if isinstance(value, tuple) else (value,))])
        if len(values) != outputs:
            raise ModelError(wrong)
        return Jet(values, np.array(rows), code.curvature(x, weights, unit.coefficients))

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


def _derived(function: Callable[..., Any], count: int) -> Derived:
    """The derivatives of a function in its first `count` parameters, made once."""
    try:
        known = _DERIVED.setdefault(function, {})
    except TypeError:
        known = {}
    if count not in known:
        known[count] = Derived(function, count)
    return known[count]


def _real(number: Any) -> float:
    return float("nan") if isinstance(number, complex) else float(number)


def slopes(function: Callable[..., Any], at: list[float]) -> list[float]:
    """The derivative of a function of numbers in each of them."""
    found = _derived(function, len(at)).pullback(*at, 1.0)[1]
    return [_real(part) for part in (found if len(at) > 1 else [found])]


def along(curve: Callable[[float], Any], at: float) -> float:
    """A curve of one number there; nan where it has no value."""
    try:
        return _real(curve(at))
    except UNDEFINED:
        return float("nan")


def slope(curve: Callable[[float], Any], at: float) -> float:
    """The derivative of a curve of one number; nan where it has none."""
    try:
        return _real(_derived(curve, 1).pullback(at, 1.0)[1])
    except UNDEFINED:
        return float("nan")
