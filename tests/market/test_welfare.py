"""The true gradient: against differences of the height, at the equilibrium, and along runs."""

import numpy as np
import pytest
from tests.zoo import ces_network, mills, scarf, three_companies, town, town_of_code

import pricegrad as pg
from pricegrad.market.market import Market
from pricegrad.market.welfare import Welfare, cosines, lacks
from pricegrad.network import compile


def exporter():
    economy = pg.Economy("woods", numeraire="planks")
    economy.firm(name="saw", makes="planks", technology=pg.CES({"wood": 1.0}, elasticity=0.5, returns=0.6))

    @economy.firm(makes="paper")
    def press(wood, planks):
        return wood**0.4 * planks**0.2

    economy.supply("wood", 3.0)
    economy.demand("planks", price=1.0)
    economy.demand("paper", price=2.5)
    return economy


def split(welfare, log_share):
    part = np.exp(log_share)
    whole = np.bincount(welfare.good, part, welfare.goods)[welfare.good]
    return np.where(welfare.shared, part / whole, 1.0)


CASES = [town, town_of_code, mills, lambda: ces_network(12, returns=0.9), exporter]


@pytest.mark.parametrize("economy", CASES)
@pytest.mark.parametrize("seed", range(3))
def test_the_gradient_is_that_of_the_height(economy, seed):
    welfare = Welfare(compile(economy()))
    draw = np.random.default_rng(seed)
    at, way = 0.4 * draw.normal(size=(2, len(welfare.good)))

    def height(log_share):
        share = split(welfare, log_share)
        return welfare.height(share, welfare.amounts(share, np.ones(welfare.goods)))

    step = 1e-3
    near, far = ((height(at + h * way) - height(at - h * way)) / (2 * h) for h in (step, 2 * step))
    share = split(welfare, at)
    slope = welfare.gradient(share, welfare.amounts(share, np.ones(welfare.goods)))
    assert float(slope @ way) == pytest.approx((4 * near - far) / 3, rel=1e-7, abs=1e-10)


@pytest.mark.parametrize("economy", CASES)
def test_it_is_nothing_at_the_equilibrium(economy):
    run = Market(economy(), "optimistic").run(rounds=30_000, tolerance=1e-11)
    assert run.converged
    welfare = Welfare(run.market.network)
    if economy is exporter:
        share = welfare.shares(run.log.bought.amounts[-1])
    else:
        share = welfare.shares(run.market.rule.purchases(run.market.rule.part(last_point(run))))
    slope = welfare.gradient(share, welfare.amounts(share, np.ones(welfare.goods)))
    assert np.abs(slope).max() < 1e-8


def last_point(run):
    return run.market.rule.join(run.saved.arrays)


def test_rules_lead_uphill_in_what_the_economy_makes():
    # stocks swing about their targets on a chain as short as this: less of the way leads uphill
    for rule, least in (("make-to-order", 0.8), ("proportional-response", 0.8), ("inventory", 0.6)):
        run = Market(town(), rule).run(rounds=400, start={"bread": 8.0, "land": 0.2})
        frame = run.downhill
        assert "split" in frame.attrs["height"]
        assert run.downhill_share > least
        assert frame["cosine"].abs().max() <= 1 + 1e-12
        assert (frame["excess"].dropna() >= 0).all()
        assert frame["excess"].iloc[-1] < 1e-3 * frame["excess"].max()


def test_a_step_along_the_gradient_has_cosine_one():
    network = compile(town())
    welfare = Welfare(network)
    got = np.ones(welfare.links)
    share = welfare.shares(got)
    slope = welfare.gradient(share, welfare.amounts(share, np.ones(welfare.goods)))
    assert cosines(network, [share, share * np.exp(1e-6 * slope)]) == pytest.approx([1.0], abs=1e-6)
    assert cosines(network, [share, share * np.exp(-1e-6 * slope)]) == pytest.approx([-1.0], abs=1e-6)


@pytest.mark.parametrize(("economy", "why"), [(scarf, "fixed proportion"), (three_companies, "two users")])
def test_where_there_is_no_such_height_it_is_the_distance_and_said_why(economy, why):
    run = Market(economy(), "optimistic").run(rounds=50, start={"x": 1.3} if economy is scarf else None)
    frame = run.downhill
    assert why in frame.attrs["why"]
    assert frame["cosine"].equals(frame["toward"].rename("cosine"))


def test_taxes_and_several_households_have_no_one_height():
    taxed = town()
    taxed.firms["mill"]
    several = town()
    several.household("others", endowment={"labour": 1}, utility=pg.CobbDouglas({"bread": 1.0}))
    assert "another" in lacks(compile(several))
    run = Market(town()).run(rounds=3, shocks=["1 tax flour 0.1"])
    assert "taxes" in run.downhill.attrs["why"]
