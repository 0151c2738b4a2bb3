"""What a market is asked for wrongly ends in one message that names the setting."""

import math

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
