"""An equilibrium by rounds of local messages, for economies whose factorisation would fill in.

A round of make-to-order is a sparse product; some dozens of them contract where Newton's factors grow
with the square of the network and more. Anderson mixing shortens the slow ones. What comes out is
judged by the same independent certificate as any other equilibrium.
"""

from __future__ import annotations

import numpy as np

from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.result import Equilibrium, claim
from pricegrad.equilibrium.solve import CERTAIN, Judge
from pricegrad.errors import NotSolved
from pricegrad.market.market import Market
from pricegrad.market.rows import Floats
from pricegrad.market.rule import State
from pricegrad.market.rules.make_to_order import MakeToOrder
from pricegrad.model import Model
from pricegrad.network import compile

LARGE = 1_000


def suits(model: Model) -> bool:
    """Whether rounds are the way to take unasked: a large network in which every good has one seller."""
    return len(model.firms) >= LARGE and not MakeToOrder.lacks(compile(model))


def solve_by_rounds(
    model: Model, judge: Judge, *, max_rounds: int = 5_000, on: str | None = None, shards: int = 1
) -> Equilibrium:
    """The equilibrium that rounds of make-to-order come to rest at.

    `on`, `shards`: where to play them, see `Market.run`; there without mixing rounds, which is not local.
    Raises `ModelError` where the rule lacks something,
    by name, and `NotSolved` where rounds do not settle or their end does not pass the certificate `judge`.
    """
    market = Market(model, "make-to-order", accelerate=on is None)
    run = market.run(max_rounds, tolerance=1e-11, record=max_rounds, on=on, shards=shards)
    if not run.converged:
        raise NotSolved(
            f"rounds did not settle: after {run.rounds} the largest move is {run.gaps[-1]:.1e}; "
            "is every firm viable (see `diagnostics()` of a market's run)?"
        )
    problem = Problem(market.network)
    z = _point(problem, market, run.saved.arrays)
    verdict = judge(model, claim(problem, z))
    if verdict.worst > CERTAIN:
        raise NotSolved(f"rounds settled, but the certificate says {verdict.worst:.1e}")
    return Equilibrium(model, problem, z, verdict, "rounds of make-to-order", run.rounds)


def _point(problem: Problem, market: Market, state: State) -> Floats:
    """The vector of all variables at the last state of a market."""
    rule, layout = market.rule, problem.layout
    assert isinstance(rule, MakeToOrder)
    z = problem.start()
    price = state["price"] / (state["price"][market.numeraire] if market.numeraire >= 0 else 1.0)
    made = rule.quantities(state)[rule.made]
    z[layout.price] = price
    activity = np.zeros(len(market.network.sectors))
    activity[rule.sector] = np.exp((np.log(made) - rule.log_size) / rule.returns)
    z[layout.activity] = activity
    return problem.with_incomes(z)
