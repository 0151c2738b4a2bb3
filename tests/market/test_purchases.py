"""What each buyer bought, round by round: it adds up to what was traded, by every rule, through shocks."""

import numpy as np
import pandas as pd
import pytest
from tests.zoo import town, town_of_code

import pricegrad as pg
from pricegrad.market import purchases


@pytest.mark.parametrize("rule", ["make-to-order", "proportional-response", "inventory", "optimistic"])
def test_purchases_add_up_to_quantities_and_end_at_the_equilibrium(rule):
    run = town().market(rule).run(rounds=3000)
    bought = run.purchases
    by_good = bought.T.groupby(level="good").sum().T[list(run.quantities.columns)]
    if rule != "optimistic":  # there, what is wanted and what is offered are two things until the end
        pd.testing.assert_frame_equal(
            by_good[1:], run.quantities.loc[bought.index][1:], check_names=False, rtol=1e-9, atol=1e-12
        )
    flows = town().solve().flows.set_index(["agent", "good"])["quantity"]
    last = bought.iloc[-1]
    for pair, amount in last.items():
        assert amount == pytest.approx(abs(flows[pair]), rel=1e-5)


def test_links_of_code_and_of_outside_markets_are_named():
    run = town_of_code().market().run(rounds=5)
    assert set(run.purchases.columns) == {
        ("people", "bread"), ("farm", "land"), ("farm", "labour"), ("mill", "grain"), ("mill", "labour"),
        ("bakery", "flour"), ("bakery", "labour"),
    }  # fmt: skip
    economy = pg.Economy(numeraire="money")
    economy.firm(name="mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.5}, scale=2.0))
    economy.supply("grain", 4.0)
    economy.demand("flour", lambda price: 8 / price)
    assert ("outside", "flour") in economy.market("proportional-response").run(rounds=5).purchases.columns


def test_a_firm_that_leaves_buys_nothing_afterwards():
    economy = town()
    economy.firm(name="stall", makes="bread", technology=pg.CobbDouglas({"flour": 0.5, "labour": 0.5}))
    run = economy.market("optimistic").run(rounds=40, shocks=["20 leave stall"], tolerance=0.0)
    bought = run.purchases["stall", "flour"]
    assert bought.loc[1:20].min() > 0
    assert (bought.loc[21:] == 0).all()


def test_of_a_long_run_few_rounds_are_kept_evenly_spread_and_the_last(monkeypatch):
    monkeypatch.setattr(purchases, "MOST", 20)
    run = town().market().run(rounds=95, tolerance=0.0)
    rounds = run.purchases.index
    assert 10 <= len(rounds) <= 20
    assert rounds[-1] == run.prices.index[-1]
    assert np.ptp(np.diff(rounds[:-1])) == 0
