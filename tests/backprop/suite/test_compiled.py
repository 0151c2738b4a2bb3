"""The same emitted code compiled by numba: the same numbers, or a clear word that it cannot be compiled."""

import contextlib
import io
import math

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import PricegradError

from . import CASES
from .pending import COMPILED, PENDING
from .registry import copied, differ, judge

pytest.importorskip("numba")

SCALAR = [
    c
    for c in CASES
    if c.group in ("flow", "data", "numbers", "programs", "calls")
    and c.name not in PENDING + COMPILED
    and not c.may_refuse
    and all(isinstance(a, (float, int)) for p in c.points for a in p)
]
FEW = (
    "logistic_map",
    "nested_loops",
    "newton_sqrt",
    "early_return_in_nested_loop",
    "binary_tree",
    "divisor_in_a_loop",
)


def compiled(f, wrt=None):
    return pg.grad(f, wrt=wrt, compile="numba")


@pytest.mark.parametrize("case", [c for c in SCALAR if c.name in FEW], ids=lambda c: c.name)
def test_compiled_code_is_right(case):
    verdict = judge(case, compiled)
    assert verdict.kind == "right", verdict


@pytest.mark.fuzz
@pytest.mark.parametrize("case", SCALAR, ids=lambda c: c.name)
def test_compiled_code_is_right_or_refused(case):
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            g = compiled(case.f, case.wrt)
            for i, point in enumerate(case.points):
                got = g(*copied(point))
                assert not differ(got, case.truth(i), case.rtol), f"{got} != {case.truth(i)}\n{g.source}"
        except PricegradError:
            return


def looks_up_names(x):
    recipe = {"ore": x, "coal": x * x}
    return sum(v * len(k) for k, v in sorted(recipe.items()))


def test_code_that_cannot_be_compiled_is_refused_in_words():
    try:
        got = compiled(looks_up_names)(1.3)
    except PricegradError as refusal:
        assert "numba" in str(refusal) or "compile" in str(refusal)  # noqa: PT017
    else:
        assert math.isclose(got, 3 + 2 * 4 * 1.3, rel_tol=1e-12)


def test_compiled_arrays():
    def f(x):
        s = 0.0
        for i in range(len(x)):
            s = s * x[i] + x[i] ** 2
        return s

    x = np.array([0.7, 1.3, -0.4])
    try:
        got = compiled(f)(x)
    except PricegradError:
        return
    assert got == pytest.approx(pg.grad(f)(x), rel=1e-13)
