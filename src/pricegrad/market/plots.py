"""Pictures of a run: prices by round, and how it went downhill."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.errors import NotSolved, PricegradError, did_you_mean

if TYPE_CHECKING:
    from pricegrad.market.trajectory import Trajectory

_FORMATS = (".png", ".svg", ".pdf")
_MOST = 12


def run(trajectory: Trajectory, path: str | Path | None) -> Any:
    """A figure with the prices that moved most above, the distance and the cosine below; saved to `path`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 7.0), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    prices = trajectory.prices
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.ptp(np.log(prices.to_numpy()), axis=0)
    shown = prices.columns[np.argsort(-np.nan_to_num(spread))[:_MOST]]
    for good in shown:
        above.plot(prices.index, prices[good], label=str(good), linewidth=1.2)
    above.set_yscale("log")
    above.set_ylabel("price")
    above.set_title(repr(trajectory).split(";")[0], loc="left", fontsize=10)
    above.legend(fontsize=7, ncols=2)
    below.set_xlabel("round")
    _descent(trajectory, below)
    if path is not None:
        _save(figure, Path(path))
    return figure


def _descent(trajectory: Trajectory, axes: Any) -> None:
    try:
        path = trajectory.downhill
    except NotSolved:
        axes.semilogy(range(1, trajectory.rounds + 1), np.maximum(trajectory.gaps, 1e-17), color="#0072B2")
        axes.set_ylabel("largest move")
        return
    axes.semilogy(path.index, np.maximum(path["distance"], 1e-17), color="#0072B2")
    axes.set_ylabel("distance to equilibrium", color="#0072B2")
    cosine = axes.twinx()
    cosine.plot(path.index, path["cosine"], color="#E69F00", linewidth=0.8)
    cosine.axhline(0.0, color="#999999", linewidth=0.6)
    cosine.set_ylim(-1.05, 1.05)
    cosine.set_ylabel("cosine of the move and the way down", color="#E69F00")


def _save(figure: Any, path: Path) -> None:
    if path.suffix.lower() not in _FORMATS:
        near = did_you_mean(path.suffix, _FORMATS)
        raise PricegradError(f"--plot {path}: the ending says the format, one of .png, .svg, .pdf.{near}")
    try:
        figure.savefig(path, dpi=150)
    except OSError as error:
        raise PricegradError(f"{path} cannot be written: {error.strerror}") from None
