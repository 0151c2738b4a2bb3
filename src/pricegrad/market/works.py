"""What everyone makes of what they hold: the sweep of quantities, by link, with its derivatives.

Links: inputs and demands of the forest, then inputs of firms given by code, then of utilities given by code,
then outside demand along a curve.
"""

from __future__ import annotations

import numpy as np

from pricegrad.equilibrium.derivatives import Jet, differentiate
from pricegrad.market.bundles import Bundles
from pricegrad.market.demands import Demands
from pricegrad.market.rows import Floats
from pricegrad.market.traders import Traders
from pricegrad.network import Network

Made = tuple[Floats, Floats, list[Jet]]
"""Amounts by output leaf, elasticities of what is made by leaf, values and slopes of code by unit."""


class Works:
    """The firms and households of a network as functions of amounts; `good` is by link."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.traders, self.demands, self.bundles = Traders(network), Demands(network), Bundles(network.forest)
        self.units = [*network.code_firms, *network.utilities]
        self.jets = [differentiate(unit, max(len(unit.outputs), 1)) for unit in self.units]
        self.parts: list[slice] = []
        at = self.demands.links
        for unit in self.units:
            self.parts.append(slice(at, at + len(unit.inputs)))
            at += len(unit.inputs)
        self.abroad = [market for market in network.outside if market.sign < 0 and market.price is None]
        self.exports = slice(at, at + len(self.abroad))
        abroad = np.array([market.good for market in self.abroad], dtype=np.int64)
        self.good = np.concatenate([self.demands.good, *(unit.inputs for unit in self.units), abroad])

    def links(self) -> list[tuple[str, str]]:
        """Buyer ("outside" for outside markets) and good of each link."""
        goods = self.network.goods
        code = [(unit.name, goods[g]) for unit in self.units for g in unit.inputs.tolist()]
        return [*self.demands.pairs(), *code, *(("outside", goods[market.good]) for market in self.abroad)]

    def made(self, got: Floats) -> Made:
        """What firms make of what they hold: amounts by output leaf, elasticities by leaf, jets of code."""
        forest = self.network.forest
        amount = forest.leaf_quantity.copy()
        amount[self.demands.leaf] = got[: self.demands.links]
        index = self.bundles.index(amount)
        bend = self.bundles.elasticities(amount, index)
        sector = self.traders.out_sector
        scale = np.exp(self.network.returns * index[: self.demands.sectors])
        output = forest.leaf_quantity[self.traders.out_leaf] * scale[sector]
        jets = [
            jet(got[part], np.ones(max(len(unit.outputs), 1)))
            for unit, part, jet in zip(self.units, self.parts, self.jets, strict=True)
        ]
        return output, bend, jets

    def supply(self, made: Made, price: Floats) -> Floats:
        """What there is of each good: endowments, what was made, what comes in at `price`."""
        amount = self.traders.endowed.copy()
        np.add.at(amount, self.traders.out_good, made[0])
        for unit, jet in zip(self.network.code_firms, made[2], strict=False):
            np.add.at(amount, unit.outputs, jet.value)
        for market in self.network.outside:
            if market.sign > 0 and market.price is None:
                at = float(price[market.good])
                amount[market.good] += float(
                    (market.quantity if market.curve is None else market.curve(at)) or 0.0
                )
        return amount

    def excess(self, got: Floats) -> float:
        """Worst relative excess demand: what `got` is of a good over what firms make of it, less one.

        nan where supply abroad follows a curve, or firms choose between several products.
        """
        network, goods = self.network, len(self.network.goods)
        if self.traders.joint() or any(m.curve is not None for m in network.outside):
            return float("nan")
        wanted = np.bincount(self.good, got, goods)
        with np.errstate(all="ignore"):
            over = wanted / self.supply(self.made(got), np.ones(goods)) - 1.0
        for market in network.outside:
            if market.price is not None:  # takes, or brings, the rest
                over[market.good] = max(over[market.good], 0.0) if market.sign < 0 else 0.0
        counts = network.rival & (wanted > 0)
        return float(np.max(np.abs(over[counts]), initial=0.0))
