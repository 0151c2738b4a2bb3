"""The page for whatever result it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from pricegrad.errors import ModelError, PricegradError
from pricegrad.report.page.payload import Payload, Tornado
from pricegrad.report.page.render import write
from pricegrad.report.page.thin import thin


def report(result: Any, path: str | PathLike[str], *, of: str | None = None) -> Path:
    """Write the page of a result to `path` and return it.

    `result`: what any verb of an economy returns, a mapping of scenario names to equilibria, or what
    `pg.load` read. `of`: an outcome of an equilibrium (the last of several) whose elasticities are drawn as
    a tornado. Raises ModelError for anything else and PricegradError when the file cannot be written.
    """
    payload = page(result)
    if of is not None:
        payload = replace(payload, tornados=[_tornado(result, of), *payload.tornados])
    try:
        return write(payload, Path(path))
    except OSError as error:
        raise PricegradError(f"{path} cannot be written: {error.strerror}") from None


def _tornado(result: Any, of: str) -> Tornado:
    from pricegrad.equilibrium import Equilibrium
    from pricegrad.report.page.scenarios import tornado

    eq = list(result.values())[-1] if isinstance(result, Mapping) else result
    if not isinstance(eq, Equilibrium):
        raise ModelError("only an equilibrium knows what its outcomes hang on; solve() finds one")
    return tornado(eq, of)


def page(result: Any) -> Payload:
    """What the page of a result shows, in a size that a browser draws at once."""
    from pricegrad.report.saved import SavedResult

    return result.payload if isinstance(result, SavedResult) else thin(_page(result))


def _page(result: Any) -> Payload:
    from pricegrad.distributed.result import Trade
    from pricegrad.equilibrium import Equilibrium
    from pricegrad.market.trajectory import Trajectory
    from pricegrad.pricing.costs import CostPrices
    from pricegrad.pricing.result import Prices
    from pricegrad.pricing.shock import PriceChange
    from pricegrad.report.page import change, fill, plan, private, run, scenarios

    if isinstance(result, Equilibrium):
        return fill.equilibrium(result)
    if isinstance(result, Prices):
        return plan.prices(result)
    if isinstance(result, CostPrices):
        return plan.costs(result)
    if isinstance(result, PriceChange):
        return change.of_change(result)
    if isinstance(result, Trajectory):
        return run.of_trajectory(result)
    if isinstance(result, Trade):
        return private.of_trade(result)
    if isinstance(result, Mapping) and all(isinstance(one, Equilibrium) for one in result.values()):
        return scenarios.comparison(result)
    return _table(result)


def _table(result: Any) -> Payload:
    from pricegrad.equilibrium.frames import Comparison, Gradient, Sensitivities
    from pricegrad.report.page import scenarios

    if isinstance(result, Comparison):
        return scenarios.comparison(result.scenarios)
    if isinstance(result, (Gradient, Sensitivities)):
        return scenarios.sensitivities(result)
    raise ModelError(
        f"a {type(result).__name__} has no page; a report takes what price(), solve(), shock(), "
        "sensitivity() or a market's run() returns, or a mapping {'before': equilibrium, 'after': other}"
    )
