"""Compile emitted code with numba."""

from __future__ import annotations

from typing import Any

from pricegrad.errors import SourceError

from .derive import Derived
from .source import Source


def compiled(source: Source, derived: Derived, namespace: dict[str, Any]) -> Any:
    """The emitted function, compiled at its first call."""
    try:
        import numba
    except ImportError:
        raise SourceError(
            'compile="numba" needs numba', hint='Install it: pip install "pricegrad[numba]".'
        ) from None
    return numba.njit(namespace[derived.name])
