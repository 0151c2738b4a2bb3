"""Cut an economy of arrays into shards: who is near whom, what each shard holds, what crosses its borders.

Sums over firms run in a fixed order of cells, added pairwise up a tree (`pricegrad.market.cells`). A shard is
a run of cells, so it can add up whole subtrees alone; what it passes on is one number a subtree, and no total
depends on the number of shards. METIS numbers the firms so that cells have few links between them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pricegrad.distributed.errors import DistributedError
from pricegrad.errors import ModelError
from pricegrad.market.cells import cell_bounds
from pricegrad.market.ces import CesEconomy
from pricegrad.market.rows import Floats, Rows

Ints = NDArray[np.int64]
Block = tuple[int, int]


def lay_out(economy: CesEconomy) -> tuple[CesEconomy, Ints]:
    """The same economy with firms numbered so that cells have few links between them, and the order.

    Firm i of the result is firm `order[i]` of `economy`. Cuts by METIS (Karypis and Kumar 1998, "A fast and
    high quality multilevel scheme for partitioning irregular graphs"), by recursive bisection, so that halves
    of the cells are good shards too. Raises `DistributedError` where pymetis is not installed.
    """
    try:
        import pymetis
    except ModuleNotFoundError:
        raise DistributedError("pymetis is not installed: pip install 'pricegrad[distributed]'") from None
    ptr, neighbour = _graph(economy.rows, economy.firms)
    _, part = pymetis.part_graph(
        economy.rows.cells,
        pymetis.CSRAdjacency(ptr, neighbour),
        recursive=True,
        options=pymetis.Options(seed=1),
    )
    order = np.argsort(np.asarray(part), kind="stable")
    return reordered(economy, order), order


def reordered(economy: CesEconomy, order: Ints) -> CesEconomy:
    """The economy whose firm i is firm `order[i]` of this one."""
    rows, firms = economy.rows, economy.firms
    degree = np.diff(rows.ptr)[order]
    ptr = np.concatenate([[0], np.cumsum(degree)])
    link = np.arange(ptr[-1]) + np.repeat(rows.ptr[:-1][order] - ptr[:-1], degree)
    place = np.empty(firms + 1, dtype=np.int32)
    place[order] = np.arange(firms, dtype=np.int32)
    place[firms] = firms
    moved = replace(
        rows,
        ptr=ptr,
        entry=place[rows.entry[link]],
        weight=rows.weight[link],
        power=rows.power[order],
        const=rows.const[order],
    )
    return replace(
        economy,
        rows=moved,
        returns=economy.returns[order],
        log_scale=economy.log_scale[order],
        taste=economy.taste[order],
    )


def _graph(rows: Rows, firms: int) -> tuple[Ints, Ints]:
    """Who trades with whom, each pair once each way, as CSR."""
    from scipy.sparse import coo_array

    inner = rows.entry < firms
    one, other = rows.row[inner], rows.entry[inner]
    ones = np.ones(2 * len(one), dtype=np.int8)
    pairs = (np.concatenate([one, other]), np.concatenate([other, one]))
    graph = coo_array((ones, pairs), shape=(firms, firms)).tocsr()
    graph.setdiag(0)
    graph.eliminate_zeros()
    return graph.indptr.astype(np.int64), graph.indices.astype(np.int64)


def blocks_of(first: int, end: int, cells: int) -> list[Block]:
    """The largest subtrees of the tree over `cells` cells that make up cells `first` to `end`."""
    blocks = []
    while first < end:
        width = cells
        while first % width or first + width > end:
            width //= 2
        blocks.append((first, first + width))
        first += width
    return blocks


@dataclass(frozen=True, eq=False)
class Part:
    """What one shard holds: its firms' own data, and which goods cross its borders.

    Entries are numbered locally: own goods, then `ghosts` (goods bought from other shards, by shard), then
    labour. `wants[t]`: the slice of the ghosts that shard t makes. `offers[t]`: own goods that shard t buys.
    `touched[t]`: for each own block, the positions in `wants[t]` it orders from. `orders[t]`: for each block
    of shard t, the own goods it orders.
    """

    shard: int
    shards: int
    first: int
    end: int
    blocks: tuple[Block, ...]
    rows: tuple[Rows, ...]
    block_firms: tuple[tuple[int, int], ...]
    cell_firms: tuple[tuple[int, ...], ...]
    returns: Floats
    log_scale: Floats
    taste: Floats
    taste_power: float
    labour: float
    firms: int
    cells: int
    all_blocks: tuple[tuple[Block, ...], ...]
    ghosts: Ints
    wants: tuple[slice, ...]
    offers: tuple[Ints, ...]
    touched: tuple[tuple[Ints, ...], ...]
    orders: tuple[tuple[Ints, ...], ...]

    @property
    def size(self) -> int:
        """Number of firms here."""
        return self.end - self.first


def parts_of(economy: CesEconomy, shards: int) -> list[Part]:
    """Cut `economy` into runs of cells. Raises `ModelError` for more shards than cells."""
    rows, cells = economy.rows, economy.rows.cells
    if not 1 <= shards <= cells:
        raise ModelError(
            f"shards is {shards}; this economy sums in {cells} cells, so it can be from 1 to {cells}"
        )
    if rows.cuts is not None:
        raise ModelError("an economy with cells of its own cannot be sharded; leave cuts=None")
    bounds = cell_bounds(economy.firms, cells)
    ends = [cells * s // shards for s in range(shards + 1)]
    blocks = [tuple(blocks_of(ends[s], ends[s + 1], cells)) for s in range(shards)]
    limits = bounds[ends]
    ghosts = [_ghosts(economy, int(limits[s]), int(limits[s + 1])) for s in range(shards)]
    cuts = [np.searchsorted(ghosts[s], limits) for s in range(shards)]
    wants = [tuple(slice(int(cuts[s][t]), int(cuts[s][t + 1])) for t in range(shards)) for s in range(shards)]
    local = [
        _local_rows(economy, blocks[s], bounds, limits[s], limits[s + 1], ghosts[s]) for s in range(shards)
    ]
    touched = [
        [_touched(local[s], wants[s][t], limits[s + 1] - limits[s]) for t in range(shards)]
        for s in range(shards)
    ]
    parts = []
    for s in range(shards):
        a, b = int(limits[s]), int(limits[s + 1])
        offers = tuple(ghosts[t][wants[t][s]] - a for t in range(shards))
        parts.append(
            Part(
                s, shards, a, b, blocks[s], tuple(local[s]),
                tuple((int(bounds[i]) - a, int(bounds[j]) - a) for i, j in blocks[s]),
                tuple(tuple((bounds[i : j + 1] - a).tolist()) for i, j in blocks[s]),
                economy.returns[a:b].copy(), economy.log_scale[a:b].copy(), economy.taste[a:b].copy(),
                economy.taste_power, economy.labour, economy.firms, cells, tuple(blocks), ghosts[s],
                wants[s], offers, tuple(touched[s]),
                tuple(tuple(offers[t][at] for at in touched[t][s]) for t in range(shards)),
            )
        )  # fmt: skip
    return parts


def _ghosts(economy: CesEconomy, first: int, end: int) -> Ints:
    """Goods bought by firms `first` to `end` and made elsewhere, in order."""
    rows = economy.rows
    bought = np.unique(rows.entry[rows.ptr[first] : rows.ptr[end]])
    return bought[((bought < first) | (bought >= end)) & (bought < economy.firms)].astype(np.int64)


def _local_rows(
    economy: CesEconomy, blocks: tuple[Block, ...], bounds: Ints, first: int, end: int, ghosts: Ints
) -> list[Rows]:
    rows, size = economy.rows, int(end - first)
    engine = "numba" if rows.kernels.__name__.endswith("kernels_numba") else "numpy"
    found = []
    for i, j in blocks:
        a, b = bounds[i], bounds[j]
        links = slice(rows.ptr[a], rows.ptr[b])
        entry = rows.entry[links].astype(np.int64)
        own = (entry >= first) & (entry < end)
        at = np.where(own, entry - first, size + np.searchsorted(ghosts, entry))
        at[entry == economy.firms] = size + len(ghosts)
        found.append(
            Rows(
                rows.ptr[a : b + 1] - rows.ptr[a], at.astype(np.int32), rows.weight[links].copy(),
                rows.power[a:b].copy(), rows.const[a:b].copy(), size + len(ghosts) + 1, int(j - i), engine,
                tuple((bounds[i : j + 1] - a).tolist()),
            )
        )  # fmt: skip
    return found


def _touched(local: list[Rows], wants: slice, size: int) -> tuple[Ints, ...]:
    found = []
    for rows in local:
        at = np.unique(rows.entry).astype(np.int64) - size
        found.append(at[(at >= wants.start) & (at < wants.stop)] - wants.start)
    return tuple(found)
