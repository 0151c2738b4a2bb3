"""Second derivatives and directional derivatives, out of emitted code differentiated again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pricegrad.errors import SourceError

from .derivative import Derivative


class Hessian:
    """The matrix of second derivatives of a function that returns one number."""

    def __init__(self, f: Callable[..., Any], wrt: Any, check: bool) -> None:
        self.gradient = Derivative(f, wrt, "grad", None, check)
        self.product = Derivative(self.gradient.function, wrt, "vjp", None, False)

    @property
    def source(self) -> str:
        """The emitted code of one row: the gradient differentiated again."""
        return str(self.product.function.source)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        first = self.gradient.function(*args, **kwargs)
        several = isinstance(first, tuple)
        parts = first if several else (first,)
        if not all(isinstance(p, (float, np.floating, np.ndarray)) for p in parts):
            raise SourceError("a Hessian is taken with respect to numbers and arrays only")
        rows = []
        for i, p in enumerate(parts):
            shape = np.shape(p)
            row = [np.zeros((*shape, *np.shape(q))) for q in parts]
            for at in np.ndindex(shape):
                seed: list[Any] = [np.zeros_like(q) if isinstance(q, np.ndarray) else 0.0 for q in parts]
                if shape:
                    seed[i][at] = 1.0
                else:
                    seed[i] = np.ones_like(p) if isinstance(p, np.ndarray) else 1.0
                _, second = self.product.function(*args, **kwargs, seed=tuple(seed) if several else seed[0])
                for block, value in zip(row, second if several else (second,), strict=True):
                    block[at] = value
            rows.append(row)
        if not several:
            return rows[0][0] if np.shape(first) else float(rows[0][0])
        if all(np.shape(p) == () for p in parts):
            return np.array([[float(v) for v in row] for row in rows])
        return tuple(tuple(row) for row in rows)


class Jvp:
    """The derivative along a direction: (value, Jacobian times tangent)."""

    def __init__(self, f: Callable[..., Any], wrt: Any, check: bool) -> None:
        self.f = f
        self.pullback = Derivative(f, wrt, "vjp", None, check)
        self.again = Derivative(self.pullback.function, "seed", "vjp", None, False)

    @property
    def source(self) -> str:
        """The emitted code: the pullback differentiated by its seed."""
        return str(self.again.function.source)

    def __call__(self, *args: Any, tangent: Any) -> Any:
        value = self.f(*args)
        seed = _zero(value)
        nothing = _zero(value)
        (_, _), along = self.again.function(*args, seed, seed=(nothing, tangent))
        return value, along


def _zero(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return np.zeros_like(value, dtype=float)
    if isinstance(value, (list, tuple)):
        return type(value)(_zero(v) for v in value)
    if isinstance(value, dict):
        return {k: _zero(v) for k, v in value.items()}
    return 0.0
