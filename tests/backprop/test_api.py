"""The doors: what is chosen, what shape a derivative has, how calls are dispatched."""

import functools
import inspect
import math
from dataclasses import dataclass

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import SourceError


def product(x, y):
    return x * y**2


def test_one_name_gives_the_derivative_and_a_tuple_gives_a_tuple():
    assert pg.grad(product, wrt="x")(3.0, 2.0) == 4.0
    assert pg.grad(product, wrt=1)(3.0, 2.0) == 12.0
    assert pg.grad(product, wrt=("y", 0))(3.0, 2.0) == (12.0, 4.0)
    assert pg.grad(product)(3.0, 2.0) == (4.0, 12.0)
    assert pg.value_and_grad(product, wrt="x")(3.0, 2.0) == (12.0, 4.0)


def test_an_unknown_parameter_is_named_with_the_nearest():
    with pytest.raises(SourceError, match="no parameter \"?'?yy"):
        pg.grad(product, wrt="yy")


def test_a_second_call_with_other_kinds_gets_code_of_its_own():
    g = pg.grad(lambda x: np.sum(x * x))
    assert g(3.0) == 6.0
    assert g(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert g(np.array([[1.0], [2.0]])).tolist() == [[2.0], [4.0]]
    assert g(2) == 4.0
    assert g(np.float64(1.5)) == 3.0


def depth(x, n):
    for _ in range(n):
        x = x * x
    return x


def test_a_count_is_not_differentiated_and_a_number_given_as_an_integer_is():
    assert pg.grad(depth)(1.1, 3) == pytest.approx(8 * 1.1**7)
    assert pg.grad(product)(3, 2) == (4.0, 12.0)
    assert all(isinstance(v, float) for v in pg.grad(product)(3, 2))


FACTOR = 2.0


def scaled(x):
    return FACTOR * x


def test_a_constant_replaced_between_calls_is_seen(monkeypatch):
    g = pg.grad(scaled)
    assert g(1.0) == 2.0
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert g(1.0) == 5.0
    assert g(1.0) == 5.0


def test_a_closure_variable_replaced_between_calls_is_seen():
    k = 2.0

    def f(x):
        return k * x

    g = pg.grad(f)
    assert g(1.0) == 2.0
    k = 7.0
    assert g(1.0) == 7.0


@dataclass
class Plant:
    size: float
    loss: float = 0.1


def made(plant, x):
    return plant.size * x**2 - plant.loss


def test_an_object_is_read_by_attribute():
    assert pg.grad(made)(Plant(3.0), 2.0) == 12.0


def test_lists_tuples_and_dicts_come_back_in_their_own_form():
    def f(p):
        return p["a"] * p["b"][0] + p["b"][1] ** 2 * p["c"][1]

    got = pg.grad(f)({"a": 2.0, "b": [3.0, 4.0], "c": (5.0, 6.0)})
    assert got == {"a": 3.0, "b": [2.0, 48.0], "c": (0.0, 16.0)}


def test_the_callers_arguments_are_never_changed():
    def f(xs):
        xs[0] = xs[0] * xs[1]
        return xs[0] * 2

    xs, v = [3.0, 4.0], np.array([3.0, 4.0])
    assert pg.grad(f)(xs) == [8.0, 6.0]
    assert xs == [3.0, 4.0]
    assert pg.grad(f)(v).tolist() == [8.0, 6.0]
    assert v.tolist() == [3.0, 4.0]


def test_the_emitted_code_can_be_inspected_and_traced():
    g = pg.grad(product, wrt="x")
    g(1.0, 2.0)
    assert inspect.getsource(g) in g.source
    with pytest.raises(ValueError, match="math domain") as error:
        pg.grad(lambda x: math.log(x))(-1.0)
    assert "math.log(x)" in str(error.traceback[-1].statement)


def test_a_decorator_that_changes_the_function_is_followed():
    def doubled(f):
        @functools.wraps(f)
        def inner(x):
            return 2 * f(x)

        return inner

    @doubled
    def f(x):
        return x**3

    assert pg.grad(f)(2.0) == 24.0


def test_second_derivatives():
    assert pg.grad(pg.grad(lambda x: x**3))(2.0) == 12.0
    assert pg.hessian(product)(3.0, 2.0).tolist() == [[0.0, 4.0], [4.0, 6.0]]
    v = np.array([1.0, 2.0])
    assert pg.hessian(lambda x: np.sum(x**3))(v).tolist() == [[6.0, 0.0], [0.0, 12.0]]


def test_products_with_the_jacobian():
    def f(x, y):
        return x * y, math.sin(x)

    value, pull = pg.vjp(f, 1.2, 0.4)
    assert value == f(1.2, 0.4)
    assert pull((1.0, 2.0)) == pytest.approx((0.4 + 2 * math.cos(1.2), 1.2))
    assert pg.vjp(f)(1.2, 0.4, (1.0, 2.0))[1] == pytest.approx((0.4 + 2 * math.cos(1.2), 1.2))
    value, along = pg.jvp(f, (1.2, 0.4), (1.0, 2.0))
    assert along == pytest.approx((0.4 + 2.4, math.cos(1.2)))


def test_a_pullback_takes_keyword_coefficients():
    def f(x, *, scale=2.0):
        return scale * x

    assert pg.vjp(f, wrt="x")(3.0, 1.0, scale=5.0) == (15.0, 5.0)
    assert pg.vjp(f, wrt="x")(3.0, 1.0) == (6.0, 2.0)


def test_the_source_says_why_there_is_none_before_the_first_call():
    def mix(shares, prices):
        return shares @ prices

    slope = pg.grad(mix)
    assert slope.source.startswith("# made at the first call: cannot tell what `prices` is")
    slope(np.ones(2), np.ones(2))
    assert "return df_dshares.copy(), df_dprices.copy()" in slope.source
