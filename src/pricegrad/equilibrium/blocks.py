"""Endowments and incomes, auxiliary constraints, outside markets: residuals and Jacobian entries."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping

import numpy as np

from pricegrad.equilibrium.derivatives import UNDEFINED, along, slopes
from pricegrad.equilibrium.layout import Layout
from pricegrad.errors import ModelError
from pricegrad.model.expression import Variable, gradient, parse, value, variables
from pricegrad.network import Network
from pricegrad.network.forest import Floats


class Incomes:
    """Income = value of endowments (taxes and profits are added where they arise); endowments are sold."""

    def __init__(self, network: Network, layout: Layout) -> None:
        self.network, self.layout = network, layout
        own = network.endowments
        self.rationed = np.flatnonzero(own.aux >= 0)
        income = layout.income.start + np.arange(len(network.households))
        holder = layout.income.start + own.household
        aux = layout.aux.start + own.aux[self.rationed]
        self.rows = np.concatenate([income, holder, own.good[self.rationed], holder[self.rationed]])
        self.cols = np.concatenate([income, own.good, aux, aux])

    def owned(self, point: Floats) -> Floats:
        """The amount of each endowment after rationing."""
        own = self.network.endowments
        amount = own.quantity.copy()
        amount[self.rationed] *= point[self.layout.aux][own.aux[self.rationed]]
        return amount

    def residual(self, point: Floats, out: Floats) -> None:
        """Add endowments to markets and incomes, and take subsistence from the markets."""
        network, own, need = self.network, self.network.endowments, self.network.subsistence
        amount, homes = self.owned(point), len(network.households)
        out[self.layout.price] += np.bincount(own.good, amount, len(network.goods))
        out[self.layout.price] -= np.bincount(need.good, need.quantity, len(network.goods))
        out[self.layout.income] += point[self.layout.income]
        out[self.layout.income] -= np.bincount(own.household, amount * point[own.good], homes)

    def entries(self, point: Floats) -> Floats:
        """The Jacobian at (`rows`, `cols`)."""
        own = self.network.endowments
        rationed = own.quantity[self.rationed]
        return np.concatenate(
            [
                np.ones(len(self.network.households)),
                -self.owned(point),
                rationed,
                -rationed * point[own.good[self.rationed]],
            ]
        )


class Text:
    """A constraint given by its text."""

    def __init__(self, name: str, text: str) -> None:
        parsed = parse(text, f"the constraint of {name!r}")
        self.slack, self.equality = parsed.slack, parsed.equality
        self.variables = variables(parsed.slack)

    def value(self, at: dict[Variable, float]) -> float:
        """The slack."""
        return value(self.slack, at)

    def slopes(self, at: dict[Variable, float]) -> dict[Variable, float]:
        """Its derivative in each variable."""
        return gradient(self.slack, at)[1]


class Formula:
    """A constraint given by a Python function of variables by name, differentiated by backprop.

    It returns what must be zero; or not negative, where the variable it sets has a lower bound.
    """

    def __init__(self, name: str, function: Callable[..., float], lower: Mapping[str, float]) -> None:
        self.function, self.equality = function, name not in lower
        self.variables = [Variable(each) for each in inspect.signature(function).parameters]

    def value(self, at: dict[Variable, float]) -> float:
        """The slack, nan where the function is not defined."""
        try:
            return float(self.function(*at.values()))
        except UNDEFINED:
            return math.nan

    def slopes(self, at: dict[Variable, float]) -> dict[Variable, float]:
        """Its derivative in each variable."""
        return dict(zip(at, slopes(self.function, list(at.values())), strict=True))


class Constraints:
    """One constraint an auxiliary variable, each a small tree evaluated with its gradient."""

    def __init__(self, network: Network, layout: Layout) -> None:
        self.layout = layout
        self.parsed: list[Text | Formula] = []
        self.places: list[dict[Variable, int]] = []
        rows, cols = [], []
        for i, (name, said) in enumerate(network.auxiliaries):
            constraint = Formula(name, said, network.lower) if callable(said) else Text(name, said)
            found = constraint.variables
            self.parsed.append(constraint)
            self.places.append({variable: _place(layout, variable, name) for variable in found})
            rows += [layout.aux.start + i] * len(found)
            cols += [self.places[-1][variable] for variable in found]
        self.rows, self.cols = np.array(rows, np.int64), np.array(cols, np.int64)

    def equality(self) -> list[bool]:
        """Which auxiliaries are set by an equation."""
        return [constraint.equality for constraint in self.parsed]

    def residual(self, point: Floats, out: Floats) -> None:
        """Add the slack of each constraint."""
        for i, (constraint, places) in enumerate(zip(self.parsed, self.places, strict=True)):
            at = {variable: float(point[place]) for variable, place in places.items()}
            out[self.layout.aux.start + i] += constraint.value(at)

    def entries(self, point: Floats) -> Floats:
        """The Jacobian at (`rows`, `cols`)."""
        found: list[float] = []
        for constraint, places in zip(self.parsed, self.places, strict=True):
            slopes = constraint.slopes({variable: float(point[place]) for variable, place in places.items()})
            found += [slopes[variable] for variable in places]
        return np.array(found, float)


def _place(layout: Layout, variable: Variable, name: str) -> int:
    meanings = layout.kinds(variable.name)
    if not variable.kind and len(meanings) > 1:
        raise ModelError(
            f"the constraint of {name!r}: {variable.name!r} may be {' or '.join(meanings)}; "
            f'write {meanings[0]}["{variable.name}"]'
        )
    try:
        return layout.find(variable.name, variable.kind)
    except ModelError as error:
        raise ModelError(f"the constraint of {name!r}: {error}") from None


class OutsideTrade:
    """Outside markets: a fixed quantity, a curve of the price, or any quantity at a price."""

    def __init__(
        self, network: Network, layout: Layout, slope: Callable[[Callable[[float], float], float], float]
    ) -> None:
        self.network, self.layout, self.slope = network, layout, slope
        self.given = [m for m in network.outside if m.quantity is not None]
        self.curves = [m for m in network.outside if m.curve is not None]
        elastic = [network.outside[i] for i in layout.elastic]
        self.good = np.array([m.good for m in elastic], np.int64)
        self.sign = np.array([m.sign for m in elastic], float)
        self.at = np.array([m.price for m in elastic], float)
        curved = np.array([m.good for m in self.curves], np.int64)
        place = layout.outside.start + np.arange(len(elastic))
        self.rows = np.concatenate([curved, self.good, place])
        self.cols = np.concatenate([curved, place, self.good])

    def residual(self, point: Floats, out: Floats) -> None:
        """Add outside supply less demand to the markets, and price conditions of elastic markets."""
        for market in self.given:
            out[market.good] += market.sign * float(market.quantity or 0.0)
        for market in self.curves:
            assert market.curve is not None
            out[market.good] += market.sign * along(market.curve, float(point[market.good]))
        np.add.at(out, self.good, self.sign * point[self.layout.outside])
        out[self.layout.outside] += self.sign * (self.at - point[self.good])

    def entries(self, point: Floats) -> Floats:
        """The Jacobian at (`rows`, `cols`)."""
        slopes = []
        for market in self.curves:
            assert market.curve is not None
            slopes.append(market.sign * self.slope(market.curve, float(point[market.good])))
        return np.concatenate([np.array(slopes, float), self.sign, -self.sign])
