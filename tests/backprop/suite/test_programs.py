"""The eight timed programs: adjoints by hand, the oracle and emitted code agree; emitted code stays short."""

import inspect

import numpy as np
import pytest
from bench.byhand import BY_HAND
from bench.programs import PROGRAMS

import pricegrad as pg

from . import CASES, oracle
from .pending import LONG, PENDING
from .registry import flatten

SLOW = ("two-layer network", "Rosenbrock, 1e5", "recursion, depth 10", "product of 1000")


@pytest.mark.parametrize("name", [n for n in PROGRAMS if n not in SLOW])
def test_adjoints_by_hand_are_right(name):
    f, args, wrt = PROGRAMS[name]
    truth = [oracle.gradient(f, args, oracle.parameter_index(f, w)) for w in wrt]
    assert flatten(BY_HAND[name](*args)) == pytest.approx(flatten(truth), rel=1e-10)


@pytest.mark.parametrize("name", PROGRAMS)
def test_emitted_code_agrees_with_adjoints_by_hand(name):
    f, args, wrt = PROGRAMS[name]
    got = flatten(pg.grad(f, wrt=wrt if len(wrt) > 1 else wrt[0])(*args))
    truth = flatten(BY_HAND[name](*args))
    assert np.max(np.abs(got - truth)) <= 1e-10 * np.max(np.abs(truth))


def code_lines(text: str) -> int:
    return sum(bool(line.split("#")[0].strip()) for line in text.splitlines())


SCALAR = [
    c
    for c in CASES
    if c.group in ("flow", "data", "numbers")
    and c.name not in PENDING + LONG
    and not c.may_refuse
    and not any(isinstance(a, np.ndarray) for p in c.points for a in p)
]


@pytest.mark.parametrize("case", SCALAR, ids=lambda c: c.name)
def test_emitted_scalar_code_is_short(case):
    g = pg.grad(case.f, wrt=case.wrt)
    g(*case.points[0])
    assert code_lines(g.source) <= 3 * code_lines(inspect.getsource(case.f)) + 6, g.source
