"""What a market of private firms ended with: read off the last letters that passed through the exchange."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pricegrad.distributed.message import Kind
from pricegrad.distributed.terms import Plan
from pricegrad.doors import Reported

if TYPE_CHECKING:
    import pandas as pd

Box = dict[tuple[int, Kind], tuple[float, float]]
"""The letters of one round, by link and kind."""


@dataclass(frozen=True)
class Deal:
    """What one seller delivered to one buyer, at which price."""

    seller: str
    buyer: str
    good: str
    amount: float
    price: float


@dataclass(frozen=True, eq=False)
class Trade(Reported):
    """Posted price and amount traded by good, at the end of a run; `deals` by seller and buyer.

    `residual` is the largest relative change, or unused gain over turnover, that any firm reported.
    """

    prices: pd.Series
    quantities: pd.Series
    rounds: int
    residual: float
    converged: bool
    messages: int
    deals: tuple[Deal, ...] = ()

    def __repr__(self) -> str:
        how = "settled" if self.converged else "not settled"
        return (
            f"Trade: {how} after {self.rounds} rounds, residual {self.residual:.1e}, {self.messages} messages"
        )


def tally(plan: Plan, mail: Box, rounds: int, residual: float, converged: bool, messages: int) -> Trade:
    """Add the deliveries up by good; a good of several sellers at the mean price paid."""
    import pandas as pd

    goods = list(dict.fromkeys(link.good for link in plan.links))
    amount, money = dict.fromkeys(goods, 0.0), dict.fromkeys(goods, 0.0)
    price = dict.fromkeys(goods, float("nan"))
    deals = []
    for link in plan.links:
        x, posted = mail.get((link.number, Kind.DELIVERY), (0.0, float("nan")))
        names = plan.parties[link.seller - 1].name, plan.parties[link.buyer - 1].name
        deals.append(Deal(*names, link.good, x, posted))
        if link.good in plan.shared:
            amount[link.good], price[link.good] = x, posted
            continue
        amount[link.good] += x
        money[link.good] += x * posted
        price[link.good] = money[link.good] / amount[link.good] if amount[link.good] else posted
    return Trade(
        pd.Series(price, name="price"),
        pd.Series(amount, name="quantity"),
        rounds,
        residual,
        converged,
        messages,
        tuple(deals),
    )
