"""The page of a market's run, over the network of the equilibrium it should settle at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.errors import ModelError
from pricegrad.report.page.fill import equilibrium
from pricegrad.report.page.payload import Event, Path, Payload

if TYPE_CHECKING:
    import pandas as pd

    from pricegrad.equilibrium import Equilibrium
    from pricegrad.market.trajectory import Trajectory

FRAMES = 240
GOODS = 60


def trajectory(run: Trajectory, target: Equilibrium) -> Payload:
    """The page of a run; `target` is the equilibrium of the same economy, whose links are drawn."""
    base = equilibrium(target)
    number = {good.name: g for g, good in enumerate(base.goods)}
    frames = _frames(len(run.prices))
    prices, quantities = run.prices, run.quantities
    columns = _columns([name for name in prices.columns if name in number], prices)
    note = (
        "Ribbons and certificate are those of the equilibrium it should settle at; the run colours the goods."
    )
    downhill = run.downhill
    path = Path(
        _verdict(run),
        [int(prices.index[t]) for t in frames],
        [number[name] for name in columns],
        [list(row) for row in prices[columns].to_numpy()[frames]],
        [list(row) for row in quantities[columns].to_numpy()[frames]],
        stocks=_rows(run.stocks, columns, frames),
        shortages=_rows(run.shortages, columns, frames),
        cosine=_by_round(downhill["cosine"], frames),
        distance=_by_round(downhill["distance"], frames),
        events=[Event(round_, text) for round_, text in run.log.events],
        shown=_shown(len(prices), len(frames), len(prices.columns), len(columns)),
    )
    return replace(base, kind="trajectory", path=path, notes=[*base.notes, note])


def of_trajectory(run: Trajectory) -> Payload:
    """The page of a run, over the equilibrium of its own economy. Raises NotSolved when it has none."""
    from pricegrad.certify import certify
    from pricegrad.equilibrium import solve
    from pricegrad.model import Model

    economy = run.market.now
    if not isinstance(economy, Model):
        raise ModelError("a market of a network made from arrays has no page: its economy has no description")
    return trajectory(run, solve(economy, certify))


def _frames(count: int) -> list[int]:
    """At most `FRAMES` rows, the first and the last among them."""
    if count <= FRAMES:
        return list(range(count))
    return sorted({round(t) for t in np.linspace(0, count - 1, FRAMES)})


def _columns(names: list[str], prices: object) -> list[str]:
    """At most `GOODS` goods, those whose price moved most."""
    if len(names) <= GOODS:
        return names
    spread = np.log(prices[names].max() / prices[names].min())  # type: ignore[index]
    return list(spread.abs().sort_values(ascending=False).index[:GOODS])


def _rows(frame: pd.DataFrame, columns: list[str], frames: list[int]) -> list[list[float]]:
    """The shown goods at the shown frames, nothing where nothing was recorded."""
    return [list(row) for row in frame[columns].to_numpy()[frames]] if len(frame) else []


def _by_round(column: pd.Series, frames: list[int]) -> list[float | None]:
    """A column of the way downhill at the shown frames; it begins with the first move."""
    values = [np.nan, *column.to_numpy()]
    return [float(values[t]) if np.isfinite(values[t]) else None for t in frames]


def _verdict(run: Trajectory) -> str:
    how = "The market settled" if run.converged else "The market did not settle"
    text = f"{how} after {run.rounds} rounds under the rule “{run.rule}”. Its agents read {run.reads}."
    return text + (f" Not local: {', '.join(run.not_local)}." if run.not_local else "")


def _shown(rows: int, frames: int, goods: int, columns: int) -> str:
    parts = []
    if frames < rows:
        parts.append(f"{frames} of {rows} recorded rounds are shown.")
    if columns < goods:
        parts.append(f"The {columns} goods of {goods} that moved most are shown over time.")
    return " ".join(parts)
