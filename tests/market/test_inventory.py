import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import ModelError
from pricegrad.market.market import Market
from pricegrad.market.rule import Seen


def test_the_town_settles_at_its_equilibrium_from_wrong_prices(town, town_prices):
    result = Market(town, "inventory").run(rounds=3000, start={"bread": 8.0, "land": 0.2}, tolerance=1e-9)
    assert result.converged
    assert result.prices.iloc[-1].to_dict() == pytest.approx(town_prices, rel=1e-6)
    assert result.conservation < 1e-12
    assert result.distance < 1e-6


@pytest.mark.parametrize(("delay", "active"), [(0, 1.0), (0, 0.4), (2, 0.4)])
def test_goods_and_money_are_conserved_whatever_happens(town, delay, active):
    shocks = ["20 supply land 0.4", "50 productivity mill 2", "90 tax flour 0.2", "120 demand bread 2"]
    market = Market(town, "inventory", seed=3, delay=delay, active=active, gain=0.6, adjust=1.0, spoils=0.05)
    result = market.run(rounds=160, shocks=shocks, tolerance=0.0)
    assert result.rounds == 160
    assert result.conservation < 1e-12


def wild(market, rounds, seed):
    """States of a run from random stocks, cash and orders, far from any rest."""
    rule = market.rule
    draw = np.random.default_rng(seed)
    state = rule.start(np.exp(draw.normal(size=len(market.network.goods))))
    state = {name: values * draw.uniform(0.0, 3.0, values.shape) for name, values in state.items()}
    state["price"] = np.maximum(state["price"], 1e-3)

    for _ in range(rounds):
        following = rule.propose(state, Seen(np.log(state["price"]), {}))
        yield state, following
        state = following


@pytest.mark.parametrize("seed", range(5))
def test_nobody_ships_what_is_not_there_and_no_account_goes_below_zero(town, seed):
    market = Market(town, "inventory")
    rule, good = market.rule, market.rule.demands.good
    for state, following in wild(market, 60, seed):
        have = state["stock"].copy()
        have[rule.good] += rule._output(state["got"])
        have[rule.factor] = rule.traders.endowed[rule.factor]
        shipped = np.bincount(good, following["got"], len(have))
        assert (shipped <= have * (1 + 1e-12)).all()
        wanted = state["order"] / state["price"][good]
        part = np.where(wanted > 0, following["got"] / np.where(wanted > 0, wanted, 1), np.nan)
        for g in range(len(have)):
            parts = part[(good == g) & (wanted > 0)]
            assert np.allclose(parts, parts[:1], rtol=1e-12)
        assert (following["stock"] >= 0).all()
        assert (following["cash"] >= -1e-12 * rule.money(state)).all()
        assert rule.violation(state, following) < 1e-12


def test_a_market_that_cuts_orders_is_not_at_rest(town):
    # stocks gone, everyone's cash put down for what is not there: prices may stand still all the same
    market = Market(town, "inventory")
    state = market.rule.start(np.ones(len(market.network.goods)))
    state["stock"] = np.zeros_like(state["stock"])
    state["order"] = 2 * state["order"]
    following = market.rule.propose(state, Seen(np.log(state["price"]), {}))
    still = {**following, "price": state["price"]}
    assert market.rule.gap(state, still) > 0.4


def test_a_violation_is_seen(town):
    market = Market(town, "inventory")
    state, following = next(wild(market, 1, 0))
    following["got"] = following["got"] * 1.001
    assert market.rule.violation(state, following) > 1e-5
    following = market.rule.propose(state, Seen(np.log(state["price"]), {}))
    following["cash"] = following["cash"] + 1e-3
    assert market.rule.violation(state, following) > 1e-6


@pytest.mark.parametrize(
    ("options", "active", "settles"),
    [
        ({}, 1.0, True),
        ({"gain": 0.1}, 1.0, True),
        ({"target": 0.5}, 1.0, True),
        ({}, 0.5, True),
        ({}, 0.8, True),
        ({"gain": 0.35, "target": 2.0}, 1.0, False),
        ({"target": 2.0, "adjust": 1.0}, 1.0, False),
    ],
)
def test_it_settles_inside_the_stable_region_and_cycles_outside(random_network, options, active, settles):
    network, exact = random_network(firms=200, seed=1)
    result = Market(network, "inventory", active=active, **options).run(
        rounds=int(500 / active), tolerance=1e-6
    )
    assert result.converged is settles
    assert result.conservation < 1e-12
    if settles:
        assert np.abs(result.prices.iloc[-1].to_numpy() / exact - 1).max() < 1e-3
    else:
        late = np.log(result.prices.iloc[-150:].to_numpy())
        assert np.ptp(late, axis=0).max() > 0.01


@pytest.mark.parametrize(
    ("elasticity", "start"), [(0.2, {}), (0.5, {"land": 8.0}), (1.5, {"g1": 5.0, "land": 0.2})]
)
def test_the_defaults_settle_where_half_of_all_costs_are_factors(elasticity, start):
    draw, firms = np.random.default_rng(1), 8
    economy = pg.Economy("settlers", numeraire="labour")
    for i in range(firms):
        bought = draw.choice([j for j in range(firms) if j != i], 3, replace=False)
        shares = {
            f"g{j}": float(part) / 2 for j, part in zip(bought, draw.dirichlet(np.ones(3)), strict=True)
        }
        goods = {**shares, "labour": 0.3, "land": 0.2}
        economy.firm(
            name=f"f{i}", makes=f"g{i}", technology=pg.CES(goods, elasticity=elasticity, returns=0.9)
        )
    taste = pg.CES({f"g{i}": 1 / firms for i in range(firms)}, elasticity=0.8)
    economy.household("people", endowment={"labour": 10.0, "land": 10.0}, utility=taste)
    result = Market(economy, "inventory").run(rounds=600, start=start, tolerance=1e-6)
    assert result.converged
    assert result.distance < 1e-4


def test_it_resumes_exactly(town, tmp_path):
    def market():
        return Market(town, "inventory", seed=8, active=0.6)

    whole = market().run(rounds=30, tolerance=0.0)
    market().run(rounds=12, tolerance=0.0).save(tmp_path / "half.npz")
    rest = market().run(rounds=18, tolerance=0.0, resume=tmp_path / "half.npz")
    assert np.array_equal(whole.prices.iloc[-1], rest.prices.iloc[-1])
    assert np.array_equal(whole.saved.arrays["cash"], rest.saved.arrays["cash"])


def port(fuel):
    """A town that buys fuel abroad and sells grain there; prices are abroad's, trade must balance."""
    economy = pg.Economy("port")
    economy.firm(name="farm", makes="grain", technology=pg.CobbDouglas({"land": 0.5, "labour": 0.5}))
    economy.firm(
        name="mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.6, "labour": 0.3, "fuel": 0.1})
    )
    economy.household("people", endowment={"land": 50, "labour": 100}, utility=pg.CobbDouglas({"flour": 1.0}))
    economy.supply("fuel", **fuel)
    economy.demand("grain", lambda price: 15 * (price + 0.05) ** -0.8)
    return economy


FUEL = [{"quantity": 20.0}, {"quantity": lambda price: 10 * (price + 0.01) ** 0.5}, {"price": 0.5}]


@pytest.mark.parametrize("fuel", FUEL)
def test_trade_with_outside_markets_settles_where_it_balances(fuel):
    economy = port(fuel)
    result = Market(economy, "inventory").run(rounds=4000, tolerance=1e-9)
    assert result.converged
    assert result.conservation < 1e-12
    assert result.prices.iloc[-1].to_dict() == pytest.approx(economy.solve().prices.to_dict(), rel=1e-6)


@pytest.mark.parametrize("fuel", FUEL)
def test_goods_and_money_are_conserved_across_the_border(fuel):
    shocks = ["20 supply land 0.4", "50 productivity mill 2", "90 tax flour 0.2", "130 demand grain 3"]
    market = Market(port(fuel), "inventory", seed=3, delay=2, active=0.4, gain=0.6, adjust=1.0, spoils=0.05)
    result = market.run(rounds=180, shocks=shocks, tolerance=0.0)
    assert result.rounds == 180
    assert result.conservation < 1e-12
    rule, at = result.market.rule, result.saved.arrays
    following = rule.propose(at, Seen(np.log(at["price"]), {}))
    assert rule.violation(at, following) < 1e-12
    assert (following["sent"] >= 0).all()
    assert rule.violation(at, {**following, "abroad": following["abroad"] * 1.001}) > 1e-6
    assert rule.violation(at, {**following, "sent": following["sent"] * 1.001}) > 1e-6


def test_a_market_that_takes_anything_at_a_price_is_refused():
    other = pg.Economy("open", numeraire="labour")
    other.firm(name="mill", makes="flour", technology=pg.CobbDouglas({"labour": 1.0}))
    other.household("people", endowment={"labour": 10}, utility=pg.CobbDouglas({"flour": 1.0}))
    other.demand("flour", price=1.0)
    with pytest.raises(ModelError, match="takes any amount"):
        Market(other, "inventory")
