"""The passes of Anderson's mixing over the history of a state, in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.cells import Floats

History = NDArray[np.float32]
_BLOCK = 8_192


def remember(
    cuts: NDArray[np.int64],
    state: Floats,
    following: Floats,
    last_gap: Floats,
    last_map: Floats,
    gaps: History,
    maps: History,
    at: int,
    held: int,
    sums: Floats,
) -> None:
    """Put this round's changes of the gap and of the map into slot `at`, and it in place of the last round.

    `sums` (cells, 2 memory): to it the products of the new change of the gap, and of the gap, with all
    `held` changes of the gap are added.
    """
    memory = len(gaps)
    for c in range(len(cuts) - 1):
        for a in range(int(cuts[c]), int(cuts[c + 1]), _BLOCK):
            s = slice(a, min(a + _BLOCK, int(cuts[c + 1])))
            gap = following[s] - state[s]
            gaps[at, s], maps[at, s] = gap - last_gap[s], following[s] - last_map[s]
            last_gap[s], last_map[s] = gap, following[s]
            for i in range(held):
                other = gaps[i, s].astype(np.float64)
                sums[c, i] += np.add.reduce(other * gaps[at, s])
                sums[c, memory + i] += np.add.reduce(other * gap)


def mix(maps: History, parts: Floats, following: Floats) -> None:
    """Take `parts` of the changes of the map off `following`, in place."""
    for a in range(0, len(following), _BLOCK):
        s = slice(a, a + _BLOCK)
        for part, change in zip(parts.tolist(), maps, strict=False):
            following[s] -= part * change[s].astype(np.float64)
