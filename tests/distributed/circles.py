"""Shards as threads of this process: the same code as under Ray, without its seconds."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from pricegrad.distributed.fair import Fair, Plan
from pricegrad.distributed.stall import Stall
from pricegrad.market.market import Market
from pricegrad.market.shocks import schedule
from pricegrad.market.traders import Traders

# Python 3.11 computes a cached_property of any instance under one lock, where threads would meet.
if hasattr(Traders.__dict__["endowed"], "lock"):
    Traders.__dict__["endowed"].lock = nullcontext()


class Ring:
    """One shard's view of a circle of threads."""

    def __init__(self, me, boxes, bell):
        self.me, self.size, self.boxes, self.bell = me, len(boxes), boxes, bell
        self.messages = self.sent = self.turn = 0
        self.waited = 0.0

    def swap(self, letters, senders):
        self.turn += 1
        with self.bell:
            for to, letter in letters.items():
                self.boxes[to][self.turn, self.me] = letter.copy()
                self.messages += 1
                self.sent += letter.nbytes
            self.bell.notify_all()
            mine = self.boxes[self.me]
            ok = self.bell.wait_for(lambda: all((self.turn, s) in mine for s in senders), 20)
            assert ok, f"shard {self.me} waits in turn {self.turn} for {senders}: {list(mine)}"
            return {s: mine.pop((self.turn, s)) for s in senders}


class ThreadCrew:
    """A crew whose shards are threads. `fail`: (what, call number) at which a shard is lost once."""

    def __init__(self, size):
        self.size = size

    def open(self, orders):
        boxes, bell = [{} for _ in orders], threading.Condition()
        self.rings = [Ring(s, boxes, bell) for s in range(self.size)]

        def stall(order):
            return Stall(order, self.rings[order.piece.me])

        self.stalls = self._all(stall, orders)

    def ask(self, what, *each):
        return self._all(lambda stall, *given: getattr(stall, what)(*given), self.stalls, *each)

    def _all(self, do, *each):
        with ThreadPoolExecutor(self.size) as pool:
            running = [pool.submit(do, *given) for given in zip(*each, strict=True)]
            failed = [error for task in running if (error := task.exception()) is not None]
        for error in sorted(failed, key=lambda e: isinstance(e, AssertionError)):
            raise error
        return [task.result() for task in running]


def run_in_threads(market: Market, shards, folder, *, rounds, every=7, crew=None, **more):
    """`Market.run` over shards that are threads; the trajectory and the fair."""
    plan = Plan(
        rounds, more.get("start"), schedule(more.get("shocks", ())), more.get("tolerance", 1e-10),
        more.get("record"), more.get("watch"), more.get("resume"),
    )  # fmt: skip
    fair = Fair(market, crew or ThreadCrew(shards), plan, folder, every)
    return fair.run(), fair
