"""A firm's own business: its production function, read and differentiated in its own process only."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pricegrad.errors import ModelError, did_you_mean


@dataclass(frozen=True)
class Producer:
    """`make`: amounts of the goods bought -> (amount made, derivative by good)."""

    make: Callable[[Mapping[str, float]], tuple[float, dict[str, float]]]
    inputs: tuple[str, ...]


def open_business(source: str, coefficients: Mapping[str, Any] | None = None) -> Producer:
    """The producer at `source`, "FILE.py:NAME": a function, or a class with a method `make`.

    A function, or the method `make` of a class, takes amounts of the goods bought, by name, and returns the
    amount made; its derivative is taken by backpropagation. A class may bring its own derivative as a method
    `marginal` that takes the same and returns a number for each (a tuple in their order, or a mapping).
    `coefficients` are passed by keyword: to the function, or to the class when it is made.
    Raises `ModelError` when the file or the name is not there, `SourceError` for code without a derivative.
    """
    thing = _find(source)
    coefficients = dict(coefficients or {})
    if inspect.isclass(thing):
        return _of_class(thing(**coefficients), source)
    return _of_function(thing, coefficients)


def inputs_of(thing: Callable[..., Any]) -> tuple[str, ...]:
    """The goods a function or a class with `make` buys: its parameters that can be given by position."""
    target = getattr(thing, "make", None) if inspect.isclass(thing) else thing
    if not callable(target):
        raise ModelError(f"class {thing.__name__} has no method make(self, ...), which says what it makes")
    skip = 1 if inspect.isclass(thing) else 0
    names = [
        name
        for name, p in inspect.signature(target).parameters.items()
        if p.kind in (p.POSITIONAL_OR_KEYWORD, p.POSITIONAL_ONLY)
    ]
    return tuple(names[skip:])


def _of_function(function: Callable[..., Any], coefficients: dict[str, Any]) -> Producer:
    from pricegrad.backprop import value_and_grad

    names = inputs_of(function)
    both = value_and_grad(function, wrt=names[0] if len(names) == 1 else names)

    def make(inputs: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        made, found = both(**{name: inputs[name] for name in names}, **coefficients)
        slopes = (found,) if len(names) == 1 else found
        return float(made), {name: float(slope) for name, slope in zip(names, slopes, strict=True)}

    return Producer(make, names)


def _of_class(owner: Any, source: str) -> Producer:
    names = inputs_of(type(owner))
    if not hasattr(owner, "marginal"):
        return _of_function(owner.make, {})

    def make(inputs: Mapping[str, float]) -> tuple[float, dict[str, float]]:
        given = {name: inputs[name] for name in names}
        slopes = owner.marginal(**given)
        if not isinstance(slopes, Mapping):
            several = slopes if isinstance(slopes, (tuple, list)) else (slopes,)
            if len(several) != len(names):
                raise ModelError(f"{source}: marginal gives {len(several)} numbers for {len(names)} inputs")
            slopes = dict(zip(names, several, strict=True))
        return float(owner.make(**given)), {name: float(slopes[name]) for name in names}

    return Producer(make, names)


def _find(source: str) -> Any:
    file, colon, name = source.rpartition(":")
    if not colon or not file.endswith(".py"):
        raise ModelError(f"a firm's business is given as 'FILE.py:NAME', not {source!r}")
    module = _load(Path(file).resolve())
    if not hasattr(module, name):
        known = [key for key, value in vars(module).items() if callable(value)]
        raise ModelError(f"{file} has no {name!r}.{did_you_mean(name, known)}")
    return getattr(module, name)


def _load(file: Path) -> ModuleType:
    if not file.is_file():
        raise ModelError(f"there is no file {file}")
    spec = importlib.util.spec_from_file_location(f"_pricegrad_firm_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
