"""The path of economies alone, without the other methods: it arrives where they do."""

import numpy as np
import pytest
from tests.references import FILES, scenario
from tests.zoo import kehoe, town_of_code

import pricegrad as pg
from pricegrad.equilibrium.homotopy import follow
from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.scaled import Scaled
from pricegrad.equilibrium.search import along
from pricegrad.equilibrium.starts import first
from pricegrad.network import compile


def problem_of(economy):
    return Problem(compile(economy))


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("windc")])
def test_every_published_model_is_reached_from_ones(name):
    economy = pg.Economy.from_json(scenario(name, FILES[name] - 1)[0])
    problem = problem_of(economy)
    with np.errstate(all="ignore"):
        found = along(problem, first(problem, {}))
    assert found.solved
    assert found.method == "homotopy"


@pytest.mark.parametrize("spread", [0.0, 1.0, 2.0])
def test_it_arrives_from_far_off(spread):
    for economy in (town_of_code(), kehoe()):
        problem = problem_of(economy)
        z = first(problem, None) * np.exp(spread * np.random.default_rng(1).normal(size=problem.layout.size))
        with np.errstate(all="ignore"):
            assert along(problem, np.where(np.isnan(problem.held), z, problem.held)).solved


def test_a_path_that_does_not_arrive_says_so():
    """A price that a lower bound and an upper price of the world hold apart has no balance to go to."""
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="loop", makes="bread", technology=pg.Leontief({"labour": 1.0, "bread": 2.0}))
    economy.household("people", endowment={"labour": 3}, utility=pg.CobbDouglas({"bread": 1.0}))
    problem = problem_of(economy)
    z = first(problem, None)
    scaled = Scaled(problem, z)
    with np.errstate(all="ignore"):
        assert follow(scaled, z[problem.free] / scaled.unit) is None
