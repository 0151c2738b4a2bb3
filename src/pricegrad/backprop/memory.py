"""Memory that the C library gives back to the system and takes anew at every call, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

_MOST = 32 << 20  # bytes; the C library does not adapt to blocks beyond


def settle(values: Iterable[Any]) -> None:
    """Let go of one block as large as the arrays of a derivative together.

    A C library that adapts keeps from then on as much for the next call as it was once given back in one
    piece; without it a gradient of a hundred thousand elements spends most of its time on taking pages.
    """
    size = sum(v.nbytes for v in values if isinstance(v, np.ndarray))
    np.empty(min(4 * size, _MOST - 4096), dtype=np.uint8)
