"""What technologies and tastes want to buy at given prices: every buyer of a network at once.

Buyers are the sectors, then the households; a link is a leaf of the forest on the buying side. Networks
without nests run through `Rows` (compiled when large); nested ones through the forest, level by level.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.cells import CELLS
from pricegrad.market.rows import Floats, Rows
from pricegrad.network import Network

_CELLS_FROM = 4096


class Demands:
    """The buying side of the forest of a network; `leaf`, `good`, `buyer`, `wedge` are by link."""

    def __init__(self, network: Network, aux: Floats | None = None) -> None:
        forest = network.forest
        self.network = network
        self.sectors, self.buyers = len(network.sectors), len(network.sectors) + len(network.households)
        self.leaf = np.flatnonzero(~forest.output[forest.leaf_node])
        self.good = forest.leaf_good[self.leaf]
        root = network.leaf_root[self.leaf]
        self.buyer = np.where(root < self.sectors, root, root - self.sectors)
        self.root = np.concatenate(
            [np.arange(self.sectors), 2 * self.sectors + np.arange(len(network.households))]
        )
        self.wedge = network.wedge(np.zeros(0) if aux is None else aux)[self.leaf]
        self.taxed = bool((self.wedge != 1).any())
        self.elasticity = 1.0 - forest.exponent[forest.leaf_node[self.leaf]]
        self._planned: tuple[Floats, Floats] | None = None  # the last plan's values and prices by good
        self.reference = np.log(self.wedge / forest.leaf_price[self.leaf])

    @property
    def links(self) -> int:
        """Number of links."""
        return len(self.leaf)

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """First link of each cell of buyers, and the end (links stand by buyer where there are no nests)."""
        cells = CELLS if self.links >= _CELLS_FROM else 1
        return np.arange(cells + 1, dtype=np.int64) * self.links // cells

    @cached_property
    def rows(self) -> Rows | None:
        """The links as plain rows, None where there are nests."""
        return self.as_rows()

    def as_rows(self) -> Rows | None:
        """Work out `rows`."""
        forest = self.network.forest
        if forest.depth != 1:
            return None
        degree = np.diff(forest.leaf_ptr)[self.root]
        ptr = np.concatenate([[0], np.cumsum(degree)])
        power = forest.exponent[self.root]
        share = forest.leaf_share[self.leaf]
        weight = share * np.exp(power[self.buyer] * self.reference)
        sums = np.bincount(self.buyer, weight, self.buyers)
        mean = np.bincount(self.buyer, share * self.reference, self.buyers)
        sums = np.where(sums > 0, sums, 1.0)
        shift = np.log(sums) / np.where(power == 0, 1.0, power)
        value = forest.value[self.root]
        const = np.log(np.where(value > 0, value, 1.0)) + np.where(power == 0, mean, shift)
        return Rows(
            ptr,
            self.good.astype(np.int32),
            weight / sums[self.buyer],
            power,
            const,
            len(self.network.goods),
            CELLS if self.links >= _CELLS_FROM else 1,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Buyer and good of each link."""
        network = self.network
        names = [*network.sectors, *network.households]
        pairs = zip(self.buyer.tolist(), self.good.tolist(), strict=True)
        return [(names[buyer], network.goods[good]) for buyer, good in pairs]

    def labels(self) -> list[Hashable]:
        """Each link as (buyer, good, how many times before)."""
        seen = dict[tuple[str, str], int]()
        found: list[Hashable] = []
        for pair in self.pairs():
            found.append((*pair, seen.setdefault(pair, 0)))
            seen[pair] += 1
        return found

    def plan(self, log_price: Floats, spend: Floats) -> tuple[Floats, Floats]:
        """Log cost of one unit of each buyer's aggregate, and the value it orders on each link.

        `log_price`: market prices by good, or (1, links) where buyers saw prices of any age. `spend`: what
        each buyer spends, taxes included, (buyers,). The value is at market prices, without the taxes.
        """
        if self.rows is not None:
            value, log_cost = np.empty(self.links), np.empty(self.buyers)
            self.rows.forward(log_price, spend, value, log_cost)
            self._planned = None if self.taxed or log_price.ndim == 2 else (value, log_price)
            return log_cost, value / self.wedge if self.taxed else value
        forest = self.network.forest
        paid = log_price[0] if log_price.ndim == 2 else log_price[self.good]
        log_leaf = np.zeros(forest.leaves)
        log_leaf[self.leaf] = paid + self.reference
        cost = forest.log_costs(log_leaf)
        amount = forest.quantities(log_leaf, cost)[self.leaf]
        size = forest.value[self.root]
        log_cost = cost[self.root] + np.log(np.where(size > 0, size, 1.0))
        scale = spend / np.exp(log_cost)
        return log_cost, amount * scale[self.buyer] * np.exp(paid)

    def collect(self, value: Floats) -> Floats:
        """Values by link added up by good, in a fixed order; those of the last `plan` fastest.

        What `plan` returned must not be written over.
        """
        if self.rows is not None:
            out = np.empty(len(self.network.goods))
            if self._planned is not None and self._planned[0] is value:
                self.rows.orders(self._planned[1], out)
            else:
                self.rows.collect(value, out)
            return out
        return np.bincount(self.good, value, len(self.network.goods)).astype(float)
