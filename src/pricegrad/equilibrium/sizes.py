"""Typical sizes of an economy's variables, so that units of measurement do not matter.

Prices of made goods follow costs from factors at 1, plans of code firms share out what there is, activities
and incomes follow from what households own. Only orders of magnitude count: where all are near 1, as in a
table in its own units, sizes of 1 are kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pricegrad.network.forest import Floats

if TYPE_CHECKING:
    from pricegrad.equilibrium.problem import Problem
    from pricegrad.network import Network

FAR = 3.0  # orders of magnitude: sizes nearer to 1 are taken as 1
ROUNDS = 200
PATIENCE = 20  # rounds in which moves must become half as large


def typical(problem: Problem) -> Floats:
    """A size for each variable of the problem, all 1 where the economy's own units are near enough."""
    layout = problem.layout
    with np.errstate(all="ignore"):
        shared, made = share_out(problem, np.ones(layout.size))
        size = np.ones(layout.size)
        size[layout.price] = _prices(problem, shared, made)
        for part in layout.plans:
            size[part] = shared[part]
        _activities(problem, size)
        orders = np.abs(np.log10(size))
    usual = float(np.median(orders[layout.activity])) if problem.trade.sectors else 0.0
    plans = max((float(orders[part].max()) for part in layout.plans), default=0.0)
    if not np.isfinite(orders).all() or max(float(orders[layout.price].max()), usual, plans) < FAR:
        return np.ones(layout.size)
    return size


def share_out(problem: Problem, z: Floats) -> tuple[Floats, list[Floats]]:
    """`z` with inputs of code firms, the supply of a good shared equally by its users, firm after firm; and
    what each firm makes of them."""
    network, layout = problem.network, problem.layout
    made: list[Floats] = [np.zeros(len(unit.outputs)) for unit in network.code_firms]
    if not network.code_firms:
        return z, made
    supply, users = _traders(problem, z)
    z = z.copy()
    pending = list(range(len(network.code_firms)))
    while pending:
        ready = [i for i in pending if (supply[network.code_firms[i].inputs] > 0).all()] or pending[:1]
        for i in ready:
            unit, part = network.code_firms[i], layout.plans[i]
            amount = supply[unit.inputs] / np.maximum(users[unit.inputs], 1.0)
            z[part] = np.where(amount > 0, amount, z[part])
            made[i] = np.nan_to_num(problem.code.values(i, z[part]), nan=0.0, posinf=0.0, neginf=0.0)
            supply[unit.outputs] += np.maximum(made[i], 0.0)
            pending.remove(i)
    return z, made


def _traders(problem: Problem, z: Floats) -> tuple[Floats, Floats]:
    """What there is of each good before code firms make any, and how many use it."""
    network, trade = problem.network, problem.trade
    count, good = len(network.goods), network.forest.leaf_good
    supply, users = np.zeros(count), np.zeros(count)
    np.add.at(supply, network.endowments.good, np.maximum(problem.incomes.owned(z), 0.0))
    made = trade.flow_sign > 0
    np.add.at(supply, good[made], network.forest.leaf_quantity[made])
    np.add.at(users, good[~made], 1.0)
    for unit in (*network.code_firms, *network.utilities):
        np.add.at(users, unit.inputs, 1.0)
    for market in network.outside:
        if market.sign > 0:
            supply[market.good] += market.quantity if market.quantity is not None else 1.0
        else:
            users[market.good] += 1.0
    return supply, users


def _prices(problem: Problem, plans: Floats, made: list[Floats]) -> Floats:
    """Prices that follow costs, in the units in which the numeraire or outside prices are given."""
    network, trade, n = problem.network, problem.trade, problem.trade.sectors
    z, count = np.ones(problem.layout.size), len(network.goods)
    leaf, moves = np.flatnonzero(trade.flow_sign > 0), list[float]()
    for _ in range(ROUNDS):
        state = trade.state(z)
        asked = state.root_value[:n] / state.root_value[n : 2 * n]
        least = np.full(count, np.inf)
        np.minimum.at(least, network.forest.leaf_good[leaf], (asked[trade.root[leaf] - n]))
        for unit, part, amounts in zip(network.code_firms, problem.layout.plans, made, strict=True):
            worth = float(z[unit.outputs] @ np.abs(amounts))
            if worth > 0:
                ratio = float(z[unit.inputs] @ plans[part]) / worth
                least[unit.outputs] = np.minimum(least[unit.outputs], ratio)
        step = np.where(np.isfinite(least) & (least > 0), least, 1.0)
        price = z[problem.layout.price]  # a view
        price *= step
        moves.append(float(np.abs(np.log(step)).max(initial=0.0)))
        if moves[-1] < 0.1:
            return _in_units(network, price)
        if len(moves) > PATIENCE and not moves[-1] < 0.5 * moves[-PATIENCE]:
            break
    return np.ones(count)  # costs that do not settle say nothing of sizes


def _in_units(network: Network, price: Floats) -> Floats:
    """The prices in units of the numeraire, or at the level of prices that are given."""
    known = {
        network.good_index[name]: value for name, value in network.fixed.items() if name in network.good_index
    }
    known |= {market.good: market.price for market in network.outside if market.price is not None}
    if not known and network.numeraire in network.good_index:
        known = {network.good_index[str(network.numeraire)]: 1.0}
    known = {good: value for good, value in known.items() if value > 0}
    if not known:
        return price
    price *= np.exp(np.mean([np.log(value / price[good]) for good, value in known.items()]))
    for good, value in known.items():
        price[good] = value
    return price


def _activities(problem: Problem, size: Floats) -> None:
    """Incomes are the value of what is owned; sectors together turn over about as much."""
    layout, network, n = problem.layout, problem.network, problem.trade.sectors
    own = network.endowments
    worth = np.bincount(own.household, np.abs(own.quantity) * size[own.good], len(network.households))
    total = float(worth.sum())
    for market in network.outside:
        total += abs(market.quantity or 0.0) * float(size[market.good])
    if total <= 0:
        return
    size[layout.income] = np.where(worth > 1e-3 * total, worth, total)
    cost = problem.trade.state(size).root_value[:n]
    size[layout.activity] = np.where(cost > 0, total / (n * np.where(cost > 0, cost, 1.0)), 1.0)
