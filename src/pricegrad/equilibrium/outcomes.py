"""What one may want to know of an equilibrium, with its gradient in the variables and in the parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.equilibrium.parameters import Parameters
from pricegrad.equilibrium.tables import household_rows
from pricegrad.model.lindahl import CARRIER
from pricegrad.network.forest import Floats, Ints

if TYPE_CHECKING:
    from pricegrad.equilibrium.result import Equilibrium


@dataclass(frozen=True, eq=False)
class Outcome:
    """A number that follows from an equilibrium: its value, its gradients by variable and by parameter."""

    label: str
    kind: str
    name: str
    value: float
    by_variable: Floats
    by_parameter: Floats


class Outcomes:
    """Makes outcomes by kind and name.

    Kinds: price, quantity, activity, income, aux, utility, sales share (a firm's sales at market prices over
    all incomes, its Domar weight), real output (the Divisia index of what households consume).
    """

    def __init__(self, eq: Equilibrium, parameters: Parameters) -> None:
        self.eq, self.problem, self.parameters = eq, eq.problem, parameters
        trade, layout = eq.problem.trade, eq.problem.layout
        self.responses = trade._leaf_responses(eq._state)
        self.names: dict[str, tuple[str, str]] = {}
        network = eq.problem.network
        made = [name for name in network.sectors if not name.startswith(CARRIER)]
        units = [unit.name for unit in network.code_firms]
        table = {
            "price": list(network.goods),
            "quantity": list(network.goods),
            "activity": [*made, *units],
            "income": list(network.households),
            "utility": list(network.households),
            "aux": list(layout.aux_index),
            "sales share": [*made, *units],
        }
        for kind, names in table.items():
            self.names |= {f"{kind} of {name}": (kind, name) for name in names}
        if network.households:
            self.names["real output"] = ("real output", "")

    def make(self, label: str) -> Outcome:
        """The outcome of a label."""
        kind, name = self.names[label]
        z, theta = np.zeros(self.problem.layout.size), np.zeros(len(self.parameters))
        value = {
            "price": self._variable,
            "income": self._variable,
            "aux": self._variable,
            "activity": self._activity,
            "quantity": self._quantity,
            "utility": self._utility,
            "sales share": self._sales,
            "real output": self._output,
        }[kind](kind, name, z, theta)
        return Outcome(label, kind, name, value, z, theta)

    def _variable(self, kind: str, name: str, z: Floats, theta: Floats) -> float:
        place = self.problem.layout.find(name, kind)
        z[place] = 1.0
        return float(self.eq.z[place])

    def _activity(self, kind: str, name: str, z: Floats, theta: Floats) -> float:
        network = self.problem.network
        if name in network.sector_index:
            return self._variable(kind, name, z, theta)
        i, part = self._unit(name)
        jet = self.eq._jets.firms[i]
        z[part] = jet.slope[0]
        theta[self._productivity(name)] = jet.value[0]
        return float(jet.value[0])

    def _unit(self, name: str) -> tuple[int, slice]:
        names = [unit.name for unit in self.problem.network.code_firms]
        return names.index(name), self.problem.layout.plans[names.index(name)]

    def _productivity(self, name: str) -> int:
        labels = [p.label for p in self.parameters.listed]
        return labels.index(f"productivity of {name}")

    def _leaves(self, weight: Floats, z: Floats, theta: Floats) -> None:
        """Add the gradient of sum of weight * quantity over the leaves of the forest."""
        trade, p = self.problem.trade, self.parameters
        z += np.bincount(trade.t_col, weight[trade.t_leaf] * self.responses, len(z))
        theta += np.bincount(p.leaf_col, weight[p.leaf] * p.leaf_value, len(theta))

    def _quantity(self, kind: str, name: str, z: Floats, theta: Floats) -> float:
        network, problem = self.problem.network, self.problem
        good = network.good_index[name]
        made = (problem.trade.flow_sign > 0) & (network.forest.leaf_good == good)
        self._leaves(made.astype(float), z, theta)
        own = network.endowments
        labels = {p.label: k for k, p in enumerate(self.parameters.listed)}
        for k in np.flatnonzero((own.good == good) & (own.quantity > 0)):
            ration = 1.0
            if own.aux[k] >= 0:
                place = problem.layout.aux.start + own.aux[k]
                z[place] += own.quantity[k]
                ration = float(self.eq.z[place])
            theta[labels[f"endowment of {name} of {network.households[own.household[k]]}"]] += ration
        for unit, part, jet in zip(
            network.code_firms, problem.layout.plans, self.eq._jets.firms, strict=True
        ):
            for k in np.flatnonzero(unit.outputs == good):
                z[part] += jet.slope[k]
                theta[self._productivity(unit.name)] += jet.value[k]
        for i, market in enumerate(network.outside):
            if market.good == good and market.sign > 0:
                if market.quantity is not None:
                    theta[labels[f"outside supply of {name}"]] += 1.0
                elif market.curve is not None:
                    z[good] += problem.outside.slope(market.curve, float(self.eq.z[good]))
                else:
                    z[problem.layout.outside.start + problem.layout.elastic.index(i)] += 1.0
        return self.eq.quantity_dict()[name]

    def _utility(self, kind: str, name: str, z: Floats, theta: Floats) -> float:
        network, problem, state = self.problem.network, self.problem, self.eq._state
        for unit, part, jet in zip(
            network.utilities, problem.layout.baskets, self.eq._jets.utilities, strict=True
        ):
            if unit.name == name:
                z[part] = jet.slope[0]
                return float(jet.value[0])
        h = network.household_index[name]
        root = 2 * problem.trade.sectors + h
        utility, worth = household_rows(self.eq)[name]["utility"], float(state.root_value[root])
        z[problem.layout.income.start + h] += 1 / worth
        need = network.subsistence
        mine = need.household == h
        np.subtract.at(z, need.good[mine], need.quantity[mine] / worth)
        leaves = np.flatnonzero(problem.trade.root == root)
        spent = utility / worth * state.amount[leaves]
        np.subtract.at(z, network.forest.leaf_good[leaves], spent * state.wedge[leaves])
        self._taxes_paid(leaves, spent, z, theta)
        if (
            kind == "utility"
        ):  # for real output tastes change nothing: quantities count, not what they are worth
            p = self.parameters
            mine = np.flatnonzero(p.root == root)
            np.subtract.at(theta, p.root_col[mine], utility * p.root_value[mine])
        return utility

    def _taxes_paid(self, leaves: Ints, spent: Floats, z: Floats, theta: Floats) -> None:
        """What taxes on a household's own demands take from its utility."""
        network, state = self.problem.network, self.eq._state
        labels = {p.label: k for k, p in enumerate(self.parameters.listed)}
        for leaf, amount in zip(leaves, spent, strict=True):
            for e in np.flatnonzero(network.taxes.leaf == leaf):
                loss = float(amount * state.price[leaf])
                if network.taxes.aux[e] >= 0:
                    z[self.problem.layout.aux.start + network.taxes.aux[e]] -= loss * network.taxes.mult[e]
                    continue
                good = network.goods[network.forest.leaf_good[leaf]]
                who = network.households[self.problem.trade.root[leaf] - 2 * self.problem.trade.sectors]
                theta[labels[f"tax on {good} of {who} to {network.households[network.taxes.to[e]]}"]] -= loss

    def _sales(self, kind: str, name: str, z: Floats, theta: Floats) -> float:
        network, problem, state = self.problem.network, self.problem, self.eq._state
        total = float(self.eq.z[problem.layout.income].sum())
        if name in network.sector_index:
            made = problem.trade.root == problem.trade.sectors + network.sector_index[name]
            weight = np.where(made, state.price, 0.0) / total
            self._leaves(weight, z, theta)
            np.add.at(z, network.forest.leaf_good[made], state.quantity[made] / total)
            share = float(weight @ state.quantity)
        else:
            i, part = self._unit(name)
            unit, jet = network.code_firms[i], self.eq._jets.firms[i]
            earn = self.eq.z[unit.outputs]
            z[part] += earn @ jet.slope / total
            np.add.at(z, unit.outputs, jet.value / total)
            share = float(earn @ jet.value) / total
            theta[self._productivity(name)] += share
        z[problem.layout.income] -= share / total
        return share

    def _output(self, kind: str, name: str, z: Floats, theta: Floats) -> float:
        """d ln Y = sum over households of (their part of all spending) * d ln utility; the level is 1."""
        rows = household_rows(self.eq)
        total = sum(row["income"] for row in rows.values())
        for home, row in rows.items():
            if row["utility"] and row["income"]:
                part_z, part_theta = np.zeros_like(z), np.zeros_like(theta)
                value = self._utility(kind, home, part_z, part_theta)
                weight = row["income"] / total / value
                z += weight * part_z
                theta += weight * part_theta
        return 1.0
