"""What a person says, checked word by word: names, numbers, tables of amounts, curves, parameters."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

from pricegrad.errors import ModelError


def word(name: Any, what: str) -> str:
    """A name: a text that is not empty."""
    if not isinstance(name, str) or not name.strip():
        article = "an" if what[0] in "aeiou" else "a"
        raise ModelError(f"the name of {article} {what} must be a non-empty text, not {name!r}")
    return name


def finite(value: Any, what: str) -> float:
    """A finite number."""
    try:
        if isinstance(value, str | bytes | bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise ModelError(f"{what} is {value!r}; it must be a number") from None
    if not math.isfinite(number):
        raise ModelError(f"{what} is {number}; it must be a finite number")
    return number


def amounts(table: Any, what: str, of: str) -> dict[str, float]:
    """Finite numbers by name; `what` is the table, `of` the words between it and a name."""
    if table is None:
        return {}
    if not isinstance(table, Mapping):
        raise ModelError(f"{what}: {table!r} gives no numbers by name; write them as in {{'labour': 10}}")
    for name in table:
        if not isinstance(name, str) or not name.strip():
            raise ModelError(f"{what}: {name!r} is no name; it must be a non-empty text")
    return {name: finite(value, f"{of} {name!r}") for name, value in table.items()}


def curve(function: Callable[..., Any], what: str) -> Callable[[float], float]:
    """A function of one price, tried at a price of 1."""
    try:
        found = function(1.0)
    except (ValueError, ZeroDivisionError, OverflowError):
        return function  # not defined at 1; it may be elsewhere
    except TypeError as error:
        raise ModelError(f"{what}: its curve must take one price and give an amount ({error})") from None
    try:
        float(found)
    except (TypeError, ValueError):
        raise ModelError(
            f"{what}: its curve gives {found!r} at a price of 1; it must give a number"
        ) from None
    return function


def parameters(f: Callable[..., Any], label: str) -> tuple[list[str], dict[str, Any]]:
    """The goods among a function's parameters, and its coefficients with their values."""
    goods: list[str] = []
    given: dict[str, Any] = {}
    for parameter in inspect.signature(f).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ModelError(f"firm {label!r}: `*{parameter.name}` names no good; give each good a parameter")
        if parameter.kind is parameter.KEYWORD_ONLY:
            if parameter.default is parameter.empty:
                raise ModelError(
                    f"firm {label!r}: the coefficient {parameter.name!r} has no value; give it a default, or "
                    "move it before the `*` if it is a good"
                )
            given[parameter.name] = parameter.default
        elif parameter.default is not parameter.empty:
            raise ModelError(
                f"firm {label!r}: {parameter.name!r} has a default, so it looks like a coefficient; "
                f"put it after a `*`: def {label}(..., *, {parameter.name}={parameter.default!r})"
            )
        else:
            goods.append(parameter.name)
    return goods, given
