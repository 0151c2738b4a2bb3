"""The production function of a technology: what amounts of inputs make, and its derivatives.

A nest of elasticity s makes (sum_k theta_k (x_k / q_k)^((s-1)/s))^(s/(s-1)) of itself, x_k / q_k the amount
of part k over its reference, theta_k its value share: the primal of the calibrated-share unit cost. At s = 0
it is the scarcest part; where several are equally scarce one more unit of one alone makes nothing more, and
the derivative given is the one in the middle, which shares the value among them by theta_k.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pricegrad.errors import ModelError
from pricegrad.model.parts import INPUT_ROOT, Flow, Nest, Sector

TIE = 1e-12


def produce(
    sector: Sector, amounts: Sequence[float]
) -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    """Outputs made of `amounts` of the distinct inputs, and the derivative of each output in each input."""
    goods = list(dict.fromkeys(flow.good for flow in sector.inputs))
    if len(goods) < len(sector.inputs):
        raise ModelError(
            f"firm {sector.name!r} uses the same good in two nests; how it divides it is for solve() to find"
        )
    for good, amount in zip(goods, amounts, strict=True):
        if amount < 0:
            raise ModelError(f"firm {sector.name!r} would use {amount:g} of {good!r}, less than nothing")
    if len(sector.outputs) > 1 and any(n.side == "out" and n.elasticity > 0 for n in sector.nests):
        raise ModelError(
            f"firm {sector.name!r} chooses its outputs by their prices, which one sweep of quantities does "
            "not "
            "know; use solve()"
        )
    root = next((n for n in sector.nests if n.side == "in" and n.parent is None), Nest(INPUT_ROOT, 0.0))
    activity, slopes = _nest(sector, root.elasticity, INPUT_ROOT, dict(zip(goods, amounts, strict=True)))
    scale = activity**sector.returns
    bend = sector.returns * activity ** (sector.returns - 1) if activity > 0 else math.inf
    if sector.returns == 1.0:
        bend = 1.0
    made = tuple(flow.quantity * scale for flow in sector.outputs)
    return made, tuple(
        tuple(flow.quantity * bend * slopes[good] for good in goods) for flow in sector.outputs
    )


def _nest(sector: Sector, s: float, name: str, amounts: dict[str, float]) -> tuple[float, dict[str, float]]:
    """Level of a nest relative to its reference, and its derivative in each amount below it."""
    own: list[Flow] = [f for f in sector.inputs if (f.nest or INPUT_ROOT) == name]
    inner = [n for n in sector.nests if n.side == "in" and n.parent == name]
    below = [_nest(sector, n.elasticity, n.name, amounts) for n in inner]
    levels = [amounts[f.good] / f.quantity for f in own] + [level for level, _ in below]
    values = [f.quantity * f.price for f in own] + [_worth(sector, n.name) for n in inner]
    total = math.fsum(values)
    level, slopes = _aggregate(s, levels, [value / total for value in values])
    found = {f.good: slope / f.quantity for f, slope in zip(own, slopes, strict=False)}
    for (_, inside), slope in zip(below, slopes[len(own) :], strict=True):
        found.update({good: slope * inward if slope else 0.0 for good, inward in inside.items()})
    return level, found


def _aggregate(s: float, levels: list[float], theta: list[float]) -> tuple[float, list[float]]:
    """The CES mean of levels with weights theta, and its derivative in each level."""
    if s == 0.0:
        low = min(levels)
        scarce = [level <= low * (1 + TIE) for level in levels]
        share = math.fsum(t for t, yes in zip(theta, scarce, strict=True) if yes)
        return low, [t / share if yes else 0.0 for t, yes in zip(theta, scarce, strict=True)]
    low = min(levels)
    if low == 0.0 and s <= 1.0:
        return 0.0, [math.inf if level == 0.0 else 0.0 for level in levels]
    rho = (s - 1) / s
    if s == 1.0:
        mean = math.exp(math.fsum(t * math.log(x) for t, x in zip(theta, levels, strict=True)))
    elif low == 0.0:
        mean = math.fsum(t * x**rho for t, x in zip(theta, levels, strict=True)) ** (1 / rho)
    else:
        # expm1 and log1p keep the digits when s is near 1
        bent = math.fsum(t * math.expm1(rho * math.log(x)) for t, x in zip(theta, levels, strict=True))
        mean = math.exp(math.log1p(bent) / rho)
    slopes = [t * (mean / x) ** (1 / s) if x else math.inf for t, x in zip(theta, levels, strict=True)]
    return mean, slopes


def _worth(sector: Sector, nest: str) -> float:
    own = math.fsum(f.quantity * f.price for f in sector.inputs if (f.nest or INPUT_ROOT) == nest)
    inner = (n.name for n in sector.nests if n.side == "in" and n.parent == nest)
    return own + math.fsum(_worth(sector, name) for name in inner)
