"""Timing on a shared machine: contestants take turns in one process, and the fastest turn of each counts."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

Call = Callable[[], object]


def _turn(call: Call, repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def best_of_turns(calls: Mapping[str, Call], turns: int = 30, turn: float = 0.002) -> dict[str, float]:
    """Seconds a call, by name: the minimum over `turns` interleaved turns of about `turn` seconds each."""
    repeats = {}
    for name, call in calls.items():
        call()
        repeats[name] = max(1, int(turn / max(min(_turn(call, 1) for _ in range(5)), 1e-7)))
    best = dict.fromkeys(calls, float("inf"))
    gc.collect()
    gc.disable()
    try:
        for _ in range(turns):
            for name, call in calls.items():
                best[name] = min(best[name], _turn(call, repeats[name]))
    finally:
        gc.enable()
    return best


def seconds(call: Call) -> tuple[float, object]:
    """How long one call takes, and its result: for compilation and first calls."""
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result
