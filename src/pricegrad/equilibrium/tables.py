"""The tables of an equilibrium: firms, households, flows, and the page that `repr` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.model.lindahl import CARRIER
from pricegrad.model.parts import CodeFirm

if TYPE_CHECKING:
    import pandas as pd

    from pricegrad.equilibrium.result import Equilibrium


def firm_rows(eq: Equilibrium) -> dict[str, dict[str, float]]:
    """Activity, revenue, cost and profit by firm."""
    problem, state = eq.problem, eq._state
    network, n = problem.network, problem.trade.sectors
    cost = state.scale[:n] * state.root_value[:n]
    revenue = state.scale[n : 2 * n] * state.root_value[n : 2 * n]
    levels = eq.activity_dict()
    rows: dict[str, dict[str, float]] = {}
    for j, name in enumerate(network.sectors):
        if not name.startswith(CARRIER):
            rows[name] = {"activity": levels[name], "revenue": float(revenue[j]), "cost": float(cost[j])}
    for unit, part, jet in zip(network.code_firms, problem.layout.plans, eq._jets.firms, strict=True):
        rows[unit.name] = {
            "activity": levels[unit.name],
            "revenue": float(eq.z[unit.outputs] @ jet.value),
            "cost": float(eq.z[unit.inputs] @ eq.z[part]),
        }
    for row in rows.values():
        row["profit"] = row["revenue"] - row["cost"]
        if abs(row["profit"]) <= 1e-9 * max(abs(row["revenue"]), abs(row["cost"])):
            row["profit"] = 0.0
    return {name: rows[name] for name in eq.model.firms if name in rows}


def firms(eq: Equilibrium) -> pd.DataFrame:
    """One row a firm: activity, revenue, cost, profit."""
    import pandas as pd

    frame = pd.DataFrame.from_dict(
        firm_rows(eq), orient="index", columns=["activity", "revenue", "cost", "profit"]
    )
    return frame.rename_axis("firm")


def household_rows(eq: Equilibrium) -> dict[str, dict[str, float]]:
    """Income by source and utility by household."""
    problem, state = eq.problem, eq._state
    network, layout, taxes = problem.network, problem.layout, problem.network.taxes
    count, own, need = len(network.households), network.endowments, network.subsistence
    sold = np.bincount(own.household, problem.incomes.owned(eq.z) * eq.z[own.good], count)
    receipts = state.rate * state.price[taxes.leaf] * state.quantity[taxes.leaf]
    received = np.bincount(taxes.to, receipts, count)
    income = eq.z[layout.income]
    home = slice(2 * problem.trade.sectors, None)
    reference = network.forest.value[: len(state.scale)][home]
    needs = np.bincount(need.household, need.quantity * eq.z[need.good], count)
    with np.errstate(all="ignore"):
        utility = np.where(reference > 0, (income - needs) / state.root_value[home], np.nan)
    for unit, jet in zip(network.utilities, eq._jets.utilities, strict=True):
        utility[unit.agent] = jet.value[0]
    return {
        name: {
            "income": float(income[h]),
            "endowments": float(sold[h]),
            "taxes": float(received[h]),
            "profits": float(income[h] - sold[h] - received[h]),
            "utility": float(utility[h]),
        }
        for h, name in enumerate(network.households)
    }


def households(eq: Equilibrium) -> pd.DataFrame:
    """One row a household: income and its sources, utility (an index with 1 at the reference demands)."""
    import pandas as pd

    columns = ["income", "endowments", "taxes", "profits", "utility"]
    return pd.DataFrame.from_dict(household_rows(eq), orient="index", columns=columns).rename_axis(
        "household"
    )


def flows(eq: Equilibrium) -> pd.DataFrame:
    """One row a link: agent, good, quantity (positive: sold), price, price to the agent after tax."""
    import pandas as pd

    problem, state = eq.problem, eq._state
    network, n = problem.network, problem.trade.sectors
    names = [*network.sectors, *network.sectors, *network.households]
    rows: list[dict[str, Any]] = []

    def add(agent: str, good: int, quantity: float, wedge: float = 1.0) -> None:
        price = float(eq.z[good])
        rows.append(
            {
                "agent": agent,
                "good": network.goods[good],
                "quantity": quantity,
                "price": price,
                "paid": price * wedge,
                "value": abs(quantity) * price * wedge,
            }
        )

    for k in range(network.forest.leaves):
        name = names[problem.trade.root[k]]
        if problem.trade.root[k] >= 2 * n or not name.startswith(CARRIER):
            quantity = float(problem.trade.flow_sign[k] * state.quantity[k])
            add(name, int(network.forest.leaf_good[k]), quantity, float(state.wedge[k]))
    for unit, part, jet in zip(network.code_firms, problem.layout.plans, eq._jets.firms, strict=True):
        firm = eq.model.firms[unit.name]
        if isinstance(firm, CodeFirm) and len(firm.makes) < len(unit.outputs):
            add(unit.name, network.good_index[firm.makes[0]], float(jet.value.min()))
        else:
            for good, amount in zip(unit.outputs, jet.value, strict=True):
                add(unit.name, int(good), float(amount))
        for good, amount in zip(unit.inputs, eq.z[part], strict=True):
            add(unit.name, int(good), -float(amount))
    for unit, part in zip(network.utilities, problem.layout.baskets, strict=True):
        for good, amount in zip(unit.inputs, eq.z[part], strict=True):
            add(unit.name, int(good), -float(amount))
    own, need = network.endowments, network.subsistence
    for household, good, amount in zip(own.household, own.good, problem.incomes.owned(eq.z), strict=True):
        add(network.households[household], int(good), float(amount))
    for household, good, amount in zip(need.household, need.good, need.quantity, strict=True):
        add(network.households[household], int(good), -float(amount))
    columns = ["agent", "good", "quantity", "price", "paid", "value"]
    return pd.DataFrame(rows, columns=columns)


def text(eq: Equilibrium, limit: int = 12) -> str:
    """A page: head line, prices and quantities, firms, households, remarks."""
    prices, amounts, rows = eq.price_dict(), eq.quantity_dict(), firm_rows(eq)
    lines = [
        f"Equilibrium of {eq.model.name!r}: certificate {eq.certificate.worst:.1e}"
        + (f", prices in units of {eq.numeraire!r}" if eq.numeraire else "")
    ]
    lines += _columns("good", ["price", "quantity"], {g: [prices[g], amounts[g]] for g in prices}, limit)
    table = {name: [row["activity"], row["revenue"], row["profit"]] for name, row in rows.items()}
    lines += _columns("firm", ["activity", "revenue", "profit"], table, limit)
    homes = {name: [row["income"], row["utility"]] for name, row in household_rows(eq).items()}
    lines += _columns("household", ["income", "utility"], homes, limit)
    lines += _columns("auxiliary", ["value"], {name: [x] for name, x in eq.aux_dict().items()}, limit)
    lines += [f"note: {remark}" for remark in (*eq.notes, *eq.certificate.remarks)[:limit]]
    return "\n".join(lines)


def _columns(kind: str, heads: list[str], rows: dict[str, list[float]], limit: int) -> list[str]:
    if not rows:
        return []
    shown = dict(list(rows.items())[:limit])
    width = max(len(kind), *(len(name) for name in shown))
    lines = [f"{kind:<{width}}" + "".join(f"{head:>13}" for head in heads)]
    lines += [f"{name:<{width}}" + "".join(f"{x:>13.6g}" for x in row) for name, row in shown.items()]
    if len(rows) > limit:
        lines.append(f"... and {len(rows) - limit} more")
    return lines
