"""What a user sets, checked once at the door: numbers in their range, or one message that says which."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

from pricegrad.errors import ModelError, did_you_mean

_ABOVE_ZERO = {"step", "spends", "target"}
_AT_MOST_ONE = {"spends", "spoils"}


def whole(what: str, value: Any, least: int) -> int:
    """`value` as a whole number from `least` on. Raises `ModelError`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ModelError(f"{what}={value!r}: give a whole number, {least} or more")
    return int(value)


def positive(what: str, value: Any) -> float:
    """`value` as a finite number above 0. Raises `ModelError`."""
    if not _is_number(value) or not value > 0:
        raise ModelError(f"{what} is {value!r}; it must be a positive number")
    return float(value)


def not_negative(what: str, value: Any) -> float:
    """`value` as a finite number from 0 on. Raises `ModelError`."""
    if not _is_number(value) or value < 0:
        raise ModelError(f"{what} is {value!r}; it must be a number, 0 or more")
    return float(value)


def share(what: str, value: Any, meaning: str) -> float:
    """`value` as a number above 0 and at most 1. Raises `ModelError`."""
    if not _is_number(value) or not 0 < value <= 1:
        raise ModelError(f"{what} is {value!r}; it is {meaning}, above 0 and at most 1")
    return float(value)


def option(rule: str, name: str, value: Any, default: Any) -> Any:
    """An option of a rule: a number where the default is one, in its range. Raises `ModelError`."""
    if isinstance(default, str) or (value is None and default is None):
        return value
    least, most = name in _ABOVE_ZERO, name in _AT_MOST_ONE
    if _is_number(value) and (value > 0 or (value == 0 and not least)) and not (most and value > 1):
        return value
    wanted = f"a number {'above 0' if least else 'from 0 on'}{' and at most 1' if most else ''}"
    raise ModelError(f'{name}={value!r}: the option {name} of the rule "{rule}" is {wanted}')


def listed(what: str, values: Any, example: str) -> list[Any]:
    """`values`, where they are some in a row and no single text. Raises `ModelError`."""
    if isinstance(values, str) or not isinstance(values, Iterable) or isinstance(values, Mapping):
        raise ModelError(f"{what}={values!r}: give a list, as in {what}={example}")
    return list(values)


def posted(start: Any, goods: Mapping[str, int]) -> dict[int, float]:
    """Starting prices by place of the good. Raises `ModelError`."""
    if not isinstance(start, Mapping) and not hasattr(start, "items"):
        raise ModelError(f"start={start!r}: give prices by good, as in start={{'bread': 2.0}}")
    found = {}
    for good, value in start.items():
        if good not in goods:
            raise ModelError(f"start names {good!r}, no good.{did_you_mean(str(good), goods)}")
        found[goods[good]] = positive(f"the starting price of {good!r}", value)
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
