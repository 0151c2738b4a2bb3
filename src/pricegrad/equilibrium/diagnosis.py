"""What stands in the way when no equilibrium was found, in words."""

from __future__ import annotations

import numpy as np

from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.result import Verdict
from pricegrad.equilibrium.search import WORTHLESS, Found
from pricegrad.network.forest import Floats, Ints

DEAR = 1e60  # a price beyond reach


def account(problem: Problem, found: Found, verdict: Verdict) -> str:
    """Infeasible, unbounded, not a maximum, or not converged: the sentence a user can act on."""
    if found.method == WORTHLESS:
        return (
            f"the numeraire {problem.numeraire!r} is worth nothing at the equilibrium, "
            "so that no price can be told in units of it; name another good as numeraire"
        )
    if found.solved:
        at = _refused(problem, verdict)
        return f"{_limits(problem, found)}the search ended at a point that the certificate refuses: {at}"
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


def _refused(problem: Problem, verdict: Verdict) -> str:
    """What the certificate refuses, and why that may be."""
    where = getattr(verdict, "where", None)
    if where is None:
        return "a condition fails"
    how = "cannot be told (it hangs on goods that are free there)"
    at = f"{where.condition} of {where.who} "
    at += how if np.isnan(where.amount) else f"fails by {where.amount:.2g}"
    if where.condition == "second order":
        return (
            f"{at}. Its first-order conditions hold, but the plan is no maximum of its profit: "
            "with increasing returns there is no competitive equilibrium"
        )
    if where.condition == "income not negative":
        return f"{at}. It would pay more, in subsidies or for what it owes or must have, than it earns"
    if where.condition == "market clearing" and problem.network.outside:
        return (
            f"{at}. Outside markets that are paid and buy nothing leave a gap: "
            "give the numeraire an outside market"
        )
    return at


def _limits(problem: Problem, found: Found) -> str:
    """Goods that cost nothing or without end however prices are set name what is unbounded or infeasible."""
    network = problem.network
    cheap = from_nothing(problem)
    if len(cheap):
        names = ", ".join(repr(network.goods[i]) for i in cheap[:4])
        return (
            f"unbounded: {names} can be made from each other without end, with ever less of anything else; "
        )
    dear, price = _runaway(problem), found.z[problem.layout.price] / problem.typical[problem.layout.price]
    typical = float(np.median(price[price > 0])) if (price > 0).any() else 1.0
    poor = _poor(problem, found)
    if poor:
        return poor
    unit = problem.numeraire
    if not len(dear) and unit and price[network.good_index[unit]] < 1e-7 * float(price.max()):
        return f"the numeraire {unit!r} is worth next to nothing beside other goods, name another; "
    proved = bool(len(dear))
    if not proved:
        dear = np.argsort(-price)[:3]
        dear = dear[price[dear] > 1e5 * max(typical, 1e-12)]
    if len(dear):
        names = ", ".join(repr(network.goods[i]) for i in dear[:4])
        using = np.isin(network.forest.leaf_good, dear) & (problem.trade.flow_sign < 0)
        users = sorted({_agent(problem, int(k)) for k in np.flatnonzero(using)})
        by = f" (wanted by {', '.join(users[:4])})" if users else ""
        if proved:
            return f"infeasible: no price brings enough of {names} to the market{by}; "
        return (
            f"the search drove the price of {names} up without end, as if too little came to the market{by}; "
        )
    return ""


def _poor(problem: Problem, found: Found) -> str:
    """A household that owns something and is left with nothing: nobody with money wants what it owns."""
    network, own = problem.network, problem.network.endowments
    income = found.z[problem.layout.income]
    left = np.flatnonzero(income < 1e-7 * income.max(initial=0.0))
    left = left[np.isin(left, own.household[own.quantity > 0])]
    if not len(left):
        return ""
    home = int(left[0])
    goods = ", ".join(repr(network.goods[g]) for g in own.good[own.household == home][:4])
    return (
        f"household {network.households[home]!r} is left with next to no income, since nobody who has any "
        f"pays for what it owns ({goods}); "
    )


def _runaway(problem: Problem, rounds: int = 400) -> Ints:
    """Made goods whose cost grows without end, as costs follow costs with all else at 1."""
    trade, network = problem.trade, problem.network
    if not trade.sectors or network.code_firms:
        return np.zeros(0, np.int64)
    z = problem.start({})
    z[problem.layout.price] = 1.0
    made, _ = _least_cost(problem, z)
    for _ in range(rounds):
        _, least = _least_cost(problem, z)
        z[made] *= np.clip(np.where(np.isfinite(least), least, 1.0), 0.1, 10.0)
        if (z[made] > 1e12).any():
            break
    found: Ints = made[z[made] > 1e9]
    return found


def from_nothing(problem: Problem, rounds: int = 400) -> Ints:
    """Goods that firms can make from each other alone at a gain, however dear all else is: no prices but 0
    can then be right.

    A proof: with what is not made at a price beyond reach, unit costs T(p) < p of all goods of a set, for
    some p. At prices q of an equilibrium c = max q / p > 0 would give q <= T(q) <= c T(p) < c p. Firms of
    one product and constant returns are looked at, at taxes that are given; the rest counts as beyond reach.
    """
    trade, network = problem.trade, problem.network
    if not trade.sectors or len(network.auxiliaries):
        return np.zeros(0, np.int64)
    z = problem.start({})
    z[problem.layout.price] = DEAR
    made, _ = _least_cost(problem, z, plain=True)
    z[made] = 1.0
    for _ in range(rounds if len(made) else 0):
        _, ratio = _least_cost(problem, z, plain=True)
        near = z[made] < DEAR**0.5
        if (ratio[near] < 1 - 1e-6).all():
            proven: Ints = made[near]
            return proven
        moved = z[made] * np.clip(np.sqrt(np.where(np.isfinite(ratio), ratio, 4.0)), 0.5, 2.0)
        z[made] = np.minimum(moved / moved.min(), DEAR)
    return np.zeros(0, np.int64)


def _least_cost(problem: Problem, z: Floats, *, plain: bool = False) -> tuple[Ints, Floats]:
    """The goods that sectors make, and the least cost of a unit's worth at prices z; `plain`: by sectors of
    one product and constant returns alone."""
    trade, network, n = problem.trade, problem.network, problem.trade.sectors
    with np.errstate(all="ignore"):
        state = trade.state(z)
        asked = state.root_value[:n] / state.root_value[n : 2 * n]
    leaf = np.flatnonzero(trade.flow_sign > 0)
    if plain:
        single = (np.bincount(trade.root[leaf] - n, minlength=n) == 1) & (network.returns == 1)
        leaf = leaf[single[trade.root[leaf] - n]]
    least = np.full(len(network.goods), np.inf)
    np.minimum.at(
        least, network.forest.leaf_good[leaf], np.nan_to_num(asked, nan=np.inf)[trade.root[leaf] - n]
    )
    made = np.unique(network.forest.leaf_good[leaf])
    return made, least[made]


def _agent(problem: Problem, leaf: int) -> str:
    n, root = problem.trade.sectors, int(problem.trade.root[leaf])
    if root < 2 * n:
        return f"firm {problem.network.sectors[root % n]!r}"
    return f"household {problem.network.households[root - 2 * n]!r}"
