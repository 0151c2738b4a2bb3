"""The oracle is right: two ways of differentiating, and the plain function's own value, agree."""

import contextlib
import io
import math

import numpy as np
import pytest

from . import CASES, oracle
from .registry import Case, copied, differ

SMOOTH = [c for c in CASES if c.smooth and c.expected is None]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_runs_the_function_itself(case):
    """Every case is a function that works, and the look-alike modules compute what it computes."""
    for point in case.points:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore" if case.quiet else "warn"):
            plain = float(np.asarray(case.f(*copied(point))))
            mine = oracle.value(case.ref or case.f, point)
        assert math.isclose(plain, mine, rel_tol=1e-11, abs_tol=1e-11)


@pytest.mark.parametrize("case", SMOOTH, ids=lambda c: c.name)
def test_agrees_with_difference_quotients_at_sixty_digits(case):
    with contextlib.redirect_stdout(io.StringIO()):
        for i, _ in enumerate(case.points):
            assert not differ(case.truth(i), case.truth(i, by=oracle.slope_by_difference), 1e-14)


def test_closed_forms():
    """A few derivatives by hand, so that the oracle is not only consistent with itself."""

    def f(x, v):
        return math.exp(-x * x) + np.sum(np.sqrt(v) * x)

    v = np.array([1.0, 4.0])
    by_x = Case(f, ((0.5, v),), wrt="x").truth(0)
    by_v = Case(f, ((0.5, v),), wrt="v").truth(0)
    assert math.isclose(by_x, -math.exp(-0.25) + 3.0, rel_tol=1e-15)
    assert np.allclose(by_v, [0.25, 0.125], rtol=1e-15)
