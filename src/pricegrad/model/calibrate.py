"""From the accounts of a table to an economy of firms that reproduces it at prices of 1.

Every industry is a firm at activity 1 with the quantities of its column. It makes its own product; where
the make table is not diagonal a market firm mixes the products of several industries into the commodity, in
fixed market shares (the industry-technology assumption: all that an industry makes costs the same). Primary
inputs come at a fixed price of 1, final demand is what is made and not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from pricegrad.errors import TableError, did_you_mean
from pricegrad.model.economy import Model
from pricegrad.model.groups import sectors
from pricegrad.model.parts import INPUT_ROOT, OUTPUT_ROOT, Flow, Nest, Sector
from pricegrad.model.table import Accounts, from_flows, from_make_use

M = TypeVar("M", bound=Model)

BESIDE_FLOWS = ("value_added", "final_demand", "output")
MARKET = ": market"
TECHNOLOGIES = {"leontief": 0.0, "cobb-douglas": 1.0, "ces": None}


def read_accounts(Z: Any, primary: Sequence[str], **tables: Any) -> Accounts:
    """The accounts in a Z table, in make (or supply) and use tables, or in a table that ships, by name.

    `tables`: make, supply, use, value_added, final_demand, output, None where not given.
    """
    from pricegrad import data

    given = [key for key, table in tables.items() if table is not None]
    beside = {key: tables[key] for key in BESIDE_FLOWS}
    if isinstance(Z, str) and Z in data.TABLES:
        if given:
            raise TableError(f"{Z!r} is a whole table that ships with pricegrad; leave out {given[0]}=")
        return from_make_use(None, *data.load(Z), primary)
    if Z is not None:
        if set(given) - set(beside):
            raise TableError("give either a Z table or make and use tables, not both")
        return from_flows(Z, **beside, primary=primary)
    for key in given:
        if key in beside:
            raise TableError(
                f"{key}= goes with a Z table; a use table has these figures in its own rows and columns"
            )
    return from_make_use(tables["make"], tables["supply"], tables["use"], primary)


def elasticity_of(technology: str, elasticity: float | None) -> float:
    """The elasticity of substitution between all inputs, from the technology's name and `elasticity`."""
    if technology not in TECHNOLOGIES:
        raise TableError(f"technology={technology!r} is not known.{did_you_mean(technology, TECHNOLOGIES)}")
    fixed = TECHNOLOGIES[technology]
    if fixed is not None:
        if elasticity is not None:
            raise TableError(
                f"technology={technology!r} has elasticity {fixed:g}; elasticity= goes with 'ces'"
            )
        return fixed
    if elasticity is None or not 0 <= elasticity < float("inf"):
        raise TableError(f"technology='ces' wants elasticity=, zero or a positive number, not {elasticity!r}")
    return float(elasticity)


def calibrate(model: M, accounts: Accounts, elasticity: float) -> M:
    """Fill `model` with the firms, primary inputs and final demands of `accounts`; returns it."""
    products = product_names(accounts)
    for i, industry in enumerate(accounts.industries):
        column = [
            *zip(accounts.commodities, accounts.use[:, i].tolist(), strict=True),
            *zip(accounts.primary, accounts.added[:, i].tolist(), strict=True),
        ]
        _add(model, industry, products[i], float(accounts.output[i]), column, elasticity)
    for j, commodity in enumerate(accounts.commodities):
        if commodity not in products:
            column = [(products[i], float(amount)) for i, amount in enumerate(accounts.make[:, j])]
            _add(model, f"{commodity}{MARKET}", commodity, float(accounts.make[:, j].sum()), column, 0.0)
    for k, primary in enumerate(accounts.primary):
        if accounts.added[k].any():
            outside = model.supply if accounts.added[k].sum() >= 0 else model.demand
            outside(primary, price=1.0)
    _final(model, accounts, products)
    model.notes.extend(accounts.notes)
    model.passed_over.update(name for name in products if name not in accounts.commodities)
    return model


def gather(model: Model, table: Any, groups: Any, accounts: Accounts) -> None:
    """Give each industry, and the market of its commodity, the sector that `groups` says."""
    from pricegrad import data

    ships = groups is None and isinstance(table, str) and table in data.TABLES
    found = data.sectors(table) if ships else sectors(groups, accounts.industries)
    markets = {f"{commodity}{MARKET}": found.get(commodity) for commodity in accounts.commodities}
    for firm, sector in {**found, **markets}.items():
        if sector and firm in model.firms:
            model.group(sector, [firm])


def product_names(accounts: Accounts) -> list[str]:
    """What each industry makes: the commodity that it alone makes, else a product of its own name."""
    names = []
    for i, industry in enumerate(accounts.industries):
        (made,) = accounts.make[i].nonzero()
        alone = [j for j in made if accounts.make[:, j].nonzero()[0].tolist() == [i]]
        names.append(accounts.commodities[alone[0]] if len(alone) == 1 else f"{industry}: product")
    return names


def _add(
    model: Model,
    name: str,
    makes: str,
    output: float,
    column: Iterable[tuple[str, float]],
    elasticity: float,
) -> None:
    inputs, byproducts = [], []
    for good, amount in column:
        if amount > 0:
            inputs.append(Flow(good, amount))
        elif amount < 0:
            byproducts.append(Flow(good, -amount))
    if not inputs:
        raise TableError(
            f"industry {name!r} makes {output:g} out of nothing: its column has no positive entry"
        )
    nests = (Nest(INPUT_ROOT, elasticity), Nest(OUTPUT_ROOT, 0.0, None, "out"))
    model.add(Sector(name, (Flow(makes, output), *byproducts), tuple(inputs), nests))


def _final(model: Model, accounts: Accounts, products: list[str]) -> None:
    """Final demand by commodity, and what of an industry's product goes to no market of the table."""
    left = dict(zip(accounts.commodities, accounts.final.tolist(), strict=True))
    sold = accounts.make.sum(axis=1)
    for product, output, inside in zip(products, accounts.output.tolist(), sold.tolist(), strict=True):
        if output != inside:
            left[product] = left.get(product, 0.0) + output - inside
    for good, amount in left.items():
        if amount > 0:
            model.demand(good, amount)
        elif amount < 0:
            model.supply(good, -amount)


def pymrio_tables(io: Any) -> dict[str, Any]:
    """The arguments of `from_table` in a pymrio system: flows, output, final demand by region and sector."""
    missing = [part for part in ("Z", "x") if getattr(io, part, None) is None]
    if missing:
        raise TableError(
            f"from_pymrio wants a pymrio.IOSystem with Z and x; {missing[0]} is missing (io.calc_all() "
            "computes what is missing)"
        )
    tables = {"Z": io.Z, "output": io.x.sum(axis=1).rename("output")}
    if getattr(io, "Y", None) is not None:
        tables["final_demand"] = io.Y
    return tables
