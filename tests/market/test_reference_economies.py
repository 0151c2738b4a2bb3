"""The default rule on every reference economy, from random starts, against the equilibrium solver."""

import json
from pathlib import Path

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.market.market import Market

ROOT = Path(__file__).parents[2]
FOLDERS = [folder / "shared" / "economies" for folder in (ROOT.parent, ROOT.parent.parent)]
FOLDER = next((folder for folder in FOLDERS if folder.is_dir()), None)
FILES = sorted(FOLDER.glob("*.json")) if FOLDER else []


def economies():
    for file in FILES:
        document = json.loads(file.read_text())
        scenarios = [s for s in document.get("scenarios", []) if "economy" in s]
        if document.get("kind") == "mpsge-economy" and scenarios:
            scenario = scenarios[min(1, len(scenarios) - 1)]
            yield pytest.param(scenario["economy"], id=file.stem)


@pytest.mark.skipif(not FILES, reason="the shared reference economies are not beside this checkout")
@pytest.mark.parametrize("document", list(economies()))
def test_the_default_rule_reaches_the_equilibrium(document):
    economy = pg.Economy.from_json(document)
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
