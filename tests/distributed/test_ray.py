"""Under Ray: processes of their own, killed and brought back, behind a token on loopback."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from pricegrad.cli import main
from pricegrad.distributed import Absent, DistributedError, trade
from pricegrad.distributed.cluster import cluster
from pricegrad.distributed.fair import Fair, Plan
from pricegrad.distributed.hosting import start
from pricegrad.distributed.loose import approach
from pricegrad.distributed.sharded import Sharded, solve_sharded
from pricegrad.distributed.stalls import RayCrew
from pricegrad.errors import ModelError
from pricegrad.market.ces import random_economy
from pricegrad.market.rounds import solve_rounds
from pricegrad.market.shocks import schedule
from tests import zoo
from tests.distributed.helpers import chain, firm
from tests.distributed.test_fair import same as same_run
from tests.zoo import CHAIN_PRICES

pytestmark = [
    pytest.mark.xdist_group("ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Ray's own pipes and sockets
]


def same(got, want):
    return (
        np.array_equal(got.log_price, want.log_price)
        and np.array_equal(got.log_revenue, want.log_revenue)
        and got.residual == want.residual
    )


@pytest.fixture(scope="module")
def economy():
    return random_economy(2000, seed=7, engine="numpy")


@pytest.fixture(scope="module")
def want(economy):
    return solve_rounds(economy)


def test_three_companies_are_three_actors_and_one_is_killed(ray, tmp_path):
    exchange = chain(patience=60.0)
    with exchange:
        exchange.watch = start(ray, exchange, tmp_path)
        exchange.run(3, tolerance=-1)
        pids = ray.get([host.pid.remote() for host in exchange.watch.hosts])
        assert len({*pids, os.getpid()}) == 4
        os.kill(pids[1], signal.SIGKILL)
        result = exchange.run(50)
    assert result.converged
    for good, price in CHAIN_PRICES.items():
        assert result.prices[good] == pytest.approx(price, rel=1e-12)


def test_a_firm_whose_file_is_not_there_is_named(ray, tmp_path):
    firms = [firm("nobody", "ethylene", ("natgas",))]
    with pytest.raises(DistributedError, match=r"firm 'nobody' failed: .*has no 'nobody'"):
        trade(firms, supply={"natgas": 1.0}, demand={"ethylene": 1.0})


def test_shards_give_the_bits_of_one_process_and_a_killed_one_changes_nothing(ray, economy, want, tmp_path):
    killed = []

    def kill(number, worst):
        if number == 13 and not killed:
            killed.append(run.crew.ask("pid")[1])
            os.kill(killed[0], signal.SIGKILL)

    with Sharded(ray, economy, 3, tmp_path, every=5, progress=kill) as run:
        got = run.run(1e-8, 2000)
    assert killed
    assert run.restarts == 1
    assert same(got, want)


@pytest.mark.fuzz
def test_a_hundred_thousand_firms_in_four_shards(ray, tmp_path):
    economy = random_economy(100_000, seed=11)
    with Sharded(ray, economy, 4, tmp_path) as run:
        assert same(run.run(1e-8, 2000), solve_rounds(economy))
        assert run.sent / (len(run.residual) + 1) < 1.1 * 16 * run.ghosts


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(20))
def test_killed_at_any_round_changes_nothing(ray, economy, want, tmp_path, seed):
    draw = random.Random(seed)
    at, victim, shards = draw.randrange(1, len(want.residual)), draw.randrange(2), draw.choice([2, 4])
    killed = []

    def kill(number, worst):
        if number == at and not killed:
            killed.append(run.crew.ask("pid")[victim])
            os.kill(killed[0], signal.SIGKILL)

    with Sharded(ray, economy, shards, tmp_path, every=draw.choice([1, 3, 10]), progress=kill) as run:
        assert same(run.run(1e-8, 2000), want)
    assert killed


@pytest.fixture(scope="module")
def crew(ray):
    """Two shards for all markets of this file; they take a second to start."""
    crew = RayCrew(ray, 2, 60.0)
    yield crew
    crew.close()


def hired(crew, kind):
    """The same actors with a crew of another kind to lead them."""
    again = kind.__new__(kind)
    again.__dict__ = crew.__dict__
    return again


def test_a_market_on_ray_is_the_market_of_one_process_and_a_killed_shard_changes_nothing(crew, tmp_path):
    """Stocks, late news, sleepers, a shock: every bit, though a shard is killed on the way."""

    def market():
        return zoo.town().market("inventory", seed=3, delay=2, active=0.7)

    killed = []

    class Killing(RayCrew):
        def ask(self, what, *each):
            if what == "play" and each[0][0].first == 10 and not killed:
                killed.append(self.pids()[1])
                os.kill(killed[0], signal.SIGKILL)
            return super().ask(what, *each)

    shocks = ["12 supply land 0.5"]
    plan = Plan(25, shocks=schedule(shocks))
    fair = Fair(market(), hired(crew, Killing), plan, tmp_path, 5)
    there = fair.run()
    assert killed
    assert fair.restarts == 1
    same_run(there, market().run(rounds=25, shocks=shocks))


def test_the_chain_runs_on_ray_by_its_own_rule(crew, tmp_path):
    here = zoo.three_companies().market().run(rounds=50)
    there = Fair(zoo.three_companies().market(), crew, Plan(50), tmp_path).run()
    assert there.rule == "proportional-response"
    same_run(there, here)
    for good, price in zoo.CHAIN_PRICES.items():
        assert there.prices[good].iloc[-1] == pytest.approx(price, rel=1e-9)


def test_an_economy_solved_on_ray_has_its_certificate(ray):
    here, there = zoo.town().solve(), zoo.town().solve(on="ray", shards=2)
    assert there.certificate.worst < 1e-10
    assert there.prices.to_numpy() == pytest.approx(here.prices.to_numpy(), rel=1e-9)


FILE = """
import pricegrad as pg
economy = pg.Economy("farm and mill", numeraire="flour")
@economy.firm(makes="grain")
def farm(land):
    return land ** 0.5
@economy.firm(makes="flour")
def mill(grain):
    return 2 * grain ** 0.7
economy.supply("land", 4.0)
economy.demand("flour", price=1.0)
"""


def test_the_command_runs_a_file_with_functions_of_its_own(ray, tmp_path, capsys):
    file = tmp_path / "model.py"
    file.write_text(FILE)
    said = []
    for more in ([], ["--on", "ray", "--shards", "2", "--state", str(tmp_path / "run")]):
        assert main(["market", str(file), "--rounds", "60", "--json", *more]) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0] == said[1]
    assert list((tmp_path / "run").glob("leg.*"))


def test_a_silent_shard_of_a_market_is_named_and_the_run_goes_on_when_it_is_back(crew, tmp_path):
    stopped = []

    class Stopping(RayCrew):
        def ask(self, what, *each):
            if what == "play" and each[0][0].first == 10 and not stopped:
                self.ray.get([actor.be_patient.remote(0.5) for actor in self.actors])
                stopped.append(self.pids()[1])
                os.kill(stopped[0], signal.SIGSTOP)
            return super().ask(what, *each)

    plan = Plan(20)
    try:
        with pytest.raises(Absent, match="nothing from shard 1 of 2.*checkpoints whole"):
            Fair(zoo.town().market(), hired(crew, Stopping), plan, tmp_path, 10).run()
    finally:
        os.kill(stopped[0], signal.SIGCONT)
        crew.ray.get([actor.be_patient.remote(60.0) for actor in crew.actors])
    fair = Fair(zoo.town().market(), crew, plan, tmp_path, 10)
    again = fair.run()
    assert fair.legs == [0, 10, 20]
    same_run(again, zoo.town().market().run(rounds=20))


def test_an_interrupted_run_goes_on_from_disk(ray, economy, want, tmp_path):
    def interrupt(number, worst):
        if number == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solve_sharded(economy, 2, state=tmp_path, progress=interrupt)
    rounds = []
    got = solve_sharded(economy, 2, state=tmp_path, progress=lambda number, worst: rounds.append(number))
    assert rounds[0] > 1
    assert same(got, want)
    with pytest.raises(ModelError, match="another economy"):
        solve_sharded(random_economy(50), 2, state=tmp_path)


@contextlib.contextmanager
def slowed(pid):
    """A process that is held up five sixths of the time."""
    done = threading.Event()

    def hold():
        while not done.is_set():
            os.kill(pid, signal.SIGSTOP)
            done.wait(0.1)
            os.kill(pid, signal.SIGCONT)
            done.wait(0.02)

    holding = threading.Thread(target=hold)
    holding.start()
    try:
        yield
    finally:
        done.set()
        holding.join()


def test_loose_rounds_do_not_wait_for_a_slow_shard_and_end_at_the_same_equilibrium(
    ray, economy, want, tmp_path
):
    with Sharded(ray, economy, 2, tmp_path) as run:
        with slowed(run.crew.ask("pid")[1]):
            run.start = approach(run, 1e-8, 2000)
        fast, slow = run.played
        assert fast > slow > 1
        got = run.run(1e-8, 2000)
    assert got.converged
    assert len(got.residual) < 5  # what the loose rounds ended at is an equilibrium already
    assert got.log_price == pytest.approx(want.log_price, abs=2e-8)


def test_a_shard_that_stays_away_from_loose_rounds_is_named(ray, economy, tmp_path):
    with Sharded(ray, economy, 2, tmp_path) as run:
        pid = run.crew.ask("pid")[1]

        def hold():
            while sum(run.played) < 20:
                time.sleep(0.01)
            os.kill(pid, signal.SIGSTOP)
            run.crew.patience = 2.0

        holding = threading.Thread(target=hold)
        holding.start()
        try:
            with pytest.raises(Absent, match="nothing from shard 1 of 2.*no equilibrium") as caught:
                approach(run, 0.0, 100_000)
        finally:
            holding.join()
            os.kill(pid, signal.SIGCONT)
    assert caught.value.names == ["shard 1"]
    assert run.played[0] > run.played[1]


def test_an_absent_shard_is_named(ray, economy, tmp_path):
    def stop(number, worst):
        if number == 4:
            pids.append(run.crew.ask("pid")[1])
            os.kill(pids[0], signal.SIGSTOP)
            run.crew.patience = 1.5

    pids = []
    run = Sharded(ray, economy, 2, tmp_path, progress=stop)
    try:
        with pytest.raises(Absent, match="nothing from shard 1 of 2") as caught:
            run.run(1e-8, 2000)
        assert caught.value.names == ["shard 1"]
        assert len(run.residual) >= 4
    finally:
        os.kill(pids[0], signal.SIGCONT)
        run.crew.close()


def listening(pids):
    """(address, port) of every TCP socket that the processes listen on, from /proc."""
    inodes = set()
    for pid in pids:
        try:
            links = list(Path(f"/proc/{pid}/fd").iterdir())
        except OSError:  # it has ended meanwhile
            continue
        for link in links:
            try:
                target = os.readlink(link)
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    found = []
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in inodes:
                address, port = words[1].split(":")
                raw = bytes.fromhex(address)
                host = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
                found.append((socket.inet_ntop(family, host), int(port, 16)))
    return found


def descendants():
    """This process and all it started."""
    parent = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            parent[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    ours = {os.getpid()}
    while True:
        more = {pid for pid, of in parent.items() if of in ours} - ours
        if not more:
            return ours
        ours |= more


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc")
def test_everything_listens_on_loopback_alone(ray):
    sockets = listening(descendants())
    assert len(sockets) >= 3
    assert {address for address, _ in sockets} <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}


def test_a_caller_without_the_token_is_turned_away(ray):
    address = ray.get_runtime_context().gcs_address
    code = f"""
import ray
from ray._raylet import GcsClient
try:
    GcsClient(address={address!r})
    print("got in")
except ray.exceptions.AuthenticationError as err:
    print("turned away", err)
"""
    env = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}

    def call(**more):
        done = subprocess.run(
            [sys.executable, "-c", code], env=env | more, capture_output=True, text=True, timeout=60
        )
        return done.stdout

    assert call(RAY_AUTH_MODE="disabled").startswith("turned away")
    assert call(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="0" * 64).startswith("turned away")
    token = Path(os.environ["RAY_AUTH_TOKEN_PATH"])
    assert call(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=token.read_text()).startswith("got in")
    assert token.stat().st_mode & 0o777 == 0o600


def test_a_cluster_that_runs_is_used_and_left_alone(ray):
    with cluster() as again:
        assert again is ray
    assert ray.is_initialized()
