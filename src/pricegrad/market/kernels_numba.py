"""The same passes compiled: in parallel, powers of prices eight at a time, every sum in its fixed order.

A block of rows at a time: exponents by link are gathered into a strip that stays in the cache, `exp` runs
over the strip, and each row adds its part up in link order. The way back runs over the links sorted by entry
and works the powers out again, which costs less than writing every value down and scattering it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from pricegrad.market.rows import NEAR_ONE, Floats, Rows
from pricegrad.market.vector_numba import SWIFT, exp, log

_NEAR = NEAR_ONE
_STRIP = 2048  # links in a strip of the way back, more or less
_RANGE = 1_000_000  # links that are sorted at a time
_WIDTH = 256  # entries in a block of the way back, at most
_LOW, _HIGH = 1e-130, 1e130  # a row's sum outside is taken again relative to its largest term


@njit(inline="always")
def _strip(a, b, ptr, place, entry, weight, power, log_price, strip, total):  # type: ignore[no-untyped-def]
    """weight * exp(power * log_price) of the links of rows a to b; added up by row in `total`."""
    first, links = ptr[a], ptr[b] - ptr[a]
    near, to, at, share = power[a:b], place[first:], entry[first:], weight[first:]
    for k in range(links):
        strip[k] = near[to[k]] * log_price[at[k]]
    for k in range(links):
        strip[k] = share[k] * exp(strip[k])
    total[:] = 0.0
    for k in range(links):
        total[to[k]] += strip[k]


@njit(inline="always")
def _rows(a, b, ptr, entry, weight, power, const, log_price, spend, total, log_cost, scale):  # type: ignore[no-untyped-def]
    """Log costs of rows a to b, in `scale` what each spends over its sum; how many are out of range."""
    for i in range(a, b):
        log_cost[i] = const[i] + log(total[i - a]) / power[i]
    far = 0
    for i in range(a, b):
        bend = power[i]
        scale[i] = spend[i] / total[i - a]
        if abs(bend) < _NEAR:
            s = 0.0
            if bend == 0.0:
                for k in range(ptr[i], ptr[i + 1]):
                    s += weight[k] * log_price[entry[k]]
                log_cost[i] = const[i] + s
                scale[i] = spend[i]
            else:
                for k in range(ptr[i], ptr[i + 1]):
                    s += weight[k] * math.expm1(bend * log_price[entry[k]])
                log_cost[i] = const[i] + math.log1p(s) / bend
                scale[i] = spend[i] / (1.0 + s)
        elif not _LOW < total[i - a] < _HIGH:
            far += ptr[i] < ptr[i + 1]
    return far


@njit(parallel=True, **SWIFT)
def _costs(blocks, widest, ptr, place, entry, weight, power, const, log_price, spend, log_cost, scale, far):  # type: ignore[no-untyped-def]
    for block in prange(len(blocks) - 1):
        a, b = blocks[block], blocks[block + 1]
        strip, total = np.empty(widest), np.empty(b - a)
        _strip(a, b, ptr, place, entry, weight, power, log_price, strip, total)
        far[block] = _rows(a, b, ptr, entry, weight, power, const, log_price, spend, total, log_cost, scale)


@njit(parallel=True, **SWIFT)
def _forward(  # type: ignore[no-untyped-def]
    blocks, widest, ptr, place, entry, weight, power, const, log_price, spend, value, log_cost, scale, far
):
    for block in prange(len(blocks) - 1):
        a, b = blocks[block], blocks[block + 1]
        strip, total = np.empty(widest), np.empty(b - a)
        _strip(a, b, ptr, place, entry, weight, power, log_price, strip, total)
        far[block] = _rows(a, b, ptr, entry, weight, power, const, log_price, spend, total, log_cost, scale)
        first = ptr[a]
        for k in range(ptr[b] - first):
            value[first + k] = strip[k] * scale[a + place[first + k]]
        if far[block]:
            for i in range(a, b):
                if abs(power[i]) >= _NEAR and not _LOW < total[i - a] < _HIGH:
                    log_cost[i] = const[i] + _far(
                        ptr[i], ptr[i + 1], power[i], entry, weight, log_price, spend[i], value
                    )


@njit(**SWIFT)
def _far(a, b, power, entry, weight, log_price, spend, value):  # type: ignore[no-untyped-def]
    """Log cost of one row and its links' values, relative to the largest term."""
    shift = -math.inf
    for k in range(a, b):
        shift = max(shift, power * log_price[entry[k]])
    total = 0.0
    for k in range(a, b):
        value[k] = weight[k] * exp(power * log_price[entry[k]] - shift)
        total += value[k]
    for k in range(a, b):
        value[k] *= spend / total
    return (math.log(total) + shift) / power


@njit(parallel=True, **SWIFT)
def _orders(blocks, widest, cells, ptr, row, place, weight, power, log_price, scale, out):  # type: ignore[no-untyped-def]
    for block in prange(len(blocks) - 1):
        a, b = blocks[block], blocks[block + 1]
        first, links = ptr[a], ptr[b] - ptr[a]
        if links <= widest:  # else one entry with very many buyers, see _hubs
            strip, part, total = np.empty(links), np.empty(links), np.zeros(_WIDTH * cells)
            buyer, to, share, seen = row[first:], place[first:], weight[first:], log_price[a:b]
            bend = power[first:]
            for k in range(links):
                strip[k] = bend[k] * seen[to[k] & (_WIDTH - 1)]
                part[k] = scale[buyer[k]]
            for k in range(links):
                strip[k] = share[k] * exp(strip[k]) * part[k]
            for k in range(links):
                total[to[k]] += strip[k]
            width = cells
            while width > 1:
                width //= 2
                for c in range(width):
                    for j in range(b - a):
                        total[c * _WIDTH + j] = total[2 * c * _WIDTH + j] + total[(2 * c + 1) * _WIDTH + j]
            for j in range(b - a):
                out[a + j] = total[j]


@njit(parallel=True, **SWIFT)
def _hubs(hubs, cells, ptr, row, place, weight, power, log_price, scale, out):  # type: ignore[no-untyped-def]
    parts = np.empty((len(hubs), cells))
    for task in prange(len(hubs) * cells):
        h, c = task // cells, task % cells
        j = hubs[h]
        here = place[ptr[j] : ptr[j + 1]]  # an entry alone in its block: place is _WIDTH times the cell
        a, b = ptr[j] + np.searchsorted(here, c * _WIDTH), ptr[j] + np.searchsorted(here, (c + 1) * _WIDTH)
        strip, part, total = np.empty(_STRIP), np.empty(_STRIP), 0.0
        for first in range(a, b, _STRIP):
            links = min(_STRIP, b - first)
            for k in range(links):
                strip[k] = power[first + k] * log_price[j]
                part[k] = scale[row[first + k]]
            for k in range(links):
                strip[k] = weight[first + k] * exp(strip[k]) * part[k]
            for k in range(links):
                total += strip[k]
        parts[h, c] = total
    for h in range(len(hubs)):
        out[hubs[h]] = _add_up(parts[h])


@njit(inline="always")
def _add_up(part):  # type: ignore[no-untyped-def]
    """The cells' sums added pairwise up the tree, in place; the total."""
    width = len(part)
    while width > 1:
        width //= 2
        for c in range(width):
            part[c] = part[2 * c] + part[2 * c + 1]
    return part[0]


@njit(parallel=True, **SWIFT)
def _turn(ranges, start, ptr, entry, weight, power, cuts, local, row, place, turned, bend):  # type: ignore[no-untyped-def]
    """The links sorted by entry, rows in order within: row, place in the block's sums, weight, power.

    Each range of entries is filled by a reading of all links, so that what is written stays in the cache.
    """
    for part in prange(len(ranges) - 1):
        low, high = ranges[part], ranges[part + 1]
        for c in range(len(cuts) - 1):
            for i in range(cuts[c], cuts[c + 1]):
                for k in range(ptr[i], ptr[i + 1]):
                    j = entry[k]
                    if low <= j < high:
                        to = start[j]
                        start[j] = to + 1
                        row[to], place[to] = i, c * _WIDTH + local[j]
                        turned[to], bend[to] = weight[k], power[i]


@njit(parallel=True, **SWIFT)
def _collect(cuts, entry, value, sums, out):  # type: ignore[no-untyped-def]
    for c in prange(len(cuts) - 1):
        mine = sums[c]
        mine[:] = 0.0
        for k in range(cuts[c], cuts[c + 1]):
            mine[entry[k]] += value[k]
    for j in prange(sums.shape[1]):
        out[j] = _add_up(sums[:, j].copy())


@dataclass(frozen=True)
class Turned:
    """The links sorted by entry, in blocks of entries; `hubs` are entries with a large part of all links.

    `place` of a link is where it is added up: its entry's number in the block plus _WIDTH times its cell.
    """

    ptr: NDArray[np.int64]
    row: NDArray[np.uint32]
    place: NDArray[np.uint16] | NDArray[np.uint32]
    weight: Floats
    power: Floats
    blocks: NDArray[np.int64]
    widest: int
    hubs: NDArray[np.int64]


def turn(rows: Rows) -> Turned:
    """The links of `rows` sorted by entry."""
    links = len(rows.entry)
    ptr = np.concatenate([[0], np.cumsum(np.bincount(rows.entry, minlength=rows.entries))])
    hubs = np.flatnonzero(np.diff(ptr) > max(2 * _STRIP, links // 64))
    even = np.searchsorted(ptr, np.arange(0, links, _STRIP))
    steps = np.arange(0, rows.entries, _WIDTH)
    blocks = np.unique(np.concatenate([steps, [rows.entries], even, hubs, hubs + 1]))
    width = np.diff(ptr[blocks])
    width[np.searchsorted(blocks, hubs)] = 0
    local = np.arange(rows.entries) - np.repeat(blocks[:-1], np.diff(blocks))
    # NumPy allocates large arrays in large pages
    row = np.empty(links, dtype=np.uint32)
    small = rows.cells * _WIDTH <= 2**16
    place = np.empty(links, dtype=np.uint16) if small else np.empty(links, dtype=np.uint32)
    weight, power = np.empty(links), np.empty(links)
    ranges = np.searchsorted(ptr, np.linspace(0, links, max(2, links // _RANGE)).astype(np.int64))
    ranges[0], ranges[-1] = 0, rows.entries
    _turn(
        ranges, ptr.copy(), rows.ptr, rows.entry, rows.weight, rows.power, rows.bounds, local, row, place,
        weight, power,
    )  # fmt: skip
    return Turned(ptr, row, place, weight, power, blocks, int(width.max(initial=0)), hubs)


def costs(rows: Rows, log_price: Floats, spend: Floats, log_cost: Floats) -> None:
    """See `Rows.costs`."""
    blocks, widest, place = rows.blocks
    _costs(
        blocks, widest, rows.ptr, place, rows.entry.view(np.uint32), rows.weight, rows.power, rows.const,
        log_price, spend, log_cost, rows.scale, rows.far,
    )  # fmt: skip
    rows.written.clear()
    if rows.far.any():
        forward(rows, log_price, spend, rows.value, log_cost)


def orders(rows: Rows, log_price: Floats, out: Floats) -> None:
    """See `Rows.orders`."""
    if rows.written:
        collect(rows, rows.written[0], out)
        return
    back = rows.turned
    shared = back.ptr, back.row, back.place, back.weight, back.power, log_price, rows.scale, out
    _orders(back.blocks, back.widest, rows.cells, *shared)
    if len(back.hubs):
        _hubs(back.hubs, rows.cells, *shared)


def forward(rows: Rows, log_price: Floats, spend: Floats, value: Floats, log_cost: Floats) -> None:
    """See `Rows.forward`."""
    entry = rows.entry.view(np.uint32)
    if log_price.ndim == 2:
        log_price, entry = log_price[0], np.arange(len(entry), dtype=np.uint32)
    blocks, widest, place = rows.blocks
    _forward(
        blocks, widest, rows.ptr, place, entry, rows.weight, rows.power, rows.const, log_price, spend, value,
        log_cost, rows.scale, rows.far,
    )  # fmt: skip
    rows.written[:] = [value] if rows.far.any() else []


def collect(rows: Rows, value: Floats, out: Floats) -> None:
    """See `Rows.collect`."""
    _collect(rows.link_bounds, rows.entry, value, rows.sums, out)
