import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import ModelError
from pricegrad.market.market import Market
from pricegrad.market.shocks import Shock


def end(town, *shocks):
    result = Market(town).run(shocks=shocks, rounds=3000)
    assert result.converged
    return result.prices.iloc[-1]


def test_more_productive_mill_makes_flour_cheaper_and_leaves_grain(town, town_prices):
    after = end(town, Shock(30, "productivity", "mill", 2.0))
    assert after["flour"] == pytest.approx(town_prices["flour"] / 2, rel=1e-8)
    assert after["grain"] == pytest.approx(town_prices["grain"], rel=1e-8)


def test_half_the_land_is_twice_as_dear(town, town_prices):
    assert end(town, "30 supply land 0.5")["land"] == pytest.approx(2 * town_prices["land"], rel=1e-8)


def test_a_shock_and_its_undoing_come_back(town, town_prices):
    after = end(town, "30 supply land 0.5", "80 supply land 2")
    assert after.to_dict() == pytest.approx(town_prices, rel=1e-8)


def two_mills():
    economy = pg.Economy("two", numeraire="labour")
    economy.firm(name="mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.7, "labour": 0.3}))
    economy.firm(name="bakery", makes="bread", technology=pg.CES({"flour": 0.6, "rye": 0.4}, elasticity=3.0))
    economy.firm(name="ryemill", makes="rye", technology=pg.Leontief({"labour": 1.0}))
    economy.household(
        "people",
        endowment={"grain": 50, "labour": 100},
        utility=pg.CobbDouglas({"bread": 0.8, "flour": 0.1, "rye": 0.1}),
    )
    return economy


def test_a_cut_link_is_as_if_its_good_were_infinitely_dear():
    after = end(two_mills(), "30 cut bakery flour")
    assert after["bread"] == pytest.approx((0.4 * after["rye"] ** -2) ** -0.5, rel=1e-8)


def test_a_firm_leaves_and_another_enters():
    economy = two_mills()
    mill = economy.firms["mill"]
    gone = [
        Shock(20, "cut", "bakery", "flour"),
        Shock(20, "leave", "mill"),
        Shock(20, "enter", "newmill", mill),
    ]
    after = end(economy, *gone)
    assert after["bread"] == pytest.approx((0.4 * after["rye"] ** -2) ** -0.5, rel=1e-8)
    assert set(economy.firms) == {"mill", "bakery", "ryemill"}


def test_a_price_keeps_its_column_when_a_firm_leaves_and_another_opens():
    """Without its maker a good may go, and come back last in the compiled order."""
    economy = two_mills()
    mill = economy.firms["mill"]
    economy.firm(name="oven", makes="pies", technology=pg.Leontief({"labour": 2.0}))
    pies = economy.firms["oven"]
    shocks = [Shock(20, "leave", "oven"), Shock(20, "leave", "mill"), Shock(20, "enter", "mill", mill)]
    shocks += [Shock(40, "enter", "oven", pies)]
    market = Market(economy, "inventory")
    result = market.run(rounds=60, shocks=shocks, start={"bread": 3.0}, tolerance=0.0)
    calm = Market(economy, "inventory").run(rounds=20, start={"bread": 3.0}, tolerance=0.0)
    assert result.prices.columns.tolist() == calm.prices.columns.tolist()
    assert market.network.goods != calm.market.network.goods
    assert result.prices.loc[:20].equals(calm.prices)
    assert result.stocks.loc[:20].equals(calm.stocks)
    assert result.prices["pies"].isna().tolist() == [20 < r <= 40 for r in range(61)]
    assert not result.prices.drop(columns="pies").isna().any().any()
    assert np.isnan(result.half_lives(since=30)["pies"])
    again = Market(economy, "inventory").run(rounds=30, shocks=shocks, start={"bread": 3.0}, tolerance=0.0)
    rest = Market(economy, "inventory").run(rounds=30, shocks=shocks, resume=again, tolerance=0.0)
    assert rest.prices.equals(result.prices.loc[30:])


def test_watched_goods_are_followed_through_a_shock():
    economy = two_mills()
    mill = economy.firms["mill"]
    shocks = [Shock(5, "leave", "mill"), Shock(5, "enter", "mill", mill)]
    whole = Market(economy).run(rounds=10, shocks=shocks, tolerance=0.0).prices
    some = Market(economy).run(rounds=10, shocks=shocks, watch=["rye", "bread"], tolerance=0.0).prices
    assert set(some.columns) == {"labour", "rye", "bread"}
    assert some.equals(whole[some.columns])


@pytest.mark.parametrize(
    ("shock", "words"),
    [
        ("10 suply land 0.5", "supply"),
        ("10 supply", "ROUND KIND NAME"),
        ("10 supply sea 0.5", "sea"),
        ("10 productivity mil 0.5", "mill"),
        ("10 productivity mill 0", "above 0"),
        ("10 productivity mill lots", "number"),
        ("10 cut mill grain", "without 'grain'"),
        ("10 cut mill coal", "buys no 'coal'"),
        (Shock(10, "enter", "mill", None), "already"),
        (Shock(10, "enter", "shop", 3), "the firm as its value"),
    ],
)
def test_a_shock_that_makes_no_sense_is_refused(town, shock, words):
    with pytest.raises(ModelError, match=words):
        Market(town).run(rounds=20, shocks=[shock])
