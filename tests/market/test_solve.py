"""Equilibria by rounds, and what speeds rounds up."""

import dataclasses

import numpy as np
import pytest
from tests.zoo import ces_network

import pricegrad as pg
from pricegrad.errors import ModelError, NotSolved
from pricegrad.market import solve as by_rounds
from pricegrad.market.ces import random_economy
from pricegrad.market.check import certify_arrays
from pricegrad.market.krylov import polish
from pricegrad.market.market import Market
from pricegrad.market.rounds import solve_rounds


@pytest.mark.parametrize("returns", [1.0, 0.8])
def test_rounds_and_newton_find_the_same_equilibrium(returns):
    economy = ces_network(40, returns=returns)
    rounds, newton = economy.solve(method="rounds"), economy.solve(method="newton")
    assert rounds.certificate.worst < 1e-8
    assert "rounds" in rounds.method
    assert np.abs(rounds.prices / newton.prices - 1).max() < 1e-8
    assert rounds.activity.to_dict() == pytest.approx(newton.activity.to_dict(), rel=1e-8)
    assert rounds.income.to_dict() == pytest.approx(newton.income.to_dict(), rel=1e-8)


def test_large_networks_go_by_rounds_unasked(monkeypatch):
    monkeypatch.setattr(by_rounds, "LARGE", 30)
    assert "rounds" in ces_network(40).solve().method
    assert "rounds" not in ces_network(20).solve().method


def test_methods_that_do_not_fit_are_refused(town):
    with pytest.raises(ModelError, match="rounds"):
        town.solve(method="round")
    town.demand("bread", price=3.0)
    with pytest.raises(ModelError, match="bread"):
        town.solve(method="rounds")


def test_an_economy_that_uses_up_what_it_makes_is_not_solved():
    economy = pg.Economy("barren", numeraire="labour")
    economy.firm(name="a", makes="x", technology=pg.Leontief({"y": 1.2, "labour": 0.1}))
    economy.firm(name="b", makes="y", technology=pg.Leontief({"x": 1.2, "labour": 0.1}))
    economy.household("h", endowment={"labour": 1.0}, utility=pg.CobbDouglas({"x": 1.0}))
    with pytest.raises(NotSolved, match=r"settle|certificate"):
        economy.solve(method="rounds")


def test_mixing_rounds_is_faster_and_said():
    economy = ces_network(60, labour=0.03)
    plain = Market(economy, "make-to-order").run(tolerance=1e-9)
    mixed = Market(economy, "make-to-order", accelerate=True).run(tolerance=1e-9)
    assert mixed.converged
    assert mixed.rounds < plain.rounds / 3
    assert plain.not_local == ()
    assert "Anderson" in mixed.not_local[0]
    assert np.abs(mixed.prices.iloc[-1] / plain.prices.iloc[-1] - 1).max() < 1e-6
    with pytest.raises(ModelError, match="accelerate"):
        Market(economy, "make-to-order", accelerate=True, delay=2)


def test_newton_krylov_polishes_what_rounds_began():
    economy = random_economy(400, labour_share=0.005, seed=3)
    begun = solve_rounds(economy, max_rounds=3, clear=True)
    done = polish(begun)
    assert done.converged
    assert "Newton-Krylov" in done.not_local
    assert certify_arrays(economy, done.prices, done.quantities).worst < 1e-8
    # where single rounds hardly contract any more
    slow = dataclasses.replace(economy, returns=np.full(400, 0.999))
    assert polish(solve_rounds(slow, max_rounds=40, clear=True)).converged


def test_a_market_runs_again_from_the_economy_as_ces_network(town):
    market = Market(town)
    shocks = ["20 supply land 0.5"]
    first = market.run(shocks=shocks)
    second = market.run(shocks=shocks)
    calm = market.run()
    assert np.array_equal(first.prices, second.prices)
    assert first.distance < 1e-8
    assert calm.distance < 1e-8
    assert calm.prices.iloc[-1]["land"] == pytest.approx(first.prices.iloc[-1]["land"] / 2, rel=1e-8)


def test_resuming_after_a_shock_goes_on_in_the_changed_economy(town):
    shocks = ["10 supply land 0.5", "25 productivity mill 2"]
    whole = Market(town).run(rounds=40, shocks=shocks, tolerance=0.0)
    half = Market(town).run(rounds=18, shocks=shocks, tolerance=0.0)
    rest = Market(town).run(rounds=22, shocks=shocks, tolerance=0.0, resume=half)
    assert np.array_equal(rest.prices.iloc[-1], whole.prices.iloc[-1])
