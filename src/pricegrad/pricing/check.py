"""Are the derivatives right? Compared with differences of the firms' own functions, which share no code."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pricegrad.model import Model
from pricegrad.pricing.local import made
from pricegrad.pricing.plan import Step

STEP = 4e-3


def worst_slope(model: Model, steps: Sequence[Step]) -> float:
    """The largest gap between a derivative and extrapolated central differences, relative to the larger.

    Differences have errors of about 1e-11 themselves; a firm that cannot be moved (a kink, the edge of its
    domain) is passed over.
    """
    worst = 0.0
    for step in steps:
        for k, amount in enumerate(step.amounts):
            width = STEP * (abs(amount) or 1.0)
            for j, row in enumerate(step.slopes):
                try:
                    estimates = [_difference(model, step, k, j, width / 2**level) for level in range(4)]
                except (ArithmeticError, ValueError):
                    continue
                slope, last, before = row[k], *_extrapolated(estimates)
                scale = max(abs(slope), abs(last), 1e-300)
                if abs(last - before) <= 1e-6 * scale:  # the differences have settled
                    worst = max(worst, abs(slope - last) / scale)
    return worst


def _difference(model: Model, step: Step, k: int, j: int, width: float) -> float:
    up, down = list(step.amounts), list(step.amounts)
    up[k] += width
    down[k] -= width
    firm = model.firms[step.firm]
    return (made(firm, tuple(up))[j] - made(firm, tuple(down))[j]) / (up[k] - down[k])


def _extrapolated(estimates: list[float]) -> tuple[float, float]:
    """Richardson's extrapolation of differences at halved widths; the last two corners of the tableau."""
    row, power = estimates, 4.0
    corners = [row[-1]]
    while len(row) > 1:
        row = [(power * b - a) / (power - 1) for a, b in itertools.pairwise(row)]
        corners.append(row[-1])
        power *= 4
    return corners[-1], corners[-2]
