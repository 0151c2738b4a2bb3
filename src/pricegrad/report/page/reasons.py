"""Why a price is what it is, read off the links: what a unit gives its users, what it costs to make."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pricegrad.report.page.outward import CARRIED
from pricegrad.report.page.payload import Agent, Flows, Step

USERS = 3
PARTS = 4


def number(value: float) -> str:
    """Four figures, as the page's script shows them beside it; large numbers in full."""
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


class Links:
    """The links of an economy by good and by agent; `code` gives the emitted lines by firm and good."""

    def __init__(
        self,
        goods: Sequence[str],
        price: Sequence[float],
        agents: Sequence[Agent],
        flows: Flows,
        code: Callable[[str, str], str],
    ) -> None:
        self.code = code
        self.goods, self.price, self.agents, self.flows = goods, price, agents, flows
        self.quantity, self.sells = np.asarray(flows.quantity, float), np.asarray(flows.sells, bool)
        self.paid = np.asarray(flows.price, float)
        self.value = np.abs(self.quantity * self.paid)
        self.by_good: list[list[int]] = [[] for _ in goods]
        self.by_agent: list[list[int]] = [[] for _ in agents]
        for k, (agent, good) in enumerate(zip(flows.agent, flows.good, strict=True)):
            self.by_agent[agent].append(k)
            self.by_good[good].append(k)

    def largest(self, links: Sequence[int], *, sells: bool) -> list[int]:
        """The links on one side, largest value first."""
        return sorted((k for k in links if self.sells[k] == sells), key=lambda k: -self.value[k])

    def why(self, good: int, numeraire: str | None) -> list[Step]:
        """The steps of the explanation of one price: from its users down, then from its makers up."""
        name, price = self.goods[good], self.price[good]
        if name == numeraire:
            return [Step(f"{name} is the numeraire: its price is {number(price)} by convention.")]
        if price == 0:
            return [Step(f"{name} is free: more of it is there than anyone uses.")]
        used = self.largest(self.by_good[good], sells=False)
        made = self.largest(self.by_good[good], sells=True)
        steps = [self._use(good, k) for k in used[:USERS]]
        if len(used) > USERS:
            steps.append(Step(f"{len(used) - USERS} smaller users pay the same."))
        steps += [step for k in made[:1] for step in self._making(good, k)]
        return steps

    def _use(self, good: int, link: int) -> Step:
        name, agent = self.goods[good], self.flows.agent[link]
        who, paid = self.agents[agent], self.paid[link]
        sold = self.largest(self.by_agent[agent], sells=True)
        if who.kind == "firm" and len(sold) == 1:
            made = self.flows.good[sold[0]]
            earned = self.paid[sold[0]]
            gives = paid / earned if earned else 0.0
            return Step(
                f"{name} is worth {number(paid)} to {who.name} because one more unit gives {number(gives)} "
                f"more {self.goods[made]}, and {self.goods[made]} brings it {number(earned)}.",
                f"{number(gives)} × {number(earned)} = {number(paid)}",
                self.goods[made],
                self.code(who.name, name),
            )
        if who.kind == "firm":
            outputs = " and ".join(self.goods[self.flows.good[k]] for k in sold[:USERS])
            return Step(f"{name} is worth {number(paid)} to {who.name}, which makes {outputs} of it.")
        if who.kind == CARRIED:
            each = [number(self.paid[k]) for k in sold[:PARTS]]
            each += [f"{len(sold) - PARTS} others"] if len(sold) > PARTS else []
            whole = "use it all at once, so what they pay adds up" if len(sold) > 1 else "pay a tax on it"
            to = self.goods[self.flows.good[sold[0]]] if sold else None
            return Step(f"The {who.name} {whole}.", f"{' + '.join(each)} = {number(paid)}", to)
        if who.kind == "household":
            return Step(f"{who.name} spends {number(self.value[link])} on {name}, at {number(paid)} a unit.")
        return Step(f"The {who.name} takes {number(self.quantity[link])} at {number(paid)}.")

    def _making(self, good: int, link: int) -> list[Step]:
        name, agent = self.goods[good], self.flows.agent[link]
        who, amount = self.agents[agent], self.quantity[link]
        bought = self.largest(self.by_agent[agent], sells=False)
        sold = self.largest(self.by_agent[agent], sells=True)
        earned = f"earns {number(self.paid[link])} a unit"
        if who.kind != "firm":
            return [Step(f"{who.name} brings {number(amount)} to market and {earned}.")]
        if len(sold) > 1 or not bought or not amount:
            return [Step(f"{who.name} makes {number(amount)} of it, and {earned}.")]
        parts = [(self.goods[self.flows.good[k]], self.value[k] / amount) for k in bought]
        shown = [f"{part} {number(cost)}" for part, cost in parts[:PARTS]]
        rest = sum(cost for _, cost in parts[PARTS:])
        profit = self.paid[link] - sum(cost for _, cost in parts)
        shown += [f"{len(parts) - PARTS} others {number(rest)}"] if rest else []
        shown += [f"profit {number(profit)}"] if abs(profit) > 1e-9 * self.paid[link] else []
        return [
            Step(
                f"A unit of {name} costs {who.name}: {', '.join(shown)}.",
                f"{' + '.join(text.rsplit(' ', 1)[1] for text in shown)} = {number(self.paid[link])}",
                parts[0][0],
            )
        ]
