"""Equilibria side by side, and what a change is worth to each household."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.equilibrium.derivatives import differentiate
from pricegrad.equilibrium.tables import household_rows
from pricegrad.errors import NotSolved
from pricegrad.network import CodeUnit
from pricegrad.network.forest import Floats

if TYPE_CHECKING:
    from pricegrad.equilibrium.result import Equilibrium


def compare(scenarios: Mapping[str, Equilibrium]) -> Any:
    """A frame by variable and scenario: prices, quantities, activities, incomes, utilities, auxiliaries, and
    the equivalent variation of each household against the first scenario."""
    from pricegrad.equilibrium.frames import Comparison

    base = next(iter(scenarios.values()))
    columns: dict[str, dict[tuple[str, str], float]] = {}
    for label, eq in scenarios.items():
        column: dict[tuple[str, str], float] = {}
        tables: dict[str, Callable[[], dict[str, float]]] = {
            "price": eq.price_dict,
            "quantity": eq.quantity_dict,
            "activity": eq.activity_dict,
            "income": eq.income_dict,
            "aux": eq.aux_dict,
        }
        for kind, table in tables.items():
            column |= {(kind, name): value for name, value in table().items()}
        column |= {("utility", name): row["utility"] for name, row in household_rows(eq).items()}
        column |= {("equivalent variation", name): x for name, x in equivalent_variation(base, eq).items()}
        columns[label] = column
    frame = Comparison(columns)
    frame.index.names = ["variable", "name"]
    frame.scenarios = dict(scenarios)
    return frame


def equivalent_variation(base: Equilibrium, other: Equilibrium) -> dict[str, float]:
    """The income that at base prices would make each household as well off as it is in `other`, less its
    income.
    """
    before, after = household_rows(base), household_rows(other)
    problem = base.problem
    worth = base._state.root_value[2 * problem.trade.sectors :]
    utilities = {
        unit.name: (unit, part)
        for unit, part in zip(other.problem.network.utilities, other.problem.layout.baskets, strict=True)
    }
    found: dict[str, float] = {}
    for h, name in enumerate(problem.network.households):
        if name not in after:
            continue
        if name in utilities:
            unit, part = utilities[name]
            names = [other.problem.network.goods[g] for g in unit.inputs]
            price = np.array([base.price_dict()[good] for good in names])
            cost = expenditure(unit, price, after[name]["utility"], other.z[part])
            found[name] = cost - before[name]["income"]
        else:
            found[name] = float(worth[h]) * (after[name]["utility"] - before[name]["utility"])
    return found


def expenditure(unit: CodeUnit, price: Floats, utility: float, start: Floats) -> float:
    """The least cost of a utility at given prices, by Newton on w p = du/dx, u(x) = utility (interior)."""
    jet = differentiate(unit, 1)
    x = np.maximum(start, 1e-9)
    here = jet(x, np.ones(1))
    w = float(here.slope[0] @ x / (price @ x))
    for _ in range(100):
        gap = np.concatenate([w * price - here.slope[0], here.value - utility])
        size = np.concatenate([np.abs(w * price), [max(abs(utility), 1e-12)]])
        if np.abs(gap / size).max() < 1e-11:
            return float(price @ x)
        n = len(x)
        matrix = np.zeros((n + 1, n + 1))
        matrix[:n, :n], matrix[:n, n], matrix[n, :n] = -here.curvature, price, here.slope[0]
        move = np.linalg.solve(matrix, -gap)
        down = move[:n] < -0.9 * x
        length = float(np.min(0.9 * x[down] / -move[:n][down], initial=1.0))
        x, w = x + length * move[:n], w + length * float(move[n])
        here = jet(x, np.ones(1))
    raise NotSolved(f"the equivalent variation of {unit.name!r} was not found: its utility bends too sharply")
