"""Counterfactuals, comparisons, what they are worth, and more than one equilibrium."""

import pytest
from tests.equilibrium.test_references import scenario
from tests.equilibrium.test_solve import town, worked_example

import pricegrad as pg
from pricegrad.model import Flow, Sector
from pricegrad.model.parts import Endowment, Household


def reference(name, k):
    return pg.Economy.from_json(scenario(name, k)[0])


def test_a_changed_tax_is_the_other_scenario():
    base, free = reference("markusen_m42_tariff", 0), reference("markusen_m42_tariff", 1)
    changed = base.change(tax={"M2": 0.0}, name="free trade")
    assert changed.solve().price_dict() == pytest.approx(free.solve().price_dict(), rel=1e-9)
    assert base.solve().price_dict() != pytest.approx(free.solve().price_dict(), rel=1e-3)


def test_comparison_and_equivalent_variation():
    base = reference("markusen_m42_tariff", 0).solve()
    free = reference("markusen_m42_tariff", 1).solve()
    frame = base.compare(free=free)
    assert frame.loc[("activity", "X2"), "free"] == 0.0
    assert frame.loc[("equivalent variation", "CONS"), "base"] == 0.0
    # homothetic: EV = income * (utility ratio - 1), and the numeraire is the utility good
    assert frame.loc[("equivalent variation", "CONS"), "free"] == pytest.approx(
        207.576757977039 - 200, rel=1e-9
    )
    assert base.equivalent_variation(free)["CONS"] == pytest.approx(7.576757977039, rel=1e-9)


def test_the_equivalent_variation_of_a_python_utility_is_that_of_the_technology():
    def utility(bread, cloth):
        return bread**0.6 * cloth**0.4

    found = []
    for wants in (utility, pg.CobbDouglas({"bread": 0.6, "cloth": 0.4})):
        economy = pg.Economy(numeraire="labour")
        economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"labour": 2.0}))
        economy.firm(name="tailor", makes="cloth", technology=pg.Leontief({"labour": 1.0}))
        economy.household("people", endowment={"labour": 10}, utility=wants)
        better = economy.change(productivity={"bakery": 1.5})
        found.append(economy.solve().equivalent_variation(better.solve())["people"])
    assert found[0] == pytest.approx(10 * (1.5**0.6 - 1), rel=1e-9)
    assert found[1] == pytest.approx(found[0], rel=1e-9)


def test_what_can_be_changed():
    ces = town("ces", "ces", "ces")
    assert ces.change(productivity={"bread maker": 2.0}).solve().quantities["bread"] == pytest.approx(
        2 * 38.203, rel=1e-4
    )
    assert ces.change(endowment={"people": {"land": 100}}).solve().quantities["land"] == 100
    code = town()
    assert (
        code.change(coefficients={"bread maker": {"share": 0.5}}).firms["bread maker"].coefficients["share"]
        == 0.5
    )
    assert worked_example().change(supply={"natgas": 9.0}).solve().quantities["ethylene"] == pytest.approx(
        3.0
    )
    assert reference("mathiesen_1987", 0).change(fix={"P2": 2.0}).fixed == {"P2": 2.0}
    assert ces.change(elasticity={"bread maker": 0.3}).firms["bread maker"].nests[0].elasticity == 0.3
    assert list(ces.change(without=["bread maker"]).firms) == ["grain maker", "flour maker"]
    assert ces.firms["bread maker"].outputs[0].quantity == 1.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"productivity": {"bred maker": 2.0}}, "'bred maker'.*bread maker"),
        ({"endowment": {"people": {"lend": 1.0}}}, "'lend'.*land"),
        ({"tax": {"people": 0.1}}, "pays no tax"),
        ({"elasticity": {("bread maker", "VA"): 1.0}}, "nest.*'VA'"),
        ({"coefficients": {"bread maker": {"x": 1}}}, "no Python function"),
        ({"supply": {"land": 1.0}}, "no outside supply of 'land'"),
        ({"fix": {"land": None}}, "no fixed variable"),
        ({"without": ["x"]}, "no firm named 'x'"),
    ],
)
def test_what_is_not_there_cannot_be_changed(change, words):
    with pytest.raises(pg.ModelError, match=words):
        town("ces", "ces", "ces").change(**change)


def kehoe():
    """Kehoe (1985), "Multiplicity of equilibria and comparative statics", four goods and two activities."""
    economy = pg.Economy("Kehoe 1985", numeraire="g1")
    shares = [
        [0.52, 0.4, 0.04, 0.04],
        [0.86, 0.1, 0.02, 0.02],
        [0.5, 0.2, 0.2975, 0.0025],
        [0.06, 0.25, 0.0025, 0.6875],
    ]
    owned = [5.0, 5.0, 40.0, 40.0]
    for h in range(4):
        demands = tuple(Flow(f"g{i + 1}", shares[h][i]) for i in range(4))
        economy.households[f"h{h + 1}"] = Household(f"h{h + 1}", (Endowment(f"g{h + 1}", owned[h]),), demands)
    economy.firms["a"] = Sector("a", (Flow("g1", 6.0),), (Flow("g2", 1.0), Flow("g3", 4.0), Flow("g4", 1.0)))
    economy.firms["b"] = Sector("b", (Flow("g2", 3.0),), (Flow("g1", 1.0), Flow("g3", 1.0), Flow("g4", 1.0)))
    return economy


def test_kehoes_three_equilibria_and_their_indices():
    found = kehoe().equilibria(starts=40)
    assert len(found) == 3
    assert sorted(eq.index for eq in found) == [-1, 1, 1]
    assert all(eq.certificate.worst < 1e-10 for eq in found)
    equal = [eq for eq in found if eq.prices.max() < 1 + 1e-6 and eq.prices.min() > 1 - 1e-6]
    assert len(equal) == 1


def test_a_unique_equilibrium_has_index_one():
    for name, k in (
        ("shoven_whalley_1984_2x2x2", 1),
        ("hansen_1973_activity_analysis", 0),
        ("mathiesen_1987", 0),
    ):
        assert reference(name, k).solve().index == 1


def test_three_equilibria_of_pure_exchange():
    """Shapley and Shubik (1977); Mas-Colell, Whinston and Green, exercise 15.B.10: prices 1/2, 1 and 2."""
    owned = 2 ** (8 / 9) - 2 ** (1 / 9)

    def one(a, b):
        return a - b**-8 / 8

    def two(a, b):
        return -(a**-8) / 8 + b

    economy = pg.Economy(numeraire="a")
    economy.household("one", endowment={"a": 2.0, "b": owned}, utility=one)
    economy.household("two", endowment={"a": owned, "b": 2.0}, utility=two)
    found = sorted((eq.price_dict()["b"], eq.index) for eq in economy.equilibria(starts=15))
    assert [price for price, _ in found] == pytest.approx([0.5, 1.0, 2.0], rel=1e-9)
    assert [index for _, index in found] == [1, -1, 1]
