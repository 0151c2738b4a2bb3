"""An ongoing market with inventories: goods are shipped out of stock, and paid for out of cash.

In every round each firm makes what it can of the inputs it was sent, ships from its stock to those who
ordered (everyone the same part of the order when the stock does not suffice), is paid, and looks ahead:

    forecast   f <- f + gain * (D - f)                               D: the amount ordered from it
    plan       y = f + adjust * (target * f - (stock + under way - f)),  at least 0
    price      log p <- log p + step * log(MC(f) / p) + pressure * (target * f - stock) / (target * f)
    order      the cost-minimal inputs for y at the prices seen, as far as the cash goes
    payout     cash beyond `reserve` rounds of purchases goes to the owners

Households spend a part of their cash; a factor cannot be stored, and its price follows what is ordered of it
over what there is, as does that of what comes in from outside. An order is money put down; what is not
shipped comes back. Outside markets pay and are paid through accounts. A sleeper repeats its order and goes on
paying out. So nobody uses what was not delivered, and stocks, receipts and money add up in every round.

Known: ongoing markets with warehouses settle under tatonnement of this kind for weak gross substitutes
(Cole and Fleischer 2008, "Fast-converging tatonnement algorithms for one-time and ongoing market
problems", STOC); with forecasts and stock targets orders swing wider than demand, the more the steeper
both are (Lee, Padmanabhan, Whang 1997 on the bullwhip effect); networks of such firms settle, cycle or
turn chaotic by regions of these parameters (Dessertaine, Moran, Benzaquen, Bouchaud 2022).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.border import Border
from pricegrad.market.bundles import Bundles
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule, Seen, State
from pricegrad.market.rules.make_to_order import MakeToOrder
from pricegrad.network import Network

_WARM = 60


class Shipped(NamedTuple):
    """What a round's trade came to: by link, by good, by account."""

    got: Floats
    wanted: Floats
    stock: Floats
    lost: Floats
    cash: Floats
    ordered: Floats
    border: State


class Inventory(Rule):
    """State: `price`, `stock`, `lost` by good; `forecast` by firm; `order` (money) and `got` (amount)
    by link;
    `cash` by firm, then household; with outside markets, `abroad` (their accounts) and `sent` (amounts).
    """

    name = "inventory"
    reads = "own technology, own stock, own cash, own orders, prices on own links"
    trades = True
    self_paced = True
    planner: ClassVar[type[MakeToOrder]] = MakeToOrder

    def __init__(self, network: Network, **options: Any) -> None:
        super().__init__(network, **options)
        self.plans = self.planner(network)
        self.demands, self.traders = self.plans.demands, self.plans.traders
        self.bundles = Bundles(network.forest)
        self.homes = slice(self.demands.sectors, self.demands.buyers)
        order = np.argsort(self.plans.sector)
        self.good = self.plans.made[order]
        self.size = np.exp(self.plans.log_size[order])
        self.kept, self.returns = self.plans.kept[order], self.plans.returns[order]
        self.factor = self.plans.factor
        self.border = Border(network)

    @classmethod
    def options(cls) -> dict[str, Any]:
        """See the module; `spoils`: the part of a stock lost in a round; `spends`: of cash, by households."""
        return {
            "gain": 0.15,
            "target": 1.0,
            "adjust": 0.3,
            "step": 0.3,
            "pressure": 0.1,
            "reserve": 4.0,
            "spoils": 0.0,
            "spends": 0.35,
        }

    @classmethod
    def lacks(cls, network: Network) -> list[str]:
        return [
            *MakeToOrder.lacks(network),
            *(
                f"household {network.households[h]!r} has amounts it cannot do without and may not get"
                for h in np.unique(network.subsistence.household).tolist()
            ),
        ]

    @property
    def link_good(self) -> NDArray[np.int64]:
        return self.demands.good

    def owners(self) -> dict[str, NDArray[np.int64]]:
        return {"cash": np.arange(self.demands.buyers)}

    def labels(self) -> dict[str, list[Hashable]]:
        goods: list[Hashable] = list(self.network.goods)
        links, firms = self.demands.labels(), list(self.network.sectors)
        cash: list[Hashable] = [*firms, *self.network.households]
        named: dict[str, list[Hashable]] = {"price": goods, "stock": goods, "lost": goods, "order": links}
        if self.border.markets:
            named["abroad"] = named["sent"] = [
                (self.network.goods[market.good], market.sign, i)
                for i, market in enumerate(self.border.markets)
            ]
        return {**named, "got": links, "cash": cash, "forecast": list(firms)}

    def start(self, price: Floats) -> State:
        """Warm: forecasts, stocks and cash as after some rounds of orders at prices that stay posted."""
        plans, opening = self.plans, self.plans.start(price)
        price = opening["price"]
        for _ in range(_WARM):
            news = Seen(np.log(price), {"order": opening["order"]})
            opening = {**plans.propose({**opening, "price": price}, news), "price": price}
        amount = plans.quantities(opening)
        stock = np.zeros(self.traders.goods)
        stock[self.good] = self.option["target"] * amount[self.good]
        spend = np.bincount(self.demands.buyer, opening["order"] * self.demands.wedge, self.demands.buyers)
        cash = self.option["reserve"] * spend
        cash[self.homes] = spend[self.homes] * (1 / self.option["spends"] - 1)
        return {
            "price": price.copy(),
            "stock": stock,
            "lost": np.zeros(self.traders.goods),
            "forecast": amount[self.good],
            "order": opening["order"],
            "got": opening["order"] / price[self.demands.good],
            "cash": cash,
            **self._at_the_border(np.zeros(len(self.border.markets)), np.zeros(len(self.border.markets))),
        }

    def _at_the_border(self, abroad: Floats, sent: Floats) -> State:
        return {"abroad": abroad, "sent": sent} if self.border.markets else {}

    def propose(self, state: State, seen: Seen) -> State:
        awake = np.ones(self.demands.buyers, bool) if seen.awake is None else seen.awake
        firms = awake[: self.demands.sectors]
        trade = self._trade(state)
        ordered, here = trade.ordered, self.border.brings
        gain, target = self.option["gain"], self.option["target"]
        forecast = state["forecast"] + np.where(firms, gain * (ordered[self.good] - state["forecast"]), 0.0)
        stock = trade.stock[self.good]
        ahead = stock + self._output(trade.got) - forecast
        plan = np.maximum(forecast + self.option["adjust"] * (target * forecast - ahead), 0.0)
        log_cost, unit = self.demands.plan(seen.log_price, np.ones(self.demands.buyers))
        log_cost = log_cost[: self.demands.sectors]
        price = state["price"].copy()
        self._post(price, log_cost, forecast, stock, firms)
        f = self.factor
        rush = np.log(np.maximum(ordered[f], 1e-300) / self.traders.endowed[f])
        price[f] *= np.exp(self.option["step"] * np.clip(rush, -0.5, 0.5))
        if len(here):
            there = self.border.brought(self.border.amounts(price), self.traders.goods)[here]
            there = np.where(
                np.isinf(there), ordered[here], there
            )  # as much as is wanted, at a price that stays
            rush = np.log(np.maximum(ordered[here], 1e-300) / np.maximum(there, 1e-300))
            price[here] *= np.exp(self.option["step"] * np.clip(rush, -0.5, 0.5) / 2)
            price[self.border.given] = self.border.price
        wish = np.empty(self.demands.buyers)
        wish[: self.demands.sectors] = np.exp(log_cost) * (plan / self.size) ** (1 / self.returns)
        wish[self.homes] = self.option["spends"] * trade.cash[self.homes]
        worth = self.returns * self.kept * state["price"][self.good] * ordered[self.good]
        order, cash = self._order(state["order"], unit, wish, trade.cash, awake, worth)
        return {
            "price": price,
            "stock": trade.stock,
            "lost": trade.lost,
            "forecast": forecast,
            "order": order,
            "got": trade.got,
            "cash": cash,
            **trade.border,
        }

    def _output(self, got: Floats) -> Floats:
        """What each firm makes of the inputs in its hands."""
        amount = self.network.forest.leaf_quantity.copy()
        amount[self.demands.leaf] = got
        index = self.bundles.index(amount)[: self.demands.sectors]
        return np.asarray(self.size * np.exp(self.returns * index))

    def _at_hand(self, state: State) -> Floats:
        """What there is of each good to ship: stock and what was just made; of a factor, all there is."""
        have = state["stock"].copy()
        have[self.good] += self._output(state["got"])
        have[self.factor] = self.traders.endowed[self.factor]
        if len(self.border.brings):
            have += self.border.brought(self.border.amounts(state["price"]), self.traders.goods)
        return have

    def _trade(self, state: State) -> Shipped:
        """Make, ship out of stock, pay; the rationed get the same part of their orders, and money back."""
        demands, network = self.demands, self.network
        price, goods = state["price"], self.traders.goods
        have = self._at_hand(state)
        wanted = state["order"] / price[demands.good]
        total = np.bincount(demands.good, wanted, goods).astype(float)
        border, exported = self.border, np.zeros(goods)
        if border.markets:
            sent = np.where(border.buys, border.amounts(price), 0.0)
            total += np.bincount(border.good, sent, goods)
        part = np.minimum(1.0, np.divide(have, total, out=np.ones(goods), where=total > 0))
        got = wanted * part[demands.good]
        paid = got * price[demands.good]
        cash = state["cash"] + np.bincount(
            demands.buyer, (state["order"] - paid) * demands.wedge, demands.buyers
        )
        sales = np.bincount(demands.good, paid, goods).astype(float)
        crossed: State = {}
        if border.markets:
            sent *= part[border.good]
            exported = np.bincount(border.good, sent, goods).astype(float)
            sales += exported * price
            crossed = self._at_the_border(border.paid(state["abroad"], sent, price, sales), sent)
        cash[: demands.sectors] += sales[self.good] * self.kept
        own = network.endowments
        cash[self.homes] += np.bincount(
            own.household, own.quantity / self.traders.endowed[own.good] * sales[own.good], self.traders.homes
        )
        if network.taxed:
            worth = np.zeros(network.forest.leaves)
            worth[demands.leaf] = paid
            worth[self.traders.out_leaf] = sales[self.traders.out_good]
            cash[self.homes] += np.bincount(
                network.taxes.to, network.taxes.rate * worth[network.taxes.leaf], self.traders.homes
            )
        left = have - np.bincount(demands.good, got, goods) - exported
        left[self.factor] = left[border.brings] = 0.0
        lost = self.option["spoils"] * np.maximum(left, 0.0)
        return Shipped(got, wanted, np.maximum(left - lost, 0.0), lost, cash, total, crossed)

    def _post(
        self, price: Floats, log_cost: Floats, forecast: Floats, stock: Floats, firms: NDArray[np.bool_]
    ) -> None:
        """Prices move towards marginal cost at the forecast, and against the stock."""
        now = np.log(price[self.good])
        with np.errstate(divide="ignore"):
            scale = (1 / self.returns - 1) * np.log(np.maximum(forecast, 1e-300) / self.size)
        marginal = log_cost - np.log(self.returns * self.kept * self.size) + scale
        target = np.maximum(self.option["target"] * forecast, 1e-300)
        short = np.clip((target - stock) / target, -1.0, 1.0)
        move = self.option["step"] * (marginal - now) + self.option["pressure"] * short
        price[self.good] = np.exp(now + np.where(firms & (forecast > 0), np.clip(move, -0.5, 0.5), 0.0))

    def _order(
        self, last: Floats, unit: Floats, wish: Floats, cash: Floats, awake: NDArray[np.bool_], worth: Floats
    ) -> tuple[Floats, Floats]:
        """Orders as far as the cash goes, and the cash after them and after payouts to the owners.

        `worth`: what the orders that firms hold would have them spend; a sleeper that could pay for little
        last time must not give its cash away.
        """
        demands, shares = self.demands, self.network.ownership
        repeated = np.bincount(demands.buyer, last * demands.wedge, demands.buyers)
        spend = np.minimum(np.where(awake, wish, repeated), np.maximum(cash, 0.0))
        again = np.divide(spend, repeated, out=np.zeros_like(spend), where=repeated > 0)
        chosen = np.where(awake[demands.buyer], unit * spend[demands.buyer], last * again[demands.buyer])
        cash = cash - np.bincount(demands.buyer, chosen * demands.wedge, demands.buyers)
        n = demands.sectors
        needs = np.where(awake[:n], spend[:n], np.maximum(spend[:n], worth))
        spare = np.maximum(cash[:n] - self.option["reserve"] * needs, 0.0)
        owned = np.bincount(shares.firm, minlength=n)[:n] > 0
        payout = np.where(owned, spare, 0.0)
        cash[:n] -= payout
        cash[self.homes] += np.bincount(
            shares.household, shares.share * payout[shares.firm], self.traders.homes
        )
        return chosen, cash

    def links(self) -> list[tuple[str, str]]:
        return self.demands.pairs()

    def purchases(self, state: State) -> Floats:
        """What was delivered."""
        return state["got"]

    def quantities(self, state: State) -> Floats:
        """What was delivered of each good."""
        amount = np.bincount(self.demands.good, state["got"], self.traders.goods).astype(float)
        if self.border.markets:
            amount += np.bincount(self.border.good, state["sent"], self.traders.goods)
        return amount

    def shelves(self, state: State, following: State) -> tuple[Floats, Floats]:
        """Stock, and what was ordered and not delivered, by good."""
        wanted = state["order"] / state["price"][self.demands.good] - following["got"]
        missed = np.bincount(self.demands.good, wanted, self.traders.goods).astype(float)
        border = self.border
        if border.markets:
            asked = np.where(border.buys, border.amounts(state["price"]), 0.0)
            missed += np.bincount(border.good, asked - following["sent"], self.traders.goods)
        tiny = 1e-12 * self.quantities(following)
        return following["stock"], np.where(missed > tiny, missed, 0.0)

    def money(self, state: State) -> float:
        """All cash and all money put down for orders."""
        abroad = float(state["abroad"].sum()) if self.border.markets else 0.0
        inside = self.whole("cash", state["cash"]) + self.whole("order", state["order"] * self.demands.wedge)
        return inside + abroad

    def gap(self, state: State, following: State) -> float:
        """As for every rule; and a market in which orders are cut is not at rest, however still it stands."""
        missed, shipped = self.shelves(state, following)[1], self.quantities(following)
        wanted = np.maximum(missed + shipped, 1e-300)
        return max(super().gap(state, following), self.largest(missed / wanted))

    def violation(self, state: State, following: State) -> float:
        """Goods made and in stock against goods shipped, lost and in stock; and money."""
        before = state["stock"].copy()
        before[self.good] += self._output(state["got"])
        shipped = self.quantities(following)
        after = following["stock"] + following["lost"] + shipped
        over = np.maximum(shipped[self.factor] / self.traders.endowed[self.factor] - 1.0, 0.0)
        brings = self.border.brings
        if len(brings):
            there = self.border.brought(self.border.amounts(state["price"]), self.traders.goods)[brings]
            with np.errstate(invalid="ignore"):
                beyond = np.where(np.isinf(there), 0.0, shipped[brings] / np.maximum(there, 1e-300) - 1.0)
            over = np.append(over, np.maximum(beyond, 0.0))
        made = self.good
        size = np.maximum(before[made], 1e-300)
        worst = max(
            float(np.max(np.abs(after[made] - before[made]) / size, initial=0.0)),
            float(np.max(over, initial=0.0)),
            float(np.max(-np.minimum(following["stock"], 0.0), initial=0.0)),
        )
        money = self.money(state)
        return max(worst, abs(self.money(following) - money) / money)
