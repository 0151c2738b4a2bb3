"""The one compiled form of an economy: arrays of goods, agents grouped by technology, links. Frozen."""

from pricegrad.network.arrays import from_arrays
from pricegrad.network.compile import compile
from pricegrad.network.forest import Forest
from pricegrad.network.structure import (
    CodeUnit,
    Holdings,
    Network,
    Numbered,
    OutsideMarket,
    Ownership,
    Taxes,
)

__all__ = [
    "CodeUnit",
    "Forest",
    "Holdings",
    "Network",
    "Numbered",
    "OutsideMarket",
    "Ownership",
    "Taxes",
    "compile",
    "from_arrays",
]
