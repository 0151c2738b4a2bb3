"""Places to begin: the user's, the model's, and others when those lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.sizes import share_out
from pricegrad.network.forest import Floats


def first(problem: Problem, given: dict[str, float] | None) -> Floats:
    """The start as told, plans of code firms by sharing out what there is, mended where undefined."""
    return mend(problem, share_out(problem, problem.start(given))[0])


def others(problem: Problem, seed: int = 0) -> Iterator[tuple[str, Floats]]:
    """Further starts: activities to the size of the economy, then random prices and activities."""
    yield "activities to the size of the economy", mend(problem, _sized(problem, problem.start({})))
    rng = np.random.default_rng(seed)
    for k in range(12):
        z = _sized(problem, problem.start({})) if k % 2 else problem.start()
        spread = np.exp(rng.normal(0.0, 0.3 + 0.15 * k, len(z)))
        spread[problem.layout.income] = 1.0
        z = np.where(np.isnan(problem.held), np.maximum(z, 0.01 * problem.typical) * spread, z)
        yield f"random start {k + 1}", mend(problem, problem.with_incomes(z))


def mend(problem: Problem, z: Floats) -> Floats:
    """Move auxiliaries and plans until every function is defined; z itself where that does not help."""
    if _defined(problem, z):
        return z
    layout = problem.layout
    free = np.isnan(problem.held)
    for shrink in (0.5, 0.25, 0.1, 0.01, 0.0):
        trial = z.copy()
        part = np.arange(layout.size)[layout.aux]
        part = part[free[part]]
        trial[part] *= shrink
        trial = problem.with_incomes(trial)
        if _defined(problem, trial):
            return trial
    for scale in (0.5, 2.0, 0.1, 10.0, 0.01, 100.0, 1e-3, 1e3):
        trial = z.copy()
        for part_of in (*layout.plans, *layout.baskets):
            trial[part_of] *= scale
        if _defined(problem, trial):
            return trial
    return z


def _defined(problem: Problem, z: Floats) -> bool:
    with np.errstate(all="ignore"):
        return bool(np.isfinite(problem.residual(z)).all())


def _sized(problem: Problem, z: Floats) -> Floats:
    """Activities such that all sectors together turn over a few times what households own."""
    layout, n = problem.layout, problem.trade.sectors
    with np.errstate(all="ignore"):
        state = problem.trade.state(np.maximum(z, 1e-6 * problem.typical))
    own = problem.network.endowments
    worth = float(np.sum(np.abs(own.quantity) * z[own.good]))
    cost = state.root_value[:n]
    if n and worth > 0:
        free = np.isnan(problem.held[layout.activity])
        level = np.where(cost > 0, 3.0 * worth / (n * np.where(cost > 0, cost, 1.0)), 1.0)
        z[layout.activity] = np.where(free, level, z[layout.activity])
    return problem.with_incomes(z)
