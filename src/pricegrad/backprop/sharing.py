"""Arguments that share memory: a function that writes to one of them changes the other too.

Emitted code copies what it changes, so two names for one array or list would become two objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pricegrad.errors import SourceError

from .kinds import Array, Kind, List, Num
from .source import Source


def apart(source: Source, changed: tuple[str, ...], values: Mapping[str, Any]) -> None:
    """Refuse arguments of which one is changed in place and shares memory with another, or with itself."""
    for name in changed:
        own = list(holders(values[name]))
        for i, one in enumerate(own):
            if any(shared(one, two) for two in own[:i]):
                _refuse(source, f"`{name}` holds one object twice and is changed in place")
        for other in values:
            if other != name and any(shared(a, b) for b in holders(values[other]) for a in own):
                _refuse(source, f"`{name}` is changed in place, and `{other}` shares its memory")


def holders(value: Any) -> Iterator[Any]:
    """Every array, list and dict in a nest of them."""
    if isinstance(value, (np.ndarray, list, dict)):
        yield value
    if isinstance(value, (list, tuple, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            if not isinstance(inner, float):
                yield from holders(inner)


def shared(a: Any, b: Any) -> bool:
    """Would a change in one be seen in the other?"""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return bool(np.may_share_memory(a, b)) and bool(np.shares_memory(a, b))
    return a is b


def tests(changed: tuple[str, ...], kinds: Mapping[str, Kind]) -> list[str]:
    """Code that is true where arguments of these plain kinds surely lie apart."""
    out = []
    for name in changed:
        for other, kind in kinds.items():
            if other == name or (other in changed and other < name):
                continue
            if isinstance(kind, Array) and isinstance(kinds[name], Array):
                out.append(f"not may_share_memory_({name}, {other})")
            elif isinstance(kind, List) and isinstance(kind.item, Num) and isinstance(kinds[name], List):
                out.append(f"{name} is not {other}")
    return out


def _refuse(source: Source, what: str) -> None:
    raise SourceError(
        f"{what}: its derivative would take them for different objects",
        file=source.file,
        line=source.first,
        text=source.line(source.first),
        hint="Pass a copy.",
    )
