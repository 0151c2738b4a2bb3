"""A user's function probed by its values alone: derivatives by differences, curvature, and what idleness
pays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Probe:
    """Profit at a plan and how it changes.

    `marginal` is the value of what one more unit of each input makes; `curvature` the largest relative gain
    of second order (positive: the plan is no maximum); `idle_profit` the profit of buying nothing, None
    where undefined.
    """

    outputs: tuple[float, ...]
    revenue: float
    cost: float
    marginal: tuple[float, ...]
    curvature: float
    idle_profit: float | None

    @property
    def profit(self) -> float:
        """Revenue less cost."""
        return self.revenue - self.cost


def probe(
    function: Callable[..., Any],
    coefficients: dict[str, Any],
    at: list[float],
    pay: list[float],
    earn: list[float],
) -> Probe:
    """Probe a production (or utility) function at a plan, buying at `pay` and selling at `earn`."""

    def outputs(x: Floats) -> Floats:
        try:
            made = function(*(float(v) for v in x), **coefficients)
            return np.asarray(made, dtype=float).reshape(-1)
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            return np.full(len(earn), np.nan)

    weights, x = np.array(earn), np.array(at, dtype=float)

    def worth(point: Floats) -> float:
        return float(weights @ outputs(point))

    made = outputs(x)
    marginal = tuple(derivative(worth, x, i) for i in range(len(x)))
    idle = worth(np.zeros(len(x)))
    return Probe(
        tuple(float(v) for v in made),
        float(weights @ made),
        float(np.array(pay) @ x),
        marginal,
        curvature(worth, x),
        idle if math.isfinite(idle) else None,
    )


def derivative(f: Callable[[Floats], float], x: Floats, i: int) -> float:
    """df/dx_i by Ridders' extrapolation of differences (central inside, forward where x_i is 0)."""
    central = x[i] > 0
    step = 0.1 * x[i] if central else 1e-3 * max(float(np.abs(x).max(initial=0.0)), 1.0)
    here = 0.0 if central else f(x)

    def difference(h: float) -> float:
        up, down = x.copy(), x.copy()
        up[i] += h
        if not central:
            return (f(up) - here) / h
        down[i] -= h
        return float((f(up) - f(down)) / (up[i] - down[i]))

    shrink, power = 2.0, 2.0 if central else 1.0
    rows = [[difference(step)]]
    best, error = rows[0][0], math.inf
    for k in range(1, 12):
        step /= shrink
        row = [difference(step)]
        factor = shrink**power
        for m in range(k):
            row.append(row[m] + (row[m] - rows[-1][m]) / (factor - 1))
            factor *= shrink**power
            gap = max(abs(row[-1] - row[-2]), abs(row[-1] - rows[-1][m]))
            if gap <= error:
                best, error = row[-1], gap
        rows.append(row)
        if not math.isfinite(best):
            best, error = row[0], math.inf
        elif abs(row[-1] - rows[-2][-1]) > 4 * error and k > 4:
            break
    return best


def curvature(f: Callable[[Floats], float], x: Floats) -> float:
    """The largest eigenvalue of the Hessian in units of the plan, relative to its largest absolute one."""
    busy = np.flatnonzero(x > 0)
    if not len(busy):
        return 0.0
    h = 1e-3 * x[busy]
    n = len(busy)
    hessian = np.zeros((n, n))

    def moved(*moves: tuple[int, float]) -> float:
        at = x.copy()
        for k, sign in moves:
            at[busy[k]] += sign * h[k]
        return f(at)

    centre = f(x)
    for i in range(n):
        hessian[i, i] = (moved((i, 1)) - 2 * centre + moved((i, -1))) * 1e6
        for j in range(i):
            cross = (
                moved((i, 1), (j, 1))
                - moved((i, 1), (j, -1))
                - moved((i, -1), (j, 1))
                + moved((i, -1), (j, -1))
            )
            hessian[i, j] = hessian[j, i] = cross / 4 * 1e6
    if not np.isfinite(hessian).all():
        return math.nan
    values = np.linalg.eigvalsh(hessian)
    size = max(float(np.abs(values).max()), abs(centre), 1e-300)
    return float(max(values[-1], 0.0) / size)
