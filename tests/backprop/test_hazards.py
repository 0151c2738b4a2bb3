"""Where what the reverse sweep needs is overwritten by the statement, the loop or the call that needs it."""

import builtins
import functools
import math

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import SourceError

from .suite import oracle
from .suite.registry import flatten


def overwrites_what_it_loops_over(xs):
    xs = list(xs)
    for i, v in enumerate(xs):
        xs[i] = v * v * xs[0]
    return xs[0] * xs[1] + xs[2]


def overwrites_another_element(x):
    xs = [x, 2 * x, 3 * x]
    s = 0.0
    for v in xs:
        xs[1] = v * xs[2] * 0.5
        s += v * v
    return s


def writes_through_rows(x):
    m = [[x, 1.0], [2 * x, x]]
    for row in m:
        row[0] = row[1] * row[0]
        row.append(row[0])
    return m[0][2] * m[1][0]


def overwrites_the_count(x):
    n = 4
    for i in range(n):
        n = n - 1
        x = x * (n + 2) * 0.3 + i
    return x * n


def overwrites_a_dict_it_loops_over(x):
    d = {"a": x, "b": x * x}
    for key, value in d.items():
        d[key] = value * d["a"]
    return d["a"] * d["b"]


def calls_itself_around_an_overwritten_variable(u, n=2):
    if n <= 0:
        return u * u
    w = calls_itself_around_an_overwritten_variable(u * 0.5, n - 1)
    w = math.sin(w + calls_itself_around_an_overwritten_variable(u * 0.7, n - 1))
    return w * u


def constant_base_case(u, n=2):
    if n <= 0:
        return 0.3
    w = constant_base_case(u, n - 1)
    return math.atan2(u, 1.9 + w**2) - u * w


def zips_displays(x):
    s = 0.0
    for a, b in zip([x, 2 * x, 3.0], reversed([1.0, x, x**2])):
        s += a * b
    return s


def walrus_twice(x):
    return (a := x * 2) * a + (a := a * x) * a


def reads_before_it_pops(x):
    xs = [x, x * x, 2 * x]
    return xs[-1] * xs.pop() + xs[-1]


@pytest.mark.parametrize(
    "f",
    [
        overwrites_another_element,
        writes_through_rows,
        overwrites_the_count,
        overwrites_a_dict_it_loops_over,
        zips_displays,
        walrus_twice,
        reads_before_it_pops,
    ],
)
def test_derivatives_of_one_number(f):
    assert pg.grad(f)(1.3) == pytest.approx(oracle.gradient(f, (1.3,), 0), rel=1e-12)


@pytest.mark.parametrize("f", [calls_itself_around_an_overwritten_variable, constant_base_case])
def test_derivatives_of_recursion(f):
    assert pg.grad(f, wrt="u")(1.3, 2) == pytest.approx(oracle.gradient(f, (1.3, 2), 0), rel=1e-12)


def test_a_list_overwritten_while_looped_over():
    xs = [1.1, 0.7, 0.4]
    truth = flatten(oracle.gradient(overwrites_what_it_loops_over, (xs,), 0))
    assert pg.grad(overwrites_what_it_loops_over)(xs) == pytest.approx(truth, rel=1e-12)


def test_an_index_that_reads_what_the_statement_changes():
    def f(w):
        w = w * 1.0
        w[w < 0.2] = 0.5
        w[np.argmax(w)] *= 2
        return np.sum(w**2)

    assert pg.grad(f, check=False)(np.array([0.1, 0.4, 0.9])) == pytest.approx([0.0, 0.8, 7.2])


def test_a_parameter_overwritten_by_another_kind_keeps_its_shape():
    def f(x, m):
        x = np.sum(m)
        return np.sum(m * x)

    dx, dm = pg.grad(f)(np.ones(4), np.arange(3.0))
    assert dx.tolist() == [0.0, 0.0, 0.0, 0.0]
    assert dm.tolist() == [6.0, 6.0, 6.0]


def test_parts_shared_by_a_shallow_copy_are_not_changed_behind_its_back():
    def f(x):
        rows = [[x, 1.0], [2.0, x]]
        again = rows[::-1]
        again[0][0] = x * x
        return rows[1][0] * again[1][0]

    with pytest.raises(SourceError, match="holds the same parts"):
        pg.grad(f)(1.3)


def test_second_derivatives_through_recursion_and_nested_lists():
    def spiral(x):
        def go(v, n):
            return v if n == 0 else go(v * x, n - 1) + v

        return go(x, 3)

    def table(x):
        rows = [[0.0] * 3 for _ in range(3)]
        for i in range(3):
            for j in range(3):
                rows[i][j] = x * i + j + (rows[i - 1][j] if i else 0.0) * x
        return rows[2][2] * rows[1][0]

    # x + x^2 + x^3 + x^4; (2 x + 2 + (x + 2 + 2 x) x) x = 3 x^3 + 4 x^2 + 2 x
    assert pg.grad(pg.grad(spiral))(1.3) == pytest.approx(2 + 6 * 1.3 + 12 * 1.3**2, rel=1e-12)
    assert pg.grad(pg.grad(table))(1.3) == pytest.approx(18 * 1.3 + 8, rel=1e-12)


def test_a_dict_filled_in_a_loop_is_emptied_backwards():
    def f(x):
        s = {}
        for k in ("u", "v"):
            s[k] = x * len(s) + x
        return s["u"] * s["v"]

    assert pg.grad(f)(1.3) == pytest.approx(5.2, rel=1e-12)


def test_repeating_a_list_of_lists_is_refused():
    def f(x):
        rows = [[0.0] * 2] * 2
        rows[0][0] = x * x
        return rows[1][0]

    with pytest.raises(SourceError, match="the same inner list"):
        pg.grad(f)(1.3)


def test_map_filter_reduce_and_partial_are_followed():
    def f(x):
        squares = sum(map(lambda t: t * t, [x, 2 * x]))
        product = functools.reduce(lambda a, b: a * b, [x, 2 * x, 3.0])
        return squares + product + functools.partial(pow, x)(3)

    assert pg.grad(f)(1.3) == pytest.approx(10 * 1.3 + 12 * 1.3 + 3 * 1.3**2, rel=1e-12)


def test_an_adjoint_is_never_the_array_that_is_put_back():
    def f(v):
        out = np.zeros(3)
        for i in range(3):
            out[i] = v[i] ** 2
            if i:
                out[i] += out[i - 1] * v[0]
        return out @ v

    v = np.array([1.0, 2.0, 3.0])
    assert pg.grad(f, check=False)(v) == pytest.approx(oracle.gradient(f, (v,), 0), rel=1e-12)


def test_a_derivative_is_not_the_callers_own_array():
    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    g = pg.grad(lambda x, y: np.sum(x * y), wrt="x")(x, y)
    g[0] = 99.0
    assert y.tolist() == [3.0, 4.0]


def test_print_passes_through_where_a_framework_replaced_it(monkeypatch, capsys):
    """Frameworks that draw progress bars put a print of their own, in Python, into builtins."""
    printed = builtins.print

    def safe_print(*words, **how):
        try:
            printed(*words, **how)
        finally:
            pass

    monkeypatch.setattr(builtins, "print", safe_print)

    def f(x):
        print("inside")
        return x**2

    assert pg.grad(f)(3.0) == 6.0
    assert "inside" in capsys.readouterr().out
