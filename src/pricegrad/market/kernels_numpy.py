"""The passes over the links in NumPy: what runs where numba is absent, and for small networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.rows import NEAR_ONE, Rows

Floats = NDArray[np.float64]


def costs(rows: Rows, log_price: Floats, spend: Floats, log_cost: Floats) -> None:
    """See `Rows.costs`."""
    forward(rows, log_price, spend, rows.value, log_cost)


def orders(rows: Rows, log_price: Floats, out: Floats) -> None:
    """See `Rows.orders`."""
    collect(rows, rows.written[0], out)


def forward(rows: Rows, log_price: Floats, spend: Floats, value: Floats, log_cost: Floats) -> None:
    """See `Rows.forward`. `log_price` is by entry, or (1, links) where buyers saw prices of different age."""
    seen = log_price[0] if log_price.ndim == 2 else log_price[rows.entry]
    row, count, power = rows.row, rows.rows, rows.power
    near = np.abs(power) < NEAR_ONE
    exponent = power[row] * seen
    shift = np.zeros(count)
    if exponent.size and np.abs(exponent).max() > 300.0:
        shift[:] = -np.inf
        np.maximum.at(shift, row, exponent)
        lowest = np.full(count, np.inf)
        np.minimum.at(lowest, row, exponent)
        far = np.maximum(shift, -lowest) > 300.0  # row by row, so that no row's bits depend on the others
        shift[near | ~far] = 0.0
        exponent -= shift[row]
    np.exp(exponent, out=value)
    if near.any():
        close = near[row]
        value[close] = np.expm1(exponent[close])
    value *= rows.weight
    total = np.bincount(row, weights=value, minlength=count)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_cost[:] = np.where(near, np.log1p(total), np.log(total) + shift) / power
    even = power == 0.0
    if even.any():
        mean = np.bincount(row, weights=rows.weight * seen, minlength=count)
        log_cost[even] = mean[even]
    log_cost += rows.const
    if near.any():
        value += np.where(close, rows.weight, 0.0)
    scale = spend / np.where(near, 1.0 + total, total)
    value *= scale[row]
    rows.scale[:] = scale
    rows.written[:] = [value]


def collect(rows: Rows, value: Floats, out: Floats) -> None:
    """See `Rows.collect`."""
    sums = []
    for a, b in zip(rows.link_bounds[:-1], rows.link_bounds[1:], strict=True):
        sums.append(np.bincount(rows.entry[a:b], weights=value[a:b], minlength=rows.entries))
    while len(sums) > 1:
        sums = [left + right for left, right in zip(sums[0::2], sums[1::2], strict=True)]
    out[:] = sums[0]
