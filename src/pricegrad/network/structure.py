"""`Network`: the one compiled form of an economy, frozen arrays that every engine reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from pricegrad.model.parts import Curve
from pricegrad.network.forest import Floats, Forest, Ints


@dataclass(frozen=True, eq=False)
class Taxes:
    """Wedges on leaves, one a row: rate = `rate` + `mult` * (auxiliary `aux`; -1 for none), paid to `to`."""

    leaf: Ints
    to: Ints
    rate: Floats
    aux: Ints
    mult: Floats


@dataclass(frozen=True, eq=False)
class Holdings:
    """Amounts by household and good; an endowment is multiplied by the auxiliary `aux` (-1: none)."""

    household: Ints
    good: Ints
    quantity: Floats
    aux: Ints


@dataclass(frozen=True, eq=False)
class Ownership:
    """Shares of profits: `firm` counts sectors first, then code firms."""

    firm: Ints
    household: Ints
    share: Floats


@dataclass(frozen=True, eq=False)
class CodeUnit:
    """A firm (or a household's utility) given by a Python function of amounts of the goods `inputs`.

    `coefficients` are passed by keyword. A firm returns the amounts of `outputs`; for a utility that is empty
    and `agent` is the household.
    """

    name: str
    function: Callable[..., Any]
    inputs: Ints
    outputs: Ints
    coefficients: dict[str, Any]
    agent: int = -1
    where: str = ""


@dataclass(frozen=True, eq=False)
class OutsideMarket:
    """An outside market: `sign` +1 supplies, -1 demands; one of quantity, price, curve is given."""

    good: int
    sign: int
    quantity: float | None
    price: float | None
    curve: Curve | None


@dataclass(frozen=True, eq=False)
class Network:
    """An economy compiled to arrays.

    The roots of `forest` are its first nodes: the input side of sector j is node j, its output side node
    S + j, the expenditure of household h node 2 S + h (S sectors). So the input links of all sectors without
    nests are the CSR rows `forest.leaf_ptr[: S + 1]`. Sector output = reference * activity ** `returns`.
    `fixed`, `lower` and `start` are the user's values by name of variable; `nests` names the nodes of the
    forest, where they have names.
    """

    name: str
    numeraire: str | None
    goods: Sequence[str]
    rival: NDArray[np.bool_]
    sectors: Sequence[str]
    returns: Floats
    households: Sequence[str]
    auxiliaries: tuple[tuple[str, str | Callable[..., Any]], ...]
    forest: Forest
    taxes: Taxes
    endowments: Holdings
    subsistence: Holdings
    ownership: Ownership
    code_firms: tuple[CodeUnit, ...]
    utilities: tuple[CodeUnit, ...]
    outside: tuple[OutsideMarket, ...]
    fixed: dict[str, float]
    lower: dict[str, float]
    start: dict[str, float]
    nests: Sequence[str] = ()

    @cached_property
    def good_index(self) -> dict[str, int]:
        """Number of each good."""
        return {name: i for i, name in enumerate(self.goods)}

    @cached_property
    def sector_index(self) -> dict[str, int]:
        """Number of each sector (code firms are numbered apart, in `code_firms`)."""
        return {name: i for i, name in enumerate(self.sectors)}

    @cached_property
    def household_index(self) -> dict[str, int]:
        """Number of each household."""
        return {name: i for i, name in enumerate(self.households)}

    @cached_property
    def taxed(self) -> bool:
        """Whether anybody pays a tax."""
        return len(self.taxes.leaf) > 0

    @cached_property
    def open(self) -> bool:
        """Whether there are outside markets."""
        return len(self.outside) > 0

    @cached_property
    def leaf_root(self) -> Ints:
        """The root each leaf hangs under."""
        return self.forest.root[self.forest.leaf_node]

    @cached_property
    def leaf_sign(self) -> Floats:
        """-1 for outputs, +1 for inputs and demands: taxes raise what buyers pay, lower what sellers get."""
        return np.where(self.forest.output[self.forest.leaf_node], -1.0, 1.0)

    def user_price(self, price: Floats, aux: Floats) -> Floats:
        """What the user of each leaf pays (or gets) at market prices `price`, taxes included."""
        return price[self.forest.leaf_good] * self.wedge(aux)

    def wedge(self, aux: Floats) -> Floats:
        """User price over market price of each leaf."""
        rate = np.bincount(self.taxes.leaf, self.tax_rates(aux), self.forest.leaves)
        return np.asarray(1.0 + self.leaf_sign * rate)

    def tax_rates(self, aux: Floats) -> Floats:
        """The rate of each row of `taxes`."""
        if not len(aux):
            return self.taxes.rate
        follows = self.taxes.aux >= 0
        return np.where(follows, self.taxes.mult * aux[self.taxes.aux], self.taxes.rate)

    def __repr__(self) -> str:
        return (
            f"Network {self.name!r}: {len(self.goods)} goods, "
            f"{len(self.sectors) + len(self.code_firms)} firms, "
            f"{len(self.households)} households, {self.forest.leaves} links"
        )


class Numbered(Sequence[str]):
    """The names firm0, firm1, ... without storing them."""

    def __init__(self, stem: str, count: int) -> None:
        self.stem, self.size = stem, count

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [f"{self.stem}{i}" for i in range(*index.indices(self.size))]
        if not -self.size <= index < self.size:
            raise IndexError(index)
        return f"{self.stem}{index % self.size}"
