import json
import math

import numpy as np
import pandas as pd
import pytest
from tests.zoo import CHAIN, CHAIN_PRICES

from pricegrad import cli
from pricegrad.errors import NotSolved, PricegradError
from pricegrad.market import reading
from pricegrad.market.market import Market


@pytest.fixture
def path():
    rounds = np.arange(0, 21)
    gone = 0.5 ** (rounds / 2)
    return pd.DataFrame(
        {
            "monotone": np.exp(gone),
            "swinging": np.exp(-gone * np.cos(math.pi * rounds / 4)),
            "still": np.ones(21),
        },
        index=pd.Index(rounds, name="round"),
    )


def test_half_lives(path):
    lives = reading.half_lives(path, 0)
    assert lives["monotone"] == 2
    assert lives["still"] == 0
    slower = reading.half_lives(path.iloc[::2], 4)
    assert slower["monotone"] == 2


def test_overshoot(path):
    beyond = reading.overshoot(path, 0)
    assert beyond["monotone"] == 0
    assert beyond["still"] == 0
    assert beyond["swinging"] == pytest.approx(0.25, abs=0.02)


def test_first_moves(path):
    path = path.copy()
    path["late"] = np.where(path.index < 7, 2.0, 3.0)
    when = reading.first_moves(path, 0, 1e-6)
    assert when["late"] == 7
    assert when["monotone"] == 1
    assert np.isnan(when["still"])
    assert reading.first_moves(path, 5, 1e-6)["late"] == 2


def test_downhill_is_the_cosine_with_minus_the_gradient():
    target = np.array([1.0, 1.0, 0.0])
    price = np.exp(np.array([[1.0, 0.0, 9.0], [0.5, 0.0, 8.0], [0.5, 0.5, 7.0], [0.75, 0.75, 7.0]]))
    frame = reading.downhill(price, target, [0, 1, 2, 3], np.array([3.0, 2.0, 1.0]))
    assert frame["cosine"].to_numpy() == pytest.approx([1.0, 0.0, -1.0], abs=1e-12)
    assert frame["distance"].to_numpy() == pytest.approx(np.exp([0.5, 0.5, 0.75]) - 1)
    assert frame["gap"].tolist() == [3.0, 2.0, 1.0]


def test_a_run_goes_downhill_to_the_equilibrium(town):
    result = Market(town).run(start={"bread": 10.0, "land": 0.1})
    assert result.distance < 1e-8
    assert result.downhill_share > 0.7
    assert result.conservation < 1e-12
    assert result.downhill["distance"].iloc[0] > 0.5
    told = result.as_dict()
    assert told["converged"] is True
    assert told["rounds"] == result.rounds == len(result.gaps)
    assert "settled" in result.summary()


def test_a_shock_moves_the_equilibrium_that_counts(town):
    result = Market(town).run(shocks=["50 supply land 0.5"])
    assert result.distance < 1e-8
    first = result.first_moves(since=50)
    assert (
        first["price"]["land"] <= first["price"]["grain"] < first["price"]["flour"] < first["price"]["bread"]
    )
    assert result.half_lives(since=50)["bread"] >= result.half_lives(since=50)["grain"]


def test_diagnostics_of_a_constant_returns_network(random_network):
    network, _ = random_network(firms=200, elasticity=(1.0, 1.0), returns=1.0, labour_share=0.3, seed=1)
    result = Market(network).run()
    told = result.diagnostics()
    assert told["price_rate"] == pytest.approx(0.7, rel=1e-6)
    assert told["hawkins_simon"] == pytest.approx(0.3, rel=1e-6)
    moves = np.log(result.gaps[5:20])
    assert np.exp(np.diff(moves)).max() < 0.75
    with pytest.raises(NotSolved, match="arrays"):
        _ = result.distance


def test_plot(town, tmp_path):
    result = Market(town).run(shocks=["20 supply land 0.5"])
    for name in ("run.svg", "run.png"):
        result.plot(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 5000
    with pytest.raises(PricegradError, match="ending"):
        result.plot(tmp_path / "run.jpeg")


@pytest.mark.parametrize("rule", [None, "optimistic"])
def test_the_command_prints_json(tmp_path, capsys, rule):
    model = tmp_path / "chain.py"
    model.write_text(CHAIN)
    chosen = [] if rule is None else ["--rule", rule]
    assert cli.main(["market", str(model), "--json", *chosen]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["prices"] == pytest.approx(CHAIN_PRICES, rel=1e-8)
    assert told["converged"] is True
    assert told["distance"] < 1e-8
    assert 0 < told["downhill"] <= 1
    assert told["conservation"] < 1e-12
    assert isinstance(told["rounds"], int)
    assert told["rounds"] > 0


@pytest.mark.parametrize(
    "options", [{"rounds": 0}, {"rounds": -3}, {"record": 0}, {"shards": 0}, {"rounds": 2.5}]
)
def test_a_count_that_is_none_is_refused(town, options):
    with pytest.raises(PricegradError, match="whole number"):
        Market(town).run(**options)


def test_the_command_says_what_happened(tmp_path, capsys):
    model = tmp_path / "chain.py"
    model.write_text(CHAIN)
    plot = tmp_path / "run.svg"
    shocked = ["--shock", "20 supply natgas 4", "--plot", str(plot)]
    assert cli.main(["market", str(model), "--rounds", "60", *shocked]) == 0
    out = capsys.readouterr().out
    assert "proportional-response" in out
    assert plot.exists()
    assert cli.main(["market", str(model), "--rounds", "2"]) == 1
    assert "not settled" in capsys.readouterr().out
    assert cli.main(["market", str(model), "--rule", "tatonement"]) == 2
    assert "tatonnement" in capsys.readouterr().err


def test_of_too_many_frames_every_other_one_goes(town, monkeypatch):
    from pricegrad.market import log

    whole = Market(town).run(rounds=40, tolerance=0.0)
    monkeypatch.setattr(log, "ROOM", 5 * 12)
    thin = Market(town).run(rounds=40, tolerance=0.0)
    assert whole.every == 1
    assert thin.every == 4
    assert "a frame every 4 rounds" in repr(thin)
    assert thin.prices.index.tolist() == list(range(0, 41, 4))
    assert thin.prices.equals(whole.prices.loc[thin.prices.index])
    assert thin.quantities.equals(whole.quantities.loc[thin.prices.index])
    assert len(thin.gaps) == 40
    assert Market(town).run(rounds=40, tolerance=0.0, record=7).every == 7


def test_goods_watched_are_kept_alone_with_the_numeraire(town):
    whole = Market(town, "inventory").run(rounds=10, start={"labour": 3.0})
    part = Market(town, "inventory").run(rounds=10, start={"labour": 3.0}, watch=["bread", "land"])
    assert set(part.prices.columns) == {"bread", "land", "labour"}
    for name in ("prices", "quantities", "stocks", "shortages"):
        frame = getattr(part, name)
        assert frame.equals(getattr(whole, name)[list(frame.columns)])
    assert part.distance <= whole.distance
    with pytest.raises(PricegradError, match="'bred'.*bread"):
        Market(town).run(rounds=1, watch=["bred"])
