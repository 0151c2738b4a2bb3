"""Whole processes at the mercy of signals: two nodes, a driver interrupted, a cluster that dies."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pricegrad.distributed.sharded import digest_of, solve_sharded
from pricegrad.market.rounds import solve_rounds
from tests import zoo
from tests.distributed.driver import economy
from tests.distributed.test_fair import same

pytestmark = [
    pytest.mark.xdist_group("ray"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
ROOT = Path(__file__).parents[2]


def launch(*words, env=None):
    """A process with a group of its own, so that all it starts can be ended with it."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
    return subprocess.Popen(
        [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
        env=clean | {"PYTHONPATH": str(ROOT), "RAY_USAGE_STATS_ENABLED": "0"} | (env or {}),
        start_new_session=True,
    )  # fmt: skip


def end(process, number=signal.SIGKILL):
    """End a process and all it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    process.wait(30)
    process.stdout.close()


def drive(folder, what, *address, env=None):
    return launch(sys.executable, "-m", "tests.distributed.driver", folder, what, *address, env=env)


def until(process, *words):
    """What the driver said first of what begins with `words`."""
    said = []
    for line in process.stdout:
        said.append(line)
        if line.split()[: len(words)] == list(words):
            return line.split()
    pytest.fail(f"the driver ended before {' '.join(words)}: {''.join(said[-20:])}")


def test_ctrl_c_leaves_a_state_from_which_the_run_goes_on(ray, tmp_path):
    process = drive(tmp_path, "market")
    try:
        until(process, "round", "30")
        os.kill(process.pid, signal.SIGINT)
        said = process.stdout.read()
        assert process.wait(60) != 0
    finally:
        end(process)
    assert "KeyboardInterrupt" in said
    assert "ended" not in said
    assert len(list(tmp_path.glob("leg.*"))) >= 4
    there = zoo.town().market(seed=3, delay=1).run(rounds=200, on="ray", shards=2, state=tmp_path)
    same(there, zoo.town().market(seed=3, delay=1).run(rounds=200))


@pytest.fixture
def nodes(tmp_path_factory):
    """Two nodes of Ray as two `ray start` on loopback: the address, and the environment of who may join."""
    folder = Path("/tmp") / f"pg{os.getpid()}"
    folder.mkdir(exist_ok=True)
    token = folder / "token"
    token.write_text(secrets.token_hex(32))
    token.chmod(0o600)
    env = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(token)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"127.0.0.1:{port}"
    common = ["--node-ip-address=127.0.0.1", "--num-cpus=1", "--object-store-memory=100000000", "--block"]
    ray = [sys.executable, "-m", "ray.scripts.scripts", "start"]
    head = [f"--port={port}", "--include-dashboard=false", f"--temp-dir={folder}"]
    running = []
    try:
        running.append(launch(*ray, "--head", *head, *common, env=env))
        waiting(lambda: _answers(port), running[0])
        running.append(launch(*ray, f"--address={address}", *common, env=env))
        yield address, env, running
    finally:
        for process in running:
            end(process)
        import shutil

        shutil.rmtree(folder, ignore_errors=True)


def _answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def waiting(ready, process):
    for _ in range(600):
        if ready():
            return
        if process.poll() is not None:
            pytest.skip(f"no node of Ray starts here: {process.stdout.read()[-400:]}")
        time.sleep(0.1)
    pytest.skip("no node of Ray starts here within a minute")


def test_two_nodes_and_a_cluster_that_dies_with_its_driver(ray, nodes, tmp_path):
    """The shards stand on two nodes; all processes are killed at once; another cluster goes on from disk."""
    address, env, running = nodes
    driver = drive(tmp_path, "rows", address, env=env)
    try:
        _, *where = until(driver, "nodes")
        assert len(set(where)) == 2
        until(driver, "round", "14")
    finally:
        for process in (driver, *reversed(running)):
            end(process)
    rounds = []
    got = solve_sharded(
        economy(), 2, state=tmp_path, every=4, progress=lambda number, worst: rounds.append(number)
    )
    want = solve_rounds(economy())
    assert rounds[0] > 8
    assert got.residual == want.residual
    assert digest_of(economy(), 2, got.log_price) == digest_of(economy(), 2, want.log_price)
