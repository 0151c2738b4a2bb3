"""Post marginal cost and make to order.

Each firm posts its own marginal cost at the orders it holds, and orders its inputs cost-minimally at
the prices it sees; the owner of a factor posts what is spent on it over the amount it has. With R_g the
value of the orders held for good g, theta the returns to scale of its maker j, and c_j its unit cost at
the prices seen,

    produced good   p_g <- R_g / (q_j (theta R_g / c_j) ** theta)             marginal cost at the orders held
    factor          p_f <- R_f / supply_f                                     (both moved by a step, in logs)
    orders          firm j spends theta R_g on its inputs, in the shares of its cost-minimal plan
    household       spends a part of its purse, which receives what it is paid: factors, profits
                    (1 - theta) R_g, taxes

Price news flows down the chain as costs, orders flow back up it as the transpose of that map. The step is
1 / max(1, own elasticity), the elasticity of the orders in the seller's own book.

Known: the price map of constant and decreasing returns is a contraction in log prices (rate theta times one
minus the labour share in the worst firm), so the iteration converges totally asynchronously: whatever
the order of moves and with messages of any bounded age (Bertsekas 1982, "Distributed asynchronous
computation of fixed points", Math. Programming 27). Firms of this kind out of equilibrium: Dessertaine,
Moran, Benzaquen, Bouchaud 2022, J. Econ. Dyn. Control 138; relaxation slows down without bound towards
the Hawkins-Simon point.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.demands import Demands
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule, Seen, State
from pricegrad.market.traders import Traders
from pricegrad.network import Network

Ints = NDArray[np.int64]
_FACTOR_SLOPE = 1 / 1.5  # of a factor's price in what is spent on it, with room for its buyers' answer


class MakeToOrder(Rule):
    """The dual pair of sweeps.

    State: `price` by good, `order` (value at market prices) by buying link, `purse` by household.
    """

    name = "make-to-order"
    reads = "own technology, own orders, prices on own links"
    messages = ("order",)

    def __init__(self, network: Network, **options: Any) -> None:
        super().__init__(network, **options)
        self.traders, self.demands = Traders(network), Demands(network)
        traders, forest = self.traders, network.forest
        self.made = np.flatnonzero(traders.maker >= 0)
        self.factor = np.flatnonzero((traders.maker < 0) & (traders.endowed > 0))
        self.sector = traders.maker[self.made]
        leaf = np.empty(traders.goods, dtype=np.int64)
        leaf[traders.out_good] = traders.out_leaf
        self.log_size = np.log(forest.leaf_quantity[leaf[self.made]])
        self.kept = network.wedge(np.zeros(0))[leaf[self.made]]
        self.returns = network.returns[self.sector]
        self._base = -self.returns * np.log(self.returns * self.kept) - self.log_size
        self._at, self._by = run_of(self.made), run_of(self.sector)  # slices, where they are in order
        self._known: list[tuple[Floats, Floats]] = []
        self._traded: list[tuple[Floats, Floats, Floats]] = []
        shares = network.ownership
        inside = shares.firm < traders.sectors
        self._owned = shares.household[inside], shares.share[inside], run_of(shares.firm[inside])
        self._slope, self._bends = self._where_elasticity_matters()

    @classmethod
    def lacks(cls, network: Network) -> list[str]:
        traders = Traders(network)
        return [
            *(
                f"firm {unit.name!r} is a Python function, and the rule needs its unit cost as a function of "
                'prices; use "proportional-response"'
                for unit in network.code_firms
            ),
            *(
                f"the utility of {unit.name!r} is a Python function; the rule needs a technology like pg.CES"
                for unit in network.utilities
            ),
            *(
                f"firm {name!r} makes several goods, and an order for one of them does not say how much of "
                'the others to make; use "optimistic"'
                for name in traders.joint()
            ),
            *(
                f'{good!r} has several sellers, and an order must know whose it is; use "optimistic"'
                for good in traders.several_sellers()
            ),
            *(f"nobody sells {good!r}" for good in traders.unsold()),
            *(f'{name!r} is held at a value; use "optimistic"' for name in traders.held()),
            *(
                f'{network.auxiliaries[i][0]!r} is set by a constraint on the whole economy; use "optimistic"'
                for i in range(len(network.auxiliaries))
            ),
            *(
                f"the outside market for {network.goods[market.good]!r} takes any amount at its price, which "
                'is no order; use "proportional-response"'
                for market in network.outside
                if market.sign < 0 and market.price is not None
            ),
            *(
                f"household {network.households[own]!r} owes {network.goods[good]!r} (a negative endowment)"
                for own, good, amount in zip(
                    network.endowments.household,
                    network.endowments.good,
                    network.endowments.quantity,
                    strict=True,
                )
                if amount < 0
            ),
        ]

    @classmethod
    def options(cls) -> dict[str, Any]:
        """`spends`: the part of its purse that a household spends in a round."""
        return {"spends": 0.5}

    @property
    def link_good(self) -> NDArray[np.int64]:
        return self.demands.good

    def owners(self) -> dict[str, NDArray[np.int64]]:
        """A produced good's price belongs to its maker, a factor's to an agent of its own."""
        seller = self.demands.buyers + np.arange(self.traders.goods)
        seller[self.made] = self.sector
        home = self.demands.sectors + np.arange(self.traders.homes)
        return {"price": seller, "order": self.demands.buyer, "purse": home}

    def labels(self) -> dict[str, list[Hashable]]:
        return {
            "price": list(self.network.goods),
            "order": self.demands.labels(),
            "purse": list(self.network.households),
        }

    def start(self, price: Floats) -> State:
        """Purses hold the worth of the endowments; households and firms spend as much."""
        price = price.copy()
        self._fixed(price)
        purse = self._endowment_value(price)
        firms = np.full(self.demands.sectors, purse.sum() / max(self.demands.sectors, 1))
        spend = np.concatenate([firms, self.option["spends"] * purse])
        return {"price": price, "order": self.demands.plan(np.log(price), spend)[1], "purse": purse}

    def propose(self, state: State, seen: Seen) -> State:
        orders = self._book(seen.messages["order"], state["price"])
        spend = np.empty(self.demands.buyers)
        earned = orders[self._at] * self.kept
        spend[: self.demands.sectors] = 0.0
        spend[self._by] = self.returns * earned
        bought = self.option["spends"] * state["purse"]
        spend[self.demands.sectors :] = np.maximum(bought - self._subsistence(state["price"]), 0.0)
        purse = state["purse"] - bought
        purse += self._incomes(orders, earned, seen.messages["order"], state["price"])
        log_cost, order = self.demands.plan(seen.log_price, spend)
        price = state["price"].copy()
        with np.errstate(divide="ignore", invalid="ignore"):  # nobody may want the good of a firm
            held = np.log(orders[self._at])
            target = self.returns * log_cost[self._by] + self._base
            target += np.where(self.returns < 1, (1 - self.returns) * held, 0.0)
        step = self._steps(orders, seen.messages["order"])
        now = np.log(price[self._at])
        target -= now
        target *= step[self._at]
        now += np.where(np.isfinite(target), target, 0.0)
        price[self._at] = np.exp(now)
        self._post_factors(price, orders, step)
        self._fixed(price)
        return {"price": price, "order": order, "purse": purse}

    def _post_factors(self, price: Floats, orders: Floats, step: Floats) -> None:
        f, supply = self.factor, self.traders.endowed
        paid = orders[f] / supply[f]
        price[f] = np.where(paid > 0, price[f] * (np.maximum(paid, 1e-300) / price[f]) ** step[f], price[f])
        for market in self.network.outside:
            g = market.good
            if market.sign > 0 and market.price is None:
                amount = market.quantity if market.curve is None else market.curve(float(price[g]))
                price[g] *= (max(orders[g], 1e-300) / (price[g] * amount)) ** (0.5 if market.curve else 1.0)

    def _fixed(self, price: Floats) -> None:
        for market in self.network.outside:
            if market.price is not None:
                price[market.good] = market.price

    def _collected(self, order: Floats) -> Floats:
        """Orders added up by good; the last two answers are remembered (orders are never written over)."""
        for known, orders in self._known:
            if known is order:
                return orders
        self._known = [(order, self.demands.collect(order)), *self._known[:1]]
        return self._known[0][1]

    def _book(self, order: Floats, price: Floats) -> Floats:
        """Value of the orders each good's seller holds, those from outside and for subsistence included."""
        orders = self._collected(order).copy()
        need = self.network.subsistence
        np.add.at(orders, need.good, need.quantity * price[need.good])
        for market in self.network.outside:
            if market.sign < 0:
                at = float(price[market.good])
                amount = market.quantity if market.curve is None else market.curve(at)
                orders[market.good] += at * float(amount or 0.0)
        return orders

    def _incomes(self, orders: Floats, earned: Floats, order: Floats, price: Floats) -> Floats:
        """What each household was paid."""
        network, homes = self.network, self.traders.homes
        own, supply = network.endowments, self.traders.endowed
        have = supply[own.good]
        paid = np.divide(orders[own.good], have, out=price[own.good], where=have > 0)
        income = np.bincount(own.household, own.quantity * paid, homes).astype(float)
        profit = np.zeros(self.traders.sectors)
        profit[self._by] = (1 - self.returns) * earned
        owner, share, firm = self._owned
        income += np.bincount(owner, share * profit[firm], homes)
        if network.taxed:
            worth = np.zeros(network.forest.leaves)
            worth[self.demands.leaf] = order
            worth[self.traders.out_leaf] = orders[self.traders.out_good]
            income += np.bincount(network.taxes.to, network.taxes.rate * worth[network.taxes.leaf], homes)
        return np.asarray(income, dtype=np.float64)

    def _subsistence(self, price: Floats) -> Floats:
        """What the amounts that households cannot do without cost."""
        need = self.network.subsistence
        cost = need.quantity * price[need.good]
        return np.bincount(need.household, cost, self.traders.homes).astype(float)

    def _steps(self, orders: Floats, order: Floats) -> Floats:
        """The step of each seller: 1 / max(1, slope of its price times the elasticity of its orders)."""
        links, place, elasticity, goods = self._bends
        steps = np.ones(self.traders.goods)
        held = orders[goods]
        bend = np.bincount(place, order[links] * elasticity, len(goods))
        bend = np.divide(bend, held, out=np.zeros(len(goods)), where=held > 0)
        steps[goods] /= np.maximum(1.0, self._slope[goods] * bend)
        return steps

    def _where_elasticity_matters(self) -> tuple[Floats, tuple[Ints, Ints, Floats, Ints]]:
        """The slope of each good's price in its orders; links whose elasticity may shorten a step, their
        goods' places among `goods`, their elasticities, and `goods`."""
        slope = np.full(self.traders.goods, _FACTOR_SLOPE)
        slope[self.made] = 1 - self.returns
        steep = slope * self.largest(self.demands.elasticity) > 1
        links = np.flatnonzero(steep[self.demands.good])
        goods, place = np.unique(self.demands.good[links], return_inverse=True)
        return slope, (links, place, self.demands.elasticity[links], goods)

    def _endowment_value(self, price: Floats) -> Floats:
        own, homes = self.network.endowments, self.traders.homes
        value = np.bincount(own.household, own.quantity * price[own.good], homes).astype(float)
        return np.asarray(np.maximum(value, 1e-3 * max(float(value.sum()), 1.0)))

    def violation(self, state: State, following: State) -> float:
        """Money, in purses and in orders paid for; nan where some crosses the border."""
        if self.network.open:
            return float("nan")
        before, after = (self._money(s) for s in (state, following))
        return abs(after - before) / before

    def _money(self, state: State) -> float:
        if self.demands.taxed:
            paid = self.whole("order", state["order"] * self.demands.wedge)
        else:
            paid = self.whole("price", self._collected(state["order"]))
        return self.whole("purse", state["purse"]) + paid

    def diagnose(self, state: State) -> dict[str, float]:
        """The predicted rate of prices, and how far firms are from using up what they make.

        `price_rate`: the largest eigenvalue of the price map, returns times the shares of made inputs;
        `hawkins_simon`: one less that of the input shares alone; at 0 prices would not come to rest.
        """
        log_price = np.log(state["price"])
        rates = {}
        for name, weight in (("price_rate", self.returns), ("hawkins_simon", np.ones(len(self.made)))):
            spend, size = np.zeros(self.demands.buyers), 0.0
            spend[self.sector] = weight
            for _ in range(200):
                orders = self.demands.collect(self.demands.plan(log_price, spend)[1])
                spend[self.sector] = weight * orders[self.made] * self.kept
                before, size = size, float(spend.sum())
                if size <= 0 or abs(size - before) <= 1e-12 * size:
                    break
                spend /= size
            rates[name] = size
        rates["hawkins_simon"] = 1.0 - rates["hawkins_simon"]
        return rates

    def links(self) -> list[tuple[str, str]]:
        return self.demands.pairs()

    def purchases(self, state: State) -> Floats:
        """What is ordered, at the posted prices."""
        return np.asarray(state["order"] / state["price"][self.demands.good])

    def quantities(self, state: State) -> Floats:
        order, price = state["order"], state["price"]
        for known, at, amount in self._traded:
            if known is order and at is price:
                return amount
        self._traded = [(order, price, self._book(order, price) / price), *self._traded[:1]]
        return self._traded[0][2]


def run_of(index: Ints) -> slice | Ints:
    """`index` as a slice where it is a run of whole numbers: views cost less than copies."""
    if len(index) and index[-1] - index[0] == len(index) - 1 and (np.diff(index) == 1).all():
        return slice(int(index[0]), int(index[-1]) + 1)
    return index
