"""The rules that follow forces: tatonnement, primal-dual, optimistic."""

import math

import numpy as np
import pytest
from tests.zoo import CHAIN_PRICES, scarf, three_companies

import pricegrad as pg
from pricegrad.errors import ModelError
from pricegrad.market.market import Market
from pricegrad.market.rule import Seen


def distance(result):
    return np.abs(np.log(result.prices.to_numpy())).max(axis=1)


@pytest.mark.parametrize("step", [0.02, 0.2, 1.0])
@pytest.mark.parametrize("form", ["log", "linear"])
def test_tatonnement_cycles_for_ever_on_scarfs_economy(step, form):
    result = Market(scarf(), "tatonnement", step=step, form=form).run(
        rounds=int(500 / step**0.5), start={"x": 1.3, "y": 0.8}
    )
    assert not result.converged
    away = distance(result)
    assert away[-200:].max() > 0.9 * away[0]
    x, y = np.log(result.prices.to_numpy()[:, 1:]).T
    turns = np.unwrap(np.arctan2(y, x))
    assert abs(turns[-1] - turns[0]) > 2 * math.pi


@pytest.mark.parametrize(
    ("form", "step", "most"),
    [("optimistic", 1.0, 150), ("optimistic", 0.3, 3000), ("extragradient", 1.0, 600)],
)
def test_the_optimistic_form_converges_on_scarfs_economy(form, step, most):
    result = Market(scarf(), "optimistic", step=step, form=form).run(
        rounds=most, start={"x": 1.3, "y": 0.8}, tolerance=1e-8
    )
    assert result.converged
    assert distance(result)[-1] < 1e-7


def test_nobody_leaps_far_from_rest():
    market = Market(scarf(), "optimistic", step=3.0)
    result = market.run(rounds=30, start={"x": 1e3, "y": 1e-3}, tolerance=0.0)
    price = np.array(result.log.price)
    assert np.abs(np.diff(np.log(price), axis=0)).max() <= 0.2 * (1 + 1e-12)


def test_tatonnement_finds_the_equilibrium_of_gross_substitutes():
    economy = exchange()
    exact = economy.solve().prices
    for form in ("log", "linear"):
        result = Market(economy, "tatonnement", form=form).run(start={"b": 5.0})
        assert result.converged
        assert result.prices.iloc[-1].to_dict() == pytest.approx((exact / exact["a"]).to_dict(), rel=1e-7)


def test_tatonnement_with_firms_of_decreasing_returns():
    economy = pg.Economy("small", numeraire="labour")
    economy.firm(
        name="mill",
        makes="flour",
        technology=pg.CES({"labour": 0.7, "land": 0.3}, elasticity=0.7, returns=0.6),
    )
    economy.household(
        "people", endowment={"labour": 10, "land": 3}, utility=pg.CobbDouglas({"flour": 0.6, "labour": 0.4})
    )
    result = Market(economy, "tatonnement").run(start={"flour": 4.0})
    assert result.converged
    assert result.prices.iloc[-1].to_dict() == pytest.approx(economy.solve().prices.to_dict(), rel=1e-7)


@pytest.mark.parametrize("factor", [10.0, 0.1])
@pytest.mark.parametrize("rule", [None, "optimistic", "primal-dual"])
def test_the_worked_example_from_prices_ten_times_off(rule, factor):
    start = {good: factor * price for good, price in CHAIN_PRICES.items() if good != "tupperware"}
    result = Market(three_companies(), rule).run(start=start, tolerance=1e-9)
    assert result.converged
    prices = result.prices.iloc[-1].to_dict()
    assert prices == pytest.approx(CHAIN_PRICES, rel=1e-8)
    assert result.quantities.iloc[-1]["tupperware"] == pytest.approx(math.log(2 / 3), rel=1e-8)


@pytest.mark.parametrize(
    ("rule", "words"),
    [("tatonnement", "'mill' has constant returns"), ("proportional-response", "fixed proportion")],
)
def test_what_a_rule_lacks_is_named(rule, words):
    economy = pg.Economy("fixed", numeraire="labour")
    economy.firm(name="mill", makes="flour", technology=pg.Leontief({"labour": 1.0, "land": 2.0}))
    economy.household("people", endowment={"labour": 1, "land": 1}, utility=pg.CobbDouglas({"flour": 1.0}))
    with pytest.raises(ModelError, match=words):
        Market(economy, rule)


def test_bad_forms_are_refused(town):
    with pytest.raises(ModelError, match="form"):
        Market(town, "optimistic", form="bold")
    with pytest.raises(ModelError, match="form"):
        Market(scarf(), "tatonnement", form="cubic")


def test_forces_resume_exactly(town, tmp_path):
    for rule, options in (("optimistic", {}), ("optimistic", {"form": "extragradient"}), ("primal-dual", {})):
        whole = Market(town, rule, **options).run(rounds=21)
        half = Market(town, rule, **options).run(rounds=11)
        half.save(tmp_path / "half.npz")
        rest = Market(town, rule, **options).run(rounds=10, resume=tmp_path / "half.npz")
        assert np.array_equal(rest.prices.iloc[-1], whole.prices.iloc[-1])


def exchange():
    economy = pg.Economy("exchange", numeraire="a")
    economy.household("one", endowment={"a": 3.0, "b": 1.0}, utility=pg.CobbDouglas({"a": 0.5, "b": 0.5}))
    economy.household(
        "two", endowment={"b": 2.0, "c": 4.0}, utility=pg.CES({"a": 0.2, "b": 0.3, "c": 0.5}, elasticity=2.0)
    )
    return economy


@pytest.mark.parametrize(("delay", "active"), [(2, 1.0), (0, 0.5), (4, 0.5)])
@pytest.mark.parametrize("rule", ["tatonnement", "primal-dual", "optimistic"])
def test_stale_prices_and_sleepers_end_at_the_same_equilibrium(rule, delay, active):
    def run(seed):
        return Market(exchange(), rule, seed=seed, delay=delay, active=active, step=0.1).run(start={"b": 5.0})

    first, again, other = run(1), run(1), run(2)
    assert first.converged
    assert first.distance < 1e-8
    assert first.prices.equals(again.prices)
    assert not first.prices.iloc[5].equals(other.prices.iloc[5])


@pytest.mark.parametrize(("rule", "delay", "step"), [("primal-dual", 1, 0.15), ("optimistic", 2, 0.3)])
def test_the_worked_example_with_stale_prices_and_sleepers(rule, delay, step):
    result = Market(three_companies(), rule, seed=4, delay=delay, active=0.5, step=step).run()
    assert result.converged
    assert result.prices.iloc[-1]["natgas"] == pytest.approx(1 / 24, rel=1e-8)


def test_who_sleeps_keeps_its_price_and_its_plan_and_is_paid():
    market = Market(three_companies(), "primal-dual", seed=3, active=0.5)
    rule, state = market.rule, market.rule.start(np.array([0.3, 1.3, 2.0, 1.0]))
    awake = np.arange(rule.agents()) % 2 == 0
    following = rule.propose(state, Seen(np.log(state["price"]), {}, awake))
    asleep = (rule.owner >= 0) & ~awake[rule.owner]
    z, after = rule.join(state), rule.join(following)
    assert np.array_equal(z[asleep], after[asleep])
    assert (z != after)[rule.field.moving][~asleep[rule.field.moving]].all()
    assert rule.violation(state, following) < 1e-12


def test_a_stale_force_reads_old_prices_and_the_plan_of_now():
    rule = Market(three_companies(), "primal-dual").rule
    old, new = (rule.start(np.array(p)) for p in ([0.3, 1.3, 2.0, 1.0], [0.2, 0.7, 1.1, 1.0]))
    new["rest"] = new["rest"] * 1.3
    posted = (new, old)
    age = np.full(rule.agents(), 1)
    seen = rule.seen_forces(rule.join(new), Seen(np.log(new["price"]), {}, None, posted, age))
    then = rule.field.forces(rule.join(old))[0]
    mixed = rule.field.forces(np.concatenate([old["price"], new["rest"]]))[0]
    own = rule.owner >= 0
    assert np.array_equal(seen[: rule.goods], then[: rule.goods])
    assert np.array_equal(seen[rule.goods :][own[rule.goods :]], mixed[rule.goods :][own[rule.goods :]])
    fresh = rule.seen_forces(rule.join(new), Seen(np.log(new["price"]), {}, None, posted, 0 * age))
    assert np.array_equal(fresh, rule.forces(rule.join(new)))


def test_a_late_run_resumes_exactly(tmp_path):
    def market():
        return Market(exchange(), "optimistic", seed=5, delay=3, active=0.6)

    whole = market().run(rounds=31)
    market().run(rounds=11).save(tmp_path / "part.npz")
    rest = market().run(rounds=20, resume=tmp_path / "part.npz")
    assert np.array_equal(rest.prices.iloc[-1], whole.prices.iloc[-1])
