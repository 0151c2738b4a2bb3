"""The builder: what a person says about an economy, collected and checked word by word."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, overload

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model.homes import household_of
from pricegrad.model.parts import (
    Auxiliary,
    CodeFirm,
    Curve,
    Firm,
    Good,
    Household,
    Outside,
    Tax,
)
from pricegrad.model.technology import CET, Technology, sector
from pricegrad.model.words import amounts, curve, finite, parameters, word

F = TypeVar("F", bound=Callable[..., Any])


class Model:
    """Goods, firms, households, taxes and outside markets, before anything is computed.

    `numeraire` is the good whose price is 1, or the name of a currency when no good has that name.
    """

    def __init__(self, name: str = "economy", *, numeraire: str | None = None) -> None:
        self.name = word(name, "economy")
        self.numeraire = None if numeraire is None else word(numeraire, "numeraire")
        self.goods: dict[str, Good] = {}
        self.firms: dict[str, Firm] = {}
        self.households: dict[str, Household] = {}
        self.auxiliaries: dict[str, Auxiliary] = {}
        self.outside: list[Outside] = []
        self.shares: dict[str, dict[str, float]] = {}
        self.fixed: dict[str, float] = {}
        self.lower: dict[str, float] = {}
        self.start: dict[str, float] = {}
        self.notes: list[str] = []  # what was decided when the economy was read from a table
        self.groups: dict[str, str] = {}  # the sector of a firm, by which pictures of many firms gather them
        self.passed_over: set[str] = set()  # goods inside an industry, between it and its markets

    def good(self, name: str, *, rival: bool = True) -> Good:
        """Declare a good; only needed to say that it is non-rival (its users do not use it up)."""
        self.goods[name] = Good(word(name, "good"), rival)
        return self.goods[name]

    @overload
    def firm(
        self,
        function: F,
        *,
        name: str | None = None,
        makes: str | Sequence[str] | None = None,
        buys: Mapping[str, str] | None = None,
        **coefficients: Any,
    ) -> F: ...

    @overload
    def firm(
        self,
        function: None = None,
        *,
        name: str | None = None,
        makes: str | Sequence[str] | CET | None = None,
        buys: Mapping[str, str] | None = None,
        technology: Technology | None = None,
        **coefficients: Any,
    ) -> Any: ...

    def firm(
        self,
        function: Callable[..., Any] | None = None,
        *,
        name: str | None = None,
        makes: str | Sequence[str] | CET | None = None,
        buys: Mapping[str, str] | None = None,
        technology: Technology | None = None,
        **coefficients: Any,
    ) -> Any:
        """Add a firm: decorate its production function, or give it a `technology`.

        The parameters of a production function are the goods bought (`buys` renames them); keyword-only
        parameters with a default are coefficients, which `coefficients` may set. It returns the amount made
        of `makes` (default: the function's name), or a tuple of amounts when `makes` is a sequence.
        The decorator returns the function unchanged.
        """
        if technology is not None:
            if not isinstance(technology, Technology):
                raise ModelError(
                    f"firm {name!r}: its technology is {technology!r}; it must be one like "
                    "pg.CES({'ore': 0.3, 'power': 0.7}, elasticity=0.5)"
                )
            for word in coefficients:
                near = did_you_mean(word, ("name", "makes", "technology"))
                raise ModelError(f"firm(...) with a technology knows no {word}={coefficients[word]!r}.{near}")
            return self._add_sector(name, makes, technology)

        for word, value in coefficients.items():
            if isinstance(value, Technology):
                near = did_you_mean(word, ("technology",))
                raise ModelError(f"firm {name!r}: {word}= is given a technology.{near}")

        def add(f: F) -> F:
            self.add(code_firm(f, name=name, makes=makes, buys=buys, coefficients=coefficients))
            return f

        return add if function is None else add(function)

    def _add_sector(
        self, name: str | None, makes: str | Sequence[str] | CET | None, technology: Technology
    ) -> None:
        if makes is None or not isinstance(makes, (str, CET)):
            raise ModelError(f"firm {name!r}: say what it makes: makes='steel', or makes=pg.CET({{...}})")
        label = name or (makes if isinstance(makes, str) else "+".join(makes.outputs))
        self.add(sector(word(label, "firm"), makes, technology, _caller()))

    def add(self, firm: Firm) -> None:
        """Add a firm that is already described."""
        if firm.name in self.firms:
            other = self.firms[firm.name].where
            raise ModelError(
                f"there are two firms named {firm.name!r}{f' (the other at {other})' if other else ''}: "
                "give one of them name='...'"
            )
        self.firms[firm.name] = firm

    def group(self, name: str, firms: Iterable[str]) -> None:
        """Say that firms belong to one sector, by which a page with many firms gathers them."""
        for firm in [firms] if isinstance(firms, str) else firms:
            if firm not in self.firms:
                raise ModelError(
                    f"the group {name!r} names {firm!r}, no firm so far.{did_you_mean(firm, self.firms)}"
                )
            self.groups[firm] = word(name, "group")

    def supply(self, good: str, quantity: float | Curve | None = None, *, price: float | None = None) -> None:
        """Supply from outside: a fixed quantity, a curve of the price, or any quantity at `price`."""
        self.outside.append(_outside(good, "supply", quantity, price))

    def demand(self, good: str, quantity: float | Curve | None = None, *, price: float | None = None) -> None:
        """Demand from outside: a fixed quantity, a curve of the price, or any quantity at `price`."""
        self.outside.append(_outside(good, "demand", quantity, price))

    def split(self, good: str, shares: Mapping[str, float]) -> None:
        """Say how a rival good is divided among its users: shares by firm (or "demand"), which sum to 1."""
        shares = amounts(shares, f"the split of {good!r}", f"the share of {good!r} for")
        total = math.fsum(shares.values())
        if abs(total - 1) > 1e-9 or any(not share >= 0 for share in shares.values()):
            raise ModelError(f"the shares of {good!r} must be positive and sum to 1; they sum to {total:g}")
        self.shares[good] = dict(shares)

    def household(
        self,
        name: str,
        *,
        endowment: Mapping[str, float] | None = None,
        utility: Technology | Callable[..., Any] | None = None,
        profits: Mapping[str, float] | None = None,
        subsistence: Mapping[str, float] | None = None,
        leisure: str | None = None,
    ) -> None:
        """Add a household that sells its endowment and buys what `utility` likes best.

        `utility` is a technology or a Python function of the goods consumed. `profits` are the shares of each
        firm it owns. "leisure" in the utility is the part of its own time it does not sell: of the endowment
        named by `leisure`, or else of its endowment called labour or labor, or of its only one.
        """
        if name in self.households:
            raise ModelError(f"there are two households named {name!r}")
        who = f"household {word(name, 'household')!r}"
        if not (utility is None or isinstance(utility, Technology) or callable(utility)):
            raise ModelError(
                f"{who}: its utility is {utility!r}; it must be a technology, "
                "as pg.CobbDouglas({'bread': 1}), or a Python function of the goods consumed"
            )
        self.households[name] = household_of(
            name,
            amounts(endowment, f"{who}: its endowment", f"{who}: the endowment of"),
            utility,
            None if profits is None else amounts(profits, f"{who}: its profits", f"{who}: its share of"),
            amounts(subsistence, f"{who}: its subsistence", f"{who}: the subsistence amount of"),
            leisure,
        )

    def tax(self, agent: str, good: str, rate: float | str, *, to: str) -> None:
        """Tax what a firm or household buys, or a firm sells, of a good; the household `to` gets the revenue.

        `rate` is a fraction of the market price (0.2: 20 per cent; below 0 a subsidy), or the name of an
        auxiliary variable. A buyer pays (1 + rate) times the price, a seller keeps (1 - rate) of it.
        """
        from pricegrad.model.taxes import tax

        label = f"the tax on {good!r} of {agent!r}"
        levied = Tax(to, aux=rate) if isinstance(rate, str) else Tax(to, finite(rate, label))
        tax(self, agent, good, levied)

    def auxiliary(
        self,
        name: str,
        constraint: str | Callable[..., Any],
        *,
        lower: float | None = None,
        start: float | None = None,
    ) -> None:
        """Add a variable set by a constraint: a text like `"GOV >= 10 * bread"`, or a Python function."""
        if name in self.auxiliaries:
            raise ModelError(f"there are two auxiliary variables named {name!r}")
        if not (isinstance(constraint, str) or callable(constraint)):
            raise ModelError(
                f"the constraint of {name!r} is {constraint!r}; it must be a text like 'GOV >= 10 * bread', "
                "or a Python function"
            )
        self.auxiliaries[name] = Auxiliary(word(name, "auxiliary variable"), constraint)
        if lower is not None:
            free = lower == -math.inf
            self.lower[name] = lower if free else finite(lower, f"the lower bound of {name!r}")
        if start is not None:
            self.start[name] = finite(start, f"the start of {name!r}")

    def fix(self, name: str, value: float) -> None:
        """Hold a variable (a price by its good, an activity, an income, an auxiliary) at a value."""
        self.fixed[name] = finite(value, f"the value of {name!r}")


def code_firm(
    f: Callable[..., Any],
    *,
    name: str | None = None,
    makes: str | Sequence[str] | CET | None = None,
    buys: Mapping[str, str] | None = None,
    coefficients: Mapping[str, Any] | None = None,
) -> CodeFirm:
    """A firm from its production function: which parameters are goods, which are coefficients."""
    if not callable(f):
        raise ModelError(f"a firm's production function must be a Python function, not {type(f).__name__}")
    label = word(name or getattr(f, "__name__", "firm"), "firm")
    if isinstance(makes, CET):
        raise ModelError(f"firm {label!r}: a Python function makes goods by name: makes=('petrol', 'diesel')")
    if not (makes is None or isinstance(makes, str | Sequence)):
        raise ModelError(
            f"firm {label!r}: it makes {makes!r}; name a good, or several: makes=('wool', 'meat')"
        )
    outputs = (makes,) if isinstance(makes, str) else tuple(word(m, "good") for m in makes or (label,))
    goods, given = parameters(f, label)
    unknown = [key for key in (coefficients or {}) if key not in given]
    if unknown:
        raise ModelError(
            f"firm {label!r} has no coefficient {unknown[0]!r}.{did_you_mean(unknown[0], given)}"
        )
    rename = dict(buys or {})
    for key in rename:
        if key not in goods:
            raise ModelError(
                f"firm {label!r}: buys names {key!r}, no parameter of it.{did_you_mean(key, goods)}"
            )
    bought = {parameter: rename.get(parameter, parameter) for parameter in goods}
    twice = [good for good in bought.values() if list(bought.values()).count(good) > 1]
    if twice:
        raise ModelError(f"firm {label!r} buys {twice[0]!r} through two parameters; add them up in one")
    return CodeFirm(label, f, outputs, bought, {**given, **(coefficients or {})}, _where(f))


def _outside(good: str, side: str, amount: float | Curve | None, price: float | None) -> Outside:
    if (amount is None) == (price is None):
        raise ModelError(
            f"{side} of {good!r}: give a quantity, or a curve of the price, or price=; one of them"
        )
    word(good, "good")
    if price is not None:
        given = finite(price, f"{side} of {good!r}: its price")
        if given < 0:
            raise ModelError(f"{side} of {good!r}: its price is {given:g}; it must not be negative")
        return Outside(good, side, price=given)
    if callable(amount):
        return Outside(good, side, curve=curve(amount, f"{side} of {good!r}"))
    number = finite(amount, f"{side} of {good!r}: its quantity")
    if number < 0:
        raise ModelError(f"{side} of {good!r}: its quantity is {number:g}; it must not be negative")
    return Outside(good, side, quantity=number)


def _where(f: Callable[..., Any]) -> str:
    code = getattr(inspect.unwrap(f), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else ""


def _caller() -> str:
    """File and line of the user's call, the first frame outside this package."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("pricegrad."):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else ""
