"""Read what a user names on the command line: a function in a Python file, an economy in a file.

A user's file is run as Python runs a script, but whatever goes wrong in it comes back as one message with
the file and the line, and what it prints goes to standard error.
"""

from __future__ import annotations

import inspect
import re
import sys
import types
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any, TextIO

from pricegrad.data import TABLES
from pricegrad.errors import ModelError, PricegradError, SourceError, did_you_mean
from pricegrad.progress import working

if TYPE_CHECKING:
    from pricegrad.economy import Economy
    from pricegrad.report.saved import SavedResult


def function(name: str) -> Callable[..., Any]:
    """The function named as FILE.py:FUNCTION."""
    file, _, wanted = name.rpartition(":")
    if not file.endswith(".py") or not wanted:
        raise SourceError(f"{name!r} names no function; write FILE.py:FUNCTION, as in chain.py:f")
    found = run(Path(file))
    functions = [
        key
        for key, value in found.items()
        if isinstance(value, types.FunctionType) and not key.startswith("__")
    ]
    if wanted not in found:
        own = [key for key in functions if found[key].__module__ == found["__name__"]] or functions
        raise SourceError(f"{file} has no function {wanted!r}.{did_you_mean(wanted, own)}")
    if not callable(found[wanted]):
        raise SourceError(f"{wanted!r} in {file} is a {type(found[wanted]).__name__}, not a function")
    made: Callable[..., Any] = found[wanted]
    return made


def saved(name: str) -> SavedResult | None:
    """The result saved in a JSON file; None for anything else."""
    if not name.endswith(".json"):
        return None
    import json

    from pricegrad.report.saved import is_result, load

    _there(Path(name))
    try:
        found = is_result(json.loads(Path(name).read_text("utf-8")))
    except (OSError, ValueError):  # whoever reads it as an economy says what is wrong with it
        return None
    return load(name) if found else None


def is_function(name: str) -> bool:
    """Whether a name is FILE.py:FUNCTION."""
    file, _, wanted = name.rpartition(":")
    return file.endswith(".py") and isinstance(run(Path(file)).get(wanted), types.FunctionType)


def economy(name: str) -> Economy:
    """The economy in a JSON file, or the one a Python file defines (FILE.py:NAME of several), or us71.

    FILE.py:FUNCTION is a function read as an economy, a statement a firm.
    """
    with working(f"reading {name}"):
        return _economy(name)


def _economy(name: str) -> Economy:
    from pricegrad.economy import Economy

    if name in TABLES:
        return Economy.from_table(name)
    if name.endswith(".json"):
        _there(Path(name))
        reader = getattr(Economy, "from_json", None)
        if reader is None:
            raise ModelError(f"{name}: this version reads economies from Python files alone")
        read: Economy = reader(name)
        return read
    file, _, wanted = name.rpartition(":") if not name.endswith(".py") else (name, "", "")
    if not file.endswith(".py"):
        raise ModelError(
            f"{name!r} is no model: it is a Python file that defines an economy, or a .json file"
        )
    values = run(Path(file))
    found = {key: value for key, value in values.items() if isinstance(value, Economy)}
    if wanted:
        if isinstance(values.get(wanted), types.FunctionType):
            return Economy.from_function(values[wanted])
        if wanted not in found:
            raise ModelError(f"{file} defines no economy {wanted!r}.{did_you_mean(wanted, found)}")
        return found[wanted]
    if not found:
        raise ModelError(
            f"{file} defines no economy; it should have a line like `economy = pricegrad.Economy()` outside "
            "any "
            "function"
        )
    if len({id(value) for value in found.values()}) > 1:
        names = " and ".join(found)
        raise ModelError(f"{file} defines several economies, {names}; name one: {file}:{next(iter(found))}")
    return next(iter(found.values()))


def aside() -> redirect_stdout[TextIO]:
    """While this lasts, what a user's code prints goes to standard error: standard output is for results."""
    return redirect_stdout(sys.stderr)


def run(path: Path) -> dict[str, Any]:
    """The names that a Python file defines, found by running it."""
    _there(path)
    try:
        code = compile(path.read_bytes(), str(path), "exec")
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from None
    except SyntaxError as error:
        raise SourceError(
            f"{path} is not valid Python: {error.msg}",
            file=str(path) if error.lineno else "",
            line=error.lineno or 0,
            column=max((error.offset or 1) - 1, 0),
            text=error.text or "",
        ) from None
    except (ValueError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is not a Python file: {error}") from None
    module = types.ModuleType(f"_user_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with aside():
            exec(code, module.__dict__)
    except PricegradError as error:
        raise type_of(error)(f"{error}{_line(path, error)}") from None
    except (Exception, SystemExit) as error:
        raise failed(path, error) from None
    finally:
        sys.path.remove(str(path.resolve().parent))
    return module.__dict__


def type_of(error: PricegradError) -> type[PricegradError]:
    """The kind of an error whose message is told anew; a SourceError has its place in the message already."""
    return PricegradError if isinstance(error, SourceError) else type(error)


def _there(path: Path) -> None:
    try:
        there = path.exists()
    except (OSError, ValueError) as error:
        raise ModelError(f"no file can be named so: {error}") from None
    if not there:
        near = [str(other) for other in path.parent.glob(f"*{path.suffix}")] if path.parent.is_dir() else []
        raise ModelError(f"there is no file {path}.{did_you_mean(str(path), near)}")
    if path.is_dir():
        raise ModelError(f"{path} is a folder; name a file in it")


def _line(path: Path, error: BaseException) -> str:
    """Where in the user's file an error arose, as a line of its own; empty when it did not."""
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
    if not frames:
        return ""
    last = frames[-1]
    line = _text(path, last.lineno or 0)
    lead = len(line) - len(line.lstrip())
    caret = " " * max((last.colno or 0) - lead, 0) + "^"
    return f"\n  {path}, line {last.lineno}\n    {line.strip()}\n    {caret}"


def failed(path: Path, error: BaseException) -> SourceError:
    """What went wrong in a user's own code, with the line of their file where it did."""
    frames = [frame for frame in extract_tb(error.__traceback__) if frame.filename == str(path)]
    what = f"{path} stops with {type(error).__name__}: {error}{_nearest(error)}"
    if not frames:
        return SourceError(what)
    last = frames[-1]
    return SourceError(
        what,
        file=str(path),
        line=last.lineno or 0,
        column=last.colno or 0,
        text=_text(path, last.lineno or 0),
    )


def _nearest(error: BaseException) -> str:
    """The valid name nearest to a misspelt attribute or keyword of ours, where the message has none yet."""
    import pricegrad
    from pricegrad.model import technology

    if isinstance(error, AttributeError) and error.obj is not None and "Did you mean" not in str(error):
        return "." + did_you_mean(str(error.name), [name for name in dir(error.obj) if name[0] != "_"])
    misspelt = re.search(r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'", str(error))
    owners = (pricegrad, pricegrad.Economy, technology)
    called = [getattr(owner, misspelt[1]) for owner in owners if misspelt and hasattr(owner, misspelt[1])]
    if not called or misspelt is None:
        return ""
    return "." + did_you_mean(misspelt[2], list(inspect.signature(called[0]).parameters))


def _text(path: Path, line: int) -> str:
    lines = path.read_text(errors="replace").splitlines()
    return lines[line - 1] if 0 < line <= len(lines) else ""
