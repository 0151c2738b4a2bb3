import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import ModelError
from pricegrad.market.market import Market


def last(trajectory):
    return trajectory.prices.iloc[-1].to_numpy()


@pytest.mark.parametrize("seed", range(3))
def test_the_town_ends_at_its_closed_form_from_random_starts(town, town_prices, seed):
    draw = np.random.default_rng(seed)
    start = {good: float(np.exp(draw.normal() * 2)) for good in town_prices}
    result = Market(town).run(start=start)
    assert result.converged
    assert result.rule == "make-to-order"
    assert result.prices.iloc[-1].to_dict() == pytest.approx(town_prices, rel=1e-8)
    assert result.quantities.iloc[-1]["labour"] == pytest.approx(100, rel=1e-8)


@pytest.mark.parametrize(("delay", "active"), [(0, 1.0), (0, 0.5), (4, 1.0), (4, 0.5)])
def test_random_networks_settle_with_stale_news_and_sleepers(random_network, delay, active):
    network, exact = random_network(seed=7)
    result = Market(network, seed=5, delay=delay, active=active).run(rounds=2000)
    assert result.converged
    assert np.abs(last(result) / exact - 1).max() < 1e-8


def test_own_elasticity_sets_the_step(random_network):
    network, exact = random_network(elasticity=(10.0, 20.0), seed=2)
    result = Market(network).run(rounds=500)
    assert result.converged
    assert np.abs(last(result) / exact - 1).max() < 1e-8


def test_same_seed_same_numbers_and_another_seed_others(random_network):
    network, _ = random_network(firms=100, seed=1)
    runs = [
        Market(network, seed=seed, delay=3, active=0.6).run(rounds=30).prices.to_numpy()
        for seed in (9, 9, 10)
    ]
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_resuming_gives_the_numbers_of_an_uninterrupted_run(town, tmp_path):
    def market():
        return Market(town, seed=4, delay=3, active=0.7)

    whole = market().run(rounds=40)
    half = market().run(rounds=25)
    half.save(tmp_path / "half.npz")
    for resumed in (tmp_path / "half.npz", half):
        rest = market().run(rounds=15, resume=resumed)
        assert np.array_equal(rest.prices.iloc[-1], whole.prices.iloc[-1])
        assert rest.prices.index[-1] == 40
    with pytest.raises(ModelError, match="seed"):
        Market(town, seed=5, delay=3, active=0.7).run(resume=half)
    (tmp_path / "torn.npz").write_bytes((tmp_path / "half.npz").read_bytes()[:200])
    with pytest.raises(ModelError, match="no saved market"):
        market().run(resume=tmp_path / "torn.npz")


def nested(tax=0.0):
    economy = pg.Economy("nested", numeraire="labour")
    value = pg.CES({"labour": 0.6, "capital": 0.4}, elasticity=0.8)
    economy.firm(name="steel", makes="steel", technology=pg.CES({"ore": 0.5, value: 0.5}, elasticity=0.3))
    economy.firm(
        name="mine",
        makes="ore",
        technology=pg.CES({"steel": 0.2, "labour": 0.8}, elasticity=0.5, returns=0.8),
    )
    economy.firm(name="cars", makes="cars", technology=pg.Leontief({"steel": 0.4, value: 0.7}, scale=2.0))
    economy.household(
        "workers", endowment={"labour": 80}, utility=pg.CES({"cars": 0.7, "steel": 0.3}, elasticity=1.5)
    )
    economy.household(
        "owners", endowment={"capital": 30}, utility=pg.CobbDouglas({"cars": 1.0}), subsistence={"steel": 0.5}
    )
    return economy


def test_markets_clear_in_a_nested_economy_with_two_households_and_profits():
    economy = nested()
    result = Market(economy).run(rounds=2000, tolerance=1e-12)
    assert result.converged
    price = result.prices.iloc[-1]
    amount = result.quantities.iloc[-1]
    assert amount["labour"] == pytest.approx(80, rel=1e-9)
    assert amount["capital"] == pytest.approx(30, rel=1e-9)
    value = (0.6 + 0.4 * price["capital"] ** 0.2) ** (1 / 0.2)
    assert price["cars"] == pytest.approx((0.4 * price["steel"] + 0.7 * value) / 2, rel=1e-9)
    steel = (0.5 * price["ore"] ** 0.7 + 0.5 * value**0.7) ** (1 / 0.7)
    assert price["steel"] == pytest.approx(steel, rel=1e-9)
    mine = (0.2 * price["steel"] ** 0.5 + 0.8) ** 2
    marginal = mine / 0.8 * amount["ore"] ** (1 / 0.8 - 1)
    assert price["ore"] == pytest.approx(marginal, rel=1e-9)


def test_a_tax_shock_is_paid_to_the_households_and_wedges_the_price(town):
    before = Market(town).run().prices.iloc[-1]
    taxed = Market(town).run(shocks=["30 tax grain 0.25"], rounds=2000)
    after = taxed.prices.iloc[-1]
    flour = (after["grain"] * 1.25 / 0.7) ** 0.7 * (1 / 0.3) ** 0.3
    assert taxed.converged
    assert after["flour"] == pytest.approx(flour, rel=1e-8)
    assert after["land"] < before["land"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda e: e.firm(lambda land: land**0.5, name="artist", makes="song"), "artist"),
        (
            lambda e: e.firm(
                name="farm2", makes="grain", technology=pg.CobbDouglas({"land": 0.2, "labour": 0.8})
            ),
            "grain.*several sellers",
        ),
        (
            lambda e: e.firm(
                name="mixer", makes=pg.CET({"bran": 1.0, "germ": 1.0}), technology=pg.Leontief({"grain": 1.0})
            ),
            "mixer.*several goods",
        ),
        (lambda e: e.demand("bread", price=3.0), "bread.*no order"),
    ],
)
def test_what_it_lacks_is_named(town, change, words):
    change(town)
    with pytest.raises(ModelError, match=words):
        Market(town, rule="make-to-order")


def test_bad_words_are_refused(town):
    with pytest.raises(ModelError, match="make-to-order"):
        Market(town, rule="make-to-ordr")
    with pytest.raises(ModelError, match="spends"):
        Market(town, rule="make-to-order", spend=0.4)
    with pytest.raises(ModelError, match="bread"):
        Market(town).run(start={"bred": 1.0})
    with pytest.raises(ModelError, match="positive"):
        Market(town).run(start={"bread": -1.0})
    with pytest.raises(ModelError, match="active"):
        Market(town, active=0.0)
    with pytest.raises(ModelError, match="delay"):
        Market(town, delay=-1)
    with pytest.raises(ModelError, match="no place"):
        Market(town).run(on="moon")


def test_threads_and_compilation_change_nothing(random_network, monkeypatch):
    numba = pytest.importorskip("numba")
    from pricegrad.market import rows

    network, _ = random_network(firms=1500, seed=4)
    plain = Market(network).run(rounds=12, tolerance=0.0).prices.to_numpy()
    monkeypatch.setattr(rows, "_COMPILE_FROM", 0)
    before, runs = numba.get_num_threads(), []
    try:
        for threads in (1, before):
            numba.set_num_threads(threads)
            runs.append(Market(network).run(rounds=12, tolerance=0.0).prices.to_numpy())
    finally:
        numba.set_num_threads(before)
    assert np.array_equal(*runs)
    assert np.allclose(runs[0], plain, rtol=1e-12)
