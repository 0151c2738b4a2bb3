"""Rounds of local messages: prices follow costs, orders follow demand, factor prices follow scarcity.

Each round is one evaluation of the forest. A made good's price moves to what its makers' costs ask (weighted
by their outputs), an owned good's price with demand over supply, an activity with the orders for what it
makes. On supply networks this contracts from far away (a Bellman step in prices, a Leontief step in orders);
Newton then has the last digits only. It is a way to a better start, nothing more: the point it returns is
judged like any.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pricegrad.equilibrium.problem import Problem
from pricegrad.network.forest import Floats

CALM = 1e-9
PATIENCE = 12


def rounds(problem: Problem, z: Floats, limit: int = 80) -> Floats:
    """The point after up to `limit` rounds from z; z itself where rounds do not apply.

    They do for sectors and nested households alone, no price fixed but the numeraire's.
    """
    trade, layout, network = problem.trade, problem.layout, problem.network
    n, goods = trade.sectors, network.forest.leaf_good
    special = network.code_firms or network.utilities or network.auxiliaries or network.outside
    if not n or special or np.count_nonzero(~np.isnan(problem.held)) != 1 or problem.numeraire is None:
        return z
    made_leaf = np.flatnonzero(trade.flow_sign > 0)
    maker, product = trade.root[made_leaf] - n, goods[made_leaf]
    made = np.bincount(product, minlength=len(network.goods)) > 0
    owned = np.bincount(network.endowments.good, np.abs(network.endowments.quantity), len(network.goods)) > 0
    factor = owned & ~made
    if not factor.any():
        return z
    anchor = _anchor(problem, z, factor)
    factor[anchor] = False
    z = np.maximum(z, 1e-9 * problem.typical)
    last, moves = np.inf, list[float]()
    for _ in range(limit):
        with np.errstate(all="ignore"):
            state = trade.state(z)
        if not np.isfinite(state.quantity).all():
            break
        activity = z[layout.activity]
        cost, revenue = state.root_value[:n], state.root_value[n : 2 * n]
        asked = cost * activity ** (1 - network.returns) / (network.returns * revenue)
        supply, demand = _balance(problem, z, state.quantity)
        weight = state.quantity[made_leaf]
        total = np.bincount(product, weight, len(made))
        pull = np.bincount(product, weight * asked[maker], len(made)) / np.where(total > 0, total, 1.0)
        tight = demand / np.where(supply > 0, supply, 1.0)
        step = np.where(made & (total > 0), pull, np.where(factor & (supply > 0), np.sqrt(tight), 1.0))
        value = state.price[made_leaf] * weight
        worth = np.bincount(maker, value, n)
        order = np.bincount(maker, value * tight[product], n) / np.where(worth > 0, worth, 1.0)
        move = max(float(np.abs(step - 1).max()), float(np.abs(order - 1).max()))
        if not np.isfinite(move) or move > 1e3 * max(last, 1.0):
            break
        last = move
        moves.append(move)
        if problem.dense and len(moves) > PATIENCE and move > 0.2 * moves[-PATIENCE]:
            break  # contracts too slowly to be worth its while
        z = z.copy()
        z[layout.price] *= np.clip(step, 0.2, 5.0)
        z[layout.activity] *= np.clip(order, 0.2, 5.0) ** (1 / network.returns)
        z[layout.price] /= z[anchor]
        z = problem.with_incomes(z, passes=1)
        if move < CALM:
            break
    good = network.good_index[problem.numeraire]
    scale = problem.held[good] / z[good]
    z[layout.price] *= scale
    z[layout.income] *= scale
    return z


def _balance(problem: Problem, z: Floats, quantity: Floats) -> tuple[Floats, Floats]:
    """Supply and demand of each good."""
    trade, network = problem.trade, problem.network
    flows = trade.flow_sign * quantity
    count, owned = len(network.goods), problem.incomes.owned(z)
    sold = np.concatenate([flows, owned])
    good = np.concatenate([network.forest.leaf_good, network.endowments.good])
    supply: Floats = np.bincount(good, np.maximum(sold, 0.0), count).astype(np.float64)
    demand: Floats = np.bincount(good, np.maximum(-sold, 0.0), count).astype(np.float64)
    demand += np.bincount(network.subsistence.good, network.subsistence.quantity, count)
    return supply, demand


def _anchor(problem: Problem, z: Floats, factor: NDArray[np.bool_]) -> int:
    """The factor whose price stays put: the numeraire if it is one, else the endowment worth most."""
    good = problem.network.good_index[str(problem.numeraire)]
    if factor[good]:
        return good
    own = problem.network.endowments
    worth = np.bincount(own.good, np.abs(own.quantity), len(factor)) * z[: len(factor)]
    return int(np.argmax(np.where(factor, worth, -1.0)))
