"""Non-rival goods written out: every user has a price of its own, and the supplier gets their sum.

A non-rival good g with users u, v becomes the rival goods "g for u" and "g for v", made in one piece from g
by a carrier that adds nothing: its zero-profit condition is the Lindahl-Samuelson rule p_g = p_u + p_v.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from pricegrad.model.economy import Model
from pricegrad.model.parts import CodeFirm, Flow, Household, Sector

CARRIER = "users of "
M = TypeVar("M", bound=Model)


def personal(good: str, user: str) -> str:
    """The name of a non-rival good as one user has it."""
    return f"{good} for {user}"


def write_out(model: M) -> M:
    """The same economy with rival goods only; the model itself when it has no others."""
    shared = [good.name for good in model.goods.values() if not good.rival]
    if not shared:
        return model
    other = copy_of(model)
    for name in shared:
        other.good(name)
        users: list[str] = []
        for firm in model.firms.values():
            before = other.firms[firm.name]
            changed = _rename_firm(before, name)
            if changed != before:
                other.firms[firm.name] = changed
                users.append(firm.name)
        for home in model.households.values():
            before_home = other.households[home.name]
            changed_home = _rename_home(before_home, name)
            if changed_home != before_home:
                other.households[home.name] = changed_home
                users.append(home.name)
        for i, market in enumerate(other.outside):
            if market.good == name and market.side == "demand":
                user = f"outside {i + 1}"
                other.outside[i] = replace(market, good=personal(name, user))
                users.append(user)
        if users:
            flows = tuple(Flow(personal(name, user), 1.0) for user in users)
            other.firms[CARRIER + name] = Sector(CARRIER + name, flows, (Flow(name, 1.0),))
    return other


def copy_of(model: M) -> M:
    """A model that can be changed without touching the first; the parts themselves are frozen and shared."""
    other = model.__class__.__new__(model.__class__)
    for key, table in vars(model).items():
        setattr(other, key, table.copy() if isinstance(table, (dict, list)) else table)
    return other


def _rename_firm(firm: Sector | CodeFirm, good: str) -> Sector | CodeFirm:
    mine = personal(good, firm.name)
    if isinstance(firm, CodeFirm):
        buys = {parameter: mine if name == good else name for parameter, name in firm.buys.items()}
        return replace(firm, buys=buys) if buys != firm.buys else firm
    return replace(firm, inputs=_rename(firm.inputs, good, mine))


def _rename_home(home: Household, good: str) -> Household:
    mine = personal(good, home.name)
    return replace(
        home,
        demands=_rename(home.demands, good, mine),
        consumes=tuple(mine if name == good else name for name in home.consumes),
        subsistence={mine if name == good else name: x for name, x in home.subsistence.items()},
    )


def _rename(flows: Sequence[Flow], good: str, mine: str) -> tuple[Flow, ...]:
    return tuple(replace(flow, good=mine) if flow.good == good else flow for flow in flows)
