"""The judge tells right from wrong: fed with differentiators that are perfect, or spoilt in one way each."""

import contextlib
import io

import numpy as np
import pytest

from pricegrad.errors import PricegradError, SourceError

from . import CASES, oracle
from .registry import Case, judge


def perfect(f, wrt=None):
    """A differentiator that asks the oracle."""

    def g(*args):
        c = Case(f, (args,), wrt=wrt)
        return c.truth(0)

    return g


PLAIN = [c for c in CASES if c.expected is None and c.ref is None and not c.may_refuse]


@pytest.mark.parametrize("case", PLAIN[::5], ids=lambda c: c.name)
def test_right(case):
    with contextlib.redirect_stdout(io.StringIO()):
        assert judge(case, perfect).kind == "right"


def square(x):
    return x * x


def total(x):
    return np.sum(x**2)


def shifted_entry(xs):
    return xs[0] * 2


def spoilt(change):
    def differentiate(f, wrt=None):
        g = perfect(f, wrt)
        return lambda *args: change(g(*args))

    return differentiate


@pytest.mark.parametrize(
    ("f", "point", "change"),
    [
        (square, 3.0, lambda d: d * (1 + 1e-11)),
        (square, 3.0, lambda d: -d),
        (square, 3.0, lambda d: 0.0),
        (square, 3.0, lambda d: float("nan")),
        (square, 3.0, lambda d: np.array(d)),
        (square, 3.0, lambda d: 6),
        (total, np.array([1.0, 2.0]), list),
        (total, np.array([1.0, 2.0]), lambda d: d[:, None]),
        (total, np.array([1.0, 2.0]), lambda d: d + np.array([0.0, 1e-8])),
        (shifted_entry, [1.0, 2.0], tuple),
        (shifted_entry, [1.0, 2.0], lambda d: d[:1]),
    ],
)
def test_wrong(f, point, change):
    assert judge(Case(f, ((point,),)), spoilt(change)).kind == "wrong"


def test_changed_arguments_are_wrong():
    def differentiate(f, wrt=None):
        def g(xs):
            slopes = perfect(f)(xs)
            xs[1] = 7.0
            return slopes

        return g

    assert judge(Case(shifted_entry, (([1.0, 2.0],),)), differentiate).kind == "wrong"


def refusing(error):
    def differentiate(f, wrt=None):
        raise error

    return differentiate


def test_refusals_and_crashes():
    c = Case(square, ((3.0,),))
    assert judge(c, refusing(SourceError("no", file="plant.py", line=3))).kind == "refused"
    assert judge(c, refusing(PricegradError("no"))).kind == "crash"
    assert judge(c, refusing(TypeError("no"))).kind == "crash"


def test_oracle_stays_independent():
    """Neither the dual numbers nor the oracle may lean on what they judge."""
    from . import dual

    for module in (dual, oracle):
        assert not any("pricegrad" in str(getattr(v, "__module__", "")) for v in vars(module).values())
        assert "pg" not in vars(module)
