"""Results as one JSON object: prices, activity, income, aux, quantities, certificate."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pricegrad.pricing.costs import CostPrices
    from pricegrad.pricing.result import Prices
    from pricegrad.pricing.shock import PriceChange


def dump(content: dict[str, Any]) -> str:
    """JSON text; a number that JSON cannot write (infinity, NaN) becomes null."""
    return json.dumps(_clean(content), indent=1, allow_nan=False)


def prices(result: Prices | CostPrices) -> str:
    """A priced plan."""
    accounts = result.accounts()
    return dump(
        {
            "prices": result.price_dict(),
            "activity": {name: row["activity"] for name, row in accounts.items() if "activity" in row},
            "income": {},
            "aux": {},
            "quantities": result.quantity_dict(),
            "firms": accounts,
            "notes": list(result.notes),
            "certificate": {"worst": result.worst},
        }
    )


def shock(result: PriceChange) -> str:
    """A change of prices."""
    return dump(
        {
            "prices": result.prices.to_dict(),
            "changes": result.changes.to_dict(),
            "suppliers": {good: result.suppliers(good).to_dict() for good in result.movers().index},
            "notes": list(result.notes),
            "certificate": {"worst": result.worst},
        }
    )


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(inner) for inner in value]
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, (bool, int)):
        return value
    number = float(value)
    return number if math.isfinite(number) else None
