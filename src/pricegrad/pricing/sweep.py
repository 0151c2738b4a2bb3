"""One sweep of quantities down the chain, one sweep of prices back up: the plan as given, priced.

Forward, every firm makes what its function makes of the inputs it is given. Backward, the price of a good
is what one more unit of it is worth to those who use it: a firm pays the price of its output times the
derivative of its own function. For a non-rival good the users' values add (Samuelson 1954); a rival good is
divided by given shares, and the value of one more unit, divided so, is the share-weighted mean.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from copy import copy
from dataclasses import dataclass, field

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model import CodeFirm, Firm, Model, Outside, Sector
from pricegrad.model.validate import goods as all_goods
from pricegrad.model.validate import validate
from pricegrad.pricing.chain import buys, makes, order, users
from pricegrad.pricing.curve import price_at
from pricegrad.pricing.local import local

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


@dataclass
class _Sweep:
    """The state of the two sweeps while they run."""

    model: Model
    given: dict[str, float]
    said: list[Outside]
    quantities: dict[str, float] = field(default_factory=dict)
    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def sweep(model: Model, quantities: Mapping[str, float] | None = None) -> Plan:
    """Price the plan in which outside supply (or `quantities`, which override it) flows down the chain.

    Raises ModelError for a circle, and for a quantity or a division among users that nobody says.
    """
    said = model.outside
    model = _supplied_with(model, quantities or {})
    validate(model)
    _given_plan(model)
    state = _Sweep(model, _supplied(model, quantities or {}), said)
    users_of, demand = users(model), _demands(model)
    steps = _forward(state, users_of, demand)
    return _backward(state, steps, users_of, demand)


def _given_plan(model: Model) -> None:
    """Refuse what one sweep leaves open: choices of households, taxes, constraints."""
    for home in model.households.values():
        if home.demands or home.utility is not None:
            raise ModelError(
                f"household {home.name!r} buys what it likes best at prices yet to be found; solve() finds "
                "them. "
                "price() prices a given plan: say demand(good, price=...)"
            )
    for firm in model.firms.values():
        if isinstance(firm, Sector) and any(flow.taxes for flow in (*firm.inputs, *firm.outputs)):
            raise ModelError(f"firm {firm.name!r} pays taxes, which price() leaves out; use solve()")
    if model.auxiliaries:
        name = next(iter(model.auxiliaries))
        raise ModelError(f"the auxiliary variable {name!r} has a constraint to meet; use solve()")


def _forward(state: _Sweep, users_of: Mapping[str, list[str]], demand: Mapping[str, Outside]) -> list[Step]:
    model = state.model
    pending = dict.fromkeys(all_goods(model), 0)
    for firm in model.firms.values():
        for good in makes(firm):
            pending[good] += 1
    state.quantities.update({good: state.given.get(good, 0.0) for good in pending})
    steps = []
    for name in order(model):
        firm = model.firms[name]
        amounts = []
        for good in buys(firm):
            share = _shares(state, good, users_of, demand)[name]
            amounts.append(state.quantities[good] * share)
        outputs, slopes = local(firm, tuple(amounts))
        for good, amount in zip(makes(firm), outputs, strict=True):
            if not math.isfinite(amount):
                raise ModelError(_broken(firm, amounts, good, amount))
            state.quantities[good] += amount
        where = firm.where
        steps.append(Step(name, buys(firm), makes(firm), tuple(amounts), outputs, slopes, where))
    for good in pending:
        _shares(state, good, users_of, demand)
    return steps


def _backward(
    state: _Sweep, steps: list[Step], users_of: Mapping[str, list[str]], demand: Mapping[str, Outside]
) -> Plan:
    model = state.model
    rival = {good: model.goods[good].rival if good in model.goods else True for good in state.quantities}
    values: dict[str, dict[str, float]] = {good: {} for good in state.quantities}
    prices: dict[str, float] = {}
    for good, market in demand.items():
        values[good][DEMAND] = _worth(state, market)
    unit = model.numeraire or ""
    if unit in values and unit not in users_of and unit not in demand:
        values[unit][DEMAND] = 1.0
        state.shares[unit] = {DEMAND: 1.0}

    def settle(good: str) -> None:
        if good not in prices:
            prices[good] = _price(values[good], state.shares[good], rival[good])

    for step in reversed(steps):
        for good in step.makes:
            settle(good)
        for k, good in enumerate(step.buys):
            values[good][step.firm] = step.value(k, prices)
    for good in state.quantities:
        settle(good)
    _numeraire(model, prices, values)
    _remarks(state, steps, prices, values, rival)
    return Plan(tuple(steps), state.quantities, prices, values, state.shares, rival, tuple(state.notes))


def _price(values: Mapping[str, float], shares: Mapping[str, float], rival: bool) -> float:
    if not rival:
        return math.fsum(values.values())
    if len(values) == 1:
        return next(iter(values.values()))
    return math.fsum(shares[user] * value for user, value in values.items() if shares[user])


def _supplied_with(model: Model, quantities: Mapping[str, float]) -> Model:
    """The model with the outside supply of some goods set to an amount."""
    known = all_goods(model)
    for good, amount in quantities.items():
        if good not in known:
            raise ModelError(f"quantities: there is no good {good!r}.{did_you_mean(good, known)}")
        if not math.isfinite(amount):
            raise ModelError(f"quantities: {good!r} is {amount}; it must be a finite number")
    changed = copy(model)
    changed.outside = [m for m in model.outside if m.side == "demand" or m.good not in quantities]
    changed.outside += [Outside(good, "supply", float(amount)) for good, amount in quantities.items()]
    return changed


def _supplied(model: Model, said: Collection[str]) -> dict[str, float]:
    """The amount of each good that comes from outside, and from endowments where it is not `said`."""
    given: dict[str, float] = {}
    for market in model.outside:
        if market.side != "supply":
            continue
        if market.quantity is None:
            kind = "a price" if market.price is not None else "a curve"
            raise ModelError(
                f"the supply of {market.good!r} is {kind}, and a sweep needs an amount: price(quantities="
                f"{{{market.good!r}: ...}}) gives one, or solve() finds one"
            )
        given[market.good] = given.get(market.good, 0.0) + market.quantity
    for home in model.households.values():
        for owned in home.endowments:
            if owned.good not in said:
                given[owned.good] = given.get(owned.good, 0.0) + owned.quantity
    return given


def _demands(model: Model) -> dict[str, Outside]:
    found: dict[str, Outside] = {}
    for market in model.outside:
        if market.side == "demand":
            if market.good in found:
                raise ModelError(
                    f"{market.good!r} has two outside demands; a sweep takes one, solve() takes both"
                )
            found[market.good] = market
    return found


def _shares(
    state: _Sweep, good: str, users_of: Mapping[str, list[str]], demand: Mapping[str, Outside]
) -> dict[str, float]:
    """How the good is divided among its users; whole for each user of a non-rival good."""
    if good in state.shares:
        return state.shares[good]
    model, names = state.model, list(users_of.get(good, ()))
    if good in demand:
        names.append(DEMAND)
    if good in model.goods and not model.goods[good].rival:
        found = dict.fromkeys(names, 1.0)
    elif good in model.shares:
        found = _said(model, good, names)
    elif len(names) <= 1:
        found = dict.fromkeys(names, 1.0)
    else:
        raise ModelError(
            f"{good!r} is used by {' and '.join(map(repr, names))}; say how it is divided, as in "
            f"split({good!r}, {{{', '.join(f'{name!r}: {1 / len(names):.3g}' for name in names)}}}), or "
            "that it is "
            f"not used up: good({good!r}, rival=False). solve() finds the division that is best"
        )
    state.shares[good] = found
    return found


def _said(model: Model, good: str, names: list[str]) -> dict[str, float]:
    shares = model.shares[good]
    for user in shares:
        if user not in names:
            raise ModelError(f"split of {good!r}: {user!r} does not use it.{did_you_mean(user, names)}")
    return {name: shares.get(name, 0.0) for name in names}


def _worth(state: _Sweep, market: Outside) -> float:
    """What outside demand pays for one more unit at the quantity it gets."""
    if market.price is not None:
        return market.price
    if market.curve is None:
        raise ModelError(
            f"the demand for {market.good!r} is a fixed quantity, which says nothing of its price: give "
            "demand("
            f"{market.good!r}, price=...), or solve()"
        )
    return price_at(
        market.curve, state.quantities[market.good] * state.shares[market.good][DEMAND], market.good
    )


def _numeraire(model: Model, prices: dict[str, float], values: dict[str, dict[str, float]]) -> None:
    """Prices in units of the numeraire, where it is a good."""
    name = model.numeraire
    if name is None or name not in prices or prices[name] == 1.0:
        return
    unit = prices[name]
    said = [m.price for m in model.outside if m.good == name and m.side == "demand" and m.price is not None]
    if said:
        raise ModelError(
            f"{name!r} is the numeraire, so its price is 1, but demand says {said[0]:g}; prices in money "
            "want "
            "Economy(numeraire='dollars')"
        )
    if not (math.isfinite(unit) and unit > 0):
        raise ModelError(f"{name!r} is the numeraire, but is worth {unit:g}: nothing can be counted in it")
    for good in prices:
        prices[good] /= unit
        values[good] = {user: value / unit for user, value in values[good].items()}


def _remarks(
    state: _Sweep,
    steps: list[Step],
    prices: Mapping[str, float],
    values: Mapping[str, Mapping[str, float]],
    rival: Mapping[str, bool],
) -> None:
    """What a reader should know: differing values, losses, nobody's goods, limits of a derivative."""
    for good, by_user in values.items():
        low, high = min(by_user.values(), default=0.0), max(by_user.values(), default=0.0)
        if rival[good] and high - low > 1e-9 * max(abs(low), abs(high)):
            best = max(by_user, key=lambda user: by_user[user])
            worst = min(by_user, key=lambda user: by_user[user])
            state.notes.append(
                f"{good}: worth {high:.6g} to {best} and {low:.6g} to {worst}; giving {best} more of it "
                "would gain"
            )
        if not by_user:
            state.notes.append(f"{good}: nobody uses it, so its price is 0")
        if not math.isfinite(prices[good]):
            state.notes.append(f"{good}: one more unit is worth more than any number ({prices[good]:g})")
    for step in steps:
        for good, amount in zip(step.makes, step.outputs, strict=True):
            if amount < 0:
                state.notes.append(f"{step.firm} makes {amount:.6g} of {good}, less than nothing")
        income, cost = earned(step, prices), spent(step, prices, values, rival)
        if income < cost:
            state.notes.append(
                f"{step.firm} loses {cost - income:.5g}: it earns {income:.5g}, pays {cost:.5g}"
            )
    for market in state.said:
        if market.side == "supply" and market.price is not None and prices[market.good] != market.price:
            state.notes.append(
                f"{market.good}: costs {market.price:.6g} outside and is worth {prices[market.good]:.6g} here"
            )


def earned(step: Step, prices: Mapping[str, float]) -> float:
    """A firm's revenue."""
    return math.fsum(prices[good] * amount for good, amount in zip(step.makes, step.outputs, strict=True))


def spent(
    step: Step,
    prices: Mapping[str, float],
    values: Mapping[str, Mapping[str, float]],
    rival: Mapping[str, bool],
) -> float:
    """A firm's cost: market prices, and for non-rival goods its own value of them (Lindahl prices)."""
    return math.fsum(
        (prices[good] if rival[good] else values[good][step.firm]) * amount
        for good, amount in zip(step.buys, step.amounts, strict=True)
    )


def _broken(firm: Firm, amounts: list[float], good: str, amount: float) -> str:
    given = ", ".join(f"{name} = {x:g}" for name, x in zip(buys(firm), amounts, strict=True))
    at = f" ({firm.where})" if isinstance(firm, CodeFirm) and firm.where else ""
    return f"firm {firm.name!r}{at} makes {amount} of {good!r} from {given}; it must be a finite number"
