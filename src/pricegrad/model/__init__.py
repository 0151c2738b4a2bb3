"""What a person says: goods, firms, technologies, households, taxes, outside markets, tables, JSON."""

from pricegrad.model.economy import Model, code_firm
from pricegrad.model.parts import (
    Auxiliary,
    CodeFirm,
    Endowment,
    Firm,
    Flow,
    Good,
    Household,
    Nest,
    Outside,
    Sector,
    Tax,
)
from pricegrad.model.technology import CES, CET, CobbDouglas, Leontief, Technology

__all__ = [
    "CES",
    "CET",
    "Auxiliary",
    "CobbDouglas",
    "CodeFirm",
    "Endowment",
    "Firm",
    "Flow",
    "Good",
    "Household",
    "Leontief",
    "Model",
    "Nest",
    "Outside",
    "Sector",
    "Tax",
    "Technology",
    "code_firm",
]
