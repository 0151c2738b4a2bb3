"""Firms and utilities given by Python functions: first-order conditions, net supply, exact Jacobian.

A firm: p_in - sum_k p_k df_k/dx >= 0 perpendicular to x >= 0. A household: w p - du/dx >= 0 perpendicular to
x >= 0, with the marginal utility of income w perpendicular to its budget.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pricegrad.equilibrium.derivatives import Jet, differentiate
from pricegrad.equilibrium.layout import Layout
from pricegrad.network import CodeUnit, Network
from pricegrad.network.forest import Floats


@dataclass(frozen=True, eq=False)
class CodeState:
    """Value, gradient and weighted Hessian of each function at a point."""

    firms: list[Jet]
    utilities: list[Jet]


class CodeAgents:
    """Residuals and Jacobian entries of all firms and utilities given by code."""

    def __init__(self, network: Network, layout: Layout) -> None:
        self.network, self.layout = network, layout
        self.firm_functions = [differentiate(unit, len(unit.outputs)) for unit in network.code_firms]
        self.utility_functions = [differentiate(unit, 1) for unit in network.utilities]
        own, first = network.ownership, len(network.sectors)
        self.owners = [
            [
                (layout.income.start + int(own.household[k]), float(own.share[k]))
                for k in np.flatnonzero(own.firm == first + i)
            ]
            for i in range(len(network.code_firms))
        ]
        rows, cols = self._pattern()
        self.rows, self.cols = np.array(rows, np.int64), np.array(cols, np.int64)

    def moved(self, unit: CodeUnit, coefficients: dict[str, Any], plan: Floats, weights: Floats) -> Jet:
        """The jet of a firm's function at other coefficients."""
        return differentiate(replace(unit, coefficients=coefficients), len(unit.outputs))(plan, weights)

    def values(self, i: int, plan: Floats) -> Floats:
        """What firm `i` makes of a plan, nan where that is not defined."""
        return self.firm_functions[i](plan, np.zeros(len(self.network.code_firms[i].outputs))).value

    def state(self, point: Floats) -> CodeState:
        """Evaluate every function and its first two derivatives."""
        firms = []
        for unit, part, function in zip(
            self.network.code_firms, self.layout.plans, self.firm_functions, strict=True
        ):
            firms.append(function(point[part], point[unit.outputs]))
        utilities = [
            function(point[part], np.ones(1))
            for part, function in zip(self.layout.baskets, self.utility_functions, strict=True)
        ]
        return CodeState(firms, utilities)

    def residual(self, state: CodeState, point: Floats, out: Floats) -> None:
        """Add conditions, trade and profits."""
        for unit, part, jet, owners in zip(
            self.network.code_firms, self.layout.plans, state.firms, self.owners, strict=True
        ):
            pay, earn, plan = point[unit.inputs], point[unit.outputs], point[part]
            out[part] += pay - earn @ jet.slope
            np.add.at(out, unit.outputs, jet.value)
            np.subtract.at(out, unit.inputs, plan)
            profit = earn @ jet.value - pay @ plan
            for place, share in owners:
                out[place] -= share * profit
        for unit, part, jet in zip(self.network.utilities, self.layout.baskets, state.utilities, strict=True):
            price, basket, worth = point[unit.inputs], point[part], point[part.stop]
            out[part] += worth * price - jet.slope[0]
            np.subtract.at(out, unit.inputs, basket)
            out[part.stop] += point[self.layout.income.start + unit.agent] - price @ basket

    def _pattern(self) -> tuple[list[int], list[int]]:
        rows: list[int] = []
        cols: list[int] = []
        for unit, part, owners in zip(self.network.code_firms, self.layout.plans, self.owners, strict=True):
            x, bought, made = list(range(part.start, part.stop)), unit.inputs.tolist(), unit.outputs.tolist()
            rows += [i for i in x for _ in x] + x + [i for i in x for _ in made]
            cols += [j for _ in x for j in x] + bought + [k for _ in x for k in made]
            rows += [k for k in made for _ in x] + bought
            cols += [j for _ in made for j in x] + x
            for place, _ in owners:
                rows += [place] * (len(made) + 2 * len(x))
                cols += made + bought + x
        for unit, part in zip(self.network.utilities, self.layout.baskets, strict=True):
            x, bought, w = list(range(part.start, part.stop)), unit.inputs.tolist(), part.stop
            rows += [i for i in x for _ in x] + x + x + bought + [w] * (1 + 2 * len(x))
            cols += [j for _ in x for j in x] + bought + [w] * len(x) + x
            cols += [self.layout.income.start + unit.agent, *bought, *x]
        return rows, cols

    def entries(self, state: CodeState, point: Floats) -> Floats:
        """The Jacobian at (`rows`, `cols`)."""
        found: list[Floats] = []
        for unit, part, jet, owners in zip(
            self.network.code_firms, self.layout.plans, state.firms, self.owners, strict=True
        ):
            pay, earn, plan = point[unit.inputs], point[unit.outputs], point[part]
            one = np.ones(len(plan))
            found += [-jet.curvature.ravel(), one, -jet.slope.T.ravel(), jet.slope.ravel(), -one]
            for _, share in owners:
                found += [-share * jet.value, share * plan, share * (pay - earn @ jet.slope)]
        for unit, part, jet in zip(self.network.utilities, self.layout.baskets, state.utilities, strict=True):
            price, basket, worth = point[unit.inputs], point[part], point[part.stop]
            one = np.ones(len(basket))
            found += [-jet.curvature.ravel(), worth * one, price, -one, np.ones(1), -basket, -price]
        return np.concatenate(found) if found else np.zeros(0)
