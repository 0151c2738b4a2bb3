"""A new economy that differs from another in what is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model.economy import Model
from pricegrad.model.lindahl import copy_of
from pricegrad.model.parts import CodeFirm, Flow, Household, Sector

M = TypeVar("M", bound=Model)
T = TypeVar("T")


def change(
    model: M,
    *,
    productivity: Mapping[str, float],
    endowment: Mapping[str, Mapping[str, float]],
    tax: Mapping[str | tuple[str, str], float],
    elasticity: Mapping[str | tuple[str, str], float],
    coefficients: Mapping[str, Mapping[str, Any]],
    supply: Mapping[str, float],
    demand: Mapping[str, float],
    fix: Mapping[str, float | None],
    without: Sequence[str],
    name: str | None,
) -> M:
    """The changed copy; the parts that stay are shared. Raises ModelError for names that are not there."""
    other = copy_of(model)
    other.name = name or model.name
    for firm in without:
        _at(other.firms, firm, "firm")
        del other.firms[firm]
    for firm, factor in productivity.items():
        other.firms[firm] = _productive(_at(other.firms, firm, "firm"), factor)
    for home, amounts in endowment.items():
        other.households[home] = _endowed(_at(other.households, home, "household"), amounts)
    for key, rate in tax.items():
        _tax(other, key, rate)
    for key, value in elasticity.items():
        _elasticity(other, key, value)
    for firm, values in coefficients.items():
        other.firms[firm] = _coefficients(_at(other.firms, firm, "firm"), values)
    for side, amounts in (("supply", supply), ("demand", demand)):
        for good, amount in amounts.items():
            _outside(other, good, side, amount)
    for variable, level in fix.items():
        if level is None:
            _at(other.fixed, variable, "fixed variable")
            del other.fixed[variable]
        else:
            other.fixed[variable] = float(level)
    return other


def _productive(firm: Sector | CodeFirm, factor: float) -> Sector:
    if isinstance(firm, CodeFirm):
        raise ModelError(
            f"firm {firm.name!r} is a Python function: give it a coefficient and change that, "
            f"coefficients={{{firm.name!r}: {{...}}}}"
        )
    if not factor > 0:
        raise ModelError(f"firm {firm.name!r}: a productivity must be positive, not {factor}")
    # More at reference prices that are lower by as much is the same function, times the factor.
    outputs = [
        replace(flow, quantity=flow.quantity * factor, price=flow.price / factor) for flow in firm.outputs
    ]
    return replace(firm, outputs=tuple(outputs))


def _endowed(home: Household, amounts: Mapping[str, float]) -> Household:
    owned = {own.good: own for own in home.endowments}
    for good, amount in amounts.items():
        owned[good] = replace(_at(owned, good, f"endowment of {home.name!r},"), quantity=float(amount))
    return replace(home, endowments=tuple(owned[own.good] for own in home.endowments))


def _tax(other: Model, key: str | tuple[str, str], rate: float) -> None:
    agent, good = (key, None) if isinstance(key, str) else key
    touched = []

    def taxed(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
        found = []
        for flow in flows:
            if flow.taxes and good in (None, flow.good):
                touched.append(flow.good)
                first, *rest = flow.taxes
                kept = (
                    replace(first, rate=float(rate), aux=None),
                    *(replace(t, rate=0.0, aux=None) for t in rest),
                )
                flow = replace(flow, taxes=kept)
            found.append(flow)
        return tuple(found)

    if agent in other.firms and isinstance(other.firms[agent], Sector):
        firm = other.firms[agent]
        assert isinstance(firm, Sector)
        other.firms[agent] = replace(firm, inputs=taxed(firm.inputs), outputs=taxed(firm.outputs))
    else:
        home = _at(other.households, agent, "firm or household")
        other.households[agent] = replace(home, demands=taxed(home.demands))
    if not touched:
        where = f" on {good!r}" if good else ""
        raise ModelError(f"{agent!r} pays no tax{where} that could be changed")


def _elasticity(other: Model, key: str | tuple[str, str], value: float) -> None:
    agent, nest = (key, "S") if isinstance(key, str) else key
    table: dict[str, Any] = other.firms if agent in other.firms else other.households
    one = _at(table, agent, "firm or household")
    if isinstance(one, CodeFirm):
        raise ModelError(f"firm {agent!r} is a Python function; it has no nests")
    _at({n.name: n for n in one.nests}, nest, f"nest of {agent!r},")
    nests = tuple(replace(n, elasticity=float(value)) if n.name == nest else n for n in one.nests)
    table[agent] = replace(one, nests=nests)


def _coefficients(firm: Sector | CodeFirm, values: Mapping[str, Any]) -> CodeFirm:
    if not isinstance(firm, CodeFirm):
        raise ModelError(f"firm {firm.name!r} is no Python function; it has no coefficients")
    for key in values:
        _at(firm.coefficients, key, f"coefficient of {firm.name!r},")
    return replace(firm, coefficients={**firm.coefficients, **values})


def _outside(other: Model, good: str, side: str, amount: float) -> None:
    for i, market in enumerate(other.outside):
        if market.good == good and market.side == side and market.curve is None:
            fixed = market.quantity is not None
            other.outside[i] = (
                replace(market, quantity=float(amount)) if fixed else replace(market, price=float(amount))
            )
            return
    known = [market.good for market in other.outside if market.side == side and market.curve is None]
    raise ModelError(
        f"there is no outside {side} of {good!r} at a quantity or price.{did_you_mean(good, known)}"
    )


def _at(table: Mapping[str, T], name: str, kind: str) -> T:
    if name not in table:
        raise ModelError(f"there is no {kind} named {name!r}.{did_you_mean(name, table)}")
    return table[name]
