"""The same passes compiled: one visit to each link, cells in parallel, every sum in its fixed order."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

from pricegrad.market.rows import NEAR_ONE, Floats, Rows

_NEAR = NEAR_ONE


@njit(inline="always")
def _row(a, b, power, const, entry, weight, log_price, spend, value, at):  # type: ignore[no-untyped-def]
    """One CES row: returns its log unit cost; its links' values go to value[at:]. Sums run in link order."""
    total = 0.0
    if power == 0.0:
        for k in range(a, b):
            total += weight[k] * log_price[entry[k]]
            value[at + k - a] = weight[k] * spend
        return const + total
    if abs(power) < _NEAR:
        for k in range(a, b):
            v = weight[k] * math.expm1(power * log_price[entry[k]])
            value[at + k - a] = weight[k] + v
            total += v
        scale = spend / (1.0 + total)
        for k in range(b - a):
            value[at + k] *= scale
        return const + math.log1p(total) / power
    shift = 0.0
    for k in range(a, b):
        v = weight[k] * math.exp(power * log_price[entry[k]])
        value[at + k - a] = v
        total += v
    if not 1e-130 < total < 1e130:
        shift = -math.inf
        for k in range(a, b):
            shift = max(shift, power * log_price[entry[k]])
        total = 0.0
        for k in range(a, b):
            v = weight[k] * math.exp(power * log_price[entry[k]] - shift)
            value[at + k - a] = v
            total += v
    scale = spend / total
    for k in range(b - a):
        value[at + k] *= scale
    return const + (math.log(total) + shift) / power


@njit(parallel=True, cache=True)
def _forward(ptr, entry, weight, power, const, log_price, spend, value, log_cost):  # type: ignore[no-untyped-def]
    for i in prange(len(ptr) - 1):
        log_cost[i] = _row(
            ptr[i], ptr[i + 1], power[i], const[i], entry, weight, log_price, spend[i], value, ptr[i]
        )


@njit(parallel=True, cache=True)
def _collect(cuts, entry, value, sums, out):  # type: ignore[no-untyped-def]
    for c in prange(len(cuts) - 1):
        mine = sums[c]
        mine[:] = 0.0
        for k in range(cuts[c], cuts[c + 1]):
            mine[entry[k]] += value[k]
    _tree(sums, out)


@njit(parallel=True, cache=True)
def _tree(sums, out):  # type: ignore[no-untyped-def]
    cells = sums.shape[0]
    for j in prange(sums.shape[1]):
        part = np.empty(cells)
        for c in range(cells):
            part[c] = sums[c, j]
        width = cells
        while width > 1:
            width //= 2
            for c in range(width):
                part[c] = part[2 * c] + part[2 * c + 1]
        out[j] = part[0]


def forward(rows: Rows, log_price: Floats, spend: Floats, value: Floats, log_cost: Floats) -> None:
    """See `Rows.forward`."""
    entry = rows.entry
    if log_price.ndim == 2:
        log_price, entry = log_price[0], np.arange(len(entry), dtype=entry.dtype)
    _forward(rows.ptr, entry, rows.weight, rows.power, rows.const, log_price, spend, value, log_cost)


def collect(rows: Rows, value: Floats, out: Floats) -> None:
    """See `Rows.collect`."""
    _collect(rows.link_bounds, rows.entry, value, rows.sums, out)
