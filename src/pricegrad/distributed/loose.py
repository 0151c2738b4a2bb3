"""Asynchronous rounds: a shard plays on whatever has arrived and waits for nobody.

Messages are whole (prices, orders, sums), so the newest of each sender is all a shard needs, however old.
Under any bounded age these rounds still converge (Bertsekas 1982, "Distributed asynchronous computation of
fixed points", Math. Programming 27); which numbers they pass through depends on who was late.
"""

from __future__ import annotations

import numpy as np

from pricegrad.distributed.actor import Ref
from pricegrad.distributed.errors import Absent
from pricegrad.distributed.shard import Report
from pricegrad.distributed.sharded import Sharded
from pricegrad.market.rows import Floats


def approach(run: Sharded, tolerance: float, max_rounds: int) -> Floats:
    """Play loosely until no shard sees anything move; the state reached (log prices, log revenues).

    A shard plays at most twice as many rounds as the slowest plus eight, so that late news is not drowned in
    rounds played on old news. `max_rounds` counts the slowest shard's rounds, `run.played` all of them.
    Raises `Absent` with the name of a shard that stays away longer than the crew's patience.
    """
    crew, everybody = run.crew, range(run.shards)
    mail = run.begin(0)
    running: dict[Ref, tuple[int, list[Ref]]] = {}
    reports: dict[int, Report] = {}
    played = run.played = [0] * run.shards
    idle = set(everybody)
    while min(played) < max_rounds:
        for shard in sorted(idle):
            if played[shard] <= 2 * min(played) + 8:
                letters, report = crew.step(shard, mail)
                running[report] = shard, letters
                idle.discard(shard)
        done, _ = crew.ray.wait(list(running), num_returns=1, timeout=crew.patience)
        if not done:
            raise _absent(sorted(shard for shard, _ in running.values()), crew.patience, played)
        shard, mail[shard] = running.pop(done[0])
        reports[shard] = crew.ray.get(done[0])
        played[shard] += 1
        idle.add(shard)
        run.count([reports[shard]])
        if len(reports) == run.shards:
            newest = list(reports.values())
            worst = run.violation(newest, newest)
            slowest = min(everybody, key=lambda s: played[s])
            run.traffic.tell(min(played), worst, f"shard {slowest}")
            if min(played) > 1 and worst <= tolerance / 3:
                break
    crew.ray.wait(list(running), num_returns=len(running), timeout=crew.patience)
    states = crew.get([actor.state.remote() for actor in crew.actors])
    return np.concatenate([price for price, _ in states] + [revenue for _, revenue in states])


def _absent(shards: list[int], patience: float, played: list[int]) -> Absent:
    names = [f"shard {s}" for s in shards]
    return Absent(
        names,
        f"nothing from {', '.join(names)} of {len(played)} for {patience:g} s. The others went on with its "
        f"last news (rounds by shard: {', '.join(map(str, played))}) until they were twice as far; what they "
        "hold answers old prices and is no equilibrium, so nothing is returned. Run again when it is back",
    )
