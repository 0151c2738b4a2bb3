"""What happened in each round of a run, and frames of prices and quantities, as many as fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.purchases import Purchases
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule, State

ROOM = 2e7  # prices that are kept; as many quantities


def frame_of(rule: Rule, state: State, before: State | None) -> dict[str, Floats]:
    """Price and quantity by good, and, under rules with stocks, stock and what was ordered and not delivered
    in the round since `before` (None: nothing was delivered yet)."""
    frame = {"price": state["price"], "quantity": rule.quantities(state)}
    shelves = rule.shelves(state if before is None else before, state)
    if shelves is not None:
        stock, short = shelves
        frame |= {"stock": stock, "short": short if before is not None else np.full(len(short), np.nan)}
    return frame


@dataclass(eq=False)
class Log:
    """Rounds as they happen; frames are kept every `every` rounds. `events`: shocks, with their rounds.

    `thins`: of more frames than there is room for, every other one goes. `watch`: the goods whose prices
    and quantities are kept, None for all. `goods`: whose columns frames have; `columns`: their places in the
    economy as it stands (None: all of it, in order).
    """

    every: int = 1
    thins: bool = False
    watch: tuple[str, ...] | None = None
    goods: tuple[str, ...] = field(default=(), init=False)
    columns: NDArray[np.int64] | None = field(default=None, init=False)
    _at: NDArray[np.int64] | None = field(default=None, init=False)
    rounds: list[int] = field(default_factory=list)
    price: list[Floats] = field(default_factory=list)
    quantity: list[Floats] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    violations: list[float] = field(default_factory=list)
    events: list[tuple[int, str]] = field(default_factory=list)
    stock: list[Floats] = field(default_factory=list)
    short: list[Floats] = field(default_factory=list)
    bought: Purchases = field(default_factory=Purchases)

    def over(self, goods: Sequence[str]) -> None:
        """Frames are from now on of an economy of these goods; a good stays in its column through shocks."""
        if not self.goods and self.watch is None:
            self.goods = tuple(goods)
            return
        if self.watch is None:
            self.goods = tuple(dict.fromkeys((*self.goods, *goods)))
        else:
            self.goods = self.watch
        if self.watch is None and self.goods == tuple(goods):
            self.columns = self._at = None
            return
        place = {good: g for g, good in enumerate(goods)}
        here = sorted((place[good], k) for k, good in enumerate(self.goods) if good in place)
        self.columns, self._at = np.array(here, dtype=np.int64).reshape(-1, 2).T

    def note(
        self, round_: int, rule: Rule, state: State, before: State | None = None, *, force: bool = False
    ) -> None:
        """Keep a frame of the state after `before` if its turn has come; see `frame_of`."""
        self.bought.note(round_, rule, state, force=force)
        if self.wants(round_, force=force):
            with np.errstate(all="ignore"):
                frame = frame_of(rule, state, before)
            self.keep(round_, {kind: self._kept(values) for kind, values in frame.items()}, force=force)

    def wants(self, round_: int, *, force: bool = False) -> bool:
        """Whether the turn of a frame has come."""
        return (force or round_ % self.every == 0) and self.rounds[-1:] != [round_]

    def keep(self, round_: int, frame: Mapping[str, Floats], *, force: bool = False) -> None:
        """Keep a frame (see `frame_of`), of the `columns` alone."""
        self.rounds.append(round_)
        self.price.append(self._placed(frame["price"]))
        self.quantity.append(self._placed(frame["quantity"]))
        if "stock" in frame:
            self.stock.append(self._placed(frame["stock"]))
            self.short.append(self._placed(frame["short"]))
        if self.thins and not force and len(self.rounds) * len(self.price[0]) > ROOM:
            self._thin()

    def _kept(self, values: Floats) -> Floats:
        return values.copy() if self.columns is None else values[self.columns]

    def _placed(self, values: Floats) -> Floats:
        """The values of `columns` under their goods; nan where a good is not traded any more."""
        if self._at is None:
            return values
        placed = np.full(len(self.goods), np.nan)
        placed[self._at] = values
        return placed

    def table(self, frames: Sequence[Floats]) -> Floats:
        """Frames as rows over all `goods`; nan where a good was not traded yet."""
        width = len(self.goods)
        if all(len(values) == width for values in frames):
            return np.array(frames)
        padded = [np.append(values, np.full(width - len(values), np.nan)) for values in frames]
        return np.array(padded)

    def _thin(self) -> None:
        """Let every other frame go, the first stays."""
        self.every *= 2
        kept = [k for k, round_ in enumerate(self.rounds) if k == 0 or round_ % self.every == 0]
        self.rounds = [self.rounds[k] for k in kept]
        for frames in (self.price, self.quantity, self.stock, self.short):
            frames[:] = [frames[k] for k in kept if frames]

    def gap(self, gap: float, violation: float) -> None:
        """Note how far a round moved the state, and what it lost."""
        self.gaps.append(gap)
        self.violations.append(violation)
