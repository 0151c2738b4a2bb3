"""A household as a person says it, and what its leisure is part of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model.parts import Endowment, Household
from pricegrad.model.technology import Technology, tree
from pricegrad.model.words import parameters


def household_of(
    name: str,
    endowment: dict[str, float],
    utility: Technology | Callable[..., Any] | None,
    profits: Mapping[str, float] | None,
    subsistence: dict[str, float],
    leisure: str | None,
) -> Household:
    """A household from what it owns, likes, needs, and shares in."""
    owned = tuple(Endowment(good, float(amount)) for good, amount in endowment.items())
    shares = None if profits is None else dict(profits)
    if utility is None:
        return Household(name, owned, profits=shares)
    if isinstance(utility, Technology):
        flows, nests = tree(utility)
        goods = tuple(dict.fromkeys(flow.good for flow in flows))
        time = _time(name, endowment, goods, leisure)
        flows = tuple(
            flow
            if flow.good != "leisure" or time is None
            else type(flow)(time, flow.quantity, nest=flow.nest)
            for flow in flows
        )
        return Household(name, owned, flows, nests, subsistence, profits=shares)
    goods, _ = map(tuple, parameters(utility, name))
    time = _time(name, endowment, goods, leisure)
    consumes = tuple(time if good == "leisure" and time else good for good in goods)
    return Household(name, owned, subsistence=subsistence, utility=utility, consumes=consumes, profits=shares)


def _time(name: str, endowment: dict[str, float], goods: tuple[str, ...], leisure: str | None) -> str | None:
    """The endowment of which leisure is the part not sold, None when the utility has no leisure."""
    if leisure is not None:
        if leisure not in endowment:
            near = did_you_mean(leisure, endowment)
            raise ModelError(f"household {name!r}: leisure={leisure!r} is no endowment of it.{near}")
        return leisure
    if "leisure" not in goods or "leisure" in endowment:
        return None
    for known in ("labour", "labor"):
        if known in endowment:
            return known
    if len(endowment) == 1:
        return next(iter(endowment))
    raise ModelError(
        f"household {name!r}: say of which endowment leisure is the part not sold: leisure='labour'"
    )
