"""Rows of links: every CES node of every agent in one sparse list, and the two adjoint passes over it.

A row is a CES aggregate of entries (goods, or other rows' aggregates) in calibrated-share form,

    log cost_i = const_i + log(sum_k weight_k * price_k ** power_i) / power_i,   power = 1 - elasticity,

weights summing to 1 in each row, and the limit sum_k weight_k log price_k at power 0. Forward, prices become
unit costs; back, what a row spends becomes orders on its entries (Shephard's lemma). The second pass is the
vector-Jacobian product of the first, with the values spent as cotangents.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pricegrad.errors import ModelError
from pricegrad.market.cells import CELLS, cell_bounds

if TYPE_CHECKING:
    from pricegrad.market.kernels_numba import Turned

Floats = NDArray[np.float64]
NEAR_ONE = 1e-2  # below this |power| the sum is taken of expm1, exact through the Cobb-Douglas limit
_COMPILE_FROM = 100_000
_BLOCK = 256  # rows; their numbers fit into a byte
_ENGINES = ("auto", "numpy", "numba")


@dataclass(frozen=True)
class Rows:
    """CSR rows of CES links: `ptr` (rows + 1), `entry` and `weight` (links), `power` and `const` (rows).

    `entries` is the number of prices the links point into. `engine` "auto" compiles large networks where
    numba is installed. Sums run in the fixed order of `cells` cells, cut evenly or at the rows in `cuts`.
    """

    ptr: NDArray[np.int64]
    entry: NDArray[np.int32]
    weight: Floats
    power: Floats
    const: Floats
    entries: int
    cells: int = CELLS
    engine: str = "auto"
    cuts: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        if self.engine not in _ENGINES:
            raise ModelError(f"there is no engine {self.engine!r}; there are {', '.join(_ENGINES)}")
        self.bounds  # noqa: B018  (refuses a number of cells that is no power of two)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.ptr) - 1

    @cached_property
    def row(self) -> NDArray[np.int32]:
        """The row of each link."""
        return np.repeat(np.arange(self.rows, dtype=np.int32), np.diff(self.ptr))

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """First row of each cell, and the end."""
        if self.cuts is None:
            return cell_bounds(self.rows, self.cells)
        return np.array(self.cuts, dtype=np.int64)

    @cached_property
    def link_bounds(self) -> NDArray[np.int64]:
        """First link of each cell, and the end."""
        return self.ptr[self.bounds]

    @cached_property
    def sums(self) -> Floats:
        """Scratch: each cell's orders by entry, shape (cells, entries)."""
        return np.empty((self.cells, self.entries))

    @cached_property
    def blocks(self) -> tuple[NDArray[np.int64], int, NDArray[np.uint8]]:
        """First rows of blocks within cells, and the end; the most links in one; each link's row in its."""
        starts = [np.arange(a, b, _BLOCK) for a, b in pairwise(self.bounds.tolist())]
        blocks = np.concatenate([*starts, [self.rows]])
        begin = np.repeat(blocks[:-1].astype(np.int32), np.diff(self.ptr[blocks]))
        widest = int(np.diff(self.ptr[blocks]).max(initial=0))
        return blocks, widest, (self.row - begin).astype(np.uint8)

    @cached_property
    def scale(self) -> Floats:
        """What each row spent over its sum in the last round (rows,)."""
        return np.zeros(self.rows)

    @cached_property
    def far(self) -> NDArray[np.int64]:
        """Rows by block whose sums left the range of plain powers in the last round."""
        return np.zeros(len(self.blocks[0]) - 1, dtype=np.int64)

    @cached_property
    def value(self) -> Floats:
        """Scratch: values by link."""
        return np.empty(len(self.entry))

    @cached_property
    def written(self) -> list[Floats]:
        """The values by link of the last round, where orders are to be added up from them."""
        return []

    @cached_property
    def turned(self) -> Turned:
        """The links sorted by entry."""
        from pricegrad.market.kernels_numba import turn

        return turn(self)

    @cached_property
    def kernels(self) -> ModuleType:
        """The module that runs the passes."""
        from pricegrad.market import kernels_numpy

        if self.engine == "numpy" or (self.engine == "auto" and len(self.entry) < _COMPILE_FROM):
            return kernels_numpy
        try:
            from pricegrad.market import kernels_numba
        except ModuleNotFoundError:
            if self.engine == "numba":
                raise ModelError("numba is not installed: pip install 'pricegrad[numba]'") from None
            return kernels_numpy
        return kernels_numba

    @cached_property
    def books(self) -> ModuleType:
        """The module in which firms keep their books, compiled if the passes are."""
        from pricegrad.market import books_numpy, kernels_numpy

        if self.kernels is kernels_numpy:
            return books_numpy
        from pricegrad.market import books_numba

        return books_numba

    def costs(self, log_price: Floats, spend: Floats, log_cost: Floats) -> None:
        """Write each row's log unit cost to `log_cost`; what it spends, `spend` (rows,), is for `orders`.

        `log_price`: (entries,).
        """
        self.kernels.costs(self, log_price, spend, log_cost)

    def orders(self, log_price: Floats, out: Floats) -> None:
        """Write what all rows order of each entry to `out` (entries,), after `costs` or `forward` at these.

        The numbers are those of `forward` and `collect`, bit for bit.
        """
        self.kernels.orders(self, log_price, out)

    def forward(self, log_price: Floats, spend: Floats, value: Floats, log_cost: Floats) -> None:
        """Write each row's log unit cost to `log_cost` and the value it orders on each link to `value`.

        `log_price`: (entries,), or (1, links); `spend`: what each row spends (rows,); `value`: (links,).
        """
        self.kernels.forward(self, log_price, spend, value, log_cost)

    def collect(self, value: Floats, out: Floats) -> None:
        """Add the links' values up by entry: out has shape (entries,)."""
        self.kernels.collect(self, value, out)
