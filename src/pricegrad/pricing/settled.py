"""Why prices of an equilibrium are what they are: who pays them, and what one more unit is worth to them.

In equilibrium every user of a rival good pays what one more unit is worth to it, so the largest user tells
the price. A firm of fixed coefficients has no such derivative: what it makes is explained by what it spends.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pricegrad.errors import ModelError, PricegradError, did_you_mean
from pricegrad.model import Model, Sector
from pricegrad.model.parts import INPUT_ROOT
from pricegrad.pricing.chain import buys, makes
from pricegrad.pricing.explain import called, condition, link, number, title
from pricegrad.pricing.local import local
from pricegrad.pricing.plan import Plan, Step

CLOSE = 1e-6


@dataclass(frozen=True)
class Trade:
    """One agent's trade in one good: positive when it sells, `paid` with taxes."""

    agent: str
    good: str
    quantity: float
    price: float
    paid: float


def explain_settled(
    model: Model, prices: Mapping[str, float], trades: Iterable[Trade], good: str | None = None
) -> str:
    """The derivation of all prices, a line a firm; or why one good is worth what it is, link by link."""
    found = _Settled(model, prices, list(trades))
    if good is None:
        return "\n".join(found.line(name) for name in model.firms if found.works(name))
    if good not in prices:
        raise ModelError(f"there is no good {good!r}.{did_you_mean(good, prices)}")
    return found.reasons(good)


class _Settled:
    """The firms at work as steps of a plan, with what one more unit of each input is worth to them."""

    def __init__(self, model: Model, prices: Mapping[str, float], trades: list[Trade]) -> None:
        self.model, self.prices, self.trades = model, dict(prices), trades
        self.bought = {(t.agent, t.good): -t.quantity for t in trades if t.quantity < 0}
        self.paid = {(t.agent, t.good): t.paid for t in trades if t.quantity < 0}
        self.steps = {name: step for name in model.firms if (step := self._step(name)) is not None}
        values: dict[str, dict[str, float]] = {good: {} for good in prices}
        for step in self.steps.values():
            for k, good in enumerate(step.buys):
                values[good][step.firm] = step.value(k, self.prices)
        whole = {good: dict.fromkeys(by_user, 1.0) for good, by_user in values.items()}
        rival = dict.fromkeys(prices, True)
        steps = tuple(self.steps.values())
        self.plan = Plan(steps, {}, self.prices, values, whole, rival, ())

    def _step(self, name: str) -> Step | None:
        firm = self.model.firms[name]
        if isinstance(firm, Sector) and _rigid(firm):
            return None
        amounts = tuple(self.bought.get((name, good), 0.0) for good in buys(firm))
        if not any(amounts):
            return None
        try:
            outputs, slopes = local(firm, amounts)
        except PricegradError:
            return None  # joint products chosen by price: told by costs
        return Step(name, buys(firm), makes(firm), amounts, outputs, slopes, firm.where)

    def works(self, name: str) -> bool:
        """Whether a firm trades at all."""
        return any(t.agent == name and t.quantity for t in self.trades)

    def line(self, name: str) -> str:
        """The first-order conditions of a firm, or its cost where it has none."""
        step = self.steps.get(name)
        if step is not None and all(self._holds(step, good) for good in step.buys):
            return condition(self.plan, step)
        made = [(t.good, t.quantity, t.price) for t in self.trades if t.agent == name and t.quantity > 0]
        spent = [
            (t.good, -t.quantity / made[0][1], t.paid)
            for t in self.trades
            if t.agent == name and t.quantity < 0
        ]
        costs = " + ".join(f"{number(amount)} * P_{good}" for good, amount, _ in spent)
        figures = " + ".join(f"{number(amount)} * {number(paid)}" for _, amount, paid in spent)
        return (
            f"{title(name)}: P_{made[0][0]} = {costs} = {figures} = {number(sum(a * p for _, a, p in spent))}"
        )

    def reasons(self, good: str) -> str:
        """Links from `good` to those who pay for it in the end."""
        lines: list[str] = []
        waiting, told = [good], {good}
        while waiting:
            here = waiting.pop(0)
            more, following = self._why(here)
            lines += more
            fresh = [name for name in following if name not in told]
            told.update(fresh)
            waiting += fresh
        return "\n".join(lines)

    def _why(self, good: str) -> tuple[list[str], list[str]]:
        worth = number(self.prices[good])
        if good == self.model.numeraire:
            return [f"{good} is worth {worth}: it is the numeraire."], []
        amounts = ((amount, agent) for (agent, g), amount in self.bought.items() if g == good)
        users = sorted(amounts, reverse=True)
        for _, user in users:
            step = self.steps.get(user)
            if step is not None and self._holds(step, good):
                return self._used(good, step), [m for m in step.makes if self.prices[m] > 0]
        makers = [
            t.agent for t in self.trades if t.good == good and t.quantity > 0 and t.agent in self.model.firms
        ]
        homes = [agent for _, agent in users if agent in self.model.households]
        if homes:
            return [f"{good} is worth {worth} because for {homes[0]} the last unit of it is worth that."], []
        if any(m.good == good and m.quantity is None for m in self.model.outside):
            return [f"{good} is worth {worth} because outside markets trade it at that price."], []
        if makers:
            return self._cost(good, makers[0]), []
        if self.prices[good] == 0:
            return [f"{good} is worth 0 because there is more of it than is used."], []
        return [f"{good} is worth {worth}: nobody here makes it, and what there is of it is used."], []

    def _used(self, good: str, step: Step) -> list[str]:
        lines = link(self.plan, good, step, good)
        paid = self.paid.get((step.firm, good), self.prices[good])
        if abs(paid - self.prices[good]) > CLOSE * abs(paid):
            lines.append(f"  of which {number(self.prices[good])} before tax")
        return lines

    def _cost(self, good: str, maker: str) -> list[str]:
        spent = [(t, -t.quantity * t.paid) for t in self.trades if t.agent == maker and t.quantity < 0]
        made = next(t.quantity for t in self.trades if t.agent == maker and t.good == good and t.quantity > 0)
        parts = sorted(spent, key=lambda pair: -pair[1])
        whole = sum(cost for _, cost in parts) / made
        level = abs(whole - self.prices[good]) <= CLOSE * whole
        spends = "spends that" if level else f"spends {number(whole)}"
        head = f"{good} is worth {number(self.prices[good])}; {called(maker)} {spends} to make one:"
        rows = []
        for t, cost in parts:
            sums = f"{number(-t.quantity / made)} x {number(t.paid)} = {number(cost / made)}"
            rows.append(f"  {sums:<32}{t.good}")
        return [head, *rows]

    def _holds(self, step: Step, good: str) -> bool:
        """Whether one more unit is worth to the firm what it pays."""
        value = self.plan.values[good][step.firm]
        paid = self.paid.get((step.firm, good), self.prices[good])
        return math.isfinite(value) and abs(value - paid) <= CLOSE * max(abs(value), abs(paid))


def _rigid(firm: Sector) -> bool:
    """Whether some inputs stand in fixed proportion, so that one more of one alone makes nothing."""
    nests = {nest.name: nest.elasticity for nest in firm.nests if nest.side == "in"}
    return len(firm.inputs) > 1 and (INPUT_ROOT not in nests or 0.0 in nests.values())
