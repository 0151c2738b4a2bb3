"""The last digits: Newton on the equations of the active set, then prices of goods that nobody trades."""

from __future__ import annotations

import numpy as np

from pricegrad.equilibrium.newton import Attempt, newton_direction, worst_gap
from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.scaled import Scaled
from pricegrad.network.forest import Floats

FAINT = 1e-9


def polish(scaled: Scaled, attempt: Attempt, rounds: int = 4) -> Attempt:
    """Set what is at its bound exactly there and solve the rest as equations, while that gets better."""
    best = snap(scaled, attempt)
    for _ in range(rounds):
        if best.worst <= 1e-14:
            break
        new = _newton_step(scaled, best)
        if new is None or new.worst > max(best.worst, 1e-14):
            break
        done, best = new.worst > 0.5 * best.worst, new
        if done:
            break
    return best


def snap(scaled: Scaled, attempt: Attempt) -> Attempt:
    """The same point with everything that sits at its bound exactly there, where that does no harm."""
    point = attempt.point
    room = point.x - scaled.lower
    for idle in ((room < point.value) | (room < FAINT), room < point.value):
        new = scaled.at(np.where(scaled.bounded & idle, scaled.lower, point.x))
        worst = worst_gap(scaled, new)
        if worst <= max(10 * attempt.worst, 1e-12):
            return Attempt(new, worst, attempt.steps)
    return attempt


def _newton_step(scaled: Scaled, attempt: Attempt) -> Attempt | None:
    """One Newton step on the conditions of what is not at its bound."""
    point = attempt.point
    idle = scaled.bounded & (point.x - scaled.lower < point.value)
    at_bound = scaled.at(np.where(idle, scaled.lower, point.x))
    busy = np.flatnonzero(~idle)
    if not np.isfinite(at_bound.value).all() or not len(busy):
        return None
    matrix = scaled.jacobian(at_bound)
    inner = matrix[np.ix_(busy, busy)] if isinstance(matrix, np.ndarray) else matrix[busy][:, busy].tocsc()
    move = newton_direction(inner, -at_bound.value[busy])
    if move is None and isinstance(inner, np.ndarray) and np.isfinite(inner).all():
        move = np.asarray(np.linalg.lstsq(inner, -at_bound.value[busy], rcond=1e-12)[0], dtype=np.float64)
    if move is None:
        return None
    x = at_bound.x.copy()
    x[busy] += move
    new = scaled.at(np.where(scaled.bounded, np.maximum(x, scaled.lower), x))
    return Attempt(new, worst_gap(scaled, new), attempt.steps)


def without_traces(problem: Problem, z: Floats) -> Floats:
    """`z` with prices of 0 for what is all but free, and no activity of sectors that do all but nothing."""
    layout, n = problem.layout, problem.trade.sectors
    scale = problem.trade.state(z).scale
    size = np.where(np.isfinite(scale), scale, 0.0) * problem.network.forest.value[: len(scale)]
    z = z.copy()
    price, activity = z[layout.price], z[layout.activity]  # views: what is set here is set in z
    relative = price / problem.typical[layout.price]
    price[relative < 1e-9 * relative.max(initial=0.0)] = 0.0
    activity[size[:n] < 1e-7 * size.max(initial=0.0)] = 0.0
    return np.where(np.isnan(problem.held), np.maximum(z, problem.lower), z)


def settle_untraded(problem: Problem, z: Floats) -> Floats:
    """Goods that nobody trades have a range of prices; take the least, what one more unit would be worth.

    Lower bids: the most an idle sector that uses the good could pay. One at a time, until nothing moves.
    """
    trade, layout = problem.trade, problem.layout
    state = trade.state(z)
    volume = np.zeros(len(problem.network.goods))
    volume += np.bincount(problem.network.forest.leaf_good, np.abs(state.quantity), len(volume))
    own = problem.network.endowments
    volume += np.bincount(own.good, np.abs(own.quantity), len(volume))
    fixed = ~np.isnan(problem.held[layout.price])
    for units in problem.network.code_firms, problem.network.utilities:
        for unit in units:
            fixed[unit.inputs] = True
            fixed[unit.outputs] = True
    for market in problem.network.outside:
        fixed[market.good] = True
    worth = volume * problem.typical[layout.price]
    untraded = np.flatnonzero((worth <= 1e-9 * worth.max(initial=0.0)) & (z[layout.price] > 0) & ~fixed)
    if not len(untraded):
        return z
    z = z.copy()
    for _ in range(50):
        before = z[untraded].copy()
        for good in untraded:
            z[good] = _best_bid(problem, z, int(good))
        if np.allclose(z[untraded], before, rtol=1e-13, atol=0):
            break
    return z


def _best_bid(problem: Problem, z: Floats, good: int) -> float:
    """The least price of `good`, at most the present one, at which no idle sector would start to buy it."""
    trade, forest = problem.trade, problem.network.forest
    n = trade.sectors
    buyers = np.unique(trade.root[(forest.leaf_good == good) & (trade.root < n)])
    makers = np.unique(trade.root[(forest.leaf_good == good) & (trade.root >= n) & (trade.root < 2 * n)]) - n
    if np.intersect1d(buyers, makers).size:
        return float(z[good])
    low, high = 0.0, float(z[good])

    def refused(price: float) -> bool:
        trial = z.copy()
        trial[good] = price
        with np.errstate(all="ignore"):
            value = trade.state(trial).root_value
        margin = value[buyers] - problem.network.returns[buyers] * value[n + buyers]
        return bool((margin >= -1e-14 * np.abs(value[buyers])).all())

    if refused(low):
        return low
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (low, middle) if refused(middle) else (middle, high)
    return high
