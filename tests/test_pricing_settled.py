"""Explanations of equilibria: the town of REFERENCES, fixed coefficients, outside markets, taxes."""

import pytest

import pricegrad as pg
from tests.zoo import town_of_code


@pytest.fixture(scope="module")
def town():
    return town_of_code().solve()


def test_why_flour_is_worth_what_it_is(town):
    first, second, third = town.explain("flour").splitlines()
    assert first == (
        "flour is worth 2.3987 because one more unit gives the bakery 0.7239 more bread, and bread is "
        "worth 3.3134."
    )
    assert second.startswith("  0.7239 x 3.3134 = 2.3987        bakery, zoo.py line ")
    assert third == "bread is worth 3.3134 because for people the last unit of it is worth that."
    assert town.explain("labour") == "labour is worth 1: it is the numeraire."
    with pytest.raises(pg.ModelError, match='Did you mean "flour"'):
        town.explain("flor")


def test_the_derivation_has_a_line_a_firm(town):
    lines = town.explain().splitlines()
    assert [line.split(":")[0] for line in lines] == ["Farm", "Mill", "Bakery"]
    assert "P_grain = P_flour * dflour_dgrain = 2.3987 * 0.6079 = 1.4583" in lines[1]


def test_fixed_coefficients_are_explained_by_what_they_cost():
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="mine", makes="ore", technology=pg.Leontief({"labour": 2.0}))
    economy.firm(name="mill", makes="steel", technology=pg.Leontief({"ore": 1.5, "labour": 1.0}))
    economy.household("people", endowment={"labour": 10}, utility=pg.CobbDouglas({"steel": 0.5, "ore": 0.5}))
    settled = economy.solve()
    assert "Mill: P_steel = 1.5 * P_ore + 1 * P_labour = 1.5 * 2 + 1 * 1 = 4" in settled.explain()
    assert settled.explain("steel").startswith("steel is worth 4 because for people")


def test_outside_demand_pays_for_what_a_firm_with_profits_makes():
    economy = pg.Economy(numeraire="dollars")
    economy.firm(lambda grain: grain**0.5, name="mill", makes="flour")
    economy.supply("grain", 4.0)
    economy.demand("flour", price=2.0)
    settled = economy.solve()
    assert settled.explain("grain").splitlines()[-1] == (
        "flour is worth 2 because outside markets trade it at that price."
    )
