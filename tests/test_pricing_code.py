"""Firms given by Python functions: the sweep's prices are the gradient, and a function is an economy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pricegrad as pg
from tests.chain import f as worked
from tests.zoo import CHAIN_PRICES, three_companies


def two_inputs(x, y):
    z = x * y
    z = z + math.sin(x) * z
    u, v = z / y, z - y
    u *= v
    return u - v


def overwritten(x, y, *, k=3.0):
    x = x**2 + y
    y, x = x, y * k
    w = t = x * y
    return math.exp(w / 50) + t


def with_a_loop(x, y):
    total = 0.0
    for i in range(4):
        total = total + x**i / (1 + y)
    if total > 2.05:
        total = total * x
    return total


def unused(x, y):
    dead = x * y
    return x + dead * 0 + y**2


FUNCTIONS = [
    (pg.value_and_grad(f, wrt=("x", "y")), pg.Economy.from_function(f))
    for f in (two_inputs, overwritten, with_a_loop, unused)
]


@pytest.mark.parametrize(("derivative", "economy"), FUNCTIONS)
@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 3.0), st.floats(0.5, 3.0))
def test_prices_are_the_gradient_of_the_same_code(derivative, economy, x, y):
    value, (dx, dy) = derivative(x, y)
    result = economy.price({"x": x, "y": y})
    assert result.prices[economy.numeraire] == 1.0
    assert result.quantities[economy.numeraire] == pytest.approx(value, rel=1e-14)
    scale = max(abs(dx), abs(dy))
    assert result.prices["x"] == pytest.approx(dx, rel=1e-14, abs=1e-14 * scale)
    assert result.prices["y"] == pytest.approx(dy, rel=1e-14, abs=1e-14 * scale)


def test_the_worked_example_in_tupperware_and_in_dollars():
    for numeraire, price in (("tupperware", 1.0), ("dollars", 7.0)):
        result = three_companies(numeraire=numeraire, price=price).price()
        for good, want in CHAIN_PRICES.items():
            assert result.prices[good] == pytest.approx(want * price, rel=1e-14)
    assert pg.grad(worked)(4.0) == pytest.approx(result.prices["natgas"] / 7, rel=1e-14)


def test_the_derivation_is_one_line_a_company():
    result = three_companies().price()
    line = "Company B: P_ethylene = P_polyethylene * dpolyethylene_dethylene = 1.5 * 0.1111 = 0.1667"
    assert line in result.explain().splitlines()
    assert result.firms.loc["company_c", "profit"] == pytest.approx(math.log(2 / 3) - 1)
    assert any("company_c loses" in note for note in result.notes)
    assert result.worst < 1e-9


def test_every_line_of_a_function_is_a_firm():
    economy = pg.Economy.from_function(worked, x=4.0)
    assert len(economy.firms) == 3
    first = worked.__code__.co_firstlineno
    assert list(economy.firms) == [f"line {first + k}" for k in (1, 2, 3)]
    text = economy.price().explain("x")
    assert f"chain.py line {first + 1}" in text


def joint():
    economy = pg.Economy(numeraire="petrol")

    @economy.firm(makes=("petrol", "tar"))
    def refinery(crude, power, *, loss=0.9):
        return loss * crude**0.7 * power**0.3, 0.1 * crude

    economy.supply("crude", 5.0)
    economy.supply("power", 2.0)
    economy.demand("petrol", price=1.0)
    economy.demand("tar", price=0.25)
    return economy


def test_several_inputs_and_several_outputs():
    result = joint().price()
    petrol = 0.9 * 5**0.7 * 2**0.3
    assert result.prices["crude"] == pytest.approx(0.7 * petrol / 5 + 0.25 * 0.1, rel=1e-14)
    assert result.prices["power"] == pytest.approx(0.3 * petrol / 2, rel=1e-14)
    assert result.firms.loc["refinery", "revenue"] == pytest.approx(petrol + 0.25 * 0.5)
    assert "P_petrol * dpetrol_dcrude + P_tar * dtar_dcrude" in result.explain()


def test_a_function_with_a_non_rival_good_adds_as_adjoints_do():
    def both(x):
        a = x**0.5
        b = a**2 + a
        return math.sin(a) * b

    result = pg.Economy.from_function(both, x=2.0).price()
    assert result.prices["x"] == pytest.approx(pg.grad(both)(2.0), rel=1e-14)
    assert "a is non-rival, so its users' values add" in result.explain()


def test_firms_bought_through_renamed_parameters():
    economy = pg.Economy()
    economy.firm(lambda q: q**2, name="square", makes="out", buys={"q": "in"})
    economy.supply("in", 3.0)
    economy.demand("out", price=2.0)
    assert economy.price().prices["in"] == pytest.approx(12.0)


def text_output(x):
    return "much"


def two_outputs(x):
    return x, x


def fails(x):
    return math.log(-x)


def infinite(x):
    return x * 1e308 * 1e308


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (text_output, "'text_output'"),
        (two_outputs, "'two_outputs' returns 2 amounts and makes 1"),
        (fails, r"'fails' .*test_pricing_code.py:\d+\) stops with ValueError: .* at x = 2"),
        (infinite, "makes inf of 'infinite' from x = 2"),
        (eval("lambda x: x"), "source"),
        (np.sin, "sin"),
    ],
)
def test_a_function_that_is_no_firm_is_named(function, words):
    def price():
        economy = pg.Economy()
        economy.firm(function)
        economy.supply("x", 2.0)
        economy.demand(next(iter(economy.firms.values())).makes[0], price=1.0)
        economy.price()

    with pytest.raises(pg.PricegradError, match=words):
        price()


def returns_in_a_branch(x):
    if x > 1:
        return x
    return x**2


def returns_nothing(x):
    y = x


def prints(x):
    print(x)
    return x


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (returns_in_a_branch, "`return` inside returns_in_a_branch is no firm"),
        (returns_nothing, "returns nothing"),
        (prints, "makes nothing"),
        (lambda *xs: xs, "def|names no good"),
        (eval("lambda x: x"), "source"),
    ],
)
def test_a_function_that_is_no_economy_is_refused_with_its_line(f, words):
    with pytest.raises(pg.SourceError, match=words):
        pg.Economy.from_function(f)


def test_amounts_are_of_parameters():
    with pytest.raises(pg.ModelError, match="no parameter 'z'"):
        pg.Economy.from_function(two_inputs, z=1.0)
    with pytest.raises(pg.ModelError, match="'x'"):
        pg.Economy.from_function(two_inputs, y=1.0).price()
