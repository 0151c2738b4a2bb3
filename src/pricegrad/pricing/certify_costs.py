"""Do prices equal costs? Recomputed flow by flow from the model alone, apart from the solver's arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pricegrad.model.parts import INPUT_ROOT, Sector


def worst_gap(
    firms: Sequence[Sector], prices: Mapping[str, float], factor: Sequence[float]
) -> tuple[float, str]:
    """The largest relative gap between what a firm's product fetches and its cost net of by-products."""
    worst, where = 0.0, ""
    for firm, rise in zip(firms, factor, strict=True):
        product, *besides = [flow.quantity * prices[flow.good] for flow in firm.outputs]
        revenue, cost = product, rise * (spending(firm, prices) - math.fsum(besides))
        gap = abs(revenue - cost) / max(abs(cost), 1e-300)
        if not gap <= worst:
            worst, where = gap, firm.name
    return worst, where


def spending(firm: Sector, prices: Mapping[str, float]) -> float:
    """Cost of activity 1 at `prices`, by the formula of the interchange format, one nest inside the other."""

    def worth(nest: str) -> float:
        own = math.fsum(f.quantity * f.price for f in firm.inputs if (f.nest or INPUT_ROOT) == nest)
        return own + math.fsum(worth(n.name) for n in firm.nests if n.side == "in" and n.parent == nest)

    def index(nest: str, elasticity: float) -> float:
        total = worth(nest)
        parts = [
            (f.quantity * f.price / total, prices[f.good] / f.price)
            for f in firm.inputs
            if (f.nest or INPUT_ROOT) == nest
        ]
        parts += [
            (worth(n.name) / total, index(n.name, n.elasticity))
            for n in firm.nests
            if n.side == "in" and n.parent == nest
        ]
        if elasticity == 0.0:
            return math.fsum(theta * p for theta, p in parts)
        if elasticity == 1.0:
            return math.exp(math.fsum(theta * math.log(p) for theta, p in parts))
        power = 1.0 - elasticity
        return math.exp(
            math.log1p(math.fsum(theta * math.expm1(power * math.log(p)) for theta, p in parts)) / power
        )

    root = next((n.elasticity for n in firm.nests if n.side == "in" and n.parent is None), 0.0)
    return worth(INPUT_ROOT) * index(INPUT_ROOT, root)
