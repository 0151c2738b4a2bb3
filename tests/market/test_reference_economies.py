"""The default rule on every reference economy, from random starts, against the equilibrium solver."""

import numpy as np
import pytest
from tests.references import FILES, scenario

import pricegrad as pg
from pricegrad.market.market import Market

ECONOMIES = [name for name in FILES if not name.startswith("windc")]


@pytest.mark.parametrize("name", ECONOMIES)
def test_the_default_rule_reaches_the_equilibrium(name):
    economy = pg.Economy.from_json(scenario(name, min(1, FILES[name] - 1))[0])
    exact = economy.solve().prices
    market = Market(economy)
    draw = np.random.default_rng(1)
    start = {good: float(np.exp(0.7 * draw.normal())) for good in exact.index}
    result = market.run(rounds=20_000, start=start, tolerance=1e-9)
    assert result.converged
    price = result.prices.iloc[-1]
    used = exact > 1e-6
    ratio = (price / exact)[used]
    assert np.abs(ratio / ratio.iloc[0] - 1).max() < 1e-6
