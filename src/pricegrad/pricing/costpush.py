"""Prices from costs: p = c(p), the price system of an economy whose firms have constant returns.

Primary inputs come at given prices, every other good costs what its maker spends on it, so prices are a
fixed point of the cost functions: linear for fixed coefficients (the Leontief price model), Newton's method
on log prices otherwise. Source: Miller and Blair, "Input-Output Analysis", 2nd ed. 2009, section 2.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pricegrad.errors import ModelError, NotSolved, did_you_mean
from pricegrad.model import CodeFirm, Firm, Model, Sector
from pricegrad.network import Network, compile
from pricegrad.network.forest import Floats, Ints
from pricegrad.pricing.certify_costs import worst_gap

TOLERANCE = 1e-10
STEPS = 60


@dataclass(frozen=True, eq=False)
class System:
    """The price system of `network`: sector j makes `made[j]` of good `product[j]`, and sells the by-products
    (`seller`, `sold`, `amount`) besides; `given` are the prices of primary inputs by good, NaN for others.
    """

    network: Network
    sectors: tuple[Sector, ...]
    product: Ints
    made: Floats
    seller: Ints
    sold: Ints
    amount: Floats
    given: Floats

    @cached_property
    def inputs(self) -> Ints:
        """The leaves of the forest that are inputs of sectors; `buyer` says whose."""
        return np.asarray(np.flatnonzero(self.network.leaf_root < len(self.sectors)))

    @cached_property
    def buyer(self) -> Ints:
        """The sector that buys each of `inputs`."""
        return self.network.leaf_root[self.inputs]

    @cached_property
    def bought(self) -> Ints:
        """The good of each of `inputs`."""
        return self.network.forest.leaf_good[self.inputs]

    @cached_property
    def fixed(self) -> NDArray[np.bool_]:
        """Which sectors have fixed coefficients, nests included."""
        forest = self.network.forest
        flexible = forest.root[forest.exponent != 1.0]
        return np.asarray(~np.isin(np.arange(len(self.sectors)), flexible))

    def logs(self, prices: Floats) -> tuple[Floats, Floats]:
        """Log of price over reference price by leaf, and of each node's cost index."""
        forest = self.network.forest
        leaf = forest.log_relative(prices[forest.leaf_good])
        return leaf, forest.log_costs(leaf)

    def spending(self, prices: Floats) -> tuple[Floats, Floats]:
        """Cost of activity 1 by sector, and the amount of each of `inputs` in it (Shephard's lemma)."""
        forest = self.network.forest
        leaf, node = self.logs(prices)
        cost = (forest.value * np.exp(node))[: len(self.sectors)]
        return cost, forest.quantities(leaf, node)[self.inputs]

    def net(self, amounts: Floats) -> Floats:
        """What each sector sells besides its product less what it buys, by good: a dense matrix."""
        found = np.zeros((len(self.sectors), len(self.network.goods)))
        np.subtract.at(found, (self.buyer, self.bought), amounts)
        np.add.at(found, (self.seller, self.sold), self.amount)
        return found


def driven_by_costs(model: Model) -> bool:
    """Whether the model says prices of primary inputs, so that costs decide all others."""
    priced = {market.good for market in model.outside if market.price is not None}
    sectors = [firm for firm in model.firms.values() if isinstance(firm, Sector)]
    made = {sector.outputs[0].good for sector in sectors}
    bought = {flow.good for sector in sectors for flow in sector.inputs}
    return (
        bool(sectors) and len(sectors) == len(model.firms) and bought <= made | priced and not made & priced
    )


def system(model: Model) -> System:
    """The price system of `model`; a ModelError says what keeps costs from deciding its prices."""
    sectors = tuple(_constant_returns(firm) for firm in model.firms.values())
    if model.fixed:
        name = next(iter(model.fixed))
        raise ModelError(f"{name!r} is held at {model.fixed[name]:g}; what gives way to it solve() finds")
    given = _given(model, _made(sectors))
    network = compile(model)
    place, forest, count = network.good_index, network.forest, len(sectors)
    first = forest.leaf_ptr[count : 2 * count]
    outputs = np.flatnonzero((network.leaf_root >= count) & (network.leaf_root < 2 * count))
    besides = np.setdiff1d(outputs, first)
    prices = np.full(len(network.goods), np.nan)
    for good, price in given.items():
        prices[place[good]] = price
    return System(
        network,
        sectors,
        forest.leaf_good[first],
        forest.leaf_quantity[first],
        network.leaf_root[besides] - count,
        forest.leaf_good[besides],
        forest.leaf_quantity[besides],
        prices,
    )


def _made(sectors: tuple[Sector, ...]) -> dict[str, Sector]:
    made: dict[str, Sector] = {}
    for sector in sectors:
        good = sector.outputs[0].good
        if good in made:
            raise ModelError(
                f"{good!r} is made by {made[good].name!r} and by {sector.name!r}, so its cost is not one "
                "number; a firm that mixes the two products into one, or solve(), decides between them"
            )
        made[good] = sector
    return made


def factors(of: System, costs: Mapping[str, float]) -> Floats:
    """1 + the rise in cost of every firm, from rises by name (0.1 is 10 per cent)."""
    names = of.network.sectors
    found = np.ones(len(names))
    for name, rise in costs.items():
        if name not in of.network.sector_index:
            raise ModelError(f"no firm is named {name!r}.{did_you_mean(name, names)}")
        found[of.network.sector_index[name]] += rise_of(rise, f"cost of {name!r}")
    return found


def rise_of(rise: float, what: str) -> float:
    """A relative change that leaves something."""
    if not -1 < rise < float("inf"):
        raise ModelError(
            f"a change of the {what} by {rise!r} leaves nothing of it; 0.1 means 10 per cent more"
        )
    return rise


def solve(of: System, given: Floats, factor: Floats) -> tuple[Floats, float]:
    """All prices by good, and the worst relative gap to cost by code apart from the solver's."""
    prices = _linear(of, given, factor) if of.fixed.all() else _newton(of, given, factor)
    named = dict(zip(of.network.goods, prices.tolist(), strict=True))
    gap, firm = worst_gap(of.sectors, named, factor.tolist())
    if not gap <= TOLERANCE:
        raise NotSolved(
            f"price and cost of {firm!r} still differ by {gap:.2g}, relative; no prices are reported"
        )
    return prices, gap


def _linear(of: System, given: Floats, factor: Floats) -> Floats:
    """Fixed coefficients: made_j p_j - factor_j (inputs - by-products)_j p = 0, refined once."""
    _, amounts = of.spending(np.ones(len(given)))
    net = factor[:, None] * of.net(amounts)
    known = -net @ np.nan_to_num(given)
    matrix = net[:, of.product] + np.diag(of.made)
    try:
        found = np.asarray(np.linalg.solve(matrix, known), float)
        found += np.linalg.solve(matrix, known - matrix @ found)
    except np.linalg.LinAlgError:
        raise NotSolved(_unproductive(of, None)) from None
    if not (found > 0).all():
        raise NotSolved(_unproductive(of, found))
    return _filled(of, given, found)


def _newton(of: System, given: Floats, factor: Floats) -> Floats:
    """Newton on log prices: log p_j = log(factor_j net cost_j / made_j), halving steps that lead away."""
    n = len(of.sectors)
    logs: Floats = np.zeros(n)
    step: Floats = np.zeros(n)
    size, worst = 1.0, np.inf
    for _ in range(STEPS):
        trial = logs + size * step
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            needed, net = _needed(of, _filled(of, given, np.exp(trial)))
            gap = np.log(factor * needed / of.made) - trial
        here = float(np.abs(gap).max())
        if not here < worst:
            if worst < 1e-13 or size < 1e-9:
                break
            size /= 2
            continue
        logs, worst, size = trial, here, 1.0
        jacobian = np.eye(n) + net[:, of.product] * np.exp(logs) / needed[:, None]
        try:
            step[:] = np.linalg.solve(jacobian, gap)
        except np.linalg.LinAlgError:
            raise NotSolved(_unproductive(of, None)) from None
    return _filled(of, given, np.exp(logs))


def _needed(of: System, prices: Floats) -> tuple[Floats, Floats]:
    """What the product of each sector must fetch to cover its cost, and what it sells less what it buys."""
    cost, amounts = of.spending(prices)
    besides = np.bincount(of.seller, of.amount * prices[of.sold], len(cost))
    return cost - besides, of.net(amounts)


def _filled(of: System, given: Floats, found: Floats) -> Floats:
    prices = given.copy()
    prices[of.product] = found
    return prices


def _constant_returns(firm: Firm) -> Sector:
    if isinstance(firm, CodeFirm):
        raise ModelError(
            f"firm {firm.name!r} is a Python function, whose cost depends on how much it makes; price() with "
            "given quantities, or solve(), finds its price"
        )
    if firm.returns != 1.0:
        raise ModelError(
            f"firm {firm.name!r} has returns {firm.returns:g}, so its cost depends on its size; use solve()"
        )
    taxed = [flow.good for flow in (*firm.inputs, *firm.outputs) if flow.taxes]
    if taxed:
        raise ModelError(
            f"firm {firm.name!r} pays a tax on {taxed[0]!r}, which prices from costs leave out; use solve()"
        )
    shape = [nest for nest in firm.nests if nest.side == "out" and nest.elasticity != 0]
    if shape and len(firm.outputs) > 1:
        raise ModelError(
            f"firm {firm.name!r} chooses between its outputs, so costs do not set their prices; use solve()"
        )
    return firm


def _given(model: Model, made: Mapping[str, Sector]) -> dict[str, float]:
    """The prices of primary inputs; every good has either such a price or a maker."""
    given: dict[str, float] = {}
    for market in model.outside:
        if market.price is None:
            continue
        if market.good in made:
            raise ModelError(
                f"{market.good!r} has a price from outside and a maker, {made[market.good].name!r}; "
                "which of the two sets it is for solve() to find"
            )
        given[market.good] = market.price
    for sector in made.values():
        for flow in (*sector.inputs, *sector.outputs):
            if flow.good not in made and flow.good not in given:
                raise ModelError(
                    f"firm {sector.name!r}: nobody makes {flow.good!r} and it has no price from outside; say "
                    f"supply({flow.good!r}, price=...)"
                )
    return given


def _unproductive(of: System, found: Floats | None) -> str:
    where = ""
    if found is not None:
        worst = int(found.argmin())
        where = f": the price of {of.network.goods[of.product[worst]]!r} would be {found[worst]:g}"
    return (
        f"no positive prices cover all costs{where}. The firms need more of some good than they make of it "
        "(the Hawkins-Simon condition fails)"
    )
