"""Prices from costs: p = c(p), the price system of an economy whose firms have constant returns.

Primary inputs come at given prices, every other good costs what its maker spends on it, so prices are a
fixed point of the cost functions: linear for fixed coefficients (the Leontief price model), Newton's method on
log prices otherwise. Source: Miller and Blair, "Input-Output Analysis", 2nd ed. 2009, section 2.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.errors import ModelError, NotSolved, did_you_mean
from pricegrad.model import CodeFirm, Firm, Model, Sector
from pricegrad.model.parts import Outside
from pricegrad.pricing.certify_costs import worst_gap
from pricegrad.pricing.unit_cost import Bundle, bundle

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]
    Matrix = NDArray[np.float64]

TOLERANCE = 1e-10
STEPS = 60


@dataclass(frozen=True)
class System:
    """The price system: good k < len(firms) is made by firm k; the other goods have the prices `given`.

    Firm k makes `made[k]` of its good; `byproducts[k]` are (place of a good, amount) it sells besides.
    """

    goods: tuple[str, ...]
    firms: tuple[Sector, ...]
    made: Vector
    bundles: tuple[Bundle, ...]
    byproducts: tuple[tuple[tuple[int, float], ...], ...]
    given: Vector

    @property
    def linear(self) -> bool:
        """Whether all firms have fixed coefficients, nests included."""
        return all(_fixed(b) for b in self.bundles)


def driven_by_costs(model: Model) -> bool:
    """Whether the model says prices of primary inputs, so that costs decide all others."""
    priced = {market.good for market in model.outside if market.price is not None}
    made = {firm.outputs[0].good for firm in model.firms.values() if isinstance(firm, Sector)}
    sectors = [firm for firm in model.firms.values() if isinstance(firm, Sector)]
    bought = {flow.good for firm in sectors for flow in firm.inputs}
    return bool(sectors) and len(sectors) == len(model.firms) and bought <= made | priced and not made & priced


def system(model: Model) -> System:
    """The price system of `model`; a ModelError says what keeps costs from deciding its prices."""
    made: dict[str, Sector] = {}
    for firm in model.firms.values():
        sector = _constant_returns(firm)
        good = sector.outputs[0].good
        if good in made:
            raise ModelError(
                f"{good!r} is made by {made[good].name!r} and by {sector.name!r}, so its cost is not one number; "
                "a firm that mixes the two products into one, or solve(), decides between them"
            )
        made[good] = sector
    given = _given(model.outside, made)
    goods = (*made, *given)
    place = {good: k for k, good in enumerate(goods)}
    for sector in made.values():
        for flow in (*sector.inputs, *sector.outputs):
            if flow.good not in place:
                raise ModelError(
                    f"firm {sector.name!r}: nobody makes {flow.good!r} and it has no price from outside; say "
                    f"supply({flow.good!r}, price=...)"
                )
    return System(
        goods,
        tuple(made.values()),
        np.array([sector.outputs[0].quantity for sector in made.values()]),
        tuple(bundle(sector, place) for sector in made.values()),
        tuple(tuple((place[f.good], f.quantity) for f in sector.outputs[1:]) for sector in made.values()),
        np.array(list(given.values()), dtype=float),
    )


def factors(of: System, costs: Mapping[str, float]) -> Vector:
    """1 + the rise in cost of every firm, from rises by name (0.1 is 10 per cent)."""
    names = [firm.name for firm in of.firms]
    found = np.ones(len(names))
    for name, rise in costs.items():
        if name not in names:
            raise ModelError(f"no firm is named {name!r}.{did_you_mean(name, names)}")
        if not -1 < rise < float("inf"):
            raise ModelError(f"a change of cost of {name!r} by {rise!r} leaves no cost; 0.1 means 10 per cent more")
        found[names.index(name)] += rise
    return found


def solve(of: System, given: Vector, factor: Vector) -> Vector:
    """All prices, in the order of `of.goods`, checked by a residual that shares no code with this."""
    prices = _linear(of, given, factor) if of.linear else _newton(of, given, factor)
    gap, firm = worst_gap(of.firms, dict(zip(of.goods, prices.tolist(), strict=True)), factor.tolist())
    if not gap <= TOLERANCE:
        raise NotSolved(f"prices and costs of {firm!r} still differ by {gap:.2g}, relative; no prices are reported")
    return prices


def _linear(of: System, given: Vector, factor: Vector) -> Vector:
    n = len(of.firms)
    A = coefficients(of, np.concatenate([np.ones(n), given]), factor)
    system, known = A[:, :n], -A[:, n:] @ given
    try:
        found = np.linalg.solve(system, known)
    except np.linalg.LinAlgError:
        raise NotSolved(_unproductive(of, None)) from None
    found += np.linalg.solve(system, known - system @ found)
    if not (found > 0).all():
        raise NotSolved(_unproductive(of, found))
    return np.concatenate([found, given])


def coefficients(of: System, prices: Vector, factor: Vector) -> Matrix:
    """What each firm sells less what it buys of each good at these prices (Shephard's lemma); what it spends net of
    by-products is risen by `factor`."""
    A = np.zeros((len(of.firms), len(of.goods)))
    for k, parts in enumerate(of.bundles):
        places = parts.places
        np.subtract.at(A[k], places, parts.cost(prices) * parts.shares(prices) / prices[places])
        for place, amount in of.byproducts[k]:
            A[k, place] += amount
        A[k] *= factor[k]
        A[k, k] += of.made[k]
    return A


def _newton(of: System, given: Vector, factor: Vector) -> Vector:
    n = len(of.firms)
    logs, worst, jacobian = np.zeros(n), np.inf, np.eye(n)
    step, size = np.zeros(n), 1.0
    gap = np.zeros(n)
    for _ in range(STEPS):
        trial = logs + size * step
        with np.errstate(over="ignore", invalid="ignore"):
            prices = np.concatenate([np.exp(trial), given])
            cost, jacobian_there = _logarithms(of, prices, factor)
        here = float(np.abs(cost - trial).max())
        if not here < worst:
            if worst < 1e-13 or size < 1e-9:
                break
            size /= 2
            continue
        logs, worst, gap, jacobian, size = trial, here, cost - trial, jacobian_there, 1.0
        step = np.linalg.solve(np.eye(n) - jacobian, gap)
    return np.concatenate([np.exp(logs), given])


def _logarithms(of: System, prices: Vector, factor: Vector) -> tuple[Vector, Matrix]:
    """Log of what each good must fetch to cover its cost, and its derivative in log prices of made goods."""
    n = len(of.firms)
    logs, jacobian = np.empty(n), np.zeros((n, n))
    for k, parts in enumerate(of.bundles):
        cost = parts.cost(prices)
        besides = [(place, amount * prices[place]) for place, amount in of.byproducts[k]]
        needed = cost - sum(worth for _, worth in besides)
        logs[k] = np.log(factor[k] * needed / of.made[k]) if needed > 0 else np.nan
        row = np.zeros(len(of.goods))
        np.add.at(row, parts.places, parts.shares(prices) * cost)
        for place, worth in besides:
            row[place] -= worth
        jacobian[k] = row[:n] / needed
    return logs, jacobian


def _constant_returns(firm: Firm) -> Sector:
    if isinstance(firm, CodeFirm):
        raise ModelError(
            f"firm {firm.name!r} is a Python function, whose cost depends on how much it makes; price() with "
            "given quantities, or solve(), finds its price"
        )
    if firm.returns != 1.0:
        raise ModelError(f"firm {firm.name!r} has returns {firm.returns:g}, so its cost depends on its size; use solve()")
    taxed = [flow.good for flow in (*firm.inputs, *firm.outputs) if flow.taxes]
    if taxed:
        raise ModelError(f"firm {firm.name!r} pays a tax on {taxed[0]!r}, which prices from costs leave out; use solve()")
    shape = [nest for nest in firm.nests if nest.side == "out" and nest.elasticity != 0]
    if shape and len(firm.outputs) > 1:
        raise ModelError(f"firm {firm.name!r} chooses between its outputs, so costs do not decide their prices; use solve()")
    return firm


def _given(outside: list[Outside], made: Mapping[str, Sector]) -> dict[str, float]:
    given: dict[str, float] = {}
    for market in outside:
        if market.price is None:
            continue
        if market.good in made:
            raise ModelError(
                f"{market.good!r} has a price from outside and a maker, {made[market.good].name!r}; "
                "which of the two sets it is for solve() to find"
            )
        given[market.good] = market.price
    return given


def _fixed(parts: Bundle) -> bool:
    return parts.elasticity == 0.0 and all(_fixed(nest) for nest in parts.nests)


def _unproductive(of: System, found: Vector | None) -> str:
    where = "" if found is None else f": the price of {of.goods[int(found.argmin())]!r} would be {found.min():g}"
    return (
        f"no positive prices cover all costs{where}. The firms need more of some good than they make of it "
        "(the Hawkins-Simon condition fails)"
    )
