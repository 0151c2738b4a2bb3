"""The forces that push each variable of an economy: its owner's condition, in units of the owner's own.

Every variable z has a condition F (excess supply for a price, cost less revenue for an activity, price less
marginal value for a purchase, income less receipts, a constraint's slack), which reads only the links of its
owner. Its force is F over what its owner trades, or over the owner's own slopes where they are steeper: a
force of .1 is a tenth of a market, of a cost, of an income. Prices, activities and purchases move by factors,
the others by amounts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from pricegrad.equilibrium.code import CodeState
from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.trade import State as Point
from pricegrad.market.rows import Floats
from pricegrad.network import Network

_SMALL = 1e-12
_TYPICAL = 1e-3
_NEXT_TO_NOTHING = 1e-11  # of a usual activity, of a usual trade
_FASTEST = 0.2  # far from rest nobody moves by more than this factor, or part, in a round


class Push(NamedTuple):
    """The force on each variable (nan where a function is undefined); what a force of one is of the excess
    demand for each good; the technologies."""

    force: Floats
    market: Floats
    point: Point


class Field:
    """Forces on the vector z of a `Problem`. `moving` are the places that rules may move."""

    def __init__(self, network: Network) -> None:
        self.problem = self.pose(network)
        self.layout = layout = self.problem.layout
        self.moving = self.problem.free
        if self.level_is_free():
            self.moving = np.arange(layout.size)
        factor = np.zeros(layout.size, bool)
        factor[layout.price] = True
        factor[layout.activity] = True
        for part in (*layout.plans, *layout.baskets):
            factor[part] = True
        bounded = np.isfinite(self.problem.lower)
        self.factor = factor & (self.problem.lower <= 0)
        self.floor = np.where(bounded, self.problem.lower, -np.inf)
        self.little = self.smallest()

    def pose(self, network: Network) -> Problem:
        """The problem whose conditions push."""
        return Problem(network)

    def smallest(self) -> Floats:
        """Next to nothing of each variable: of a price, the amount of the good that is always offered."""
        problem = self.problem
        usual = problem.typical.copy()
        with np.errstate(all="ignore"):
            traded = self.turnover(usual, problem.trade.state(usual))
        usual[self.layout.price] = np.where(np.isfinite(traded), traded, 0.0)
        return np.asarray(_NEXT_TO_NOTHING * usual)

    def level_is_free(self) -> bool:
        """Whether only relative prices matter: the numeraire then moves like any other good."""
        network = self.problem.network
        anchored = any(market.price is not None or market.curve is not None for market in network.outside)
        held = len(self.layout.network.fixed) <= 1
        return held and not anchored and not network.outside and not network.auxiliaries

    def settle(self, z: Floats) -> Floats:
        """z with every income what is received at it."""
        income = np.zeros(self.layout.size, bool)
        income[self.layout.income] = True
        income &= np.isin(np.arange(self.layout.size), self.moving)
        with np.errstate(all="ignore"):
            z[income] -= self.problem.residual(z)[income]
        return z

    def start(self, price: Floats) -> Floats:
        """The whole vector at posted prices `price`: plans and incomes of the model's start."""
        problem, layout = self.problem, self.layout
        z = problem.start()
        loose = np.isnan(problem.held[layout.price])
        for market in problem.network.outside:
            if market.price is not None:
                loose[market.good] = False
        z[layout.price] = np.where(loose, price, z[layout.price])
        return problem.with_incomes(z)

    def _slopes(self, z: Floats, state: Point, code: CodeState) -> Floats:
        """How much each condition moves when what it reads moves by its own size, halved."""
        reach = np.abs(self.problem.values(z, state, code)) * self._size(z)[self.problem.all_cols]
        slope = self._by_row(reach) / 2
        return np.asarray(np.where(np.isfinite(slope) & (slope > _SMALL), slope, 1.0))

    def _by_row(self, reach: Floats) -> Floats:
        return np.asarray(np.bincount(self.problem.all_rows, reach, self.layout.size), dtype=float)

    def _size(self, z: Floats) -> Floats:
        return np.maximum(np.abs(z), np.where(self.factor, self.little, _TYPICAL))

    def forces(self, z: Floats) -> Push:
        """The forces at z."""
        with np.errstate(all="ignore"):
            value, state, code = self.problem.evaluate(z)
            price, traded = self.layout.price, self.turnover(z, state)
            value[price] += np.maximum(self.little[price] - 0.01 * traded, 0.0)
            weight = self._weights(z, state, code, traded)
            return Push(value / weight, weight[price], state)

    def _weights(self, z: Floats, state: Point, code: CodeState, traded: Floats) -> Floats:
        """What a force of one is of each condition."""
        weight, layout, n = self._slopes(z, state, code), self.layout, len(self.problem.network.sectors)
        weight[layout.price] = np.maximum(weight[layout.price], np.maximum(traded, _SMALL))
        cost, revenue = state.root_value[:n], state.root_value[n : 2 * n]
        weight[layout.activity] = np.maximum(0.5 * (cost + revenue), _SMALL)
        weight[layout.income] = 1.0
        weight[layout.aux] *= 2.0
        for unit, part in zip(self.problem.network.code_firms, layout.plans, strict=True):
            weight[part] = np.maximum(weight[part], z[unit.inputs])
        return weight

    def turnover(self, z: Floats, state: Point) -> Floats:
        """What is offered and wanted of each good, halved (goods,)."""
        network, layout = self.problem.network, self.layout
        goods = len(network.goods)
        amount = np.bincount(network.forest.leaf_good, np.abs(state.quantity), goods)
        amount += np.bincount(network.endowments.good, np.abs(network.endowments.quantity), goods)
        amount += np.bincount(network.subsistence.good, network.subsistence.quantity, goods)
        for unit, part in zip(network.code_firms, layout.plans, strict=True):
            np.add.at(amount, unit.inputs, z[part])
            made = unit.function(*z[part].tolist(), **unit.coefficients)
            np.add.at(amount, unit.outputs, np.abs(np.atleast_1d(np.asarray(made, dtype=float))))
        for unit, part in zip(network.utilities, layout.baskets, strict=True):
            np.add.at(amount, unit.inputs, z[part])
        for market in network.outside:
            if market.price is None:
                at = float(z[market.good])
                amount[market.good] += abs(
                    float(market.quantity if market.curve is None else market.curve(at))  # type: ignore[arg-type]
                )
        return np.asarray(amount / 2)

    def offered(self, z: Floats, state: Point) -> Floats:
        """What is offered of each good (goods,); of a good from code with its sign."""
        network, layout, forest = self.problem.network, self.layout, self.problem.network.forest
        goods = len(network.goods)
        sold = forest.output[forest.leaf_node]
        amount = np.bincount(forest.leaf_good[sold], state.quantity[sold], goods).astype(float)
        own = network.endowments
        amount += np.bincount(own.good, self.problem.incomes.owned(z), goods)
        for unit, part in zip(network.code_firms, layout.plans, strict=True):
            made = unit.function(*z[part].tolist(), **unit.coefficients)
            np.add.at(amount, unit.outputs, np.atleast_1d(np.asarray(made, dtype=float)))
        elastic = iter(z[layout.outside])
        for market in network.outside:
            if market.price is not None:
                amount[market.good] += (
                    max(market.sign * float(next(elastic)), 0.0) if market.sign > 0 else 0.0
                )
            elif market.sign > 0:
                at = float(z[market.good])
                amount[market.good] += float(
                    (market.quantity if market.curve is None else market.curve(at)) or 0
                )
        return np.asarray(amount)

    def push(self, z: Floats, force: Floats, step: float) -> Floats:
        """z after everyone followed its force by `step`; incomes stay as they are."""
        out = z.copy()
        by_factor = np.zeros(len(z), bool)
        by_factor[self.moving] = True
        plain = by_factor & ~self.factor
        plain[self.layout.income] = False
        by_factor &= self.factor
        move = np.clip(-step * force, -_FASTEST, _FASTEST)
        out[by_factor] = z[by_factor] * np.exp(move[by_factor])
        closed = by_factor & (z < self.little)
        closed[self.layout.price] = False
        out[closed] = z[closed] + self.little[closed] * move[closed]
        out[plain] = z[plain] + self._size(z)[plain] * move[plain]
        return np.maximum(out, self.floor)

    def gap(self, z: Floats, force: Floats) -> float:
        """Worst violation of complementarity: the force, or how far the variable stands off its bound."""
        scaled = force.copy()
        scaled[self.layout.income] /= np.maximum(np.abs(z[self.layout.income]), _SMALL)
        room = np.where(np.isfinite(self.floor), (z - self.floor), np.inf)
        worst = np.abs(np.minimum(room, scaled))[self.moving]
        return float(worst.max(initial=0.0)) if np.isfinite(worst).all() else np.inf
