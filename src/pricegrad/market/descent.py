"""By round of a run: whether the move led uphill in what the economy makes, how far it is from rest."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.market.purchases import Purchases
from pricegrad.market.reading import downhill
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule
from pricegrad.market.welfare import cosines, lacks
from pricegrad.market.works import Works

if TYPE_CHECKING:
    import pandas as pd

SPLIT = "what the economy makes, over the split of each good among its users"
PRICES = "minus half the squared distance to the equilibrium, over log prices"


def descent(
    rule: Rule, bought: Purchases, price: Floats, target: Floats, rounds: list[int], gaps: Floats
) -> pd.DataFrame:
    """Columns `cosine`, `toward`, `distance`, `excess`, `gap`, by round; `attrs` has `height` and `why`.

    `price`: (frames, goods) of `rounds`, `target`: the equilibrium's (goods,).
    """
    import pandas as pd

    frame = downhill(price, target, rounds, gaps).rename(columns={"cosine": "toward"})
    works, network = Works(rule.network), rule.network
    played, amounts = _amounts(rule, bought, works)
    excess = pd.Series({r: works.excess(got) for r, got in zip(played, amounts, strict=True)}, dtype=float)
    why = lacks(network) or ("" if played else "what was bought is not known by round")
    cosine = pd.Series(cosines(network, amounts), played[1:], dtype=float) if not why else frame["toward"]
    if not why and cosine.isna().all():
        why, cosine = "no good has two users between whom its split could move", frame["toward"]
    frame.insert(0, "cosine", cosine.reindex(frame.index))
    frame.insert(3, "excess", excess.reindex(frame.index))
    frame.attrs.update(height=PRICES if why else SPLIT, why=why)
    return frame


def _amounts(rule: Rule, bought: Purchases, works: Works) -> tuple[list[int], list[Floats]]:
    """Rounds whose links are those of the economy as it stands, and purchases in the order of `works`."""
    if not bought.rounds:
        return [], []
    last = rule.links()
    place: dict[tuple[str, str], list[int]] = defaultdict(list)
    for k, pair in enumerate(last):
        place[pair].append(k)
    wanted = works.links()[: works.exports.start]
    if any(not place[pair] for pair in wanted):
        return [], []
    order = np.array([place[pair].pop(0) for pair in wanted], dtype=np.int64)
    abroad = np.array([market.quantity or np.nan for market in works.abroad])
    kept = [k for k, links in enumerate(bought.links) if links == last]
    return [bought.rounds[k] for k in kept], [
        np.concatenate([bought.amounts[k][order], abroad]) for k in kept
    ]
