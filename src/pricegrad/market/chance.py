"""Who acts and how old a message is: drawn from a counter, not from a stream.

Every draw is a hash of (seed, round, what it is for, who): the same on any thread, in any shard, and after
a resumption. The hash is SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number
generators").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.cells import Floats

_U = np.uint64
_STREAMS = {"act": 1, "price": 2, "message": 3, "start": 4}


def uniform(seed: int, round_: int, stream: str, index: NDArray[np.integer]) -> Floats:
    """One number in [0, 1) for each of `index`."""
    key = _mix(np.array([seed], dtype=np.int64).view(_U))
    for word in (round_, _STREAMS[stream]):
        key = _mix(key ^ _mix(np.array([word], dtype=np.int64).view(_U)))
    bits = _mix(index.astype(np.int64).view(_U) ^ key)
    return np.asarray((bits >> _U(11)).astype(np.float64) * 2.0**-53)


def acts(seed: int, round_: int, share: float, agents: int) -> NDArray[np.bool_]:
    """Which agents act in this round, each with probability `share`."""
    return np.asarray(uniform(seed, round_, "act", np.arange(agents)) < share)


def ages(seed: int, round_: int, stream: str, delay: int, links: int) -> NDArray[np.int64]:
    """How many rounds late each link's message is: evenly 0 to `delay`."""
    return np.floor(uniform(seed, round_, stream, np.arange(links)) * (delay + 1)).astype(np.int64)


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        words = words + _U(0x9E3779B97F4A7C15)
        words = (words ^ (words >> _U(30))) * _U(0xBF58476D1CE4E5B9)
        words = (words ^ (words >> _U(27))) * _U(0x94D049BB133111EB)
    return np.asarray(words ^ (words >> _U(31)))
