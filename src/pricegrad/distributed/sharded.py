"""Make-to-order rounds of an economy of arrays over shards under Ray: same rule, same numbers, bit for bit.

The driver passes references on, never data: a shard plays a round when the messages of all others are there
(a few rounds are sent ahead), and tells the driver a handful of sums. For the cost see `docs/distributed.md`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import numpy as np

from pricegrad.distributed import checkpoint
from pricegrad.distributed.actor import Crew, Ref
from pricegrad.distributed.cluster import cluster
from pricegrad.distributed.errors import DistributedError
from pricegrad.distributed.partition import parts_of
from pricegrad.distributed.shard import Report, tree_of_sums
from pricegrad.distributed.traffic import Traffic
from pricegrad.errors import ModelError, NotSolved
from pricegrad.market.ces import CesEconomy
from pricegrad.market.rounds import Rounds, flat_start
from pricegrad.market.rows import Floats
from pricegrad.progress import working

AHEAD = 3  # rounds sent before the first of them has reported
_TRIES = 3  # failures in a row without a round played, before the run gives up


class Sharded:
    """A run over shards; `solve_sharded` is the short way to it.

    `residual`: worst violation of each round; `restarts`: how often a
    shard had to be brought back; `crew`: the actors; `played`: loose rounds by shard.
    """

    def __init__(
        self,
        ray: ModuleType,
        economy: CesEconomy,
        shards: int,
        folder: Path,
        *,
        every: int = 10,
        patience: float = 60.0,
        start: tuple[Floats, Floats] | None = None,
        progress: Callable[[int, float], None] | None = None,
    ) -> None:
        self.economy, self.shards, self.folder = economy, shards, folder
        self.every, self.progress = every, progress
        self.start = np.concatenate(start) if start is not None else flat_start(economy)
        self.parts = parts_of(economy, shards)
        self.residual: list[float] = []
        self.restarts = 0
        self.played: list[int] = []
        self.traffic = Traffic()
        self._failure = ray.exceptions.RayError
        self._waiting: deque[list[Ref]] = deque()
        self._last: list[Report] | None = None
        self._digest = digest_of(economy, shards, self.start)
        self._history()
        self.crew = Crew(ray, self.parts, folder, every=every, patience=patience)

    def run(self, tolerance: float, max_rounds: int) -> Rounds:
        """Play; whoever dies is brought back, all at the newest round that every shard has on disk."""
        failures, best = 0, -1
        while True:
            self._resume()
            try:
                return self._rounds(tolerance, max_rounds)
            except KeyboardInterrupt:
                with contextlib.suppress(self._failure, DistributedError):
                    self._wind_up()
                raise
            except self._failure as err:
                failures = 1 if len(self.residual) > best else failures + 1
                best = max(best, len(self.residual))
                if failures >= _TRIES:
                    raise DistributedError(
                        f"shards fail again and again in round {best + 1}: {err}"
                    ) from None
                self.restarts += 1

    def __enter__(self) -> Sharded:
        return self

    def __exit__(self, *_: object) -> None:
        self.crew.close()

    @property
    def ghosts(self) -> int:
        """Suppliers, each counted once for every foreign shard that buys from it."""
        return sum(len(part.ghosts) for part in self.parts)

    def _rounds(self, tolerance: float, max_rounds: int) -> Rounds:
        everybody = range(self.shards)
        mail = self.begin(len(self.residual))
        self._waiting.clear()
        self._last = None
        while True:
            while len(self._waiting) <= AHEAD:
                played = [self.crew.step(shard, mail) for shard in everybody]
                mail = [letters for letters, _ in played]
                self._waiting.append([report for _, report in played])
            before = self._last
            if self._hear() is None or before is None:
                continue
            if self.progress is not None:
                self.progress(len(self.residual), self.residual[-1])
            if self.residual[-1] <= tolerance / 3 or len(self.residual) >= max_rounds:
                return self._result(before[0].state, self.residual[-1] <= tolerance / 3)

    def _hear(self) -> float | None:
        """Take the next reports in; the violation of the round they complete, None for the first."""
        reports: list[Report] = self.crew.get(self._waiting[0])
        self._waiting.popleft()
        self.count(reports)
        before, self._last = self._last, reports
        if before is None:
            return None
        worst = self.violation(before, reports)
        if not np.isfinite(worst):
            raise NotSolved(
                f"prices left the range of numbers in round {len(self.residual) + 1}: the economy is not "
                "viable (beyond the Hawkins-Simon point its firms use up more than they make)"
            )
        self.residual.append(worst)
        slowest = max(reports, key=lambda report: report.seconds)
        self.traffic.tell(len(self.residual), worst, f"shard {slowest.shard}")
        if len(self.residual) % self.every == 0:
            self._save_history()
        return worst

    def _wind_up(self) -> None:
        """Let the rounds under way end, and put where they end on disk."""
        while self._waiting:
            self._hear()
        self.crew.ask("save")
        self._save_history()

    def begin(self, first: int) -> list[list[Ref]]:
        """Have all stand at round `first`: 0 is the start given, others are on disk."""
        size, mail = self.economy.firms, []
        for part in self.parts:
            own = slice(part.first, part.end)
            state = None if first else (self.start[:size][own], self.start[size:][own])
            mail.append(self.crew.begin(part.shard, first, state))
        return mail

    def violation(self, at: Sequence[Report], following: Sequence[Report]) -> float:
        """Worst relative violation of the state that `at` stands at, as one process computes it."""
        wages, profit, _, charged = tree_of_sums(
            {block: sums for report in at for block, sums in report.sums.items()}, self.economy.rows.cells
        )
        labour = self.economy.labour
        return max(
            max(max(r.moved_prices for r in at), max(r.moved_orders for r in following)),
            abs(wages / labour - 1.0),
            abs(charged) / (labour + profit),
        )

    def count(self, reports: Sequence[Report]) -> None:
        """Add up what crossed the borders."""
        self.traffic.sent += sum(report.sent for report in reports)
        self.traffic.messages += (self.shards - 1) * len(reports)

    @property
    def sent(self) -> int:
        """Bytes that crossed borders so far."""
        return self.traffic.sent

    def _result(self, round_: int, converged: bool) -> Rounds:
        states = self.crew.get([actor.state.remote(round_) for actor in self.crew.actors])
        prices, revenues = (np.concatenate(column) for column in zip(*states, strict=True))
        return Rounds(self.economy, prices, revenues, self.residual, converged, ())

    def _save_history(self) -> None:
        said = {"economy": self._digest, "residual": self.residual}
        checkpoint.save(self.folder / "history", json.dumps(said).encode())

    def _history(self) -> list[float]:
        """Violations by round of the run in the folder. Raises `ModelError` where it is another run's."""
        file = self.folder / "history"
        if not file.exists():
            return []
        said = json.loads(checkpoint.load(file))
        if said["economy"] != self._digest:
            raise ModelError(
                f"{self.folder} holds a run of another economy, start or number of shards; name another"
            )
        return [float(worst) for worst in said["residual"]]

    def _resume(self) -> None:
        """Go back to the newest round that every shard has on disk, and whose history is known."""
        history = self._history()
        kept = set.intersection(*(set(rounds) for rounds in self.crew.ask("rounds_kept")))
        known = max((r for r in kept if r <= len(history)), default=0)
        self.residual = history[:known]


def digest_of(economy: CesEconomy, shards: int, start: Floats) -> str:
    """A fingerprint of all that decides the numbers and the files of a run."""
    rows = economy.rows
    seen = hashlib.sha256(f"{shards} {rows.cells} {economy.labour!r} {economy.taste_power!r}".encode())
    arrays = (rows.ptr, rows.entry, rows.weight, rows.power, rows.const, economy.returns, economy.taste)
    for array in (*arrays, economy.log_scale, start):
        seen.update(np.ascontiguousarray(array).tobytes())
    return seen.hexdigest()


def solve_sharded(
    economy: CesEconomy,
    shards: int,
    *,
    tolerance: float = 1e-8,
    max_rounds: int = 2000,
    start: tuple[Floats, Floats] | None = None,
    progress: Callable[[int, float], None] | None = None,
    loose: bool = False,
    state: str | Path | None = None,
    every: int = 10,
    patience: float = 60.0,
    address: str | None = None,
) -> Rounds:
    """`pricegrad.market.rounds.solve_rounds` over `shards` actors of Ray, with the same numbers bit for bit.

    `loose`: asynchronous, nobody waits for a late shard until the end, where rounds are exact again. `state`:
    a folder all shards can reach; every `every` rounds are on disk there, a run that stopped goes on, and a
    killed shard resumes from it (without one, from a folder of this run alone). `address`: a Ray cluster;
    default: one on this machine, for this run. Raises `Absent` with the name of a shard that stays away.
    """
    with (
        tempfile.TemporaryDirectory(prefix="pricegrad-") as scratch,
        working(f"{economy.firms:,} firms in {shards} shards", tolerance),
        cluster(address, cpus=shards) as ray,
    ):
        folder = Path(state) if state is not None else Path(scratch)
        with Sharded(
            ray, economy, shards, folder.resolve(), every=every, patience=patience, start=start,
            progress=progress,
        ) as run:  # fmt: skip
            if loose:
                from pricegrad.distributed.loose import approach

                run.start = approach(run, tolerance, max_rounds)
            return run.run(tolerance, max_rounds)
