"""Who sells what in a network: the facts that rules ask for, and the words for what is missing."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.rows import Floats
from pricegrad.network import Network


class Traders:
    """Sellers of each good: sectors (by output leaf), code firms, owners of endowments, outside markets."""

    def __init__(self, network: Network) -> None:
        forest = network.forest
        self.network, self.goods = network, len(network.goods)
        self.sectors, self.homes = len(network.sectors), len(network.households)
        self.out_leaf = np.flatnonzero(forest.output[forest.leaf_node])
        self.out_good = forest.leaf_good[self.out_leaf]
        self.out_sector = network.leaf_root[self.out_leaf] - self.sectors

    @cached_property
    def makers(self) -> NDArray[np.int64]:
        """How many firms make each good."""
        count = np.bincount(self.out_good, minlength=self.goods)
        for firm in self.network.code_firms:
            np.add.at(count, firm.outputs, 1)
        return count

    @cached_property
    def maker(self) -> NDArray[np.int64]:
        """The sector that makes each good; -1 where none does."""
        maker = np.full(self.goods, -1, dtype=np.int64)
        maker[self.out_good] = self.out_sector
        return maker

    @cached_property
    def endowed(self) -> Floats:
        """Amount of each good that households own."""
        own = self.network.endowments
        return np.bincount(own.good, own.quantity, self.goods).astype(float)

    def joint(self) -> list[str]:
        """Sectors with several outputs."""
        count = np.bincount(self.out_sector, minlength=self.sectors)
        return [self.network.sectors[j] for j in np.flatnonzero(count > 1).tolist()]

    def several_sellers(self) -> list[str]:
        """Goods that more than one kind of seller, or more than one firm, offers."""
        sources = self.makers + (self.endowed != 0)
        for market in self.network.outside:
            if market.sign > 0:
                sources[market.good] += 1
        return [self.network.goods[g] for g in np.flatnonzero(sources > 1).tolist()]

    def unsold(self) -> list[str]:
        """Goods that somebody wants and nobody sells."""
        sources = self.makers + (self.endowed != 0)
        for market in self.network.outside:
            sources[market.good] += market.sign > 0
        return [self.network.goods[g] for g in np.flatnonzero(sources == 0).tolist()]

    def held(self) -> list[str]:
        """Variables that the model holds at a value, beyond the price of one numeraire."""
        prices = [name for name in self.network.fixed if name in self.network.good_index]
        return [name for name in self.network.fixed if name not in self.network.good_index] + prices[1:]

    def numeraire(self) -> int:
        """The good whose price is 1 in results; -1 where an outside market's price sets the level."""
        network = self.network
        for name in network.fixed:
            if name in network.good_index:
                return network.good_index[name]
        if any(market.price is not None for market in network.outside):
            return -1
        if network.numeraire is not None and network.numeraire in network.good_index:
            return network.good_index[network.numeraire]
        if network.outside:
            return -1
        owned = network.endowments.good[network.endowments.quantity > 0]
        return int(owned[0]) if len(owned) else 0
