"""`pricegrad report`: which page it writes, and what it refuses."""

import json
import re

import pytest

from pricegrad import cli, examples


def payload(path) -> dict:
    text = path.read_text("utf-8")
    return json.loads(re.search(r'<script type="application/json" id="payload">(.*?)</script>', text)[1])


@pytest.fixture
def town(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return examples.write("town.py")


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ([], "equilibrium"),
        (["--market", "--rounds", "20"], "trajectory"),
        (["--against", "other.py"], "comparison"),
    ],
)
def test_the_page_asked_for(arguments, kind, town, tmp_path, capsys):
    (tmp_path / "other.py").write_text(town.read_text("utf-8").replace("town()", "town(0.8)"))
    assert cli.main(["report", "town.py", "-o", "page.html", *arguments]) == 0
    assert capsys.readouterr().out == "page.html\n"
    shown = payload(tmp_path / "page.html")
    assert shown["kind"] == kind
    if kind == "comparison":
        assert shown["comparison"]["scenarios"] == ["town.py", "other.py"]
    if kind == "trajectory":
        assert shown["path"]["rounds"][-1] <= 20


def test_a_plan_and_a_table_that_ships(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples.write("chain.py", "three_companies")
    assert cli.main(["report", "chain.py", "--plan"]) == 0
    assert payload(tmp_path / "report.html")["kind"] == "prices"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["town.py", "--plan", "--market"], "three different pages"),
        (["town.py", "-o", "no/page.html"], "cannot be written"),
        (["twon.py"], "town.py"),
    ],
)
def test_refusals(arguments, said, town, capsys):
    assert cli.main(["report", *arguments]) == 2
    assert said in capsys.readouterr().err
