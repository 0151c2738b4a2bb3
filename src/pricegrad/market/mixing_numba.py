"""The same passes compiled: see `mixing_numpy`. The history is read once a pass, strip by strip."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from pricegrad.market.vector_numba import SWIFT

_STRIP = 1024
_TOGETHER = {**SWIFT, "fastmath": {"contract", "reassoc"}}  # sums of a strip eight at a time


@njit(parallel=True, **_TOGETHER)
def remember(cuts, state, following, last_gap, last_map, gaps, maps, at, held, sums):  # type: ignore[no-untyped-def]
    """See `mixing_numpy.remember`."""
    memory = len(gaps)
    for c in prange(len(cuts) - 1):
        gap, change = np.empty(_STRIP), np.empty(_STRIP)
        for first in range(cuts[c], cuts[c + 1], _STRIP):
            count = min(_STRIP, cuts[c + 1] - first)
            new = gaps[at, first:]
            for k in range(count):
                mapped = following[first + k]
                gap[k] = mapped - state[first + k]
                new[k] = gap[k] - last_gap[first + k]
                maps[at, first + k] = mapped - last_map[first + k]
                last_gap[first + k] = gap[k]
                last_map[first + k] = mapped
            for k in range(count):
                change[k] = new[k]
            for i in range(held):
                other = gaps[i, first:]
                one, two = 0.0, 0.0
                for k in range(count):
                    one += change[k] * other[k]
                    two += gap[k] * other[k]
                sums[c, i] += one
                sums[c, memory + i] += two


@njit(parallel=True, **SWIFT)
def mix(maps, parts, following):  # type: ignore[no-untyped-def]
    """See `mixing_numpy.mix`."""
    for strip in prange((len(following) + _STRIP - 1) // _STRIP):
        a, b = strip * _STRIP, min(len(following), (strip + 1) * _STRIP)
        for i in range(len(parts)):
            part, change = parts[i], maps[i, a:b]
            for k in range(b - a):
                following[a + k] -= part * change[k]
