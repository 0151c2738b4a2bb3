"""What can be read off a path of prices: how fast, how far beyond, who first, whether it went downhill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pricegrad.market.rows import Floats

if TYPE_CHECKING:
    import pandas as pd

_STILL = 1e-12


def half_lives(prices: pd.DataFrame, since: int) -> pd.Series:
    """Rounds after `since` until each price's distance to its last value is halved for good.

    Distances are in logs; 0 for a price that was there from the start, nan for one that never halved it,
    and for a good that is not there at both ends.
    """
    import pandas as pd

    path, _ = _path(prices, since)
    away = np.abs(path - path[-1])
    rounds = prices.loc[since:].index.to_numpy() - since
    found = {}
    for i, good in enumerate(prices.columns):
        outside = np.flatnonzero(away[:, i] > away[0, i] / 2)
        if np.isnan(away[0, i]):
            found[good] = np.nan
        elif away[0, i] <= _STILL:
            found[good] = 0.0
        else:
            found[good] = float(rounds[outside[-1] + 1]) if outside[-1] + 1 < len(rounds) else np.nan
    return pd.Series(found, name="half-life")


def overshoot(prices: pd.DataFrame, since: int) -> pd.Series:
    """How far each price went beyond its last value, over how far it had to go (0: it came from one side)."""
    import pandas as pd

    path, _ = _path(prices, since)
    way = path[-1] - path[0]
    beyond = np.max(np.sign(way) * (path - path[-1]), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.abs(way) <= _STILL, 0.0, np.maximum(beyond, 0.0) / np.abs(way))
    return pd.Series(share, index=prices.columns, name="overshoot")


def first_moves(frame: pd.DataFrame, since: int, threshold: float) -> pd.Series:
    """Rounds after `since` in which each column first differs by `threshold` relative; nan: never."""
    import pandas as pd

    values = frame.loc[since:].to_numpy()
    rounds = frame.loc[since:].index.to_numpy() - since
    moved = np.abs(values - values[0]) > threshold * np.maximum(np.abs(values[0]), 1e-300)
    when = np.where(moved.any(axis=0), rounds[moved.argmax(axis=0)].astype(float), np.nan)
    return pd.Series(when, index=frame.columns, name="first move").sort_values()


def downhill(price: Floats, target: Floats, rounds: list[int], gaps: Floats) -> pd.DataFrame:
    """By round: the cosine between the market's move and the way down, the distance left, the last move.

    The height of a point is half the squared distance of its log prices to those of the equilibrium, so that
    the way down is -gradient = log target - log price; `price` is (frames, goods), `target` (goods,). Goods
    that are free at the equilibrium, or gone, are left out.
    """
    import pandas as pd

    used = target > 1e-9 * np.nanmax(target)
    with np.errstate(divide="ignore"):
        left = np.log(target[used]) - np.log(price[:, used])
    left[np.isnan(price[:, used])] = 0.0  # not there yet
    move = -np.diff(left, axis=0)
    size = np.linalg.norm(move, axis=1) * np.linalg.norm(left[:-1], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        cosine = np.where(size > _STILL**2, np.einsum("ij,ij->i", move, left[:-1]) / size, np.nan)
    frame = pd.DataFrame(
        {"cosine": cosine, "distance": np.abs(np.expm1(-left[1:])).max(axis=1, initial=0.0)},
        index=pd.Index(rounds[1:], name="round"),
    )
    frame["gap"] = (
        [gaps[min(max(r - rounds[0] - 1, 0), len(gaps) - 1)] for r in rounds[1:]] if len(gaps) else []
    )
    return frame


def _path(prices: pd.DataFrame, since: int) -> tuple[Floats, Floats]:
    part = prices.loc[since:]
    return np.log(part.to_numpy()), part.index.to_numpy()
