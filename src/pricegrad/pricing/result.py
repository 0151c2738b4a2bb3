"""`Prices`: what a priced plan says, as labelled pandas objects and as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pricegrad.doors import Priced
from pricegrad.model import Model
from pricegrad.pricing.check import worst_slope
from pricegrad.pricing.plan import Plan, earned, spent

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Prices(Priced):
    """Quantities and prices of a plan, firm by firm. `notes` say what a reader should know."""

    plan: Plan
    model: Model

    @property
    def numeraire(self) -> str | None:
        """The good or currency in which prices are counted."""
        return self.model.numeraire

    @cached_property
    def worst(self) -> float:
        """The largest relative gap between a derivative and differences of the firm's own function."""
        return worst_slope(self.model, self.plan.steps)

    @cached_property
    def prices(self) -> pd.Series:
        """The price of every good, in units of the numeraire."""
        import pandas as pd

        return pd.Series(self.plan.prices, name="price", dtype=float)

    @cached_property
    def quantities(self) -> pd.Series:
        """The amount of every good that is made or comes from outside."""
        import pandas as pd

        return pd.Series(self.plan.quantities, name="quantity", dtype=float)

    def price_dict(self) -> dict[str, float]:
        """Prices by good, as plain numbers."""
        return dict(self.plan.prices)

    def quantity_dict(self) -> dict[str, float]:
        """Quantities by good, as plain numbers."""
        return dict(self.plan.quantities)

    def accounts(self) -> dict[str, dict[str, Any]]:
        """Revenue, cost, profit and marginal values by firm, as plain numbers."""
        found = {}
        for step in self.plan.steps:
            revenue, cost = earned(self.plan, step), spent(self.plan, step)
            worth = {good: self.plan.values[good][step.firm] for good in step.buys}
            found[step.firm] = {
                "revenue": revenue, "cost": cost, "profit": revenue - cost, "marginal_values": worth,
            }  # fmt: skip
        return found

    @cached_property
    def firms(self) -> pd.DataFrame:
        """Revenue, cost and profit of every firm, and what one more unit of each input is worth to it."""
        import pandas as pd

        columns = ["revenue", "cost", "profit", "marginal_values"]
        return pd.DataFrame.from_dict(self.accounts(), orient="index", columns=columns).rename_axis("firm")

    @cached_property
    def inputs(self) -> pd.DataFrame:
        """Every purchase, by firm and good: amount, price, marginal value, derivatives of outputs in it."""
        import pandas as pd

        plan = self.plan
        rows = {
            (step.firm, good): {
                "amount": step.amounts[k],
                "price": plan.prices[good],
                "marginal_value": plan.values[good][step.firm],
                "derivatives": {made: row[k] for made, row in zip(step.makes, step.slopes, strict=True)},
            }
            for step in plan.steps
            for k, good in enumerate(step.buys)
        }
        index = pd.MultiIndex.from_tuples(list(rows), names=["firm", "good"])
        columns = ["amount", "price", "marginal_value", "derivatives"]
        return pd.DataFrame(list(rows.values()), index=index, columns=columns)

    @property
    def notes(self) -> tuple[str, ...]:
        """Losses, goods nobody uses, divisions that are not the best."""
        return self.plan.notes

    def explain(self, good: str | None = None) -> str:
        """The derivation of all prices, a line a firm; or why one good is worth what it is, link by link."""
        from pricegrad.pricing.explain import derivation, reasons

        return derivation(self.plan) if good is None else reasons(self.plan, good)
