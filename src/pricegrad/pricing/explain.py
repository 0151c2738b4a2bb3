"""Why a price is what it is, in words: each firm's first-order condition with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.pricing.plan import DEMAND, Plan, Step

WIDTH = 64


def number(x: float) -> str:
    """Four figures after the point, and four significant figures of what is smaller than 1."""
    if 1 <= abs(x) < 1e6:
        return f"{x:.4f}".rstrip("0").rstrip(".")
    return f"{x:.4g}" if abs(x) < 1 else f"{x:.6g}"


def derivation(plan: Plan) -> str:
    """One line a firm, from the final good back: `Company B: P_a = P_b * db_da = 1.5 * 0.1111 = 0.1667`."""
    sold = [(good, by_user[DEMAND]) for good, by_user in plan.values.items() if DEMAND in by_user]
    lines = [f"Demand: P_{good} = {number(value)}" for good, value in sold]
    lines += [condition(plan, step) for step in reversed(plan.steps)]
    lines += [_together(plan, good) for good, by_user in plan.values.items() if len(by_user) > 1]
    return "\n".join([*lines, *(f"Note: {note}" for note in plan.notes)])


def reasons(plan: Plan, good: str) -> str:
    """Why `good` is worth what it is: every link from it to what is sold in the end, with the source line."""
    if good not in plan.prices:
        raise ModelError(f"there is no good {good!r}.{did_you_mean(good, plan.prices)}")
    lines: list[str] = []
    waiting, told = [good], {good}
    steps = {step.firm: step for step in plan.steps}
    while waiting:
        here = waiting.pop(0)
        lines += _why(plan, here, steps)
        for user in plan.values[here]:
            for made in steps[user].makes if user in steps else ():
                if made not in told and plan.prices[made] != 0:
                    told.add(made)
                    waiting.append(made)
    return "\n".join(lines)


def condition(plan: Plan, step: Step) -> str:
    """A firm's first-order conditions with their numbers, one line."""
    conditions = [_condition(plan, step, k) for k in range(len(step.buys))]
    return f"{title(step.firm)}: {'; '.join(conditions) or 'buys nothing'}"


def title(firm: str) -> str:
    """company_b -> Company B"""
    return firm.replace("_", " ").title() if firm.isidentifier() and firm.islower() else firm


def called(firm: str) -> str:
    """bakery -> the bakery; names that are no plain word stay as they are"""
    return f"the {firm}" if firm.isalpha() and firm.islower() else firm


def place(where: str) -> str:
    """bakery.py:12 -> bakery.py line 12"""
    file, _, line = where.rpartition(":")
    return f"{PurePath(file).name} line {line}" if file else where


def _condition(plan: Plan, step: Step, k: int) -> str:
    good, value = step.buys[k], plan.values[step.buys[k]][step.firm]
    terms = [(made, row[k]) for made, row in zip(step.makes, step.slopes, strict=True)]
    symbols = " + ".join(f"P_{made} * d{made}_d{good}" for made, _ in terms)
    numbers = " + ".join(f"{number(plan.prices[made])} * {number(slope)}" for made, slope in terms)
    alone = len(plan.values[good]) == 1
    return f"{'P' if alone else 'value'}_{good} = {symbols} = {numbers} = {number(value)}"


def _together(plan: Plan, good: str) -> str:
    values, shares = plan.values[good], plan.shares[good]
    if not plan.rival[good]:
        sums = " + ".join(number(value) for value in values.values())
        return (
            f"{good} is non-rival, so its users' values add: P_{good} = {sums} = {number(plan.prices[good])}"
        )
    sums = " + ".join(f"{shares[user]:.4g} * {number(value)}" for user, value in values.items())
    return f"{good} is divided among its users: P_{good} = {sums} = {number(plan.prices[good])}"


def _why(plan: Plan, good: str, steps: Mapping[str, Step]) -> list[str]:
    values, worth = plan.values[good], number(plan.prices[good])
    if not values:
        return [f"{good} is worth {worth} because nobody uses it."]
    if len(values) > 1:
        how = (
            "they add, since using it does not use it up"
            if not plan.rival[good]
            else "in the mean of its users"
        )
        lines = [f"{good} is worth {worth}: {how}."]
        return lines + [
            line for user in values for line in _link(plan, good, user, steps, f"To {title(user)} it")
        ]
    (user,) = values
    return _link(plan, good, user, steps, good)


def _link(plan: Plan, good: str, user: str, steps: Mapping[str, Step], subject: str) -> list[str]:
    value = number(plan.values[good][user])
    if user == DEMAND:
        return [
            f"{subject if subject == good else 'Outside it'} is worth {value} because outside demand pays "
            "that."
        ]
    return link(plan, good, steps[user], subject)


def link(plan: Plan, good: str, step: Step, subject: str) -> list[str]:
    """What one more unit of a good is worth to one firm that uses it, with the line of its code."""
    value = number(plan.values[good][step.firm])
    k = step.buys.index(good)
    rows = zip(step.makes, step.slopes, strict=True)
    terms = [(made, row[k]) for made, row in rows if row[k] != 0] or [(step.makes[0], 0.0)]
    more = " and ".join(f"{number(slope)} more {made}" for made, slope in terms)
    worth = ", and ".join(f"{made} is worth {number(plan.prices[made])}" for made, _ in terms)
    sums = " + ".join(f"{number(slope)} x {number(plan.prices[made])}" for made, slope in terms)
    equation = f"  {sums} = {value}"
    source = f"{step.firm}, {place(step.where)}" if step.where else step.firm
    return [
        f"{subject} is worth {value} because one more unit gives {called(step.firm)} {more}, and {worth}.",
        f"{equation:<32}  {source}",
    ]
