"""One sweep of quantities down the chain, one sweep of prices back up: the plan as given, priced.

Forward, every firm makes what its function makes of the inputs it is given. Backward, the price of a good
is what one more unit of it is worth to those who use it: a firm pays the price of its output times the
derivative of its own function. For a non-rival good the users' values add (Samuelson 1954); a rival good is
divided by given shares, and the value of one more unit, divided so, is the share-weighted mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model import CodeFirm, Firm, Model, Outside
from pricegrad.model.validate import goods as all_goods
from pricegrad.model.validate import validate
from pricegrad.pricing.chain import buys, makes, order, users
from pricegrad.pricing.curve import price_at
from pricegrad.pricing.local import local
from pricegrad.pricing.plan import DEMAND, Plan, Step, remarks


@dataclass
class _Sweep:
    """The state of the two sweeps while they run."""

    model: Model
    given: dict[str, float]
    said: list[Outside]
    quantities: dict[str, float] = field(default_factory=dict)
    shares: dict[str, dict[str, float]] = field(default_factory=dict)


def sweep(model: Model, quantities: Mapping[str, float] | None = None) -> Plan:
    """Price the plan in which outside supply (or `quantities`, which override it) flows down the chain.

    Raises ModelError for a circle, and for a quantity or a division among users that nobody says.
    """
    said = model.outside
    model = _supplied_with(model, quantities or {})
    _given_plan(model)
    validate(model)
    state = _Sweep(model, _supplied(model), said)
    users_of, demand = users(model), _demands(model)
    steps = _forward(state, users_of, demand)
    return _backward(state, steps, users_of, demand)


def _given_plan(model: Model) -> None:
    """Refuse what one sweep leaves open: choices of households (and so taxes), prices held, constraints."""
    for name in model.households:
        raise ModelError(
            f"household {name!r} buys what it likes best at prices yet to be found; solve() finds them. "
            "price() prices a given plan: say supply(good, amount) and demand(good, price=...)"
        )
    held = [name for name in model.fixed if name != model.numeraire]
    if held:
        raise ModelError(
            f"{held[0]!r} is held at {model.fixed[held[0]]:g}; what gives way to it solve() finds"
        )
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
    plan = Plan(tuple(steps), state.quantities, prices, values, state.shares, rival, ())
    return replace(plan, notes=remarks(plan, state.said))


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


def _supplied(model: Model) -> dict[str, float]:
    """The amount of each good that comes from outside."""
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


def _broken(firm: Firm, amounts: list[float], good: str, amount: float) -> str:
    given = ", ".join(f"{name} = {x:g}" for name, x in zip(buys(firm), amounts, strict=True))
    at = f" ({firm.where})" if isinstance(firm, CodeFirm) and firm.where else ""
    return f"firm {firm.name!r}{at} makes {amount} of {good!r} from {given}; it must be a finite number"
