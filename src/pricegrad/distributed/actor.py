"""A shard as Ray sees it, and the handles by which a driver reaches all of them."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from pricegrad.distributed.cluster import places
from pricegrad.distributed.errors import Absent, DistributedError
from pricegrad.distributed.partition import Part
from pricegrad.distributed.shard import Shard, rounds_kept
from pricegrad.market.rows import Floats

Ref = Any  # a reference to something in Ray's object store


class ShardActor:
    """Holds one `Shard`; lives in a process of its own, with one thread."""

    def __init__(self, number: int, shards: int, folder: str, every: int) -> None:
        with contextlib.suppress(ModuleNotFoundError):
            import numba

            numba.set_num_threads(1)
        self.number, self.shards, self.folder, self.every = number, shards, folder, every
        self._shard: Shard | None = None

    @property
    def shard(self) -> Shard:
        """The shard it holds, once it has begun."""
        if self._shard is None:
            raise DistributedError(f"shard {self.number} was started anew and stands nowhere yet")
        return self._shard

    def begin(self, part: Part, round_: int, state: tuple[Floats, Floats] | None) -> Any:
        """Hold `part`, and `Shard.begin`."""
        if self._shard is None:
            self._shard = Shard(part, self.folder, self.every)
        out = self._shard.begin(round_, state)
        return tuple(out) if len(out) > 1 else out[0]

    def step(self, *messages: Floats | None) -> Any:
        """See `Shard.step`; the messages, then the report."""
        out, report = self.shard.step(messages)
        return (*out, report)

    def state(self, round_: int | None = None) -> tuple[Floats, Floats]:
        """See `Shard.state`; None for the newest."""
        return self.shard.state(self.shard.round if round_ is None else round_)

    def save(self) -> int:
        """Write a checkpoint of where it stands; returns the round."""
        self.shard.save()
        return self.shard.round

    def rounds_kept(self) -> list[int]:
        """See `shard.rounds_kept`."""
        return rounds_kept(self.folder, self.number, self.shards)

    def pid(self) -> int:
        """The number of its process."""
        return os.getpid()

    def node(self) -> str:
        """The node of Ray it is on."""
        import ray

        return str(ray.get_runtime_context().get_node_id())


class Crew:
    """The actors of all shards. `patience`: seconds before one that does not answer is called absent."""

    def __init__(
        self, ray: ModuleType, parts: list[Part], folder: Path, *, every: int, patience: float
    ) -> None:
        self.ray, self.size, self.patience = ray, len(parts), patience
        actor = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=0)(ShardActor)
        self.actors = [
            actor.options(scheduling_strategy=place).remote(shard, self.size, str(folder), every)
            for shard, place in enumerate(places(ray, self.size))
        ]
        self._parts = [ray.put(part) for part in parts]

    def begin(self, shard: int, round_: int, state: tuple[Floats, Floats] | None) -> list[Ref]:
        """Have a shard stand at a state; references to its first messages, one a shard."""
        refs = (
            self.actors[shard].begin.options(num_returns=self.size).remote(self._parts[shard], round_, state)
        )
        return refs if self.size > 1 else [refs]

    def step(self, shard: int, mail: list[list[Ref]]) -> tuple[list[Ref], Ref]:
        """Have a shard play when the newest messages to it are there (`mail[sender][receiver]`).

        Returns references to its messages, and to its report.
        """
        letters = [None if sender == shard else mail[sender][shard] for sender in range(self.size)]
        refs = self.actors[shard].step.options(num_returns=self.size + 1).remote(*letters)
        return refs[:-1], refs[-1]

    def get(self, refs: list[Ref]) -> list[Any]:
        """What one reference a shard stands for. Raises `Absent` with who does not answer."""
        try:
            found: list[Any] = self.ray.get(refs, timeout=self.patience)
            return found
        except self.ray.exceptions.GetTimeoutError:
            done, _ = self.ray.wait(refs, num_returns=len(refs), timeout=0)
            raise self.absent([s for s, ref in enumerate(refs) if ref not in done]) from None

    def ask(self, what: str) -> list[Any]:
        """Ask all, waiting for those that are being restarted. Raises `Absent`."""
        deadline = time.monotonic() + self.patience
        found: list[Any] = []
        while len(found) < self.size:
            left = max(deadline - time.monotonic(), 0.1)
            try:
                found.append(self.ray.get(getattr(self.actors[len(found)], what).remote(), timeout=left))
            except self.ray.exceptions.RayError:
                if time.monotonic() > deadline:
                    raise self.absent([len(found)]) from None
                time.sleep(0.05)
        return found

    def close(self) -> None:
        """End their processes."""
        for actor in self.actors:
            self.ray.kill(actor)

    def absent(self, shards: list[int]) -> Absent:
        """The error that names them."""
        names = [f"shard {s}" for s in shards]
        return Absent(
            names,
            f"nothing from {', '.join(names)} of {self.size} for {self.patience:g} s. Rounds reported so far "
            "are exact and the checkpoints on disk whole; without it no further round is, so none is played. "
            "Run again with the same state= when it is back",
        )
