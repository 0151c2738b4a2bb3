"""The page of a priced plan: one sweep of quantities, one of prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pricegrad.model import Model
from pricegrad.network import OutsideMarket, compile
from pricegrad.pricing.explain import number, place
from pricegrad.pricing.plan import DEMAND
from pricegrad.report.page.emitted import emitted
from pricegrad.report.page.fill import grouped, traded, unit
from pricegrad.report.page.payload import Agent, Certificate, Check, Flows, Good, Payload
from pricegrad.report.page.payload import Step as Reason
from pricegrad.report.page.trades import Rows, State, accounts, profit

if TYPE_CHECKING:
    from pricegrad.pricing.costs import CostPrices
    from pricegrad.pricing.plan import Plan, Step
    from pricegrad.pricing.result import Prices

SWEPT = (
    "Every derivative was compared with differences of the firm's own function, which share no code with "
    "it. A plan as given need not be anyone's best: solve() finds the plans that fit each other."
)
COSTED = "Each cost was added up again from the description alone, without the matrices it was solved by."


def prices(result: Prices) -> Payload:
    """The page of the plan as given."""
    plan, model = result.plan, result.model
    number_of = {good: g for g, good in enumerate(plan.prices)}
    agents, flows = _links(plan, number_of)
    steps = {step.firm: step for step in plan.steps}
    goods = [
        Good(name, plan.prices[name], plan.quantities[name], _why(plan, model, name, steps))
        for name in number_of
    ]
    check = Check("derivatives", result.worst, "", "each derivative is the slope of the firm's own function")
    verdict = "These prices are the derivatives of the plan as given."
    return Payload(
        model.name,
        "prices",
        unit(model.numeraire, number_of),
        goods,
        grouped(agents, model.groups),
        flows,
        Certificate(result.worst < 1e-6, verdict, result.worst, [check], SWEPT),
        notes=list(plan.notes),
    )


def _links(plan: Plan, number_of: dict[str, int]) -> tuple[list[Agent], Flows]:
    rows, names = Rows(), [step.firm for step in plan.steps]
    made = dict.fromkeys(number_of, 0.0)
    for a, step in enumerate(plan.steps):
        for k, good in enumerate(step.buys):
            value = plan.values[good][step.firm]
            paid = plan.prices[good] if plan.rival[good] else value
            rows.add(a, number_of[good], step.amounts[k], paid, sells=False, marginal=value)
        for good, amount in zip(step.makes, step.outputs, strict=True):
            rows.add(a, number_of[good], amount, plan.prices[good], sells=True)
            made[good] += amount
    kinds = ["firm"] * len(names)
    for good, price in plan.prices.items():
        brought = plan.quantities[good] - made[good]
        taken = plan.quantities[good] * plan.shares.get(good, {}).get(DEMAND, 0.0)
        for amount, side, sells in ((brought, "supply", True), (taken, "demand", False)):
            if amount:
                rows.add(len(names), number_of[good], amount, price, sells=sells)
                names.append(f"outside {side} of {good}")
                kinds.append("outside")
    revenue, cost = accounts(rows, len(names))
    agents = [
        Agent(name, kind, revenue=float(r), cost=float(c), profit=profit(r, c))
        if kind == "firm"
        else Agent(name, kind)
        for name, kind, r, c in zip(names, kinds, revenue, cost, strict=True)
    ]
    return agents, rows.flows()


def _why(plan: Plan, model: Model, good: str, steps: dict[str, Step]) -> list[Reason]:
    worth, users = number(plan.prices[good]), plan.values[good]
    reasons = []
    for user, value in users.items():
        if user == DEMAND:
            reasons.append(Reason(f"{good} is worth {number(value)} because outside demand pays that."))
            continue
        step = steps[user]
        k = step.buys.index(good)
        terms = [(made, row[k]) for made, row in zip(step.makes, step.slopes, strict=True) if row[k] != 0]
        more = " and ".join(f"{number(slope)} more {made}" for made, slope in terms) or "nothing more"
        each = ", ".join(f"{made} is worth {number(plan.prices[made])}" for made, _ in terms)
        sums = " + ".join(f"{number(slope)} × {number(plan.prices[made])}" for made, slope in terms)
        reasons.append(
            Reason(
                f"{good} is worth {number(value)} to {user} because one more unit gives it {more}"
                + (f", and {each}." if each else "."),
                f"{sums} = {number(value)}" if sums else "",
                terms[0][0] if terms else None,
                emitted(model.firms[user], good),
                place(step.where) if step.where else "",
            )
        )
    if len(users) > 1:
        how = "Its users divide it, so its price is their mean" if plan.rival[good] else (
            "Using it does not use it up, so what its users would pay adds up"
        )  # fmt: skip
        reasons.append(Reason(f"{how}: {worth}."))
    return reasons or [Reason(f"{good} is worth {worth} because nobody uses it.")]


def costs(result: CostPrices) -> Payload:
    """The page of prices that follow from costs."""
    network = compile(result.model)
    goods = list(network.goods)
    price = result.prices.reindex(goods).to_numpy(float)
    activity = result.firms["activity"].reindex(list(network.sectors)).to_numpy(float)
    outside = [_amount(result, market, goods[market.good], price[market.good]) for market in network.outside]
    state = State(price, activity, np.zeros(len(network.households)), np.zeros(0), outside=outside)
    priced, agents, flows = traded(network, state, result.numeraire)
    check = Check("costs", result.worst, "", "a unit costs what it sells for")
    verdict = "These prices cover all costs, and these quantities meet final demand."
    proof = Certificate(result.worst < 1e-8, verdict, result.worst, [check], COSTED)
    what = unit(result.numeraire, network.good_index)
    notes = list(result.notes)
    agents = grouped(agents, result.model.groups)
    return Payload(result.model.name, "prices", what, priced, agents, flows, proof, notes=notes)


def _amount(result: CostPrices, market: OutsideMarket, good: str, price: float) -> float:
    """What an outside market trades: its amount, its curve, or as a supply at a price all that is used."""
    if market.quantity is not None:
        return market.quantity
    if market.curve is not None:
        return float(market.curve(price))
    return float(result.quantities[good]) if market.sign > 0 and good not in result.makers else 0.0
