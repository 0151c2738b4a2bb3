"""Nested CES and CET value functions evaluated recursively, as they are defined."""

from __future__ import annotations

import math
from collections import defaultdict

from pricegrad.model.parts import INPUT_ROOT, OUTPUT_ROOT, Flow, Nest


def tree_value(
    flows: tuple[Flow, ...], nests: tuple[Nest, ...], side: str, default: float, prices: list[float]
) -> tuple[float, list[float]]:
    """Unit cost (or revenue) of a nested CES (or CET), and the amount of each flow in one unit.

    C = c0 * (sum_k theta_k * (u_k / p_k)^(1-s))^(1/(1-s)), amounts by Shephard's lemma, recursively.
    """
    sign = -1.0 if side == "in" else 1.0
    mine = {nest.name: nest for nest in nests if nest.side == side}
    tops = [nest for nest in mine.values() if nest.parent is None]
    name = tops[0].name if tops else INPUT_ROOT if side == "in" else OUTPUT_ROOT
    under: dict[str, list[int]] = defaultdict(list)
    below: dict[str, list[str]] = defaultdict(list)
    for k, flow in enumerate(flows):
        under[name if flow.nest is None else flow.nest].append(k)
    for nest in mine.values():
        if nest.parent is not None:
            below[nest.parent].append(nest.name)
    amounts = [0.0] * len(flows)

    def up(node: str) -> tuple[float, float, list[tuple[float, float, int, str]]]:
        parts = [(flows[k].quantity * flows[k].price, prices[k] / flows[k].price, k, "") for k in under[node]]
        for child in below[node]:
            worth, index, _ = branches.setdefault(child, up(child))
            if worth > 0:
                parts.append((worth, index, -1, child))
        total = math.fsum(worth for worth, *_ in parts)
        return total, mean(exponent(node), parts, total), parts

    def exponent(node: str) -> float:
        return 1.0 + sign * (mine[node].elasticity if node in mine else default)

    def down(node: str, factor: float) -> None:
        _, index, parts = branches[node]
        power = exponent(node) - 1.0
        for _, price, k, child in parts:
            ratio = factor * relative(price, index, power)
            if child:
                down(child, ratio)
            else:
                amounts[k] = flows[k].quantity * ratio

    branches: dict[str, tuple[float, float, list[tuple[float, float, int, str]]]] = {}
    branches[name] = up(name)
    total, index, _ = branches[name]
    if total == 0:
        return 0.0, amounts
    down(name, 1.0)
    return total * index, amounts


def mean(power: float, parts: list[tuple[float, float, int, str]], total: float) -> float:
    """The weighted power mean; by its expansion in the exponent where that is nearly 0."""
    if not parts:
        return 1.0
    if abs(power) > 1e-5:
        if any(price <= 0 for _, price, *_ in parts) and power < 0:
            return 0.0
        terms = [(worth / total, power * math.log(price)) for worth, price, *_ in parts if price > 0]
        top = max((x for _, x in terms), default=-math.inf)  # the largest term, taken out against overflow
        if math.isinf(top):
            return 0.0
        log = (top + math.log(math.fsum(w * math.exp(x - top) for w, x in terms))) / power
        return math.exp(log) if log < 700 else math.inf
    if any(price <= 0 for _, price, *_ in parts):
        return 0.0
    logs = [(worth / total, math.log(price)) for worth, price, *_ in parts]
    centre = math.fsum(w * x for w, x in logs)
    return math.exp(centre + power / 2 * math.fsum(w * (x - centre) ** 2 for w, x in logs))


def relative(price: float, index: float, power: float) -> float:
    """(price / index) ** power, with its limits at a price of 0."""
    if power == 0 or price == index:
        return 1.0
    if price <= 0 or index <= 0 or price / index == 0:
        return 0.0 if power > 0 else math.inf
    exponent = power * math.log(price / index)
    return math.exp(exponent) if exponent < 700 else math.inf
