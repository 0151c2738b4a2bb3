"""Every rule over shards gives the bits of one process: late news, sleepers, shocks, resumption included."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pricegrad as pg
from pricegrad.cli import main
from pricegrad.distributed import TornCheckpoint
from pricegrad.distributed.assign import assign
from pricegrad.distributed.fair import Lost
from pricegrad.distributed.local_field import lacking
from pricegrad.errors import ModelError
from pricegrad.market.demands import Demands
from pricegrad.market.market import Market
from pricegrad.network import compile, from_arrays
from tests import zoo
from tests.distributed.circles import ThreadCrew, run_in_threads
from tests.references import scenario


def same(there, here):
    """Equal to the last bit: frames, gaps, accounts, the state and the messages under way."""
    for kind in ("prices", "quantities", "stocks", "shortages", "purchases"):
        want, got = getattr(here, kind), getattr(there, kind)
        assert list(got.columns) == list(want.columns)
        assert np.array_equal(got.to_numpy(float), want.to_numpy(float), equal_nan=True), kind
        assert list(got.index) == list(want.index)
    assert there.log.gaps == here.log.gaps
    assert np.array_equal(there.log.violations, here.log.violations, equal_nan=True)
    assert there.log.events == here.log.events
    assert there.saved.arrays.keys() == here.saved.arrays.keys()
    for name, values in here.saved.arrays.items():
        assert np.array_equal(there.saved.arrays[name], values, equal_nan=True), name
    assert (there.converged, there.rounds) == (here.converged, here.rounds)


def taxed():
    """Nests, taxes paid to a government, several households."""
    return pg.Economy.from_json(scenario("markusen_m47_armington", -1)[0])


def villages(count=5, needs=None):
    """Towns that sell each other flour; each owns its land, all own their own mills, one taxes the bread."""
    economy = pg.Economy("villages", numeraire="labour0")
    for i in range(count):
        near = (i + 1) % count
        land = {f"land{i}": 0.5, f"labour{i}": 0.5}
        grain = {f"grain{i}": 0.5, f"grain{near}": 0.2, f"labour{i}": 0.3}
        economy.firm(name=f"farm{i}", makes=f"grain{i}", technology=pg.CobbDouglas(land, returns=0.9))
        mill = pg.CES(grain, elasticity=0.5 + i, returns=0.8 + 0.02 * i)
        economy.firm(name=f"mill{i}", makes=f"flour{i}", technology=mill)
        economy.household(
            f"people{i}",
            endowment={f"land{i}": 50 + i, f"labour{i}": 100},
            utility=pg.CobbDouglas({f"flour{i}": 0.5, f"flour{near}": 0.3, f"labour{i}": 0.2}),
            subsistence=needs if i == 1 else None,
            profits={f"farm{i}": 1.0, f"mill{i}": 0.6, f"mill{near}": 0.4},
        )
    return economy


def abroad():
    """The villages with salt from outside along a curve, flour sold there along another, and wood."""
    economy = villages(4)
    economy.supply("wood", 3.0)
    economy.supply("salt", lambda price: 2 * price**0.5)
    economy.demand("flour2", lambda price: 4 / price)
    technology = pg.CES({"wood": 0.3, "salt": 0.2, "labour3": 0.5}, elasticity=0.8, returns=0.7)
    economy.firm(name="joiner", makes="carts", technology=technology)
    economy.demand("carts", lambda price: 5 / price)
    return economy


ECONOMIES = {
    "abroad": abroad,
    "needs": lambda: villages(needs={"flour3": 1.0, "labour1": 2.0}),
    "town": zoo.town,
    "taxed": taxed,
    "villages": villages,
    "arrays": lambda: zoo.ces_network(60, returns=0.85, seed=3),
    "chain": zoo.three_companies,
    "code": zoo.town_of_code,
    "mills": zoo.mills,
    "shared good": lambda: zoo.mills(rival=False),
}
RULES = {
    "make-to-order": ("town", "abroad", "needs", "villages", "arrays"),
    "proportional-response": (
        "town",
        "taxed",
        "abroad",
        "villages",
        "arrays",
        "chain",
        "code",
        "mills",
        "shared good",
    ),
    "inventory": ("town", "villages", "arrays"),
    "tatonnement": ("arrays",),
    "primal-dual": ("town", "taxed", "abroad", "needs", "villages", "arrays"),
    "optimistic": ("town", "taxed", "abroad", "villages", "arrays"),
}
CASES = [(rule, name) for rule, names in RULES.items() for name in names]
NEWS = [{}, {"delay": 2, "active": 0.7}]


@pytest.mark.parametrize("shards", [2, 3])
@pytest.mark.parametrize("news", NEWS, ids=["fresh", "late"])
@pytest.mark.parametrize(("rule", "name"), CASES)
def test_a_rule_over_shards_is_the_rule_of_one_process(rule, name, news, shards, tmp_path):
    def market():
        return Market(ECONOMIES[name](), rule, 3, **news)

    shards = min(shards, 2) if name in ("mills", "shared good") else shards  # two firms in all
    there, _ = run_in_threads(market(), shards, tmp_path, rounds=16)
    same(there, market().run(rounds=16))


@settings(max_examples=12)
@given(
    rule=st.sampled_from([rule for rule in RULES if rule != "tatonnement"]),
    firms=st.integers(6, 40),
    shards=st.integers(1, 5),
    seed=st.integers(0, 999),
    land=st.sampled_from([0.0, 0.2]),
    returns=st.sampled_from([0.7, 1.0]),
    delay=st.integers(0, 3),
    active=st.sampled_from([1.0, 0.5]),
)
def test_random_networks_too(
    tmp_path_factory, rule, firms, shards, seed, land, returns, delay, active
):  # fmt: skip
    economy = zoo.ces_network(firms, land=land, returns=returns, seed=seed)

    def market():
        return Market(economy, rule, seed, delay=delay, active=active)

    there, _ = run_in_threads(market(), shards, tmp_path_factory.mktemp("run"), rounds=6, every=4)
    same(there, market().run(rounds=6))


@pytest.mark.parametrize(("rule", "form"), [("optimistic", "extragradient"), ("tatonnement", "linear")])
@pytest.mark.parametrize("news", NEWS, ids=["fresh", "late"])
def test_other_forms_too(rule, form, news, tmp_path):
    def market():
        return Market(ECONOMIES["arrays"](), rule, 3, form=form, **news)

    there, _ = run_in_threads(market(), 3, tmp_path, rounds=12)
    same(there, market().run(rounds=12))


@pytest.mark.parametrize(
    ("economy", "why"),
    [
        (zoo.three_companies, "'company_a' is a Python function"),
        (zoo.mills, "outside market for 'flour'"),
    ],
)
def test_forces_that_do_not_go_over_shards_are_refused_by_name(economy, why):
    with pytest.raises(ModelError, match=f'"optimistic" does not go over shards here.*{why}'):
        economy().market("optimistic").run(rounds=3, on="ray", shards=2)
    ruled = replace(compile(zoo.town()), auxiliaries=(("U", "1 - labour"),))
    assert "the constraint that sets 'U'" in lacking(ruled)


def large(firms, seed=0):
    """Many firms as arrays: links enough for sums in cells, and with more for compiled kernels."""
    draw = np.random.default_rng(seed)
    degree = draw.integers(3, 8, firms)
    ptr = np.concatenate([[0], np.cumsum(degree + 1)])
    good = draw.integers(0, firms, ptr[-1])
    good[ptr[1:] - 1] = firms
    everyone = np.arange(firms)
    return from_arrays(
        goods=firms + 1,
        firm_ptr=ptr,
        good=good,
        quantity=draw.uniform(0.5, 1.5, ptr[-1]),
        makes=everyone,
        elasticity=draw.uniform(0.4, 1.6, firms),
        scale=degree + 1.0,
        returns=0.85,
        demand=(np.zeros(firms, int), everyone, draw.uniform(0.5, 1.5, firms)),
        endowment=(np.zeros(1, int), np.array([firms]), np.array([float(firms)])),
    )


@pytest.mark.parametrize("firms", [800, 15_000])
def test_large_networks_too(firms, tmp_path):
    network = large(firms)
    if firms > 1000:
        pytest.importorskip("numba", reason="numba is not installed")
        assert Demands(network).rows.kernels.__name__.endswith("numba")
    there, _ = run_in_threads(Market(network, seed=1), 3, tmp_path, rounds=4)
    same(there, Market(network, seed=1).run(rounds=4))


def test_it_stops_where_one_process_stops(tmp_path):
    there, _ = run_in_threads(Market(zoo.town()), 3, tmp_path, rounds=500, record=5)
    here = Market(zoo.town()).run(rounds=500, record=5)
    assert here.converged
    same(there, here)


def test_a_shock_to_come_is_no_rest_there_either(tmp_path):
    asked = {"rounds": 500, "record": 50, "shocks": ["600 supply land 0.5"]}
    there, _ = run_in_threads(Market(zoo.town()), 2, tmp_path, **asked)
    assert not there.converged
    same(there, Market(zoo.town()).run(**asked))


SHOCKS = ["5 supply land2 0.5", "9 leave mill1", "9 productivity farm0 1.3", "12 tax flour3 0.1"]


@pytest.mark.parametrize("news", NEWS, ids=["fresh", "late"])
@pytest.mark.parametrize("rule", ["make-to-order", "proportional-response", "inventory", "optimistic"])
def test_shocks_strike_as_in_one_process(rule, news, tmp_path):
    def market():
        return Market(villages(), rule, 3, **news)

    shocks = [s for s in SHOCKS if "leave" not in s]
    there, _ = run_in_threads(market(), 2, tmp_path, rounds=20, shocks=shocks, every=4)
    here = market().run(rounds=20, shocks=shocks)
    assert here.log.events
    same(there, here)


class Dying(ThreadCrew):
    """Loses a shard before the plays of the numbers given."""

    def __init__(self, size, at):
        super().__init__(size)
        self.at, self.plays = set(at), 0

    def ask(self, what, *each):
        if what == "play":
            self.plays += 1
            if self.plays in self.at:
                self.at.discard(self.plays)
                raise Lost("shard 1 died")
        return super().ask(what, *each)


@pytest.mark.parametrize("at", [(1,), (2,), (3, 4), (2, 5, 7)])
def test_shards_that_die_change_nothing(at, tmp_path):
    def market():
        return Market(villages(), "inventory", 3, delay=1, active=0.8)

    crew = Dying(2, at)
    shocks = ["8 supply land2 0.5"]
    there, fair = run_in_threads(market(), 2, tmp_path, rounds=20, shocks=shocks, every=4, crew=crew)
    assert fair.restarts == len(at)
    same(there, market().run(rounds=20, shocks=shocks))


class Stopped(Dying):
    """The driver is interrupted."""

    def ask(self, what, *each):
        try:
            return super().ask(what, *each)
        except Lost:
            raise KeyboardInterrupt from None


def interrupted(folder, **more):
    with pytest.raises(KeyboardInterrupt):
        run_in_threads(
            Market(villages(), seed=1), 2, folder, rounds=20, every=4, crew=Stopped(2, (4,)), **more
        )


def test_an_interrupted_run_goes_on_from_its_folder(tmp_path):
    shocks = ["6 supply land2 0.5"]
    interrupted(tmp_path, shocks=shocks)
    there, fair = run_in_threads(Market(villages(), seed=1), 2, tmp_path, rounds=20, every=4, shocks=shocks)
    assert fair.legs[:3] == [0, 4, 6]
    here = Market(villages(), seed=1).run(rounds=20, shocks=shocks)
    same(there, here)
    again, _ = run_in_threads(
        Market(villages(), seed=1), 2, tmp_path, rounds=20, every=4, shocks=shocks, crew=Dying(2, (1,))
    )
    same(again, here)  # nothing is left to play


def test_a_torn_checkpoint_is_named_and_another_run_refused(tmp_path):
    interrupted(tmp_path)
    with pytest.raises(ModelError, match="another market"):
        run_in_threads(Market(villages(), seed=2), 2, tmp_path, rounds=20, every=4)
    (file,) = tmp_path.glob("stall1of2.12")
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(TornCheckpoint, match=r"stall1of2\.12 is torn"):
        run_in_threads(Market(villages(), seed=1), 2, tmp_path, rounds=20, every=4)


def test_a_saved_trajectory_goes_on_over_shards(tmp_path):
    first = Market(villages(), seed=1).run(rounds=7)
    there, _ = run_in_threads(Market(villages(), seed=1), 2, tmp_path, rounds=6, resume=first.saved)
    same(there, Market(villages(), seed=1).run(rounds=6, resume=first))


def test_who_trades_much_is_put_together():
    network = compile(villages(6))
    agent, good = assign(network, 3)
    assert set(agent.tolist()) == {0, 1, 2}
    made = {network.goods[g]: int(s) for g, s in enumerate(good)}
    for j, sector in enumerate(network.sectors):
        (output,) = [g for g in made if g == sector.replace("farm", "grain").replace("mill", "flour")]
        assert made[output] == agent[j]
    own, partner = agent[:12].reshape(6, 2), agent[12:]
    assert (own[:, 0] == partner).mean() > 0.7
    with pytest.raises(ModelError, match="shards is 9; this economy has 4 agents"):
        assign(compile(zoo.town()), 9)


def test_a_market_without_state_and_accelerated_is_refused():
    with pytest.raises(ModelError, match="state= goes with on="):
        Market(zoo.town()).run(rounds=3, state="folder")
    with pytest.raises(ModelError, match="not local"):
        zoo.town().market(accelerate=True).run(rounds=3, on="ray", shards=2)


@pytest.mark.parametrize("command", ["solve", "market"])
def test_the_command_says_what_to_install_where_ray_is_missing(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ray", None)
    file = tmp_path / "town.json"
    zoo.town().to_json(file)
    assert main([command, str(file), "--on", "ray", "--shards", "2"]) == 2
    assert "pip install 'pricegrad[distributed]'" in capsys.readouterr().err
    assert main([command, str(file), "--on", "rey"]) == 2
    assert "no place 'rey' to run a market." in capsys.readouterr().err
    assert main(["market", str(file), "--state", str(tmp_path)]) == 2
    assert "state= goes with on=" in capsys.readouterr().err
