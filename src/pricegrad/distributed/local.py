"""The rules as a shard runs them: their own code, on its piece of the network.

What differs is what no shard can know alone: the largest and the sum of everybody's values, what others have
in stock, and whether the rule can run the economy at all, which was found out on the whole.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.distributed.pieces import LocalNetwork
from pricegrad.distributed.ties import Index, largest
from pricegrad.market.demands import Demands
from pricegrad.market.rows import Floats, Rows
from pricegrad.market.rule import Rule, State
from pricegrad.market.rules.inventory import Inventory
from pricegrad.market.rules.make_to_order import MakeToOrder
from pricegrad.market.rules.proportional_response import ProportionalResponse
from pricegrad.network import Network


class LocalDemands(Demands):
    """The buyers of a piece; what they order adds up at the sellers, in the cells of one process."""

    def __init__(self, network: LocalNetwork) -> None:
        super().__init__(network)
        self.facts, self.tie = network.piece.facts, network.ties["link"]
        self.taxed = self.facts.wedged

    def as_rows(self) -> Rows | None:
        """See `Demands.as_rows`."""
        rows = super().as_rows()
        if rows is None:
            return None
        return replace(rows, entry=np.asarray(rows.entry), cells=1, engine=self.facts.engine)

    def collect(self, value: Floats) -> Floats:
        """See `Demands.collect`."""
        return self.tie.total(self._good.terms(value), self.facts.cells)

    @cached_property
    def _good(self) -> Index:
        assert isinstance(self.good, Index)
        return self.good


class Local(Rule):
    """What every rule asks of the others."""

    network: LocalNetwork

    def __init__(self, network: LocalNetwork, **options: Any) -> None:
        self._totals: list[tuple[Floats, float]] = []  # the last ones, for whoever asks again
        self._orders: dict[str, NDArray[np.int64]] = {}
        super().__init__(network, **options)

    @classmethod
    def lacks(cls, network: Network) -> list[str]:
        return []

    def largest(self, *values: Floats) -> float:
        return largest(self.network.circle, super().largest(*values))

    def whole(self, name: str, values: Floats) -> float:
        """All own values go to shard 0, which adds them up in the order of one process."""
        for known, total in self._totals:
            if known is values:
                return total
        self._totals = [(values, self._whole(name, values)), *self._totals[:3]]
        return self._totals[0][1]

    def _whole(self, name: str, values: Floats) -> float:
        circle, space = self.network.circle, self.network.spaces[name]
        mine, others = values[space.own], list(range(1, circle.size))
        if name not in self._orders:  # where everybody's values stand, said once
            self._orders[name] = np.argsort(self._all(space.ids[space.own].astype(float)), kind="stable")
        every = self._all(mine)
        if circle.me:
            return float(circle.swap({}, [0])[0][0])
        total = float(every[self._orders[name]].sum())
        circle.swap(dict.fromkeys(others, np.array([total])), [])
        return total

    def _all(self, mine: Floats) -> Floats:
        """Everybody's values, by shard, for shard 0; nothing for the others."""
        circle = self.network.circle
        if circle.me:
            circle.swap({0: mine}, [])
            return np.zeros(0)
        others = list(range(1, circle.size))
        said = circle.swap({}, others)
        return np.concatenate([mine, *(said[s] for s in others)])


class LocalMakeToOrder(Local, MakeToOrder):
    """Make-to-order on a piece."""

    def __init__(self, network: LocalNetwork, **options: Any) -> None:
        super().__init__(network, **options)
        self.demands = LocalDemands(network)

    def _where_elasticity_matters(self) -> Any:
        """Sums by good, not by those few goods that matter here: they may matter elsewhere."""
        slope, (links, place, elasticity, goods) = super()._where_elasticity_matters()
        if not largest(self.network.circle, float(len(links))):
            return slope, (links, place, elasticity, goods)
        return slope, (links, self.demands.good[links], elasticity, np.arange(self.traders.goods))


class LocalInventory(Local, Inventory):
    """The market with stocks on a piece."""

    planner = LocalMakeToOrder

    def _at_hand(self, state: State) -> Floats:
        have = super()._at_hand(state)
        self.network.piece.goods.refresh(self.network.circle, have)
        return have


class LocalProportionalResponse(Local, ProportionalResponse):
    """Proportional response on a piece."""

    def __init__(self, network: LocalNetwork, **options: Any) -> None:
        super().__init__(network, **options)
        piece, tie = network.piece, network.ties["link"]
        units = [np.arange(part.start, part.stop) for part in piece.unit_terms]
        abroad = [
            at
            for market, at in zip(network.outside, piece.market_term, strict=True)
            if market.sign < 0 and market.price is None
        ]
        terms = [np.asarray(self.demands.leaf), *units, np.array(abroad, np.int64)]
        self.good = Index.of(np.asarray(self.good), tie, np.concatenate(terms))
        self.users = np.bincount(self.good, minlength=self.traders.goods)

    def _supply(self, made: Any, price: Floats) -> Floats:
        amount = super()._supply(made, price)
        self.network.piece.goods.refresh(self.network.circle, amount)
        return amount


LOCAL: dict[str, type[Local]] = {
    rule.name: rule for rule in (LocalMakeToOrder, LocalInventory, LocalProportionalResponse)
}
