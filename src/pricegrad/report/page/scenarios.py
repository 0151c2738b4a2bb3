"""The page of several equilibria side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pricegrad.errors import ModelError
from pricegrad.report.page.fill import equilibrium
from pricegrad.report.page.payload import Bar, Comparison, Mover, Payload, Tornado

if TYPE_CHECKING:
    from pricegrad.equilibrium import Equilibrium


def comparison(scenarios: Mapping[str, Equilibrium]) -> Payload:
    """The page of the last scenario, with every price, activity and income in all of them."""
    if len(scenarios) < 2:
        raise ModelError("a comparison needs at least two scenarios, as in {'before': eq, 'after': other}")
    results = list(scenarios.values())
    movers = [
        Mover(name, what, [table.get(name) for table in tables])
        for what, tables in (
            ("price", [eq.price_dict() for eq in results]),
            ("activity", [eq.activity_dict() for eq in results]),
            ("income", [eq.income_dict() for eq in results]),
            ("utility", [dict(eq.households["utility"]) for eq in results]),
        )
        for name in dict.fromkeys(name for table in tables for name in table)
    ]
    return replace(
        equilibrium(results[-1]), kind="comparison", comparison=Comparison(list(scenarios), movers)
    )


def tornado(eq: Equilibrium, of: str) -> Tornado:
    """What one outcome of an equilibrium hangs on. `of`: a good, a household, or "real output"."""
    found = eq.elasticities(of=of)
    bars = [Bar(str(name), float(value)) for name, value in found.items() if math.isfinite(value)]
    return Tornado(str(found.name), bars)
