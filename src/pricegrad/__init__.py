"""Prices are gradients: price the goods of a production network by backpropagation."""

from pricegrad.backprop import grad, value_and_grad, vjp
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
    "value_and_grad",
    "vjp",
]
