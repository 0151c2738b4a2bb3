"""Progress: one line on a terminal after a second, a log on request, silence otherwise."""

import io
import re
import sys

import pytest

from pricegrad import cli, examples, progress
from pricegrad.distributed.traffic import Traffic


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Time stands still until a test moves it."""
    now = [100.0]
    progress.loudness(0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    yield now
    progress.loudness(0)


def steps(clock, count, every):
    with progress.working("solving", 1e-8):
        for k in range(count):
            clock[0] += every
            progress.note(k, 10.0**-k)


def test_nothing_is_said_where_there_is_no_terminal(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    steps(clock, 5, 1.0)
    assert sys.stderr.getvalue() == ""


def test_nothing_is_said_within_a_second(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    steps(clock, 5, 0.1)
    assert sys.stderr.getvalue() == ""


def test_one_line_with_step_residual_rate_and_time_left_that_goes_away(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    steps(clock, 5, 1.0)
    lines = sys.stderr.getvalue().split("\r\x1b[K")
    assert lines[-2] == "solving: step 4, residual 1.0e-04, 1 steps/s, about 4 s left"
    assert lines[-1] == ""
    assert "\n" not in sys.stderr.getvalue()


def test_quiet_and_loud(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    progress.loudness(-1)
    steps(clock, 5, 1.0)
    assert sys.stderr.getvalue() == ""
    progress.loudness(1)
    steps(clock, 3, 1.0)
    lines = sys.stderr.getvalue().splitlines()
    assert lines[0] == "[    0.00 s] solving begins"
    assert lines[-1] == "[    3.00 s] solving ends: step 2, residual 1.0e-02"


def test_a_new_method_counts_its_steps_anew_and_is_named(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.working("solving", 1e-8):
        for k in range(4):
            clock[0] += 1.0
            progress.note(k, 1.0)
        progress.stage("rounds")
        clock[0] += 1.0
        progress.note(1, 0.5)
    assert sys.stderr.getvalue().split("\r\x1b[K")[-2] == "solving by rounds: step 1, residual 5.0e-01"


def test_time_left_is_not_guessed_where_nothing_falls(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress.working("solving", 1e-8):
        for k in range(4):
            clock[0] += 1.0
            progress.note(k, 1.0)
    assert "left" not in sys.stderr.getvalue()


def test_the_command_logs_its_stages_and_prints_the_same(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    examples.write("town.py")
    assert cli.main(["solve", "town.py"]) == 0
    plain = capsys.readouterr()
    assert plain.err == ""
    assert cli.main(["-v", "solve", "town.py"]) == 0
    loud = capsys.readouterr()
    assert loud.out == plain.out
    assert "reading town.py begins" in loud.err
    assert "solving 'bakery town' by semismooth Newton" in loud.err
    last = re.search(r"solving 'bakery town' ends: step \d+, residual (\S+)", loud.err)
    assert float(last[1]) < 1e-9
    assert cli.main(["solve", "town.py", "-q"]) == 0
    assert capsys.readouterr().err == ""


def test_a_distributed_run_says_messages_bytes_and_who_is_slowest(clock, monkeypatch):
    def tell(stream):
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setenv("COLUMNS", "200")
        traffic = Traffic()
        with progress.working("a market"):
            for k in range(4):
                clock[0] += 0.5
                traffic.messages, traffic.sent = 500 * k, 1_000_000 * k
                traffic.tell(k, 10.0**-k, "shard 1")
        return stream.getvalue()

    said = tell(Terminal())
    assert "a market: step 3, residual 1.0e-03" in said
    assert "750 messages/s, 1.50 MB/s, slowest: shard 1" in said
    assert tell(io.StringIO()) == ""
