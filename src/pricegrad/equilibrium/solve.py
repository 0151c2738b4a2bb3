"""`solve`: an equilibrium with its certificate, or a clear account of why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pricegrad.equilibrium.diagnosis import account
from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.result import Equilibrium, Verdict, claim
from pricegrad.equilibrium.search import search
from pricegrad.equilibrium.starts import first
from pricegrad.errors import NotSolved
from pricegrad.model import Model
from pricegrad.model.claim import Claim
from pricegrad.model.minima import plain
from pricegrad.network import compile
from pricegrad.network.forest import Floats

Judge = Callable[[Model, Claim], Verdict]
CERTAIN = 1e-8


class Bench:
    """Judges points of a problem with the independent check, and remembers the last verdict."""

    def __init__(self, model: Model, problem: Problem, judge: Judge) -> None:
        self.model, self.problem, self.judge = model, problem, judge
        self.point: Floats = np.zeros(0)
        self.verdict: Verdict | None = None

    def __call__(self, z: Floats) -> bool:
        """Whether the check passes at z."""
        return self.of(z).worst <= CERTAIN

    def of(self, z: Floats) -> Verdict:
        """The verdict on z."""
        if self.verdict is None or not np.array_equal(z, self.point):
            self.point = z.copy()
            self.verdict = self.judge(self.model, claim(self.problem, z))
        return self.verdict


def solve(
    model: Model,
    judge: Judge,
    start: Mapping[str, float] | Equilibrium | None = None,
    progress: Callable[[str], None] | None = None,
) -> Equilibrium:
    """The equilibrium reached from `start` (values by name, or an earlier equilibrium; default the model's
    own).

    `judge` is the independent check of a claim. Raises `ModelError` for a description that makes no sense and
    `NotSolved` when no point passes the check; the message says what stands in the way.
    """
    problem = Problem(compile(plain(model)))
    bench = Bench(model, problem, judge)
    with np.errstate(all="ignore"):  # the search may look where functions are not defined
        found = search(problem, begin(problem, start), bench, progress)
    if not (found.solved and bench(found.z)):
        raise NotSolved(account(problem, found, bench.of(found.z)))
    return Equilibrium(model, problem, found.z, bench.of(found.z), found.method, found.steps)


def begin(problem: Problem, start: Mapping[str, float] | Equilibrium | None) -> Floats:
    """The point where the search begins."""
    if isinstance(start, Equilibrium):
        return transfer(problem, start)
    return first(problem, None if start is None else dict(start))


def transfer(problem: Problem, eq: Equilibrium) -> Floats:
    """An earlier equilibrium as a start: what has the same name keeps its value."""
    z, old = problem.start(), eq.problem
    parts = (
        (problem.layout.price, problem.network.goods, old.layout.price, old.network.good_index),
        (problem.layout.activity, problem.network.sectors, old.layout.activity, old.network.sector_index),
        (problem.layout.income, problem.network.households, old.layout.income, old.network.household_index),
        (problem.layout.aux, problem.layout.aux_index, old.layout.aux, old.layout.aux_index),
    )
    for part, names, old_part, index in parts:
        for i, name in enumerate(names):
            if name in index:
                z[part.start + i] = eq.z[old_part.start + index[name]]
    plans = {unit.name: part for unit, part in zip(old.network.code_firms, old.layout.plans, strict=True)}
    plans |= {unit.name: part for unit, part in zip(old.network.utilities, old.layout.baskets, strict=True)}
    units = (*problem.network.code_firms, *problem.network.utilities)
    for unit, part in zip(units, (*problem.layout.plans, *problem.layout.baskets), strict=True):
        before = plans.get(unit.name)
        if before is not None and before.stop - before.start == part.stop - part.start:
            z[part] = eq.z[before]
            if unit.agent >= 0:
                z[part.stop] = eq.z[before.stop]
    same = problem.network.outside == old.network.outside or len(problem.layout.elastic) == len(
        old.layout.elastic
    )
    if same:
        z[problem.layout.outside] = eq.z[old.layout.outside]
    return np.where(np.isnan(problem.held), z, problem.held)
