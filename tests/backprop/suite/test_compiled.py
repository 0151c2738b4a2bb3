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


def gathered(xs):
    if not xs:
        return 0.0
    total = 0.0
    for v in xs + xs:
        total += v * v
    return total


def test_a_list_stays_a_list_in_compiled_code():
    g, plain = pg.grad(gathered, compile="numba"), pg.grad(gathered)
    for xs in ([1.0, -2.0, 3.5], [0.5], [0.0]):
        assert g(xs) == plain(xs)
        assert isinstance(g(xs), list)


def test_arguments_of_other_kinds_find_code_of_their_own():
    def total(x):
        return np.sum(x * x)

    g = compiled(total)
    assert g(2.0) == 4.0
    assert g(np.array([1.0, 3.0])).tolist() == [2.0, 6.0]
    assert g(2.5) == 5.0

    def product(xs):
        p = 1.0
        for v in xs:
            p = p * v
        return p

    g = compiled(product)
    assert g(np.array([2.0, 3.0])).tolist() == [3.0, 2.0]
    assert g([2.0, 3.0]) == [3.0, 2.0]
    assert g(np.array([2.0, 5.0])).tolist() == [5.0, 2.0]


def test_tapes_grow_and_are_used_again():
    def descend(x, tolerance):
        steps = 0
        while x > tolerance:
            x = x - 0.001 * x * x
            steps += 1
        return x * steps

    g, plain = compiled(descend, "x"), pg.grad(descend, "x")
    for tolerance in (1.9, 0.05, 1.0, 0.02):
        assert g(2.0, tolerance) == plain(2.0, tolerance)


def test_two_counts_of_rounds():
    def steps(x, n):
        for i in range(3, n, 2):
            x = x * x - 0.3 * i
        return x

    g, plain = compiled(steps, "x"), pg.grad(steps, "x")
    for n in (0, 4, 9, 3, 12):
        assert g(0.4, n) == plain(0.4, n)


def even(x, n):
    return x if n == 0 else math.sin(odd(x * 0.9, n - 1)) * x


def odd(x, n):
    if n == 0:
        return x * x
    half = even(x, n - 1)
    return half * math.cos(half)


def test_functions_that_call_each_other():
    g, plain = compiled(even, "x"), pg.grad(even, "x")
    for n in (0, 1, 2, 7, 300):
        assert g(0.8, n) == plain(0.8, n)


def test_what_the_function_raises_comes_through():
    def root(x, n):
        for _ in range(n):
            x = x * x
        if x > 100.0:
            raise ValueError("too far")
        return 1 / x

    g = compiled(root, "x")
    assert g(1.1, 2) == pg.grad(root, "x")(1.1, 2)
    with pytest.raises(ValueError, match="too far"):
        g(2.0, 5)
    with pytest.raises(ZeroDivisionError):
        g(0.0, 1)
    assert g(1.1, 2) == pg.grad(root, "x")(1.1, 2)


def test_a_dict_that_gains_known_keys_compiles():
    def keyed(x):
        d = {"a": x}
        d["b"] = d["a"] * x
        d["a"] = d["b"] * x
        return d["a"] * d["b"]

    assert compiled(keyed)(1.3) == pytest.approx(5 * 1.3**4, rel=1e-14)


def test_a_dict_that_gains_keys_in_a_loop_is_refused():
    def keyed(x):
        d = {"a": x}
        for key in ("a", "b", "a"):
            d[key] = d["a"] * x
        return d["a"] * d["b"]

    with pytest.raises(PricegradError, match="numba"):
        compiled(keyed)(1.3)


def test_a_loop_that_is_left_early_takes_no_room_for_all_its_rounds():
    def root(a, most):
        x = a
        for _ in range(most):
            if abs(x * x - a) < 1e-12:
                break
            x = 0.5 * (x + a / x)
        return x

    g = compiled(root, "a")
    assert g(2.0, 10**15) == pg.grad(root, "a")(2.0, 10**15)


def nested(x, n):
    s = 0.0
    for i in range(n):
        y = x
        for j in range(i):
            if y > 0.7:
                y = math.sin(y) * x
            else:
                y = y * y + 0.1
            while y > 0.4:
                y = 0.7 * y * y
        s = s * y + math.sin(s + x)
    return s


def fibonacci(x, n):
    if n < 2:
        return x
    s = 0.0
    for k in range(1, 3):
        s = s * x + fibonacci(x, n - k)
    return s


@pytest.mark.parametrize("f", [nested, fibonacci], ids=lambda f: f.__name__)
def test_tapes_of_tapes(f):
    g, plain = compiled(f, "x"), pg.grad(f, "x")
    for n in (0, 1, 2, 9, 14, 3):
        assert g(0.8, n) == plain(0.8, n)


def test_an_index_out_of_bounds_is_an_error_in_compiled_code_too():
    def pick(x, n):
        return x[n] * 2

    g = compiled(pick, "x")
    assert g(np.ones(3), 1).tolist() == [0.0, 2.0, 0.0]
    with pytest.raises(IndexError):
        g(np.ones(3), 7)
