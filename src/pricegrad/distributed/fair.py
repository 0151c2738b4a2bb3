"""A market of named firms over shards: the driver's side, whoever carries the messages.

The driver cuts the network, has the shards play legs of some rounds, and keeps the record the user asked for;
the state stays with the shards. It passes through the driver at the start, at a shock (which makes another
network of it), and at the end.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pricegrad.distributed import checkpoint
from pricegrad.distributed.components import components, links
from pricegrad.distributed.errors import DistributedError
from pricegrad.distributed.local_field import lacking, posed
from pricegrad.distributed.pieces import Cutter
from pricegrad.distributed.stall import Ints, Leg, Order, Watch, from_bytes, to_bytes
from pricegrad.distributed.ties import Space
from pricegrad.distributed.traffic import Traffic
from pricegrad.errors import ModelError
from pricegrad.market.log import Log
from pricegrad.market.market import Market
from pricegrad.market.post import Post, pack, unpack
from pricegrad.market.purchases import keeps
from pricegrad.market.rows import Floats
from pricegrad.market.rule import State
from pricegrad.market.rules.forces import Forces
from pricegrad.market.shocks import Shock, shocked
from pricegrad.market.trajectory import Saved, Trajectory
from pricegrad.network import Network

_TRIES = 3  # failures in a row without a leg played, before the run gives up


class Lost(DistributedError):  # noqa: N818
    """A shard died, and can be started anew."""


class Crew(Protocol):
    """Whoever runs the shards: threads, or actors of Ray."""

    size: int

    def open(self, orders: list[Order]) -> None:
        """Have every shard take up its order, in a new circle. Raises `Absent`."""

    def ask(self, what: str, *each: Sequence[Any]) -> list[Any]:
        """Have every shard do the same; `each`: an argument a shard. Raises `Lost`, `Absent`."""


@dataclass(frozen=True)
class Plan:
    """What was asked for: see `Market.run`."""

    rounds: int
    start: Mapping[str, float] | None = None
    shocks: dict[int, list[Shock]] = field(default_factory=dict)
    tolerance: float = 1e-10
    record: int | None = None
    watch: Sequence[str] | None = None
    resume: Saved | None = None


class Fair:
    """One run of a market by a crew. `folder`: where checkpoints are kept, one every `every` rounds."""

    def __init__(self, market: Market, crew: Crew, plan: Plan, folder: Path, every: int = 10) -> None:
        refuse(market)
        self.market, self.crew, self.plan, self.folder, self.every = market, crew, plan, folder, every
        self.log = self._empty()
        self.traffic = Traffic()
        self.orders: list[Order] = []
        self.legs: list[int] = []
        self.bought: list[Floats] = []
        self.frame: dict[str, Floats] = {}
        self.taken: list[tuple[int, dict[str, Floats]]] = []
        self.quiet, self.settled, self.restarts = 0, False, 0

    def run(self) -> Trajectory:
        """Play to the end; whoever dies is started anew, and all go back to the last leg played."""
        market, plan = self.market, self.plan
        market._restore(plan.shocks, plan.resume)
        post = self._post()
        state, first = market._begin(post, plan.start, plan.resume)
        self.digest = digest_of(market, self.crew.size, plan, {**state, **pack(post)})
        played, failures, best = self._take_up(first), 0, -1
        while True:
            try:
                if played is None:
                    self._stand({**state, **pack(post)})
                    self._take(self.crew.ask("opening", [first] * self.crew.size), first)
                    self._save(first, Leg(), 0)
                    played = first
                return self._finish(self._legs(first, played), first)
            except Lost as lost:
                failures = 1 if len(self.legs) > best else failures + 1
                best = max(best, len(self.legs))
                if failures >= _TRIES:
                    raise DistributedError(
                        f"shards fail again and again after round {played}: {lost}"
                    ) from None
                self.restarts += 1
                self.log = self._empty()
                self._back_to(first)
                played = self._take_up(first)

    def _legs(self, first: int, played: int) -> int:
        """Play legs from round `played` on; the number of rounds played in the end."""
        plan, end = self.plan, first + self.plan.rounds
        last_shock = max(plan.shocks, default=-1)
        while played < end:
            if played in plan.shocks:
                self._strike(plan.shocks[played], played)
            stop = min([end, played + self.every, *(r for r in plan.shocks if r > played)])
            watch = Watch(played, stop, self.log.every, plan.tolerance, self.quiet, last_shock)
            legs = self.crew.ask("play", [watch] * self.crew.size)
            played += len(legs[0].gaps)
            self._take(legs, played)
            self.quiet, self.settled = legs[0].quiet, legs[0].settled
            self._save(played, legs[0], len(self.legs))
            self._tell(played - first, legs)
            if legs[0].over:
                break
        return played

    def _tell(self, rounds: int, legs: list[Leg]) -> None:
        self.traffic.messages += sum(leg.messages for leg in legs)
        self.traffic.sent += sum(leg.sent for leg in legs)
        slowest = max(range(len(legs)), key=lambda s: legs[s].busy)
        self.traffic.tell(rounds, self.log.gaps[-1], f"shard {slowest}")

    def _finish(self, played: int, first: int) -> Trajectory:
        market, log = self.market, self.log
        if log.wants(played, force=True):
            log.keep(played, self.frame, force=True)
        if self.bought and log.bought.wants(played, force=True):
            log.bought.keep(played, market.rule, self.bought[-1], force=True)
        ended = Saved(market.rule.name, market.seed, played, self._collect())
        settled = self.settled and played > max(self.plan.shocks, default=-1)
        return Trajectory.of(copy.copy(market), self.log, ended, converged=settled)

    def _strike(self, shocks: list[Shock], round_: int) -> None:
        """The economy changes, and with it who holds what: the state passes through the driver once."""
        market, post, arrays = self.market, self._post(), self._collect()
        unpack(post, arrays)
        state: State = {name: v for name, v in arrays.items() if not name.startswith("sent.")}
        market.now = shocked(market.now, shocks)
        self.log.events += [(round_, str(shock)) for shock in shocks]
        state, post = market._after_shock(market.now, state, post)
        self.log.over(market.network.goods)
        self.quiet = 0
        self._stand({**state, **pack(post)})

    def _empty(self) -> Log:
        return self.market._log(self.plan.record, self.plan.watch)

    def _post(self) -> Post:
        market = self.market
        return Post(market.rule, market.seed, market.delay, market.active)

    def _open(self, names: list[str]) -> None:
        """Cut the network as it is now and hand the pieces out."""
        market, rule = self.market, self.market.rule
        owners = rule.owners()
        self.orders = []
        cutter = Cutter(market.network, self.crew.size)
        pieces = cutter.pieces()
        told = posed(rule, cutter, pieces) if isinstance(rule, Forces) else [None] * len(pieces)
        for piece, problem in zip(pieces, told, strict=True):
            spaces = components(rule, piece, names, problem)
            self.orders.append(
                Order(
                    piece, rule.name, rule.option, market.seed, market.delay, market.active, spaces,
                    {name: owner[spaces[name].ids] for name, owner in owners.items()},
                    links(rule, piece), keeps(market.network), self._kept(piece.goods), problem,
                )
            )  # fmt: skip
        self.crew.open(self.orders)

    def _kept(self, goods: Space) -> Ints:
        """Places of the own goods that frames are kept of."""
        columns = self.log.columns
        here = goods.own if columns is None else goods.own & np.isin(goods.ids, columns)
        return np.flatnonzero(here)

    def _stand(self, arrays: Mapping[str, Floats]) -> None:
        """Hand a whole state out."""
        self._open([name for name in arrays if not name.startswith("sent.")])
        self.crew.ask("begin", [self._part(order, arrays) for order in self.orders])

    def _part(self, order: Order, arrays: Mapping[str, Floats]) -> dict[str, Floats]:
        return {name: values[order.spaces[name.rpartition(".")[2]].ids] for name, values in arrays.items()}

    def _collect(self) -> dict[str, Floats]:
        """The whole state, from all shards."""
        whole: dict[str, Floats] = {}
        for order, part in zip(self.orders, self.crew.ask("arrays"), strict=True):
            for name, values in part.items():
                space = order.spaces[name.rpartition(".")[2]]
                if name not in whole:
                    size = 1 + max(
                        int(o.spaces[name.rpartition(".")[2]].ids.max(initial=-1)) for o in self.orders
                    )
                    whole[name] = np.zeros(size)
                whole[name][space.ids[space.own]] = values[space.own]
        return whole

    def _take(self, legs: list[Leg], played: int) -> None:
        """Note what a leg left that ended after `played` rounds."""
        ids = np.concatenate([order.piece.goods.ids[order.kept] for order in self.orders])
        order_of = np.argsort(ids)
        for k, round_ in enumerate(legs[0].rounds):
            frame = {
                kind: np.concatenate([leg.frames[kind][k] for leg in legs])[order_of]
                for kind in legs[0].frames
            }
            self._note_frame(round_, frame)
        for gap, violation in zip(legs[0].gaps, legs[0].violations, strict=True):
            self.log.gap(gap, violation)
        bought = []
        for k in range(len(legs[0].bought)):
            bought.append(np.empty(sum(int(order.links.own.sum()) for order in self.orders)))
            for order, leg in zip(self.orders, legs, strict=True):
                bought[-1][order.links.ids[order.links.own]] = leg.bought[k]
        self._note_bought(bought, played)

    def _note_frame(self, round_: int, frame: dict[str, Floats]) -> None:
        """Keep the frame if its turn has come; the last one is kept at the end in any case."""
        self.frame = frame
        self.taken.append((round_, frame))
        if self.log.wants(round_):
            self.log.keep(round_, frame)

    def _note_bought(self, bought: list[Floats], played: int) -> None:
        """Note what was bought in the last rounds."""
        self.bought = bought or self.bought
        for round_, amount in enumerate(bought, played - len(bought) + 1):
            if self.log.bought.wants(round_):
                self.log.bought.keep(round_, self.market.rule, amount)

    def _save(self, played: int, leg: Leg, number: int) -> None:
        """Keep the leg: first the shards their state, then the driver what it noted."""
        self.crew.ask("save", [str(self.folder)] * self.crew.size, [played] * self.crew.size)
        log, count = self.log, len(leg.gaps)
        said = {
            "digest": self.digest, "round": played, "quiet": self.quiet, "settled": self.settled,
            "events": log.events, "over": leg.over,
        }  # fmt: skip
        arrays: dict[str, Any] = {
            "head": np.array(json.dumps(said)),
            "rounds": np.array([round_ for round_, _ in self.taken], np.int64),
            "gaps": np.array(log.gaps[len(log.gaps) - count :]),
            "violations": np.array(log.violations[len(log.violations) - count :]),
        }
        for kind in self.frame:
            arrays[f"frame.{kind}"] = np.array([frame[kind] for _, frame in self.taken])
        self.taken.clear()
        arrays["bought"] = np.array(self.bought[-max(count, 1) :])
        checkpoint.save(self.folder / f"leg.{number}", to_bytes(arrays))
        self.legs.append(played)

    def _take_up(self, first: int) -> int | None:
        """Go on from the legs in the folder: the round they end at; None where there are none."""
        self.legs, played, over = [], None, False
        while (file := self.folder / f"leg.{len(self.legs)}").exists():
            arrays = from_bytes(checkpoint.load(file))
            head = json.loads(str(arrays["head"]))
            if head["digest"] != self.digest:
                raise ModelError(
                    f"{self.folder} holds a run of another market, start or number of shards; name another"
                )
            if any((played or first) <= r < int(head["round"]) for r in self.plan.shocks):
                self._back_to(int(head["round"]))
                self.log.over(self.market.network.goods)
            self._note_again(arrays, int(head["round"]))
            self.log.events = [(int(r), str(what)) for r, what in head["events"]]
            self.quiet, self.settled, played = head["quiet"], head["settled"], int(head["round"])
            self.legs.append(played)
            over = over or head["over"]
        if played is None:
            return None
        self._back_to(played)
        self._open(list(self.market.rule.start(self.market._prices(None))))
        self.crew.ask("load", [str(self.folder)] * self.crew.size, [played] * self.crew.size)
        return first + self.plan.rounds if over else played

    def _back_to(self, round_: int) -> None:
        """The economy as it was after `round_` rounds."""
        self.market._restore(self.plan.shocks, Saved(self.market.rule.name, self.market.seed, round_, {}))

    def _note_again(self, arrays: Mapping[str, Any], played: int) -> None:
        for k, round_ in enumerate(arrays["rounds"].tolist()):
            kinds = {name: name.removeprefix("frame.") for name in arrays if name.startswith("frame.")}
            self._note_frame(round_, {kind: arrays[name][k] for name, kind in kinds.items()})
        for gap, violation in zip(arrays["gaps"].tolist(), arrays["violations"].tolist(), strict=True):
            self.log.gap(gap, violation)
        self._note_bought(list(arrays["bought"]), played)
        self.taken.clear()


def refuse(market: Market) -> None:
    """Raise `ModelError` for what does not go over shards."""
    if isinstance(market.rule, Forces) and (reason := lacking(market.network)):
        raise ModelError(f'the rule "{market.rule.name}" does not go over shards here: {reason}')
    if market.rule.name == "inventory" and market.network.outside:
        raise ModelError(
            f"the outside market for {market.network.goods[market.network.outside[0].good]!r} keeps its "
            'account in one process: not on="ray"'
        )
    if market.accelerate:
        raise ModelError('accelerate= mixes the rounds of all agents, which is not local: not on="ray"')


def digest_of(market: Market, shards: int, plan: Plan, arrays: Mapping[str, Floats]) -> str:
    """A fingerprint of all that decides the numbers and the files of a run."""
    network: Network = market.network
    words = [shards, market.rule.name, sorted(market.rule.option.items()), market.seed, market.delay,
             market.active, sorted((r, list(map(str, s))) for r, s in plan.shocks.items()), plan.tolerance,
             plan.record, plan.watch, [unit.name for unit in network.code_firms], network.fixed]  # fmt: skip
    seen = hashlib.sha256(repr(words).encode())
    forest, own, shares = network.forest, network.endowments, network.ownership
    for array in (
        forest.parent, forest.exponent, forest.leaf_node, forest.leaf_good, forest.leaf_quantity,
        forest.leaf_price, network.returns, own.household, own.good, own.quantity, shares.firm,
        shares.household, shares.share, network.taxes.leaf, network.taxes.rate, *arrays.values(),
    ):  # fmt: skip
        seen.update(np.ascontiguousarray(array).tobytes())
    return seen.hexdigest()
