"""A description compiled to a `Network`."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pricegrad.model import CodeFirm, Flow, Household, Model, Nest, Sector
from pricegrad.model.parts import INPUT_ROOT, OUTPUT_ROOT
from pricegrad.model.validate import goods as all_goods
from pricegrad.model.validate import validate
from pricegrad.network.forest import Floats, Ints, by_rank, plant
from pricegrad.network.structure import CodeUnit, Holdings, Network, OutsideMarket, Ownership, Taxes


def compile(model: Model) -> Network:
    """The compiled form of a description. Raises `ModelError` when the description makes no sense."""
    validate(model)
    goods = all_goods(model)
    sectors = [firm for firm in model.firms.values() if isinstance(firm, Sector)]
    code = [firm for firm in model.firms.values() if isinstance(firm, CodeFirm)]
    homes = list(model.households.values())
    number = {good: i for i, good in enumerate(goods)}
    planter = _Planter(number, 2 * len(sectors) + len(homes))
    for j, sector in enumerate(sectors):
        planter.tree(j, sector.inputs, sector.nests, "in", 0.0)
        planter.tree(len(sectors) + j, sector.outputs, sector.nests, "out", 0.0)
    for h, home in enumerate(homes):
        planter.tree(2 * len(sectors) + h, home.demands, home.nests, "in", 1.0)
    forest, order = plant(planter.roots, *planter.arrays())
    household = {home.name: h for h, home in enumerate(homes)}
    aux = {name: i for i, name in enumerate(model.auxiliaries)}
    return Network(
        name=model.name,
        numeraire=model.numeraire,
        goods=tuple(goods),
        rival=np.array([model.goods[good].rival if good in model.goods else True for good in goods], bool),
        sectors=tuple(firm.name for firm in sectors),
        returns=np.array([firm.returns for firm in sectors], float),
        households=tuple(household),
        auxiliaries=tuple((a.name, a.constraint) for a in model.auxiliaries.values()),
        forest=forest,
        taxes=_taxes(planter.flows, order, household, aux),
        endowments=_holdings(
            (h, number[own.good], own.quantity, -1 if own.rationed_by is None else aux[own.rationed_by])
            for h, home in enumerate(homes)
            for own in home.endowments
        ),
        subsistence=_holdings(
            (h, number[good], amount, -1)
            for h, home in enumerate(homes)
            for good, amount in home.subsistence.items()
        ),
        ownership=_ownership(homes, [*(firm.name for firm in sectors), *(firm.name for firm in code)]),
        code_firms=tuple(_code_unit(firm, number) for firm in code),
        utilities=tuple(
            CodeUnit(home.name, home.utility, _numbers(home.consumes, number), _numbers((), number), {}, h)
            for h, home in enumerate(homes)
            if home.utility is not None
        ),
        outside=tuple(
            OutsideMarket(
                number[market.good],
                1 if market.side == "supply" else -1,
                market.quantity,
                market.price,
                market.curve,
            )
            for market in model.outside
        ),
        fixed=dict(model.fixed),
        lower=dict(model.lower),
        start=dict(model.start),
        nests=[planter.names[i] for i in by_rank(planter.roots, np.array(planter.parent, np.int64))],
    )


class _Planter:
    """Collects the nodes and leaves of all trees in plain lists, roots first."""

    def __init__(self, number: dict[str, int], roots: int) -> None:
        self.number, self.roots = number, roots
        self.parent = [-1] * roots
        self.exponent = [1.0] * roots
        self.output = [False] * roots
        self.names = [""] * roots
        self.flows: list[Flow] = []
        self.node: list[int] = []

    def tree(
        self, root: int, flows: tuple[Flow, ...], nests: tuple[Nest, ...], side: str, default: float
    ) -> None:
        """One CES (side "in") or CET tree; `default` is the root's elasticity where no nest gives it."""
        mine = [nest for nest in nests if nest.side == side]
        named = {nest.name: root for nest in mine if nest.parent is None}
        named.setdefault(INPUT_ROOT if side == "in" else OUTPUT_ROOT, root)
        sign = -1.0 if side == "in" else 1.0
        self.names[root] = next(name for name, place in named.items() if place == root)
        self.exponent[root], self.output[root] = 1.0 + sign * default, side == "out"
        for nest in mine:
            if nest.parent is not None:
                named[nest.name] = len(self.parent)
                self.parent.append(root)
                self.names.append(nest.name)
                self.exponent.append(1.0)
                self.output.append(side == "out")
        for nest in mine:
            self.exponent[named[nest.name]] = 1.0 + sign * nest.elasticity
            if nest.parent is not None:
                self.parent[named[nest.name]] = named[nest.parent]
        self.flows.extend(flows)
        self.node.extend(root if flow.nest is None else named[flow.nest] for flow in flows)

    def arrays(self) -> tuple[Ints, Floats, NDArray[np.bool_], Ints, Ints, Floats, Floats]:
        """The arguments of `plant` after `roots`."""
        return (
            np.array(self.parent, np.int64),
            np.array(self.exponent, float),
            np.array(self.output, bool),
            np.array(self.node, np.int64),
            np.array([self.number[flow.good] for flow in self.flows], np.int64),
            np.array([flow.quantity for flow in self.flows], float),
            np.array([flow.price for flow in self.flows], float),
        )


def _taxes(flows: list[Flow], order: Ints, household: dict[str, int], aux: dict[str, int]) -> Taxes:
    place = np.empty(len(flows), np.int64)
    place[order] = np.arange(len(flows))
    rows = [
        (place[i], household[tax.to], tax.rate, -1 if tax.aux is None else aux[tax.aux], tax.mult)
        for i, flow in enumerate(flows)
        for tax in flow.taxes
    ]
    leaf, to, rate, follows, mult = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Taxes(
        np.array(leaf, np.int64),
        np.array(to, np.int64),
        np.array(rate, float),
        np.array(follows, np.int64),
        np.array(mult, float),
    )


def _holdings(rows: Iterable[tuple[int, int, float, int]]) -> Holdings:
    listed = list(rows)
    household, good, quantity, aux = zip(*listed, strict=True) if listed else ((), (), (), ())
    return Holdings(
        np.array(household, np.int64),
        np.array(good, np.int64),
        np.array(quantity, float),
        np.array(aux, np.int64),
    )


def _ownership(homes: list[Household], firms: list[str]) -> Ownership:
    """Shares as given; what nobody is named for is shared equally by the households that name none."""
    rest = dict.fromkeys(firms, 1.0)
    number = {firm: i for i, firm in enumerate(firms)}
    rows = []
    for h, home in enumerate(homes):
        for firm, share in (home.profits or {}).items():
            rows.append((number[firm], h, share))
            rest[firm] -= share
    residual = [h for h, home in enumerate(homes) if home.profits is None]
    for firm, share in rest.items():
        if share > 1e-12:
            rows.extend((number[firm], h, share / len(residual)) for h in residual)
    firm_of, holder, share_of = zip(*rows, strict=True) if rows else ((), (), ())
    return Ownership(np.array(firm_of, np.int64), np.array(holder, np.int64), np.array(share_of, float))


def _code_unit(firm: CodeFirm, number: dict[str, int]) -> CodeUnit:
    return CodeUnit(
        firm.name,
        firm.function,
        _numbers(firm.inputs, number),
        _numbers(firm.makes, number),
        dict(firm.coefficients),
        where=firm.where,
    )


def _numbers(names: tuple[str, ...], number: dict[str, int]) -> Ints:
    return np.array([number[name] for name in names], np.int64)
