"""Rounds of bids for economies with firms given by code: quantities flow forward, bids flow back.

Each firm bids for its inputs the marginal value of its output times what it uses; a good's price is all bids
over what there is of it, and every user gets its share (proportional response, Zhang 2011; Birnbaum,
Devanur, Xiao 2011). Plans stay feasible at every round, so user code is not run where it is undefined. A way
to a better start.
"""

from __future__ import annotations

import numpy as np

from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.trade import State
from pricegrad.network.forest import Floats

DAMPING = 0.5
CALM = 1e-4


def bids(problem: Problem, z: Floats, limit: int = 200) -> Floats:
    """The point after up to `limit` rounds of bids from z; z itself where nothing is made by code."""
    network, layout, trade = problem.network, problem.layout, problem.trade
    if not network.code_firms or network.auxiliaries:
        return z
    held = ~np.isnan(problem.held)
    for _ in range(limit):
        with np.errstate(all="ignore"):
            state, jets = trade.state(z), problem.code.state(z).firms
        offers = [
            np.maximum(z[unit.outputs] @ jet.slope, 0.0) * z[part]
            for unit, part, jet in zip(network.code_firms, layout.plans, jets, strict=True)
        ]
        supply, spending = _markets(problem, z, state, [jet.value for jet in jets], offers)
        if not (np.isfinite(supply).all() and np.isfinite(spending).all()):
            break
        before, z = z, z.copy()
        price = z[layout.price]
        open_market = (supply > 0) & (spending > 0) & (~held[layout.price] | _by_convention(problem))
        asked = np.where(open_market, spending / np.where(open_market, supply, 1.0), price)
        z[layout.price] = price ** (1 - DAMPING) * asked**DAMPING
        for unit, part, offer in zip(network.code_firms, layout.plans, offers, strict=True):
            share = offer / np.where(asked[unit.inputs] > 0, asked[unit.inputs], 1.0)
            z[part] = np.where(share > 0, z[part] ** (1 - DAMPING) * share**DAMPING, z[part])
        _activities(problem, z, state)
        _count_in_numeraire(problem, z)
        z = problem.with_incomes(np.where(held, problem.held, z), passes=1)
        if float(np.abs(np.log(z[layout.price] / before[layout.price])).max()) < CALM:
            break
    return z


def _by_convention(problem: Problem) -> Floats:
    """Goods whose price is held by convention alone: it moves with the bids, and all prices are rescaled."""
    mask = np.zeros(len(problem.network.goods), bool)
    if problem.numeraire is not None and not problem.network.outside:
        mask[problem.network.good_index[problem.numeraire]] = True
    return mask


def _count_in_numeraire(problem: Problem, z: Floats) -> None:
    for place in np.flatnonzero(_by_convention(problem)):
        z[problem.layout.price] *= problem.held[place] / z[place]


def _activities(problem: Problem, z: Floats, state: State) -> None:
    """Sectors that earn more than they cost expand."""
    n = problem.trade.sectors
    if n:
        cost, revenue = state.root_value[:n], state.root_value[n : 2 * n]
        gain = np.where((cost > 0) & (revenue > 0), revenue / np.where(cost > 0, cost, 1.0), 1.0)
        z[problem.layout.activity] *= np.clip(gain, 0.25, 4.0) ** DAMPING


def _markets(
    problem: Problem, z: Floats, state: State, made: list[Floats], offers: list[Floats]
) -> tuple[Floats, Floats]:
    """What there is of each good, and all that is bid for it."""
    network, trade = problem.network, problem.trade
    count, good = len(network.goods), network.forest.leaf_good
    supply, spending = np.zeros(count), np.zeros(count)
    flows = trade.flow_sign * state.quantity
    np.add.at(supply, good, np.maximum(flows, 0.0))
    np.add.at(spending, good, np.maximum(-flows, 0.0) * state.price)
    np.add.at(supply, network.endowments.good, np.maximum(problem.incomes.owned(z), 0.0))
    for unit, value, offer in zip(network.code_firms, made, offers, strict=True):
        np.add.at(supply, unit.outputs, np.maximum(value, 0.0))
        np.add.at(spending, unit.inputs, offer)
    for unit, part in zip(network.utilities, problem.layout.baskets, strict=True):
        np.add.at(spending, unit.inputs, z[part] * z[unit.inputs])
    for market in network.outside:
        price = float(z[market.good])
        amount = market.quantity if market.quantity is not None else 0.0
        if market.curve is not None:
            amount = float(market.curve(price))
        if market.sign > 0:
            supply[market.good] += amount
        else:
            spending[market.good] += amount * price
    return supply, spending
