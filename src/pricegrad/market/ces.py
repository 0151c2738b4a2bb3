"""An economy of single-output CES firms as arrays: the form in which a million firms fit.

Firm i makes good i: output = scale_i * Q_i ** returns_i, Q_i its CES aggregate; good n is labour, the one
factor. One household owns labour and the firms, and spends its income with CES tastes. Values are in units
of the wage.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pricegrad.errors import ModelError
from pricegrad.market.cells import CELLS
from pricegrad.market.rows import Floats, Rows


@dataclass(frozen=True, eq=False)
class CesEconomy:
    """`rows`: the firms' links, labour being entry n; `returns`, `log_scale`, `taste` by firm (n,)."""

    rows: Rows
    returns: Floats
    log_scale: Floats
    taste: Floats
    taste_power: float
    labour: float

    @property
    def firms(self) -> int:
        """Number of firms, which is the number of goods made."""
        return self.rows.rows

    @cached_property
    def labour_link(self) -> NDArray[np.int64]:
        """The link of each firm on which it hires; -1 where it hires nobody."""
        found = np.full(self.firms, -1, dtype=np.int64)
        link = np.flatnonzero(self.rows.entry == self.firms)
        found[self.rows.row[link]] = link
        return found

    @cached_property
    def base(self) -> Floats:
        """The part of firms' log marginal cost that neither prices nor orders change."""
        return base(self.returns, self.log_scale)

    @cached_property
    def hires(self) -> Floats:
        """The weight of labour in each firm's sum; 0 where it hires nobody."""
        link = self.labour_link
        return np.where(link >= 0, self.rows.weight[link], 0.0)

    def __repr__(self) -> str:
        return f"CesEconomy: {self.firms:,} firms, {len(self.rows.entry):,} links"


def base(returns: Floats, log_scale: Floats) -> Floats:
    """The part of firms' log marginal cost that neither prices nor orders change."""
    return np.asarray(-returns * np.log(returns) - log_scale)


def random_economy(
    firms: int,
    *,
    labour_share: float = 0.4,
    elasticity: tuple[float, float] = (0.4, 1.6),
    returns: float = 0.85,
    suppliers: tuple[int, int] = (5, 10),
    seed: int = 0,
    engine: str = "auto",
    cells: int = CELLS,
) -> CesEconomy:
    """A random cyclic network: each firm buys from `suppliers` others drawn evenly, in one core.

    Elasticities are drawn evenly from a range, shares and tastes from (.5, 1.5) before scaling; every firm
    spends `labour_share` of its cost on labour at equal prices.
    """
    if firms <= suppliers[1]:
        raise ModelError(f"{firms} firms are too few for up to {suppliers[1]} suppliers each")
    if not 0 < labour_share < 1:
        raise ModelError(f"labour_share is {labour_share}; it must lie between 0 and 1")
    draw = np.random.default_rng(seed)
    degree = draw.integers(suppliers[0], suppliers[1] + 1, firms)
    ptr = np.zeros(firms + 1, dtype=np.int64)
    np.cumsum(degree + 1, out=ptr[1:])
    row = np.repeat(np.arange(firms, dtype=np.int32), degree + 1)
    entry = draw.integers(0, firms, len(row)).astype(np.int32)
    hires = ptr[1:] - 1
    entry[hires] = firms
    _redraw_repeats(draw, entry, row, firms)
    weight = draw.uniform(0.5, 1.5, len(entry))
    weight[hires] = 0.0
    weight *= np.repeat((1 - labour_share) / np.add.reduceat(weight, ptr[:-1]), degree + 1)
    weight[hires] = labour_share
    taste = draw.uniform(0.5, 1.5, firms)
    rows = Rows(
        ptr, entry, weight, 1 - draw.uniform(*elasticity, firms), np.zeros(firms), firms + 1, cells, engine
    )
    return CesEconomy(
        rows,
        np.full(firms, returns),
        draw.normal(0.0, 0.2, firms),
        taste / taste.sum(),
        0.0,
        float(firms),
    )


def _redraw_repeats(
    draw: np.random.Generator, entry: NDArray[np.int32], row: NDArray[np.int32], firms: int
) -> None:
    """Draw again, in place, suppliers that a firm has twice, and firms that supply themselves."""
    while True:
        key = row.astype(np.int64) * (firms + 1) + entry
        order = np.argsort(key, kind="stable")
        twice = order[1:][key[order[1:]] == key[order[:-1]]]
        bad = np.union1d(twice, np.flatnonzero(entry == row))
        if not len(bad):
            return
        entry[bad] = draw.integers(0, firms, len(bad))
