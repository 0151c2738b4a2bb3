"""What cannot be differentiated is refused with the place, a caret, and a way out; nothing else leaks."""

import contextlib
import heapq
import random
import re

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import PricegradError, SourceError

from .pending import REFUSALS


def yields(x):
    yield x * x


async def waits(x):
    return x * x


def executes(x):
    exec("x = x * 2")
    return x


def evaluates(x):
    return eval("x * x")


def unknown_function(x):
    return not_defined_anywhere(x) * 2  # noqa: F821


def unknown_numpy_function(x):
    return np.sum(np.linalg.eigvals(np.array([[x, 1.0], [2.0, x]])).real)


def random_value(x):
    return x * random.random()


def catches(x):
    try:
        y = 1 / x
    except ZeroDivisionError:
        y = x
    return y


def makes_a_class(x):
    class Inner:
        value = x

    return Inner.value * x


def complex_value(x):
    y = x * 1j
    return (y * y).real


def returns_nothing(x):
    x = x * 2


def returns_pair(x):
    return x, x * x


def returns_text(x):
    return f"{x}"


def reads_standard_input(x):
    return x * float(input())


COUNT = 0


def changes_a_global(x):
    global COUNT
    COUNT = COUNT + x
    return COUNT * x


def sets_an_attribute(x):
    random.factor = x * 2
    return random.factor * x


def reads_a_name_never_set(x):
    if x > 100:
        y = x
    return y * x


def second_name(x):
    out = [x]
    again = out

    def go(k, v):
        if k > 0:
            out.append(v * x)
            go(k - 1, v + 1)

    go(3, x)
    return sum(again) * again[-1]


def second_name_of_a_row(x):
    m = [[x, 1.0], [2.0, x]]
    row = m[0]

    def go(k):
        if k > 0:
            m[k % 2][0] *= x
            m[0][1] += m[1][0]
            go(k - 1)

    go(3)
    return row[0] * row[1] + m[1][0]


def handed_twice(x):
    a = [x, 1.0]

    def go(k, p, q):
        if k > 0:
            p[0] = p[0] * q[1] + x
            q[1] = q[1] + p[0]
            go(k - 1, p, q)

    go(3, a, a)
    return a[0]


def around_and_handed(x):
    a = [x, 1.0]

    def go(k, p):
        if k > 0:
            p[0] = p[0] * x + a[1]
            a[1] += x
            go(k - 1, p)

    go(3, a)
    return a[0] * a[1]


def held_by_another(x):
    a = [x, 1.0]
    h = [a, [2.0, x]]

    def go(k):
        if k > 0:
            a[0] *= x
            go(k - 1)

    go(3)
    return h[0][0] * h[1][1]


def part_of_another(x):
    h = [[x, 1.0], [2.0, x]]

    def go(k, p):
        if k > 0:
            p[0] *= x
            go(k - 1, p)

    go(3, h[0])
    return h[0][0] * h[1][1]


def longer_while_looped_over(x):
    out = [x]

    def go(k, v):
        if k > 0:
            out.append(v * x)
            go(k - 1, v + 1)

    s = 0.0
    for v in out:
        s += v
        if len(out) < 5:
            go(2, v)
    return s


def generator_that_reads_on(x):
    s = 1.0

    def g():
        for _ in range(3):
            yield s * x

    for v in g():
        s += v
    return s


def generator_of_a_list_that_grows(x):
    out = [x]

    def g(items):
        i = 0
        while i < len(items) and i < 4:
            yield items[i]
            i += 1

    s = 0.0
    for v in g(out):
        if len(out) < 6:
            out.append(v * x)
        s += v
    return s


def generator_used_up(x):
    def g():
        yield x
        yield x * x

    it = g()
    return sum(it) + sum(it)


def generator_used_up_elsewhere(x):
    def total(it):
        return sum(it) + sum(it)

    def g():
        yield x
        yield x * x

    return total(g())


def function_changes_in_a_loop(x):
    f = abs
    for k in range(3):
        if x * k > 0.9:
            f = float
        x = f(x) * 1.1
    return f(x) * x


def longer_on_one_path(x):
    a = [x, 1.0]
    b = a if x > 1 else [2.0]
    a += [x * x]
    return sum(b) * len(b)


def function_under_no_such_key(x):
    table = {"absolute": abs}
    return table["absolut"](x)


def heap_of_which_more_is_asked(x):
    h = [x, 2.0]
    y = heapq.heappop(h)
    return h[0] * y


def heap_without_a_heap(x):
    heapq.heappush()
    return x


def loop_under_try(x):
    try:
        for k in range(3):
            x = x / k
    except ZeroDivisionError:
        pass
    return x


def generator_that_is_told(x):
    def g():
        got = yield x
        yield got

    return sum(g())


SHARED = [second_name, second_name_of_a_row, handed_twice, around_and_handed, held_by_another,
          part_of_another, longer_while_looped_over, generator_that_reads_on,
          generator_of_a_list_that_grows, generator_used_up, generator_used_up_elsewhere,
          function_changes_in_a_loop, longer_on_one_path]  # fmt: skip

BAD = [
    yields,
    waits,
    evaluates,
    unknown_function,
    unknown_numpy_function,
    random_value,
    complex_value,
    returns_nothing,
    returns_pair,
    returns_text,
    reads_standard_input,
    changes_a_global,
    sets_an_attribute,
    function_under_no_such_key,
    heap_of_which_more_is_asked,
    heap_without_a_heap,
    loop_under_try,
    generator_that_is_told,
]
MAYBE = [catches, makes_a_class, executes]


def attempt(f, *args):
    return pg.grad(f)(*args)


@pytest.mark.parametrize("f", [f for f in BAD if f.__name__ not in REFUSALS], ids=lambda f: f.__name__)
def test_refused_with_place_and_way_out(f):
    with pytest.raises(PricegradError) as refusal:
        attempt(f, 1.3)
    message = str(refusal.value)
    first = f.__code__.co_firstlineno
    last = max(line for *_, line in f.__code__.co_lines() if line)
    lines = [int(n) for n in re.findall(r"line (\d+)", message)]
    assert "test_refusals.py" in message, message
    assert any(first <= n <= last for n in lines), f"no line between {first} and {last}: {message}"
    assert re.search(r"^\s*\^", message, re.MULTILINE), f"no caret: {message}"
    assert isinstance(refusal.value, SourceError)
    assert refusal.value.hint, f"no way out: {message}"


@pytest.mark.parametrize("f", MAYBE, ids=lambda f: f.__name__)
def test_right_or_refused(f):
    truth = {"catches": -1 / 1.3**2, "makes_a_class": 2 * 1.3, "executes": 1.0}[f.__name__]
    with contextlib.suppress(SourceError):
        assert attempt(f, 1.3) == pytest.approx(truth, rel=1e-12)


@pytest.mark.parametrize("f", SHARED, ids=lambda f: f.__name__)
def test_changed_while_something_else_reads_it(f):
    """Right or refused in words, also where the first result is not checked."""
    slope = (f(1.3 + 1e-6) - f(1.3 - 1e-6)) / 2e-6
    with contextlib.suppress(SourceError):
        assert pg.grad(f, check=False)(1.3) == pytest.approx(slope, rel=1e-6)


def test_unset_name_is_no_number():
    """Plain Python raises here; a derivative may raise the same or refuse, but must not return a number."""
    with pytest.raises((PricegradError, UnboundLocalError, NameError)):
        attempt(reads_a_name_never_set, 1.3)


def test_nearest_name_is_offered():
    def f(natural_gas, power):
        return natural_gas * power

    with pytest.raises(PricegradError, match="natural_gas"):
        pg.grad(f, wrt="naturalgas")(1.0, 2.0)


@pytest.mark.parametrize("thing", [3.0, "text", None, len, dict, random.Random(1).random])
def test_not_a_function_with_source(thing):
    with pytest.raises(PricegradError):
        pg.grad(thing)(1.0)


def test_function_without_source():
    scope: dict = {}
    exec("def f(x):\n    return x * x", scope)
    with pytest.raises(PricegradError, match="source"):
        pg.grad(scope["f"])(1.0)


@pytest.mark.parametrize("wrt", ["z", 5, ("x", "z"), -7])
def test_parameter_that_is_not_there(wrt):
    def f(x, y):
        return x * y

    with pytest.raises(PricegradError):
        pg.grad(f, wrt=wrt)(1.0, 2.0)


def test_parameter_that_cannot_be_differentiated():
    def f(x, kind):
        return x * len(kind)

    with pytest.raises(PricegradError):
        pg.grad(f, wrt="kind")(1.0, "abc")


def test_the_functions_own_error_comes_through():
    def f(x):
        return 1 / x

    with pytest.raises(ZeroDivisionError):
        pg.grad(f)(0.0)


def test_array_result_is_no_silent_sum():
    def f(x):
        return x * 2

    with pytest.raises(PricegradError):
        pg.grad(f)(np.array([1.0, 2.0]))
