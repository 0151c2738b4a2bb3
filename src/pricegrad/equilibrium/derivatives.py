"""First and second derivatives of a user's function of scalars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pricegrad.network import CodeUnit
from pricegrad.network.forest import Floats


@dataclass(frozen=True, eq=False)
class Jet:
    """Values of the outputs, their Jacobian (outputs x inputs), and the Hessian of weights @ values."""

    value: Floats
    slope: Floats
    curvature: Floats


def differentiate(unit: CodeUnit, outputs: int) -> Callable[[Floats, Floats], Jet]:
    """The jet of a unit's function at amounts x with output weights: `jet(x, weights)`.

    Where the function is not defined the jet is nan; what the function raises otherwise passes through.
    """

    def values(x: Floats) -> Floats:
        try:
            made = unit.function(*(float(v) for v in x), **unit.coefficients)
        except (ValueError, ZeroDivisionError, OverflowError):
            return np.full(outputs, np.nan)
        made = np.asarray(made, dtype=complex).reshape(-1)
        return np.where(np.abs(made.imag) > 0, np.nan, made.real)

    def jet(x: Floats, weights: Floats) -> Jet:
        h = 1e-4 * np.maximum(np.abs(x), 1e-3)
        n = len(x)
        slope = np.zeros((outputs, n))
        curvature = np.zeros((n, n))

        def shifted(*moves: tuple[int, float]) -> Floats:
            at = x.copy()
            for i, step in moves:
                at[i] += step
            return values(at)

        centre = values(x)
        for i in range(n):
            up, down = shifted((i, h[i])), shifted((i, -h[i]))
            up2, down2 = shifted((i, 2 * h[i])), shifted((i, -2 * h[i]))
            slope[:, i] = (8 * (up - down) - (up2 - down2)) / (12 * h[i])
            curvature[i, i] = weights @ (up - 2 * centre + down) / h[i] ** 2
            for j in range(i):
                mixed = (
                    shifted((i, h[i]), (j, h[j]))
                    - shifted((i, h[i]), (j, -h[j]))
                    - shifted((i, -h[i]), (j, h[j]))
                    + shifted((i, -h[i]), (j, -h[j]))
                ) / (4 * h[i] * h[j])
                curvature[i, j] = curvature[j, i] = weights @ mixed
        return Jet(centre, slope, curvature)

    return jet


def slope(curve: Callable[[float], Any], at: float) -> float:
    """The derivative of a curve of one number."""
    h = 1e-4 * max(abs(at), 1e-3)
    return float((8 * (curve(at + h) - curve(at - h)) - (curve(at + 2 * h) - curve(at - 2 * h))) / (12 * h))
