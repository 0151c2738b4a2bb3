"""Where each variable of an economy stands in the vector that the solver moves, and what it is called.

Order: prices, sector activities, incomes, auxiliaries, net sales of outside markets at a price, then inputs
of firms given by code, then amounts and marginal utility of income of households with a Python utility.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.network import Network
from pricegrad.network.forest import Floats


@dataclass(frozen=True, eq=False)
class Layout:
    """Offsets of the groups of variables of a network."""

    network: Network

    @property
    def price(self) -> slice:
        """Prices by good."""
        return slice(0, len(self.network.goods))

    @cached_property
    def activity(self) -> slice:
        """Activities by sector."""
        return _after(self.price, len(self.network.sectors))

    @cached_property
    def income(self) -> slice:
        """Incomes by household."""
        return _after(self.activity, len(self.network.households))

    @cached_property
    def aux(self) -> slice:
        """Auxiliary variables."""
        return _after(self.income, len(self.network.auxiliaries))

    @cached_property
    def elastic(self) -> tuple[int, ...]:
        """The outside markets at a price: numbers in `network.outside`."""
        return tuple(i for i, market in enumerate(self.network.outside) if market.price is not None)

    @cached_property
    def outside(self) -> slice:
        """Net sales of the outside markets at a price."""
        return _after(self.aux, len(self.elastic))

    @cached_property
    def plans(self) -> tuple[slice, ...]:
        """Inputs of each firm given by code."""
        found, last = [], self.outside
        for firm in self.network.code_firms:
            last = _after(last, len(firm.inputs))
            found.append(last)
        return tuple(found)

    @cached_property
    def baskets(self) -> tuple[slice, ...]:
        """Amounts consumed under each Python utility; its marginal utility of income stands just behind."""
        found, at = [], (self.plans[-1] if self.plans else self.outside).stop
        for utility in self.network.utilities:
            found.append(slice(at, at + len(utility.inputs)))
            at += len(utility.inputs) + 1
        return tuple(found)

    @cached_property
    def size(self) -> int:
        """Number of variables."""
        if self.baskets:
            return int(self.baskets[-1].stop) + 1
        return int((self.plans[-1] if self.plans else self.outside).stop)

    def find(self, name: str, kind: str = "") -> int:
        """The place of a variable by name; a good before a firm before a household where `kind` is not
        said.
        """
        tables = {
            "price": (self.price, self.network.good_index),
            "activity": (self.activity, self.network.sector_index),
            "income": (self.income, self.network.household_index),
            "aux": (self.aux, self.aux_index),
        }
        for label, (part, index) in tables.items():
            if kind in ("", label) and name in index:
                return int(part.start) + index[name]
        known = [n for label, (_, index) in tables.items() if kind in ("", label) for n in index]
        raise ModelError(f"there is no {kind or 'variable'} named {name!r}.{did_you_mean(name, known)}")

    def kinds(self, name: str) -> list[str]:
        """The kinds of variables a name may mean."""
        network = self.network
        tables = {
            "price": network.good_index,
            "activity": network.sector_index,
            "income": network.household_index,
            "aux": self.aux_index,
        }
        return [kind for kind, index in tables.items() if name in index]

    @cached_property
    def aux_index(self) -> dict[str, int]:
        """Number of each auxiliary variable."""
        return {name: i for i, (name, _) in enumerate(self.network.auxiliaries)}

    def label(self, place: int) -> str:
        """What the variable at `place` is, in words."""
        network = self.network
        for word, part, names in (
            ("the price of", self.price, network.goods),
            ("the activity of", self.activity, network.sectors),
            ("the income of", self.income, network.households),
            ("the auxiliary", self.aux, [name for name, _ in network.auxiliaries]),
        ):
            if part.start <= place < part.stop:
                return f"{word} {names[place - part.start]!r}"
        if self.outside.start <= place < self.outside.stop:
            market = network.outside[self.elastic[place - self.outside.start]]
            return f"outside trade in {network.goods[market.good]!r}"
        for unit, part in zip(network.code_firms, self.plans, strict=True):
            if part.start <= place < part.stop:
                return f"{network.goods[unit.inputs[place - part.start]]!r} bought by {unit.name!r}"
        for unit, part in zip(network.utilities, self.baskets, strict=True):
            if part.start <= place < part.stop:
                return f"{network.goods[unit.inputs[place - part.start]]!r} consumed by {unit.name!r}"
            if place == part.stop:
                return f"the budget of {unit.name!r}"
        raise IndexError(place)

    def lower(self) -> Floats:
        """Default lower bounds: 0, none for incomes and marginal utilities."""
        bound = np.zeros(self.size)
        bound[self.income] = -np.inf
        return bound


def _after(part: slice, count: int) -> slice:
    return slice(part.stop, part.stop + count)
