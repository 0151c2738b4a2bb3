"""The default rule on every reference economy, from random starts, against the equilibrium solver."""

import numpy as np
import pytest
from tests.references import FILES, scenario

import pricegrad as pg
from pricegrad.market.market import Market

ECONOMIES = [name for name in FILES if not name.startswith("windc")]


def settled_prices(name, k, spread, seed, rounds=20_000):
    """Last prices over those of the solver, by the default rule from prices off by e ** (spread * normal)."""
    economy = pg.Economy.from_json(scenario(name, k)[0])
    exact = economy.solve().prices
    draw = np.random.default_rng(seed)
    start = {good: float(np.exp(spread * draw.normal())) for good in exact.index}
    result = Market(economy).run(rounds=rounds, start=start, tolerance=1e-9)
    assert result.converged
    ratio = (result.prices.iloc[-1] / exact)[exact > 1e-6]
    return ratio / ratio.iloc[0]


@pytest.mark.parametrize("name", ECONOMIES)
def test_the_default_rule_reaches_the_equilibrium(name):
    ratio = settled_prices(name, min(1, FILES[name] - 1), 0.7, 1)
    assert np.abs(ratio - 1).max() < 1e-6


def test_a_closed_firm_opens_and_an_untraded_good_is_worth_what_one_more_would_fetch():
    # where nobody trades foreign exchange, whoever bids most for it sets its price; that one begins closed
    ratio = settled_prices("markusen_m41_small_open_economy", 2, 1.5, 4)
    assert np.abs(ratio - 1).max() < 1e-6


@pytest.mark.parametrize(("spread", "seed"), [(0.7, 1), (1.5, 3)])
def test_seventy_one_sectors_find_back_from_far_off(spread, seed):
    ratio = settled_prices("windc_national_2017_71_sectors", 0, spread, seed)
    assert np.abs(ratio - 1).max() < 1e-6
