"""The doors: grad, value_and_grad, vjp, jvp, hessian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .derivative import Derivative

Wrt = str | int | Sequence[str | int] | None


def grad(f: Callable[..., Any], wrt: Wrt = None, compile: str | None = None, check: bool = True) -> Any:
    """The derivative of `f`, a function that returns one number, as a function of the same arguments.

    wrt: a parameter name or index, or a tuple of them; None: every parameter that can be differentiated (an
    integer that is used as a count or an index is not). One parameter gives its derivative, several a tuple.
    A derivative has the shape of its parameter. `.source` is the emitted code; compile="numba" compiles it.
    check: compare the first result with finite differences of `f` along a random direction (a dozen evaluations
    of `f`, once).
    Raises SourceError where the code cannot be differentiated, DerivativeMismatch where the check fails.
    """
    return Derivative(f, wrt, "grad", compile, check).function


def value_and_grad(
    f: Callable[..., Any], wrt: Wrt = None, compile: str | None = None, check: bool = True
) -> Any:
    """Like `grad`, but returns (value, derivative)."""
    return Derivative(f, wrt, "value_and_grad", compile, check).function


def vjp(f: Callable[..., Any], wrt: Wrt = None, compile: str | None = None, check: bool = True) -> Any:
    """The vector-Jacobian product: a function of `f`'s arguments and a seed, giving (value, derivative).

    The seed has the form of `f`'s value: a number, an array, a tuple of them. The derivative is that of the sum
    of seed times value.
    """
    return Derivative(f, wrt, "vjp", compile, check).function
