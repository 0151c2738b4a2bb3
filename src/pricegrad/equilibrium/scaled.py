"""The problem in units of its own: every variable about 1, every condition with slopes about 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pricegrad.equilibrium.problem import Problem
from pricegrad.network.forest import Floats

TINY = 1e-30


@dataclass(frozen=True, eq=False)
class Point:
    """A point with its conditions F (nan where undefined) and what the Jacobian needs."""

    x: Floats
    value: Floats
    context: Any


class Scaled:
    """F(x) perpendicular to x >= lower over the free variables, in units of `unit` and `weight`.

    `positive` marks variables that must stay above their bound: prices, plans of code firms, activities whose
    returns decrease.
    """

    def __init__(self, problem: Problem, z: Floats) -> None:
        self.problem, self.base = problem, z.copy()
        free, layout = problem.free, problem.layout
        self.unit = _units(problem, z)[free]
        self.lower = problem.lower[free] / self.unit
        self.bounded = np.isfinite(self.lower)
        self.lower = np.where(self.bounded, self.lower, 0.0)
        positive = np.zeros(layout.size, bool)
        positive[layout.price] = True
        positive[layout.activity] = problem.network.returns < 1
        for part in (*layout.plans, *layout.baskets):
            positive[part] = True
        self.positive = positive[free]
        self.weight = np.ones(len(free))
        self.weight = self._weights(self.at(z[free] / self.unit))

    def whole(self, x: Floats) -> Floats:
        """The vector of all variables at x."""
        z = self.base.copy()
        z[self.problem.free] = x * self.unit
        return z

    def at(self, x: Floats) -> Point:
        """Evaluate F at x."""
        z = self.whole(x)
        with np.errstate(all="ignore"):
            value, state, code = self.problem.evaluate(z)
        return Point(x, value[self.problem.free] / self.weight, (z, state, code))

    def jacobian(self, point: Point) -> Any:
        """dF/dx at an evaluated point: an array or a sparse matrix."""
        with np.errstate(all="ignore"):
            matrix = self.problem.jacobian(*point.context)
        return _rescale(matrix, 1.0 / self.weight, self.unit)

    def gap(self, point: Point) -> Floats:
        """The natural residual min(x - lower, F), F itself where unbounded."""
        return np.where(self.bounded, np.minimum(point.x - self.lower, point.value), point.value)

    def _weights(self, point: Point) -> Floats:
        matrix = self.jacobian(point)
        with np.errstate(all="ignore"):
            size = np.sqrt(_row_squares(matrix))
        return np.where((size > 1e-12) & np.isfinite(size), size, 1.0)


def _units(problem: Problem, z: Floats) -> Floats:
    """The start where it is not near zero, else what is typical."""
    return np.where(np.abs(z) > 1e-3 * problem.typical, np.abs(z), problem.typical)


def _rescale(matrix: Any, rows: Floats, cols: Floats) -> Any:
    if isinstance(matrix, np.ndarray):
        return matrix * rows[:, None] * cols
    from scipy.sparse import diags_array

    return (diags_array(rows) @ matrix @ diags_array(cols)).tocsc()


def _row_squares(matrix: Any) -> Floats:
    if isinstance(matrix, np.ndarray):
        return np.asarray((matrix * matrix).sum(axis=1))
    return np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
