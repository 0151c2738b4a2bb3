"""Second derivatives, products with Jacobians, and derivatives used as functions."""

import contextlib
import inspect
import io
import math
from zlib import crc32

import numpy as np
import pytest

import pricegrad as pg

from . import CASES, oracle
from .pending import AGAIN, PENDING
from .registry import Case, copied, differ, flatten

SCALAR = [
    c
    for c in CASES
    if c.name not in PENDING
    and not c.may_refuse
    and c.expected is None
    and c.smooth
    and c.wrt is None
    and all(isinstance(a, float) for p in c.points for a in p)
]


def cubic(x):
    return x**3 * math.sin(x)


def saddle(x, y):
    return math.exp(x * y) + x**2 * y - math.cos(y) / x


def looped(x):
    for i in range(4):
        x = math.sin(x) * x + i * 0.1
    return x


def converging(a):
    x = a
    while abs(x * x - a) > 1e-3:
        x = 0.5 * (x + a / x)
    return x


def rosenbrock(v):
    return np.sum(100.0 * (v[1:] - v[:-1] ** 2) ** 2 + (1 - v[:-1]) ** 2)


def mixed_second(f, i, j, point):
    """Second derivative by a difference of exact first derivatives at sixty digits."""
    h = 1e-18

    def slope_at(step):
        moved = list(point)
        moved[j] = oracle.mp.mpf(moved[j]) + step
        return oracle.exact_slope(f, moved, i)

    return float((slope_at(h) - slope_at(-h)) / (2 * oracle.mp.mpf(h)))


@pytest.mark.parametrize("f", [cubic, looped, converging])
def test_derivative_of_derivative(f):
    second = pg.grad(pg.grad(f))(1.3)
    assert second == pytest.approx(mixed_second(f, 0, 0, [1.3]), rel=1e-10)


def test_third_derivative():
    def f(x):
        return x**5 + math.exp(2 * x)

    third = pg.grad(pg.grad(pg.grad(f)))(0.7)
    assert third == pytest.approx(60 * 0.7**2 + 8 * math.exp(1.4), rel=1e-11)


def test_mixed_second_derivatives():
    for i, name in enumerate("xy"):
        for j, other in enumerate("xy"):
            got = pg.grad(pg.grad(saddle, wrt=name), wrt=other)(1.3, 0.4)
            assert got == pytest.approx(mixed_second(saddle, i, j, [1.3, 0.4]), rel=1e-10)


def test_hessian_of_an_array_function():
    v = np.array([0.7, -0.3, 1.2, 0.9])
    n = len(v)
    truth = np.zeros((n, n))
    for i in range(n - 1):
        truth[i, i] += 1200 * v[i] ** 2 - 400 * v[i + 1] + 2
        truth[i, i + 1] = truth[i + 1, i] = -400 * v[i]
        truth[i + 1, i + 1] += 200
    got = pg.hessian(rosenbrock)(v)
    assert got.shape == (n, n)
    assert got == pytest.approx(truth, rel=1e-10)


def test_hessian_of_a_scalar_function():
    assert float(np.asarray(pg.hessian(cubic)(1.3))) == pytest.approx(
        mixed_second(cubic, 0, 0, [1.3]), rel=1e-10
    )


TAKEN_AGAIN = [c for c in SCALAR if c.name not in AGAIN]
SOME = [c for c in TAKEN_AGAIN if crc32(c.name.encode()) % 5 == 0]


def differentiate_again(case):
    """Second derivative along the first parameter, from the emitted code of the first."""
    point = case.points[0]
    name = next(iter(inspect.signature(case.f).parameters))
    with contextlib.redirect_stdout(io.StringIO()):
        if next(iter(inspect.signature(case.f).parameters.values())).kind is inspect.Parameter.VAR_POSITIONAL:
            _, rows = pg.vjp(pg.grad(case.f))(*point, seed=(1.0, *[0.0] * (len(point) - 1)))
            got = rows[0]
        else:
            got = pg.grad(pg.grad(case.f, wrt=name), wrt=name)(*point)
        truth = mixed_second(case.ref or case.f, 0, 0, list(point))
    assert got == pytest.approx(truth, rel=1e-8, abs=1e-8 * (1 + abs(truth)))


@pytest.mark.parametrize(
    "case",
    [c for c in SCALAR if crc32(c.name.encode()) % 5 == 0 and c.name not in AGAIN],
    ids=lambda c: c.name,
)
def test_emitted_code_can_be_differentiated_again(case):
    differentiate_again(case)


@pytest.mark.fuzz
@pytest.mark.parametrize("case", TAKEN_AGAIN, ids=lambda c: c.name)
def test_all_emitted_code_can_be_differentiated_again(case):
    differentiate_again(case)


def outputs(x, y):
    return np.array([x[0] * y, x[1] ** 2 * y, np.sum(x) / y])


def test_vjp_and_jvp_are_transposes():
    x, y = np.array([0.7, -1.2]), 1.7
    jacobian = np.array([[y, 0, 0.7], [0, 2 * -1.2 * y, 1.44], [1 / y, 1 / y, -(-0.5) / y**2]])
    seed, direction = np.array([0.3, -1.0, 2.0]), (np.array([0.2, 0.5]), -0.4)
    value, pullback = pg.vjp(outputs, x, y)
    assert value == pytest.approx(outputs(x, y), rel=1e-14)
    back = flatten(pullback(seed))
    assert back == pytest.approx(seed @ jacobian, rel=1e-12)
    value, forward = pg.jvp(outputs, (x, y), direction)
    assert value == pytest.approx(outputs(x, y), rel=1e-14)
    assert forward == pytest.approx(jacobian @ flatten(direction), rel=1e-10)


def test_a_gradient_inside_a_function_is_followed():
    inner = pg.grad(cubic)

    def newton_step(x):
        return x - cubic(x) / inner(x)

    got = pg.grad(newton_step)(1.3)
    first, second = pg.grad(cubic)(1.3), pg.grad(pg.grad(cubic))(1.3)
    assert got == pytest.approx(cubic(1.3) * second / first**2, rel=1e-10)


def test_one_derivative_many_kinds_of_arguments():
    def f(x):
        return np.sum(x * x)

    g = pg.grad(f)
    assert g(2.0) == 4.0
    assert g(np.array([1.0, 2.0])) == pytest.approx([2.0, 4.0])
    assert g(np.ones((2, 2))).shape == (2, 2)
    assert g(3.0) == 6.0


def test_arguments_are_left_alone():
    x = np.array([1.0, 2.0, 3.0])
    kept = x.copy()
    slope = pg.grad(rosenbrock)(x)
    slope += 1
    assert np.array_equal(x, kept)
    again = pg.grad(rosenbrock)(x)
    assert not np.shares_memory(again, x)


def test_case_helpers_compare_shapes():
    assert differ([1.0], [1.0 + 1e-14], 1e-12) == ""
    assert differ([1.0], [1.1], 1e-12)
    assert Case(cubic, ((1.0,),)).truth(0) == pytest.approx(3 * math.sin(1) + math.cos(1))
    assert copied(([1.0],))[0] == [1.0]
