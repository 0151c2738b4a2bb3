"""A shard of a market of named firms: it plays rounds in step with the others and keeps its own state."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.distributed import checkpoint
from pricegrad.distributed.local import LOCAL, Local
from pricegrad.distributed.local_field import LOCAL_FORCES, Posed
from pricegrad.distributed.pieces import Piece
from pricegrad.distributed.ties import Circle, Space, largest
from pricegrad.market.chance import uniform
from pricegrad.market.log import frame_of
from pricegrad.market.post import Post, pack, unpack
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule, State

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Order:
    """What a shard is told: its piece, the rule, how news travels, and where its entries stand.

    `owners`: the agent, as one process numbers them, that owns each entry of the state held here; `links`:
    where the rule's buying links stand; `keeps`: whether what is bought on them is wanted; `kept`: the own
    goods that frames are kept of; `problem`: the piece's part of it, under rules that follow forces.
    """

    piece: Piece
    rule: str
    options: dict[str, Any]
    seed: int
    delay: int
    active: float
    spaces: dict[str, Space]
    owners: dict[str, Ints]
    links: Space
    keeps: bool
    kept: Ints
    problem: Posed | None


@dataclass(frozen=True)
class Watch:
    """How far to play, and when to stop or to keep a frame: see `Market.run`."""

    first: int
    end: int
    every: int
    tolerance: float
    quiet: int
    last_shock: int


@dataclass
class Leg:
    """What some rounds left, of own goods and links only: frames by kind, gaps and violations by round.

    `bought` is by round, the opening included; empty for networks too large for it.
    """

    rounds: list[int] = field(default_factory=list)
    frames: dict[str, list[Floats]] = field(default_factory=dict)
    gaps: list[float] = field(default_factory=list)
    violations: list[float] = field(default_factory=list)
    bought: list[Floats] = field(default_factory=list)
    quiet: int = 0
    over: bool = False
    settled: bool = False
    busy: float = 0.0
    messages: int = 0
    sent: int = 0


class LocalPost(Post):
    """The post of a piece: what is drawn by link or agent is drawn by its number in one process."""

    def __init__(self, rule: Rule, order: Order) -> None:
        super().__init__(rule, order.seed, order.delay, order.active)
        self.links = order.links.ids
        self.agent = np.full(rule.agents(), -1, np.int64)
        for name, owner in rule.owners().items():
            held = owner >= 0
            self.agent[owner[held]] = order.owners[name][held]

    def _ages(self, round_: int, stream: str, links: int) -> Ints:
        index = self.agent if self.rule.by_agent else self.links
        drawn = np.floor(uniform(self.seed, round_, stream, index) * (self.delay + 1)).astype(np.int64)
        return np.minimum(drawn, len(self.sent) - 1)

    def _awake(self, round_: int) -> NDArray[np.bool_] | None:
        if self.active >= 1:
            return None
        return np.asarray(uniform(self.seed, round_, "act", self.agent) < self.active)


class Stall:
    """Plays the rounds of one piece. Everything it does, all shards of the circle do at the same time."""

    def __init__(self, order: Order, circle: Circle) -> None:
        self.order, self.circle = order, circle
        network = order.piece.open(circle, order.spaces)
        network.__dict__["posed"] = order.problem
        self.rule: Local = {**LOCAL, **LOCAL_FORCES}[order.rule](network, **order.options)
        self.post = LocalPost(self.rule, order)
        self.state: State = {}

    def begin(self, arrays: dict[str, Floats]) -> None:
        """Stand at a state, with its messages under way (see `pricegrad.market.post.pack`)."""
        self.state = {name: v.copy() for name, v in arrays.items() if not name.startswith("sent.")}
        unpack(self.post, {name: v.copy() for name, v in arrays.items() if name.startswith("sent.")})

    def arrays(self) -> dict[str, Floats]:
        """The state, with the messages under way."""
        return {**self.state, **pack(self.post)}

    def save(self, folder: str, round_: int) -> None:
        """Write what it stands at, `round_` rounds played; of older ones, only the last stays."""
        circle, place = self.circle, Path(folder)
        stem = f"stall{circle.me}of{circle.size}"
        checkpoint.save(place / f"{stem}.{round_}", to_bytes(self.arrays()))
        older = sorted(int(file.suffix[1:]) for file in place.glob(f"{stem}.*"))
        for each in [r for r in older if r < round_][:-1]:
            (place / f"{stem}.{each}").unlink(missing_ok=True)

    def load(self, folder: str, round_: int) -> None:
        """Stand at what was saved. Raises `TornCheckpoint`."""
        file = Path(folder) / f"stall{self.circle.me}of{self.circle.size}.{round_}"
        self.begin(from_bytes(checkpoint.load(file)))

    def opening(self, round_: int) -> Leg:
        """The frame of the state it stands at, before any round."""
        leg = Leg()
        with np.errstate(all="ignore"):
            self._note(leg, round_, None)
            self._bought(leg)
        return leg

    def play(self, watch: Watch) -> Leg:
        """Play rounds until the watch says stop."""
        leg, started = Leg(quiet=watch.quiet), time.perf_counter()
        with np.errstate(all="ignore"):
            for played in range(watch.first, watch.end):
                before = self._round(played, leg)
                leg.quiet = leg.quiet + 1 if leg.gaps[-1] <= watch.tolerance else 0
                leg.settled = leg.quiet >= self.post.patience
                lost = not np.isfinite(leg.gaps[-1])
                leg.over = lost or (leg.settled and played >= watch.last_shock)
                last = leg.over or played + 1 == watch.end
                if last or (played + 1) % watch.every == 0:
                    self._note(leg, played + 1, before)
                if last:
                    break
        circle = self.circle
        leg.busy = time.perf_counter() - started - circle.waited
        leg.messages, leg.sent = circle.messages, circle.sent
        circle.messages = circle.sent = 0
        circle.waited = 0.0
        return leg

    def _round(self, number: int, leg: Leg) -> State:
        """Play one round; returns the state before it."""
        rule, state, circle = self.rule, self.state, self.circle
        proposed = rule.propose(state, self.post.seen(number))
        following = self.post.awake(number, state, proposed)
        self.order.piece.goods.refresh(circle, following["price"])
        leg.gaps.append(largest(circle, rule.gap(state, following)))
        late = (self.order.delay > 0 or self.order.active < 1) and not rule.trades
        leg.violations.append(float("nan") if late else largest(circle, rule.violation(state, following)))
        self.state = following
        self.post.send(following)
        self._bought(leg)
        return state

    def _bought(self, leg: Leg) -> None:
        bought = self.rule.purchases(self.state) if self.order.keeps else None
        if bought is not None:
            leg.bought.append(bought[self.order.links.own])

    def _note(self, leg: Leg, round_: int, before: State | None) -> None:
        leg.rounds.append(round_)
        for kind, values in frame_of(self.rule, self.state, before).items():
            leg.frames.setdefault(kind, []).append(values[self.order.kept])


def to_bytes(arrays: dict[str, Floats]) -> bytes:
    """Arrays by name as the bytes of an .npz file."""
    out = io.BytesIO()
    np.savez(out, **arrays)  # type: ignore[arg-type]
    return out.getvalue()


def from_bytes(data: bytes) -> dict[str, Any]:
    """What `to_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
