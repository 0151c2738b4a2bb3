"""Classical models written out in a few lines, with answers worked by hand or known from the literature."""

import numpy as np
import pytest
from tests.zoo import CAPITAL, LABOUR, consumer, scarf, two_sectors

import pricegrad as pg
from pricegrad.model import Flow, Sector, Tax
from pricegrad.model.parts import Endowment, Household


def test_unemployment_by_a_real_wage_floor():
    document = two_sectors(
        aux=[{"name": "R", "constraint": "PL >= 1.1 * PU"}],
        households=[consumer(LABOUR, {"good": "PL", "q": -100, "rationed_by": "R"}, CAPITAL)],
        start={"R": 0.1},
    )
    eq = pg.Economy.from_json(document).solve()
    rate = eq.aux["R"]
    # Labour and capital each earn half of income, and w ** .5 * r ** .5 = 1 with unit costs of 1.
    assert eq.prices["PL"] == pytest.approx(1.1, rel=1e-12)
    assert eq.prices["PK"] == pytest.approx(1 / 1.1, rel=1e-9)
    assert rate == pytest.approx(1 - 1 / 1.1**2, rel=1e-9)
    free = pg.Economy.from_json(document | {"aux": [{"name": "R", "constraint": "PL >= 0.9 * PU"}]}).solve()
    assert free.aux["R"] == pytest.approx(0.0, abs=1e-12)


def test_a_lower_bound_on_a_price_leaves_some_of_the_good():
    eq = pg.Economy.from_json(two_sectors(lower={"PL": 1.2})).solve()
    assert eq.prices["PL"] == 1.2
    assert eq.certificate.worst < 1e-10


def test_income_as_numeraire():
    eq = pg.Economy.from_json(two_sectors(fix={"CONS": 300})).solve()
    assert eq.prices["PL"] == pytest.approx(1.5, rel=1e-12)
    assert eq.certificate.worst < 1e-12


def test_an_activity_held_on_purpose():
    eq = pg.Economy.from_json(two_sectors(fix={"PU": 1, "X": 1.2})).solve()
    assert eq.activity["X"] == 1.2


def test_an_equal_yield_tax_may_turn_into_a_subsidy():
    document = two_sectors(
        goods=["PX", "PY", "PU", "PL", "PK"],
        aux=[{"name": "T", "constraint": "T * PL * 40 * X == -5 * PU"}],
    )
    document["sectors"][0]["inputs"][0]["taxes"] = [{"to": "CONS", "aux": "T", "mult": 1.0}]
    eq = pg.Economy.from_json(document).solve()
    assert eq.aux["T"] < 0
    bounded = pg.Economy.from_json(
        document | {"aux": [{"name": "T", "constraint": "T * PL * 40 * X >= -5 * PU"}]}
    )
    assert bounded.solve().aux["T"] == pytest.approx(0.0, abs=1e-12)


def test_external_economies_by_an_auxiliary():
    """An output subsidy that grows with the size of the sector stands for external economies of scale."""
    document = two_sectors(aux=[{"name": "E", "constraint": "E == 0.2 * (X - 1) / X"}], start={"E": 0.0})
    document["sectors"][0]["outputs"][0]["taxes"] = [{"to": "CONS", "aux": "E", "mult": -1.0}]
    eq = pg.Economy.from_json(document).solve()
    assert eq.aux["E"] == pytest.approx(0.0, abs=1e-9)


def test_scarfs_exchange_economy():
    eq = scarf().solve()
    assert eq.prices.tolist() == pytest.approx([1.0, 1.0, 1.0], rel=1e-9)


def test_ces_exchange_against_its_closed_form():
    """Two mirror households with CES shares 2:1 and elasticity 1/2 trade at equal prices."""
    economy = pg.Economy(numeraire="a")
    economy.household("one", endowment={"a": 3.0}, utility=pg.CES({"a": 2.0, "b": 1.0}, elasticity=0.5))
    economy.household("two", endowment={"b": 3.0}, utility=pg.CES({"a": 1.0, "b": 2.0}, elasticity=0.5))
    eq = economy.solve()
    assert eq.prices["b"] == pytest.approx(1.0, rel=1e-12)
    assert eq.flows.query("agent == 'one' and good == 'b' and quantity < 0")[
        "quantity"
    ].item() == pytest.approx(-1.0)


def test_a_linear_activity_economy_is_its_linear_programme():
    """One household in fixed proportions, several recipes a good: prices are the dual of the best plan."""
    from scipy.optimize import linprog

    rng = np.random.default_rng(4)
    goods, recipes, factors = 6, 3, 3
    economy = pg.Economy("activities", numeraire="f0")
    columns = []
    for g in range(goods):
        for r in range(recipes):
            inputs = {f"f{k}": float(rng.uniform(0.1, 1)) for k in range(factors)}
            inputs |= {
                f"g{k}": float(rng.uniform(0, 0.15)) for k in rng.choice(goods, 2, replace=False) if k != g
            }
            economy.firm(name=f"{g}.{r}", makes=f"g{g}", technology=pg.Leontief(inputs))
            column = np.zeros(goods + factors)
            column[g] = 1.0
            for name, amount in inputs.items():
                column[int(name[1:]) + (goods if name[0] == "f" else 0)] -= amount
            columns.append(column)
    owned = {f"f{k}": float(rng.uniform(5, 10)) for k in range(factors)}
    economy.household("people", endowment=owned, utility=pg.Leontief({f"g{g}": 1.0 for g in range(goods)}))
    eq = economy.solve()
    # max u: sum of activities - u * wants + endowments >= 0
    A = -np.column_stack([*columns, np.append(-np.ones(goods), np.zeros(factors))])
    b = np.append(np.zeros(goods), list(owned.values()))
    best = linprog(np.append(np.zeros(len(columns)), -1.0), A_ub=A, b_ub=b)
    assert eq.households.loc["people", "utility"] == pytest.approx(-best.fun, rel=1e-8)
    dual = -best.ineqlin.marginals
    names = [*(f"g{g}" for g in range(goods)), *owned]
    prices = eq.prices[names].to_numpy()
    assert prices / prices[0] == pytest.approx(dual / dual[0], rel=1e-7, abs=1e-9)


def test_joint_products_and_a_free_by_product():
    economy = pg.Economy(numeraire="labour")
    economy.firm(
        name="smelter", makes=pg.CET({"metal": 1.0, "slag": 3.0}), technology=pg.Leontief({"labour": 2.0})
    )
    economy.firm(
        name="builder", makes="house", technology=pg.Leontief({"metal": 1.0, "slag": 1.0, "labour": 1.0})
    )
    economy.household("people", endowment={"labour": 30}, utility=pg.CobbDouglas({"house": 1.0}))
    eq = economy.solve()
    assert eq.prices["slag"] == 0.0
    assert eq.prices["metal"] == pytest.approx(2.0)
    assert eq.quantities["house"] == pytest.approx(10.0)


def test_capacity_earns_a_rent():
    """A mine of capacity 5 and a dear second recipe: the mine's rent is the difference in cost."""
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="mine", makes="coal", technology=pg.Leontief({"labour": 1.0, "mine capacity": 1.0}))
    economy.firm(name="drift", makes="coal", technology=pg.Leontief({"labour": 3.0}))
    economy.household(
        "people", endowment={"labour": 100, "mine capacity": 5}, utility=pg.CobbDouglas({"coal": 1.0})
    )
    eq = economy.solve()
    assert eq.prices["mine capacity"] == pytest.approx(2.0)
    assert eq.quantities["coal"] == pytest.approx(5 + 95 / 3)


def test_transformation_and_income_tax_pay_the_state():
    economy = pg.Economy(numeraire="L")
    tax = (Tax("state", 0.25),)
    economy.firms["make"] = Sector("make", (Flow("x", 1.0),), (Flow("L", 1.0, 1.0, taxes=tax),))
    economy.households["people"] = Household("people", (Endowment("L", 100.0),), (Flow("x", 1.0),))
    economy.households["state"] = Household("state", (), (Flow("L", 1.0),))
    eq = economy.solve()
    # The state hires labour with the tax on labour in production: 0.25 l + l = 100.
    assert eq.activity["make"] == pytest.approx(80.0)
    assert eq.households.loc["state", "taxes"] == pytest.approx(20.0)


def test_taxes_said_word_by_word_on_technologies_and_on_code():
    def economy(by_code):
        found = pg.Economy(numeraire="labour")
        if by_code:

            @found.firm(makes="bread")
            def bakery(grain, labour):
                return grain**0.4 * labour**0.6
        else:
            technology = pg.CobbDouglas({"grain": 0.4, "labour": 0.6})
            found.firm(name="bakery", makes="bread", technology=technology)
        found.household(
            "people", endowment={"labour": 60, "grain": 40}, utility=pg.CobbDouglas({"bread": 1.0})
        )
        found.household("state", utility=pg.CobbDouglas({"bread": 1.0}))
        found.tax("bakery", "grain", 0.25, to="state")
        found.tax("bakery", "bread", 0.1, to="people")
        return found.solve()

    plain, code = economy(False), economy(True)
    # All grain and labour is used: user prices in the ratio of shares, so grain sells at 1 / 1.25.
    assert plain.prices["grain"] == pytest.approx(1 / 1.25, rel=1e-12)
    assert plain.income["state"] == pytest.approx(0.25 / 1.25 * 40, rel=1e-12)
    assert code.prices[["grain", "bread"]].tolist() == pytest.approx(
        plain.prices[["grain", "bread"]].tolist(), rel=1e-9
    )
    assert code.income.tolist() == pytest.approx(plain.income.tolist(), rel=1e-9)
    assert list(code.firms.index) == ["bakery"]


@pytest.mark.parametrize(
    ("agent", "good", "words"),
    [
        ("baker", "grain", "'baker'.*bakery"),
        ("bakery", "corn", "neither buys nor sells 'corn'"),
        ("people", "grain", "neither"),
    ],
)
def test_a_tax_on_what_is_not_there_is_named(agent, good, words):
    economy = pg.Economy()
    economy.firm(name="bakery", makes="bread", technology=pg.CobbDouglas({"grain": 1.0}))
    economy.household("people", endowment={"grain": 40}, utility=pg.CobbDouglas({"bread": 1.0}))
    with pytest.raises(pg.ModelError, match=words):
        economy.tax(agent, good, 0.1, to="people")


def test_a_constraint_given_by_a_function_is_the_one_given_by_its_text():
    def economy(constraint):
        found = pg.Economy(numeraire="labour")
        found.firm(name="bakery", makes="bread", technology=pg.CobbDouglas({"grain": 0.4, "labour": 0.6}))
        found.household(
            "people", endowment={"labour": 60, "grain": 40}, utility=pg.CobbDouglas({"bread": 1.0})
        )
        found.household("state", utility=pg.CobbDouglas({"bread": 1.0}))
        found.auxiliary("rate", constraint, start=0.1)
        found.tax("bakery", "grain", "rate", to="state")
        return found.solve()

    def revenue(state, rate, bread):
        return state - 3 * bread**0.5

    text = economy("state == 3 * bread ** 0.5")
    code = economy(revenue)
    assert code.aux["rate"] == pytest.approx(text.aux["rate"], rel=1e-10)
    assert code.income["state"] == pytest.approx(3 * code.prices["bread"] ** 0.5, rel=1e-10)
    assert code.certificate.worst < 1e-9
