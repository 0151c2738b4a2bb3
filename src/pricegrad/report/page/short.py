"""Columns of links in few characters: most pay the price of their good, and are worth it to their agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SAME = ""  # the price is that of the good; the marginal value is the price


def shortened(flows: dict[str, Any], price: Sequence[float | None]) -> dict[str, Any]:
    """The links with `SAME` for what can be read elsewhere; `price` by good."""
    usual = [price[g] if g < len(price) else None for g in flows["good"]]
    return {
        **flows,
        "price": [_mark(paid, known) for paid, known in zip(flows["price"], usual, strict=True)],
        "marginal": [_mark(x, paid) for x, paid in zip(flows["marginal"], flows["price"], strict=False)],
    }


def whole(flows: dict[str, Any], price: Sequence[float | None]) -> dict[str, Any]:
    """What `shortened` was given."""
    paid = [price[g] if x == SAME else x for x, g in zip(flows["price"], flows["good"], strict=True)]
    worth = [p if x == SAME else x for x, p in zip(flows["marginal"], paid, strict=False)]
    return {**flows, "price": paid, "marginal": worth}


def _mark(value: float | None, known: float | None) -> float | str | None:
    return SAME if value is not None and value == known else value
