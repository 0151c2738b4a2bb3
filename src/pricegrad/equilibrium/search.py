"""From a problem to a point that solves it: methods in order of cost, and an honest account of what
happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pricegrad.equilibrium.newton import Attempt, semismooth, worst_gap
from pricegrad.equilibrium.polish import polish, settle_untraded
from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.scaled import Scaled
from pricegrad.equilibrium.starts import others
from pricegrad.network.forest import Floats

GOOD = 1e-9


@dataclass(frozen=True, eq=False)
class Found:
    """The best point of a search, its worst scaled residual, and how it came about."""

    z: Floats
    worst: float
    method: str
    steps: int

    @property
    def solved(self) -> bool:
        """Whether every condition holds to `GOOD`, each relative to its own slopes."""
        return self.worst <= GOOD


def search(
    problem: Problem,
    z: Floats,
    accepted: Callable[[Floats], bool],
    progress: Callable[[str], None] | None = None,
) -> Found:
    """From z, then by other methods and starts, until a point solves the problem and is `accepted`."""
    best = attempt(problem, z, "semismooth Newton")
    if best.solved and accepted(best.z):
        return best
    for found in _others(problem, best):
        if found.solved and accepted(found.z):
            return found
        if not best.solved and found.worst < best.worst:
            best = found
        if progress:
            progress(f"worst residual {best.worst:.1e} after {found.method}")
    return best


def _others(problem: Problem, best: Found) -> Iterator[Found]:
    """Further attempts, the cheap ones first."""
    if not best.solved and np.isfinite(best.worst):
        yield attempt(problem, best.z, "semismooth Newton, rescaled")
    for label, start in others(problem):
        yield attempt(problem, start, f"semismooth Newton from {label}")


def attempt(problem: Problem, z: Floats, method: str) -> Found:
    """Semismooth Newton from z, its last digits polished in the units of where it ended."""
    scaled = Scaled(problem, z)
    reached = semismooth(scaled, z[problem.free] / scaled.unit)
    return finish(problem, scaled, reached, method)


def finish(problem: Problem, scaled: Scaled, reached: Attempt, method: str) -> Found:
    """Polish in the units of the end point, and settle the prices of what nobody trades."""
    z = scaled.whole(reached.point.x)
    if not np.isfinite(reached.worst):
        return Found(z, np.inf, method, reached.steps)
    end = Scaled(problem, z)
    point = end.at(z[problem.free] / end.unit)
    done = polish(end, Attempt(point, worst_gap(end, point), reached.steps))
    z = end.whole(done.point.x)
    if done.worst <= GOOD:
        z = settle_untraded(problem, z)
    return Found(z, done.worst, method, reached.steps)
