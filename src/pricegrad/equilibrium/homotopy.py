"""A path of economies, from one in balance where the search begins to the one that is asked for.

What each condition lacks at the start is given to it, and taken away again along the path: the global Newton
method (Smale 1976; Eaves and Schmedders 1999). The path is followed by its arc length, so that it may turn
back on the way; complementarity is smoothed by an amount that vanishes at its end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricegrad.equilibrium.newton import inside
from pricegrad.equilibrium.scaled import Point, Scaled
from pricegrad.network.forest import Floats

LARGEST = 300
SMOOTH = 1e-2
ARRIVED = 1 - 1e-6


@dataclass(frozen=True, eq=False)
class Spot:
    """A point near the path: (x, t), what is left of the conditions there, and their slopes in (x, t)."""

    place: Floats
    residual: Floats
    slopes: Floats


class Path:
    """The points (x, t) with phi(x - lower, F(x) - (1 - t) gift) = 0, from t = 0 at the start to t = 1.

    phi(a, b) = sqrt(a^2 + b^2 + 2 mu) - a - b (Kanzow 1996), with mu falling to 0 in t.
    """

    def __init__(self, scaled: Scaled, x: Floats) -> None:
        self.scaled, self.start = scaled, inside(scaled, x)
        room = np.maximum(self.start - scaled.lower, 1e-3)
        # The start solves the conditions at t = 0: there room * (F - gift) = mu.
        self.gift = scaled.at(self.start).value - np.where(scaled.bounded, SMOOTH / room, 0.0)

    def at(self, place: Floats) -> Spot | None:
        """Evaluate at (x, t); None where a function is not defined."""
        scaled, x, t = self.scaled, place[:-1], float(place[-1])
        point = scaled.at(x)
        mu, fade = SMOOTH * max(1 - t, 1e-9), SMOOTH if t < 1 else 0.0
        a, b = x - scaled.lower, point.value - (1 - t) * self.gift
        size = np.sqrt(a * a + b * b + 2 * mu)
        residual = np.where(scaled.bounded, size - a - b, -b)
        if not np.isfinite(residual).all():
            return None
        slope_a = np.where(scaled.bounded, a / size - 1, 0.0)
        slope_b = np.where(scaled.bounded, b / size - 1, -1.0)
        slopes = np.empty((len(x), len(x) + 1))
        slopes[:, :-1] = self._matrix(point) * slope_b[:, None]
        slopes[np.arange(len(x)), np.arange(len(x))] += slope_a
        slopes[:, -1] = slope_b * self.gift - np.where(scaled.bounded, fade / size, 0.0)
        return Spot(place, residual, slopes) if np.isfinite(slopes).all() else None

    def _matrix(self, point: Point) -> Floats:
        matrix = self.scaled.jacobian(point)
        return matrix if isinstance(matrix, np.ndarray) else np.asarray(matrix.toarray())

    def moved(self, place: Floats, move: Floats) -> Floats:
        """`place` after a move; what must stay positive keeps a tenth of its room."""
        new = place + move
        low, room = self.scaled.lower, place[:-1] - self.scaled.lower
        out = self.scaled.positive & (new[:-1] <= low)
        new[:-1] = np.where(out, low + 0.1 * room, new[:-1])
        return new


def follow(scaled: Scaled, x: Floats, *, steps: int = 300) -> Floats | None:
    """Where the path from x arrives, None when it does not arrive: it ends, runs away, or takes too long."""
    path = Path(scaled, x)
    if len(x) > LARGEST or not np.isfinite(path.gift).all():
        return None
    spot = path.at(np.append(path.start, 0.0))
    direction = np.append(np.zeros(len(x)), 1.0)
    length = 0.1
    for _ in range(steps):
        ahead = None if spot is None else _along(spot, direction)
        if spot is None or ahead is None:
            return None
        found = _next(path, spot, ahead, length)
        if found is None:
            return None
        spot, length, direction = *found, ahead
        if spot.place[-1] >= ARRIVED:
            return spot.place[:-1]
        if not spot.place[-1] > -20 or not float(np.abs(spot.place).max()) < 1e7:
            return None
    return None


def _along(spot: Spot, before: Floats) -> Floats | None:
    """The unit tangent of the path, onward in the sense of `before`."""
    tangent = _bordered(spot, before, np.append(np.zeros(len(before) - 1), 1.0))
    return None if tangent is None else np.asarray(tangent / np.linalg.norm(tangent))


def _next(path: Path, spot: Spot, ahead: Floats, length: float) -> tuple[Spot, float] | None:
    """A point further on, and the length to try after it; None where no short step leads on."""
    while length > 1e-6:
        found = _correct(path, path.moved(spot.place, length * ahead), ahead)
        if found is not None:
            new, rounds = found
            if float(np.abs(new.place - spot.place).max()) < 4 * length:
                return new, min(2 * length, 5.0) if rounds < 3 else length
        length *= 0.4
    return None


def _correct(path: Path, place: Floats, ahead: Floats) -> tuple[Spot, int] | None:
    """Newton across the tangent back to the path, and how many rounds it took."""
    for rounds in range(6):
        spot = path.at(place)
        if spot is None:
            return None
        move = _bordered(spot, ahead, np.append(-spot.residual, 0.0))
        if move is None:
            return None
        new = path.moved(place, move)
        if float(np.abs(move).max()) < 1e-6 and np.array_equal(new, place + move):
            return spot, rounds
        place = new
    return None


def _bordered(spot: Spot, border: Floats, right: Floats) -> Floats | None:
    try:
        found: Floats = np.asarray(np.linalg.solve(np.vstack([spot.slopes, border]), right), np.float64)
    except np.linalg.LinAlgError:
        return None
    return found if np.isfinite(found).all() else None
