"""The shards of a market as actors of Ray, who write to each other directly.

The driver tells every shard to play some rounds; from then on the shards pass letters among themselves (an
actor call a letter, arrays through the object store) and the driver hears of them again at the end.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from pricegrad.distributed.cluster import carry, cluster, places
from pricegrad.distributed.errors import Absent, DistributedError
from pricegrad.distributed.fair import Fair, Lost, Plan, refuse
from pricegrad.distributed.stall import Order, Stall
from pricegrad.distributed.ties import Letters
from pricegrad.errors import PricegradError
from pricegrad.market.market import RUNNERS, Market, saved_in
from pricegrad.market.rows import Floats
from pricegrad.market.shocks import schedule
from pricegrad.market.trajectory import Trajectory

_THREADS = 4  # of an actor: one plays, the others take letters in
_PING = 3.0  # seconds a shard has to say that it is there


class Seat:
    """A shard's place in one circle (see `ties.Circle`); when that breaks up, it is nobody's any more."""

    def __init__(self, actor: StallActor, number: int, peers: list[Any]) -> None:
        self.me, self.size = actor.me, len(peers)
        self.messages = self.sent = self.turn = 0
        self.waited = 0.0
        self._actor, self.number, self._peers = actor, number, peers

    def swap(self, letters: Letters, senders: list[int]) -> Letters:
        """See `Circle.swap`. Raises `Absent`, `Lost`."""
        self.turn += 1
        for to, letter in letters.items():
            self._peers[to].deliver.remote(self.number, self.turn, self.me, letter)
            self.messages += 1
            self.sent += letter.nbytes
        started = time.monotonic()
        found = self._actor.collect(self.number, self.turn, senders)
        self.waited += time.monotonic() - started
        return found


class StallActor:
    """One shard in a process of its own: a `Stall`, and the box for its letters."""

    def __init__(self, me: int, patience: float) -> None:
        self.me, self.patience = me, patience
        self._bell = threading.Condition()
        self._box: dict[tuple[int, int, int], Floats] = {}
        self._circle = -1
        self._stall: Stall | None = None

    def meet(self, peers: list[Any], circle: int) -> int:
        """Join a circle, by number; whoever still waits in an older one gives up."""
        with self._bell:
            self._peers, self._circle, self._stall = peers, circle, None
            self._box = {key: letter for key, letter in self._box.items() if key[0] == circle}
            self._bell.notify_all()
        return os.getpid()

    def open(self, order: Order) -> None:
        """Take up an order; all shards of the circle at once."""
        if order.piece.facts.engine == "numba":
            import numba

            numba.set_num_threads(1)
        self._stall = Stall(order, Seat(self, self._circle, self._peers))

    def ask(self, what: str, *given: Any) -> Any:
        """Have the stall do something."""
        if self._stall is None:
            raise Lost(f"shard {self.me} was started anew and stands nowhere yet")
        return getattr(self._stall, what)(*given)

    def deliver(self, circle: int, turn: int, sender: int, letter: Floats) -> None:
        """Put a letter in the box."""
        with self._bell:
            if circle >= self._circle:
                self._box[circle, turn, sender] = letter
                self._bell.notify_all()

    def collect(self, circle: int, turn: int, senders: list[int]) -> Letters:
        """The letters of a turn, when all are there. Raises `Absent`, or `Lost` when the circle broke up."""
        keys = {s: (circle, turn, s) for s in senders}

        def ready() -> bool:
            return self._circle != circle or all(key in self._box for key in keys.values())

        with self._bell:
            heard = self._bell.wait_for(ready, self.patience)
            if self._circle != circle:
                raise Lost("the circle broke up")
            if not heard:
                names = [f"shard {s}" for s, key in keys.items() if key not in self._box]
                raise Absent(names, f"nothing from {', '.join(names)} for {self.patience:g} s")
            return {s: self._box.pop(key) for s, key in keys.items()}

    def be_patient(self, seconds: float) -> None:
        """Wait for a letter so long and no longer."""
        self.patience = seconds

    def pid(self) -> int:
        """The number of its process."""
        return os.getpid()


class RayCrew:
    """The actors of all shards (see `fair.Crew`). `patience`: seconds before a silent one is absent."""

    def __init__(self, ray: ModuleType, size: int, patience: float) -> None:
        self.ray, self.size, self.patience, self.circle = ray, size, patience, 0
        actor = ray.remote(
            num_cpus=0, max_restarts=-1, max_task_retries=0, max_concurrency=_THREADS
        )(StallActor)  # fmt: skip
        self.actors = [
            actor.options(scheduling_strategy=place).remote(s, patience)
            for s, place in enumerate(places(ray, size))
        ]

    def open(self, orders: list[Order]) -> None:
        """See `fair.Crew`; waits for those that are being restarted."""
        self.circle += 1
        for order in orders:
            network = order.piece.network
            carry(self.ray, [unit.function for unit in (*network.code_firms, *network.utilities)])
            carry(self.ray, [market.curve for market in network.outside if market.curve is not None])
        deadline = time.monotonic() + self.patience
        for shard in range(self.size):
            while True:
                try:
                    met = self.actors[shard].meet.remote(self.actors, self.circle)
                    self.ray.get(met, timeout=max(deadline - time.monotonic(), 0.1))
                    break
                except self.ray.exceptions.RayError:
                    if time.monotonic() > deadline:
                        raise self._absent([shard]) from None
                    time.sleep(0.05)
        self._all([actor.open.remote(order) for actor, order in zip(self.actors, orders, strict=True)])

    def ask(self, what: str, *each: Sequence[Any]) -> list[Any]:
        """See `fair.Crew`."""
        given = zip(*each, strict=True) if each else [()] * self.size
        return self._all([a.ask.remote(what, *more) for a, more in zip(self.actors, given, strict=True)])

    def pids(self) -> list[int]:
        """The processes of all shards."""
        found: list[int] = self.ray.get([actor.pid.remote() for actor in self.actors])
        return found

    def close(self) -> None:
        """End their processes."""
        for actor in self.actors:
            self.ray.kill(actor)

    def _all(self, running: list[Any]) -> list[Any]:
        """What all answer. Raises `Lost`, `Absent`, or the first error of a shard's own."""
        left = list(running)
        while left:
            done, left = self.ray.wait(left, num_returns=1, timeout=self.patience)
            if not done:
                self._roll_call()  # they all answer: it is a long leg
                continue
            try:
                self.ray.get(done[0])
            except self.ray.exceptions.RayTaskError as err:
                cause = err.cause if isinstance(err.cause, PricegradError) else None
                if isinstance(cause, Lost):
                    raise cause from None
                if isinstance(cause, Absent):
                    self._roll_call()
                    raise self._absent([int(name.split()[1]) for name in cause.names]) from None
                raise cause or DistributedError(f"shard {running.index(done[0])} failed: {err}") from None
            except self.ray.exceptions.RayError as err:
                raise Lost(f"shard {running.index(done[0])} died: {type(err).__name__}") from None
        found: list[Any] = self.ray.get(running)
        return found

    def _roll_call(self) -> None:
        """Raise `Absent` with those who do not say that they are there, `Lost` where one has died."""
        calls = [actor.pid.remote() for actor in self.actors]
        there, _ = self.ray.wait(calls, num_returns=self.size, timeout=_PING)
        silent = [s for s, call in enumerate(calls) if call not in there]
        if silent:
            raise self._absent(silent)
        try:
            self.ray.get(calls)
        except self.ray.exceptions.RayError as err:
            raise Lost(f"a shard died: {type(err).__name__}") from None

    def _absent(self, shards: list[int]) -> Absent:
        names = [f"shard {s}" for s in shards]
        return Absent(
            names,
            f"nothing from {', '.join(names)} of {self.size} for {self.patience:g} s. The rounds of the legs "
            "played so far are exact and their checkpoints whole; without it no further round is, so none is "
            "played. Run again with the same state= when it is back",
        )


def run_market(
    market: Market,
    *,
    shards: int = 1,
    state: str | Path | None = None,
    address: str | None = None,
    patience: float = 120.0,
    every: int = 10,
    **how: Any,
) -> Trajectory:
    """`Market.run` over `shards` actors of Ray: the same trajectory, bit for bit.

    `state`: a folder all shards can reach; every `every` rounds are on disk there, and a run that stopped (by
    Ctrl-C, a dead driver, a dead cluster) goes on when called again. `how`: the other arguments of
    `Market.run`. Raises `ModelError` for what does not go over shards, `Absent` with the name of a shard
    that does not answer for `patience` seconds, `TornCheckpoint`.
    """
    plan = Plan(
        how["rounds"], how["start"], schedule(how["shocks"]), how["tolerance"], how["record"], how["watch"],
        saved_in(how["resume"]),
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="pricegrad-") as scratch:
        folder = Path(scratch if state is None else state).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        refuse(market)
        with cluster(address, cpus=shards) as ray:
            crew = RayCrew(ray, shards, patience)
            try:
                return Fair(market, crew, plan, folder, every).run()
            finally:
                crew.close()


RUNNERS["ray"] = run_market
