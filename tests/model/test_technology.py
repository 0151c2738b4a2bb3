"""Technologies against their own formulas: the calibrated-share form must be the same function."""

import math

import pytest

import pricegrad as pg
from pricegrad.model.technology import sector, tree


def unit_cost(flows, nests, prices):
    """Unit cost by the formula of the interchange format, recursively."""

    def value(nest):
        children = [f for f in flows if (f.nest or "S") == nest.name]
        return math.fsum(f.quantity * f.price for f in children) + math.fsum(
            value(n) for n in nests if n.parent == nest.name
        )

    def index(nest):
        parts = [
            (f.quantity * f.price, prices[f.good] / f.price) for f in flows if (f.nest or "S") == nest.name
        ]
        parts += [(value(n), index(n)) for n in nests if n.parent == nest.name]
        total, s = math.fsum(v for v, _ in parts), nest.elasticity
        if s == 1:
            return math.prod(u ** (v / total) for v, u in parts)
        return math.fsum(v / total * u ** (1 - s) for v, u in parts) ** (1 / (1 - s))

    root = next(n for n in nests if n.parent is None and n.side == "in")
    return value(root) * index(root)


@pytest.mark.parametrize("elasticity", [0.3, 0.5, 2.0, 4.0])
def test_ces_unit_cost_is_the_formula(elasticity):
    shares, prices = {"ore": 0.3, "power": 0.9}, {"ore": 2.0, "power": 0.7}
    made = sector("steel", "steel", pg.CES(shares, elasticity=elasticity, scale=2.0))
    got = unit_cost(made.inputs, made.nests, prices) / made.outputs[0].quantity
    s = elasticity
    want = math.fsum(shares[g] * prices[g] ** (1 - s) for g in shares) ** (1 / (1 - s)) / 2.0
    assert got == pytest.approx(want, rel=1e-13)


def test_cobb_douglas_is_the_textbook_function():
    made = sector("grain", "grain", pg.CobbDouglas({"land": 0.3, "labour": 0.7}, scale=1.5))
    got = unit_cost(made.inputs, made.nests, {"land": 0.5, "labour": 2.0}) / made.outputs[0].quantity
    assert got == pytest.approx((0.5 / 0.3) ** 0.3 * (2.0 / 0.7) ** 0.7 / 1.5, rel=1e-13)


def test_shares_of_cobb_douglas_below_one_are_decreasing_returns():
    firm = pg.CobbDouglas({"natgas": 0.5})
    assert firm.returns == 0.5
    assert tree(firm)[0][0].quantity == 1.0


def test_a_nest_is_an_input_made_in_house():
    value_added = pg.CobbDouglas({"labour": 0.6, "capital": 0.4}, scale=2.0)
    flows, nests = tree(pg.CES({"ore": 0.5, value_added: 0.5}, elasticity=0.5))
    prices = {"ore": 3.0, "labour": 0.5, "capital": 2.0}
    inner = (0.5 / 0.6) ** 0.6 * (2.0 / 0.4) ** 0.4 / 2.0
    want = (0.5 * 3.0**0.5 + 0.5 * inner**0.5) ** 2
    assert unit_cost(flows, nests, prices) == pytest.approx(want, rel=1e-13)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: pg.CES({}, elasticity=1), "no inputs"),
        (lambda: pg.CES({"ore": -1.0}, elasticity=1), "'ore'"),
        (lambda: pg.CES({"ore": math.nan}, elasticity=1), "'ore'"),
        (lambda: pg.CES({"ore": 1.0}, elasticity=-1), "elasticity"),
        (lambda: pg.CobbDouglas({"ore": 0.7, "power": 0.7}), "sum to 1.4"),
        (lambda: pg.Leontief({"ore": 1.0}, returns=1.5), "returns"),
        (lambda: pg.CET({}), "no outputs"),
    ],
)
def test_a_technology_that_makes_no_sense_is_named(make, word):
    with pytest.raises(pg.ModelError, match=word):
        make()
