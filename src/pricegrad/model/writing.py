"""An economy written in the interchange format (`interchange` reads it)."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from pricegrad.errors import ModelError
from pricegrad.model.economy import Model
from pricegrad.model.parts import Endowment, Flow, Household, Nest, Outside, Sector, Tax
from pricegrad.model.validate import goods


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Write the economy to a file that `load` reads back as the same economy."""
    text = json.dumps(document(model), indent=1, allow_nan=False)
    Path(path).write_text(text + "\n", encoding="utf-8")


def document(model: Model) -> dict[str, Any]:
    """The economy as a JSON document. `ModelError` for what only Python can say: functions and curves."""
    found: dict[str, Any] = {
        "name": model.name,
        "goods": goods(model),
        "sectors": [_sector(_in_json(firm)) for firm in model.firms.values()],
        "households": [_household(home) for home in model.households.values()],
    }
    optional = {
        "numeraire": model.numeraire,
        "nonrival": [good.name for good in model.goods.values() if not good.rival],
        "aux": [
            {"name": aux.name, "constraint": _said(aux.constraint, aux.name)}
            for aux in model.auxiliaries.values()
        ],
        "outside": [_outside(market) for market in model.outside],
        "split": {good: dict(shares) for good, shares in model.shares.items()},
        "groups": {firm: name for firm, name in model.groups.items() if firm in model.firms},
        "fix": dict(model.fixed),
        "lower": {name: None if x == -math.inf else x for name, x in model.lower.items()},
        "start": dict(model.start),
    }
    return {**found, **{key: value for key, value in optional.items() if value}}


def _in_json(firm: Any) -> Sector:
    if not isinstance(firm, Sector):
        raise ModelError(f"firm {firm.name!r} is a Python function, which JSON cannot hold")
    return firm


def _said(constraint: Any, name: str) -> str:
    if not isinstance(constraint, str):
        raise ModelError(
            f"the constraint of {name!r} is a Python function, which JSON cannot hold; write it as a text"
        )
    return constraint


def _sector(sector: Sector) -> dict[str, Any]:
    return {
        "name": sector.name,
        "outputs": [_flow(flow) for flow in sector.outputs],
        "inputs": [_flow(flow) for flow in sector.inputs],
        "nests": [_nest(nest) for nest in sector.nests],
        **({"returns": sector.returns} if sector.returns != 1 else {}),
    }


def _household(home: Household) -> dict[str, Any]:
    if home.utility is not None:
        raise ModelError(
            f"the utility of household {home.name!r} is a Python function, which JSON cannot hold"
        )
    return {
        "name": home.name,
        "demands": [_flow(flow) for flow in home.demands],
        "endowments": [_endowment(own) for own in home.endowments],
        "nests": [_nest(nest) for nest in home.nests],
        **({"subsistence": dict(home.subsistence)} if home.subsistence else {}),
        **({"profits": dict(home.profits)} if home.profits is not None else {}),
    }


def _flow(flow: Flow) -> dict[str, Any]:
    return {
        "good": flow.good,
        "q": flow.quantity,
        **({"p": flow.price} if flow.price != 1 else {}),
        **({"nest": flow.nest} if flow.nest is not None else {}),
        **({"taxes": [_tax(tax) for tax in flow.taxes]} if flow.taxes else {}),
    }


def _tax(tax: Tax) -> dict[str, Any]:
    return (
        {"to": tax.to, "rate": tax.rate}
        if tax.aux is None
        else {"to": tax.to, "aux": tax.aux, "mult": tax.mult}
    )


def _endowment(own: Endowment) -> dict[str, Any]:
    rationed = {"rationed_by": own.rationed_by} if own.rationed_by is not None else {}
    return {"good": own.good, "q": own.quantity, **rationed}


def _nest(nest: Nest) -> dict[str, Any]:
    return {"name": nest.name, "elas": nest.elasticity, "parent": nest.parent, "side": nest.side}


def _outside(market: Outside) -> dict[str, Any]:
    if market.curve is not None:
        raise ModelError(f"the {market.side} of {market.good!r} is a curve in Python, which JSON cannot hold")
    amount = {"q": market.quantity} if market.quantity is not None else {"p": market.price}
    return {"good": market.good, "side": market.side, **amount}
