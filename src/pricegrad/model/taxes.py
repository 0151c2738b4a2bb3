"""Taxes put on what an agent buys or sells."""

from __future__ import annotations

from dataclasses import replace

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model.economy import Model
from pricegrad.model.lindahl import CARRIER, personal
from pricegrad.model.parts import CodeFirm, Flow, Sector, Tax


def tax(model: Model, agent: str, good: str, wedge: Tax) -> None:
    """Add `wedge` to the flows of `good` of a firm or household; raises ModelError when there is no such
    flow.
    """
    if agent in model.firms:
        firm = model.firms[agent]
        if isinstance(firm, CodeFirm):
            _through_carrier(model, firm, good, wedge)
            return
        _flowing(agent, good, [flow.good for flow in (*firm.inputs, *firm.outputs)])
        inputs, outputs = _taxed(firm.inputs, good, wedge), _taxed(firm.outputs, good, wedge)
        model.firms[agent] = replace(firm, inputs=inputs, outputs=outputs)
        return
    if agent not in model.households:
        near = did_you_mean(agent, [*model.firms, *model.households])
        raise ModelError(f"a tax is put on {agent!r}, but there is no such firm or household.{near}")
    home = model.households[agent]
    if home.utility is not None:
        raise ModelError(
            f"household {agent!r} has a Python utility, whose purchases cannot be taxed one by one: "
            "tax the firm that sells to it"
        )
    _flowing(agent, good, [flow.good for flow in home.demands])
    model.households[agent] = replace(home, demands=_taxed(home.demands, good, wedge))


def _taxed(flows: tuple[Flow, ...], good: str, wedge: Tax) -> tuple[Flow, ...]:
    return tuple(replace(flow, taxes=(*flow.taxes, wedge)) if flow.good == good else flow for flow in flows)


def _through_carrier(model: Model, firm: CodeFirm, good: str, wedge: Tax) -> None:
    """A firm given by code trades the good through a carrier that adds nothing and pays the tax."""
    _flowing(firm.name, good, [*firm.inputs, *firm.makes])
    if good in firm.inputs:
        inner = personal(good, firm.name)
        buys = {parameter: inner if name == good else name for parameter, name in firm.buys.items()}
        model.firms[firm.name] = replace(firm, buys=buys)
        model.firms[CARRIER + inner] = Sector(
            CARRIER + inner, (Flow(inner, 1.0),), (Flow(good, 1.0, taxes=(wedge,)),)
        )
    else:
        inner = f"{good} from {firm.name}"
        makes = tuple(inner if name == good else name for name in firm.makes)
        model.firms[firm.name] = replace(firm, makes=makes)
        model.firms[CARRIER + inner] = Sector(
            CARRIER + inner, (Flow(good, 1.0, taxes=(wedge,)),), (Flow(inner, 1.0),)
        )


def _flowing(agent: str, good: str, goods: list[str]) -> None:
    if good not in goods:
        raise ModelError(f"{agent!r} neither buys nor sells {good!r}.{did_you_mean(good, goods)}")
