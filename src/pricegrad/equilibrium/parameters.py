"""The parameters of an economy by name, and how every condition of the equilibrium moves with each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.equilibrium.layout import Layout
from pricegrad.equilibrium.recipes import Responses, by_elasticities, by_quantities, walk
from pricegrad.equilibrium.trade import Trade, join
from pricegrad.model.lindahl import CARRIER
from pricegrad.network import CodeUnit, Taxes
from pricegrad.network.forest import Floats, Ints

if TYPE_CHECKING:
    from pricegrad.equilibrium.result import Equilibrium


@dataclass(frozen=True)
class Parameter:
    """What can be changed: `label` names it, `level` is its value (1 for a productivity)."""

    label: str
    kind: str
    name: str
    level: float


class Parameters:
    """All parameters of a solved economy.

    `rows`, `cols`, `values` are dF/d(parameter) by condition and parameter; `leaf`, `leaf_col`, `leaf_value`
    the direct responses of the flows in the forest; `root`, `root_col`, `root_value` those of the logs of
    unit costs, revenues and expenditures.
    """

    def __init__(self, eq: Equilibrium) -> None:
        self.eq, self.problem = eq, eq.problem
        self.listed: list[Parameter] = []
        self._rows: list[Ints] = []
        self._cols: list[Ints] = []
        self._values: list[Floats] = []
        self._leaves: list[tuple[Ints, Ints, Floats]] = []
        self._roots: list[tuple[Ints, Ints, Floats]] = []
        self._productivities()
        self._endowments()
        self._taxes()
        self._outside()
        self._code()
        self._fixed()
        self._recipes()
        self.rows = np.concatenate([*self._rows, np.zeros(0, np.int64)])
        self.cols = np.concatenate([*self._cols, np.zeros(0, np.int64)])
        self.values = np.concatenate([*self._values, np.zeros(0)])
        self.leaf = np.concatenate([*(entry[0] for entry in self._leaves), np.zeros(0, np.int64)])
        self.leaf_col = np.concatenate([*(entry[1] for entry in self._leaves), np.zeros(0, np.int64)])
        self.leaf_value = np.concatenate([*(entry[2] for entry in self._leaves), np.zeros(0)])
        self.root = np.concatenate([*(entry[0] for entry in self._roots), np.zeros(0, np.int64)])
        self.root_col = np.concatenate([*(entry[1] for entry in self._roots), np.zeros(0, np.int64)])
        self.root_value = np.concatenate([*(entry[2] for entry in self._roots), np.zeros(0)])

    def __len__(self) -> int:
        return len(self.listed)

    def columns(self, chosen: Ints) -> Floats:
        """dF/d(parameter) of the chosen parameters, dense."""
        place = np.full(len(self), -1)
        place[chosen] = np.arange(len(chosen))
        keep = np.flatnonzero(place[self.cols] >= 0)
        out = np.zeros((self.problem.layout.size, len(chosen)))
        np.add.at(out, (self.rows[keep], place[self.cols[keep]]), self.values[keep])
        return out

    def _put(self, rows: Ints, cols: Ints, values: Floats) -> None:
        self._rows.append(np.asarray(rows, np.int64))
        self._cols.append(np.asarray(cols, np.int64))
        self._values.append(np.asarray(values, np.float64))

    def _name(self, label: str, kind: str, name: str, level: float) -> int:
        self.listed.append(Parameter(label, kind, name, level))
        return len(self.listed) - 1

    def _productivities(self) -> None:
        """A factor on all that a firm makes."""
        problem, state, n = self.problem, self.eq._state, self.problem.trade.sectors
        network, trade, layout = problem.network, problem.trade, problem.layout
        place = np.full(n, -1)
        for j, name in enumerate(network.sectors):
            if not name.startswith(CARRIER):
                place[j] = self._name(f"productivity of {name}", "productivity", name, 1.0)
        made = np.flatnonzero((trade.root >= n) & (trade.root < 2 * n))
        made = made[place[trade.root[made] - n] >= 0]
        maker = trade.root[made] - n
        self._put(network.forest.leaf_good[made], place[maker], state.quantity[made])
        self._leaves.append((made, place[maker], state.quantity[made]))
        own = np.flatnonzero(place >= 0)
        self._put(layout.activity.start + own, place[own], -network.returns[own] * state.root_value[n + own])
        taxed = np.flatnonzero(
            (trade.root[network.taxes.leaf] >= n) & (trade.root[network.taxes.leaf] < 2 * n)
        )
        leaf = network.taxes.leaf[taxed]
        receipts = state.rate[taxed] * state.price[leaf] * state.quantity[leaf]
        keep = place[trade.root[leaf] - n] >= 0
        self._put(
            layout.income.start + network.taxes.to[taxed][keep],
            place[trade.root[leaf] - n][keep],
            -receipts[keep],
        )
        owners = trade.owner
        firm = network.ownership.firm[owners]
        revenue = state.scale[n + firm] * state.root_value[n + firm]
        self._put(
            layout.income.start + network.ownership.household[owners],
            place[firm],
            -network.ownership.share[owners] * revenue,
        )

    def _endowments(self) -> None:
        problem, own = self.problem, self.problem.network.endowments
        network = problem.network
        ration = np.ones(len(own.good))
        rationed = problem.incomes.rationed
        ration[rationed] = self.eq.z[problem.layout.aux][own.aux[rationed]]
        cols = np.array(
            [
                self._name(
                    f"endowment of {network.goods[g]} of {network.households[h]}",
                    "endowment",
                    network.goods[g],
                    float(q),
                )
                for h, g, q in zip(own.household, own.good, own.quantity, strict=True)
            ],
            np.int64,
        )
        self._put(own.good, cols, ration)
        self._put(problem.layout.income.start + own.household, cols, -ration * self.eq.z[own.good])

    def _taxes(self) -> None:
        """Each tax at a rate of its own, as if it followed an auxiliary variable of its own."""
        network = self.problem.network
        taxes, count = network.taxes, len(network.taxes.leaf)
        if not count:
            return
        every = Taxes(taxes.leaf, taxes.to, taxes.rate, np.arange(count), np.ones(count))
        names = tuple((f"tax {e}", "") for e in range(count))
        wide = replace(network, taxes=every, auxiliaries=names)
        layout = Layout(wide)
        trade = Trade(wide, layout)
        fixed = np.flatnonzero(taxes.aux < 0)
        place = np.full(count, -1)
        root_names = [*network.sectors, *network.sectors, *network.households]
        for e in fixed:
            leaf = taxes.leaf[e]
            good = network.goods[network.forest.leaf_good[leaf]]
            who, to = root_names[trade.root[leaf]], network.households[taxes.to[e]]
            place[e] = self._name(f"tax on {good} of {who} to {to}", "tax", good, float(taxes.rate[e]))
        state = self.eq._state
        point = np.zeros(layout.size)
        point[: layout.income.stop] = self.eq.z[: layout.income.stop]
        values = trade.entries(replace(state, point=point))
        low, high = layout.aux.start, layout.aux.stop
        keep = np.flatnonzero((trade.cols >= low) & (trade.cols < high))
        keep = keep[place[trade.cols[keep] - low] >= 0]
        self._put(trade.rows[keep], place[trade.cols[keep] - low], values[keep])
        responses = trade._leaf_responses(replace(state, point=point))
        keep = np.flatnonzero((trade.t_col >= low) & (trade.t_col < high))
        keep = keep[place[trade.t_col[keep] - low] >= 0]
        self._leaves.append((trade.t_leaf[keep], place[trade.t_col[keep] - low], responses[keep]))

    def _outside(self) -> None:
        problem, network = self.problem, self.problem.network
        for i, market in enumerate(network.outside):
            word, good = "supply of" if market.sign > 0 else "demand for", network.goods[market.good]
            if market.quantity is not None:
                k = self._name(f"outside {word} {good}", "outside", good, market.quantity)
                self._put(np.array([market.good]), np.array([k]), np.array([float(market.sign)]))
            elif market.price is not None:
                k = self._name(f"outside price of {good}", "outside", good, market.price)
                row = problem.layout.outside.start + problem.layout.elastic.index(i)
                self._put(np.array([row]), np.array([k]), np.array([float(market.sign)]))

    def _code(self) -> None:
        """Productivity and coefficients of firms given by code."""
        problem, z = self.problem, self.eq.z
        agents = problem.code
        for i, (unit, part) in enumerate(zip(problem.network.code_firms, problem.layout.plans, strict=True)):
            jet, x = self.eq._jets.firms[i], np.arange(part.start, part.stop)
            earn = z[unit.outputs]
            k = self._name(f"productivity of {unit.name}", "productivity", unit.name, 1.0)
            self._move(i, unit, x, k, jet.value, earn @ jet.slope, earn)
            for name, level in unit.coefficients.items():
                if isinstance(level, (int, float)) and not isinstance(level, bool):
                    k = self._name(f"{name} of {unit.name}", "coefficient", name, float(level))
                    step = 1e-4 * max(abs(float(level)), 1e-2)
                    ends = [
                        agents.moved(unit, {**unit.coefficients, name: float(level) + s}, z[part], earn)
                        for s in (step, -step, 2 * step, -2 * step)
                    ]
                    value = (8 * (ends[0].value - ends[1].value) - (ends[2].value - ends[3].value)) / (
                        12 * step
                    )
                    slope = (8 * (ends[0].slope - ends[1].slope) - (ends[2].slope - ends[3].slope)) / (
                        12 * step
                    )
                    self._move(i, unit, x, k, value, earn @ slope, earn)

    def _move(
        self, i: int, unit: CodeUnit, x: Ints, k: int, value: Floats, worth: Floats, earn: Floats
    ) -> None:
        """A parameter that changes what a code firm makes by `value` and its marginal values by `worth`."""
        self._put(x, np.full(len(x), k), -worth)
        self._put(unit.outputs, np.full(len(unit.outputs), k), value)
        for place, share in self.problem.code.owners[i]:
            self._put(np.array([place]), np.array([k]), np.array([-share * float(earn @ value)]))

    def _fixed(self) -> None:
        """Variables held on purpose: the columns of the whole Jacobian."""
        problem = self.problem
        entries = problem.values(self.eq.z, self.eq._state, self.eq._jets)
        for name, level in problem.network.fixed.items():
            if name == problem.numeraire:
                continue
            place = problem.layout.find(name)
            k = self._name(f"fixed {name}", "fixed", name, level)
            keep = np.flatnonzero(problem.all_cols == place)
            self._put(problem.all_rows[keep], np.full(len(keep), k), entries[keep])

    def _recipes(self) -> None:
        """Elasticities of nests, and reference quantities, of sectors and nested households."""
        network, trade, state = self.problem.network, self.problem.trade, self.eq._state
        forest = network.forest
        if not forest.leaves:
            return
        agents = [*network.sectors, *network.sectors, *network.households]
        children = np.bincount(forest.leaf_node, minlength=forest.nodes)
        inner = forest.parent[forest.parent >= 0]
        children += np.bincount(inner, minlength=forest.nodes)
        several = np.flatnonzero(children > 1)
        several = several[[not agents[forest.root[n]].startswith(CARRIER) for n in several]]
        first = len(self.listed)
        for n in several.tolist():
            agent, r = agents[forest.root[n]], float(forest.exponent[n])
            whole = forest.parent[n] < 0 and not forest.output[n]
            nest = "" if whole else f"{network.nests[n] if network.nests else n} of "
            level = r - 1 if forest.output[n] else 1 - r
            self._name(f"elasticity of {nest}{agent}", "elasticity", agent, level)
        climbed = walk(forest, state)
        self._respond(by_elasticities(trade, state, climbed, several), np.arange(len(several)) + first)
        place = np.full(forest.leaves, -1)
        scale = np.ones(forest.leaves)
        known = {p.label for p in self.listed}
        for k, (good, root) in enumerate(zip(forest.leaf_good, trade.root, strict=True)):
            label = f"reference quantity of {network.goods[good]} of {agents[root]}"
            if agents[root].startswith(CARRIER):
                continue
            if label in known:  # bought in several places: told apart by where
                label += f" in {network.nests[forest.leaf_node[k]] if network.nests else forest.leaf_node[k]}"
            known.add(label)
            scale[k] = 1 / forest.leaf_quantity[k]
            level = float(forest.leaf_quantity[k])
            place[k] = self._name(label, "reference quantity", agents[root], level)
        self._respond(by_quantities(trade, state, climbed), place, scale)

    def _respond(self, to: Responses, place: Ints, scale: Floats | None = None) -> None:
        """Enter responses in the conditions; parameter c of them is number place[c] (-1: left out)."""
        network, trade, state, n = (
            self.problem.network,
            self.problem.trade,
            self.eq._state,
            self.problem.trade.sectors,
        )
        layout, taxes, own = self.problem.layout, network.taxes, network.ownership
        factor = np.ones(len(place)) if scale is None else scale
        keep = np.flatnonzero(place[to.leaf_col] >= 0)
        leaf, col = to.leaf[keep], place[to.leaf_col[keep]]
        moved = to.leaf_value[keep] * factor[to.leaf_col[keep]]
        self._put(network.forest.leaf_good[leaf], col, trade.flow_sign[leaf] * moved)
        self._leaves.append((leaf, col, moved))
        paid, entry = join(taxes.leaf, leaf)
        receipts = state.rate[paid] * state.price[taxes.leaf[paid]] * moved[entry]
        self._put(layout.income.start + taxes.to[paid], col[entry], -receipts)
        keep = np.flatnonzero(place[to.root_col] >= 0)
        root, col = to.root[keep], place[to.root_col[keep]]
        change = to.root_value[keep] * factor[to.root_col[keep]]
        self._roots.append((root, col, change))
        firm = np.flatnonzero(root < 2 * n)
        root, col, change = root[firm], col[firm], change[firm]
        if not len(root):
            return
        sector, made = root % n, root >= n
        returns, activity = network.returns[sector], state.scale[sector]
        by_cost = np.where(returns < 1, activity ** (1 - returns), 1.0) * state.root_value[sector]
        by_revenue = -returns * state.root_value[n + sector]
        self._put(layout.activity.start + sector, col, change * np.where(made, by_revenue, by_cost))
        owner, entry = join(own.firm[trade.owner], sector)
        holder = trade.owner[owner]
        gain = np.where(
            made, state.scale[root] * state.root_value[root], -activity * state.root_value[sector]
        )
        self._put(
            layout.income.start + own.household[holder],
            col[entry],
            -own.share[holder] * (gain * change)[entry],
        )
