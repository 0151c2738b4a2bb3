"""The page of a market of private firms: what passed between them, and nothing of what they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pricegrad.report.page.payload import Agent, Certificate, Check, Good, Payload
from pricegrad.report.page.trades import Rows, accounts, profit

if TYPE_CHECKING:
    from pricegrad.distributed.result import Trade

HOW = (
    "Every firm keeps its production function to itself, so nobody outside can check its plan: the figure is "
    "the largest change, or unused gain over turnover, that any firm reported in the last round."
)


def of_trade(result: Trade) -> Payload:
    """The page of what private firms traded in the last round."""
    rows, goods = Rows(), {str(good): g for g, good in enumerate(result.prices.index)}
    names = list(dict.fromkeys(name for deal in result.deals for name in (deal.seller, deal.buyer)))
    for deal in result.deals:
        for name, sells in ((deal.seller, True), (deal.buyer, False)):
            rows.add(names.index(name), goods[deal.good], deal.amount, deal.price, sells=sells)
    revenue, cost = accounts(rows, len(names))
    outside = ("supply of ", "demand for ")
    agents = [
        Agent(name, "outside")
        if name.startswith(outside)
        else Agent(name, "firm", revenue=float(r), cost=float(c), profit=profit(r, c))
        for name, r, c in zip(names, revenue, cost, strict=True)
    ]
    settled = "settled" if result.converged else "did not settle"
    return Payload(
        "a market of private firms",
        "trade",
        "the unit in which outside prices are given",
        [Good(name, float(result.prices[name]), float(result.quantities[name])) for name in goods],
        agents,
        rows.flows(),
        Certificate(
            result.converged,
            f"The market {settled} after {result.rounds} rounds and {result.messages} messages.",
            result.residual,
            [Check("reported by the firms", result.residual, "", "nobody would change its plan any more")],
            HOW,
        ),
    )
