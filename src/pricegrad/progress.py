"""How far a long computation is: one line on a terminal, a log on request, silence otherwise.

The doors say what begins (`working`), engines say where they are (`note`) and need not know whether anybody
listens. A line appears after a second, and only where standard error is a terminal; with `loudness(1)` every
stage is logged, with `loudness(-1)` nothing is.
"""

from __future__ import annotations

import math
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PATIENCE = 1.0
EVERY = 0.2
_level = 0
_stack: list[Work] = []


@dataclass
class Work:
    """One computation under way: when it began, the last step told, and the first of this method."""

    what: str
    target: float
    began: float = field(default_factory=lambda: time.monotonic())
    told: float = 0.0
    step: int = 0
    residual: float = math.nan
    more: str = ""
    first: tuple[float, int, float] = (0.0, 0, math.nan)
    shown: bool = False
    stage: str = ""


def loudness(level: int) -> None:
    """-1: say nothing; 0: one line on a terminal after a second; 1: a log of every stage."""
    global _level
    _level = level


@contextmanager
def working(what: str, target: float = 1e-11) -> Iterator[None]:
    """Something begins that may take long; `target` is the residual at which it ends."""
    if _level < 0 or not (_level > 0 or sys.stderr.isatty()):
        yield
        return
    work = Work(what, target)
    _stack.append(work)
    if _level > 0:
        _log(work, "begins")
    try:
        yield
    finally:
        _stack.remove(work)
        if _level > 0:
            _log(work, f"ends{_where(work)}")
        elif work.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def stage(name: str) -> None:
    """Another method begins inside the computation that began last: steps are counted anew."""
    if not _stack:
        return
    work = _stack[-1]
    work.stage, work.step, work.residual, work.first = name, 0, math.nan, (0.0, 0, math.nan)
    if _level > 0:
        _log(work, f"by {name}")


def note(step: int, residual: float, more: str = "") -> None:
    """Where the computation is that began last, and what `more` to say; free where nobody listens."""
    if not _stack:
        return
    work, now = _stack[-1], time.monotonic()
    if step <= work.step or not math.isfinite(work.first[2]):
        work.first = (now, step, residual)
    work.step, work.residual, work.more = step, residual, more
    if now - work.told < EVERY or (_level == 0 and now - work.began < PATIENCE):
        return
    work.told = now
    if _level > 0:
        _log(work, _where(work, now).lstrip(" :"))
    else:
        line = f"{work.what}{f' by {work.stage}' if work.stage else ''}{_where(work, now)}"
        print(
            f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}", end="", file=sys.stderr, flush=True
        )
        work.shown = True


def _where(work: Work, now: float | None = None) -> str:
    """ ": step 12, residual 1.0e-03, 40 steps/s, about 3 s left"."""
    if math.isnan(work.residual):
        return ""
    text = f": step {work.step}, residual {work.residual:.1e}"
    if now is None:
        return text
    since, step, residual = work.first
    span, steps = now - since, work.step - step
    if span > 0 and steps > 0:
        text += f", {steps / span:.3g} steps/s"
        left = _left(span, residual, work.residual, work.target)
        text += f", about {left:.0f} s left" if left is not None else ""
    return f"{text}, {work.more}" if work.more else text


def _left(span: float, first: float, last: float, target: float) -> float | None:
    """Seconds until the target if the residual goes on falling at the rate it fell; None when it does not."""
    if not 0 < last < first or target <= 0 or not math.isfinite(first):
        return None
    return max(span * math.log(last / target) / math.log(first / last), 0.0)


def _log(work: Work, text: str) -> None:
    depth = "  " * (len(_stack) - 1 if work in _stack else len(_stack))
    elapsed = time.monotonic() - work.began
    print(f"[{elapsed:8.2f} s] {depth}{work.what} {text}".rstrip(), file=sys.stderr, flush=True)
