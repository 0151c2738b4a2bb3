"""What bundles of goods are worth to those who hold them: nested CES functions of amounts, and their
elasticities.

The dual of the forest's unit costs. With x the amounts relative to reference and rho = 1 - 1 / elasticity,

    ln Q = 1/rho ln sum_k share_k exp(rho ln x_k),    d ln Q / d ln x_k = share_k exp(rho (ln x_k - ln Q)),

nests multiplied along their path; at elasticity 0 a node makes the least of its parts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pricegrad.market.rows import Floats
from pricegrad.network import Forest
from pricegrad.network.forest import power_mean

_LEONTIEF = 1e-9


class Bundles:
    """The nested CES functions of a forest as functions of amounts, by leaf."""

    def __init__(self, forest: Forest) -> None:
        bend = np.minimum(forest.exponent, 1.0 - _LEONTIEF)
        self.forest = replace(forest, exponent=-bend / (1.0 - bend))
        self.rigid = (forest.exponent >= 1.0 - _LEONTIEF) & ~forest.output
        children = np.bincount(forest.leaf_node, minlength=forest.nodes)
        inner = forest.parent >= 0
        children += np.bincount(forest.parent[inner], minlength=forest.nodes)
        self.rigid &= children > 1

    def index(self, amount: Floats) -> Floats:
        """ln of each node's quantity, 0 at reference amounts; `amount` is by leaf and not negative."""
        forest = self.forest
        with np.errstate(divide="ignore"):
            log = np.log(amount / forest.leaf_quantity)
        out = np.zeros(forest.nodes)
        for level in range(forest.depth - 1, -1, -1):
            low, high = forest.level_ptr[level], forest.level_ptr[level + 1]
            first, last = forest.leaf_ptr[low], forest.leaf_ptr[high]
            node, share, part = forest.leaf_node[first:last], forest.leaf_share[first:last], log[first:last]
            if level + 1 < forest.depth:
                below = slice(high, forest.level_ptr[level + 2])
                node = np.concatenate([node, forest.parent[below]])
                share = np.concatenate([share, forest.share[below]])
                part = np.concatenate([part, out[below]])
            out[low:high] = self._level(int(low), int(high), node, share, part)
        return out

    def _level(
        self,
        low: int,
        high: int,
        node: np.ndarray[tuple[int], np.dtype[np.int64]],
        share: Floats,
        part: Floats,
    ) -> Floats:
        """ln quantities of the nodes low to high from their parts; -inf where a needed part is missing."""
        rigid = self.rigid[low:high]
        least = np.full(high - low, np.inf)
        np.minimum.at(least, node - low, part)
        least = np.where(np.isinf(least) & (least > 0), 0.0, least)
        exponent = np.where(rigid, 0.0, self.forest.exponent[low:high])
        missing = np.isneginf(part)
        lacking = np.zeros(high - low, bool)
        np.logical_or.at(lacking, node[missing] - low, True)
        filled = np.where(missing, 0.0, part)
        with np.errstate(over="ignore"):
            smooth = power_mean(exponent, node - low, np.where(missing, 0.0, share), filled)
        if lacking.any():
            smooth = np.where(lacking, self._without(low, high, node, share, part, exponent), smooth)
        return np.where(rigid, least, smooth)

    def _without(
        self,
        low: int,
        high: int,
        node: np.ndarray[tuple[int], np.dtype[np.int64]],
        share: Floats,
        part: Floats,
        exponent: Floats,
    ) -> Floats:
        """Nodes that lack a part: nothing where it is essential (elasticity up to 1), the rest else."""
        there = ~np.isneginf(part)
        power = exponent[node[there] - low]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            total = np.bincount(node[there] - low, share[there] * np.exp(power * part[there]), high - low)
            rest = np.log(total) / exponent
        return np.where(exponent > 0, rest, -np.inf)

    def elasticities(self, amount: Floats, index: Floats) -> Floats:
        """d ln (root quantity) / d ln (leaf amount) by leaf; nests without rigid nodes."""
        forest = self.forest
        along = np.ones(forest.nodes)
        for level in range(1, forest.depth):
            part = slice(forest.level_ptr[level], forest.level_ptr[level + 1])
            up = forest.parent[part]
            pull = forest.share[part] * np.exp(forest.exponent[up] * (index[part] - index[up]))
            along[part] = along[up] * pull
        node = forest.leaf_node
        with np.errstate(divide="ignore"):
            log = np.log(amount / forest.leaf_quantity)
        power = forest.exponent[node]
        return np.asarray(forest.leaf_share * np.exp(power * (log - index[node])) * along[node])
