"""One sweep of quantities, one of prices: plans priced, and plans that cannot be."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pricegrad as pg
from pricegrad.pricing.curve import price_at
from pricegrad.pricing.technology import produce
from tests.zoo import mills


def test_a_rival_good_is_split_and_a_non_rival_good_adds():
    """The same two users: used up, the split moves until their values are equal; not used up, they add."""
    at_the_best = 16 * np.linspace(0, 1, 100001)[1:-1]
    total = 2 * at_the_best**0.5 + 3 * (16 - at_the_best) ** 0.25
    best = at_the_best[total.argmax()]
    rival = mills(split={"flour mill": best / 16, "brewery": 1 - best / 16}).price()
    values = rival.inputs["marginal_value"]
    assert values["flour mill", "grain"] == pytest.approx(values["brewery", "grain"], rel=1e-3)
    assert rival.prices["grain"] == pytest.approx(values["brewery", "grain"], rel=1e-3)
    assert rival.quantities["flour"] == pytest.approx(best**0.5)

    shared = mills(rival=False).price()
    assert shared.quantities["flour"] == pytest.approx(4.0)
    assert shared.quantities["beer"] == pytest.approx(6.0)
    assert shared.prices["grain"] == pytest.approx(2 * 0.5 * 16**-0.5 + 0.25 * 3 * 16**-0.75, rel=1e-14)
    assert "values add" in shared.explain()


def test_a_split_that_is_not_the_best_is_priced_by_its_shares_and_said_so():
    result = mills(split={"flour mill": 0.25, "brewery": 0.75}).price()
    flour, beer = 0.5 * 2 * 4**-0.5, 0.25 * 3 * 12**-0.75
    assert result.prices["grain"] == pytest.approx(0.25 * flour + 0.75 * beer, rel=1e-14)
    (note,) = [note for note in result.notes if note.startswith("grain")]
    assert "giving flour mill more of it would gain" in note
    h = 1e-6
    more = mills(split={"flour mill": 0.25, "brewery": 0.75})
    gain = sum(
        sign * (2 * r.quantities["flour"] + r.quantities["beer"])
        for sign, r in ((1, more.price({"grain": 16 + h})), (-1, more.price({"grain": 16 - h})))
    )
    assert result.prices["grain"] == pytest.approx(gain / (2 * h), rel=1e-8)


def test_accounts_of_firms_add_up():
    result = mills(rival=False).price()
    firms = result.firms
    assert firms["profit"].to_dict() == pytest.approx((firms["revenue"] - firms["cost"]).to_dict())
    assert firms.loc["flour mill", "revenue"] == pytest.approx(8.0)
    assert firms.loc["flour mill", "marginal_values"] == {"grain": pytest.approx(0.25)}
    assert firms.loc["flour mill", "cost"] == pytest.approx(4.0)
    assert result.worst < 1e-9


def test_joint_products_leontief_and_unsold_goods():
    economy = pg.Economy()
    economy.firm(
        name="refinery",
        makes=pg.CET({"petrol": 0.6, "tar": 0.4}),
        technology=pg.Leontief({"crude": 2.0, "power": 1.0}),
    )
    economy.supply("crude", 10.0)
    economy.supply("power", 7.0)
    economy.demand("petrol", price=3.0)
    result = economy.price()
    assert result.quantities[["petrol", "tar"]].tolist() == pytest.approx([3.0, 2.0])
    assert result.prices[["crude", "power", "tar"]].tolist() == pytest.approx([0.9, 0.0, 0.0])
    assert "tar: nobody uses it, so its price is 0" in result.notes


def test_the_numeraire_may_be_any_good_or_a_currency():
    for numeraire, want in (("money", [2.0, 1.0]), ("beer", [2.0, 1.0]), ("grain", None)):
        economy = mills(rival=False)
        economy.numeraire = numeraire
        prices = economy.price().prices
        assert prices["flour"] / prices["beer"] == pytest.approx(2.0)
        if want is None:
            assert prices["grain"] == 1.0
        else:
            assert prices[["flour", "beer"]].tolist() == want
    economy = mills(rival=False)
    economy.numeraire = "flour"
    with pytest.raises(pg.ModelError, match="numeraire='dollars'"):
        economy.price()


def test_the_final_good_is_the_numeraire_without_a_demand():
    economy = pg.Economy(numeraire="flour")
    economy.firm(name="mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.5}))
    economy.supply("grain", 4.0)
    assert economy.price().prices.to_dict() == {"flour": 1.0, "grain": pytest.approx(0.25)}


def test_a_demand_curve_gives_the_price_at_which_it_takes_what_there_is():
    economy = pg.Economy()
    economy.firm(name="mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.5}))
    economy.supply("grain", 4.0)
    economy.demand("flour", lambda p: 6 / p**2)
    assert economy.price().prices["flour"] == pytest.approx(3**0.5, rel=1e-14)
    with pytest.raises(pg.ModelError, match="at no price"):
        price_at(lambda p: 1.0, 2.0, "flour")
    with pytest.raises(pg.ModelError, match="not a number"):
        price_at(lambda p: math.nan, 2.0, "flour")


def circle():
    economy = pg.Economy()
    economy.firm(name="mine", makes="coal", technology=pg.Leontief({"steel": 0.1, "labour": 1.0}))
    economy.firm(name="mill", makes="steel", technology=pg.Leontief({"coal": 0.5}))
    economy.supply("labour", 1.0)
    economy.demand("steel", price=1.0)
    return economy


def without_maker():
    economy = mills(rival=False)
    economy.firm(name="bakery", makes="bread", technology=pg.CobbDouglas({"fluor": 1.0}))
    return economy


def with_household():
    economy = mills(rival=False)
    economy.household("town", utility=pg.CobbDouglas({"beer": 1.0}))
    return economy


def changed(**changes):
    def build():
        economy = mills(rival=False)
        for key, value in changes.items():
            getattr(economy, key)(*value[0], **value[1])
        return economy

    return build


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (circle, "in a circle: .*coal -> mill -> steel -> mine"),
        (without_maker, "'fluor'.* Did you mean \"flour\""),
        (mills, "'grain' is used by 'flour mill' and 'brewery'; say how it is divided"),
        (lambda: mills(split={"flour mill": 0.5, "pub": 0.5}), "'pub' does not use it"),
        (with_household, "household 'town' buys what it likes best"),
        (changed(supply=(("hops",), {"price": 1.0})), "the supply of 'hops' is a price"),
        (changed(supply=(("hops", lambda p: p), {})), "the supply of 'hops' is a curve"),
        (changed(demand=(("beer", 3.0), {})), "'beer' has two outside demands"),
        (changed(auxiliary=(("t", "beer >= 1"), {})), "auxiliary variable 't'"),
    ],
)
def test_a_plan_that_says_too_little_is_refused_by_name(build, word):
    with pytest.raises(pg.ModelError, match=word):
        build().price()


def test_what_a_sweep_would_leave_out_is_refused():
    economy = mills(rival=False)
    economy.fixed["beer"] = 3.0
    with pytest.raises(pg.ModelError, match="'beer' is held at 3"):
        economy.price()
    table = pg.Economy.from_table("us71")
    table.fixed["Farms"] = 2.0
    with pytest.raises(pg.ModelError, match="'Farms' is held at 2"):
        table.shock({"Farms": 0.1})
    with pytest.raises(pg.ModelError, match="'Farms' is held at 2"):
        table.price()


@pytest.mark.parametrize(
    ("quantities", "word"),
    [
        ({"grian": 1.0}, 'Did you mean "grain"?'),
        ({"grain": math.nan}, "'grain' is nan"),
        ({"grain": -1.0}, "'flour mill' would use -1 of 'grain'"),
    ],
)
def test_quantities_that_make_no_sense_are_refused(quantities, word):
    with pytest.raises(pg.ModelError, match=word):
        mills(rival=False).price(quantities)


@pytest.mark.parametrize("elasticity", [0.4, 1.0 - 1e-9, 1.0, 1.0 + 1e-9, 3.0])
def test_production_functions_have_the_derivatives_of_their_formula(elasticity):
    inner = pg.CES({"labour": 0.5, "land": 0.5}, elasticity=0.6, scale=1.3)
    outer = pg.CES({"ore": 0.3, inner: 0.7}, elasticity=elasticity, scale=2.0, returns=0.8)
    economy = pg.Economy()
    economy.firm(name="steel", makes="steel", technology=outer)
    x = np.array([2.0, 1.5, 0.7])

    def ces(shares, amounts, s):
        if abs(s - 1) < 1e-8:  # the limit, without the constant that scaling by shares leaves
            shares = np.array(shares) / sum(shares)
            return math.prod((a / w) ** w for a, w in zip(amounts, shares))
        return sum(w ** (1 / s) * a ** ((s - 1) / s) for w, a in zip(shares, amounts)) ** (s / (s - 1))

    def want(x):
        return 2.0 * ces([0.3, 0.7], [x[0], 1.3 * ces([0.5, 0.5], x[1:], 0.6)], elasticity) ** 0.8

    (made,), (slopes,) = produce(economy.firms["steel"], tuple(x))
    assert made == pytest.approx(want(x), rel=1e-7 if abs(elasticity - 1) < 1e-8 else 1e-13)
    for k in range(3):
        h = np.zeros(3)
        h[k] = 1e-5
        assert slopes[k] == pytest.approx((want(x + h) - want(x - h)) / 2e-5, rel=1e-7)


def test_prices_from_costs_meet_final_demand():
    flows = pd.DataFrame([[10.0, 40, 0], [5, 10, 60], [2, 3, 4]], list("abc"), list("abc"))
    table = pd.concat([flows, pd.DataFrame([[38.0, 47, 56]], ["labour"], list("abc"))])
    economy = pg.Economy.from_table(table, technology="cobb-douglas")
    result = economy.price()
    assert result.prices.to_list() == pytest.approx([1.0] * 4, abs=1e-13)
    assert result.quantities[list("abc")].tolist() == pytest.approx(table.sum().tolist(), rel=1e-12)
    assert result.firms["activity"].tolist() == pytest.approx([1.0] * 3, rel=1e-12)
    assert result.firms["profit"].abs().max() < 1e-10
    assert result.worst < 1e-14
    assert "b spends that on a unit" in result.explain("b")
    assert "a: P_a" in result.explain()


def test_bread_from_prices_of_inputs():
    economy = pg.Economy()
    economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"flour": 2.0, "labour": 1.0}))
    economy.supply("flour", price=0.5)
    economy.supply("labour", price=3.0)
    economy.demand("bread", lambda p: 8 / p)
    result = economy.price()
    assert result.prices["bread"] == pytest.approx(4.0)
    assert result.quantities["flour"] == pytest.approx(4.0)
    plan = economy.price({"flour": 4.0, "labour": 2.5})
    assert plan.prices["flour"] == pytest.approx(2.0)
    assert "flour: costs 0.5 outside and is worth 2 here" in plan.notes


def random_chain(rng, layers, width):
    """Layers of CES firms, each buying from goods made before, rival goods split, some goods non-rival."""
    economy = pg.Economy(numeraire="money")
    goods = [f"raw{k}" for k in range(width)]
    for good in goods:
        economy.supply(good, float(rng.uniform(1, 5)))
    users = {good: [] for good in goods}
    for layer in range(layers):
        made = []
        for k in range(width):
            name = f"firm{layer}_{k}"
            inputs = list(rng.choice(goods, size=min(len(goods), int(rng.integers(1, 4))), replace=False))
            technology = pg.CES(
                {str(good): float(rng.uniform(0.1, 1)) for good in inputs},
                elasticity=float(rng.choice([0.3, 0.7, 1.0, 1.5, 4.0])),
                returns=float(rng.choice([0.6, 0.9, 1.0])),
            )
            economy.firm(name=name, makes=f"good{layer}_{k}", technology=technology)
            for good in inputs:
                users[str(good)].append(name)
            made.append(f"good{layer}_{k}")
        users.update({good: [] for good in made})
        goods += made
    for good, names in users.items():
        if not names or rng.random() < 0.3:
            economy.demand(good, price=float(rng.uniform(0.5, 2)))
            names = [*names, "demand"]
        if rng.random() < 0.3:
            economy.good(good, rival=False)
        elif len(names) > 1:
            shares = rng.dirichlet(np.ones(len(names)) * 3)
            economy.split(good, dict(zip(names, map(float, shares))))
    return economy


def worth(economy, quantities):
    """What outside demand pays for a plan, by the quantities alone."""
    result = economy.price(quantities)
    total = 0.0
    for market in economy.outside:
        if market.side == "demand":
            rival = economy.goods[market.good].rival if market.good in economy.goods else True
            share = economy.shares.get(market.good, {}).get("demand", 1.0) if rival else 1.0
            total += market.price * share * result.quantities[market.good]
    return total


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 3), st.integers(1, 3))
def test_prices_are_the_gradient_of_what_the_plan_is_worth(seed, layers, width):
    economy = random_chain(np.random.default_rng(seed), layers, width)
    prices = economy.price().prices
    for market in economy.outside:
        if market.side == "supply":
            x, h = market.quantity, 1e-3 * market.quantity
            one, two = (
                (worth(economy, {market.good: x + k * h}) - worth(economy, {market.good: x - k * h}))
                / (2 * k * h)
                for k in (1, 2)
            )
            assert prices[market.good] == pytest.approx((4 * one - two) / 3, rel=1e-7, abs=1e-9)
