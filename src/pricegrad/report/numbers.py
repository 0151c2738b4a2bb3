"""The numbers of any result as plain dictionaries, for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pricegrad.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from pricegrad.market.trajectory import Trajectory
    from pricegrad.pricing.costs import CostPrices
    from pricegrad.pricing.result import Prices
    from pricegrad.pricing.shock import PriceChange


def numbers(result: Any) -> dict[str, Any]:
    """Everything a result says in numbers. Raises ModelError for what is no result."""
    from pricegrad.distributed.result import Trade
    from pricegrad.equilibrium import Equilibrium
    from pricegrad.market.trajectory import Trajectory
    from pricegrad.pricing.costs import CostPrices
    from pricegrad.pricing.result import Prices
    from pricegrad.pricing.shock import PriceChange

    if isinstance(result, Equilibrium):
        return result.as_dict()
    if isinstance(result, (Prices, CostPrices)):
        return prices(result)
    if isinstance(result, PriceChange):
        return change(result)
    if isinstance(result, Trajectory):
        return {**result.as_dict(), "path": path(result)}
    if isinstance(result, Trade):
        return {
            "prices": result.prices.to_dict(),
            "quantities": result.quantities.to_dict(),
            "rounds": result.rounds,
            "residual": result.residual,
            "converged": result.converged,
            "messages": result.messages,
        }
    if isinstance(result, Mapping):
        return {"scenarios": {str(name): one.as_dict() for name, one in result.items()}}
    return _table(result)


def _table(result: Any) -> dict[str, Any]:
    from pricegrad.equilibrium.frames import Comparison, Gradient, Sensitivities

    if isinstance(result, Comparison):
        return numbers(result.scenarios)
    if not isinstance(result, (Gradient, Sensitivities)):
        raise ModelError(f"a {type(result).__name__} is no result of an economy, and is not saved here")
    frame = result.to_frame() if isinstance(result, Gradient) else result
    if isinstance(result, Gradient) and result.one == "outcome":
        frame = frame.T
    return {
        **result.equilibrium.as_dict(),
        "sensitivities": {"relative": result.relative, **matrix(frame)},
    }


def prices(result: Prices | CostPrices) -> dict[str, Any]:
    """A priced plan."""
    accounts = result.accounts()
    return {
        "prices": result.price_dict(),
        "activity": {name: row["activity"] for name, row in accounts.items() if "activity" in row},
        "income": {},
        "aux": {},
        "quantities": result.quantity_dict(),
        "firms": accounts,
        "notes": list(result.notes),
        "certificate": {"worst": result.worst},
    }


def change(result: PriceChange) -> dict[str, Any]:
    """A change of prices."""
    return {
        "prices": result.prices.to_dict(),
        "changes": result.changes.to_dict(),
        "suppliers": {good: result.suppliers(good).to_dict() for good in result.movers().index},
        "notes": list(result.notes),
        "certificate": {"worst": result.worst},
    }


def path(run: Trajectory) -> dict[str, Any]:
    """All recorded rounds of a market."""
    kept = {
        "prices": run.prices,
        "quantities": run.quantities,
        "stocks": run.stocks,
        "shortages": run.shortages,
    }
    return {
        **{name: matrix(frame) for name, frame in kept.items() if len(frame)},
        "gaps": run.gaps.tolist(),
        "events": [[round_, text] for round_, text in run.log.events],
    }


def matrix(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame: labels of rows and columns, and its numbers row by row."""
    return {
        "rows": [row if isinstance(row, int) else str(row) for row in frame.index.tolist()],
        "columns": [str(column) for column in frame.columns],
        "values": frame.to_numpy(dtype=float).tolist(),
    }
