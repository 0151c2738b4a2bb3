"""Who buys from whom, and in what order one sweep can pass the firms."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from pricegrad.errors import ModelError
from pricegrad.model import CodeFirm, Firm, Model


def buys(firm: Firm) -> tuple[str, ...]:
    """The goods a firm buys, each once."""
    if isinstance(firm, CodeFirm):
        return firm.inputs
    return tuple(dict.fromkeys(flow.good for flow in firm.inputs))


def makes(firm: Firm) -> tuple[str, ...]:
    """The goods a firm makes, in the order of its outputs."""
    return firm.makes if isinstance(firm, CodeFirm) else tuple(flow.good for flow in firm.outputs)


def users(model: Model) -> dict[str, list[str]]:
    """The firms that buy each good."""
    found: dict[str, list[str]] = {}
    for firm in model.firms.values():
        for good in buys(firm):
            found.setdefault(good, []).append(firm.name)
    return found


def order(model: Model) -> list[str]:
    """Firms in an order in which each comes after those it buys from; a circle is refused by name."""
    makers: dict[str, list[str]] = {}
    for firm in model.firms.values():
        for good in makes(firm):
            makers.setdefault(good, []).append(firm.name)
    before = {
        firm.name: [maker for good in buys(firm) for maker in makers.get(good, [])]
        for firm in model.firms.values()
    }
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise ModelError(
            f"the firms buy from each other in a circle: {_circle(model, error.args[1])}. One sweep cannot "
            "price "
            "a circle; solve() can"
        ) from None


def _circle(model: Model, names: Sequence[str]) -> str:
    """The circle written out with its goods: mill -> flour -> bakery -> bread -> mill."""
    steps = [names[0]]
    firms: Mapping[str, Firm] = model.firms
    for seller, buyer in itertools.pairwise(names):
        good = next(good for good in makes(firms[seller]) if good in buys(firms[buyer]))
        steps += [good, buyer]
    return " -> ".join(steps)
