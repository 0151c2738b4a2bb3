"""What a command asks beyond one verb of an economy: amounts read, results shown, kept, set side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pricegrad.errors import ModelError, PricegradError, SourceError, did_you_mean

if TYPE_CHECKING:
    from pricegrad.equilibrium.frames import Comparison


def show(
    json: bool, as_json: Callable[[], dict[str, Any]], as_text: Callable[[], None], plot: Path | None = None
) -> None:
    from pricegrad import files
    from pricegrad.report import jsons

    if json:
        with files.aside():
            told = jsons.dump(as_json())
        print(told)
        return
    as_text()
    if plot is not None:
        print(f"picture: {plot}")


def draw(draw: Callable[[Path], Any], path: Path | None) -> None:
    if path is not None:
        draw(path)


def keep(result: Any, path: Path | None) -> None:
    if path is not None:
        result.save(path)


def amounts(
    given: Sequence[str] | None, option: str = "--quantity", form: str = "GOOD=AMOUNT, as in natgas=4"
) -> dict[str, float]:
    """Numbers by good, of an option that may be repeated: GOOD=NUMBER."""
    amounts: dict[str, float] = {}
    for text in given or ():
        good, _, amount = text.rpartition("=")
        try:
            amounts[good.strip()] = float(amount)
        except ValueError:
            good = ""
        if not good:
            raise ModelError(f"{option} {text!r}: write {form}")
    return amounts


def derivative(function: Callable[..., Any], wrt: str | None, at: Sequence[str] | None) -> str:
    """The emitted code: by what the function tells of its parameters, or for arguments that are given."""
    from pricegrad import grad

    made: Any = grad(function, wrt=wrt)
    if at:
        return _derivative_at(made, function, at)
    pending = made.derivative.pending  # what a first call would say
    if pending is None:
        return str(made.source)
    untold = " ".join(f"--at {name}=..." for name in made.derivative.parameters.untold())
    if isinstance(pending, SourceError) and untold:
        raise pending.also(f"Or say what is given: {untold}")
    raise pending


def _derivative_at(made: Any, function: Callable[..., Any], at: Sequence[str]) -> str:
    """The emitted code for these arguments, then the value and the derivative there as comments."""
    from pricegrad import files

    read = made.derivative
    try:
        read.parameters.bind((), arguments(function, at))
    except TypeError as error:
        raise ModelError(f"{error}; --at can give {', '.join(read.parameters.names)}") from None
    with files.aside():
        try:
            value = function(**arguments(function, at))  # made anew each time: a function may change them
        except Exception as error:
            raise files.failed(Path(read.source.file), error) from None
        slopes = made(**arguments(function, at))
    names = read.derived.wrt
    told = [f"{read.source.name}({', '.join(at)}) = {value}"]
    told += [
        f"d/d{n} = {slope}" for n, slope in zip(names, slopes if len(names) > 1 else [slopes], strict=True)
    ]
    return str(made.source) + "\n\n" + "".join(f"# {line}\n" for text in told for line in text.splitlines())


def arguments(function: Callable[..., Any], at: Sequence[str]) -> dict[str, Any]:
    """The arguments given as NAME=VALUE: a value is an expression over the names of the function's file."""
    import math

    import numpy as np

    known = {"np": np, "math": math, **getattr(function, "__globals__", {})}
    given: dict[str, Any] = {}
    for text in at:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name.isidentifier():
            raise ModelError(f"--at {text!r}: write NAME=VALUE, as in x=4")
        try:
            given[name] = eval(value, known)
        except Exception as error:
            raise ModelError(f"--at {text!r}: {value!r} is no value here ({error})") from None
    return given


def write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise PricegradError(f"{path} cannot be written: {error.strerror}") from None


def beside(first: str, second: str) -> Any:
    """Two saved equilibria as a comparison."""
    from pricegrad import files
    from pricegrad.report import saved

    other = files.saved(second)
    if other is None:
        raise ModelError(f"{first} is a saved result and {second} is not; save that one too (solve --save)")
    return saved.beside({Path(first).stem: saved.load(first), Path(second).stem: other})


def is_model(name: str) -> bool:
    """Whether a name is that of a model, not of a table."""
    return name.endswith((".py", ".json")) or name.rpartition(":")[0].endswith(".py")


def dearer(model: str, firms: Sequence[str], percent: float) -> Comparison:
    """The equilibria of a model before and after the costs of some firms rise by so many per cent."""
    from pricegrad import files

    economy = files.economy(model)
    if not firms:
        raise ModelError("name whose cost rises: --sector NAME; there are " + ", ".join(economy.firms))
    if not percent > -100:
        raise ModelError(f"--percent {percent:g} leaves nothing of the cost")
    for name in firms:
        if name not in economy.firms:
            raise ModelError(
                f"there is no firm {name!r} in {model}.{did_you_mean(name, economy.firms)} What else may "
                "change, `market --shock` and `economy.change()` know"
            )
    after = economy.change(productivity=dict.fromkeys(firms, 1 / (1 + percent / 100)))
    named = f"{' and '.join(firms)} {percent:+g}%"
    return economy.solve().compare(**{named: after.solve()})
