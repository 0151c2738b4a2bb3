"""The lines of derivative code by which a firm given by code values what it buys."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pricegrad.errors import SourceError
from pricegrad.model import CodeFirm, Firm


def emitted(firm: Firm, good: str) -> str:
    """The emitted lines that give what `good` is worth to the firm; nothing for a firm without code."""
    if not isinstance(firm, CodeFirm) or good not in firm.buys.values():
        return ""
    parameter = next(name for name, bought in firm.buys.items() if bought == good)
    return _lines(firm, parameter)


@lru_cache(maxsize=512)
def _source(function: Callable[..., Any], parameter: str) -> str:
    from pricegrad.backprop import grad

    try:
        source: str = grad(function, wrt=parameter).source
    except SourceError:
        return ""
    return source


def _lines(firm: CodeFirm, parameter: str) -> str:
    wanted = re.compile(rf"\w+_d{parameter} (=|\+=) ")
    return "\n".join(
        line.strip() for line in _source(firm.function, parameter).splitlines() if wanted.match(line.strip())
    )
