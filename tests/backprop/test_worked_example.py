"""The worked example, to the letter."""

from math import log

import pytest

import pricegrad as pg


def f(x):  # natural gas -> tupperware
    a = x ** (1/2)  # fmt: skip
    b = 1 - 1/(a + 1)  # fmt: skip
    c = log(b)
    return c


EXPECTED = """\
def df_dx(x):
    a = x ** (1/2)
    b = 1 - 1/(a + 1)
    c = log(b)
    df_dc = 1.0
    df_db = df_dc / b                         # c = log(b)
    df_da = df_db / (a + 1) ** 2              # b = 1 - 1/(a + 1)
    df_dx = df_da * (1/2) * x ** (1/2 - 1)    # a = x ** (1/2)
    return df_dx
"""


def test_the_emitted_code_is_what_a_person_would_write():
    assert pg.grad(f).source == "from math import log\n\n\n" + EXPECTED


def test_the_price_of_natural_gas_is_one_twenty_fourth():
    assert pg.grad(f)(4.0) == pytest.approx(1 / 24, rel=1e-15)


def test_an_integer_is_promoted_not_lost():
    assert pg.grad(f)(4) == pytest.approx(1 / 24, rel=1e-15)


def test_the_emitted_code_stands_alone():
    namespace = {}
    exec(pg.grad(f).source, namespace)
    assert namespace["df_dx"](4.0) == pg.grad(f)(4.0)
