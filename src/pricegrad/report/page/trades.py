"""Who buys and sells how much at which price: the links of the picture, from a network and its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pricegrad.network import Network, OutsideMarket
from pricegrad.network.forest import Floats
from pricegrad.report.page.payload import Agent, Flows

ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class State:
    """Prices by good, activities by sector, incomes by household, auxiliaries.

    `plans`: inputs and outputs of each firm given by code; `baskets`: of each Python utility; `outside`: the
    amount each outside market trades.
    """

    price: Floats
    activity: Floats
    income: Floats
    aux: Floats
    plans: Sequence[tuple[Floats, Floats]] = ()
    baskets: Sequence[Floats] = ()
    outside: Sequence[float] = ()


@dataclass
class Rows:
    """Links as they are found."""

    agent: list[int] = field(default_factory=list)
    good: list[int] = field(default_factory=list)
    sells: list[bool] = field(default_factory=list)
    quantity: list[float] = field(default_factory=list)
    price: list[float] = field(default_factory=list)
    marginal: list[float | None] = field(default_factory=list)

    def add(
        self,
        agent: int,
        good: int,
        quantity: float,
        price: float,
        *,
        sells: bool,
        marginal: float | None = None,
    ) -> None:
        """One link; a trade of nothing is none."""
        if quantity:
            self.agent.append(agent)
            self.good.append(good)
            self.sells.append(sells)
            self.quantity.append(float(quantity))
            self.price.append(float(price))
            self.marginal.append(marginal)

    def flows(self) -> Flows:
        """The columns."""
        return Flows(self.agent, self.good, self.sells, self.quantity, self.price, self.marginal)


def trades(network: Network, state: State) -> tuple[list[Agent], Flows]:
    """Every agent with its revenue, cost and profit, and every link. Agents: sectors, code firms, households,
    outside markets, in the order of the network."""
    rows = Rows()
    sectors, firms, homes = len(network.sectors), len(network.code_firms), len(network.households)
    _technologies(network, state, rows)
    for i, (unit, plan) in enumerate(zip(network.code_firms, state.plans, strict=True)):
        for sells, goods, amounts in ((False, unit.inputs, plan[0]), (True, unit.outputs, plan[1])):
            for good, amount in zip(goods, amounts, strict=True):
                rows.add(sectors + i, int(good), amount, state.price[good], sells=sells)
    _households(network, state, rows, sectors + firms)
    for k, (market, amount) in enumerate(zip(network.outside, state.outside, strict=True)):
        agent = sectors + firms + homes + k
        rows.add(agent, market.good, amount, state.price[market.good], sells=market.sign > 0)
    return _agents(network, state, rows), rows.flows()


def _technologies(network: Network, state: State, rows: Rows) -> None:
    """Inputs and outputs of sectors and demands of households, by Shephard's lemma over all trees at once."""
    forest, sectors = network.forest, len(network.sectors)
    user = network.user_price(state.price, state.aux)
    log_leaf = forest.log_relative(np.where(user > 0, user, 1e-300))
    log_cost = forest.log_costs(log_leaf)
    unit = forest.quantities(log_leaf, log_cost)
    level = np.ones(forest.nodes)
    level[:sectors] = state.activity
    level[sectors : 2 * sectors] = state.activity**network.returns
    roots = slice(2 * sectors, 2 * sectors + len(network.households))
    spent = state.income - _subsistence(network, state.price)
    worth = forest.value[roots] * np.exp(log_cost[roots])
    level[roots] = np.divide(spent, worth, out=np.zeros_like(spent), where=worth > 0)
    root = network.leaf_root
    amount, sells = unit * level[root], network.leaf_sign < 0
    first_home = sectors + len(network.code_firms)
    agent = np.where(root < 2 * sectors, root % max(sectors, 1), root - 2 * sectors + first_home)
    for k in np.flatnonzero(amount):
        rows.add(int(agent[k]), int(forest.leaf_good[k]), amount[k], user[k], sells=bool(sells[k]))


def _subsistence(network: Network, price: Floats) -> Floats:
    need = network.subsistence
    cost = np.bincount(need.household, need.quantity * price[need.good], len(network.households))
    return np.asarray(cost, float)


def _households(network: Network, state: State, rows: Rows, first: int) -> None:
    """Endowments sold, subsistence and baskets bought."""
    own, need = network.endowments, network.subsistence
    for home, good, amount, aux in zip(own.household, own.good, own.quantity, own.aux, strict=True):
        rationed = amount * state.aux[aux] if aux >= 0 else amount
        rows.add(first + int(home), int(good), abs(rationed), state.price[good], sells=bool(rationed > 0))
    for home, good, amount in zip(need.household, need.good, need.quantity, strict=True):
        rows.add(first + int(home), int(good), amount, state.price[good], sells=False)
    for utility, basket in zip(network.utilities, state.baskets, strict=True):
        for good, amount in zip(utility.inputs, basket, strict=True):
            rows.add(first + utility.agent, int(good), amount, state.price[good], sells=False)


def _agents(network: Network, state: State, rows: Rows) -> list[Agent]:
    names = [*network.sectors, *(unit.name for unit in network.code_firms)]
    made = ["firm"] * len(names) + ["household"] * len(network.households)
    names += [*network.households, *(_market(market, network) for market in network.outside)]
    made += ["outside"] * len(network.outside)
    revenue, cost = accounts(rows, len(names))
    return [
        Agent(
            name,
            kind,
            activity=float(state.activity[i]) if i < len(network.sectors) else None,
            revenue=float(revenue[i]) if kind == "firm" else None,
            cost=float(cost[i]) if kind == "firm" else None,
            profit=profit(revenue[i], cost[i]) if kind == "firm" else None,
        )
        for i, (name, kind) in enumerate(zip(names, made, strict=True))
    ]


def profit(revenue: float, cost: float) -> float:
    """What is left; what is left by rounding is nothing."""
    left = float(revenue - cost)
    return left if abs(left) > ROUNDING * max(abs(revenue), abs(cost)) else 0.0


def accounts(rows: Rows, agents: int) -> tuple[Floats, Floats]:
    """Revenue and cost of each agent."""
    agent, sells = np.asarray(rows.agent, np.int64), np.asarray(rows.sells, bool)
    value = np.asarray(rows.quantity, float) * np.asarray(rows.price, float)
    revenue = np.bincount(agent[sells], value[sells], agents)
    return np.asarray(revenue, float), np.asarray(np.bincount(agent[~sells], value[~sells], agents), float)


def _market(market: OutsideMarket, network: Network) -> str:
    side = "supply" if market.sign > 0 else "demand"
    return f"outside {side} of {network.goods[market.good]}"
