"""A driver in a process of its own, to be interrupted or killed: FOLDER rows|market [ADDRESS].

It says every round it has played, takes its time over it, and at the end where its shards were.
"""

import signal
import sys
import time

from pricegrad.distributed.sharded import Sharded, digest_of
from pricegrad.market.ces import random_economy
from tests import zoo


def economy():
    return random_economy(300, seed=7, engine="numpy")


def say(*words):
    print(*words, flush=True)


def rows(folder, address):
    from pathlib import Path

    from pricegrad.distributed.cluster import cluster

    def progress(number, worst):
        say("round", number)
        time.sleep(0.1)

    with cluster(address, cpus=2) as ray:
        while sum(node["Alive"] for node in ray.nodes()) < 2:
            time.sleep(0.1)
        with Sharded(ray, economy(), 2, Path(folder), every=4, progress=progress) as run:
            nodes = ray.get([actor.node.remote() for actor in run.crew.actors])
            say("nodes", *nodes)
            found = run.run(1e-8, 2000)
            say("digest", digest_of(economy(), 2, found.log_price))


def market(folder, address):
    from pricegrad import progress

    note = progress.note
    # from round 30 on it waits to be interrupted, however late that comes
    progress.note = lambda step, *more: (
        say("round", step),
        note(step, *more),
        time.sleep(0.1 if step < 30 else 5),
    )
    zoo.town().market(seed=3, delay=1).run(rounds=200, on="ray", shards=2, state=folder)
    say("ended")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits deafness
    folder, what, *address = sys.argv[1:]
    {"rows": rows, "market": market}[what](folder, address[0] if address else None)
