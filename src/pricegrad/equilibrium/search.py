"""From a problem to a point that solves it: methods in order of cost, and an honest account of what
happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from pricegrad.equilibrium.homotopy import follow
from pricegrad.equilibrium.newton import Attempt, semismooth, worst_gap
from pricegrad.equilibrium.pivots import LARGEST, josephy
from pricegrad.equilibrium.polish import polish, settle_untraded, without_traces
from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.rounds import rounds
from pricegrad.equilibrium.scaled import Scaled
from pricegrad.equilibrium.starts import first, others
from pricegrad.network.forest import Floats
from pricegrad.progress import note, stage

GOOD = 1e-9
WORTHLESS = "the numeraire is worth nothing"
LARGE = 150  # from here on a few rounds of messages cost less than the Newton steps they save


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
    """From z, then by other methods, units and starts, until a point solves the problem and is `accepted`."""
    best = newton(problem, z if len(problem.free) < LARGE else nearer(problem, z))
    passed = judged(problem, best, accepted)
    if passed is not None:
        return passed
    for found in _others(problem, z, best, accepted):
        passed = found if found.method == WORTHLESS else judged(problem, found, accepted)
        if passed is not None:
            return passed
        if not best.solved and found.worst < best.worst:
            best = found
        if progress:
            progress(f"worst residual {best.worst:.1e} after {found.method}")
    return best


def judged(problem: Problem, found: Found, accepted: Callable[[Floats], bool]) -> Found | None:
    """A solution that is accepted, as it is or without traces of what is idle or free; else None."""
    if not found.solved:
        return None
    if accepted(found.z):
        return found
    clean = without_traces(problem, found.z)
    return replace(found, z=clean) if not np.array_equal(clean, found.z) and accepted(clean) else None


def _others(problem: Problem, z: Floats, best: Found, accepted: Callable[[Floats], bool]) -> Iterator[Found]:
    """Further attempts, the likely ones first."""
    small = len(problem.free) <= LARGEST
    if small:
        yield pivoting(problem, z)
    if np.isfinite(best.worst):
        yield newton(problem, best.z, ", rescaled")
    free = problem.by_income()
    if free is not None:
        begun = first(free, None)
        if small:
            yield in_numeraire(problem, accepted, pivoting(free, begun, " in units of income"))
        yield in_numeraire(problem, accepted, newton(free, begun, " in units of income"))
        yield in_numeraire(problem, accepted, along(free, begun, " in units of income"))
    else:
        yield along(problem, z)
    yield newton(problem, nearer(problem, z, limit=400), " after rounds")
    for k, (label, start) in enumerate(others(problem)):
        yield newton(problem, start, f" from {label}")
        if free is not None and k < 6:
            begun, said = free.with_incomes(start), f" in units of income from {label}"
            yield in_numeraire(problem, accepted, newton(free, begun, said))
            if small:
                yield in_numeraire(problem, accepted, pivoting(free, begun, said))
            if k < 3:
                yield in_numeraire(problem, accepted, along(free, begun, said))
        elif small:
            yield pivoting(problem, start, f" from {label}")


def newton(problem: Problem, z: Floats, label: str = "") -> Found:
    """Semismooth Newton from z, its last digits polished in the units of where it ended."""
    stage(f"semismooth Newton{label}")
    scaled = Scaled(problem, z)
    return finish(
        problem, scaled, semismooth(scaled, z[problem.free] / scaled.unit), f"semismooth Newton{label}"
    )


def pivoting(problem: Problem, z: Floats, label: str = "") -> Found:
    """Linear complementarity problems in turn from z, and the last digits by semismooth Newton."""
    stage(f"Josephy-Newton{label}")
    scaled = Scaled(problem, z)
    found = finish(problem, scaled, josephy(scaled, z[problem.free] / scaled.unit), f"Josephy-Newton{label}")
    if found.solved or not found.worst < 1e-2:
        return found
    closer = newton(problem, found.z, f" after Josephy-Newton{label}")
    return closer if closer.worst < found.worst else found


def along(problem: Problem, z: Floats, label: str = "") -> Found:
    """Along a path of economies from one in balance at z, and the last digits by semismooth Newton."""
    stage(f"homotopy{label}")
    scaled = Scaled(problem, z)
    arrived = follow(scaled, z[problem.free] / scaled.unit)
    if arrived is None:
        return Found(z, np.inf, f"homotopy{label}", 0)
    end = scaled.whole(arrived)
    end[problem.free] = np.maximum(end[problem.free], problem.lower[problem.free])
    found = newton(problem, end)
    return Found(found.z, found.worst, f"homotopy{label}", found.steps)


def in_numeraire(problem: Problem, accepted: Callable[[Floats], bool], found: Found) -> Found:
    """A solution in other units brought back to the numeraire's, where that is worth anything."""
    place = problem.network.good_index[str(problem.numeraire)]
    z, price = found.z.copy(), found.z[place]
    relative = found.z[problem.layout.price] / problem.typical[problem.layout.price]
    if not found.solved:
        return found
    if relative[place] <= 1e-9 * float(relative.max()):
        passed = judged(problem, found, accepted)
        return replace(passed, worst=np.inf, method=WORTHLESS) if passed else replace(found, worst=np.inf)
    for part in (problem.layout.price, problem.layout.income):
        z[part] *= problem.held[place] / price
    again = newton(problem, z)
    return Found(again.z, again.worst, found.method, found.steps)


def nearer(problem: Problem, z: Floats, limit: int = 80) -> Floats:
    """z after rounds of messages, where that brings the conditions nearer; else z."""
    scaled = Scaled(problem, z)
    before = worst_gap(scaled, scaled.at(z[problem.free] / scaled.unit))
    if before < 1e-6:
        return z
    moved = rounds(problem, z, limit)
    after = worst_gap(scaled, scaled.at(moved[problem.free] / scaled.unit))
    return moved if after < 0.5 * before else z


def finish(problem: Problem, scaled: Scaled, reached: Attempt, method: str) -> Found:
    """Polish in the units of the end point, and settle the prices of what nobody trades."""
    z = scaled.whole(reached.point.x)
    if not np.isfinite(reached.worst):
        return Found(z, np.inf, method, reached.steps)
    end = Scaled(problem, z)
    point = end.at(z[problem.free] / end.unit)
    done = polish(end, Attempt(point, worst_gap(end, point), reached.steps))
    z = end.whole(done.point.x)
    note(reached.steps, done.worst)
    if done.worst <= GOOD:
        z = problem.with_trade(settle_untraded(problem, z))
    return Found(z, done.worst, method, reached.steps)
