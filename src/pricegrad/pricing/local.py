"""What one firm knows: what it makes of given inputs, and the derivative of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pricegrad.errors import ModelError, PricegradError
from pricegrad.model import CodeFirm, Firm
from pricegrad.pricing.technology import produce

Outputs = tuple[float, ...]
Slopes = tuple[tuple[float, ...], ...]
R = TypeVar("R")


def local(firm: Firm, amounts: tuple[float, ...]) -> tuple[Outputs, Slopes]:
    """Outputs of `firm` at `amounts` of its inputs, and the derivative of each output in each input."""
    if not isinstance(firm, CodeFirm):
        return produce(firm, amounts)
    return _guarded(firm, amounts, lambda: _differentiated(firm, amounts))


def made(firm: Firm, amounts: tuple[float, ...]) -> Outputs:
    """Outputs of `firm` alone, by running its own function."""
    if not isinstance(firm, CodeFirm):
        return produce(firm, amounts)[0]
    return _floats(firm, firm.function(*amounts, **firm.coefficients))


def _floats(firm: CodeFirm, result: Any) -> Outputs:
    """The outputs a production function returned, as many floats as the firm makes goods."""
    parts = result if isinstance(result, tuple) else (result,)
    if len(parts) != len(firm.makes):
        goods = ", ".join(map(repr, firm.makes))
        raise ModelError(
            f"firm {firm.name!r} returns {len(parts)} amounts and makes {len(firm.makes)} goods ({goods}); "
            "it "
            "returns one amount, or a tuple in the order of makes=(...)"
        )
    try:
        return tuple(float(part) for part in parts)
    except (TypeError, ValueError):
        shown = ", ".join(type(part).__name__ for part in parts)
        raise ModelError(f"firm {firm.name!r} returns {shown}; an amount is a number") from None


def _guarded(firm: CodeFirm, amounts: tuple[float, ...], work: Callable[[], R]) -> R:
    """Run a user's function; what goes wrong in it is told with its place and inputs."""
    try:
        return work()
    except PricegradError:
        raise
    except Exception as error:
        given = ", ".join(f"{good} = {x:g}" for good, x in zip(firm.inputs, amounts, strict=True))
        at = f" ({firm.where})" if firm.where else ""
        raise ModelError(
            f"firm {firm.name!r}{at} stops with {type(error).__name__}: {error}, at {given}"
        ) from None


def _differentiated(firm: CodeFirm, amounts: tuple[float, ...]) -> tuple[Outputs, Slopes]:
    raise NotImplementedError
