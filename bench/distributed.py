"""Figures of docs/distributed.md: `python bench/distributed.py cuts|bytes|round|paper [FIRMS]`.

cuts    links cut and ghosts against shards, with geography and without (default 100,000 firms)
bytes   bytes a round against 16 a ghost, measured in messages (default 20,000 firms)
round   seconds a round: one process on one thread, then 2 shards under Ray (default 1,000,000 firms)
paper   the cost model for 10^9 firms, from figures measured with `round`
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402

from pricegrad.distributed.partition import lay_out, parts_of  # noqa: E402
from pricegrad.distributed.shard import Shard  # noqa: E402
from pricegrad.market.ces import CesEconomy, random_economy  # noqa: E402
from pricegrad.market.rounds import Round, flat_start  # noqa: E402


def with_geography(firms: int, near: float = 0.95, seed: int = 0) -> CesEconomy:
    """A random economy on a ring, numbered at random: a share `near` of links is to close places."""
    economy = random_economy(firms, seed=seed)
    rows, draw = economy.rows, np.random.default_rng(seed)
    place = draw.permutation(firms)
    at = np.argsort(place)
    entry, inner = rows.entry.copy(), rows.entry < firms
    close = inner & (draw.random(len(entry)) < near)
    step = draw.integers(1, 200, close.sum()) * draw.choice([-1, 1], close.sum())
    entry[close] = at[(place[rows.row[close]] + step) % firms]
    return replace(economy, rows=replace(rows, entry=entry))


def cut(economy: CesEconomy, shards: int) -> tuple[float, int]:
    """Share of links cut, and ghosts."""
    rows, firms = economy.rows, economy.firms
    parts = parts_of(economy, shards)
    shard = np.repeat(np.arange(shards), [part.size for part in parts])
    inner = rows.entry < firms
    crossing = shard[rows.row[inner]] != shard[rows.entry[inner]]
    return float(crossing.mean()), sum(len(part.ghosts) for part in parts)


def cuts(firms: int) -> None:
    for name, economy in (("geography", with_geography(firms)), ("no geography", random_economy(firms))):
        economy = replace(economy, rows=replace(economy.rows, cells=64))
        started = time.perf_counter()
        laid, _ = lay_out(economy)
        seconds = time.perf_counter() - started
        print(f"{name}: {firms:,} firms, {len(economy.rows.entry):,} links, METIS {seconds:.1f} s")
        for shards in (2, 4, 8, 16, 32, 64):
            share, ghosts = cut(laid, shards)
            drawn, _ = cut(economy, shards)
            print(f"  {shards:3d} shards: {share:6.1%} of links cut (as numbered {drawn:.1%}), "
                  f"{ghosts:,} ghosts, {16 * ghosts / 1e6:.2f} MB a round")  # fmt: skip


def bytes_(firms: int) -> None:
    economy, _ = lay_out(random_economy(firms))
    start = flat_start(economy)
    for shards in (2, 4, 8):
        parts = parts_of(economy, shards)
        crew = [Shard(part) for part in parts]
        mail = [
            shard.begin(0, (start[:firms][p.first : p.end], start[firms:][p.first : p.end]))
            for shard, p in zip(crew, parts, strict=True)
        ]
        sent = sum(s.step([mail[t][k] for t in range(shards)])[1].sent for k, s in enumerate(crew))
        ghosts = sum(len(part.ghosts) for part in parts)
        print(
            f"{shards} shards: {sent:,} bytes a round, {ghosts:,} ghosts, {sent / ghosts:.3f} bytes a ghost"
        )


def round_(firms: int) -> None:
    for name, economy in (("geography", with_geography(firms)), ("no geography", random_economy(firms))):
        print(f"{name}:")
        race(lay_out(economy)[0])


def race(economy: CesEconomy) -> None:
    """A round in one process beside the same round in two shards."""
    from pricegrad.distributed.cluster import cluster
    from pricegrad.distributed.sharded import Sharded

    play, state = Round(economy), flat_start(economy)
    state = play(state)
    alone = []
    for _ in range(8):
        started = time.perf_counter()
        state = play(state)
        alone.append(time.perf_counter() - started)
    print(f"  one process, one thread: {np.median(alone) * 1e3:.0f} ms a round (median)")
    with cluster(cpus=2, store=2**31) as ray, tempfile.TemporaryDirectory() as folder:
        stamps: list[float] = []
        with Sharded(
            ray, economy, 2, Path(folder), every=10**9, progress=lambda *_: stamps.append(time.perf_counter())
        ) as run:
            run.run(0.0, 20)
            spans = np.diff(stamps[5:])
            print(f"  2 shards: {np.mean(spans) * 1e3:.0f} ms a round over {len(spans)} rounds, "
                  f"{run.sent / 21 / 1e6:.1f} MB a round, {run.ghosts:,} ghosts")  # fmt: skip
            print(f"  ratio {np.median(alone) / np.mean(spans):.2f}")


def paper() -> None:
    links, per_link, ghost, bandwidth, latency, rounds = 7.5, 20e-9, 16, 1.25e9, 2e-3, 46
    print("10^9 firms, 7.5 links each; 20 ns a link and core, 16 cores and 10 Gbit/s a machine, 2 ms a call")
    for machines in (100, 300, 1000, 3000, 10_000):
        firms = 1e9 / machines
        for name, ghosts in (("geography", 0.5), ("no geography", 6.0)):
            work = firms * links * per_link / 16
            wire = firms * ghosts * ghost / bandwidth
            calls = latency * np.log2(machines)
            print(f"{machines:6d} machines, {name:13s}: {firms * (links * 24 + 60) / 2**30:6.1f} GiB each, "
                  f"compute {work * 1e3:7.1f} ms, wire {wire * 1e3:7.1f} ms, sums {calls * 1e3:4.0f} ms, "
                  f"{rounds} rounds {rounds * (max(work, wire) + calls):6.1f} s")  # fmt: skip


if __name__ == "__main__":
    what, *more = sys.argv[1:] or ["help"]
    if what == "paper":
        paper()
    elif what in ("cuts", "bytes", "round"):
        default = {"cuts": 100_000, "bytes": 20_000, "round": 1_000_000}[what]
        {"cuts": cuts, "bytes": bytes_, "round": round_}[what](int(more[0]) if more else default)
    else:
        print(__doc__)
