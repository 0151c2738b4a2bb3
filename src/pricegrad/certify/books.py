"""The books of an audit: what is claimed, what is found to be traded and paid, and what fails."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field

from pricegrad.certify.certificate import Violation
from pricegrad.model.claim import Claim
from pricegrad.model.economy import Model
from pricegrad.model.parts import Flow, Tax
from pricegrad.model.validate import goods

NOTHING = 1e-6


@dataclass
class Books:
    """Supply, demand, tax receipts and profits as they are found, beside the claim that is checked.

    `margins` are gaps that only count by what they are worth beside the whole turnover: (condition, who, gap,
    worth), settled when everything has been entered.
    """

    model: Model
    claim: Claim
    violations: list[Violation] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    supply: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    demand: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    receipts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    profit: dict[str, float] = field(default_factory=dict)
    margins: list[tuple[str, str, float, float]] = field(default_factory=list)

    def note(self, condition: str, who: str, amount: float) -> None:
        """Record a violation."""
        self.violations.append(Violation(condition, who, abs(amount)))

    def rate(self, tax: Tax) -> float:
        """The rate of a tax at the claimed auxiliaries."""
        return tax.rate if tax.aux is None else tax.mult * self.claim.aux[tax.aux]

    def user_price(self, flow: Flow, sign: float) -> float:
        """The price of a flow with its taxes: above the market's for buyers, below for sellers."""
        return self.claim.prices[flow.good] * (1 + sign * math.fsum(self.rate(tax) for tax in flow.taxes))

    def collect(self, flow: Flow, quantity: float) -> None:
        """Taxes on a flow go to their recipients."""
        for tax in flow.taxes:
            self.receipts[tax.to] += self.rate(tax) * self.claim.prices[flow.good] * quantity

    def turnover(self) -> float:
        """The value of all that is traded, each good by the larger of supply and demand."""
        prices = self.claim.prices
        return math.fsum(prices[g] * max(self.supply[g], self.demand[g]) for g in goods(self.model))

    def settle(self, turnover: float) -> None:
        """Turn margins into violations: each by the smaller of its gap and its weight."""
        for condition, who, gap, worth in self.margins:
            self.note(condition, who, min(gap, weight(worth, turnover)))


def weight(worth: float, turnover: float) -> float:
    """How far something is from being nothing: 1 from a millionth of the turnover up, in proportion below."""
    return min(abs(worth) / (NOTHING * turnover), 1.0) if turnover > 0 else 0.0
