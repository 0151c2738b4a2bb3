"""Numbers as JSON text."""

from __future__ import annotations

import json
import math
from typing import Any


def dump(content: Any) -> str:
    """JSON text; a number that JSON cannot write (infinity, NaN) becomes null."""
    return json.dumps(_plain(content, lambda number: None), indent=1, allow_nan=False)


def exact(content: Any) -> Any:
    """Plain content from which `restored` makes the same numbers, those that JSON cannot write included."""
    return _plain(content, lambda number: {"float": str(number)})


def restored(content: Any) -> Any:
    """What `exact` was given."""
    if isinstance(content, dict):
        if list(content) == ["float"] and isinstance(content["float"], str):
            return float(content["float"])
        return {key: restored(inner) for key, inner in content.items()}
    return [restored(inner) for inner in content] if isinstance(content, list) else content


def _plain(value: Any, odd: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(inner, odd) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner, odd) for inner in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else odd(number)
