"""Which shard each agent of a network goes to: METIS cuts the graph of who trades with whom.

Agents are numbered sectors, then households, then firms given by code. A good goes with its (first) maker,
else with the household that owns it, else with who trades it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.distributed.errors import DistributedError
from pricegrad.errors import ModelError
from pricegrad.network import Network

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Trades:
    """Who trades what in a network: one line for every link, endowment and firm given by code."""

    agents: int
    leaf_agent: Ints
    agent: Ints
    good: Ints
    sells: NDArray[np.bool_]

    @classmethod
    def of(cls, network: Network) -> Trades:
        """The trades of a network."""
        sectors, homes = len(network.sectors), len(network.households)
        root = network.leaf_root
        leaf_agent = np.where(root < sectors, root, root - sectors)
        agent, good = [leaf_agent], [network.forest.leaf_good]
        sells = [network.forest.output[network.forest.leaf_node]]

        def more(who: Any, what: Ints, sold: bool) -> None:
            agent.append(np.broadcast_to(np.asarray(who, np.int64), len(what)))
            good.append(what)
            sells.append(np.full(len(what), sold))

        for i, unit in enumerate(network.code_firms):
            more(sectors + homes + i, unit.outputs, True)
            more(sectors + homes + i, unit.inputs, False)
        more(sectors + network.endowments.household, network.endowments.good, True)
        more(sectors + network.subsistence.household, network.subsistence.good, False)
        for unit in network.utilities:
            more(sectors + unit.agent, unit.inputs, False)
        return cls(
            sectors + homes + len(network.code_firms), leaf_agent,
            np.concatenate(agent), np.concatenate(good), np.concatenate(sells),
        )  # fmt: skip

    def seller(self, goods: int) -> Ints:
        """The first seller of each good, else the first who trades it; -1 for a good nobody trades."""
        found = np.full(goods, -1)
        for lines in (np.flatnonzero(~self.sells), np.flatnonzero(self.sells)):
            found[self.good[lines[::-1]]] = self.agent[lines[::-1]]
        return found


def assign(network: Network, shards: int) -> tuple[Ints, Ints]:
    """The shard of each agent and of each good. Raises `ModelError` for more shards than agents."""
    trades = Trades.of(network)
    if not 1 <= shards <= max(trades.agents, 1):
        raise ModelError(f"shards is {shards}; this economy has {trades.agents} agents to share out")
    seller = trades.seller(len(network.goods))
    shard = np.zeros(trades.agents, dtype=np.int64)
    if shards > 1:
        shard = _fill(_cut(network, trades, seller, shards), shards)
        _together(network, shard)
    return shard, np.where(seller >= 0, shard[seller], 0)


def _cut(network: Network, trades: Trades, seller: Ints, shards: int) -> Ints:
    """The shard of each agent by METIS (Karypis and Kumar 1998), work weighed by links."""
    from scipy.sparse import coo_array

    try:
        import pymetis
    except ModuleNotFoundError:
        raise DistributedError("pymetis is not installed: pip install 'pricegrad[distributed]'") from None
    first, n = len(network.sectors), trades.agents
    firm = network.ownership.firm
    owned = np.where(firm < first, firm, firm + len(network.households))
    one = np.concatenate([trades.agent, owned])
    other = np.concatenate([seller[trades.good], first + network.ownership.household])
    away = one != other
    pairs = (np.concatenate([one[away], other[away]]), np.concatenate([other[away], one[away]]))
    graph = coo_array((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(n, n)).tocsr()
    graph.sum_duplicates()
    _, part = pymetis.part_graph(
        shards,
        pymetis.CSRAdjacency(graph.indptr.astype(np.int64), graph.indices.astype(np.int64)),
        vweights=(1 + np.bincount(trades.agent, minlength=n)).tolist(),
        recursive=True,
        options=pymetis.Options(seed=1),
    )
    return np.asarray(part, dtype=np.int64)


def _fill(shard: Ints, shards: int) -> Ints:
    """Give each shard that METIS left empty an agent of the largest."""
    for empty in np.flatnonzero(np.bincount(shard, minlength=shards) == 0).tolist():
        largest = int(np.bincount(shard, minlength=shards).argmax())
        shard[np.flatnonzero(shard == largest)[0]] = empty
    return shard


def _together(network: Network, shard: Ints) -> None:
    """Move firms given by code to the first maker of their good, where several make one, in place."""
    first, maker = len(network.sectors) + len(network.households), dict[int, int]()
    for i, unit in enumerate(network.code_firms):
        for good in unit.outputs.tolist():
            shard[first + i] = shard[maker.setdefault(good, first + i)]
