"""How nested technologies respond to their own parameters: elasticities of nests and reference quantities.

A parameter of a node changes its price index c_n at given prices of what it is made of, and with it the
indices of the nodes above: d ln c_v = (value of n within v) * d ln c_n. The amounts of all leaves follow as
ln q_k = ln Q_k + sum over the path of (r_n - 1) (ln c_child - ln c_n), whose change telescopes to the sum,
over the vertices v above both, of (r above v - r_v) d ln c_v, as for prices in `trade`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricegrad.equilibrium.trade import State, Trade, join
from pricegrad.network.forest import Floats, Forest, Ints

SMALL = 1e-3


@dataclass(frozen=True, eq=False)
class Walk:
    """Every (leaf, vertex above it): how the vertex's child on the way to the leaf compares with it.

    `gap` is ln c_child - ln c_vertex, `by_quantity` the change of ln c_vertex with the log of the leaf's
    reference quantity.
    """

    leaf: Ints
    node: Ints
    gap: Floats
    by_quantity: Floats


@dataclass(frozen=True, eq=False)
class Responses:
    """Changes by parameter (`col`): of the quantity of each `leaf`, and of the log value of each `root`."""

    leaf: Ints
    leaf_col: Ints
    leaf_value: Floats
    root: Ints
    root_col: Ints
    root_value: Floats


def walk(forest: Forest, state: State) -> Walk:
    """Climb from every leaf to its root."""
    log_leaf = np.log(state.price * state.wedge / forest.leaf_price)
    log_cost = forest.log_costs(log_leaf)
    leaf, node = np.arange(forest.leaves), forest.leaf_node
    below, within = log_leaf, state.amount * state.price * state.wedge
    change = np.zeros(forest.leaves)
    worth = forest.leaf_quantity * forest.leaf_price
    found: list[tuple[Ints, Ints, Floats, Floats]] = []
    while len(leaf):
        gap, r = below - log_cost[node], forest.exponent[node]
        part = worth[leaf] / forest.value[node]
        flat = np.abs(r) < 1e-8
        own = part * np.where(flat, gap + r * gap**2 / 2, np.expm1(r * gap) / np.where(flat, 1.0, r))
        value = state.node_value[node]
        change = own + np.where(value > 0, within / np.where(value > 0, value, 1.0), 0.0) * change
        found.append((leaf, node, gap, change))
        up = forest.parent[node] >= 0
        leaf, below, within, change = leaf[up], log_cost[node][up], value[up], change[up]
        node = forest.parent[node][up]
    return Walk(*(np.concatenate(column) for column in zip(*found, strict=True)))


def by_quantities(trade: Trade, state: State, climbed: Walk) -> Responses:
    """Responses to the log of each leaf's reference quantity: parameter k is leaf k."""
    forest = trade.network.forest
    at = np.zeros((forest.leaves, forest.depth))
    level = np.repeat(np.arange(forest.depth), np.diff(forest.level_ptr))
    at[climbed.leaf, level[climbed.node]] = climbed.by_quantity
    first, second, node = trade.pair_first, trade.pair_second, trade.pair_node
    pair = state.quantity[first] * trade.bend[node] * at[second, level[node]]
    every = np.arange(forest.leaves)
    part = forest.leaf_quantity * forest.leaf_price / forest.value[trade.root]
    home = np.flatnonzero(trade.root >= 2 * trade.sectors)
    one, other = join(trade.root[home], trade.root[home])
    one, other = home[one], home[other]
    return Responses(
        np.concatenate([first, every, one]),
        np.concatenate([second, every, other]),
        np.concatenate([pair, state.quantity, -state.quantity[one] * part[other]]),
        trade.root,
        every,
        part + at[:, 0],
    )


def by_elasticities(trade: Trade, state: State, climbed: Walk, nodes: Ints) -> Responses:
    """Responses to the elasticities of `nodes`, in their order."""
    forest, column = trade.network.forest, np.full(trade.network.forest.nodes, -1)
    column[nodes] = np.arange(len(nodes))
    sign = np.where(forest.output[nodes], 1.0, -1.0)
    change = sign * by_exponent(forest, state)[nodes]
    below, above, part = _above(forest, state, nodes)
    leaf, pair = join(climbed.node, above)  # every leaf under a vertex that moves, and what moves it
    moved = below[pair]
    bent = trade.bend[climbed.node[leaf]] * part[pair] * change[moved]
    own = np.flatnonzero(column[climbed.node] >= 0)
    mine = column[climbed.node[own]]
    top = np.flatnonzero(forest.parent[above] < 0)
    return Responses(
        np.concatenate([climbed.leaf[leaf], climbed.leaf[own]]),
        np.concatenate([moved, mine]),
        np.concatenate(
            [
                state.quantity[climbed.leaf[leaf]] * bent,
                state.quantity[climbed.leaf[own]] * sign[mine] * climbed.gap[own],
            ]
        ),
        above[top],
        below[top],
        part[top] * change[below[top]],
    )


def _above(forest: Forest, state: State, nodes: Ints) -> tuple[Ints, Ints, Floats]:
    """Every (number in `nodes`, vertex at or above it), with the node's part of the vertex's value."""
    number, at, found = np.arange(len(nodes)), nodes, list[tuple[Ints, Ints]]()
    while len(number):
        found.append((number, at))
        up = forest.parent[at] >= 0
        number, at = number[up], forest.parent[at][up]
    below, above = (np.concatenate(column) for column in zip(*found, strict=True)) if found else (number, at)
    whole = state.node_value[above]
    return (
        below,
        above,
        np.where(whole > 0, state.node_value[nodes[below]] / np.where(whole > 0, whole, 1), 0),
    )


def by_exponent(forest: Forest, state: State) -> Floats:
    """d ln c / d r of each node at given prices of its children: (mean of them by value - ln c) / r."""
    log_leaf = np.log(state.price * state.wedge / forest.leaf_price)
    log_cost = forest.log_costs(log_leaf)
    inner = np.flatnonzero(forest.parent >= 0)
    node = np.concatenate([forest.leaf_node, forest.parent[inner]])
    share = np.concatenate([forest.leaf_share, forest.share[inner]])
    price = np.concatenate([log_leaf, log_cost[inner]])
    r, count = forest.exponent, forest.nodes

    def mean(x: Floats) -> Floats:
        return np.asarray(np.bincount(node, share * x, count), dtype=np.float64)

    far = price - mean(price)[node]
    second, third = mean(far**2), mean(far**3)
    series = second / 2 + r * third / 3 + r**2 * (mean(far**4) - 3 * second**2) / 8
    gap = price - log_cost[node]
    with np.errstate(all="ignore"):
        exact = mean(np.exp(r[node] * gap) * gap) / np.where(np.abs(r) > SMALL, r, 1.0)
    return np.where(np.abs(r) > SMALL, exact, series)
