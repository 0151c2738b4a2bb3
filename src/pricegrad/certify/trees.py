"""Nested CES and CET value functions evaluated recursively, as they are defined."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from pricegrad.model.parts import INPUT_ROOT, OUTPUT_ROOT, Flow, Nest

LEAST = 1e-100  # stands for a price of 0 under the logarithm


@dataclass(frozen=True)
class Part:
    """What hangs under a nest: its reference worth, relative price, and the flow or the nest that it is.

    `free`: at a price of 0, its own or that of what can replace all else in it.
    """

    worth: float
    price: float
    free: bool
    flow: int = -1
    nest: str = ""


@dataclass(frozen=True)
class Branch:
    """A nest evaluated: 1 - (or 1 +) its elasticity, its price index, its parts."""

    power: float
    index: float
    parts: tuple[Part, ...]

    @property
    def worth(self) -> float:
        return math.fsum(part.worth for part in self.parts)

    @property
    def free(self) -> bool:
        some = any if self.power <= 0 else all
        return some(part.free for part in self.parts)


def tree_value(
    flows: tuple[Flow, ...], nests: tuple[Nest, ...], side: str, default: float, prices: list[float]
) -> tuple[float, list[float]]:
    """Unit cost (or revenue) of a nested CES (or CET), and the amount of each flow in one unit.

    C = c0 * (sum_k theta_k * (u_k / p_k)^(1-s))^(1/(1-s)), amounts by Shephard's lemma, recursively. Prices
    of 0 are taken as the limit of equal small relative prices.
    """
    sign = -1.0 if side == "in" else 1.0
    mine = {nest.name: nest for nest in nests if nest.side == side}
    tops = [nest.name for nest in mine.values() if nest.parent is None]
    top = tops[0] if tops else INPUT_ROOT if side == "in" else OUTPUT_ROOT
    under: dict[str, list[int]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for k, flow in enumerate(flows):
        under[top if flow.nest is None else flow.nest].append(k)
    for nest in mine.values():
        if nest.parent is not None:
            below[nest.parent].append(nest.name)
    branches: dict[str, Branch] = {}

    def up(node: str) -> Branch:
        parts = []
        for k in under[node]:
            price, worth = prices[k] / flows[k].price, flows[k].quantity * flows[k].price
            parts.append(Part(worth, max(price, LEAST), price <= 0, flow=k))
        for child in below[node]:
            branch = up(child)
            if branch.worth > 0:
                parts.append(Part(branch.worth, branch.index, branch.free, nest=child))
        power = 1.0 + sign * (mine[node].elasticity if node in mine else default)
        branches[node] = Branch(power, mean(power, parts), tuple(parts))
        return branches[node]

    amounts = [0.0] * len(flows)

    def down(node: str, factor: float) -> None:
        branch = branches[node]
        for part in branch.parts:
            ratio = factor * relative(part.price, branch.index, branch.power - 1)
            if part.nest:
                down(part.nest, ratio)
            else:
                amounts[part.flow] = flows[part.flow].quantity * ratio

    root = up(top)
    if root.worth == 0:
        return 0.0, amounts
    down(top, 1.0)
    return 0.0 if root.free else root.worth * root.index, amounts


def mean(power: float, parts: list[Part]) -> float:
    """The weighted power mean of prices; by its expansion in the exponent where that is nearly 0."""
    if not parts:
        return 1.0
    total = math.fsum(part.worth for part in parts)
    logs = [(part.worth / total, math.log(part.price)) for part in parts]
    if abs(power) > 1e-5:
        most = max(power * x for _, x in logs)  # the largest term, taken out against overflow
        log = (most + math.log(math.fsum(w * math.exp(power * x - most) for w, x in logs))) / power
    else:
        centre = math.fsum(w * x for w, x in logs)
        log = centre + power / 2 * math.fsum(w * (x - centre) ** 2 for w, x in logs)
    return math.exp(log) if log < 700 else math.inf


def relative(price: float, index: float, power: float) -> float:
    """(price / index) ** power, its limit where it overflows."""
    if power == 0 or price == index:
        return 1.0
    exponent = power * (math.log(price) - math.log(index))
    return math.exp(exponent) if exponent < 700 else math.inf
