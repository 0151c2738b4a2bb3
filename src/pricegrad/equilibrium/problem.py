"""An economy as one mixed complementarity problem: F(z) perpendicular to lower <= z, with its exact
Jacobian.
"""

from __future__ import annotations

import copy
import math
from functools import cached_property
from typing import Any

import numpy as np

from pricegrad.equilibrium.blocks import Constraints, Incomes, OutsideTrade
from pricegrad.equilibrium.code import CodeAgents, CodeState
from pricegrad.equilibrium.derivatives import slope
from pricegrad.equilibrium.islands import unanchored
from pricegrad.equilibrium.layout import Layout
from pricegrad.equilibrium.sizes import typical
from pricegrad.equilibrium.trade import State, Trade
from pricegrad.errors import ModelError, did_you_mean
from pricegrad.network import Network
from pricegrad.network.forest import Floats

DENSE_LIMIT = 1500


class Problem:
    """The conditions of an equilibrium over the variables of a `Layout`.

    `free` are the places of the variables to find, the others are held at `held`. Rows and columns of the
    Jacobian are numbered within `free`. `lower` and `typical` sizes are by place in the whole vector.
    `anchors` are goods at price 1 because nothing ties them to the numeraire.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.layout = layout = Layout(network)
        self.trade = Trade(network, layout)
        self.incomes = Incomes(network, layout)
        self.constraints = Constraints(network, layout)
        self.outside = OutsideTrade(network, layout, slope)
        self.code = CodeAgents(network, layout)
        self.lower = self._bounds()
        blocks = (self.trade, self.incomes, self.constraints, self.outside, self.code)
        self.all_rows = np.concatenate([block.rows for block in blocks])
        self.all_cols = np.concatenate([block.cols for block in blocks])
        self.evaluations = 0
        held, self.numeraire = self._held()
        self.anchors = unanchored(network, held[layout.price])
        held[self.anchors] = 1.0
        self.pinned = self._pin(held)
        self._hold(held)

    @cached_property
    def typical(self) -> Floats:
        """A typical size of each variable."""
        return typical(self)

    def _hold(self, held: Floats) -> None:
        """Choose which variables to find (nan in `held`), and number rows and columns among them."""
        self.held, self.free = held, np.flatnonzero(np.isnan(held))
        place = np.full(self.layout.size, -1)
        place[self.free] = np.arange(len(self.free))
        rows, cols = place[self.all_rows], place[self.all_cols]
        self.kept = np.flatnonzero((rows >= 0) & (cols >= 0))
        self.rows, self.cols = rows[self.kept], cols[self.kept]
        self.dense = len(self.free) <= DENSE_LIMIT
        self.flat = self.rows * len(self.free) + self.cols if self.dense else None

    def unpinned(self) -> Problem:
        """The same problem with the prices of outside markets at a price, and their trade, among the
        unknowns.
        """
        other, held = copy.copy(self), self.held.copy()
        for place, trade in self.pinned:
            held[[place, trade]] = np.nan
        other._hold(held)
        return other

    def with_trade(self, z: Floats) -> Floats:
        """`z` with the trade of pinned outside markets that clears them."""
        if not self.pinned:
            return z
        z = z.copy()
        with np.errstate(all="ignore"):
            excess = self.residual(z)
        for place, trade in self.pinned:
            sign = self.outside.sign[trade - self.layout.outside.start]
            z[trade] -= sign * excess[place]
        return z

    def by_income(self) -> Problem | None:
        """The same problem in units of the largest income instead of the numeraire, which may be worth
        nothing.

        None where only the numeraire's units make sense: with other fixed variables, or outside markets.
        """
        if self.numeraire is None or self.network.outside or np.count_nonzero(~np.isnan(self.held)) != 1:
            return None
        income = self.start({})[self.layout.income]
        if not len(income) or not income.max() > 0:
            return None
        other, held = copy.copy(self), np.full(self.layout.size, np.nan)
        richest = int(np.argmax(income))
        held[self.layout.income.start + richest] = income[richest]
        other._hold(held)
        return other

    def _bounds(self) -> Floats:
        layout, lower = self.layout, self.layout.lower()
        for i, equality in enumerate(self.constraints.equality()):
            if equality:
                lower[layout.aux.start + i] = -math.inf
        for k, i in enumerate(layout.elastic):
            if self._alone(i):
                lower[layout.outside.start + k] = -math.inf
        for name, bound in self.network.lower.items():
            lower[layout.find(name)] = bound
        return lower

    def _alone(self, i: int) -> bool:
        """Whether an outside market at a price faces no inside trader on its own side, nor another market.

        It then takes (or gives) whatever the economy makes (or needs), of either sign.
        """
        network, market = self.network, self.network.outside[i]
        if any(other is not market and other.good == market.good for other in network.outside):
            return False
        buys = market.sign < 0
        flows = network.forest.leaf_good[(self.trade.flow_sign < 0) == buys]
        if market.good in flows:
            return False
        if buys:
            inside = [unit.inputs for unit in (*network.code_firms, *network.utilities)]
            inside.append(network.subsistence.good)
        else:
            inside = [unit.outputs for unit in network.code_firms] + [network.endowments.good]
        return not any(market.good in goods for goods in inside)

    def _held(self) -> tuple[Floats, str | None]:
        """Values of the variables that are not to be found, and the good whose price is 1 by convention."""
        network, layout = self.network, self.layout
        held = np.full(layout.size, np.nan)
        for name, value in network.fixed.items():
            held[layout.find(name)] = value
        self._idle_goods(held)
        fixed_price = [n for n, value in network.fixed.items() if n in network.good_index and value > 0]
        if fixed_price:
            return held, fixed_price[0]
        if any(name in network.household_index for name in network.fixed):
            return held, None
        anchored = any(m.price is not None or m.curve is not None for m in network.outside)
        named = network.numeraire in network.good_index
        if named and not any(m.good == network.good_index[str(network.numeraire)] for m in network.outside):
            held[network.good_index[str(network.numeraire)]] = 1.0
            return held, network.numeraire
        if anchored:
            return held, network.numeraire if named else None
        if network.outside:
            raise ModelError(
                "nothing sets the level of prices: name a good as numeraire, "
                "or give an outside market a price"
            )
        if network.numeraire and not named:
            raise ModelError(
                f"no good is named {network.numeraire!r}, the numeraire, and no outside market has a price "
                f"in it.{did_you_mean(network.numeraire, network.goods)}"
            )
        good = self._default_numeraire()
        held[good] = 1.0
        return held, network.goods[good]

    def _pin(self, held: Floats) -> list[tuple[int, int]]:
        """Hold prices that an outside market fixes alone, and its trade: (place of price, place of trade)."""
        found = []
        for k, i in enumerate(self.layout.elastic):
            market, trade = self.network.outside[i], self.layout.outside.start + k
            if np.isinf(self.lower[trade]) and np.isnan(held[market.good]):
                held[market.good], held[trade] = market.price, 0.0
                found.append((market.good, trade))
        return found

    def _idle_goods(self, held: Floats) -> None:
        """A good that no one trades has no price; hold it at its start."""
        network = self.network
        used = np.zeros(len(network.goods), bool)
        used[network.forest.leaf_good] = True
        used[network.endowments.good] = True
        used[network.subsistence.good] = True
        for unit in (*network.code_firms, *network.utilities):
            used[unit.inputs] = True
            used[unit.outputs] = True
        for market in network.outside:
            used[market.good] = True
        for good in np.flatnonzero(~used):
            held[good] = network.start.get(network.goods[int(good)], 1.0)

    def _default_numeraire(self) -> int:
        own = self.network.endowments
        positive = own.good[own.quantity > 0]
        return int(positive[0]) if len(positive) else 0

    def start(self, given: dict[str, float] | None = None) -> Floats:
        """Where the search begins: the user's `start`, else 1, with plans and incomes that follow from it."""
        network, layout = self.network, self.layout
        z = self.typical.copy()
        for name, value in (network.start if given is None else given).items():
            z[layout.find(name)] = value
        for name, bound in network.lower.items():
            if math.isfinite(bound) and name not in network.start:
                z[layout.find(name)] = max(z[layout.find(name)], bound)
        for k, i in enumerate(layout.elastic):
            z[network.outside[i].good] = network.outside[i].price
            z[layout.outside.start + k] = 1.0
        z = np.where(np.isnan(self.held), z, self.held)
        named = network.start if given is None else given
        mine = [
            h for h, name in enumerate(network.households) if name not in named and name not in network.fixed
        ]
        return self.with_incomes(z, mine)

    def with_incomes(self, z: Floats, households: Any = None, passes: int = 3) -> Floats:
        """`z` with incomes set to the value of endowments, taxes and profits at it."""
        layout, z = self.layout, z.copy()
        part = np.arange(layout.income.start, layout.income.stop)
        if households is not None:
            part = part[households]
        part = part[np.isnan(self.held[part])]
        for _ in range(passes):
            with np.errstate(all="ignore"):
                gap = self.residual(z)[part]
            if not np.isfinite(gap).all():
                break
            z[part] -= gap
        for unit, basket in zip(self.network.utilities, layout.baskets, strict=True):
            home = layout.income.start + unit.agent
            income, price = max(z[home], 1e-3 * self.typical[home]), z[unit.inputs]
            with np.errstate(all="ignore"):
                z[basket] = income / (len(price) * np.maximum(price, 1e-9 * self.typical[unit.inputs]))
        return z

    def residual(self, z: Floats) -> Floats:
        """F at the whole vector z; nan where a function is not defined."""
        return self.evaluate(z)[0]

    def evaluate(self, z: Floats) -> tuple[Floats, State, CodeState]:
        """F at z, and what the Jacobian needs of it."""
        self.evaluations += 1
        out = np.zeros(self.layout.size)
        state, code = self.trade.state(z), self.code.state(z)
        self.trade.residual(state, out)
        self.incomes.residual(z, out)
        self.constraints.residual(z, out)
        self.outside.residual(z, out)
        self.code.residual(code, z, out)
        return out, state, code

    def values(self, z: Floats, state: State, code: CodeState) -> Floats:
        """Jacobian entries at (`all_rows`, `all_cols`)."""
        return np.concatenate(
            [
                self.trade.entries(state),
                self.incomes.entries(z),
                self.constraints.entries(z),
                self.outside.entries(z),
                self.code.entries(code, z),
            ]
        )

    def jacobian(self, z: Floats, state: State, code: CodeState) -> Any:
        """dF/dz over the free variables: an array, or a sparse matrix when there are many."""
        values, n = self.values(z, state, code)[self.kept], len(self.free)
        if self.flat is not None:
            return np.bincount(self.flat, values, n * n).reshape(n, n)
        from scipy.sparse import coo_array

        return coo_array((values, (self.rows, self.cols)), shape=(n, n)).tocsc()
