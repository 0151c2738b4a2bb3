"""Counterfactuals, comparisons, what they are worth, and more than one equilibrium."""

import pytest
from tests.references import scenario
from tests.zoo import bread_and_cloth, kehoe, shapley_shubik, three_companies, town, town_of_code

import pricegrad as pg


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
        economy = bread_and_cloth(wants, labour=10)
        better = economy.change(productivity={"bakery": 1.5})
        found.append(economy.solve().equivalent_variation(better.solve())["people"])
    assert found[0] == pytest.approx(10 * (1.5**0.6 - 1), rel=1e-9)
    assert found[1] == pytest.approx(found[0], rel=1e-9)


def test_what_can_be_changed():
    ces = town()
    assert ces.change(productivity={"bakery": 2.0}).solve().quantities["bread"] == pytest.approx(
        2 * 38.203, rel=1e-4
    )
    assert ces.change(endowment={"people": {"land": 100}}).solve().quantities["land"] == 100
    code = town_of_code()
    assert code.change(coefficients={"bakery": {"share": 0.5}}).firms["bakery"].coefficients["share"] == 0.5
    assert three_companies().change(supply={"natgas": 9.0}).solve().quantities["ethylene"] == pytest.approx(
        3.0
    )
    assert reference("mathiesen_1987", 0).change(fix={"P2": 2.0}).fixed == {"P2": 2.0}
    assert ces.change(elasticity={"bakery": 0.3}).firms["bakery"].nests[0].elasticity == 0.3
    assert list(ces.change(without=["bakery"]).firms) == ["farm", "mill"]
    assert ces.firms["bakery"].outputs[0].quantity == 1.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"productivity": {"bakary": 2.0}}, "'bakary'.*bakery"),
        ({"endowment": {"people": {"lend": 1.0}}}, "'lend'.*land"),
        ({"tax": {"people": 0.1}}, "pays no tax"),
        ({"elasticity": {("bakery", "VA"): 1.0}}, "nest.*'VA'"),
        ({"coefficients": {"bakery": {"x": 1}}}, "no Python function"),
        ({"supply": {"land": 1.0}}, "no outside supply of 'land'"),
        ({"fix": {"land": None}}, "no fixed variable"),
        ({"without": ["x"]}, "no firm named 'x'"),
    ],
)
def test_what_is_not_there_cannot_be_changed(change, words):
    with pytest.raises(pg.ModelError, match=words):
        town().change(**change)


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
    found = sorted((eq.price_dict()["b"], eq.index) for eq in shapley_shubik().equilibria(starts=15))
    assert [price for price, _ in found] == pytest.approx([0.5, 1.0, 2.0], rel=1e-9)
    assert [index for _, index in found] == [1, -1, 1]
