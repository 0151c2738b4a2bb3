"""More than one equilibrium: found from many starts, each with its index."""

from __future__ import annotations

import numpy as np

from pricegrad.equilibrium.pivots import LARGEST
from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.result import Equilibrium
from pricegrad.equilibrium.search import newton, pivoting
from pricegrad.equilibrium.solve import Bench, Judge
from pricegrad.equilibrium.starts import first, mend
from pricegrad.errors import NotSolved
from pricegrad.model import Model
from pricegrad.model.minima import plain
from pricegrad.network import compile
from pricegrad.network.forest import Floats

SAME = 1e-6


def equilibria(model: Model, judge: Judge, starts: int, seed: int) -> list[Equilibrium]:
    """All equilibria reached from the model's own start and `starts` random ones, in the order found.

    Finding one does not prove that there are no others. Raises NotSolved when none is found.
    """
    problem = Problem(compile(plain(model)))
    bench = Bench(model, problem, judge)
    with np.errstate(all="ignore"):  # the search may look where functions are not defined
        found = _reached(model, problem, bench, starts, seed)
    if not found:
        raise NotSolved(
            f"no equilibrium was found from {starts + 1} starts; solve() says what stands in the way"
        )
    return found


def _reached(model: Model, problem: Problem, bench: Bench, starts: int, seed: int) -> list[Equilibrium]:
    found: list[Equilibrium] = []
    rng = np.random.default_rng(seed)
    z = first(problem, None)
    for k in range(starts + 1):
        begin = z if k == 0 else _scattered(problem, z, rng)
        for method in (newton, pivoting) if len(problem.free) <= LARGEST else (newton,):
            reached = method(problem, begin)
            if not reached.solved or any(_same(problem, reached.z, eq.z) for eq in found):
                continue
            if bench(reached.z):
                found.append(
                    Equilibrium(model, problem, reached.z, bench.of(reached.z), reached.method, reached.steps)
                )
    return found


def _scattered(problem: Problem, z: Floats, rng: np.random.Generator) -> Floats:
    """A start with random prices over two orders of magnitude and random activities."""
    scattered = np.maximum(z, 0.01) * np.exp(rng.uniform(-2.5, 2.5, len(z)))
    scattered[problem.layout.aux] = z[problem.layout.aux]
    scattered = np.where(np.isnan(problem.held), scattered, z)
    return mend(problem, problem.with_incomes(scattered))


def _same(problem: Problem, a: Floats, b: Floats) -> bool:
    part = problem.layout.price
    size = np.maximum(np.maximum(np.abs(a[part]), np.abs(b[part])), 1e-9)
    level = np.maximum(np.abs(a), np.abs(b)).max()
    return bool(
        (np.abs(a[part] - b[part]) <= SAME * size).all() and np.abs(a - b).max() <= SAME * max(level, 1.0)
    )
