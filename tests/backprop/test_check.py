"""The check of the first result refuses whatever rule is wrong: by a thousandth, by its sign, or left out."""

import dataclasses
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.backprop import rules_array, source
from pricegrad.backprop.accumulation import Accumulation
from pricegrad.backprop.adjoint import Adjoint
from pricegrad.backprop.emit import Emitter
from pricegrad.backprop.rules_scalar import ELEMENTWISE
from pricegrad.backprop.term import Factor
from pricegrad.errors import DerivativeMismatch

from .test_rules_array import CALLS, arguments, programs, reads

OFF = Factor("1.001", cost=1)
BREAKS = {
    "a thousandth too large": lambda g: g.times(OFF),
    "wrong sign": lambda g: g.negated(),
    "left out": None,
}


LISTED = ("linalg.slogdet", "linalg.eigh", "linalg.eig", "linalg.svd", "linalg.qr", "tolist")


def refused(f, wrt, given):
    with np.errstate(all="ignore"):
        pg.grad(f, wrt=wrt)(**given)  # right as it stands
    return pytest.raises(DerivativeMismatch, match="disagrees with differences")


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("name", sorted(n for n, row in rules_array.ROWS.items() if row.back))
def test_a_broken_row_of_the_table_is_refused(monkeypatch, name, how):
    if name in LISTED and how != "left out":
        pytest.skip("its adjoint is a pair or a list, of which there is no product with a number")
    call = CALLS[name][0].format(k=1, keep=True, m=3, n=4)
    text = list(programs(call))[1].replace("np.sum(r *", "np.mean(r *" if name == "sum" else "np.sum(r *")
    f = source.from_text(text, file=f"<{name} {how}>")
    given = arguments(3, 4)
    shape = np.shape(eval(call, {"np": np, **given}))
    given["w"] = np.linspace(-1, 0.7, math.prod(shape)).reshape(shape) if shape else 0.7
    used = tuple(p for p in "abvxzst" if reads(call, p))
    wrt = used if len(used) > 1 else used[0]
    expected = refused(f, wrt, given)
    row, change = rules_array.ROWS[name], BREAKS[how]

    def broken(a, c, g):
        return row.back(a, c, change(g)) if change else None

    monkeypatch.setitem(rules_array.ROWS, name, dataclasses.replace(row, back=broken))
    with expected:
        pg.grad(f, wrt=wrt)(**given)


NUMPY = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh",
         "atanh": "arctanh", "atan2": "arctan2"}  # fmt: skip
MATH = ("erf", "erfc", "ldexp", "gamma", "lgamma")
ROWS = [
    (n, i)
    for n, rows in ELEMENTWISE.items()
    for i, text in enumerate(rows)
    if text and not hasattr(Adjoint, f"back_{n}")
]


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize(("name", "i"), ROWS)
def test_a_broken_formula_is_refused(monkeypatch, name, i, how):
    arity = len(ELEMENTWISE[name])
    shift = 1.0 if name == "acosh" else 0.0
    called = f"math.{name}" if name in MATH else f"np.{NUMPY.get(name, name)}"
    called = f"special.{name}" if name in ("digamma", "expit") else called
    operands = "u, 2" if name == "ldexp" else "u, v" if arity == 2 else "u"
    head = "import math\nimport numpy as np\nfrom scipy import special\n\n\ndef f(u, v):\n"
    text = f"{head}    return {called}({operands}) * 1.7 + u * v\n"
    f = source.from_text(text, file=f"<{name} {i} {how}>")
    given, wrt = {"u": 0.43 + shift, "v": 0.61}, "uv"[i]
    expected = refused(f, wrt, given)
    rows = list(ELEMENTWISE[name])
    rows[i] = {
        "a thousandth too large": rows[i].replace("{g}", "{g} * 1.001"),
        "wrong sign": rows[i][1:] if rows[i].startswith("-") else "-" + rows[i],
        "left out": rows[i].replace("{g}", "{g} * 0.0"),
    }[how]
    monkeypatch.setitem(ELEMENTWISE, name, tuple(rows))
    with expected:
        pg.grad(f, wrt=wrt)(**given)


def arithmetic(x, y):
    return (x + y) * (x - y) / (x * y + 1) - x**2 + (-y) ** 3 + x**y + 2.0**x


def remainders(x, y):
    return (5 * x) % y + math.fmod(3 * y, x) + math.copysign(x, -y) + float(x * y)


def extremes(x, y):
    return max(x, y) * 2 + min(x, y) * y + abs(x - y) + math.hypot(x, y)


def logarithms(x, y):
    return math.log(x + 2, y + 3) + math.dist((x, y), (1.0, x * y)) + sum([x, y, x * y]) * x


def elements(x, y):
    xs = [x, y, x * y]
    xs[1] = xs[0] * xs[2]
    xs.append(xs[1] * y)
    t = (xs[3], xs[0])
    return t[0] * t[1] + xs[-1] + max(xs)


METHODS = {
    "back_add": arithmetic, "back_sub": arithmetic, "back_mul": arithmetic, "back_div": arithmetic,
    "back_neg": arithmetic, "back_pow": arithmetic, "back_name": arithmetic,
    "back_mod": remainders, "back_fmod": remainders, "back_copysign": remainders, "back_float": remainders,
    "back_max": extremes, "back_min": extremes, "back_abs": extremes, "back_hypot": extremes,
    "back_log": logarithms, "back_dist": logarithms, "back_sum": logarithms,
    "back_index": elements,
}  # fmt: skip


@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("method", METHODS)
def test_a_broken_rule_for_numbers_is_refused(monkeypatch, method, how):
    f, given, change = METHODS[method], {"x": 1.37, "y": 0.83}, BREAKS[how]
    expected, own = refused(f, None, given), getattr(Adjoint, method)

    def broken(self, e, g):
        return own(self, e, change(g)) if change else None

    monkeypatch.setattr(Adjoint, method, broken)
    with expected:
        pg.grad(f)(**given)


def rounds(x, y):
    s = x
    for i in range(4):
        t = s * y
        if t > 1:
            s = math.sin(t) + s * x
        else:
            s = s + t * i
    return s * t


def test_what_replaces_instead_of_adding_is_refused(monkeypatch):
    expected = refused(rounds, None, {"x": 1.37, "y": 0.83})
    own = Accumulation.accumulate

    def broken(self, flow, state, lines, alive=False):
        state.pop(self.adj(flow.base), None)
        own(self, flow, state, lines, alive)

    monkeypatch.setattr(Accumulation, "accumulate", broken)
    with expected:
        pg.grad(rounds)(1.37, 0.83)


def test_what_is_not_put_back_is_refused(monkeypatch):
    expected = refused(rounds, None, {"x": 1.37, "y": 0.83})
    monkeypatch.setattr(Emitter, "restore", lambda self, s, saves, replayed: None)
    with expected:
        pg.grad(rounds)(1.37, 0.83)


def test_the_check_can_be_turned_off(monkeypatch):
    monkeypatch.setitem(ELEMENTWISE, "sin", ("{g} * 7.0",))

    def f(x):
        return math.sin(x)

    assert pg.grad(f, check=False)(0.3) == 7.0


def test_one_wrong_element_among_many_is_refused(monkeypatch):
    """The others move the function along a random direction too; it takes a precise oracle to see one."""
    x = np.linspace(0.5, 1.5, 2000)

    def f(x):
        return np.sum(np.exp(x)) + x[700] * 0.01

    expected = refused(f, None, {"x": x})
    monkeypatch.setattr(Adjoint, "back_index", lambda self, e, g: None)
    with expected:
        pg.grad(f)(x)


def test_no_number_where_the_function_is_finite_is_refused():
    def f(x):
        y = np.log(x)
        x = x * 2
        return np.sum(np.where(x > 0, y, 0.0))

    with pytest.raises(DerivativeMismatch, match=r"no number here(.|\n)*np.where"), np.errstate(all="ignore"):
        pg.grad(f)(np.array([1.0, 0.0]))


def test_a_function_with_a_kink_or_a_jump_at_the_point_passes():
    def bend(x, y):
        return abs(x) * y + max(x, y - 1)

    def jump(x):
        return x + math.floor(x)

    assert pg.grad(bend)(0.0, 1.0) is not None
    assert pg.grad(jump)(2.0) == 1.0


def test_arguments_that_are_no_numbers_do_not_hinder_it(monkeypatch):
    def f(p):
        return math.sin(p["x"]) * len(p["label"])

    given = {"p": {"x": 1.3, "label": "abc"}}
    expected = refused(f, None, given)
    monkeypatch.setitem(ELEMENTWISE, "sin", ("-{g} * cos({x})",))
    with expected:
        pg.grad(f)(**given)


def test_checks_in_many_threads_leave_standard_output_as_it_was(capsys):
    """Each check drops what the function prints again; nothing else is lost and nothing stays replaced."""

    def task(i):
        def f(x):
            print("from inside")
            return math.sin(x) * i

        print("from outside")
        return pg.grad(f)(1.0)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(task, range(24)))
    assert found == pytest.approx([math.cos(1.0) * i for i in range(24)], rel=1e-12)
    print("afterwards")
    said = capsys.readouterr().out
    assert [said.count(words) for words in ("from inside", "from outside", "afterwards")] == [24, 24, 1]
