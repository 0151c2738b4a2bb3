"""Technologies as a person writes them, and their calibrated-share form.

CES({"ore": .3, "power": .7}, elasticity=.5, scale=2.0)
    output = scale * (sum_i share_i^(1/s) x_i^((s-1)/s))^(returns * s/(s-1))
    unit cost = (sum_i share_i p_i^(1-s))^(1/(1-s)) / scale                      (returns = 1)
CobbDouglas({"land": .5, "labour": .5}, scale=1.0)
    output = scale * prod_i x_i^share_i; the shares' sum is the returns to scale
Leontief({"flour": .6, "labour": .4})
    output = min_i x_i / units_i
CET({"petrol": .6, "diesel": .4}, elasticity=2.0)
    the outputs of one activity, transformed into each other at constant elasticity

A technology may stand as a key among the inputs of another: its output is then the input, made in house.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from pricegrad.errors import ModelError
from pricegrad.model.parts import INPUT_ROOT, OUTPUT_ROOT, Flow, Nest, Sector

Inputs = Mapping["str | Technology", float]


@dataclass(frozen=True, eq=False)
class Technology:
    """A node of a nested production (or utility) function: elasticity, weights of inputs, scale, returns."""

    inputs: Inputs
    elasticity: float = 1.0
    scale: float = 1.0
    returns: float = 1.0

    def __post_init__(self) -> None:
        kind = type(self).__name__
        _positive(kind, self.inputs)
        if not (_number(self.scale) and self.scale > 0):
            raise ModelError(f"{kind}: scale is {self.scale!r}; it must be a positive number")
        if not (_number(self.elasticity) and self.elasticity >= 0):
            raise ModelError(
                f"{kind}: elasticity is {self.elasticity!r}; it must be zero or a positive number"
            )
        if not (_number(self.returns) and 0 < self.returns <= 1):
            raise ModelError(
                f"{kind}: returns to scale are {self.returns!r}; they must be above 0 and at most 1 "
                "(increasing returns have no competitive equilibrium: write the firm as a Python function)"
            )

    def unit_cost(self) -> float:
        """Cost of one unit of the constant-returns aggregate, before `scale`, at prices of 1."""
        s = self.elasticity
        costs = [_unit_price(good) for good in self.inputs]
        weights = list(self.inputs.values())
        if s == 1.0:
            return float(math.prod(c**w for c, w in zip(costs, weights, strict=True)))
        return float(
            math.fsum(w * c ** (1 - s) for c, w in zip(costs, weights, strict=True)) ** (1 / (1 - s))
        )

    def unit_inputs(self) -> dict[str | Technology, float]:
        """Amount of each input in one unit of the aggregate, before `scale`, at prices of 1 (Shephard)."""
        cost, s = self.unit_cost(), self.elasticity
        return {good: w * (cost / _unit_price(good)) ** s for good, w in self.inputs.items()}

    def goods(self) -> list[str]:
        """The goods bought, nests opened, each once, in order of appearance."""
        found: dict[str, None] = {}
        for good in self.inputs:
            found.update(dict.fromkeys([good] if isinstance(good, str) else good.goods()))
        return list(found)


class CES(Technology):
    """Constant elasticity of substitution (Arrow, Chenery, Minhas, Solow 1961)."""


class Leontief(Technology):
    """Fixed coefficients: `inputs` are the units of each input in one unit made."""

    def __init__(self, inputs: Inputs, scale: float = 1.0, returns: float = 1.0) -> None:
        super().__init__(inputs, 0.0, scale, returns)


class CobbDouglas(Technology):
    """output = scale * prod_i x_i^share_i; shares that sum to less than 1 mean decreasing returns."""

    def __init__(self, inputs: Inputs, scale: float = 1.0, returns: float | None = None) -> None:
        _positive("CobbDouglas", inputs)
        total = math.fsum(inputs.values())
        whole = abs(total - 1.0) <= 1e-12
        if total > 1 and not whole:
            raise ModelError(
                f"CobbDouglas: the shares sum to {total:g}, above 1 (increasing returns have no competitive "
                "equilibrium); shares that sum to 1 have constant returns"
            )
        if returns is not None and not whole:
            raise ModelError(
                f"CobbDouglas: returns={returns:g} wants shares that sum to 1; they sum to {total:g}"
            )
        degree = returns if returns is not None else 1.0 if whole else total
        shares = {good: w / total for good, w in inputs.items()}
        super().__init__(shares, 1.0, scale, degree)

    def unit_cost(self) -> float:
        """Cost of one unit of prod_i x_i^share_i at prices of 1."""
        return float(math.prod((_unit_price(good) / w) ** w for good, w in self.inputs.items()))

    def unit_inputs(self) -> dict[str | Technology, float]:
        """Amount of each input in one unit of prod_i x_i^share_i at prices of 1."""
        cost = self.unit_cost()
        return {good: w * cost / _unit_price(good) for good, w in self.inputs.items()}


@dataclass(frozen=True, eq=False)
class CET:
    """Joint outputs in proportions `outputs` at equal prices, transformed at constant `elasticity`."""

    outputs: Mapping[str, float]
    elasticity: float = 0.0

    def __post_init__(self) -> None:
        _positive("CET", self.outputs, "output")
        if not (_number(self.elasticity) and self.elasticity >= 0):
            raise ModelError(f"CET: elasticity is {self.elasticity!r}; it must be zero or a positive number")


def sector(name: str, makes: str | CET, technology: Technology, where: str = "") -> Sector:
    """The calibrated-share form of a technology: activity 1 makes `scale` units at reference prices of 1."""
    inputs, nests = tree(technology)
    outputs = makes if isinstance(makes, CET) else CET({makes: 1.0})
    flows = tuple(Flow(good, technology.scale * units) for good, units in outputs.outputs.items())
    nests += (Nest(OUTPUT_ROOT, outputs.elasticity, None, "out"),)
    return Sector(name, flows, inputs, nests, technology.returns, where)


def tree(technology: Technology) -> tuple[tuple[Flow, ...], tuple[Nest, ...]]:
    """Flows and nests of one unit of the aggregate at reference prices of 1; the root nest is `S`."""
    flows: list[Flow] = []
    nests: list[Nest] = []

    def visit(node: Technology, units: float, name: str, parent: str | None) -> None:
        nests.append(Nest(name, node.elasticity, parent))
        for good, amount in node.unit_inputs().items():
            if isinstance(good, str):
                flows.append(Flow(good, units * amount, 1.0, name if parent else None))
            else:
                visit(good, units * amount / good.scale, f"{name}.{len(nests)}", name)

    visit(technology, 1.0, INPUT_ROOT, None)
    return tuple(flows), tuple(nests)


def _positive(kind: str, weights: Any, side: str = "input") -> None:
    """Refuse what is no mapping of goods (or nests) to positive numbers."""
    if not isinstance(weights, Mapping):
        raise ModelError(
            f"{kind}: its {side}s are {weights!r}; they must be weights by good, as in {kind}({{'ore': 1.0}})"
        )
    if not weights:
        raise ModelError(f"{kind} has no {side}s; name at least one, as in {kind}({{'ore': 1.0}})")
    for good, weight in weights.items():
        if (
            not isinstance(good, str | Technology)
            or good == ""
            or (side == "output" and not isinstance(good, str))
        ):
            raise ModelError(f"{kind}: {good!r} is no name of a good")
        if not (_number(weight) and weight > 0):
            raise ModelError(
                f"{kind}: the weight of {_name(good)} is {weight!r}; it must be a positive number"
            )


def _number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _unit_price(good: str | Technology) -> float:
    return 1.0 if isinstance(good, str) else good.unit_cost() / good.scale


def _name(good: str | Technology) -> str:
    return repr(good) if isinstance(good, str) else f"the nest {type(good).__name__}"
