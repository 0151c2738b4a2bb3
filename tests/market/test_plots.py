"""Pictures of a run, for papers: what is drawn is what the run says."""

import numpy as np
import pytest
from tests.zoo import TOWN_PRICES, town

import pricegrad as pg
from pricegrad.examples import never_settles


@pytest.fixture(scope="module")
def run():
    return town().market().run(start={"bread": 30.0, "land": 0.05}, shocks=["8 productivity farm 1.0"])


def test_the_phase_diagram_goes_from_the_start_to_the_equilibrium(run, tmp_path):
    figure = run.plot_phase("bread", "land", tmp_path / "phase.pdf")
    axes = figure.axes[0]
    line, star = axes.lines
    assert np.array_equal(line.get_xydata(), run.prices[["bread", "land"]].to_numpy())
    assert star.get_xydata()[0] == pytest.approx([TOWN_PRICES["bread"], TOWN_PRICES["land"]])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("price of bread", "price of land")
    assert (tmp_path / "phase.pdf").read_bytes().startswith(b"%PDF")


def test_unasked_it_draws_the_goods_that_moved_most_and_names_are_checked(run):
    axes = run.plot_phase().axes[0]
    spread = np.log(run.prices.max() / run.prices.min()).sort_values(ascending=False)
    assert {axes.get_xlabel(), axes.get_ylabel()} == {f"price of {good}" for good in spread.index[:2]}
    with pytest.raises(pg.ModelError, match='Did you mean "bread"'):
        run.plot_phase("braed")


def test_downhill_draws_the_distance_and_the_cosine(run, tmp_path):
    figure = run.plot_downhill(tmp_path / "downhill.svg")
    distance, cosine = (axes.lines[0].get_ydata() for axes in figure.axes)
    assert distance == pytest.approx(np.maximum(run.downhill["distance"], 1e-17))
    assert np.array_equal(cosine, run.downhill["cosine"], equal_nan=True)
    assert any(text.get_text() == "productivity farm 1" for text in figure.axes[0].texts)


def test_a_market_that_circles_is_drawn_around_its_equilibrium(tmp_path):
    circling = never_settles.economy.market("tatonnement", step=0.05).run(600, start=never_settles.START)
    assert not circling.converged
    points = circling.plot_phase(path=tmp_path / "phase.png").axes[0].lines[0].get_xydata()
    around = np.unwrap(np.arctan2(*(points - 1.0).T))
    assert abs(around[-1] - around[0]) > 2 * np.pi
