"""What a market is asked for wrongly ends in one message that names the setting."""

import math

import numpy as np
import pytest
from tests.zoo import scarf, town

from pricegrad.errors import ModelError

MARKETS = [
    ({"seed": "x"}, "seed='x'"),
    ({"seed": 1.5}, "seed=1.5"),
    ({"seed": -3}, "seed=-3"),
    ({"active": math.nan}, "active is nan"),
    ({"active": "half"}, "active is 'half'"),
    ({"delay": "two"}, "delay='two'"),
    ({"delay": math.inf}, "delay=inf"),
    ({"rule": 3}, "no rule 3"),
    ({"spoils": 0.1}, "no option 'spoils'; it has: spends"),
    ({"spends": 2}, "spends=2.*above 0 and at most 1"),
    ({"rule": "inventory", "gain": math.nan}, 'gain=nan: the option gain of the rule "inventory"'),
    ({"rule": "optimistic", "step": 0}, "step=0.*above 0"),
    ({"rule": "optimistic", "step": "a"}, "step='a'"),
    ({"rule": "optimistic", "trend": "a"}, "trend='a'"),
    ({"rule": "optimistic", "form": "linear"}, "optimistic.*extragradient"),
]
RUNS = [
    ({"tolerance": math.nan}, "tolerance is nan"),
    ({"tolerance": -1e-9}, "tolerance is -1e-09"),
    ({"tolerance": "x"}, "tolerance is 'x'"),
    ({"rounds": 3.5}, "rounds=3.5"),
    ({"rounds": True}, "rounds=True"),
    ({"start": [1, 2]}, "give prices by good"),
    ({"start": {"bred": 1.0}}, 'Did you mean "bread"'),
    ({"start": {"bread": "x"}}, "starting price of 'bread' is 'x'"),
    ({"start": {"bread": None}}, "starting price of 'bread' is None"),
    ({"shocks": "0 supply land 2"}, "give a list"),
    ({"shocks": 3}, "give a list"),
    ({"shocks": ["900 supply lnad 0.5"]}, 'lnad.*Did you mean "land"'),
    ({"shocks": ["\u00b2 supply land 0.5"]}, "a shock reads ROUND"),
    ({"shocks": [3]}, "a shock reads ROUND"),
    ({"shocks": [{"round": -1, "kind": "supply", "who": "land", "value": 2}]}, "the round of the shock.*=-1"),
    ({"shocks": [{"kind": "supply", "who": "land"}]}, "has no 'round'"),
    ({"watch": "bread"}, "give a list"),
    ({"watch": 3}, "give a list"),
    ({"resume": 3}, "resume=3"),
]


@pytest.mark.parametrize(("asked", "says"), MARKETS)
def test_a_market_asked_for_wrongly(asked, says):
    with pytest.raises(ModelError, match=says):
        town().market(**asked)


@pytest.mark.parametrize(("asked", "says"), RUNS)
def test_a_run_asked_for_wrongly(asked, says):
    with pytest.raises(ModelError, match=says):
        town().market().run(**{"rounds": 3, **asked})


def test_a_run_cannot_be_saved_where_nothing_is(tmp_path):
    run = town().market().run(rounds=2)
    with pytest.raises(ModelError, match="cannot be written: No such file"):
        run.save(tmp_path / "none" / "run.npz")


def test_whole_numbers_and_no_trend_will_do():
    assert scarf().market("optimistic", step=1, trend=None).rule.option["step"] == 1
    assert town().market("inventory", spoils=0, gain=1).rule.option["spoils"] == 0


def test_a_shock_to_come_keeps_a_run_from_being_settled():
    run = town().market().run(rounds=200, shocks=["300 supply land 0.5"])
    assert not run.converged


def test_shocks_may_come_one_by_one():
    once = town().market().run(rounds=40, shocks=iter(["10 supply land 0.5"]))
    again = town().market().run(rounds=40, shocks=["10 supply land 0.5"])
    assert once.prices.equals(again.prices)
    assert once.log.events


def test_an_accelerated_run_is_not_resumed():
    market = town().market(accelerate=True)
    with pytest.raises(ModelError, match="resume without it"):
        market.run(rounds=3, resume=market.run(rounds=3))


def test_prices_start_from_a_series():
    run = town().market().run(rounds=3)
    assert town().market().run(rounds=3, start=run.prices.iloc[-1]).rounds == 3


@pytest.mark.parametrize("torn", [b"", b"abc", b"[1, 2]"])
def test_a_torn_file_is_no_saved_market(tmp_path, torn):
    (tmp_path / "run.npz").write_bytes(torn)
    with pytest.raises(ModelError, match="is no saved market"):
        town().market().run(rounds=3, resume=tmp_path / "run.npz")


@pytest.mark.parametrize("head", ["[1, 2]", "{}", '{"format": 1}'])
def test_a_file_of_another_kind_is_no_saved_market(tmp_path, head):
    np.savez(tmp_path / "run.npz", head=np.array(head))
    with pytest.raises(ModelError, match="is no saved market"):
        town().market().run(rounds=3, resume=tmp_path / "run.npz")
