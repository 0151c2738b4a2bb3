"""A market's run without an equilibrium to stand on: who traded with whom is read off the run itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pricegrad.network import Network
from pricegrad.report.page.payload import Agent, Good, Payload
from pricegrad.report.page.trades import Rows, accounts, profit

if TYPE_CHECKING:
    from pricegrad.market.trajectory import Trajectory


def seen(run: Trajectory, title: str, unit: str) -> Payload:
    """The last round of a run: its prices, what was bought in it, and from whom."""
    network = run.market.network
    prices, bought = run.prices.iloc[-1], run.purchases
    agents = _agents(network)
    number = {name: a for a, (name, _) in enumerate(agents)}
    goods, rows = {name: g for g, name in enumerate(network.goods)}, Rows()
    total = np.zeros(len(goods))
    last = bought.to_numpy()[-1].tolist() if len(bought) else []
    for pair, amount in zip(bought.columns, last, strict=bool(last)):
        buyer, name = str(pair[0]), str(pair[1])
        agent = number[f"outside demand of {name}" if buyer == "outside" else buyer]
        rows.add(agent, goods[name], amount, float(prices[name]), sells=False)
        total[goods[name]] += amount
    for good, sellers in _sellers(network, number).items():
        for seller, share in sellers.items():
            rows.add(seller, good, share * total[good], float(prices.iloc[good]), sells=True)
    revenue, cost = accounts(rows, len(agents))
    shown = [
        Agent(name, kind, revenue=float(r), cost=float(c), profit=profit(r, c))
        if kind == "firm"
        else Agent(name, kind)
        for (name, kind), r, c in zip(agents, revenue, cost, strict=True)
    ]
    listed = [Good(name, float(prices.iloc[g]), float(total[g])) for name, g in goods.items()]
    return Payload(title, "trajectory", unit, listed, shown, rows.flows())


def _agents(network: Network) -> list[tuple[str, str]]:
    """Name and kind of everybody."""
    firms = [*network.sectors, *(unit.name for unit in network.code_firms)]
    sides = {1: "supply", -1: "demand"}
    markets = [f"outside {sides[market.sign]} of {network.goods[market.good]}" for market in network.outside]
    named = (("firm", firms), ("household", network.households), ("outside", markets))
    return [(name, kind) for kind, names in named for name in names]


def _sellers(network: Network, number: dict[str, int]) -> dict[int, dict[int, float]]:
    """Who sells each good, and which part of it: several makers in equal parts, owners by what they own."""
    forest, sectors = network.forest, len(network.sectors)
    weight: dict[int, dict[int, float]] = {}

    def sells(good: int, agent: int, amount: float) -> None:
        parts = weight.setdefault(good, {})
        parts[agent] = parts.get(agent, 0.0) + amount

    for leaf in np.flatnonzero(forest.output[forest.leaf_node]).tolist():
        sells(int(forest.leaf_good[leaf]), int(network.leaf_root[leaf]) - sectors, 1.0)
    for unit in network.code_firms:
        for good in unit.outputs.tolist():
            sells(good, number[unit.name], 1.0)
    own = network.endowments
    for home, good, amount in zip(own.household, own.good, own.quantity, strict=True):
        if amount > 0:
            sells(int(good), number[network.households[home]], float(amount))
    for market in network.outside:
        if market.sign > 0:
            sells(market.good, number[f"outside supply of {network.goods[market.good]}"], 1.0)
    return {
        good: {agent: part / sum(parts.values()) for agent, part in parts.items()}
        for good, parts in weight.items()
    }
