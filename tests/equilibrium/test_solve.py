"""Small economies with known answers, through the front door."""

from math import log

import pytest
from tests.zoo import (
    CHAIN_PRICES,
    RECIPES,
    TOWN_PRICES,
    bread_and_cloth,
    increasing_returns,
    three_companies,
    town,
    town_of_code,
)

import pricegrad as pg


def test_the_three_companies():
    eq = three_companies().solve()
    assert eq.prices.to_dict() == pytest.approx(CHAIN_PRICES, rel=1e-12)
    assert eq.quantities["tupperware"] == pytest.approx(log(2 / 3), rel=1e-12)
    assert eq.certificate.worst < 1e-10
    assert any("company_c loses money" in remark for remark in eq.certificate.remarks)
    assert "company_c loses money" in repr(eq)


def test_the_final_good_needs_no_buyer_when_it_is_the_numeraire():
    economy = three_companies()
    economy.outside.pop()
    assert economy.solve().prices["natgas"] == pytest.approx(1 / 24, rel=1e-12)


@pytest.mark.parametrize("code", [(), ("mill",), tuple(RECIPES)])
def test_the_town(code):
    eq = town(code=code).solve()
    assert eq.quantities[["bread", "flour", "grain"]].tolist() == pytest.approx(
        [38.20, 31.66, 36.46], abs=0.005
    )
    assert eq.prices[list(TOWN_PRICES)].to_dict() == pytest.approx(TOWN_PRICES, rel=1e-10)


def test_code_and_technologies_that_say_the_same_agree():
    code, ces = town_of_code().solve(), town().solve()
    assert code.prices.to_numpy() == pytest.approx(ces.prices[code.prices.index].to_numpy(), rel=1e-9)
    assert code.quantities.to_numpy() == pytest.approx(
        ces.quantities[code.quantities.index].to_numpy(), rel=1e-9
    )


def test_a_warm_start_takes_no_steps():
    economy = town()
    eq = economy.solve()
    again = economy.solve(start=eq)
    assert again.steps <= 1
    assert again.prices.to_numpy() == pytest.approx(eq.prices.to_numpy(), rel=1e-12)


def test_decreasing_returns_pay_profits_to_owners():
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="farm", makes="grain", technology=pg.CobbDouglas({"labour": 0.5}, scale=2.0))
    economy.household(
        "owner", endowment={"labour": 0.0}, utility=pg.CobbDouglas({"grain": 1.0}), profits={"farm": 1}
    )
    economy.household("worker", endowment={"labour": 9.0}, utility=pg.CobbDouglas({"grain": 1.0}), profits={})
    eq = economy.solve()
    assert eq.quantities["grain"] == pytest.approx(2 * 3.0, rel=1e-12)
    assert eq.prices["grain"] == pytest.approx(1 / (9.0**-0.5), rel=1e-12)
    assert eq.households.loc["owner", "income"] == pytest.approx(9.0, rel=1e-12)
    assert eq.firms.loc["farm", "profit"] == pytest.approx(9.0, rel=1e-12)


def test_a_non_rival_good_is_paid_by_both_users_and_a_rival_one_shared():
    def network(rival):
        economy = pg.Economy(numeraire="labour")
        economy.good("design", rival=rival)
        economy.firm(name="studio", makes="design", technology=pg.Leontief({"labour": 1.0}))
        economy.firm(name="cups", makes="cup", technology=pg.CobbDouglas({"design": 0.5, "labour": 0.5}))
        economy.firm(name="pots", makes="pot", technology=pg.CobbDouglas({"design": 0.5, "labour": 0.5}))
        economy.household(
            "people", endowment={"labour": 100}, utility=pg.CobbDouglas({"cup": 0.5, "pot": 0.5})
        )
        return economy.solve()

    shared, split = network(False), network(True)
    assert shared.prices["design for cups"] + shared.prices["design for pots"] == pytest.approx(
        1.0, rel=1e-12
    )
    assert shared.prices["design for cups"] == pytest.approx(0.5, rel=1e-12)
    assert shared.quantities["design"] == pytest.approx(50.0, rel=1e-12)
    assert split.prices["design"] == pytest.approx(1.0, rel=1e-12)
    assert shared.households.loc["people", "utility"] > split.households.loc["people", "utility"]
    assert shared.certificate.worst < 1e-11


def test_a_python_utility_is_the_technology_that_says_the_same():
    def utility(bread, leisure):
        return bread**0.7 * leisure**0.3

    incomes = []
    for wants in (utility, pg.CobbDouglas({"bread": 0.7, "leisure": 0.3})):
        economy = pg.Economy(numeraire="labour")
        economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"labour": 2.0}))
        economy.household("workers", endowment={"labour": 100}, utility=wants)
        incomes.append(economy.solve())
    assert incomes[0].quantities["bread"] == pytest.approx(35.0, rel=1e-9)
    assert incomes[0].quantities["bread"] == pytest.approx(incomes[1].quantities["bread"], rel=1e-9)


def test_subsistence_comes_first():
    wants = pg.CobbDouglas({"bread": 0.5, "cloth": 0.5})
    eq = bread_and_cloth(wants, subsistence={"bread": 20}).solve()
    assert eq.quantities["bread"] == pytest.approx(20 + 0.5 * (100 - 40) / 2, rel=1e-12)
    assert eq.quantities["cloth"] == pytest.approx(30.0, rel=1e-12)


def test_supply_and_demand_curves_cross():
    economy = pg.Economy()

    def demand_curve(price):
        return 10 / price

    def supply_curve(price):
        return 2 * price

    @economy.firm(makes="steel")
    def mill(ore):
        return 3 * ore

    economy.supply("ore", supply_curve)
    economy.demand("steel", demand_curve)
    eq = economy.solve()
    ore = (5.0) ** 0.5  # 3 * 2 p = 10 / (p / 3) = 30 / p
    assert eq.prices["ore"] == pytest.approx(ore, rel=1e-10)
    assert eq.prices["steel"] == pytest.approx(ore / 3, rel=1e-10)


def test_an_idle_recipe_and_a_free_good():
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="old", makes="bread", technology=pg.Leontief({"labour": 2.0}))
    economy.firm(name="new", makes="bread", technology=pg.Leontief({"labour": 1.0, "straw": 0.1}))
    economy.household("people", endowment={"labour": 10, "straw": 99}, utility=pg.CobbDouglas({"bread": 1.0}))
    eq = economy.solve()
    assert eq.activity["old"] == 0.0
    assert eq.prices["straw"] == 0.0
    assert eq.quantities["bread"] == pytest.approx(10.0, rel=1e-12)


def test_increasing_returns_are_refused_with_the_firm():
    with pytest.raises(pg.NotSolved):
        increasing_returns().solve()


def test_what_cannot_be_made_is_named():
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"labour": 1.0, "bread": 2.0}))
    economy.household("people", endowment={"labour": 3}, utility=pg.CobbDouglas({"bread": 1.0}))
    with pytest.raises(pg.NotSolved, match="bread"):
        economy.solve()


def test_what_is_owed_across_the_border_is_settled_in_the_numeraire():
    economy = pg.Economy(numeraire="bread")
    economy.firm(name="bakery", makes="bread", technology=pg.CobbDouglas({"ore": 0.3, "labour": 0.7}))
    economy.supply("ore", 10.0)
    economy.household("people", endowment={"labour": 100}, utility=pg.CobbDouglas({"bread": 1.0}))
    eq = economy.solve()
    made = 10**0.3 * 100**0.7
    assert eq.quantities["bread"] == pytest.approx(made, rel=1e-12)
    assert eq.income["people"] == pytest.approx(0.7 * made, rel=1e-12)
    assert any(f"pays {0.3 * made:.6g} bread across the border" in note for note in eq.certificate.remarks)


def test_an_outside_demand_for_what_nobody_makes_is_named():
    economy = three_companies()
    economy.demand("tuperware", 1.0)
    with pytest.raises(pg.ModelError, match=r"'tuperware', which an outside demand uses.*tupperware"):
        economy.solve()


def fixed_recipe(flour, labour):
    return min(flour / 0.6, labour / 0.4)


def doubled(flour, labour):
    work = labour / 0.4
    return 2.0 * min(flour / 0.6, work)


@pytest.mark.parametrize(("function", "scale"), [(fixed_recipe, 1.0), (doubled, 2.0)])
def test_a_minimum_in_code_is_leontief(function, scale):
    found = []
    for by_code in (True, False):
        economy = pg.Economy(numeraire="labour")
        if by_code:
            economy.firm(name="bakery", makes="bread")(function)
        else:
            technology = pg.Leontief({"flour": 0.6, "labour": 0.4}, scale=scale)
            economy.firm(name="bakery", makes="bread", technology=technology)
        wants = pg.CobbDouglas({"bread": 0.7, "labour": 0.3})
        economy.household("people", endowment={"labour": 100, "flour": 50}, utility=wants)
        found.append(economy.solve())
    code, leontief = found
    assert code.prices.to_dict() == pytest.approx(leontief.prices.to_dict(), rel=1e-9)
    assert code.quantities.to_dict() == pytest.approx(leontief.quantities.to_dict(), rel=1e-9)
    assert code.activity["bakery"] == pytest.approx(leontief.quantities["bread"], rel=1e-9)
    assert "minimum" in code.certificate.conditions
    sold = code.flows.query("agent == 'bakery' and quantity > 0")
    assert sold["good"].tolist() == ["bread"]


def test_goods_that_firms_make_from_each_other_alone_are_named():
    """Substitutes of elasticity 3 need no labour: two breads from one roll, one roll from one bread."""
    economy = pg.Economy(numeraire="labour")
    made = {"bread": "roll", "roll": "bread"}
    for good, other in made.items():
        technology = pg.CES({other: 0.9, "labour": 0.1}, elasticity=3.0, scale=2.0)
        economy.firm(name=f"{good} maker", makes=good, technology=technology)
    economy.household("people", endowment={"labour": 10}, utility=pg.CobbDouglas({"bread": 1.0}))
    with pytest.raises(pg.NotSolved, match="unbounded: .* can be made from each other without end"):
        economy.solve()


def test_a_household_whose_goods_nobody_wants_is_named():
    economy = pg.Economy(numeraire="gold")
    economy.household("rich", endowment={"gold": 1.0, "clay": 1.0}, utility=pg.CobbDouglas({"gold": 1.0}))
    wants = pg.CES({"clay": 1.0, "gold": 1.0}, elasticity=2.0)
    economy.household("poor", endowment={"clay": 5.0}, utility=wants)
    with pytest.raises(pg.NotSolved, match=r"'poor' is left with next to no income.*\('clay'\)"):
        economy.solve()


def test_a_household_that_pays_more_than_it_earns_is_named():
    economy = bread_and_cloth(pg.CobbDouglas({"bread": 0.5, "cloth": 0.5}))
    economy.household("patron", endowment={"labour": 1.0}, utility=pg.CobbDouglas({"bread": 1.0}))
    economy.tax("tailor", "cloth", -0.5, to="patron")
    with pytest.raises(pg.NotSolved, match=r"income not negative of household 'patron'.*subsidies"):
        economy.solve()


def bread_from_land(units, **more):
    """Flour in other units: `units` of them are what was one; the same town otherwise."""
    economy = pg.Economy(numeraire="labour")
    flour = pg.CES({"labour": 0.5, "land": 0.5}, elasticity=1.5, scale=units)
    economy.firm(name="mill", makes="flour", technology=flour)
    economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"flour": units, "labour": 1.0}))
    wants = pg.CobbDouglas({"flour": 0.5, "bread": 0.5})
    owned = {"labour": 10 * more.get("size", 1.0), "land": 3 * more.get("size", 1.0)}
    economy.household("people", endowment=owned, utility=wants)
    return economy.solve()


@pytest.mark.parametrize("units", [1e-9, 1e-4, 1e5, 1e9])
def test_units_of_measurement_do_not_matter(units):
    one, other = bread_from_land(1.0), bread_from_land(units)
    assert other.prices["land"] == pytest.approx(one.prices["land"], rel=1e-10)
    assert other.prices["flour"] * units == pytest.approx(one.prices["flour"], rel=1e-10)
    assert other.quantities["flour"] / units == pytest.approx(one.quantities["flour"], rel=1e-10)
    small = bread_from_land(1.0, size=units)
    assert small.prices.to_dict() == pytest.approx(one.prices.to_dict(), rel=1e-10)
    assert small.quantities["bread"] / units == pytest.approx(one.quantities["bread"], rel=1e-10)
    assert max(eq.certificate.worst for eq in (other, small)) < 1e-10


def mix(labour, land, *, units=1.0):
    return units * labour**0.7 * land**0.3


@pytest.mark.parametrize("units", [1e-9, 1e5, 1e9])
def test_units_do_not_matter_to_code_either(units):
    def economy(units):
        found = pg.Economy(numeraire="labour")
        found.firm(name="mill", makes="flour", units=units)(mix)
        wants = pg.CobbDouglas({"flour": 0.5, "labour": 0.5})
        found.household("people", endowment={"labour": 10, "land": 3}, utility=wants)
        return found.solve()

    assert economy(units).prices["land"] == pytest.approx(economy(1.0).prices["land"], rel=1e-9)


def two_trades(**wants):
    economy = pg.Economy(numeraire="gold")
    for metal, ware in (("gold", "ring"), ("clay", "pot")):
        economy.firm(name=f"{ware} maker", makes=ware, technology=pg.Leontief({metal: 2.0}))
        utility = pg.CobbDouglas(wants or {ware: 1.0})
        economy.household(f"{metal} owner", endowment={metal: 5}, utility=utility)
    return economy


def test_parts_that_do_not_trade_have_a_numeraire_each_and_say_so():
    eq = two_trades().solve()
    assert eq.prices.to_dict() == pytest.approx({"gold": 1.0, "ring": 2.0, "clay": 1.0, "pot": 2.0})
    assert "nothing ties 'clay' and what is traded with it to the numeraire" in repr(eq)
    tied = two_trades(ring=0.6, pot=0.4).solve()
    assert tied.notes == []
    assert tied.prices["clay"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    "weights", [{"x": 0.0}, {"x": -1.0}, {"x": "much"}, {"x": True}, {}, 3.0, {"": 1.0}, {7: 1.0}]
)
def test_weights_that_are_none_are_refused(weights):
    for technology in (pg.CobbDouglas, pg.CES, pg.Leontief, pg.CET):
        with pytest.raises(pg.ModelError, match=technology.__name__):
            technology(weights)
