"""The interchange format: an economy as JSON, read with every field checked; what is written reads back
exactly.

    {"goods": [name], "sectors": [{name, outputs, inputs, nests}],
     "households": [{name, demands, endowments, nests}],
     "aux": [{name, constraint}], "fix": {name: value}, "lower": {name: value}, "start": {name: value}}

with flows {good, q, p, nest, taxes: [{to, rate} | {to, aux, mult}]}, endowments {good, q, rationed_by},
nests {name, elas, parent, side}. Written only where they say something: a sector's `returns`, a household's
`subsistence` and `profits`, `outside` markets {good, side, q | p}, `nonrival` goods, `split`, `groups` by
firm, `name`, `numeraire`.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model.economy import Model
from pricegrad.model.parts import Auxiliary, Endowment, Flow, Household, Nest, Outside, Sector, Tax
from pricegrad.model.validate import validate

M = TypeVar("M", bound=Model)
REMARKS = ("comment", "note", "notes", "description", "title", "unit")


def load(source: str | os.PathLike[str] | Mapping[str, Any], make: Callable[[], M]) -> M:
    """An economy from a file, or from the document itself; `ModelError` names the field that is wrong."""
    if isinstance(source, Mapping):
        document, label = dict(source), "economy"
    else:
        path = Path(source)
        label = path.stem
        document = _parse(path)
    if "economy" in document and "goods" not in document:
        document = _object(document["economy"], "economy")
    if "scenarios" in document:
        raise ModelError(
            f"{label} holds scenarios, not one economy: read the file with json, choose one of its "
            f'scenarios and give from_json its "economy"'
        )
    model = read(document, make())
    if "name" not in document:
        model.name = label
    return model


def _parse(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from None
    try:
        return _object(json.loads(text, object_pairs_hook=_once), str(path))
    except json.JSONDecodeError as error:
        line = text.splitlines()[error.lineno - 1] if text else ""
        raise ModelError(
            f"{path} is no JSON: {error.msg}, line {error.lineno}\n    {line[:120]}\n    "
            + " " * (error.colno - 1)
            + "^"
        ) from None
    except RecursionError:
        raise ModelError(f"{path} is nested too deeply for an economy") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ModelError(f"the field {key!r} stands twice in one object")
        found[key] = value
    return found


def read(document: Mapping[str, Any], model: M) -> M:
    """Fill an empty model from a document, and check that it makes sense."""
    top = _fields(
        document,
        "economy",
        required=("goods", "sectors", "households"),
        optional=(
            "aux",
            "fix",
            "lower",
            "start",
            "name",
            "numeraire",
            "outside",
            "nonrival",
            "split",
            "groups",
        ),
    )
    for i, good in enumerate(_list(top["goods"], "goods")):
        if _text(good, f"goods[{i}]") in model.goods:
            raise ModelError(f"goods[{i}]: the good {good!r} is listed twice")
        model.good(good)
    for i, good in enumerate(_list(top.get("nonrival", []), "nonrival")):
        model.good(_good(good, f"nonrival[{i}]", model), rival=False)
    for i, entry in enumerate(_list(top["sectors"], "sectors")):
        sector = _sector(entry, f"sectors[{i}]", model)
        _fresh(sector.name, model.firms, f"sectors[{i}].name")
        model.firms[sector.name] = sector
    for i, entry in enumerate(_list(top["households"], "households")):
        home = _household(entry, f"households[{i}]", model)
        _fresh(home.name, model.households, f"households[{i}].name")
        model.households[home.name] = home
    for i, entry in enumerate(_list(top.get("aux", []), "aux")):
        at = f"aux[{i}]"
        one = _fields(entry, at, required=("name", "constraint"))
        _fresh(_text(one["name"], f"{at}.name"), model.auxiliaries, f"{at}.name")
        model.auxiliaries[one["name"]] = Auxiliary(one["name"], _text(one["constraint"], f"{at}.constraint"))
    model.outside.extend(
        _outside(entry, f"outside[{i}]", model)
        for i, entry in enumerate(_list(top.get("outside", []), "outside"))
    )
    for table, values in (("fix", model.fixed), ("start", model.start)):
        for name, number in _object(top.get(table, {}), table).items():
            values[name] = _number(number, f"{table}.{name}")
    for name, number in _object(top.get("lower", {}), "lower").items():
        values = model.lower
        values[name] = (
            -math.inf
            if number in (None, "-inf", "-Infinity", -math.inf)
            else _number(number, f"lower.{name}")
        )
    for good, shares in _object(top.get("split", {}), "split").items():
        users = _object(shares, f"split.{good}")
        model.split(good, {user: _number(s, f"split.{good}.{user}") for user, s in users.items()})
    for firm, group in _object(top.get("groups", {}), "groups").items():
        model.group(_text(group, f"groups.{firm}"), [firm])
    if "name" in top:
        model.name = _text(top["name"], "name")
    if top.get("numeraire") is not None:
        model.numeraire = _text(top["numeraire"], "numeraire")
    validate(model)
    return model


def _sector(entry: Any, at: str, model: Model) -> Sector:
    one = _fields(entry, at, required=("name", "outputs", "inputs"), optional=("nests", "returns"))
    return Sector(
        _text(one["name"], f"{at}.name"),
        _flows(one["outputs"], f"{at}.outputs", model),
        _flows(one["inputs"], f"{at}.inputs", model),
        _nests(one.get("nests", []), f"{at}.nests"),
        _number(one.get("returns", 1.0), f"{at}.returns"),
    )


def _household(entry: Any, at: str, model: Model) -> Household:
    optional = ("nests", "endowments", "subsistence", "profits")
    one = _fields(entry, at, required=("name", "demands"), optional=optional)
    endowments = []
    for i, own in enumerate(_list(one.get("endowments", []), f"{at}.endowments")):
        here = f"{at}.endowments[{i}]"
        item = _fields(own, here, required=("good", "q"), optional=("rationed_by",))
        good, amount = _good(item["good"], f"{here}.good", model), _number(item["q"], f"{here}.q")
        endowments.append(Endowment(good, amount, _maybe(item, "rationed_by", here)))
    tables = {
        key: {name: _number(x, f"{at}.{key}.{name}") for name, x in _object(one[key], f"{at}.{key}").items()}
        for key in ("subsistence", "profits")
        if key in one
    }
    return Household(
        _text(one["name"], f"{at}.name"),
        tuple(endowments),
        _flows(one["demands"], f"{at}.demands", model),
        _nests(one.get("nests", []), f"{at}.nests"),
        tables.get("subsistence", {}),
        profits=tables.get("profits"),
    )


def _flows(entries: Any, at: str, model: Model) -> tuple[Flow, ...]:
    found = []
    for i, entry in enumerate(_list(entries, at)):
        here = f"{at}[{i}]"
        one = _fields(entry, here, required=("good", "q"), optional=("p", "nest", "taxes"))
        found.append(
            Flow(
                _good(one["good"], f"{here}.good", model),
                _number(one["q"], f"{here}.q"),
                _number(one.get("p", 1.0), f"{here}.p"),
                _maybe(one, "nest", here),
                tuple(
                    _tax(tax, f"{here}.taxes[{k}]")
                    for k, tax in enumerate(_list(one.get("taxes", []), f"{here}.taxes"))
                ),
            )
        )
    return tuple(found)


def _tax(entry: Any, at: str) -> Tax:
    one = _fields(entry, at, required=("to",), optional=("rate", "aux", "mult"))
    if ("rate" in one) == ("aux" in one):
        raise ModelError(f"{at}: give the tax a rate, or an auxiliary variable it follows; one of them")
    if "rate" in one:
        return Tax(_text(one["to"], f"{at}.to"), _number(one["rate"], f"{at}.rate"))
    mult = _number(one.get("mult", 1.0), f"{at}.mult")
    return Tax(_text(one["to"], f"{at}.to"), 0.0, _text(one["aux"], f"{at}.aux"), mult)


def _nests(entries: Any, at: str) -> tuple[Nest, ...]:
    found: list[Nest] = []
    for i, entry in enumerate(_list(entries, at)):
        here = f"{at}[{i}]"
        one = _fields(entry, here, required=("name", "elas"), optional=("parent", "side"))
        side = one.get("side", "in")
        if side not in ("in", "out"):
            raise ModelError(f'{here}.side: it is {side!r}; it must be "in" or "out"')
        name, elasticity = _text(one["name"], f"{here}.name"), _number(one["elas"], f"{here}.elas")
        if any(nest.name == name and nest.side == side for nest in found):
            raise ModelError(f"{here}.name: there are two nests named {name!r} on this side")
        found.append(Nest(name, elasticity, _maybe(one, "parent", here), side))
    return tuple(found)


def _outside(entry: Any, at: str, model: Model) -> Outside:
    one = _fields(entry, at, required=("good", "side"), optional=("q", "p"))
    if one["side"] not in ("supply", "demand"):
        raise ModelError(f'{at}.side: it is {one["side"]!r}; it must be "supply" or "demand"')
    if ("q" in one) == ("p" in one):
        raise ModelError(f"{at}: give a quantity q or a price p; one of them")
    price = _number(one["p"], f"{at}.p") if "p" in one else None
    if price is not None and price < 0:
        raise ModelError(f"{at}.p: it is {price:g}; a price must not be negative")
    return Outside(
        _good(one["good"], f"{at}.good", model),
        one["side"],
        quantity=_number(one["q"], f"{at}.q") if "q" in one else None,
        price=price,
    )


def _fields(
    entry: Any, at: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    table, known = _object(entry, at), (*required, *optional)
    for key in table:
        if key not in known and key not in REMARKS:
            raise ModelError(f"{at}.{key}: there is no such field.{did_you_mean(key, known)}")
    for key in required:
        if key not in table:
            raise ModelError(f"{at}: the field {key!r} is missing")
    return table


def _object(value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ModelError(f"{at}: it is {_short(value)}; it must be an object {{...}}")
    return dict(value)


def _list(value: Any, at: str) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise ModelError(f"{at}: it is {_short(value)}; it must be a list [...]")
    return list(value)


def _text(value: Any, at: str) -> str:
    if not (isinstance(value, str) and value.strip()):
        raise ModelError(f"{at}: it is {_short(value)}; it must be a non-empty text")
    return value


def _maybe(entry: Mapping[str, Any], key: str, at: str) -> str | None:
    """A text that need not be there."""
    return None if entry.get(key) is None else _text(entry[key], f"{at}.{key}")


def _number(value: Any, at: str) -> float:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    except OverflowError:
        pass  # a whole number beyond every float
    raise ModelError(f"{at}: it is {_short(value)}; it must be a finite number")


def _good(value: Any, at: str, model: Model) -> str:
    name = _text(value, at)
    if name not in model.goods:
        raise ModelError(f"{at}: {name!r} is not among the goods.{did_you_mean(name, model.goods)}")
    return name


def _fresh(name: str, known: Mapping[str, Any], at: str) -> None:
    if name in known:
        raise ModelError(f"{at}: there are two named {name!r}")


def _short(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 40 else text[:37] + "..."
