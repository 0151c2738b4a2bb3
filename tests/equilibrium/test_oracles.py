"""Models of many kinds, each with an answer of its own: a formula, or a solver of another kind."""

import math

import numpy as np
import pytest
from tests.zoo import bread_and_cloth

import pricegrad as pg
from pricegrad.pricing.technology import produce


def test_a_robinson_crusoe_who_likes_leisure():
    economy = pg.Economy(numeraire="labour")
    economy.firm(lambda labour: 4 * labour**0.5, name="fishing", makes="fish")
    wants = pg.CobbDouglas({"fish": 0.5, "leisure": 0.5})
    economy.household("robinson", endowment={"labour": 16}, utility=wants)
    eq = economy.solve()  # the best of ln(4 sqrt(l)) + ln(16 - l)
    assert eq.quantities["fish"] == pytest.approx(4 * (16 / 3) ** 0.5, rel=1e-9)
    assert eq.prices["fish"] == pytest.approx(0.5 * (16 / 3) ** 0.5, rel=1e-9)


def test_nearly_perfect_substitutes():
    economy = pg.Economy(numeraire="labour")
    technology = pg.CES({"labour": 1.0, "oil": 1.0}, elasticity=200.0)
    economy.firm(name="plant", makes="heat", technology=technology)
    economy.household("people", endowment={"labour": 10, "oil": 3}, utility=pg.CobbDouglas({"heat": 1}))
    assert economy.solve().prices["oil"] == pytest.approx((10 / 3) ** (1 / 200), rel=1e-10)


def test_exchange_of_two_ces_households_against_a_root_finder():
    from scipy.optimize import brentq

    economy = pg.Economy(numeraire="a")
    economy.household("one", endowment={"a": 1, "b": 2}, utility=pg.CES({"a": 0.3, "b": 0.7}, elasticity=0.5))
    economy.household("two", endowment={"a": 3, "b": 0.5}, utility=pg.CES({"a": 0.6, "b": 0.4}, elasticity=2))

    def wanted(weight, s, price, income):
        return weight * price**-s * income / ((1 - weight) + weight * price ** (1 - s))

    def excess(p):
        return wanted(0.7, 0.5, p, 1 + 2 * p) + wanted(0.4, 2.0, p, 3 + 0.5 * p) - 2.5

    assert economy.solve().prices["b"] == pytest.approx(brentq(excess, 0.01, 100, xtol=1e-14), rel=1e-10)


def test_nests_in_nests_against_the_best_plan():
    """One household: prices are those of the plan that a numerical optimiser likes best."""
    from scipy.optimize import minimize

    added = pg.CES({"labour": 0.6, "capital": 0.4}, elasticity=0.8)
    fuel = pg.CES({"oil": 0.5, "gas": 0.5}, elasticity=3.0, scale=1.5)
    economy = pg.Economy(numeraire="labour")
    economy.firm(
        name="maker", makes="ware", technology=pg.CES({added: 0.7, fuel: 0.3}, elasticity=0.4, scale=2)
    )
    economy.firm(name="well", makes="oil", technology=pg.CobbDouglas({"labour": 0.5, "land": 0.5}))
    economy.firm(name="field", makes="gas", technology=pg.Leontief({"labour": 1.0, "land": 0.3}))
    owned = {"labour": 10, "capital": 5, "land": 4}
    economy.household("people", endowment=owned, utility=pg.CES({"ware": 0.8, "oil": 0.2}, elasticity=0.7))

    def made(name, *amounts):
        return float(produce(economy.firms[name], amounts)[0][0])

    def loss(v):
        labour = 10 * np.exp(v[:3]) / np.exp(v[:3]).sum()
        gas, burnt = labour[2], 1 / (1 + math.exp(-v[3]))
        if 0.3 * gas >= 4:
            return 1e3
        oil = made("well", labour[1], 4 - 0.3 * gas)
        inputs = [flow.good for flow in economy.firms["maker"].inputs]
        at = {"labour": labour[0], "capital": 5.0, "oil": burnt * oil, "gas": gas}
        ware, eaten = made("maker", *(at[good] for good in inputs)), (1 - burnt) * oil
        part = [w ** (1 / 0.7) * x ** (-0.3 / 0.7) for w, x in ((0.8, ware), (0.2, eaten))]
        return -math.log(sum(part) ** (-0.7 / 0.3))

    options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000, "maxfev": 8000}
    best = minimize(loss, [0, 0, 0, 0], method="Nelder-Mead", options=options)
    eq = economy.solve()
    assert math.log(eq.households.loc["people", "utility"]) == pytest.approx(-best.fun, abs=1e-8)


def test_twelve_goods_from_three_factors_against_a_root_finder():
    from scipy.optimize import fsolve

    draw, count = np.random.default_rng(5), 12
    economy = pg.Economy(numeraire="l")
    weights, bend = draw.dirichlet(np.ones(3), count), draw.uniform(0.3, 2, count)
    for j in range(count):
        shares = dict(zip("lkt", weights[j].tolist()))
        economy.firm(name=f"f{j}", makes=f"g{j}", technology=pg.CES(shares, elasticity=float(bend[j])))
    wants = pg.CES({f"g{j}": 1 / count for j in range(count)}, elasticity=1.4)
    economy.household("people", endowment={"l": 10, "k": 7, "t": 4}, utility=wants)

    def excess(logs):
        p = np.array([1.0, *np.exp(logs)])
        cost = np.array([(w @ p ** (1 - s)) ** (1 / (1 - s)) for w, s in zip(weights, bend)])
        used = np.array([w * (c / p) ** s for w, s, c in zip(weights, bend, cost)])
        level = (p @ [10, 7, 4]) * np.mean(cost**-0.4) ** -1
        return (level / count * cost**-1.4 @ used - [10, 7, 4])[1:]

    factors = np.exp(fsolve(excess, [0, 0], xtol=1e-13))
    assert economy.solve().prices[["k", "t"]].tolist() == pytest.approx(factors.tolist(), rel=1e-9)


@pytest.mark.parametrize(("price", "made"), [(0.5, True), (2.0, False)])
def test_a_quasilinear_consumer_at_both_ends(price, made):
    """ln(x + 1) + labour: nothing is bought where the price of x is 1 or more."""
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="bakery", makes="x", technology=pg.Leontief({"labour": price}))

    def utility(x, labour):
        return math.log(x + 1) + labour

    economy.household("people", endowment={"labour": 100}, utility=utility)
    assert economy.solve().quantities["x"] == pytest.approx(1 / price - 1 if made else 0.0, abs=1e-9)


def test_a_public_good_is_what_all_would_pay_for_together():
    economy = pg.Economy(numeraire="labour")
    economy.good("park", rival=False)
    economy.firm(name="gardener", makes="park", technology=pg.Leontief({"labour": 1.0}))
    for name, owned, share in (("ann", 10, 0.5), ("bob", 30, 0.2)):
        wants = pg.CobbDouglas({"park": share, "labour": 1 - share})
        economy.household(name, endowment={"labour": owned}, utility=wants)
    assert economy.solve().quantities["park"] == pytest.approx(10 * 0.5 + 30 * 0.2, rel=1e-9)


def test_a_quota_has_a_rent():
    wants = pg.CobbDouglas({"bread": 0.5, "cloth": 0.5})
    economy = bread_and_cloth(wants, labour=10)
    economy.auxiliary("rent", "2 >= tailor")
    economy.tax("tailor", "cloth", "rent", to="people")
    eq = economy.solve()
    # half of income goes to each: 8 labour bakes 4 bread worth 8, so 2 cloth are worth 8 too
    assert eq.activity["tailor"] == pytest.approx(2.0, rel=1e-9)
    assert eq.prices["cloth"] == pytest.approx(4.0, rel=1e-9)
    assert eq.aux["rent"] == pytest.approx(0.75, rel=1e-9)


def test_a_debt_in_kind_is_bought():
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"labour": 1.0}))
    wants = pg.CobbDouglas({"bread": 1.0})
    economy.household("lender", endowment={"labour": 100, "bread": 0}, utility=wants)
    economy.household("debtor", endowment={"labour": 50, "bread": -10}, utility=wants)
    eq = economy.solve()
    assert eq.income["debtor"] == pytest.approx(40.0, rel=1e-12)
    assert eq.quantities["bread"] == pytest.approx(150.0, rel=1e-12)


def test_twenty_firms_in_a_row():
    """Labour's share in what comes after n firms is 1 - .9 ** n."""
    economy, count = pg.Economy(numeraire="g0"), 20
    for k in range(count):
        technology = pg.CobbDouglas({f"g{k}": 0.9, "labour": 0.1})
        economy.firm(name=f"f{k}", makes=f"g{k + 1}", technology=technology)
    wants = pg.CobbDouglas({f"g{count}": 1.0})
    economy.household("people", endowment={"g0": 10, "labour": 10}, utility=wants)
    assert economy.solve().prices["labour"] == pytest.approx((1 - 0.9**count) / 0.9**count, rel=1e-10)
