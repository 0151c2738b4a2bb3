"""The doors: grad, value_and_grad, vjp, jvp, hessian."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .derivative import Derivative
from .higher import Hessian, Jvp

Wrt = str | int | Sequence[str | int] | None


def grad(f: Callable[..., Any], wrt: Wrt = None, compile: str | None = None, check: bool = True) -> Any:
    """The derivative of `f`, a function that returns one number, as a function of the same arguments.

    wrt: a parameter name or index, or a tuple of them; None: every parameter that can be differentiated (an
    integer that is used as a count or an index is not). One parameter gives its derivative, several a
    tuple. A derivative has the shape of its parameter. `.source` is the emitted code (where it cannot be
    made before a first call tells what the arguments are, a comment that says why). compile="numba"
    compiles it (its integers then have 64 bits, and a recursion must fit the machine's own stack). check:
    compare the first result with differences of `f` along a random direction (thirteen evaluations of `f`,
    once). Raises SourceError where the code cannot be differentiated or compiled, DerivativeMismatch where
    the check fails.
    """
    return Derivative(f, wrt, "grad", compile, check).function


def value_and_grad(
    f: Callable[..., Any], wrt: Wrt = None, compile: str | None = None, check: bool = True
) -> Any:
    """Like `grad`, but returns (value, derivative)."""
    return Derivative(f, wrt, "value_and_grad", compile, check).function


def vjp(
    f: Callable[..., Any], *primals: Any, wrt: Wrt = None, compile: str | None = None, check: bool = True
) -> Any:
    """The vector-Jacobian product: a function of `f`'s arguments and a seed, giving (value, derivative).

    The seed has the form of `f`'s value: a number, an array, a tuple of them. The derivative is that of the
    sum of seed times value. With `primals`, the arguments, it gives (value, pullback) there, the pullback
    being a function of the seed.
    """
    function = Derivative(f, wrt, "vjp", compile, check).function
    if not primals:
        return function
    return f(*primals), lambda seed: function(*primals, seed)[1]


def hessian(f: Callable[..., Any], wrt: Wrt = None, check: bool = True) -> Any:
    """The second derivatives of `f`, a function that returns one number.

    One number gives a float, one array of shape s an array of shape s + s, k numbers a (k, k) array, and a
    mixture a tuple of tuples. Cost: one gradient of the gradient for each row.
    """
    return Hessian(f, wrt, check)


def jvp(
    f: Callable[..., Any], primals: Any = None, tangents: Any = None, wrt: Wrt = None, check: bool = True
) -> Any:
    """The derivative along a direction: a function of `f`'s arguments and `tangent`, giving (value, J @
    tangent).

    The tangent has the form of the parameter, or is a tuple of such for several. With `primals` and
    `tangents`, tuples of the arguments and of the direction, it gives the pair there.
    """
    function = Jvp(f, wrt, check)
    if primals is None:
        return function
    several = len(tangents) > 1
    return function(*primals, tangent=tuple(tangents) if several else tangents[0])
