"""The dual sweep: prices forward from the costs of primary inputs, quantities back from final demand.

For an economy whose primary inputs have prices and whose final demands have quantities, as `from_table`
makes: prices by `costpush`, then the activity at which supply of every good equals demand (Shephard's lemma
gives the inputs of a unit, so it is one linear system).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.doors import Priced
from pricegrad.errors import ModelError, NotSolved, did_you_mean
from pricegrad.model import Model
from pricegrad.network.forest import Floats
from pricegrad.pricing.costpush import System, solve, system

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class CostPrices(Priced):
    """Prices that cover all costs, and the quantities that meet final demand at them."""

    prices: pd.Series
    quantities: pd.Series
    firms: pd.DataFrame
    costs: Mapping[str, tuple[tuple[str, float, float], ...]]
    makers: Mapping[str, str]
    numeraire: str | None
    notes: tuple[str, ...]
    worst: float
    model: Model

    def price_dict(self) -> dict[str, float]:
        """Prices by good, as plain numbers."""
        return {str(good): float(price) for good, price in self.prices.items()}

    def quantity_dict(self) -> dict[str, float]:
        """Quantities by good, as plain numbers."""
        return {str(good): float(amount) for good, amount in self.quantities.items()}

    def accounts(self) -> dict[str, dict[str, Any]]:
        """Activity, revenue, cost and profit by firm, as plain numbers."""
        rows = self.firms.to_dict(orient="index")
        return {str(name): {str(key): x for key, x in row.items()} for name, row in rows.items()}

    def explain(self, good: str | None = None) -> str:
        """What each good's price is made of, a line a good; or of one good all its parts."""
        if good is None:
            return "\n".join([*(self._sum(g, 3) for g in self.makers), *(f"Note: {n}" for n in self.notes)])
        if good not in self.prices.index:
            raise ModelError(f"there is no good {good!r}.{did_you_mean(good, self.prices.index)}")
        if good not in self.makers:
            return f"{good} is worth {self.prices[good]:.6g} because outside sells it at that price."
        lines = [
            f"{good} is worth {self.prices[good]:.6g} because {self.makers[good]} spends that on a unit:"
        ]
        for name, amount, worth in self.costs[good]:
            equation = f"{amount:.4g} x {worth:.6g} = {amount * worth:.4g}"
            lines.append(f"  {equation:<32}{name}")
        return "\n".join(lines)

    def _sum(self, good: str, most: int) -> str:
        parts = self.costs[good]
        shown = [f"{amount:.4g} * P_{name}" for name, amount, _ in parts[:most]]
        rest = sum(amount * worth for _, amount, worth in parts[most:])
        more = [f"{rest:.4g} for {len(parts) - most} more"] if len(parts) > most else []
        return f"{self.makers[good]}: P_{good} = {' + '.join(shown + more)} = {self.prices[good]:.6g}"


def price_by_costs(model: Model) -> CostPrices:
    """Prices and quantities of an economy in which costs decide prices."""
    import pandas as pd

    of = system(model)
    n, goods = len(of.sectors), list(of.network.goods)
    prices, gap = solve(of, of.given, np.ones(n))
    cost, amounts = of.spending(prices)
    net = of.net(amounts)
    activity = _activity(of, net, _final(model, of, prices))
    revenue = of.made * prices[of.product] + np.bincount(of.seller, of.amount * prices[of.sold], n)
    makers = {goods[k]: firm for k, firm in zip(of.product.tolist(), of.network.sectors, strict=True)}
    firms = pd.DataFrame(
        {"activity": activity, "revenue": activity * revenue, "cost": activity * cost},
        index=pd.Index(of.network.sectors, name="firm"),
    )
    firms["profit"] = firms["revenue"] - firms["cost"]
    named = dict(zip(goods, prices.tolist(), strict=True))
    used = -np.minimum(net, 0.0)
    quantity = used.T @ activity
    quantity[of.product] = of.made * activity
    return CostPrices(
        pd.Series(named, name="price"),
        pd.Series(quantity, index=goods, name="quantity"),
        firms,
        {good: _parts(of, net[j] / of.made[j], prices) for j, good in enumerate(makers)},
        makers,
        model.numeraire,
        tuple(model.notes),
        gap,
        model,
    )


def _parts(of: System, row: Floats, prices: Floats) -> tuple[tuple[str, float, float], ...]:
    """(good, amount in a unit, price), largest cost first; what is sold besides counts negative."""
    order = np.argsort(-np.abs(row * prices), kind="stable")
    return tuple((of.network.goods[k], -float(row[k]), float(prices[k])) for k in order if row[k] != 0)


def _final(model: Model, of: System, prices: Floats) -> Floats:
    """Final demand less outside supply of each made good, at these prices."""
    final = np.zeros(len(prices))
    for market in model.outside:
        place = of.network.good_index[market.good]
        if market.price is not None:
            continue
        amount = market.quantity if market.quantity is not None else None
        if market.curve is not None:
            amount = float(market.curve(float(prices[place])))
        final[place] += (amount or 0.0) * (1 if market.side == "demand" else -1)
    return final


def _activity(of: System, net: Floats, final: Floats) -> Floats:
    matrix = (net[:, of.product] + np.diag(of.made)).T
    try:
        found = np.asarray(np.linalg.solve(matrix, final[of.product]), float)
    except np.linalg.LinAlgError:
        raise NotSolved(
            "no activities meet final demand: some firms need more of a good than they make"
        ) from None
    gap = np.abs(matrix @ found - final[of.product]).max(initial=0.0)
    if not gap <= 1e-9 * max(
        1.0, float(np.abs(matrix).max(initial=0.0)) * float(np.abs(found).max(initial=0.0))
    ):
        raise NotSolved(f"supply and final demand still differ by {gap:.2g}")
    return found
