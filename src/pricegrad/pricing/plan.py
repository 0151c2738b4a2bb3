"""A priced plan: what each firm does, what everything is worth to whom, and remarks a reader should have."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pricegrad.model import Outside

DEMAND = "demand"


@dataclass(frozen=True)
class Step:
    """What one firm does: amounts of what it buys and makes, the derivative of each output in each input."""

    firm: str
    buys: tuple[str, ...]
    makes: tuple[str, ...]
    amounts: tuple[float, ...]
    outputs: tuple[float, ...]
    slopes: tuple[tuple[float, ...], ...]
    where: str

    def value(self, k: int, prices: Mapping[str, float]) -> float:
        """What one more unit of input k is worth to the firm."""
        total = 0.0
        for good, row in zip(self.makes, self.slopes, strict=True):
            if row[k] != 0.0 and prices[good] != 0.0:
                total += prices[good] * row[k]
        return total


@dataclass(frozen=True)
class Plan:
    """A priced plan: `values[good]` is the worth of one more unit by user, `shares[good]` who gets what."""

    steps: tuple[Step, ...]
    quantities: dict[str, float]
    prices: dict[str, float]
    values: dict[str, dict[str, float]]
    shares: dict[str, dict[str, float]]
    rival: dict[str, bool]
    notes: tuple[str, ...]


def remarks(plan: Plan, said: Sequence[Outside]) -> tuple[str, ...]:
    """What a reader should know: differing values, losses, unused goods, prices `said` by outside markets."""
    notes = [note for good in plan.values for note in _of_good(plan, good)]
    notes += [note for step in plan.steps for note in _of_firm(plan, step)]
    for market in said:
        if market.side == "supply" and market.price is not None and plan.prices[market.good] != market.price:
            worth = f"is worth {plan.prices[market.good]:.6g} here"
            notes.append(f"{market.good}: costs {market.price:.6g} outside and {worth}")
    return tuple(notes)


def _of_good(plan: Plan, good: str) -> Iterator[str]:
    by_user = plan.values[good]
    low, high = min(by_user.values(), default=0.0), max(by_user.values(), default=0.0)
    if plan.rival[good] and high - low > 1e-9 * max(abs(low), abs(high)):
        best = max(by_user, key=lambda user: by_user[user])
        worst = min(by_user, key=lambda user: by_user[user])
        yield (
            f"{good}: worth {high:.6g} to {best} and {low:.6g} to {worst}; giving {best} more of it would "
            "gain"
        )
    if not by_user:
        yield f"{good}: nobody uses it, so its price is 0"
    if not math.isfinite(plan.prices[good]):
        yield f"{good}: one more unit is worth more than any number ({plan.prices[good]:g})"


def _of_firm(plan: Plan, step: Step) -> Iterator[str]:
    for good, amount in zip(step.makes, step.outputs, strict=True):
        if amount < 0:
            yield f"{step.firm} makes {amount:.6g} of {good}, less than nothing"
    income, cost = earned(plan, step), spent(plan, step)
    if income < cost:
        yield f"{step.firm} loses {cost - income:.5g}: it earns {income:.5g}, pays {cost:.5g}"


def earned(plan: Plan, step: Step) -> float:
    """A firm's revenue."""
    return math.fsum(
        plan.prices[good] * amount for good, amount in zip(step.makes, step.outputs, strict=True)
    )


def spent(plan: Plan, step: Step) -> float:
    """A firm's cost: market prices, and for non-rival goods its own value of them (Lindahl prices)."""
    return math.fsum(
        (plan.prices[good] if plan.rival[good] else plan.values[good][step.firm]) * amount
        for good, amount in zip(step.buys, step.amounts, strict=True)
    )
