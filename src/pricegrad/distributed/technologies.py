"""The technologies of a market spread over shards: costs and input demands where the buyers are.

A shard holds the technologies of a run of buyers; the market's own code runs on them, so the numbers are
the same bits. What a shard computes depends on nothing it remembers: a killed one is started and asked again.
Prices, spending and orders of all pass through the driver (16 bytes a link and round); where the network
itself is to stay apart, see `sharded`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np

from pricegrad.distributed.cluster import cluster
from pricegrad.distributed.errors import Absent, DistributedError
from pricegrad.errors import ModelError
from pricegrad.market.demands import Demands
from pricegrad.market.market import RUNNERS, Market
from pricegrad.market.rows import Floats, Rows
from pricegrad.market.trajectory import Trajectory
from pricegrad.network import Forest, Network, Numbered

_RULES = ("make-to-order",)


@dataclass(frozen=True, eq=False)
class Share:
    """What one shard holds: `demands` of its buyers alone, the links they are, the goods they buy."""

    demands: Demands
    buyers: slice
    links: Any
    goods: Any


def share_out(demands: Demands, shards: int) -> list[Share]:
    """Cut the buyers into runs with about equally many links."""
    links = np.bincount(demands.buyer, minlength=demands.buyers)
    ends = np.searchsorted(np.cumsum(links), np.arange(1, shards) * demands.links / shards, side="left") + 1
    cuts = np.concatenate([[0], np.minimum(ends, demands.buyers), [demands.buyers]]).tolist()
    return [_share(demands, a, b) for a, b in pairwise(cuts)]


def _share(demands: Demands, first: int, end: int) -> Share:
    mine = np.flatnonzero((demands.buyer >= first) & (demands.buyer < end))
    goods, good = np.unique(demands.good[mine], return_inverse=True)
    part = copy.copy(demands)
    part.network, leaf, root = _network(demands, first, end, mine, len(goods))
    part.leaf, part.root = leaf, root
    part.good, part.buyer, part.buyers = good, demands.buyer[mine] - first, end - first
    part.wedge, part.reference = demands.wedge[mine], demands.reference[mine]
    part.elasticity = demands.elasticity[mine]
    part.__dict__["rows"] = (
        None if demands.rows is None else _rows(demands.rows, first, end, good, len(goods))
    )
    return Share(part, slice(first, end), mine, goods)


def _rows(rows: Rows, first: int, end: int, good: Any, goods: int) -> Rows:
    links = slice(rows.ptr[first], rows.ptr[end])
    engine = "numba" if rows.kernels.__name__.endswith("kernels_numba") else "numpy"
    return Rows(
        rows.ptr[first : end + 1] - rows.ptr[first], good.astype(np.int32), rows.weight[links].copy(),
        rows.power[first:end].copy(), rows.const[first:end].copy(), goods, 1, engine,
    )  # fmt: skip


def _network(demands: Demands, first: int, end: int, mine: Any, goods: int) -> tuple[Network, Any, Any]:
    """A network with the trees of these buyers alone; their leaves and roots in it."""
    network, forest = demands.network, demands.network.forest
    roots = demands.root[first:end]
    kept = np.flatnonzero(np.isin(forest.root, roots))
    node = np.full(forest.nodes, -1)
    node[kept] = np.arange(len(kept))
    leaves = demands.leaf[mine]  # in the order of leaves, which is the order of nodes
    leaf_node = node[forest.leaf_node[leaves]]
    count = np.bincount(leaf_node, minlength=len(kept))
    part = Forest(
        parent=np.where(forest.parent[kept] < 0, -1, node[forest.parent[kept]]),
        root=node[forest.root[kept]],
        exponent=forest.exponent[kept],
        output=forest.output[kept],
        value=forest.value[kept],
        share=forest.share[kept],
        level_ptr=np.searchsorted(kept, forest.level_ptr),
        leaf_ptr=np.concatenate([[0], np.cumsum(count)]),
        leaf_node=leaf_node,
        leaf_good=demands.good[mine],
        leaf_quantity=forest.leaf_quantity[leaves],
        leaf_price=forest.leaf_price[leaves],
        leaf_share=forest.leaf_share[leaves],
    )
    bare = replace(
        network, goods=Numbered("good", goods), sectors=(), households=(), auxiliaries=(), forest=part,
        code_firms=(), utilities=(), outside=(), fixed={}, lower={}, start={},
    )  # fmt: skip
    return bare, np.arange(len(leaves)), node[roots]


class Workshop:
    """The actor: plans for its share. It is handed the share with every call and keeps it."""

    def __init__(self) -> None:
        self.demands: Demands | None = None
        try:
            import numba
        except ModuleNotFoundError:
            return
        numba.set_num_threads(1)

    def plan(self, demands: Demands, log_price: Floats, spend: Floats) -> tuple[Floats, Floats]:
        """See `Demands.plan`."""
        if self.demands is None:
            self.demands = demands
        return self.demands.plan(log_price, spend)

    def pid(self) -> int:
        """The number of its process."""
        import os

        return os.getpid()


class SharedDemands(Demands):
    """`Demands` whose plans are made by `shards` actors."""

    def __init__(self, network: Network, ray: ModuleType, shards: int, patience: float) -> None:
        super().__init__(network)
        if not 1 <= shards <= self.buyers:
            raise ModelError(f"shards is {shards}; this economy has {self.buyers} buyers to share out")
        self.ray, self.patience = ray, patience
        self.shares = share_out(Demands(network), shards)
        actor = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Workshop)
        self.actors = [actor.remote() for _ in self.shares]
        self._held = [ray.put(share.demands) for share in self.shares]

    def plan(self, log_price: Floats, spend: Floats) -> tuple[Floats, Floats]:
        """See `Demands.plan`."""
        by_link = log_price.ndim == 2
        running = [
            actor.plan.remote(
                held, log_price[:, share.links] if by_link else log_price[share.goods], spend[share.buyers]
            )
            for actor, held, share in zip(self.actors, self._held, self.shares, strict=True)
        ]
        log_cost, value = np.empty(self.buyers), np.empty(self.links)
        for share, (cost, orders) in zip(self.shares, self._get(running), strict=True):
            log_cost[share.buyers], value[share.links] = cost, orders
        return log_cost, value

    def close(self) -> None:
        """End the actors' processes."""
        for actor in self.actors:
            self.ray.kill(actor)

    def _get(self, running: list[Any]) -> list[tuple[Floats, Floats]]:
        _, late = self.ray.wait(running, num_returns=len(running), timeout=self.patience)
        if late:
            names = [f"shard {s}" for s, task in enumerate(running) if task in late]
            raise Absent(
                names, f"nothing from {', '.join(names)} for {self.patience:g} s; the round is not played"
            )
        try:
            found: list[tuple[Floats, Floats]] = self.ray.get(running)
        except self.ray.exceptions.RayError as err:
            raise DistributedError(f"a shard failed: {err}") from None
        return found


def run_market(
    market: Market,
    *,
    shards: int = 1,
    address: str | None = None,
    patience: float = 120.0,
    **how: Any,
) -> Trajectory:
    """`Market.run` with the technologies over `shards` actors of Ray: the same trajectory, bit for bit.

    `how`: the other arguments of `Market.run`. Raises `ModelError` for a rule whose agents do not plan by
    their technologies, `Absent` with the name of a shard that does not answer for `patience` seconds.
    """
    if market.rule.name not in _RULES:
        raise ModelError(
            f'on="ray" runs the rule {_RULES[0]!r}, and this market runs {market.rule.name!r} '
            f"({market.why}); "
            "run it in this process, or, for firms with code of their own, see pricegrad.distributed.trade"
        )
    kind: Callable[..., Any] = market.kind
    crews: list[SharedDemands] = []
    with cluster(address, cpus=shards) as ray:

        def spread(network: Network) -> SharedDemands:
            crews.append(SharedDemands(network, ray, shards, patience))
            return crews[-1]

        def shared(network: Network, **options: Any) -> Any:
            rule = kind(network, **options)
            rule.demands = spread(network)
            return rule

        market.rule.demands = spread(market.network)  # type: ignore[attr-defined]
        market.kind = shared  # type: ignore[assignment]
        try:
            return market.run(**how)
        finally:
            for crew in crews:
                crew.close()
            market.kind = kind  # type: ignore[assignment]
            market.rule.demands = Demands(market.network)  # type: ignore[attr-defined]


RUNNERS["ray"] = run_market
