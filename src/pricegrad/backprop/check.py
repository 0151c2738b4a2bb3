"""The first result of a derivative against an oracle that shares no code with it: differences of the
function.

Along a random direction the function is evaluated at a ladder of steps; Richardson extrapolation gives a
slope and an estimate of its error. A derivative that disagrees by more than the slope could be wrong is
refused. Where differences do not settle (a kink, noise) nothing can be said, and nothing is.
"""

from __future__ import annotations

import contextlib
import copy
import io
import itertools
import math
import random
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any, TextIO

import numpy as np

from pricegrad.errors import DerivativeMismatch

from .source import Source

_STEPS = (1e-3, 1e-4, 1e-5)


def checked(
    source: Source, f: Any, what: str, derived: Any, live: Any, given: dict[str, Any], seed: tuple[Any, ...]
) -> Any:
    """Call the derivative for the first time and check its result."""
    from .derivative import arguments, keywords
    from .signature import Parameters

    parameters = Parameters(source)
    before = copy.deepcopy({n: given[n] for n in given if n in derived.wrt or _plain(given[n])})
    before = {**given, **before}
    result = live(*arguments(parameters, given, seed), **keywords(parameters, given, seed))
    gradient = result if what == "grad" else result[1]
    parts = (gradient,) if len(derived.wrt) == 1 else gradient
    rng = random.Random(7)
    direction = {n: _random(before[n], rng) for n in derived.wrt}
    claimed = sum(_dot(g, direction[n]) for n, g in zip(derived.wrt, parts, strict=True))

    def along(t: float) -> float:
        moved = {
            n: _moved(before[n], direction[n], t) if n in direction else copy.deepcopy(v) if _plain(v) else v
            for n, v in before.items()
        }
        with _quiet():
            value = f(*arguments(parameters, moved, ()), **keywords(parameters, moved, ()))
        return float(value) if not seed else _dot(seed[0], value)

    if math.isnan(claimed) and all(map(_finite, before.values())) and _defined(along):
        raise DerivativeMismatch(
            f"the derivative of `{source.name}` is no number here, though its value is\n"
            f"  {source.file}, line {source.first}\n"
            "  An infinite derivative met a factor of zero: something like np.log(0.0) is computed and then"
            " not taken.\n"
            "  Compute it only where it is taken, as in"
            " `np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0)`; check=False returns the NaN."
        )
    found = slope(along)
    if found is not None and math.isfinite(claimed):
        value, error = found
        if abs(claimed - value) > error:
            raise DerivativeMismatch(
                f"the derivative of `{source.name}` disagrees with differences of the function itself\n"
                f"  {source.file}, line {source.first}\n"
                f"  along a random direction: {claimed:.9g} derived, {value:.9g} by differences\n"
                "  The result is withheld. check=False returns it all the same; please report the function."
            )
    return result


def slope(along: Any) -> tuple[float, float] | None:
    """The derivative of `along` at 0 and how far it may be off; None where differences do not settle."""
    try:
        middle = along(0.0)
        slopes, bends = [], []
        for h in _STEPS:
            up, down = along(h), along(-h)
            one = (up - down) / (2 * h)
            half = (along(h / 2) - along(-h / 2)) / h
            slopes.append((4 * half - one) / 3)
            bends.append(abs(up - 2 * middle + down) / h)
    except (
        Exception
    ):  # the function may not be defined beside the point: then there is nothing to compare with
        return None
    if not all(map(math.isfinite, slopes)):
        return None
    gaps = [(abs(a - b), a) for a, b in itertools.pairwise(slopes)]
    gap, best = min(gaps)
    scale = max(abs(best), 1e-8)
    if bends[-1] > 0.1 * bends[0] and bends[-1] > 1e-4 * scale + 1e-9 * abs(middle):
        return None  # a kink: the slopes on the two sides differ, and no smaller step brings them together
    if max(g for g, _ in gaps) >= 1e-4 * scale + 1e-7:
        return None
    return best, max(1e3 * gap, 1e-6 * abs(best), 1e-9 * abs(middle), 1e-12)


class _Unsaid(io.TextIOBase):
    """Drops what one thread prints; passes on what others do meanwhile."""

    def __init__(self, through: TextIO) -> None:
        self.through, self.thread = through, threading.get_ident()

    def write(self, text: str) -> int:
        return len(text) if threading.get_ident() == self.thread else self.through.write(text)

    def flush(self) -> None:
        if self.through is not None:
            self.through.flush()


_ONE_AT_A_TIME = threading.RLock()  # standard output and warning filters belong to the whole process


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the function says has been said once, when its derivative was called."""
    with (
        _ONE_AT_A_TIME,
        contextlib.redirect_stdout(_Unsaid(sys.stdout)),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


def _defined(along: Any) -> bool:
    """Has the function a finite value at the point itself?"""
    try:
        return math.isfinite(along(0.0))
    except Exception:
        return False


def _finite(value: Any) -> bool:
    """Are all numbers in it finite?"""
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_finite, value))
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        return bool(np.all(np.isfinite(value)))
    return not isinstance(value, (float, np.floating)) or math.isfinite(value)


def _plain(value: Any) -> bool:
    return isinstance(value, (int, float, list, tuple, dict, np.ndarray))


def _random(value: Any, rng: random.Random) -> Any:
    """A direction of the same form, of the size of the value."""
    if isinstance(value, np.ndarray):
        noise = np.array([rng.uniform(-1, 1) for _ in range(value.size)]).reshape(value.shape)
        return noise * np.maximum(np.abs(value), 0.1)
    if isinstance(value, (list, tuple)):
        return [_random(v, rng) for v in value]
    if isinstance(value, dict):
        return {k: _random(v, rng) for k, v in value.items()}
    if isinstance(value, (int, float, np.floating)) and not isinstance(value, bool):
        return rng.choice((-1, 1)) * rng.uniform(0.5, 1) * max(abs(float(value)), 0.1)
    return 0.0


def _moved(value: Any, direction: Any, t: float) -> Any:
    if isinstance(value, np.ndarray):
        return value + t * direction
    if isinstance(value, (list, tuple)):
        return type(value)(_moved(v, d, t) for v, d in zip(value, direction, strict=True))
    if isinstance(value, dict):
        return {k: _moved(v, direction[k], t) for k, v in value.items()}
    if isinstance(value, (int, float, np.floating)) and not isinstance(value, bool):
        return value + t * direction
    return value


def _dot(a: Any, b: Any) -> float:
    if a is None:  # nothing to differentiate
        return 0.0
    if isinstance(b, dict):
        return sum(_dot(a[k], b[k]) for k in b)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return sum(_dot(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(b, (int, float, np.ndarray, np.generic)) and not isinstance(b, bool):
        return float(np.sum(np.asarray(a, float) * np.asarray(b, float)))
    return 0.0
