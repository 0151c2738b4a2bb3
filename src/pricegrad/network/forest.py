"""All nested CES and CET functions of an economy as one forest, evaluated for every agent at once.

A node aggregates its children (leaves and nodes) by a power mean of their prices relative to reference,

    ln c = 1/r * ln sum_k share_k exp(r ln c_k),    r = 1 - elasticity (inputs), 1 + elasticity (outputs),

with value shares in the reference; r = 0 is the geometric mean (Cobb-Douglas), r = 1 the arithmetic one
(Leontief inputs, joint outputs in fixed proportion). The amount of leaf k in one unit of the root is, by
Shephard's lemma along its path, q_k * product over the path of (c_child / c_node) ** (r_node - 1)
(Rutherford, "Lecture notes on constant elasticity functions", 2002).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pricegrad.errors import ModelError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Forest:
    """Nodes by depth (roots first, then by parent), leaves by node: the leaves of node n are
    `leaf_ptr[n]:leaf_ptr[n + 1]`, the nodes of depth d `level_ptr[d]:level_ptr[d + 1]`.

    `exponent` is r; `output` marks the CET side; `value` is the reference value sum q * p below a node and
    `share` its part of the parent's. Leaves carry good, reference quantity and price, share in their node.
    """

    parent: Ints
    root: Ints
    exponent: Floats
    output: NDArray[np.bool_]
    value: Floats
    share: Floats
    level_ptr: Ints
    leaf_ptr: Ints
    leaf_node: Ints
    leaf_good: Ints
    leaf_quantity: Floats
    leaf_price: Floats
    leaf_share: Floats

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.parent)

    @property
    def leaves(self) -> int:
        """Number of leaves: every input, output and demand is one."""
        return len(self.leaf_node)

    @property
    def depth(self) -> int:
        """Number of levels of nodes."""
        return len(self.level_ptr) - 1

    def log_relative(self, user_price: Floats) -> Floats:
        """ln(user price / reference price) of each leaf; `user_price` is by leaf and positive."""
        return np.asarray(np.log(user_price / self.leaf_price))

    def log_costs(self, log_leaf: Floats) -> Floats:
        """ln of each node's cost (or revenue) index, 0 at reference prices: one pass from the leaves up."""
        out = np.zeros(self.nodes)
        for level in range(self.depth - 1, -1, -1):
            low, high = self.level_ptr[level], self.level_ptr[level + 1]
            first, last = self.leaf_ptr[low], self.leaf_ptr[high]
            node = self.leaf_node[first:last] - low
            share, price = self.leaf_share[first:last], log_leaf[first:last]
            if level + 1 < self.depth:
                below = slice(high, self.level_ptr[level + 2])
                node = np.concatenate([node, self.parent[below] - low])
                share = np.concatenate([share, self.share[below]])
                price = np.concatenate([price, out[below]])
            out[low:high] = power_mean(self.exponent[low:high], node, share, price)
        return out

    def quantities(self, log_leaf: Floats, log_cost: Floats) -> Floats:
        """Amount of each leaf in one unit of its root (Shephard, Hotelling): one pass from the roots down."""
        return self.quantities_and_path(log_leaf, log_cost)[0]

    def quantities_and_path(self, log_leaf: Floats, log_cost: Floats) -> tuple[Floats, Floats]:
        """`quantities`, and ln of each node's own amount relative to reference."""
        below = np.zeros(self.nodes)
        for level in range(1, self.depth):
            part = slice(self.level_ptr[level], self.level_ptr[level + 1])
            up = self.parent[part]
            below[part] = below[up] + (self.exponent[up] - 1) * (log_cost[part] - log_cost[up])
        node = self.leaf_node
        scale = (self.exponent - 1)[node] * (log_leaf - log_cost[node]) + below[node]
        return self.leaf_quantity * np.exp(scale), below

    def leaves_of(self, node: int) -> slice:
        """The leaves that hang on `node` itself."""
        return slice(int(self.leaf_ptr[node]), int(self.leaf_ptr[node + 1]))


def power_mean(exponent: Floats, node: Ints, share: Floats, log_price: Floats) -> Floats:
    """ln of the power means of `exponent`, one a node; smooth in the exponent through 0.

    Deviations are taken from the geometric mean, so that expm1 and log1p keep every digit as r goes to 0.
    """
    count = len(exponent)
    mean = np.bincount(node, share * log_price, count)
    spread = np.expm1(exponent[node] * (log_price - mean[node]))
    excess = np.bincount(node, share * spread, count)
    safe = np.where(exponent == 0, 1.0, exponent)
    return np.asarray(mean + np.where(exponent == 0, 0.0, np.log1p(excess) / safe))


def plant(
    roots: int,
    parent: Ints,
    exponent: Floats,
    output: NDArray[np.bool_],
    leaf_node: Ints,
    leaf_good: Ints,
    leaf_quantity: Floats,
    leaf_price: Floats,
) -> tuple[Forest, Ints]:
    """A forest from nodes (the first `roots` of them roots, parent -1) and leaves in any order.

    Also returns the order of the leaves: leaf i of the forest is leaf `order[i]` of the arguments.
    """
    rank, level_ptr, by_rank = _ranks(roots, parent)
    parent = np.where(parent[by_rank] < 0, -1, rank[parent[by_rank]])
    node = rank[leaf_node]
    order = np.argsort(node, kind="stable")
    node, quantity, price = node[order], leaf_quantity[order], leaf_price[order]
    worth = quantity * price
    value = np.bincount(node, worth, len(parent)).astype(np.float64)
    root = np.arange(len(parent))
    for level in range(len(level_ptr) - 2, 0, -1):
        part = slice(level_ptr[level], level_ptr[level + 1])
        value += np.bincount(parent[part], value[part], len(parent))
    for level in range(1, len(level_ptr) - 1):
        part = slice(level_ptr[level], level_ptr[level + 1])
        root[part] = root[parent[part]]
    above = np.where(parent < 0, value, value[parent])
    forest = Forest(
        parent=parent,
        root=root,
        exponent=exponent[by_rank],
        output=output[by_rank],
        value=value,
        share=np.divide(value, above, out=np.zeros_like(value), where=above > 0),
        level_ptr=level_ptr,
        leaf_ptr=np.concatenate([[0], np.cumsum(np.bincount(node, minlength=len(parent)))]),
        leaf_node=node,
        leaf_good=leaf_good[order],
        leaf_quantity=quantity,
        leaf_price=price,
        leaf_share=worth / value[node],
    )
    return forest, order


def by_rank(roots: int, parent: Ints) -> Ints:
    """The given number of each node of the forest that `plant` makes."""
    return _ranks(roots, parent)[2]


def _ranks(roots: int, parent: Ints) -> tuple[Ints, Ints, Ints]:
    """New index of each node, the bounds of the levels, and the old index of each new one."""
    rank = np.full(len(parent), -1)
    rank[:roots] = np.arange(roots)
    level_ptr, pending = [0, roots], np.arange(roots, len(parent))
    while len(pending):
        ready = pending[rank[parent[pending]] >= 0]
        if not len(ready):
            raise ModelError("nests that are each other's parent hang on no root")
        ready = ready[np.argsort(rank[parent[ready]], kind="stable")]
        rank[ready] = level_ptr[-1] + np.arange(len(ready))
        level_ptr.append(level_ptr[-1] + len(ready))
        pending = pending[rank[pending] < 0]
    by_rank = np.empty(len(parent), dtype=np.int64)
    by_rank[rank] = np.arange(len(parent))
    return rank, np.array(level_ptr), by_rank
