import numpy as np
import pytest
from tests.zoo import town_of_code

import pricegrad as pg
from pricegrad.errors import ModelError
from pricegrad.market.bundles import Bundles
from pricegrad.market.market import Market
from pricegrad.network import compile


def last(result):
    return result.prices.iloc[-1].to_dict()


def as_code(economy):
    """The two firms that share grapes, whose product is sold abroad at fixed prices."""

    @economy.firm(makes="wine")
    def winery(grapes):
        return 3 * grapes**0.5

    @economy.firm(makes="juice")
    def press(grapes):
        return 2 * grapes**0.5

    economy.supply("grapes", 10.0)
    economy.demand("wine", price=1.0)
    economy.demand("juice", price=2.0)
    return economy


@pytest.mark.parametrize("form", ["code", "technology"])
@pytest.mark.parametrize(("delay", "active"), [(0, 1.0), (3, 0.6)])
def test_the_town_by_bids(town, town_prices, form, delay, active):
    economy = town_of_code() if form == "code" else town
    market = Market(economy, "proportional-response", seed=2, delay=delay, active=active)
    result = market.run(start={"bread": 9.0, "land": 0.1}, tolerance=1e-11)
    assert result.converged
    assert last(result) == pytest.approx(town_prices, rel=1e-8)
    assert result.conservation < 1e-12


def test_a_rival_good_goes_where_it_is_worth_more_until_it_is_worth_the_same():
    result = Market(as_code(pg.Economy("rival", numeraire="wine"))).run(tolerance=1e-12)
    got = result.saved.arrays["got"]
    marginal = np.array([1.0 * 1.5, 2.0 * 1.0]) / np.sqrt(got)
    assert result.rule == "proportional-response"
    assert marginal[0] == pytest.approx(marginal[1], rel=1e-8)
    assert last(result)["grapes"] == pytest.approx(marginal[0], rel=1e-8)
    assert got.sum() == pytest.approx(10.0, rel=1e-14)


def test_a_non_rival_good_gets_the_sum_of_what_its_users_would_pay():
    economy = as_code(pg.Economy("design", numeraire="wine"))
    economy.good("grapes", rival=False)
    result = Market(economy).run(tolerance=1e-12)
    assert np.array_equal(result.saved.arrays["got"], [10.0, 10.0])
    assert last(result)["grapes"] == pytest.approx((1.5 + 2.0) / 10**0.5, rel=1e-9)


def chain(demand):
    economy = pg.Economy("chain")

    @economy.firm(makes="middle")
    def first(raw):
        return raw**0.5

    @economy.firm(makes="final")
    def second(middle):
        return 2 * middle**0.5

    economy.supply("raw", 4.0)
    economy.demand("final", **demand)
    return economy


def moved(result, at):
    """Rounds after the shock in which prices and quantities of each good first move."""
    frames = {}
    for name, frame in (("price", result.prices), ("quantity", result.quantities)):
        change = (frame.diff().abs() / frame.abs()).loc[at + 1 :] > 1e-9
        frames[name] = {
            good: (int(change[good].idxmax()) - at) if change[good].any() else None for good in frame
        }
    return frames


def test_with_an_elastic_final_price_a_supply_shock_leaves_that_price_and_travels_by_quantities():
    result = Market(chain({"price": 1.0})).run(rounds=80, shocks=["40 supply raw 0.5"], tolerance=0.0)
    first = moved(result, 40)
    assert first["price"]["final"] is None
    assert first["quantity"]["raw"] < first["quantity"]["middle"] < first["quantity"]["final"]
    assert result.quantities["final"].iloc[-1] == pytest.approx(2 * 2**0.25, rel=1e-9)


def test_a_changed_final_price_moves_every_price_upstream_and_no_quantity():
    result = Market(chain({"price": 1.0})).run(rounds=80, shocks=["40 demand final 3"], tolerance=0.0)
    first = moved(result, 40)
    assert first["price"]["final"] < first["price"]["middle"] < first["price"]["raw"]
    assert all(when is None for when in first["quantity"].values())
    before, after = result.prices.loc[40], result.prices.iloc[-1]
    assert (after / before).to_dict() == pytest.approx({"raw": 3.0, "middle": 3.0, "final": 3.0}, rel=1e-9)


def test_a_changed_price_leaves_the_other_branch_alone():
    economy = chain({"price": 1.0})

    @economy.firm(makes="other")
    def third(fuel):
        return fuel**0.8

    economy.supply("fuel", 2.0)
    economy.demand("other", price=1.0)
    result = Market(economy).run(rounds=80, shocks=["40 demand final 3"], tolerance=0.0)
    first = moved(result, 40)
    assert first["price"]["fuel"] is None
    assert first["price"]["other"] is None
    assert first["price"]["raw"] is not None


def test_with_a_sloping_final_demand_the_shock_moves_the_final_price_and_comes_back_up():
    market = Market(chain({"quantity": lambda price: 3.0 / price}), "proportional-response")
    result = market.run(rounds=120, shocks=["60 supply raw 0.5"], tolerance=0.0)
    first = moved(result, 60)
    assert first["quantity"]["middle"] < first["price"]["final"]
    assert result.prices["final"].iloc[-1] == pytest.approx(3 / (2 * 2**0.25), rel=1e-8)
    assert result.prices["raw"].iloc[-1] == pytest.approx(3.0 * 0.25 / 2, rel=1e-8)


def test_bundles_are_the_ces_functions_of_amounts():
    economy = pg.Economy("nest", numeraire="a")
    inner = pg.CES({"a": 0.4, "b": 0.6}, elasticity=0.5, scale=1.3)
    economy.firm(name="maker", makes="y", technology=pg.CES({inner: 0.7, "c": 0.3}, elasticity=2.0))
    economy.household("h", endowment={"a": 1, "b": 1, "c": 1}, utility=pg.CobbDouglas({"y": 1.0}))
    forest = compile(economy).forest
    goods = compile(economy).goods
    at = {"a": 1.7, "b": 0.6, "c": 2.2, "y": 1.0}
    bundles = Bundles(forest)

    def output(x):
        mix = 1.3 * (0.4 ** (1 / 0.5) * x["a"] ** -1 + 0.6 ** (1 / 0.5) * x["b"] ** -1) ** -1
        return (0.7**0.5 * mix**0.5 + 0.3**0.5 * x["c"] ** 0.5) ** 2

    amount = np.array([at[goods[g]] for g in forest.leaf_good])
    index = bundles.index(amount)
    assert np.exp(index[0]) == pytest.approx(output(at), rel=1e-12)
    bend = bundles.elasticities(amount, index)
    for k in np.flatnonzero(forest.root[forest.leaf_node] == 0):
        good = goods[forest.leaf_good[k]]
        up, down = ({**at, good: at[good] * f} for f in (1 + 1e-6, 1 - 1e-6))
        slope = (np.log(output(up)) - np.log(output(down))) / 2e-6
        assert bend[k] == pytest.approx(slope, rel=1e-7)


def test_what_is_owed_is_refused(town):
    town.household("debtor", endowment={"labour": 5, "bread": -1}, utility=pg.CobbDouglas({"bread": 1.0}))
    with pytest.raises(ModelError, match="debtor.*owes"):
        Market(town, "proportional-response")
