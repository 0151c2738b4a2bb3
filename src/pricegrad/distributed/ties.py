"""Sums that reach over shards: what a rule adds up by good or by household, whoever holds the terms.

A shard runs the rule's own code on the part of the network it holds. Where that code adds terms up by an
index whose targets are also fed by others (`np.bincount(good, value)`, `np.add.at(out, good, value)`), the
index is an `Index`: the terms travel to the owner of the target, who adds them in the order in which one
process would, and the sum travels back to those who trade there. So no bit depends on the number of shards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.rows import Floats

Ints = NDArray[np.int64]
Letters = Mapping[int, Floats]


class Circle(Protocol):
    """The shards of one market, as one of them (number `me` of `size`) sees them.

    `messages` and `sent` (bytes) count what it said, `waited` the seconds it listened.
    """

    me: int
    size: int
    messages: int
    sent: int
    waited: float

    def swap(self, letters: Letters, senders: list[int]) -> Letters:
        """Send a letter to each shard named, and wait for one from each of `senders`."""


def everybody(circle: Circle, mine: Floats) -> list[Floats]:
    """What every shard has to say, by shard; all must ask at the same point."""
    others = [s for s in range(circle.size) if s != circle.me]
    said = circle.swap(dict.fromkeys(others, mine), others)
    return [mine if s == circle.me else said[s] for s in range(circle.size)]


def largest(circle: Circle, value: float) -> float:
    """The largest of all shards' values; nan where one is."""
    return float(np.max(everybody(circle, np.array([value]))))


@dataclass(frozen=True, eq=False)
class Space:
    """Things numbered locally, own ones and ghosts: `own` a mask; to and from whom which places travel."""

    ids: Ints
    own: NDArray[np.bool_]
    lend: Mapping[int, Ints]
    borrow: Mapping[int, Ints]

    @property
    def size(self) -> int:
        """Number of places."""
        return len(self.ids)

    def refresh(self, circle: Circle, values: Floats) -> None:
        """Write the owners' values over those of the ghosts, in place."""
        said = circle.swap({t: values[at] for t, at in self.lend.items()}, list(self.borrow))
        for sender, at in self.borrow.items():
            values[at] = said[sender]


@dataclass(frozen=True, eq=False)
class Book:
    """Who feeds which target: `size` terms are held here, of which `send[t]` go to shard t.

    As an owner: `target` by line, in the order of one process; `mine` terms held here stand in `mine_line`,
    those of shard t in `receive[t]`. `cell` of each line, where sums are taken in cells. `empty`: nobody has
    a term.
    """

    size: int
    send: Mapping[int, Ints]
    target: Ints
    mine: Ints
    mine_line: Ints
    receive: Mapping[int, Ints]
    cell: Ints
    empty: bool

    def gather(self, circle: Circle, terms: Floats) -> Floats:
        """The terms by line, of own targets."""
        said = circle.swap({t: terms[at] for t, at in self.send.items()}, list(self.receive))
        lines = np.empty(len(self.target))
        lines[self.mine_line] = terms[self.mine]
        for sender, at in self.receive.items():
            lines[at] = said[sender]
        return lines


@dataclass(frozen=True, eq=False)
class Tie:
    """A book opened among the shards of `circle`; sums are right for ghosts too where `spread`."""

    book: Book
    space: Space
    circle: Circle
    spread: bool = True

    def add(self, out: Floats, terms: Floats) -> None:
        """Add the terms to `out` (by place) one after the other, as one process would."""
        if self.book.empty:
            return
        lines = self.book.gather(self.circle, terms)
        np.add.at(out, self.book.target, lines)
        if self.spread:
            self.space.refresh(self.circle, out)

    def total(self, terms: Floats, cells: int = 1) -> Floats:
        """Sums by place; in `cells` cells added pairwise up a tree."""
        if self.book.empty:
            return np.zeros(self.space.size)
        lines, n = self.book.gather(self.circle, terms), self.space.size
        if cells == 1:
            out = np.bincount(self.book.target, lines, n).astype(float)
        else:
            out = np.bincount(self.book.cell * n + self.book.target, lines, cells * n).reshape(cells, n)
            while len(out) > 1:
                out = out[0::2] + out[1::2]
            out = out[0]
        if self.spread:
            self.space.refresh(self.circle, out)
        return np.ascontiguousarray(out)


class Index(np.ndarray[Any, Any]):
    """Whole numbers of local places, by term; sums by it are those of all shards together.

    `at` says which terms of the book the entries are. Anything but a sum, a selection, or a shift by a
    number (into a longer array, where the places begin at `offset`) makes plain numbers of it.
    """

    tie: Tie | None
    at: Ints
    offset: int

    @classmethod
    def of(cls, values: NDArray[Any], tie: Tie, at: Ints | None = None) -> Index:
        """An index of local places; entry i is term `at[i]` of the book."""
        found = np.asarray(values).view(cls)
        found.tie, found.offset = tie, 0
        found.at = np.arange(len(values)) if at is None else at
        return found

    def __array_finalize__(self, other: Any) -> None:
        self.tie, self.offset = None, 0
        if isinstance(other, Index) and other.tie is not None and other.shape == self.shape:
            self.tie, self.at, self.offset = other.tie, other.at, other.offset

    def __getitem__(self, which: Any) -> Any:
        found = np.asarray(self)[which]
        if self.tie is None or not isinstance(found, np.ndarray) or found.ndim != 1:
            return found
        chosen = Index.of(found, self.tie, self.at[which])
        chosen.offset = self.offset
        return chosen

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
        where = inputs[1] if method == "at" else None
        if isinstance(where, Index) and where.tie is not None:
            if ufunc not in (np.add, np.subtract):
                raise TypeError(f"{ufunc.__name__}.at does not reach over shards")
            sign = 1.0 if ufunc is np.add else -1.0
            out = inputs[0][where.offset : where.offset + where.tie.space.size]
            where.tie.add(out, where.terms(sign * np.asarray(inputs[2], dtype=float)))
            return None
        found = getattr(ufunc, method)(*map(_plain, inputs), **more)
        shift = [x for x in inputs if isinstance(x, (int, np.integer))]
        if ufunc is np.add and method == "__call__" and self.tie is not None and len(shift) == 1:
            found = Index.of(found, self.tie, self.at)
            found.offset = self.offset + int(shift[0])
        return found

    def __array_function__(self, function: Any, types: Any, given: Any, more: Any) -> Any:
        if function is np.bincount and isinstance(given[0], Index) and given[0].tie is not None:
            return _bincount(*given, **more)
        return function(*map(_plain, given), **{name: _plain(value) for name, value in more.items()})

    def terms(self, values: Floats) -> Floats:
        """The values as terms of the whole book: 0 for those not in this selection (-1: of no book here)."""
        assert self.tie is not None
        out = np.zeros(self.tie.book.size + 1)
        out[self.at] = values
        return out[:-1]


def _bincount(index: Index, weights: Any = None, minlength: int = 0) -> Any:
    tie = index.tie
    assert tie is not None
    if index.offset or minlength != tie.space.size:
        raise TypeError(f"{minlength} places where this sum over shards has {tie.space.size}")
    found = tie.total(index.terms(np.ones(len(index)) if weights is None else np.asarray(weights)))
    return found.astype(np.int64) if weights is None else found


def _plain(value: Any) -> Any:
    if isinstance(value, Index):
        return np.asarray(value)
    return type(value)(map(_plain, value)) if type(value) in (list, tuple) else value
