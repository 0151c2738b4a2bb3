"""What stands in the way when no equilibrium was found, in words."""

from __future__ import annotations

import numpy as np

from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.result import Verdict
from pricegrad.equilibrium.search import WORTHLESS, Found
from pricegrad.network.forest import Ints


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
        return (
            f"{_limits(problem, found)}the search ended at a point that the certificate refuses: {at}{hint}"
        )
    with np.errstate(all="ignore"):
        value = problem.residual(found.z)
    if not np.isfinite(value).all():
        bad = int(np.flatnonzero(~np.isfinite(value))[0])
        return (
            f"a function is not defined at the start (condition of {problem.layout.label(bad)}); "
            "give a start= at which it is"
        )
    gap = np.where(np.isfinite(problem.lower), np.minimum(found.z - problem.lower, value), value)
    gap = np.abs(gap[problem.free])
    worst = problem.free[np.argsort(-gap)[:3]]
    names = ", ".join(problem.layout.label(int(i)) for i in worst)
    return (
        f"{_limits(problem, found)}the conditions furthest from holding are those of {names} "
        f"({found.method}, worst {found.worst:.1e})"
    )


def _limits(problem: Problem, found: Found) -> str:
    """Goods that cost nothing or without end however prices are set name what is unbounded or infeasible."""
    network = problem.network
    cheap, dear = _runaway(problem)
    if len(cheap):
        names = ", ".join(repr(network.goods[i]) for i in cheap[:4])
        return (
            f"unbounded: {names} can be made from each other without end, with ever less of anything else; "
        )
    price = found.z[problem.layout.price]
    typical = float(np.median(price[price > 0])) if (price > 0).any() else 1.0
    unit = problem.numeraire
    if not len(dear) and unit and price[network.good_index[unit]] < 1e-7 * float(price.max()):
        return f"the numeraire {unit!r} is worth next to nothing beside other goods, name another; "
    if not len(dear):
        dear = np.argsort(-price)[:3]
        dear = dear[price[dear] > 1e5 * max(typical, 1e-12)]
    if len(dear):
        names = ", ".join(repr(network.goods[i]) for i in dear[:4])
        using = np.isin(network.forest.leaf_good, dear) & (problem.trade.flow_sign < 0)
        users = sorted({_agent(problem, int(k)) for k in np.flatnonzero(using)})
        by = f" (wanted by {', '.join(users[:4])})" if users else ""
        return f"infeasible: no price brings enough of {names} to the market{by}; "
    return ""


def _runaway(problem: Problem, rounds: int = 400) -> tuple[Ints, Ints]:
    """Made goods whose cost falls towards 0, or grows without end, as costs follow costs with all else at
    1.
    """
    trade, network, n = problem.trade, problem.network, problem.trade.sectors
    if not n or network.code_firms:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    z = problem.start({})
    z[problem.layout.price] = 1.0
    made_leaf = np.flatnonzero(trade.flow_sign > 0)
    maker, product = trade.root[made_leaf] - n, network.forest.leaf_good[made_leaf]
    made = np.unique(product)
    for _ in range(rounds):
        with np.errstate(all="ignore"):
            state = trade.state(z)
            asked = state.root_value[:n] / state.root_value[n : 2 * n]
        least = np.full(len(network.goods), np.inf)
        np.minimum.at(least, product, np.nan_to_num(asked, nan=np.inf)[maker])
        z[made] *= np.clip(np.where(np.isfinite(least[made]), least[made], 1.0), 0.1, 10.0)
        if (z[made] < 1e-12).any() or (z[made] > 1e12).any():
            break
    return made[z[made] < 1e-9], made[z[made] > 1e9]


def _agent(problem: Problem, leaf: int) -> str:
    n, root = problem.trade.sectors, int(problem.trade.root[leaf])
    if root < 2 * n:
        return f"firm {problem.network.sectors[root % n]!r}"
    return f"household {problem.network.households[root - 2 * n]!r}"
