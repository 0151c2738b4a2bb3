"""The make-to-order round as agent frameworks would have it: one Python object a firm.

The same rule and the same numbers as `pricegrad.market.rounds`, so that each peer's prices can be compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


class Firm:
    """One firm: its technology, the orders in its book, the price on its door."""

    def __init__(self, town: Town, me: int, economy: Any) -> None:
        rows = economy.rows
        links = slice(int(rows.ptr[me]), int(rows.ptr[me + 1]))
        self.town, self.me = town, me
        self.suppliers = rows.entry[links].tolist()
        self.weight = rows.weight[links].tolist()
        self.power = float(rows.power[me])
        self.const = float(rows.const[me])
        self.returns = float(economy.returns[me])
        self.log_scale = float(economy.log_scale[me])
        self.taste = float(economy.taste[me])

    def step(self) -> None:
        """Post marginal cost at the orders held; order inputs at the prices seen."""
        price, book, power = self.town.seen, self.town.held[self.me], self.power
        terms = [w * price[j] ** power for w, j in zip(self.weight, self.suppliers, strict=True)]
        total = sum(terms)
        log_cost = self.const + math.log(total) / power
        target = self.returns * (log_cost - math.log(self.returns)) + (1 - self.returns) * math.log(book)
        self.town.posted[self.me] = math.exp(target - self.log_scale)
        spend = self.returns * book / total
        for term, j in zip(terms, self.suppliers, strict=True):
            self.town.orders[j] += spend * term
        self.town.orders[self.me] += self.taste * self.town.income
        self.town.paid += (1 - self.returns) * book


class Town:
    """The boards that firms read and write; `turn` closes a round."""

    def __init__(self, economy: Any, revenue: float) -> None:
        self.labour = economy.labour
        self.seen = [1.0] * economy.firms + [1.0]
        self.held = [revenue] * economy.firms
        self.posted = list(self.seen)
        self.firms = [Firm(self, i, economy) for i in range(economy.firms)]
        profit = sum((1 - f.returns) * revenue for f in self.firms)
        self.income, self.paid = self.labour + profit, 0.0
        self.orders = [0.0] * (economy.firms + 1)

    def turn(self) -> None:
        """Everybody has acted: what was posted is seen, what was ordered is held."""
        self.seen[:-1] = self.posted[:-1]
        self.held = self.orders[:-1]
        self.orders = [0.0] * len(self.orders)
        self.paid = 0.0
        self.income = self.labour + sum(
            (1 - f.returns) * held for f, held in zip(self.firms, self.held, strict=True)
        )


Play = Callable[[int], list[float]]


def plain(economy: Any, revenue: float) -> Play:
    """Objects in a list."""
    town = Town(economy, revenue)

    def play(rounds: int) -> list[float]:
        for _ in range(rounds):
            for firm in town.firms:
                firm.step()
            town.turn()
        return town.seen[:-1]

    return play


def mesa(economy: Any, revenue: float) -> Play:
    """A Mesa model: one Agent a firm, activated together."""
    from mesa import Agent, Model

    town = Town(economy, revenue)

    class Company(Agent):  # type: ignore[misc]
        def __init__(self, model: Any, firm: Firm) -> None:
            super().__init__(model)
            self.firm = firm

        def step(self) -> None:
            self.firm.step()

    class Market(Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(rng=1)
            for firm in town.firms:
                Company(self, firm)

        def step(self) -> None:
            self.agents.do("step")
            town.turn()

    model = Market()

    def play(rounds: int) -> list[float]:
        for _ in range(rounds):
            model.step()
        return town.seen[:-1]

    return play


def simpy(economy: Any, revenue: float) -> Play:
    """SimPy: one process a firm, all waiting for the next round."""
    from simpy import Environment

    town, env = Town(economy, revenue), Environment()

    def company(firm: Firm) -> Any:
        while True:
            firm.step()
            yield env.timeout(1)

    def clock() -> Any:
        while True:
            yield env.timeout(1, value=None)
            town.turn()

    def starter() -> Any:
        # the clock turns the boards before the firms of the next round act
        env.process(clock())
        for firm in town.firms:
            env.process(company(firm))
        yield env.timeout(0)

    env.process(starter())

    def play(rounds: int) -> list[float]:
        env.run(until=env.now + rounds + (0.5 if env.now == 0 else 0))
        return town.seen[:-1]

    return play


PEERS = {"plain Python objects": plain, "Mesa": mesa, "SimPy": simpy}
