"""Sectors and nested households: their conditions, their net supplies, and the exact Jacobian of both.

The Hessian of every nested CES or CET value function has one closed form. With V_v the value under vertex v
(a node, or a leaf) of a tree in one unit of the root, q the amounts of the leaves and u their user prices,

    dq_k / du_l = q_k q_l sum over vertices v above both k and l of (r_parent(v) - r_v) / V_v,

where r = 1 for leaves and above roots. Above the root of a household r = 0: its income, not its activity, is
given. (Differentiate ln q_k = sum over the path of (r_n - 1)(ln c_child - ln c_n).)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricegrad.equilibrium.layout import Layout
from pricegrad.network import Network
from pricegrad.network.forest import Floats, Ints

LEAST = 1e-150  # stands for a price of 0 under the logarithm


@dataclass(frozen=True, eq=False)
class State:
    """What the trees say at one point: wedges, user prices, amounts per unit of root, values, scales."""

    point: Floats
    wedge: Floats
    rate: Floats
    price: Floats
    amount: Floats
    node_value: Floats
    root_value: Floats
    scale: Floats
    quantity: Floats


class Trade:
    """Residuals and Jacobian entries of everything that hangs in the forest."""

    def __init__(self, network: Network, layout: Layout) -> None:
        self.network, self.layout = network, layout
        forest = network.forest
        self.sectors = len(network.sectors)
        self.root = network.leaf_root
        self.flow_sign = -network.leaf_sign
        self.linear = bool((network.returns == 1).all())
        upper = np.ones(forest.nodes)
        upper[2 * self.sectors : forest.level_ptr[1]] = 0.0
        inner = forest.parent >= 0
        upper[inner] = forest.exponent[forest.parent[inner]]
        self.bend = upper - forest.exponent
        self.own_bend = (forest.exponent - 1)[forest.leaf_node]
        self.pair_first, self.pair_second, self.pair_node = _pairs(forest.leaf_node, forest.parent, self.bend)
        self.own = np.flatnonzero(self.own_bend)
        self._leaf_pattern()
        self._income_pattern()
        self._profit_pattern()
        self.rows = np.concatenate(
            [
                forest.leaf_good[self.t_leaf],
                self.income_of_t_row,
                layout.income.start + network.taxes.to,
                layout.income.start + network.taxes.to[self.tax_aux],
                self.zero_row,
                self.zero_aux_row,
                layout.activity.start + np.arange(self.sectors),
                self.profit_row,
                self.profit_self_row,
            ]
        )
        self.cols = np.concatenate(
            [
                self.t_col,
                self.t_col[self.income_of_t],
                forest.leaf_good[network.taxes.leaf],
                layout.aux.start + network.taxes.aux[self.tax_aux],
                self.zero_col,
                self.zero_aux_col,
                layout.activity.start + np.arange(self.sectors),
                self.profit_col,
                self.profit_self_col,
            ]
        )

    def _leaf_pattern(self) -> None:
        """Every (leaf, variable) at which the amount of the leaf responds to the variable."""
        network, forest, layout = self.network, self.network.forest, self.layout
        self.tax_aux = np.flatnonzero(network.taxes.aux >= 0)
        followed = network.taxes.leaf[self.tax_aux]
        self.pair_aux, self.pair_aux_tax = join(self.pair_second, followed)
        self.own_aux, self.own_aux_tax = join(self.own, followed)
        of_root = np.concatenate(
            [
                np.tile(layout.activity.start + np.arange(self.sectors), 2),
                layout.income.start + np.arange(len(network.households)),
            ]
        )
        home_of = self.root - 2 * self.sectors
        self.need_leaf, self.need = join(home_of, network.subsistence.household)
        aux = layout.aux.start + network.taxes.aux[self.tax_aux]
        self.t_leaf = np.concatenate(
            [
                self.pair_first,
                self.own,
                np.arange(forest.leaves),
                self.pair_first[self.pair_aux],
                self.own[self.own_aux],
                self.need_leaf,
            ]
        )
        self.t_col = np.concatenate(
            [
                forest.leaf_good[self.pair_second],
                forest.leaf_good[self.own],
                of_root[self.root],
                aux[self.pair_aux_tax],
                aux[self.own_aux_tax],
                network.subsistence.good[self.need],
            ]
        )

    def _income_pattern(self) -> None:
        network, forest, layout = self.network, self.network.forest, self.layout
        self.income_of_t, self.income_of_t_tax = join(self.t_leaf, network.taxes.leaf)
        self.income_of_t_row = layout.income.start + network.taxes.to[self.income_of_t_tax]
        self.producing = np.flatnonzero(self.root < 2 * self.sectors)
        self.zero_row = layout.activity.start + self.root[self.producing] % max(self.sectors, 1)
        self.zero_col = forest.leaf_good[self.producing]
        made = self.root[network.taxes.leaf[self.tax_aux]] < 2 * self.sectors
        self.zero_tax = self.tax_aux[made]
        self.zero_aux_row = layout.activity.start + self.root[network.taxes.leaf[self.zero_tax]] % max(
            self.sectors, 1
        )
        self.zero_aux_col = layout.aux.start + network.taxes.aux[self.zero_tax]

    def _profit_pattern(self) -> None:
        """Profits arise where returns decrease; they move with prices, taxes and activity."""
        network, layout = self.network, self.layout
        own = network.ownership
        sector = own.firm < self.sectors
        drs = np.zeros(len(own.firm), bool)
        drs[sector] = network.returns[own.firm[sector]] < 1
        self.owner = np.flatnonzero(drs)
        firm = own.firm[self.owner]
        leaf_firm = np.where(self.root < 2 * self.sectors, self.root % max(self.sectors, 1), -1)
        self.profit_leaf, owner_of_leaf = join(leaf_firm, firm)
        self.profit_share = own.share[self.owner[owner_of_leaf]]
        income = layout.income.start + own.household[self.owner]
        aux_firm = leaf_firm[network.taxes.leaf[self.tax_aux]]
        taxed, owner_of_tax = join(aux_firm, firm)
        self.profit_tax = self.tax_aux[taxed]
        self.profit_tax_share = own.share[self.owner[owner_of_tax]]
        self.profit_row = np.concatenate([income[owner_of_leaf], income[owner_of_tax]])
        self.profit_col = np.concatenate(
            [
                network.forest.leaf_good[self.profit_leaf],
                layout.aux.start + network.taxes.aux[self.profit_tax],
            ]
        )
        self.profit_self_row, self.profit_self_col = income, layout.activity.start + firm

    def state(self, point: Floats) -> State:
        """Evaluate all trees at a point."""
        network, layout, forest = self.network, self.layout, self.network.forest
        price, aux = point[layout.price], point[layout.aux]
        rate = network.tax_rates(aux)
        wedge = 1.0 + network.leaf_sign * np.bincount(network.taxes.leaf, rate, forest.leaves)
        leaf_price = np.maximum(price[forest.leaf_good], LEAST)
        log_leaf = np.log(leaf_price * wedge / forest.leaf_price)
        log_cost = forest.log_costs(log_leaf)
        amount, below = forest.quantities_and_path(log_leaf, log_cost)
        roots = int(forest.level_ptr[1])
        node_value = forest.value * np.exp(log_cost + below)
        root_value = node_value[:roots]
        scale = np.empty(roots)
        activity = point[layout.activity]
        scale[: self.sectors] = activity
        scale[self.sectors : 2 * self.sectors] = activity if self.linear else activity**network.returns
        need = network.subsistence
        spare = point[layout.income] - np.bincount(
            need.household, need.quantity * price[need.good], len(network.households)
        )
        worth = root_value[2 * self.sectors :]
        scale[2 * self.sectors :] = spare / np.where(worth > 0, worth, 1.0)
        quantity = amount * scale[self.root]
        return State(point, wedge, rate, leaf_price, amount, node_value, root_value, scale, quantity)

    def residual(self, s: State, out: Floats) -> None:
        """Add zero-profit conditions, trade in the markets, and taxes and profits in the incomes."""
        network, layout, forest = self.network, self.layout, self.network.forest
        n, taxes, own = self.sectors, network.taxes, network.ownership
        out[layout.price] += np.bincount(forest.leaf_good, self.flow_sign * s.quantity, len(network.goods))
        cost, revenue = s.root_value[:n], s.root_value[n : 2 * n]
        if self.linear:
            out[layout.activity] += cost - revenue
        else:
            activity = s.point[layout.activity]
            out[layout.activity] += cost * activity ** (1 - network.returns) - network.returns * revenue
            profit = s.scale[n : 2 * n] * revenue - activity * cost
            np.subtract.at(
                out,
                layout.income.start + own.household[self.owner],
                own.share[self.owner] * profit[own.firm[self.owner]],
            )
        receipts = s.rate * s.price[taxes.leaf] * s.quantity[taxes.leaf]
        out[layout.income] -= np.bincount(taxes.to, receipts, len(network.households))

    def entries(self, s: State) -> Floats:
        """The values of the Jacobian at (`rows`, `cols`); equal places add up."""
        network, n = self.network, self.sectors
        taxes, sign, activity = network.taxes, network.leaf_sign, s.point[self.layout.activity]
        t = self._leaf_responses(s)
        income_tax = self.income_of_t_tax
        relax = np.ones(n) if self.linear else activity ** (1 - network.returns)
        weight = np.concatenate([relax, -network.returns])
        marginal = weight[self.root[self.producing]] * s.amount[self.producing]
        zero_leaf = taxes.leaf[self.zero_tax]
        flow = s.quantity[self.profit_leaf] * s.wedge[self.profit_leaf] * sign[self.profit_leaf]
        tax_leaf = taxes.leaf[self.profit_tax]
        swing = s.quantity[tax_leaf] * s.price[tax_leaf] * taxes.mult[self.profit_tax]
        return np.concatenate(
            [
                self.flow_sign[self.t_leaf] * t,
                -s.rate[income_tax] * s.price[taxes.leaf[income_tax]] * t[self.income_of_t],
                -s.rate * s.quantity[taxes.leaf],
                -(taxes.mult * s.price[taxes.leaf] * s.quantity[taxes.leaf])[self.tax_aux],
                marginal * s.wedge[self.producing],
                weight[self.root[zero_leaf]]
                * s.amount[zero_leaf]
                * s.price[zero_leaf]
                * sign[zero_leaf]
                * taxes.mult[self.zero_tax],
                self._own_activity(s),
                self.profit_share * flow,
                self.profit_tax_share * swing,
                self._profit_by_activity(s),
            ]
        )

    def _leaf_responses(self, s: State) -> Floats:
        """d quantity of leaf / d variable at (`t_leaf`, `t_col`)."""
        network, n = self.network, self.sectors
        with np.errstate(divide="ignore", invalid="ignore"):
            curvature = np.where(s.node_value > 0, self.bend / s.node_value, 0.0)
        first, second = self.pair_first, self.pair_second
        pair = s.quantity[first] * s.amount[second] * curvature[self.pair_node]
        own = self.own_bend[self.own] * s.quantity[self.own] / s.price[self.own]
        by_scale = np.ones(len(s.scale))
        if not self.linear:
            activity = s.point[self.layout.activity]
            by_scale[n : 2 * n] = network.returns * activity ** (network.returns - 1)
        worth = s.root_value[2 * n :]
        by_scale[2 * n :] = 1.0 / np.where(worth > 0, worth, 1.0)
        unit = s.amount * by_scale[self.root]
        pull = network.leaf_sign[network.taxes.leaf] * network.taxes.mult
        pull_pair, pull_own = pull[self.tax_aux][self.pair_aux_tax], pull[self.tax_aux][self.own_aux_tax]
        other, mine = second[self.pair_aux], self.own[self.own_aux]
        return np.concatenate(
            [
                pair * s.wedge[second],
                own,
                unit,
                pair[self.pair_aux] * s.price[other] * pull_pair,
                own[self.own_aux] * s.price[mine] / s.wedge[mine] * pull_own,
                -network.subsistence.quantity[self.need] * unit[self.need_leaf],
            ]
        )

    def _own_activity(self, s: State) -> Floats:
        if self.linear:
            return np.zeros(self.sectors)
        returns, cost = self.network.returns, s.root_value[: self.sectors]
        return np.where(returns == 1, 0.0, (1 - returns) * cost * s.point[self.layout.activity] ** -returns)

    def _profit_by_activity(self, s: State) -> Floats:
        own, n = self.network.ownership, self.sectors
        firm = own.firm[self.owner]
        returns, activity = self.network.returns[firm], s.point[self.layout.activity][firm]
        slope = returns * activity ** (returns - 1) * s.root_value[n + firm] - s.root_value[firm]
        return np.asarray(-own.share[self.owner] * slope)


def _pairs(leaf_node: Ints, parent: Ints, bend: Floats) -> tuple[Ints, Ints, Ints]:
    """All ordered pairs of leaves under each node that bends (r above differs from its own)."""
    leaf, node = np.arange(len(leaf_node)), leaf_node
    leaves, nodes = [], []
    while len(leaf):
        keep = bend[node] != 0
        leaves.append(leaf[keep])
        nodes.append(node[keep])
        up = parent[node]
        leaf, node = leaf[up >= 0], up[up >= 0]
    member, under = (
        np.concatenate([np.zeros(0, np.int64), *leaves]),
        np.concatenate([np.zeros(0, np.int64), *nodes]),
    )
    order = np.argsort(under, kind="stable")
    member, under = member[order], under[order]
    first, second = join(under, under)
    return member[first], member[second], under[first]


def join(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """All (i, j) with left[i] == right[j]."""
    order = np.argsort(right, kind="stable")
    keys = right[order]
    low, high = np.searchsorted(keys, left, "left"), np.searchsorted(keys, left, "right")
    count = high - low
    i = np.repeat(np.arange(len(left)), count)
    start = np.repeat(low - np.concatenate([[0], np.cumsum(count)[:-1]]), count) if len(count) else low
    return i, order[start + np.arange(len(i))] if len(i) else np.zeros(0, np.int64)
