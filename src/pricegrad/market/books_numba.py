"""The same books compiled: see `books_numpy`. Cells, or strips of firms, in parallel."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

from pricegrad.market.books_numpy import SUMS, Floats, Ints
from pricegrad.market.vector_numba import SWIFT, exp, log

__all__ = ["SUMS", "level", "post", "spending", "take"]
_STRIP = 1024


@njit(parallel=True, **SWIFT)
def spending(returns, log_revenue, spend):  # type: ignore[no-untyped-def]
    """See `books_numpy.spending`."""
    for strip in prange((len(spend) + _STRIP - 1) // _STRIP):
        for i in range(strip * _STRIP, min(len(spend), (strip + 1) * _STRIP)):
            spend[i] = returns[i] * exp(log_revenue[i])


@njit(parallel=True, **SWIFT)
def _post(cuts, returns, base, log_cost, log_price, log_revenue, spend, posted, sums, far):  # type: ignore[no-untyped-def]
    for c in prange(len(cuts) - 1):
        profit, charged, over = np.empty(_STRIP), np.empty(_STRIP), np.empty(_STRIP)
        move, farthest = np.empty(_STRIP), 0.0
        sums[c, :] = 0.0
        for first in range(cuts[c], cuts[c + 1], _STRIP):
            count = min(_STRIP, cuts[c + 1] - first)
            for k in range(count):
                i = first + k
                ask = base[i] + returns[i] * log_cost[i] + (1 - returns[i]) * log_revenue[i]
                revenue = spend[i] / returns[i]
                posted[i] = ask
                move[k] = ask - log_price[i]
                profit[k] = revenue - spend[i]
                charged[k] = spend[i] * move[k]
                over[k] = revenue * move[k]
            one, two, three = 0.0, 0.0, 0.0
            for k in range(count):
                one += profit[k]
                two += charged[k]
                three += over[k]
                farthest = _farther(farthest, move[k])
            sums[c, 0] += one
            sums[c, 1] += two
            sums[c, 2] += three
        far[c] = farthest


@njit(inline="always")
def _farther(farthest, move):  # type: ignore[no-untyped-def]
    """The larger of two distances; nan stays nan."""
    move = abs(move)
    return farthest if move <= farthest else move + farthest * 0.0


@njit(parallel=True, **SWIFT)
def level(returns, spend, wages, shift, posted):  # type: ignore[no-untyped-def]
    """See `books_numpy.level`."""
    for strip in prange((len(posted) + _STRIP - 1) // _STRIP):
        for i in range(strip * _STRIP, min(len(posted), (strip + 1) * _STRIP)):
            posted[i] += shift * returns[i] * (1 - wages[i] / spend[i])


@njit(parallel=True, **SWIFT)
def _take(orders, taste, money, income, before, held, far):  # type: ignore[no-untyped-def]
    for strip in prange(len(far)):
        a, b = strip * _STRIP, min(len(held), (strip + 1) * _STRIP)
        for i in range(a, b):
            held[i] = log(orders[i] * money + taste[i] * income)
        farthest = 0.0
        for i in range(a, b):
            farthest = _farther(farthest, held[i] - before[i])
        far[strip] = farthest


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
    """See `books_numpy.post`."""
    far = np.zeros(len(cuts) - 1)
    _post(cuts, returns, base, log_cost, log_price, log_revenue, spend, posted, sums, far)
    return float(far.max(initial=0.0))


def take(orders: Floats, taste: Floats, money: float, income: float, before: Floats, held: Floats) -> float:
    """See `books_numpy.take`."""
    far = np.zeros((len(held) + _STRIP - 1) // _STRIP)
    _take(orders, taste, money, income, before, held, far)
    return float(far.max(initial=0.0))
