"""The price at which an outside demand curve takes a given amount."""

from __future__ import annotations

import math

from pricegrad.errors import ModelError
from pricegrad.model.parts import Curve

FARTHEST = 1e12


def price_at(curve: Curve, quantity: float, good: str) -> float:
    """The price p with curve(p) = quantity, by bisection in log p between 1e-12 and 1e12.

    The curve must fall where it crosses the quantity. Raises ModelError where it never takes that amount.
    """
    low, high = 1.0, 1.0
    while _at(curve, low, good) < quantity and low > 1 / FARTHEST:
        low /= 2
    while _at(curve, high, good) > quantity and high < FARTHEST:
        high *= 2
    if _at(curve, low, good) < quantity or _at(curve, high, good) > quantity:
        raise ModelError(
            f"at no price between {1 / FARTHEST:g} and {FARTHEST:g} is the demand for {good!r} {quantity:g}"
        )
    for _ in range(200):
        middle = math.sqrt(low * high)
        if middle in (low, high):
            break
        if _at(curve, middle, good) > quantity:
            low = middle
        else:
            high = middle
    return low if abs(_at(curve, low, good) - quantity) < abs(_at(curve, high, good) - quantity) else high


def _at(curve: Curve, price: float, good: str) -> float:
    found = float(curve(price))
    if math.isnan(found):
        raise ModelError(f"the demand for {good!r} at a price of {price:g} is not a number")
    return found
