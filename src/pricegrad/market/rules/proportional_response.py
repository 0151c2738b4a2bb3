"""Proportional response: bids go back with the marginal value of what was received.

Quantities flow forward, bids flow back. In every round each seller divides what it has among the bids
it holds and posts the price at which they buy all of it; buyers make what they can of what they got,
and bid for more of it what it was worth to them at the margin:

    price      p_g <- sum of bids for g / amount of g             a rival good: the amount is split by
    the bids, receipt    x_l <- bid_l / p_g                                 x_l <- the whole amount
    where g is non-rival firm       bid_l <- x_l * sum_k p_k df_k/dx_l                 (theta R times
    the elasticity of its output) household  bid_l <- (part of its purse) * d log u / d log x_l

The market for every good clears in every round; off equilibrium bids differ, and the split moves to
whoever gains more, until the marginal values of all users of a rival good are equal. A non-rival good
gets the sum of what its users would pay (Lindahl 1919, Samuelson 1954). A seller to an outside market
at a fixed price takes that price, and sells there what nobody inside bids for.

Known: in Fisher markets with CES tastes above Leontief the bids converge (Zhang 2011, "Proportional response
dynamics in the Fisher market", Theor. Comp. Sci. 412; as mirror descent: Birnbaum, Devanur, Xiao 2011, EC),
and a production economy with them grows to its best (Branzei, Devanur, Rabani 2021, EC).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.bundles import Bundles
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule, Seen, State
from pricegrad.market.traders import Traders
from pricegrad.market.works import Made, Works
from pricegrad.network import Network


class ProportionalResponse(Rule):
    """State: `price` and `amount` by good, `bid` and `got` by buying link, `purse` by household.

    Links: inputs and demands of the forest, then inputs of firms given by code, then of utilities given
    by code, then outside demand along a curve.
    """

    name = "proportional-response"
    reads = "own function and its derivatives, what was received, own sales, bids for own goods"
    messages = ("bid",)
    trades = True

    def __init__(self, network: Network, **options: Any) -> None:
        super().__init__(network, **options)
        self.works = works = Works(network)
        self.traders, self.demands, self.good = works.traders, works.demands, works.good
        self.units, self.parts, self.abroad, self.exports = (
            works.units, works.parts, works.abroad, works.exports,
        )  # fmt: skip
        self.wedge = network.wedge(np.zeros(0))
        self.posted = {market.good: market.price for market in network.outside if market.price is not None}
        self.imported = {m.good for m in network.outside if m.price is not None and m.sign > 0}
        self.users = np.bincount(self.good, minlength=self.traders.goods)

    @classmethod
    def options(cls) -> dict[str, Any]:
        """`spends`: the part of its purse that a household spends in a round."""
        return {"spends": 0.5}

    @classmethod
    def lacks(cls, network: Network) -> list[str]:
        traders, bundles = Traders(network), Bundles(network.forest)
        rigid = np.unique(network.forest.root[bundles.rigid]).tolist()
        names = [*network.sectors, *network.sectors, *network.households]
        bends = np.flatnonzero(
            network.forest.output & (network.forest.exponent > 1) & (network.forest.parent < 0)
        )
        joint = set(traders.joint())
        return [
            *(
                f"{names[root]!r} uses goods in fixed proportion, so one more unit of one of them alone is "
                'worth nothing to it; use "make-to-order" or "optimistic"'
                for root in rigid
            ),
            *(
                f"firm {names[root]!r} turns its outputs into each other at prices it does not know before "
                'it sells; use "optimistic"'
                for root in bends.tolist()
                if names[root] in joint
            ),
            *(
                f"household {network.households[h]!r} has amounts it cannot do without, for which no bid is "
                'worked out; use "optimistic"'
                for h in np.unique(network.subsistence.household).tolist()
            ),
            *(f'{name!r} is held at a value; use "optimistic"' for name in traders.held()),
            *(f'{name!r} is set by a constraint; use "optimistic"' for name, _ in network.auxiliaries),
            *(f"nobody sells {good!r}" for good in traders.unsold()),
            *(
                f"household {network.households[own]!r} owes {network.goods[good]!r} (a negative endowment)"
                for own, good, amount in zip(
                    network.endowments.household,
                    network.endowments.good,
                    network.endowments.quantity,
                    strict=True,
                )
                if amount < 0
            ),
        ]

    @property
    def link_good(self) -> NDArray[np.int64]:
        return self.good

    def owners(self) -> dict[str, NDArray[np.int64]]:
        """Bids belong to the buyers and stand while these sleep; markets clear all the time."""
        buyers, goods = self.demands.buyers, self.traders.goods
        unit = [np.full(len(u.inputs), buyers + i) for i, u in enumerate(self.units)]
        out = buyers + len(self.units) + np.arange(len(self.abroad))
        bidder = np.concatenate([self.demands.buyer, *unit, out])
        always = {"price": goods, "got": len(self.good), "purse": self.traders.homes, "amount": goods}
        return {"bid": bidder, **{name: np.full(count, -1) for name, count in always.items()}}

    def labels(self) -> dict[str, list[Hashable]]:
        links: list[Hashable] = list(self.demands.labels())
        for unit in self.units:
            links += [(unit.name, self.network.goods[g], "code") for g in unit.inputs.tolist()]
        links += [("outside", self.network.goods[market.good], i) for i, market in enumerate(self.abroad)]
        homes: list[Hashable] = list(self.network.households)
        goods: list[Hashable] = list(self.network.goods)
        return {"price": goods, "bid": links, "got": links, "purse": homes, "amount": goods}

    def start(self, price: Floats) -> State:
        """Everyone begins with reference amounts (1 for code), bid for at the posted prices."""
        price = price.copy()
        for good, posted in self.posted.items():
            price[good] = posted
        got = np.ones(len(self.good))
        got[: self.demands.links] = self.network.forest.leaf_quantity[self.demands.leaf]
        own, homes = self.network.endowments, self.traders.homes
        purse = np.bincount(own.household, own.quantity * price[own.good], homes).astype(float)
        return {
            "price": price,
            "bid": price[self.good] * got,
            "got": got,
            "purse": np.maximum(purse, 1e-9),
            "amount": self._supply(self.works.made(got), price),
        }

    def propose(self, state: State, seen: Seen) -> State:
        made = self.works.made(state["got"])
        amount = self._supply(made, state["price"])
        bid = seen.messages["bid"]
        price, got = self._allot(bid, amount, state["price"])
        fresh = self.works.made(got)
        purse = state["purse"] + self._incomes(made, price, bid) - self._paid(bid)
        bids = self._bids(got, fresh, price, np.maximum(purse, 0.0))
        return {"price": price, "bid": bids, "got": got, "purse": purse, "amount": amount}

    def _supply(self, made: Made, price: Floats) -> Floats:
        """What there is of each good."""
        return self.works.supply(made, price)

    def _allot(self, bid: Floats, amount: Floats, before: Floats) -> tuple[Floats, Floats]:
        """The price at which the bids buy the whole amount, and what each bidder gets."""
        money = np.bincount(self.good, bid, self.traders.goods)
        with np.errstate(divide="ignore", invalid="ignore"):
            price = np.where((money > 0) & (amount > 0), money / amount, before)
        for good, posted in self.posted.items():
            price[good] = posted
        got = bid / price[self.good]
        for good in self.posted:
            wanted = money[good] / price[good]
            if good not in self.imported and wanted > amount[good] > 0:
                got[self.good == good] *= amount[good] / wanted
        if not self.network.rival.all():
            shared = ~self.network.rival[self.good]
            got[shared] = amount[self.good[shared]]
        return price, got

    def _bids(self, got: Floats, made: Made, price: Floats, purse: Floats) -> Floats:
        """Next bids by link."""
        output, bend, jets = made
        demands, network = self.demands, self.network
        sales = self._sales(output, price)
        spend = np.concatenate([network.returns * sales, self.option["spends"] * purse])
        bids = np.empty(len(self.good))
        bids[: demands.links] = spend[demands.buyer] * bend[demands.leaf] / demands.wedge
        for unit, part, jet in zip(self.units, self.parts, jets, strict=True):
            if unit.agent < 0:
                bids[part] = np.maximum(got[part] * (price[unit.outputs] @ jet.slope), 0.0)
            else:
                worth = np.maximum(got[part] * jet.slope[0], 0.0)
                bids[part] = self.option["spends"] * purse[unit.agent] * worth / worth.sum()
        for i, market in enumerate(self.abroad):
            at = float(price[market.good])
            wanted = market.quantity if market.curve is None else market.curve(at)
            bids[self.exports.start + i] = at * float(wanted or 0.0)
        return bids

    def _sales(self, output: Floats, price: Floats) -> Floats:
        """What each sector is paid for its output, less taxes."""
        worth = output * price[self.traders.out_good] * self.wedge[self.traders.out_leaf]
        return np.bincount(self.traders.out_sector, worth, self.traders.sectors).astype(float)

    def _paid(self, bid: Floats) -> Floats:
        """What each household pays for its bids, taxes included."""
        demands = self.demands
        paid = np.bincount(demands.buyer, bid[: demands.links] * demands.wedge, demands.buyers)[
            demands.sectors :
        ]
        for unit, part in zip(self.units, self.parts, strict=True):
            if unit.agent >= 0:
                paid[unit.agent] += bid[part].sum()
        return paid.astype(float)

    def _incomes(self, made: Made, price: Floats, bid: Floats) -> Floats:
        """What households receive: for their endowments, from the firms they own, and in taxes."""
        network, homes = self.network, self.traders.homes
        own, shares = network.endowments, network.ownership
        income = np.bincount(own.household, own.quantity * price[own.good], homes).astype(float)
        demands = self.demands
        costs = np.bincount(demands.buyer, bid[: demands.links] * demands.wedge, demands.buyers)
        earned = self._sales(made[0], price) - costs[: demands.sectors]
        profit = np.concatenate([earned, np.zeros(len(network.code_firms))])
        for i, (unit, part, jet) in enumerate(
            zip(network.code_firms, self.parts, made[2][: len(network.code_firms)], strict=True)
        ):
            profit[len(earned) + i] = price[unit.outputs] @ jet.value - bid[part].sum()
        income += np.bincount(shares.household, shares.share * profit[shares.firm], homes)
        if network.taxed:
            worth = np.zeros(network.forest.leaves)
            worth[self.demands.leaf] = bid[: self.demands.links]
            worth[self.traders.out_leaf] = made[0] * price[self.traders.out_good]
            income += np.bincount(network.taxes.to, network.taxes.rate * worth[network.taxes.leaf], homes)
        return income

    def links(self) -> list[tuple[str, str]]:
        return self.works.links()

    def purchases(self, state: State) -> Floats:
        return state["got"]

    def quantities(self, state: State) -> Floats:
        return state["amount"]

    @classmethod
    def suits(cls, network: Network) -> str:
        if network.code_firms or network.utilities or any(m.price is not None for m in network.outside):
            return ""
        return "nobody is given by code, and no outside market takes any amount at a price"

    def gap(self, state: State, following: State) -> float:
        """As for every rule; a bid that grows counts by its own size, however small it is."""
        before, after = state["bid"], following["bid"]
        with np.errstate(divide="ignore", invalid="ignore"):
            growth = np.where(after > before, (after - before) / before, 0.0)
        return max(super().gap(state, following), float(np.max(growth, initial=0.0)))

    def violation(self, state: State, following: State) -> float:
        """Receipts of each rival good against what there was of it."""
        amount = following["amount"]
        used = np.bincount(self.good, following["got"], self.traders.goods)
        over = used - amount
        closed = self.network.rival & (self.users > 0) & (np.abs(amount) > 0)
        closed[list(self.imported)] = False
        open_ended = [g for g in self.posted if g not in self.imported]
        gap = np.abs(over)
        gap[open_ended] = np.maximum(over[open_ended], 0.0)
        return float(np.max(gap[closed] / np.abs(amount[closed]), initial=0.0))
