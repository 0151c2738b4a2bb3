"""Shocks on a schedule: what happens to an economy in which round.

    Shock(10, "productivity", "mill", 0.8)      the mill makes 20% less of the same inputs
    Shock(10, "supply", "land", 0.5)            half the land, or the outside supply of it
    Shock(10, "demand", "bread", 1.5)           buyers' taste for bread, or the outside demand for it
    Shock(10, "leave", "mill")                  the mill closes
    Shock(10, "enter", "mill", firm)            a firm opens: one of `pricegrad.model` (Sector or CodeFirm)
    Shock(10, "cut", "mill", "grain")           the mill can no longer buy grain
    Shock(10, "tax", "bread", 0.1)              buyers of bread pay 10% on top, to the households in
    equal parts

As text: "10 productivity mill 0.8". The shock strikes before the round it names; rounds count from 0.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.market.rule import Rule, State
from pricegrad.market.settings import whole
from pricegrad.model import CodeFirm, Flow, Model, Nest, Outside, Sector, Tax
from pricegrad.network import Network


@dataclass(frozen=True)
class Shock:
    """What happens in `round` to `who`; `value` is a factor, a rate, a good or a firm, as the kind wants."""

    round: int
    kind: str
    who: str
    value: Any = None

    def __str__(self) -> str:
        """What happens, without the round: "productivity farm 0.8"."""
        value = f" {self.value:g}" if isinstance(self.value, (int, float)) else f" {self.value}"
        plain = isinstance(self.value, (int, float, str))
        return f"{self.kind} {self.who}{value if plain else ''}"

    @classmethod
    def read(cls, given: Shock | Mapping[str, Any] | str) -> Shock:
        """A shock from itself, a mapping of its fields, or a text. Raises `ModelError`."""
        if isinstance(given, Shock):
            return given
        if isinstance(given, Mapping):
            missing = [name for name in ("round", "kind", "who") if name not in given]
            if missing:
                raise ModelError(f"the shock {dict(given)!r} has no {missing[0]!r}")
            return cls(given["round"], str(given["kind"]), str(given["who"]), given.get("value"))
        words = given.split() if isinstance(given, str) else []
        if len(words) not in (3, 4) or not (words[0].isascii() and words[0].isdigit()):
            raise ModelError(
                f"a shock reads ROUND KIND NAME [VALUE], as in '10 supply land 0.5'; not {given!r}"
            )
        value: Any = words[3] if len(words) == 4 else None
        if value is not None and words[1] != "cut":
            value = _number(value, f"the shock {given!r}")
        return cls(int(words[0]), words[1], words[2], value)


def schedule(shocks: Iterable[Shock | Mapping[str, Any] | str]) -> dict[int, list[Shock]]:
    """Shocks by round."""
    plan: dict[int, list[Shock]] = {}
    for given in shocks:
        shock = Shock.read(given)
        whole(f"the round of the shock {str(shock)!r}", shock.round, 0)
        if shock.kind not in _KINDS:
            raise ModelError(f"there is no shock {shock.kind!r}.{did_you_mean(shock.kind, _KINDS)}")
        plan.setdefault(shock.round, []).append(shock)
    return plan


def rehearse(economy: Model | Network, plan: Mapping[int, Sequence[Shock]]) -> None:
    """Apply all shocks to a description, so that a wrong name is found before the first round."""
    for round_ in sorted(plan):
        economy = shocked(economy, plan[round_])


def shocked(economy: Model | Network, shocks: Sequence[Shock]) -> Model:
    """A new description with the shocks applied; the one given stays as it is."""
    if not isinstance(economy, Model):
        raise ModelError(
            "shocks change the description of an economy; this market was made from arrays alone"
        )
    changed = copy.copy(economy)
    for name in ("goods", "firms", "households", "auxiliaries", "shares", "fixed", "lower", "start"):
        setattr(changed, name, dict(getattr(economy, name)))
    changed.outside = list(economy.outside)
    for shock in shocks:
        _KINDS[shock.kind](changed, shock)
    return changed


def carry_over(old: Rule, new: Rule, state: State) -> State:
    """The old state under the new network: what is named the same keeps its value, the rest starts afresh."""
    before, after = old.labels(), new.labels()
    at = {label: i for i, label in enumerate(before["price"])}
    kept = [at.get(label) for label in after["price"]]
    price = np.array([1.0 if i is None else state["price"][i] for i in kept])
    carried = new.start(price)
    for name, labels in after.items():
        at = {label: i for i, label in enumerate(before[name])}
        values = carried[name].copy()
        for i, label in enumerate(labels):
            if label in at:
                values[i] = state[name][at[label]]
        carried[name] = values
    return carried


def _productivity(model: Model, shock: Shock) -> None:
    firm, factor = _firm(model, shock), _positive(shock)
    if isinstance(firm, CodeFirm):
        raise ModelError(
            f"firm {shock.who!r} is a Python function: change one of its coefficients instead, or its inputs"
        )
    outputs = tuple(
        replace(flow, quantity=flow.quantity * factor, price=flow.price / factor) for flow in firm.outputs
    )
    model.firms[shock.who] = replace(firm, outputs=outputs)


def _supply(model: Model, shock: Shock) -> None:
    factor, found = _positive(shock), False
    for name, home in model.households.items():
        owned = tuple(
            replace(own, quantity=own.quantity * factor) if own.good == shock.who else own
            for own in home.endowments
        )
        found |= owned != home.endowments
        model.households[name] = replace(home, endowments=owned)
    found |= _outside(model, shock.who, "supply", factor)
    if not found and factor != 1:
        owned_goods = {own.good for home in model.households.values() for own in home.endowments}
        brought = {market.good for market in model.outside if market.side == "supply"}
        near = did_you_mean(shock.who, sorted(owned_goods | brought))
        raise ModelError(f"{shock.who!r} is supplied by no endowment and no outside market.{near}")


def _demand(model: Model, shock: Shock) -> None:
    factor, found = _positive(shock), False
    for name, home in model.households.items():
        wants = tuple(
            replace(flow, quantity=flow.quantity * factor) if flow.good == shock.who else flow
            for flow in home.demands
        )
        found |= wants != home.demands
        model.households[name] = replace(home, demands=wants)
    found |= _outside(model, shock.who, "demand", factor)
    if not found and factor != 1:
        raise ModelError(f"{shock.who!r} is wanted by no household and no outside market")


def _outside(model: Model, good: str, side: str, factor: float) -> bool:
    found = False
    for i, market in enumerate(model.outside):
        if market.good == good and market.side == side:
            model.outside[i], found = _scaled(market, factor), True
    return found


def _scaled(market: Outside, factor: float) -> Outside:
    if market.quantity is not None:
        return replace(market, quantity=market.quantity * factor)
    if market.price is not None:
        return replace(market, price=market.price * factor)
    curve = market.curve
    assert curve is not None
    return replace(market, curve=lambda price: factor * curve(price))


def _leave(model: Model, shock: Shock) -> None:
    _firm(model, shock)
    del model.firms[shock.who]
    for name, home in model.households.items():
        if home.profits is not None:
            rest = {firm: share for firm, share in home.profits.items() if firm != shock.who}
            model.households[name] = replace(home, profits=rest)


def _enter(model: Model, shock: Shock) -> None:
    if shock.who in model.firms:
        raise ModelError(f"there is already a firm named {shock.who!r}")
    if not isinstance(shock.value, (Sector, CodeFirm)):
        raise ModelError(f"the shock 'enter' wants the firm as its value, not {shock.value!r}")
    model.firms[shock.who] = replace(shock.value, name=shock.who)


def _cut(model: Model, shock: Shock) -> None:
    firm, good = _firm(model, shock), str(shock.value)
    if isinstance(firm, CodeFirm):
        raise ModelError(f"firm {shock.who!r} is a Python function of all its inputs; none can be cut")
    kept = tuple(flow for flow in firm.inputs if flow.good != good)
    if len(kept) == len(firm.inputs):
        raise ModelError(
            f"firm {shock.who!r} buys no {good!r}.{did_you_mean(good, [f.good for f in firm.inputs])}"
        )
    lost = next(flow for flow in firm.inputs if flow.good == good)
    nest = next((n for n in firm.nests if n.side == "in" and _hangs(lost, n)), Nest("S", 0.0))
    if nest.elasticity <= 1 or any(n.parent is not None and n.side == "in" for n in firm.nests):
        raise ModelError(
            f"firm {shock.who!r} cannot make anything without {good!r} (its elasticity of substitution is "
            f"{nest.elasticity:g}, or it is nested); let the firm leave instead"
        )
    worth = math.fsum(flow.quantity * flow.price for flow in firm.inputs)
    left = 1 - lost.quantity * lost.price / worth
    dearer = left ** (1 / (1 - nest.elasticity) - 1)
    model.firms[shock.who] = replace(
        firm, inputs=tuple(replace(flow, quantity=flow.quantity * dearer) for flow in kept)
    )


def _hangs(flow: Flow, nest: Nest) -> bool:
    return nest.parent is None if flow.nest is None else flow.nest == nest.name


def _tax(model: Model, shock: Shock) -> None:
    rate = _number(shock.value, "the shock 'tax'")
    homes = list(model.households)
    if not homes:
        raise ModelError("a tax needs a household that receives it")
    taxes = tuple(Tax(to=home, rate=rate / len(homes)) for home in homes)
    found = False

    def with_tax(flow: Flow) -> Flow:
        return replace(flow, taxes=flow.taxes + taxes) if flow.good == shock.who else flow

    for name, firm in model.firms.items():
        if isinstance(firm, Sector):
            taxed = tuple(map(with_tax, firm.inputs))
            found |= taxed != firm.inputs
            model.firms[name] = replace(firm, inputs=taxed)
    for name, home in model.households.items():
        wants = tuple(map(with_tax, home.demands))
        found |= wants != home.demands
        model.households[name] = replace(home, demands=wants)
    if not found:
        raise ModelError(f"nobody whose purchases can be taxed buys {shock.who!r}")


def _firm(model: Model, shock: Shock) -> Sector | CodeFirm:
    if shock.who not in model.firms:
        raise ModelError(f"there is no firm {shock.who!r}.{did_you_mean(shock.who, model.firms)}")
    return model.firms[shock.who]


def _positive(shock: Shock) -> float:
    factor = _number(shock.value, f"the shock {shock.kind!r} of {shock.who!r}")
    if factor <= 0:
        raise ModelError(f"the shock {shock.kind!r} of {shock.who!r} wants a factor above 0, not {factor:g}")
    return factor


def _number(value: Any, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ModelError(f"{what} wants a number, not {value!r}") from None
    if not math.isfinite(number):
        raise ModelError(f"{what} wants a finite number, not {value!r}")
    return number


_KINDS: dict[str, Callable[[Model, Shock], None]] = {
    "productivity": _productivity,
    "supply": _supply,
    "demand": _demand,
    "leave": _leave,
    "enter": _enter,
    "cut": _cut,
    "tax": _tax,
}
