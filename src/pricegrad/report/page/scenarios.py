"""The page of several equilibria side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pricegrad.errors import ModelError
from pricegrad.report.page.fill import equilibrium
from pricegrad.report.page.payload import Bar, Comparison, Mover, Payload

if TYPE_CHECKING:
    from pricegrad.equilibrium import Equilibrium


def comparison(
    scenarios: Mapping[str, Equilibrium], *, of: str = "", tornado: Mapping[str, float] | None = None
) -> Payload:
    """The page of the last scenario, with every price, activity and income in all of them.

    `tornado`: elasticities of the outcome called `of`, by parameter.
    """
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
    bars = [Bar(name, float(value)) for name, value in (tornado or {}).items()]
    base = equilibrium(results[-1])
    return replace(base, kind="comparison", comparison=Comparison(list(scenarios), movers, of, bars))
