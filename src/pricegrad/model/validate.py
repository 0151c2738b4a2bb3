"""Does a description make sense? Every refusal names the agent, the good and the nearest valid name."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

from pricegrad.errors import ModelError, did_you_mean, place
from pricegrad.model.economy import Model
from pricegrad.model.parts import INPUT_ROOT, OUTPUT_ROOT, CodeFirm, Firm, Flow, Household, Nest, Sector


def goods(model: Model) -> list[str]:
    """Every good of the economy: those declared, then the others in order of appearance."""
    found = dict.fromkeys(model.goods)
    for firm in model.firms.values():
        buys, makes = _trade(firm)
        found.update(dict.fromkeys((*buys, *makes)))
    for home in model.households.values():
        found.update(dict.fromkeys(owned.good for owned in home.endowments))
        found.update(dict.fromkeys(flow.good for flow in home.demands))
        found.update(dict.fromkeys((*home.consumes, *home.subsistence)))
    found.update(dict.fromkeys(market.good for market in model.outside))
    return list(found)


def _trade(firm: Firm) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The goods a firm buys and the goods it makes."""
    if isinstance(firm, CodeFirm):
        return firm.inputs, firm.makes
    return tuple(flow.good for flow in firm.inputs), tuple(flow.good for flow in firm.outputs)


def validate(model: Model) -> None:
    """Raise `ModelError` for the first thing in the description that makes no sense."""
    if not model.firms and not model.households:
        raise ModelError(f"the economy {model.name!r} has no firm and no household")
    for firm in model.firms.values():
        if isinstance(firm, Sector):
            _sector(model, firm)
    for home in model.households.values():
        _household(model, home)
    _ownership(model)
    _sources(model)
    _variables(model)


def _sector(model: Model, sector: Sector) -> None:
    who = f"firm {sector.name!r}"
    if not sector.outputs:
        raise ModelError(f"{who} has no output; give it at least one good to make")
    if not sector.inputs:
        raise ModelError(f"{who} has no input; what is made of nothing is a household's endowment")
    if not 0 < sector.returns <= 1:
        raise ModelError(
            f"{who}: returns to scale are {sector.returns:g}; they must be above 0 and at most 1"
        )
    _block(model, who, sector.inputs, sector.nests, "in", INPUT_ROOT)
    _block(model, who, sector.outputs, sector.nests, "out", OUTPUT_ROOT)


def _household(model: Model, home: Household) -> None:
    who = f"household {home.name!r}"
    if not home.demands and home.utility is None:
        raise ModelError(f"{who} wants nothing: give it a utility, or demands, so that its income is spent")
    _block(model, who, home.demands, home.nests, "in", INPUT_ROOT)
    for owned in home.endowments:
        if not math.isfinite(owned.quantity):
            raise ModelError(f"{who}: the endowment of {owned.good!r} is {owned.quantity}")
        if owned.rationed_by is not None:
            _known(owned.rationed_by, model.auxiliaries, f"{who}: rationed_by", "auxiliary variable")
    for good, amount in home.subsistence.items():
        if not (math.isfinite(amount) and amount >= 0):
            raise ModelError(
                f"{who}: the subsistence amount of {good!r} is {amount}; it must not be negative"
            )


def _block(
    model: Model, who: str, flows: Iterable[Flow], nests: tuple[Nest, ...], side: str, root: str
) -> None:
    """Flows sit in nests that exist, at positive reference quantities and prices; taxes go to households."""
    named = {nest.name: nest for nest in nests if nest.side == side}
    roots = [nest.name for nest in named.values() if nest.parent is None]
    if len(roots) > 1:
        raise ModelError(
            f"{who}: the nests {roots[0]!r} and {roots[1]!r} both have no parent; one is the root"
        )
    known = dict.fromkeys((root, *named))
    for nest in named.values():
        if not (math.isfinite(nest.elasticity) and nest.elasticity >= 0):
            raise ModelError(
                f"{who}, nest {nest.name!r}: the elasticity is {nest.elasticity}; it must not be negative"
            )
        if nest.parent is not None:
            _known(nest.parent, known, f"{who}, nest {nest.name!r}: its parent", "nest")
            _rooted(who, nest, named)
    for flow in flows:
        what = f"{who}, {flow.good!r}"
        for label, number in (("quantity", flow.quantity), ("price", flow.price)):
            if not (math.isfinite(number) and number > 0):
                raise ModelError(f"{what}: the reference {label} is {number}; it must be a positive number")
        if flow.nest is not None:
            _known(flow.nest, known, f"{what}: it sits in", "nest")
        for tax in flow.taxes:
            _known(tax.to, model.households, f"{what}: a tax is paid to", "household")
            if tax.aux is not None:
                _known(tax.aux, model.auxiliaries, f"{what}: a tax rate follows", "auxiliary variable")
            if not (math.isfinite(tax.rate) and math.isfinite(tax.mult)):
                raise ModelError(f"{what}: a tax rate is {tax.rate}, its multiple {tax.mult}")
        rate = math.fsum(tax.rate for tax in flow.taxes)
        if side == "out" and rate >= 1:
            raise ModelError(f"{what}: its taxes take {rate:g} of the price; a seller must keep some of it")
        if side == "in" and rate <= -1:
            raise ModelError(f"{what}: its subsidies pay {-rate:g} of the price; a buyer must pay some of it")


def _rooted(who: str, nest: Nest, named: dict[str, Nest]) -> None:
    seen, at = {nest.name}, nest
    while at.parent is not None and at.parent in named:
        at = named[at.parent]
        if at.name in seen:
            raise ModelError(f"{who}: the nest {nest.name!r} is its own ancestor")
        seen.add(at.name)


def _ownership(model: Model) -> None:
    owned: dict[str, float] = {}
    for home in model.households.values():
        for firm, share in (home.profits or {}).items():
            _known(firm, model.firms, f"household {home.name!r}: it owns a share of", "firm")
            if not (math.isfinite(share) and share >= 0):
                raise ModelError(f"household {home.name!r}: its share of {firm!r} is {share}")
            owned[firm] = owned.get(firm, 0.0) + share
    for firm, total in owned.items():
        if total > 1 + 1e-9:
            raise ModelError(f"the shares of firm {firm!r} sum to {total:g}, above 1")


def _sources(model: Model) -> None:
    """Every good that someone uses must come from somewhere."""
    source = {market.good for market in model.outside if market.side == "supply"}
    users: dict[str, str] = {}
    where: dict[str, str] = {}
    for home in model.households.values():
        source.update(owned.good for owned in home.endowments if owned.quantity >= 0)
        for good in (*(flow.good for flow in home.demands), *home.consumes, *home.subsistence):
            users.setdefault(good, f"household {home.name!r}")
    for market in model.outside:
        if market.side == "demand":
            users.setdefault(market.good, "an outside demand")
    for firm in model.firms.values():
        buys, makes = _trade(firm)
        source.update(makes)
        for good in buys:
            users.setdefault(good, f"firm {firm.name!r}")
            where.setdefault(good, firm.where)
    owned = [own.quantity for home in model.households.values() for own in home.endowments]
    if owned and max(owned) <= 0 and not any(market.side == "supply" for market in model.outside):
        raise ModelError("nobody owns or brings in anything: no endowment is above 0")
    for good, user in users.items():
        if good not in source:
            near = did_you_mean(good, source)
            shown = place(where.get(good, ""), good)
            raise ModelError(f"nobody makes, owns or brings in {good!r}, which {user} uses.{near}{shown}")


def _variables(model: Model) -> None:
    names = dict.fromkeys((*goods(model), *model.firms, *model.households, *model.auxiliaries))
    for what, table in (("fix", model.fixed), ("lower", model.lower), ("start", model.start)):
        for name in table:
            _known(name, names, what, "good, firm, household or auxiliary variable")
    priced = {name: value for name, value in model.fixed.items() if name in set(goods(model))}
    for name, value in priced.items():
        if value < 0 or max(priced.values()) <= 0:
            raise ModelError(f"fix: the price of {name!r} is {value:g}; it must be positive")


def _known(name: str, names: Collection[str], what: str, kind: str) -> None:
    if name not in names:
        raise ModelError(f"{what} {name!r}, but there is no such {kind}.{did_you_mean(name, names)}")
