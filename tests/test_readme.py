"""Every block of the README runs, in order and in one folder, and prints what the README says it prints."""

import re
from pathlib import Path

from tests.blocks import run_page
from tests.printed import same

README = Path(__file__).resolve().parent.parent / "README.md"


def test_every_block_runs_and_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    compared = run_page(README)
    assert len(compared) >= 3
    for said, printed in compared:
        same(printed, said)


def test_what_the_readme_says_of_dependencies_is_true():
    import tomllib

    project = tomllib.loads((README.parent / "pyproject.toml").read_text())["project"]
    text = README.read_text()
    for requirement in project["dependencies"]:
        assert f"| {re.split('[<>=]', requirement)[0]} |" in text
    for extra in project["optional-dependencies"]:
        assert f"`{extra}`" in text


def test_the_map_of_the_house_is_the_house():
    for path in re.findall(r"^\| `(src/[^`]+)`", README.read_text(), re.MULTILINE):
        assert (README.parent / path).exists()
