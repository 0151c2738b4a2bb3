"""What one firm knows: what it makes of given inputs, and the derivative of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from pricegrad.backprop import vjp
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
    """One pullback an output: the seed picks the output, the result is its derivative in each input."""
    outputs = _floats(firm, firm.function(*amounts, **firm.coefficients))
    if not firm.buys:
        return outputs, ((),) * len(outputs)
    pull = _pullback(firm)
    slopes = []
    for j in range(len(outputs)):
        seed = tuple(float(i == j) for i in range(len(outputs)))
        _, derivative = pull(*amounts, seed=seed if len(seed) > 1 else 1.0, **firm.coefficients)
        parts = derivative if len(amounts) > 1 else (derivative,)
        slopes.append(tuple(float(part) for part in parts))
    return outputs, tuple(slopes)


_PULLBACKS: WeakKeyDictionary[Any, dict[tuple[str, ...], Any]] = WeakKeyDictionary()


def _pullback(firm: CodeFirm) -> Any:
    """The vector-Jacobian product of the firm's function, derived once a function."""
    known = _PULLBACKS.setdefault(firm.function, {})
    inputs = tuple(firm.buys)
    if inputs not in known:
        known[inputs] = vjp(firm.function, wrt=inputs)
    return known[inputs]
