"""What stands in the way when no equilibrium was found, in words."""

from __future__ import annotations

import numpy as np

from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.result import Verdict
from pricegrad.equilibrium.search import WORTHLESS, Found


def account(problem: Problem, found: Found, verdict: Verdict) -> str:
    """Infeasible, unbounded, not a maximum, or not converged: the sentence a user can act on."""
    if found.method == WORTHLESS:
        return (
            f"the numeraire {problem.numeraire!r} is worth nothing at the equilibrium, "
            "so that no price can be told in units of it; name another good as numeraire"
        )
    if found.solved:
        where = getattr(verdict, "where", None)
        at = f"{where.condition} of {where.who} fails by {where.amount:.2g}" if where else "a condition fails"
        hint = ""
        if where is not None and where.condition == "second order":
            hint = (
                ". Its first-order conditions hold, but the plan is no maximum of its profit: "
                "with increasing returns there is no competitive equilibrium"
            )
        if where is not None and where.condition == "market clearing" and problem.network.outside:
            hint = (
                ". Outside markets that are paid and buy nothing leave a gap: "
                "give the numeraire an outside market"
            )
        return f"the search ended at a point that the certificate refuses: {at}{hint}"
    with np.errstate(all="ignore"):
        value = problem.residual(found.z)
    if not np.isfinite(value).all():
        bad = int(np.flatnonzero(~np.isfinite(value))[0])
        return (
            f"a function is not defined at the start (condition of {problem.layout.label(bad)}); "
            "give a start= at which it is"
        )
    gap = np.where(np.isfinite(problem.lower), np.minimum(found.z - problem.lower, value), value)
    gap = np.abs(gap[problem.free]) / np.maximum(
        np.abs(value[problem.free]) * 0 + _size(problem, found), 1e-300
    )
    worst = problem.free[np.argsort(-gap)[:3]]
    names = ", ".join(problem.layout.label(int(i)) for i in worst)
    return (
        f"{_limits(problem, found)}the conditions furthest from holding are those of {names} "
        f"({found.method}, worst {found.worst:.1e})"
    )


def _size(problem: Problem, found: Found) -> float:
    return max(float(np.abs(found.z).max(initial=1.0)) * 1e-9, 1.0)


def _limits(problem: Problem, found: Found) -> str:
    """Prices or activities that ran away name what is infeasible or unbounded."""
    layout, network = problem.layout, problem.network
    price, activity = found.z[layout.price], found.z[layout.activity]
    typical = float(np.median(price[price > 0])) if (price > 0).any() else 1.0
    dear = np.argsort(-price)[:3]
    dear = dear[price[dear] > 1e5 * max(typical, 1e-12)]
    if len(dear):
        names = ", ".join(repr(network.goods[i]) for i in dear)
        users = sorted(
            {
                _agent(problem, int(k))
                for k in np.flatnonzero(np.isin(network.forest.leaf_good, dear))
                if problem.trade.flow_sign[k] < 0
            }
        )
        by = f" (wanted by {', '.join(users[:4])})" if users else ""
        return f"infeasible: no price brings enough of {names} to the market{by}; "
    if len(activity) and float(activity.max()) > 1e7 * max(float(np.median(np.abs(activity))), 1.0):
        name = network.sectors[int(np.argmax(activity))]
        return f"unbounded: firm {name!r} gains at any scale; "
    return ""


def _agent(problem: Problem, leaf: int) -> str:
    n, root = problem.trade.sectors, int(problem.trade.root[leaf])
    if root < 2 * n:
        return f"firm {problem.network.sectors[root % n]!r}"
    return f"household {problem.network.households[root - 2 * n]!r}"
