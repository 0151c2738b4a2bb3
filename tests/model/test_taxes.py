"""Taxes said in words: who bears them, who gets them, what is refused."""

import pytest

import pricegrad as pg
from pricegrad.model import Tax


def market(rate):
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="baker", makes="bread", technology=pg.Leontief({"labour": 2.0}))
    economy.household("town", endowment={"labour": 10}, utility=pg.CobbDouglas({"bread": 1.0}))
    economy.tax("baker", "labour", rate, to="town")
    return economy


def test_a_tax_on_a_purchase_raises_what_is_made_of_it():
    eq = market(0.25).solve()
    assert eq.prices["bread"] == pytest.approx(2 * 1.25, rel=1e-9)
    assert eq.households["taxes"]["town"] == pytest.approx(0.25 * 10, rel=1e-9)
    assert eq.quantities["bread"] == pytest.approx(5, rel=1e-9)


def test_a_tax_on_a_sale_is_kept_from_the_seller():
    economy = market(0.0)
    economy.tax("baker", "bread", 0.2, to="town")
    assert economy.solve().prices["bread"] == pytest.approx(2 / 0.8, rel=1e-9)


def test_a_rate_may_follow_an_auxiliary_variable():
    economy = market("levy")
    economy.auxiliary("levy", "levy == 0.25")
    assert economy.firms["baker"].inputs[0].taxes == (Tax("town", aux="levy"),)
    assert economy.solve().prices["bread"] == pytest.approx(2.5, rel=1e-9)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("backer", "labour", 0.1), 'Did you mean "baker"?'),
        (("baker", "labor", 0.1), 'Did you mean "labour"?'),
        (("baker", "labour", float("nan")), "finite"),
    ],
)
def test_refusals(arguments, said):
    with pytest.raises(pg.ModelError, match=said.replace("?", r"\?")):
        market(0.1).tax(*arguments, to="town")


def test_a_firm_given_by_code_pays_through_a_carrier():
    economy = pg.Economy(numeraire="ore")
    economy.firm(name="smelter", makes="steel")(smelt)
    economy.household("people", endowment={"ore": 10}, utility=pg.CobbDouglas({"steel": 1.0}))
    economy.tax("smelter", "ore", 0.25, to="people")
    eq = economy.solve()
    assert eq.prices["steel"] == pytest.approx(1.25 / 2, rel=1e-9)
    assert eq.households["taxes"]["people"] == pytest.approx(2.5, rel=1e-9)


def smelt(ore):
    return 2 * ore
