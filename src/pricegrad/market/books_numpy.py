"""What firms work out on their own books in a round: spending, posted prices, orders taken; in NumPy.

Sums are taken cell by cell, `cuts` being the first firm of each cell and the end. A row of sums is: profits,
what firms charge over what they spend at the prices they had (in value of inputs, and in value of sales).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SUMS = 3
_BLOCK = 16_384


def spending(returns: Floats, log_revenue: Floats, spend: Floats) -> None:
    """Write what firms spend on inputs, returns times the value of the orders they hold, to `spend`."""
    for s in _blocks(0, len(spend)):
        np.exp(log_revenue[s], out=spend[s])
        spend[s] *= returns[s]


def post(
    cuts: Ints,
    returns: Floats,
    base: Floats,
    log_cost: Floats,
    log_price: Floats,
    log_revenue: Floats,
    spend: Floats,
    posted: Floats,
    sums: Floats,
) -> float:
    """Write firms' log marginal cost at the orders they hold to `posted`, and sums to `sums` (cells, SUMS).

    `base` is what does not change, minus returns log(returns) and the log of scale. Returns the largest move
    of a log price, nan where one is.
    """
    farthest = 0.0
    for c in range(len(cuts) - 1):
        sums[c] = 0.0
        for s in _blocks(int(cuts[c]), int(cuts[c + 1])):
            posted[s] = base[s] + returns[s] * log_cost[s] + (1 - returns[s]) * log_revenue[s]
            move, revenue = posted[s] - log_price[s], spend[s] / returns[s]
            profit, charged, over = revenue - spend[s], spend[s] * move, revenue * move
            sums[c] += np.add.reduce(profit), np.add.reduce(charged), np.add.reduce(over)
            farthest = float(np.maximum(farthest, np.abs(move).max()))
    return farthest


def level(returns: Floats, spend: Floats, wages: Floats, shift: float, posted: Floats) -> None:
    """Raise log prices by `shift` times the part of a firm's revenue that it passes on to other firms."""
    for s in _blocks(0, len(posted)):
        posted[s] += shift * returns[s] * (1 - wages[s] / spend[s])


def take(orders: Floats, taste: Floats, money: float, income: float, before: Floats, held: Floats) -> float:
    """Write the log of orders, times `money`, with the household's part of `income` on top to `held`.

    Returns the largest move from `before`, nan where one is.
    """
    farthest = 0.0
    for s in _blocks(0, len(held)):
        np.multiply(orders[s], money, out=held[s])
        held[s] += taste[s] * income
        np.log(held[s], out=held[s])
        farthest = float(np.maximum(farthest, np.abs(held[s] - before[s]).max()))
    return farthest


def _blocks(first: int, end: int) -> Iterator[slice]:
    """Slices that fit into a processor's cache: what is worked out between them never leaves it."""
    return (slice(a, min(a + _BLOCK, end)) for a in range(first, end, _BLOCK))
