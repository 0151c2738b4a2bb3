"""Sums in a fixed order: whatever the number of threads or shards, the same bits.

Agents are cut into a power of two of consecutive cells. A sum over agents is taken inside each cell from
first to last, and the cells' sums are added pairwise up a binary tree over the cell numbers. Whoever holds
a whole subtree of cells can add it up alone and pass one number on; the total does not depend on who did.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pricegrad.errors import ModelError

Floats = NDArray[np.float64]
CELLS = 8


def cell_bounds(agents: int, cells: int = CELLS) -> NDArray[np.int64]:
    """First agent of each cell, and the end: shape (cells + 1,), cells of nearly equal size."""
    if cells < 1 or cells & (cells - 1):
        raise ModelError(f"the number of cells is {cells}; it must be a power of two")
    return np.arange(cells + 1, dtype=np.int64) * agents // cells


def tree_sum(parts: list[float]) -> float:
    """Pairwise sum of the cells' sums, one entry a cell."""
    while len(parts) > 1:
        parts = [a + b for a, b in zip(parts[0::2], parts[1::2], strict=True)]
    return parts[0]


def total(values: Floats, cells: int = CELLS) -> float:
    """Sum of `values` (one an agent) in the fixed order."""
    cuts = cell_bounds(len(values), cells)
    return tree_sum([float(np.add.reduce(values[a:b])) for a, b in pairwise(cuts)])


def total_of(part: Callable[[slice], Floats], agents: int, cells: int = CELLS) -> float:
    """`total` of values computed a cell at a time, so that no more than a cell's are in memory."""
    cuts = cell_bounds(agents, cells)
    return tree_sum([float(np.add.reduce(part(slice(a, b)))) for a, b in pairwise(cuts.tolist())])


def dot(a: Floats, b: Floats, cells: int = CELLS) -> float:
    """Inner product in the fixed order."""
    return total_of(lambda cell: a[cell] * b[cell], len(a), cells)
