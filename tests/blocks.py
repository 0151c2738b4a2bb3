"""Run the code blocks of a Markdown page, in order and in one folder, as a reader would.

A `python` block runs in the names of those before it; one that begins with `# name.py` is that file too, and
only that where the next block is a command that is to fail. An `sh` block holds `pricegrad`, `python FILE`
and `make` commands; a line may end in `# exits with N`. A `text` block says what the block before it prints,
standard error of a command that fails included.
"""

import contextlib
import io
import re
import runpy
import shlex
import sys
from pathlib import Path

from pricegrad import cli

BLOCK = re.compile(r"^```(python|sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXIT = re.compile(r"# exits with (\d)$", re.MULTILINE)
MAKEFILE = Path(__file__).resolve().parent.parent / "Makefile"


def run_page(page: Path):
    """(said, printed) for every text block of the page, which is run in the current folder."""
    blocks = BLOCK.findall(page.read_text("utf-8"))
    modules = set(sys.modules)
    sys.path.insert(0, str(Path.cwd()))
    try:
        return list(_run(blocks))
    finally:
        sys.path.remove(str(Path.cwd()))
        for name in set(sys.modules) - modules:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(Path.cwd())):
                del sys.modules[name]


def _run(blocks):
    scope, printed = {"__name__": "__page__"}, ""
    for i, (kind, text) in enumerate(blocks):
        if kind == "text":
            yield text, printed
            continue
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            if kind == "python":
                fails = i + 1 < len(blocks) and blocks[i + 1][0] == "sh" and EXIT.search(blocks[i + 1][1])
                _python(text, scope, i, runs=not fails)
            else:
                for line in text.splitlines():
                    _command(line, shown)
        printed = shown.getvalue()


def _command(line: str, shown: io.StringIO) -> None:
    expected = EXIT.search(line)
    program, *arguments = shlex.split(line, comments=True)
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", MAKEFILE.read_text("utf-8"), re.MULTILINE), line
    elif program == "python":
        runpy.run_path(arguments[0], run_name="__main__")
    else:
        assert program == "pricegrad", line
        with contextlib.redirect_stderr(shown if expected else io.StringIO()):
            assert cli.main(arguments) == (int(expected[1]) if expected else 0), line


def _python(text: str, scope: dict, number: int, *, runs: bool) -> None:
    name = re.match(r"# (\w+\.py)\n", text)
    file = Path(name[1] if name else f"block{number}.py")
    file.write_text(text, "utf-8")
    if runs:
        exec(compile(text, str(file.resolve()), "exec"), scope)
