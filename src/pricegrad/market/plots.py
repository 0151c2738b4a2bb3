"""Pictures of a run: prices by round, how it went downhill, and two prices against each other."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.errors import ModelError, NotSolved, did_you_mean
from pricegrad.figures import COLOURS, figure, save

if TYPE_CHECKING:
    from pricegrad.market.trajectory import Trajectory

MOST = 12
SHOCK = "#A8381F"
PathName = str | PathLike[str] | None


def run(trajectory: Trajectory, path: PathName) -> Any:
    """A figure with the prices that moved most above, the distance and the cosine below."""
    made, (above, below) = figure(8.5, 7.0, rows=2)
    prices = trajectory.prices
    for good in _moved_most(trajectory)[:MOST]:
        above.plot(prices.index, prices[good], label=str(good), linewidth=1.2)
    above.set_yscale("log")
    above.set_ylabel("price")
    above.set_title(repr(trajectory).split(";")[0], loc="left", fontsize=10)
    above.legend(fontsize=7, ncols=2)
    _shocks(trajectory, above)
    below.set_xlabel("round")
    _descent(trajectory, below)
    return save(made, path)


def downhill(trajectory: Trajectory, path: PathName) -> Any:
    """A figure of the distance to equilibrium and of the cosine between move and gradient.

    Raises NotSolved where there is no equilibrium.
    """
    trajectory.downhill  # noqa: B018  a market without equilibrium has no way down, and says so here
    made, axes = figure(8.5, 3.8)
    axes.set_xlabel("round")
    _descent(trajectory, axes)
    _shocks(trajectory, axes)
    return save(made, path)


def phase(trajectory: Trajectory, x: str | None, y: str | None, path: PathName) -> Any:
    """A figure of two prices against each other through the rounds; the equilibrium is marked where there is
    one."""
    first, second = _two(trajectory, x, y)
    prices = trajectory.prices
    made, axes = figure(5.6, 5.2)
    axes.plot(prices[first], prices[second], color="#999999", linewidth=0.8, zorder=1)
    dots = axes.scatter(prices[first], prices[second], c=prices.index, cmap="viridis", s=12, zorder=2)
    made.colorbar(dots, ax=axes, label="round")
    axes.annotate(
        "start", (prices[first].iloc[0], prices[second].iloc[0]), (6, 6), textcoords="offset points"
    )
    try:
        rest = trajectory.equilibrium
        if trajectory.numeraire >= 0:
            rest = rest / rest[prices.columns[trajectory.numeraire]]
        axes.plot(rest[first], rest[second], "*", color=COLOURS[1], markersize=15, markeredgecolor="black",
                  label="equilibrium", zorder=3)  # fmt: skip
        axes.legend(fontsize=8, loc="best")
    except NotSolved:
        axes.set_title("no equilibrium was found", loc="left", fontsize=9)
    axes.set_xlabel(f"price of {first}")
    axes.set_ylabel(f"price of {second}")
    return save(made, path)


def _two(trajectory: Trajectory, x: str | None, y: str | None) -> tuple[str, str]:
    """The goods named, or those that moved most."""
    goods = [str(good) for good in trajectory.prices.columns]
    for name in (x, y):
        if name is not None and name not in goods:
            raise ModelError(f"there is no good {name!r}.{did_you_mean(name, goods)}")
    rest = iter(good for good in _moved_most(trajectory) if good not in (x, y))
    try:
        first = x if x is not None else next(rest)
        return first, y if y is not None else next(rest)
    except StopIteration:
        raise ModelError("a phase diagram wants the prices of two goods, and there is one") from None


def _moved_most(trajectory: Trajectory) -> list[str]:
    prices = trajectory.prices
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.ptp(np.log(prices.to_numpy()), axis=0)
    return [str(good) for good in prices.columns[np.argsort(-np.nan_to_num(spread), kind="stable")]]


def _shocks(trajectory: Trajectory, axes: Any) -> None:
    beside = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
    for round_, text in trajectory.log.events:
        axes.axvline(round_, color=SHOCK, linestyle=":", linewidth=1.0)
        axes.annotate(text, (round_, 1.0), (3, -9), fontsize=7, color=SHOCK, **beside)


def _descent(trajectory: Trajectory, axes: Any) -> None:
    try:
        path = trajectory.downhill
    except NotSolved:
        axes.semilogy(range(1, trajectory.rounds + 1), np.maximum(trajectory.gaps, 1e-17), color=COLOURS[0])
        axes.set_ylabel("largest move")
        return
    axes.semilogy(path.index, np.maximum(path["distance"], 1e-17), color=COLOURS[0])
    axes.set_ylabel("distance to equilibrium", color=COLOURS[0])
    cosine = axes.twinx()
    cosine.plot(path.index, path["cosine"], color=COLOURS[1], linewidth=0.8)
    cosine.axhline(0.0, color="#999999", linewidth=0.6)
    cosine.set_ylim(-1.05, 1.05)
    cosine.set_ylabel("cosine of the move and the gradient", color=COLOURS[1])
