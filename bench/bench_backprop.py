"""Gradients of eight programs: pricegrad, adjoints written by hand, and the differentiators found here."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import re
import types
from collections.abc import Callable, Mapping

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402

import pricegrad as pg  # noqa: E402

from . import byhand_numba, peers  # noqa: E402
from .byhand import BY_HAND  # noqa: E402
from .programs import PROGRAMS  # noqa: E402
from .timing import best_of_turns, seconds  # noqa: E402

OUTPUT = "benchmarks-backprop.md"
PLAIN, HAND, OURS, EMITTED = "plain program", "written by hand", "pricegrad", "pricegrad, emitted code alone"
COMPILED, COMPILED_HAND, OURS_COMPILED = "plain, numba", "written by hand, numba", "pricegrad, numba"
COMPILES = [name for name in PROGRAMS if name not in ("two-layer network",)]

ABOUT = """\
Written by `make bench`. Each figure is the time of a gradient, the program's own forward run included,
over the time of the plain program in Python and NumPy. All contestants take turns in one process and the
fastest turn of each counts. Every gradient is first compared with one written by hand, to nine digits;
what disagrees is called wrong and not timed. The programs are in `bench/programs.py`, the adjoints
written by hand in `bench/byhand.py`. JAX loops are rewritten by hand in `lax`, and its compilation is
not in these ratios but in the last table. CasADi builds its graph once, also outside the ratios."""

Table = dict[str, dict[str, float | str]]


def flat(x: object) -> np.ndarray:
    if isinstance(x, (list, tuple)):
        return np.concatenate([flat(v) for v in x])
    return np.asarray(x, dtype=float).ravel()


def disagreement(call: Callable[[], object], truth: np.ndarray) -> str:
    """'' if the gradient agrees with the one written by hand to nine digits."""
    got = flat(call())
    if got.shape != truth.shape:
        return f"shape {got.shape}"
    worst = float(np.max(np.abs(got - truth)) / np.max(np.abs(truth)))
    return "" if worst < 1e-9 else f"wrong by {worst:.0e}"


def emitted(name: str) -> Callable[[], object]:
    """The emitted code, run as a person would who pasted it into a file of their own."""
    f, args, wrt = PROGRAMS[name]
    derivative = pg.grad(f, wrt=wrt if len(wrt) > 1 else wrt[0])
    derivative(*args)  # array code is written for the kinds of arguments it meets
    source = derivative.source
    module = types.ModuleType("emitted")
    exec(compile(source, "<emitted>", "exec"), module.__dict__)
    g = getattr(module, re.findall(r"^def (\w+)", source, re.MULTILINE)[-1])
    return lambda: g(*args)


def ours(name: str) -> Callable[[], object]:
    f, args, wrt = PROGRAMS[name]
    g = pg.grad(f, wrt=wrt if len(wrt) > 1 else wrt[0])
    return lambda: g(*args)


def ours_compiled(name: str) -> Callable[[], object]:
    f, _, wrt = PROGRAMS[name]
    g, args = pg.grad(f, wrt=wrt if len(wrt) > 1 else wrt[0], compile="numba"), byhand_numba.arguments(name)
    return lambda: g(*args)


def by_hand(name: str) -> Callable[[], object]:
    _, args, _ = PROGRAMS[name]
    return lambda: BY_HAND[name](*args)


def compete(name: str, contestants: Mapping[str, Callable], plain: Callable, quick: bool) -> Table:
    """Microseconds of the plain program; of each contestant the ratio to it, seconds to a first result."""
    truth = flat(by_hand(name)())
    ratios: dict[str, float | str] = {}
    first: dict[str, float | str] = {}
    calls = {PLAIN: plain}
    for label, make in contestants.items():
        try:
            first[label], call = seconds(lambda make=make: _made(make, name))
            wrong = disagreement(call, truth)
        except (peers.Refused, pg.errors.PricegradError) as refusal:
            ratios[label] = f"refused: {refusal}" if isinstance(refusal, peers.Refused) else "refused"
            continue
        if wrong:
            ratios[label] = wrong
        else:
            calls[label] = call
    best = best_of_turns(calls, turns=4 if quick else 100)
    ratios |= {label: best[label] / best[PLAIN] for label in calls if label != PLAIN}
    return {"microseconds": {PLAIN: best[PLAIN] * 1e6}, "ratio": ratios, "first": first}


def _made(make: Callable, name: str) -> Callable[[], object]:
    call = make(name)
    call()
    return call


def shown(value: float | str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:.2g}" if value < 0.995 else f"{value:.2f}" if value < 9.95 else f"{value:.0f}"


def geometric_mean(values: list[float | str | None]) -> str:
    numbers = [v for v in values if isinstance(v, float)]
    if not numbers:
        return ""
    mean = shown(math.exp(sum(map(math.log, numbers)) / len(numbers)))
    return mean if len(numbers) == len(values) else f"{mean} ({len(numbers)} of {len(values)})"


def table(rows: Mapping[str, Mapping[str, float | str]], columns: list[str], mean: bool) -> str:
    head = ["", *columns, *(["geometric mean"] if mean else [])]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for label, row in rows.items():
        values = [row.get(c) for c in columns]
        cells = [label, *map(shown, values), *([geometric_mean(values)] if mean else [])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def by_label(results: Mapping[str, Table], part: str, labels: list[str]) -> dict[str, dict[str, float | str]]:
    rows = {label: {n: t[part][label] for n, t in results.items() if label in t[part]} for label in labels}
    return {label: row for label, row in rows.items() if row}


def interpreted(quick: bool) -> tuple[dict[str, Table], list[str]]:
    contestants = {HAND: by_hand, OURS: ours, EMITTED: emitted, **peers.load()}
    results = {}
    for name, (f, args, _) in PROGRAMS.items():
        results[name] = compete(name, contestants, lambda f=f, args=args: f(*args), quick)
    return results, list(contestants)


def compiled(quick: bool) -> dict[str, Table]:
    """Under numba: the program itself, the adjoint written by hand, and the emitted code."""
    results = {}
    for name in COMPILES:
        f, args, _ = PROGRAMS[name]
        contestants = {
            COMPILED: byhand_numba.primal,
            COMPILED_HAND: byhand_numba.gradient,
            OURS_COMPILED: ours_compiled,
        }
        truth_free = {COMPILED: contestants.pop(COMPILED)(name)}
        result = compete(name, contestants, lambda f=f, args=args: f(*args), quick)
        alone = best_of_turns(
            {PLAIN: lambda f=f, args=args: f(*args), **truth_free}, turns=4 if quick else 100
        )
        result["ratio"][COMPILED] = alone[COMPILED] / alone[PLAIN]
        result["over compiled"] = {
            label: r / result["ratio"][COMPILED]
            for label, r in result["ratio"].items()
            if isinstance(r, float) and label != COMPILED
        }
        results[name] = result
    return results


def versions() -> str:
    names = ["pricegrad", "numpy", "numba", "autograd", "jax", "torch", "tangent-ad", "casadi"]
    found = []
    for name in names:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return f"Python {platform.python_version()}, {', '.join(found)}; {os.cpu_count()} cores, one thread each"


def page(quick: bool) -> str:
    names = list(PROGRAMS)
    results, labels = interpreted(quick)
    times = {PLAIN: {n: results[n]["microseconds"][PLAIN] for n in names}}
    fast = compiled(quick) if byhand_numba.available() else {}
    parts = [
        "# What a gradient costs",
        ABOUT,
        versions(),
        "## Microseconds of the plain program",
        table(times, names, mean=False),
        "## Gradient over plain program",
        table(by_label(results, "ratio", labels), names, mean=True),
    ]
    if fast:
        compiled_labels = [COMPILED, COMPILED_HAND, OURS_COMPILED]
        parts += [
            "## Compiled by numba, over the plain program in Python",
            "A list of numbers is given as an array here.",
            table(by_label(fast, "ratio", compiled_labels), COMPILES, mean=True),
            "## Compiled by numba, over the compiled program",
            table(by_label(fast, "over compiled", compiled_labels), COMPILES, mean=True),
        ]
    first = by_label(results, "first", labels)
    if fast:
        first |= by_label(fast, "first", [COMPILED_HAND, OURS_COMPILED])
    parts += ["## Seconds before the first result", table(first, names, mean=False)]
    return "\n\n".join(parts) + "\n"
