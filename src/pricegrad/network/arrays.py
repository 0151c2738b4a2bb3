"""A network straight from arrays: economies of a million firms without a Python object a firm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pricegrad.errors import ModelError
from pricegrad.network.forest import Floats, Ints, plant
from pricegrad.network.structure import Holdings, Network, Numbered, Ownership, Taxes


def from_arrays(
    *,
    goods: int | Sequence[str],
    firm_ptr: Ints,
    good: Ints,
    quantity: Floats,
    makes: Ints,
    elasticity: Floats | float = 1.0,
    scale: Floats | float = 1.0,
    returns: Floats | float = 1.0,
    demand: tuple[Ints, Ints, Floats],
    demand_elasticity: Floats | float = 1.0,
    endowment: tuple[Ints, Ints, Floats],
    profits: tuple[Ints, Ints, Floats] | None = None,
    firms: Sequence[str] | None = None,
    households: Sequence[str] | None = None,
    numeraire: str | None = None,
    name: str = "economy",
) -> Network:
    """An economy of single-output CES firms and CES households, in calibrated-share form at prices of 1.

    Firm j buys `good[k]` at reference quantity `quantity[k]` for k in `firm_ptr[j]:firm_ptr[j + 1]` and makes
    `scale[j]` of good `makes[j]` with one unit of them, with `elasticity[j]` and `returns[j]`. `demand` and
    `endowment` are triplets (household, good, quantity), `profits` (firm, household, share); without them all
    households share all firms equally. Raises `ModelError` for arrays that do not fit.
    """
    count = len(firm_ptr) - 1
    names = goods if not isinstance(goods, int) else Numbered("good", goods)
    homes = int(max(demand[0].max(initial=-1), endowment[0].max(initial=-1))) + 1
    _fit(len(names), count, firm_ptr, good, quantity, makes, demand, endowment)
    fill = np.broadcast_to
    forest, _ = plant(
        2 * count + homes,
        np.full(2 * count + homes, -1),
        np.concatenate(
            [
                1 - fill(elasticity, count),
                np.ones(count),
                1 - fill(np.asarray(demand_elasticity, float), homes),
            ]
        ),
        np.repeat([False, True, False], [count, count, homes]),
        np.concatenate(
            [np.repeat(np.arange(count), np.diff(firm_ptr)), count + np.arange(count), 2 * count + demand[0]]
        ),
        np.concatenate([good, makes, demand[1]]),
        np.concatenate([quantity, fill(np.asarray(scale, float), count), demand[2]]),
        np.ones(len(good) + count + len(demand[0])),
    )
    none_i, none_f = np.zeros(0, np.int64), np.zeros(0)
    if profits is None:
        share = np.full(count * homes, 1.0 / max(homes, 1))
        profits = np.repeat(np.arange(count), homes), np.tile(np.arange(homes), count), share
    return Network(
        name=name,
        numeraire=numeraire,
        goods=names,
        rival=np.ones(len(names), bool),
        sectors=firms if firms is not None else Numbered("firm", count),
        returns=np.array(fill(np.asarray(returns, float), count)),
        households=households if households is not None else Numbered("household", homes),
        auxiliaries=(),
        forest=forest,
        taxes=Taxes(none_i, none_i, none_f, none_i, none_f),
        endowments=Holdings(*endowment, np.full(len(endowment[0]), -1)),
        subsistence=Holdings(none_i, none_i, none_f, none_i),
        ownership=Ownership(*profits),
        code_firms=(),
        utilities=(),
        outside=(),
        fixed={},
        lower={},
        start={},
    )


def _fit(
    goods: int,
    firms: int,
    firm_ptr: Ints,
    good: Ints,
    quantity: Floats,
    makes: Ints,
    demand: tuple[Ints, Ints, Floats],
    endowment: tuple[Ints, Ints, Floats],
) -> None:
    if len(good) != len(quantity) or firm_ptr[-1] != len(good) or len(makes) != firms:
        raise ModelError(
            f"the arrays do not fit: {firms} firms by firm_ptr, which ends at {firm_ptr[-1]}; "
            f"{len(good)} goods, {len(quantity)} quantities, {len(makes)} in makes"
        )
    for what, index in (("good", good), ("makes", makes), ("demand", demand[1]), ("endowment", endowment[1])):
        if len(index) and not (index.min() >= 0 and index.max() < goods):
            raise ModelError(f"{what} numbers goods from {index.min()} to {index.max()}; there are {goods}")
    for what, amount in (("quantity", quantity), ("demand", demand[2])):
        if not (np.isfinite(amount).all() and (amount > 0).all()):
            raise ModelError(f"{what} must be positive and finite; entry {int(np.argmin(amount > 0))} is not")
