"""What an economy is made of, as a person says it: frozen records without behaviour.

Quantities are in units of the good, prices in units of the numeraire, rates are fractions (0.2 is 20 per
cent). A `Flow` carries a reference quantity and a reference price: blocks are in calibrated-share form
(Rutherford, "Lecture notes on constant elasticity functions", 2002), so that any nested CES is a tree of
nests over flows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

INPUT_ROOT = "S"
OUTPUT_ROOT = "T"

Curve = Callable[[float], float]


@dataclass(frozen=True)
class Good:
    """Something with a price. A non-rival good (a design, a signal) is used by all its users at once."""

    name: str
    rival: bool = True


@dataclass(frozen=True)
class Tax:
    """A wedge paid to a household: a fixed `rate`, or `mult` times the auxiliary variable `aux`."""

    to: str
    rate: float = 0.0
    aux: str | None = None
    mult: float = 1.0


@dataclass(frozen=True)
class Flow:
    """An input, an output or a demand at its reference quantity and (tax-inclusive) reference price."""

    good: str
    quantity: float
    price: float = 1.0
    nest: str | None = None
    taxes: tuple[Tax, ...] = ()


@dataclass(frozen=True)
class Endowment:
    """What a household owns; with `rationed_by`, times the value of that auxiliary variable."""

    good: str
    quantity: float
    rationed_by: str | None = None


@dataclass(frozen=True)
class Nest:
    """A node of a CES (`side="in"`) or CET (`side="out"`) tree; `parent` None makes it the root."""

    name: str
    elasticity: float
    parent: str | None = None
    side: str = "in"


@dataclass(frozen=True)
class Sector:
    """A firm given by unit cost and revenue functions; `returns` below 1: output = (activity) ** returns."""

    name: str
    outputs: tuple[Flow, ...]
    inputs: tuple[Flow, ...]
    nests: tuple[Nest, ...] = ()
    returns: float = 1.0
    where: str = ""


@dataclass(frozen=True)
class CodeFirm:
    """A firm given by a production function in Python.

    `buys` maps each parameter to the good it is an amount of; `coefficients` are the keyword-only
    parameters and their values. The function returns one output, or a tuple in the order of `makes`.
    """

    name: str
    function: Callable[..., Any]
    makes: tuple[str, ...]
    buys: Mapping[str, str]
    coefficients: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The goods bought, in the order of the parameters."""
        return tuple(self.buys.values())


@dataclass(frozen=True)
class Household:
    """An agent with a budget: sells endowments, receives profits and taxes, buys what it likes best.

    Either `demands` with `nests` (nested CES; `subsistence` amounts make it Stone-Geary/LES), or a Python
    function `utility` of the goods in `consumes`. `profits` maps firms to the share of their profit it owns.
    """

    name: str
    endowments: tuple[Endowment, ...] = ()
    demands: tuple[Flow, ...] = ()
    nests: tuple[Nest, ...] = ()
    subsistence: Mapping[str, float] = field(default_factory=dict)
    utility: Callable[..., Any] | None = None
    consumes: tuple[str, ...] = ()
    profits: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Auxiliary:
    """A variable set by a constraint: its text (names of goods, sectors, households) or a Python function."""

    name: str
    constraint: str | Callable[..., Any]


@dataclass(frozen=True)
class Outside:
    """A market outside the model on one side of one good: a fixed quantity, a fixed price, or a curve."""

    good: str
    side: str  # "supply" or "demand"
    quantity: float | None = None
    price: float | None = None
    curve: Curve | None = None


Firm = Sector | CodeFirm
