"""Random programs, each differentiated and compared with dual numbers at sixty digits."""

import linecache
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import pricegrad as pg
from pricegrad.errors import PricegradError

from . import generate_arrays, generate_scalar, oracle
from .dual import Margin, mp
from .registry import differ, flatten

QUIET = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
)
ALWAYS = {"deadline": None, "database": None, "suppress_health_check": QUIET}
number = st.floats(-1.5, 1.5).map(lambda v: round(v, 6) + 0.0123456789)


def function_of(text: str):
    """The last function of a module given as text, with source that `inspect` finds."""
    file = f"<program {abs(hash(text))}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope: dict = {"math": math, "np": np, "__name__": "program"}
    exec(compile(text, file, "exec"), scope)
    return scope["f"]


def gradients(f, args):
    return tuple(oracle.gradient(f, args, k) for k in range(len(args)))


def tame(f, args) -> bool:
    """The program runs in doubles, stays small, and no decision is so near a tie that rounding turns it."""
    try:
        value = float(f(*(np.array(a) if isinstance(a, np.ndarray) else a for a in args)))
        Margin.reset()
        exact = oracle.value(f, args)
    except (OverflowError, ZeroDivisionError):
        return False
    return bool(math.isfinite(value) and abs(value) < 1e6 and Margin.closest > 1e-9 and abs(exact) < 1e6)


def conditioned(f, args, exact) -> float:
    """How far sixteen-digit forward differentiation is from the exact derivative: what rounding does."""
    mp.dps = 16
    try:
        return float(np.max(np.abs(flatten(gradients(f, args)) - flatten(exact)), initial=0.0))
    finally:
        mp.dps = 60


def check(text, args):
    f = function_of(text)
    assume(tame(f, args))
    exact = gradients(f, args)
    size = float(np.max(np.abs(flatten(exact)), initial=0.0))
    assume(math.isfinite(size) and size < 1e8)
    got = pg.grad(f)(*args)
    if differ(got, exact, 1e-10):
        worst = float(np.max(np.abs(flatten(got) - flatten(exact))))
        allowed = 1e4 * conditioned(f, args, exact) + 1e-10 * size
        assert worst <= allowed, (
            f"off by {worst}\n{text}\nat {args}\ngot {got}\nexact {exact}\n{pg.grad(f).source}"
        )


def check_scalar(text, x, y):
    check(text, (x, y))


def check_arrays(text, x, m, s):
    check(text, (np.array(x), np.array(m).reshape(3, 4), s))


scalar = given(generate_scalar.programs(), number, number)
arrays = given(
    generate_arrays.programs(),
    st.lists(number, min_size=4, max_size=4),
    st.lists(number, min_size=12, max_size=12),
    number,
)


@settings(max_examples=150, derandomize=True, phases=(Phase.generate,), **ALWAYS)
@scalar
def test_scalar_programs(text, x, y):
    check_scalar(text, x, y)


@settings(max_examples=80, derandomize=True, phases=(Phase.generate,), **ALWAYS)
@arrays
def test_array_programs(text, x, m, s):
    check_arrays(text, x, m, s)


@pytest.mark.fuzz
@settings(max_examples=5000, **ALWAYS)
@scalar
def test_thousands_of_scalar_programs(text, x, y):
    check_scalar(text, x, y)


@pytest.mark.fuzz
@settings(max_examples=3000, **ALWAYS)
@arrays
def test_thousands_of_array_programs(text, x, m, s):
    check_arrays(text, x, m, s)


@pytest.mark.fuzz
@settings(max_examples=400, **ALWAYS)
@scalar
def test_second_derivatives_of_scalar_programs(text, x, y):
    f = function_of(text)
    assume(tame(f, (x, y)))
    exact = second_derivative(f, x, y)
    assume(abs(exact) < 1e6)
    mp.dps = 30
    try:
        rough = second_derivative(f, x, y)
    finally:
        mp.dps = 60
    assume(abs(rough - exact) <= 1e-4 * (1 + abs(exact)))
    got = pg.grad(pg.grad(f, wrt="x"), wrt="x")(x, y)
    assert got == pytest.approx(exact, rel=1e-6, abs=1e-6), text


def second_derivative(f, x, y):
    """By a difference of exact first derivatives, at the working precision."""
    h = mp.mpf(10) ** (-mp.dps // 3)
    up, down = (oracle.exact_slope(f, (mp.mpf(x) + step, y), 0) for step in (h, -h))
    return float((up - down) / (2 * h))


@pytest.mark.fuzz
@settings(max_examples=60, **ALWAYS)
@scalar
def test_compiled_scalar_programs(text, x, y):
    pytest.importorskip("numba")
    f = function_of(text)
    assume(tame(f, (x, y)))
    plain = pg.grad(f)(x, y)
    try:
        got = pg.grad(f, compile="numba")(x, y)
    except PricegradError:
        return
    assert got == pytest.approx(plain, rel=1e-9, abs=1e-9), text
