"""The pages of several equilibria side by side, and of what an equilibrium hangs on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pricegrad.errors import ModelError
from pricegrad.report.page.fill import equilibrium
from pricegrad.report.page.payload import Bar, Comparison, Mover, Payload, Tornado

if TYPE_CHECKING:
    from pricegrad.equilibrium import Equilibrium
    from pricegrad.equilibrium.frames import Gradient, Sensitivities

MOST = 40
BARS = 400
ELASTICITY = "Elasticities: the change in per cent when the parameter rises by one per cent"
POINT = "for taxes, by one percentage point"
DERIVATIVE = "Derivatives: the change when the parameter rises by one unit"
FOLLOWING = "everything else following."


def comparison(scenarios: Mapping[str, Equilibrium]) -> Payload:
    """The page of the last scenario, with every price, activity and income in all of them."""
    if len(scenarios) < 2:
        raise ModelError("a comparison needs at least two scenarios, as in {'before': eq, 'after': other}")
    results = list(scenarios.values())
    tables = {
        "price": [eq.price_dict() for eq in results],
        "activity": [eq.activity_dict() for eq in results],
        "income": [eq.income_dict() for eq in results],
        "utility": [dict(eq.households["utility"]) for eq in results],
    }
    shown = Comparison(list(scenarios), list(movers(tables)))
    return replace(equilibrium(results[-1]), kind="comparison", comparison=shown)


def movers(tables: Mapping[str, list[dict[Any, float]]]) -> Iterable[Mover]:
    """Every name of every table with its values in all scenarios."""
    for what, columns in tables.items():
        for name in dict.fromkeys(name for column in columns for name in column):
            yield Mover(str(name), what, [column.get(name) for column in columns])


def sensitivities(result: Gradient | Sensitivities) -> Payload:
    """The page of an equilibrium with how its outcomes move with its parameters."""
    import pandas as pd

    eq = result.equilibrium
    base = replace(equilibrium(eq), kind="sensitivities")
    if isinstance(result, pd.Series):
        by = result.one == "outcome"
        bars = _tornado(str(result.name), dict(result), relative=result.relative, by_outcome=by)
        return replace(base, tornados=[bars])
    rows = [
        _tornado(str(name), dict(row), relative=result.relative, by_outcome=True)
        for name, row in result.iloc[:MOST].iterrows()
    ]
    hidden = len(result) - len(rows)
    note = [f"{hidden} of {len(result)} outcomes are not on this page; they are in the table itself."]
    return replace(base, tornados=rows, notes=[*base.notes, *(note if hidden else [])])


def tornado(eq: Equilibrium, of: str) -> Tornado:
    """What one outcome of an equilibrium hangs on. `of`: a good, a household, or "real output"."""
    found = eq.elasticities(of=of)
    return _tornado(str(found.name), dict(found), relative=True, by_outcome=True)


def _tornado(of: str, values: Mapping[Any, float], *, relative: bool, by_outcome: bool) -> Tornado:
    bars = [Bar(str(name), float(value)) for name, value in values.items() if math.isfinite(value)]
    kept = sorted(bars, key=lambda bar: -abs(bar.value))[:BARS]
    taxed = any(name.startswith("tax") for name in ([of] if not by_outcome else map(str, values)))
    parts = [ELASTICITY if relative else DERIVATIVE, *([POINT] if relative and taxed else []), FOLLOWING]
    told = ", ".join(parts)
    if len(kept) < len(bars):
        told += f" The {len(kept)} largest of {len(bars)} are on this page."
    name = of if of.startswith("real ") else f"the {of}"
    return Tornado(f"What {name} hangs on" if by_outcome else f"What {name} moves", kept, told)
