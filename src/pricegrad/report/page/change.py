"""The page of a change of costs: prices before and after, and through which suppliers each moved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.report.page.payload import Certificate, Check, Comparison, Good, Mover, Payload, Step
from pricegrad.report.page.plan import COSTED, costs
from pricegrad.report.page.reasons import number

if TYPE_CHECKING:
    from pricegrad.pricing.shock import PriceChange

CHAINS = 40
SUPPLIERS = 4
LEAST = 1e-9


def of_change(result: PriceChange) -> Payload:
    """The page of a price change, over the flows before it."""
    from pricegrad.pricing.costs import price_by_costs

    base = costs(price_by_costs(result.model))
    known, chained = set(result.goods), set(result.movers(CHAINS).index)
    goods = [_good(result, good, chained) if good.name in known else good for good in base.goods]
    movers = [
        Mover(str(name), "price", [float(result.before[name]), float(result.prices[name])])
        for name in result.movers(len(result.goods)).index
    ]
    check = Check("costs", result.worst, "", "a unit costs what it sells for")
    return replace(
        base,
        title=f"{base.title}, after a change in {' and '.join(_changed(result))}",
        kind="change",
        goods=goods,
        certificate=Certificate(
            result.worst < 1e-8, "The new prices cover all costs.", result.worst, [check], COSTED
        ),
        comparison=Comparison(["before", "after"], movers),
        notes=[*base.notes, "Ribbons are as wide as trade before the change; colours are the new prices."],
    )


def _changed(result: PriceChange) -> list[str]:
    """Where the change began: firms whose own costs changed, goods from outside whose price did."""
    moved = np.abs(np.asarray(result.changes, float)) > LEAST
    rows = list(zip(result.goods, result.makers, result.own, moved, strict=True))
    firms = [maker for _, maker, own, _ in rows if maker and own]
    outside = [f"the price of {good}" for good, maker, _, far in rows if far and not maker]
    return [*firms, *outside] or ["nothing"]


def _good(result: PriceChange, good: Good, chained: set[object]) -> Good:
    before, after = float(result.before[good.name]), float(result.prices[good.name])
    moved = after / before - 1
    if abs(moved) < LEAST:
        return replace(good, price=after, why=[Step(f"The price of {good.name} does not move.")])
    word = "rises" if moved > 0 else "falls"
    steps = [Step(f"The price of {good.name} {word} by {abs(moved):.3%}, to {number(after)}.")]
    steps += [
        Step(f"{part:+.3%} came through {name}.", to=str(name) if name in result.goods else None)
        for name, part in result.suppliers(good.name, SUPPLIERS).items()
        if abs(part) > 0.01 * abs(moved)
    ]
    if good.name in chained:
        steps += [Step(f"Along the chain {path}") for path in result.paths(good.name, 3)]
    return replace(good, price=after, why=steps)
