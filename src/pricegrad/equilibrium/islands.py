"""Parts of an economy that have nothing to do with each other: each needs a numeraire of its own."""

from __future__ import annotations

import numpy as np

from pricegrad.network import Network
from pricegrad.network.forest import Floats, Ints


def unanchored(network: Network, held: Floats) -> list[int]:
    """A good of each part whose level of prices nothing sets: one that is owned there, else its first.

    `held` are the prices by good that are held, nan where free. An outside market at a price or along a curve
    sets a level too. Where constraints tie anything to anything the economy counts as one part.
    """
    if network.auxiliaries or not len(network.goods):
        return []
    part = parts(network)
    anchored = set(part[np.flatnonzero(~np.isnan(held))].tolist())
    anchored |= {int(part[m.good]) for m in network.outside if m.price is not None or m.curve is not None}
    for name in network.fixed:
        if name in network.household_index:
            home = network.household_index[name]
            anchored |= set(part[network.endowments.good[network.endowments.household == home]].tolist())
    if len(anchored) == 0:
        return []
    owned = network.endowments.good[network.endowments.quantity > 0].tolist()
    found: dict[int, int] = {}
    for good in (*owned, *range(len(network.goods))):
        if int(part[good]) not in anchored:
            found.setdefault(int(part[good]), int(good))
    return list(found.values())


def parts(network: Network) -> Ints:
    """The part of each good: goods that an agent trades, or whose traders pay each other, belong together."""
    goods, n = len(network.goods), len(network.sectors)
    firm = goods
    home = firm + n + len(network.code_firms)
    root = network.leaf_root
    agent = np.where(root < 2 * n, firm + root % max(n, 1), home + root - 2 * n)
    a = [agent, home + network.endowments.household, home + network.subsistence.household]
    b = [network.forest.leaf_good, network.endowments.good, network.subsistence.good]
    a.append(agent[network.taxes.leaf])
    b.append(home + network.taxes.to)
    earns = np.concatenate([network.returns < 1, np.ones(len(network.code_firms), bool)])
    own = np.flatnonzero(earns[network.ownership.firm])
    a.append(firm + network.ownership.firm[own])
    b.append(home + network.ownership.household[own])
    for i, unit in enumerate(network.code_firms):
        traded = np.concatenate([unit.inputs, unit.outputs])
        a.append(np.full(len(traded), firm + n + i))
        b.append(traded)
    for unit in network.utilities:
        a.append(np.full(len(unit.inputs), home + unit.agent))
        b.append(unit.inputs)
    return _joined(home + len(network.households), np.concatenate(a), np.concatenate(b))[:goods]


def _joined(count: int, a: Ints, b: Ints) -> Ints:
    """The least number that each of `count` things is joined to by the pairs (a, b)."""
    label = np.arange(count)
    while True:
        low = np.minimum(label[a], label[b])
        new = label.copy()
        np.minimum.at(new, label[a], low)
        np.minimum.at(new, label[b], low)
        new = new[new]
        if np.array_equal(new, label):
            return label
        label = new
