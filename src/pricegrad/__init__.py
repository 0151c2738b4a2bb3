"""Prices are gradients: price the goods of a production network by backpropagation."""

from typing import TYPE_CHECKING, Any

from pricegrad.economy import Economy
from pricegrad.errors import (
    DerivativeMismatch,
    ModelError,
    NotSolved,
    PricegradError,
    SourceError,
    TableError,
)
from pricegrad.model import CES, CET, CobbDouglas, Leontief

if TYPE_CHECKING:
    from pricegrad.backprop import grad, hessian, jvp, value_and_grad, vjp
    from pricegrad.report.saved import load

__all__ = [
    "CES",
    "CET",
    "CobbDouglas",
    "DerivativeMismatch",
    "Economy",
    "Leontief",
    "ModelError",
    "NotSolved",
    "PricegradError",
    "SourceError",
    "TableError",
    "grad",
    "hessian",
    "jvp",
    "load",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """Doors that import numpy or pandas are hung at first use: the command's help does without."""
    if name in ("grad", "hessian", "jvp", "value_and_grad", "vjp"):
        from pricegrad import backprop

        globals()[name] = getattr(backprop, name)
        return globals()[name]
    if name == "load":
        from pricegrad.report import saved

        globals()[name] = saved.load
        return globals()[name]
    from pricegrad.errors import did_you_mean

    raise AttributeError(f"module {__name__!r} has no attribute {name!r}.{did_you_mean(name, __all__)}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
