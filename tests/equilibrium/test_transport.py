"""Dantzig's transport problem (1963, chapter 3.3) with fixed and price-responsive demand: a degenerate
vertex.
"""

import json

import pytest
from tests.shared import shared

import pricegrad as pg


def dantzig():
    return json.loads(shared("economies", "dantzig_transmcp_price_responsive.json").read_text())


def demand_curve(quantity, reference, elasticity):
    def curve(price):
        return quantity * (reference / price) ** elasticity

    return curve


def build(flexible, halved):
    problem = dantzig()
    data, reference = problem["data"], problem["expected"]["fixed"]["p"]
    economy = pg.Economy("transport", numeraire="dollar")
    economy.supply("dollar", price=1.0)
    for plant, capacity in data["capacity"].items():
        economy.supply(f"at {plant}", capacity)
    for market, quantity in data["demand"].items():
        curve = demand_curve(quantity, reference[market], data["esub"][market])
        economy.demand(f"in {market}", curve if flexible else quantity)
    for plant in data["capacity"]:
        for market in data["demand"]:
            cost = data["freight"] * data["distance"][plant][market] / 1000
            if halved and (plant, market) == ("seattle", "chicago"):
                cost /= 2
            technology = pg.Leontief({f"at {plant}": 1.0, "dollar": cost})
            economy.firm(name=f"{plant}->{market}", makes=f"in {market}", technology=technology)
    return economy


@pytest.mark.parametrize(
    ("name", "flexible", "halved"),
    [("fixed", False, False), ("flex", True, False), ("fixedCF", False, True), ("flexCF", True, True)],
)
def test_dantzig(name, flexible, halved):
    expected = dantzig()["expected"][name]
    eq = build(flexible, halved).solve()
    prices, flows = eq.prices, eq.activity
    for market, price in expected["p"].items():
        assert prices[f"in {market}"] == pytest.approx(price, rel=1e-9)
    for plant, rent in expected["w"].items():
        assert prices[f"at {plant}"] == pytest.approx(rent, rel=1e-8, abs=1e-9)
    # Both plants are as far from New York: only the sum of the two flows is determined.
    together = flows["seattle->new-york"] + flows["san-diego->new-york"]
    assert together == pytest.approx(sum(x for f, x in expected["x"].items() if "new-york" in f), rel=1e-9)
    for flow, amount in expected["x"].items():
        if "new-york" not in flow:
            assert flows[flow] == pytest.approx(amount, rel=1e-8, abs=1e-6)
    assert eq.certificate.worst < 1e-11
