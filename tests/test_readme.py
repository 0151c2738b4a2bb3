"""Every block of the README runs, in order and in one folder, and prints what the README says it prints."""

import contextlib
import io
import re
import shlex
from pathlib import Path

from pricegrad import cli

README = Path(__file__).resolve().parent.parent / "README.md"
MAKEFILE = README.parent / "Makefile"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_block_runs_and_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    blocks = BLOCK.findall(README.read_text())
    scope, printed, compared = {}, "", 0
    for kind, text in blocks:
        if kind == "text":
            assert lines(printed) == lines(text)
            compared += 1
            continue
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            for line in text.splitlines() if kind == "sh" else ():
                run(line)
            if kind == "python":
                python(text, scope)
        printed = shown.getvalue()
    assert compared >= 3


def lines(text):
    return [line.rstrip() for line in text.rstrip().splitlines()]


def run(line):
    program, *arguments = shlex.split(line)
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", MAKEFILE.read_text(), re.MULTILINE)
    else:
        assert program == "pricegrad"
        assert cli.main(arguments) == 0


def python(text, scope):
    """Run a block; one that begins with a file's name is that file."""
    name = re.match(r"# (\w+\.py)\n", text)
    file = name[1] if name else "block.py"
    Path(file).write_text(text)
    exec(compile(text, str(Path(file).resolve()), "exec"), scope)


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
