"""The examples that ship: each prints what stands beside it, and can be started from."""

import runpy
from pathlib import Path

import pytest

import pricegrad as pg
from pricegrad import cli, examples, files
from tests.printed import same

FOLDER = Path(examples.__file__).parent


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_an_example_prints_what_stands_beside_it(name, capsys):
    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
    same(capsys.readouterr().out, examples.output(name))


def test_every_file_is_listed_and_has_its_output():
    written = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert written == set(examples.EXAMPLES) == {path.stem for path in FOLDER.glob("*.out")}


@pytest.mark.parametrize("name", examples.EXAMPLES)
def test_a_new_economy_is_a_model_of_its_own(name, tmp_path, capsys):
    path = tmp_path / "mine.py"
    assert cli.main(["new", str(path), "--from", name]) == 0
    assert capsys.readouterr().out.startswith(str(path))
    economy = files.economy(str(path))
    assert isinstance(economy, pg.Economy)
    assert economy.name != "economy"


def test_new_starts_from_the_town_and_overwrites_nothing(tmp_path, capsys):
    path = tmp_path / "my_town.py"
    assert cli.main(["new", str(path)]) == 0
    assert path.read_text("utf-8") == examples.source("bakery_town")
    path.write_text("mine")
    assert cli.main(["new", str(path)]) == 2
    assert path.read_text() == "mine"
    assert "there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["town.txt"], "should end in .py"),
        (["town.py", "--from", "bakery"], 'Did you mean "bakery_town"?'),
        (["no/such/folder/town.py"], "cannot be written"),
    ],
)
def test_new_refuses_in_one_line(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", *arguments]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown
