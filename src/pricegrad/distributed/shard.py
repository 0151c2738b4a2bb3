"""One shard of the make-to-order rounds: its firms' state, and the messages that cross its borders.

A message from shard s to shard t is one float64 array: the new posted log prices of the goods t buys from s,
then for each block of s the orders it places with t, then a few sums of the whole block. That is 8 bytes down
and 8 bytes up for every supplier and foreign shard (its ghost), and a constant.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from pricegrad.distributed import checkpoint
from pricegrad.distributed.errors import TornCheckpoint
from pricegrad.distributed.partition import Block, Part
from pricegrad.market.cells import tree_sum
from pricegrad.market.ces import base
from pricegrad.market.rows import Floats

SUMS = 4  # of a block: wages, profits, tastes, what firms charge over what they pay


@dataclass(frozen=True)
class Report:
    """What the shard tells the driver after a step: a few numbers, nothing of a firm.

    `state` is the round of the state it stands at; `moved_orders` how far the last round moved its orders,
    `moved_prices` how far the coming one moves its prices (largest change of a log); `sums` by block.
    """

    shard: int
    state: int
    moved_orders: float
    moved_prices: float
    sums: dict[Block, tuple[float, ...]]
    seconds: float
    sent: int


class Shard:
    """The state of the firms of `part`. `folder`: where it keeps checkpoints, one every `every` rounds."""

    def __init__(self, part: Part, folder: str | None = None, every: int = 10) -> None:
        self.part, self.every = part, every
        self.folder = Path(folder) if folder else None
        self.kept: dict[int, tuple[Floats, Floats]] = {}
        size, ghosts = part.size, len(part.ghosts)
        self._price = np.zeros(size + ghosts + 1)
        self._out = [np.empty(rows.entries) for rows in part.rows]
        self._cost = np.empty(size)
        self._posted = np.empty(size)
        self._spend = np.empty(size)
        self._base = base(part.returns, part.log_scale)
        self._books = part.rows[0].books
        self._cuts = np.array(sorted({cut for cuts in part.cell_firms for cut in cuts}), dtype=np.int64)
        self._cell_sums = np.empty((len(self._cuts) - 1, self._books.SUMS))
        self._partial = {b: np.zeros(size) for blocks in part.all_blocks for b in blocks}
        self._sums: dict[Block, tuple[float, ...]] = {}
        self.fresh = True
        self.round = 0

    def begin(self, round_: int, state: tuple[Floats, Floats] | None) -> list[Floats]:
        """Stand at a state (log prices, log revenues of the own firms), or at the checkpoint of that round.

        Returns what each other shard must know to play on: a message as in `step`, without orders.
        """
        if state is None:
            state = self._load(round_)
        self.log_price, self.log_revenue = state[0].copy(), state[1].copy()
        self.round, self.fresh, self.kept = round_, True, {}
        self._sums.clear()
        return [self.log_price[offers] for offers in self.part.offers]

    def step(self, messages: Sequence[Floats | None]) -> tuple[list[Floats], Report]:
        """Take in the others' messages (None: nothing new), finish the round they belong to, play the next.

        Returns the messages to each shard and the report.
        """
        started = time.perf_counter()
        for sender, message in enumerate(messages):
            if message is not None and sender != self.part.shard:
                self._take(sender, message)
        moved = self._finish()
        self.kept[self.round] = self.log_price, self.log_revenue
        for old in [r for r in self.kept if r < self.round - 8]:
            del self.kept[old]
        if self.round % self.every == 0:
            self.save()
        out = self._sweep()
        sent = sum(8 * len(message) for t, message in enumerate(out) if t != self.part.shard)
        own = {block: self._sums[block] for block in self.part.blocks}
        seconds = time.perf_counter() - started
        return out, Report(self.part.shard, self.round, moved, self._moved, own, seconds, sent)

    def state(self, round_: int) -> tuple[Floats, Floats]:
        """Log prices and log revenues of the own firms in one of the last rounds."""
        return self.kept[round_]

    def _take(self, sender: int, message: Floats) -> None:
        part = self.part
        wants = part.wants[sender]
        at = wants.stop - wants.start
        self._price[part.size + wants.start : part.size + wants.stop] = message[:at]
        if len(message) == at:
            return
        for block, goods in zip(part.all_blocks[sender], part.orders[sender], strict=True):
            self._partial[block][goods] = message[at : at + len(goods)]
            at += len(goods)
            self._sums[block] = tuple(message[at : at + SUMS].tolist())
            at += SUMS

    def _finish(self) -> float:
        """End the round: all blocks' orders added up the tree, the household's on top; prices as posted."""
        part = self.part
        if self.fresh or len(self._sums) < sum(map(len, part.all_blocks)):
            self.fresh = False  # nothing played yet; or, in loose rounds, somebody is not heard of yet
            return np.inf
        orders = tree(self._partial, 0, part.cells)
        _, profit, tastes, _ = tree_of_sums(self._sums, part.cells)
        share = part.taste
        if part.taste_power != 0.0:
            share = part.taste * np.exp(part.taste_power * self.log_price) / tastes
        held = np.empty(part.size)
        moved = self._books.take(orders, share, 1.0, part.labour + profit, self.log_revenue, held)
        self.log_price, self.log_revenue = self._posted.copy(), held
        self.round += 1
        return float(moved)

    def _sweep(self) -> list[Floats]:
        """Forward and back through the own links; the messages to all."""
        part, size = self.part, self.part.size
        books, spend = self._books, self._spend
        self._price[:size] = self.log_price
        books.spending(part.returns, self.log_revenue, spend)
        for block, rows, (a, b), out in zip(part.blocks, part.rows, part.block_firms, self._out, strict=True):
            rows.costs(self._price, spend[a:b], self._cost[a:b])
            rows.orders(self._price, out)
            self._partial[block] = out[:size]
        self._moved = books.post(
            self._cuts, part.returns, self._base, self._cost, self.log_price, self.log_revenue, spend,
            self._posted, self._cell_sums,
        )  # fmt: skip
        tastes = part.taste * np.exp(part.taste_power * self.log_price) if part.taste_power != 0.0 else None
        first = 0
        for block, cuts, out in zip(part.blocks, part.cell_firms, self._out, strict=True):
            cells = slice(first, first + len(cuts) - 1)
            profit, charged, _ = (tree_sum(column) for column in self._cell_sums[cells].T.tolist())
            taste = 1.0 if tastes is None else _block_total(tastes, cuts)
            self._sums[block] = float(out[-1]), profit, taste, charged
            first = cells.stop
        return [self._message(t) for t in range(part.shards)]

    def _message(self, to: int) -> Floats:
        part = self.part
        if to == part.shard:
            return np.empty(0)
        pieces = [self._posted[part.offers[to]]]
        start = part.size + part.wants[to].start
        for block, touched, out in zip(part.blocks, part.touched[to], self._out, strict=True):
            pieces += [out[start + touched], np.array(self._sums[block])]
        return np.concatenate(pieces)

    def save(self) -> None:
        """Write a checkpoint of the state it stands at; older ones than the last two go."""
        if self.folder is None:
            return
        checkpoint.save(self._file(self.round), self.log_price.tobytes() + self.log_revenue.tobytes())
        for file in self.folder.glob(f"{self._file(0).stem}.*"):
            if int(file.suffix[1:]) < self.round - 2 * self.every:
                file.unlink(missing_ok=True)

    def _file(self, round_: int) -> Path:
        if self.folder is None:
            raise TornCheckpoint(f"shard {self.part.shard} has no folder to resume from")
        return self.folder / f"shard{self.part.shard}of{self.part.shards}.{round_}"

    def _load(self, round_: int) -> tuple[Floats, Floats]:
        file = self._file(round_)
        both = np.frombuffer(checkpoint.load(file))
        if len(both) != 2 * self.part.size:
            raise TornCheckpoint(f"{file} holds {len(both) // 2} firms; this shard has {self.part.size}")
        return both[: self.part.size], both[self.part.size :]


def rounds_kept(folder: str | Path, shard: int, shards: int) -> list[int]:
    """Rounds of which a shard has whole checkpoints in `folder`."""
    found = []
    for file in Path(folder).glob(f"shard{shard}of{shards}.*"):
        try:
            checkpoint.load(file)
        except (TornCheckpoint, OSError):
            continue
        found.append(int(file.suffix[1:]))
    return sorted(found)


def tree(partial: dict[Block, Floats], first: int, end: int) -> Floats:
    """The blocks' arrays added pairwise up the tree of cells."""
    if (first, end) in partial:
        return partial[first, end]
    middle = (first + end) // 2
    return tree(partial, first, middle) + tree(partial, middle, end)


def tree_of_sums(sums: dict[Block, tuple[float, ...]], cells: int) -> tuple[float, ...]:
    """The blocks' scalars added likewise."""

    def add(first: int, end: int) -> tuple[float, ...]:
        if (first, end) in sums:
            return sums[first, end]
        middle = (first + end) // 2
        return tuple(a + b for a, b in zip(add(first, middle), add(middle, end), strict=True))

    return add(0, cells)


def _block_total(values: Floats, cuts: tuple[int, ...]) -> float:
    return tree_sum([float(np.add.reduce(values[a:b])) for a, b in pairwise(cuts)])
