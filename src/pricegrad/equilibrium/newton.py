"""Semismooth Newton on the Fischer-Burmeister form (De Luca, Facchinei, Kanzow 1996), with the damping of
Levenberg and Marquardt where the Newton step does not pay, and a fraction to the boundary on prices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pricegrad.equilibrium.scaled import Point, Scaled
from pricegrad.network.forest import Floats
from pricegrad.progress import note


@dataclass(frozen=True, eq=False)
class Attempt:
    """Where a method stopped: the point, the worst natural residual, steps taken."""

    point: Point
    worst: float
    steps: int


def semismooth(scaled: Scaled, x: Floats, *, steps: int = 200, tolerance: float = 1e-11) -> Attempt:
    """Drive the Fischer-Burmeister residual to zero from x."""
    point = scaled.at(inside(scaled, x))
    best, best_worst, damping, stale = point, worst_gap(scaled, point), 0.0, 0
    for step in range(steps):
        worst = worst_gap(scaled, point)
        note(step, worst)
        if worst < best_worst:
            stale = stale if worst > 0.9 * best_worst else 0
            best, best_worst = point, worst
        if worst <= tolerance:
            return Attempt(point, worst, step)
        stale += 1
        if stale > 30 or not np.isfinite(worst):
            break
        found = _step(scaled, point, damping)
        if found is None:
            break
        point, damping = found
    return Attempt(best, best_worst, steps)


def fischer(scaled: Scaled, point: Point) -> tuple[Floats, Floats, Floats]:
    """Residual sqrt(a^2 + b^2) - a - b (negative F where unbounded), and its slopes in a = x - lower and b
    = F.
    """
    a, b = point.x - scaled.lower, point.value
    size = np.hypot(a, b)
    safe = np.where(size > 0, size, 1.0)
    half = 1 / np.sqrt(2.0)
    slope_a = np.where(size > 0, a / safe, half) - 1
    slope_b = np.where(size > 0, b / safe, half) - 1
    bounded = scaled.bounded
    residual = np.where(bounded, size - a - b, -b)
    return residual, np.where(bounded, slope_a, 0.0), np.where(bounded, slope_b, -1.0)


def _step(scaled: Scaled, point: Point, damping: float) -> tuple[Point, float] | None:
    """The next point and damping; None when no damping makes progress."""
    residual, slope_x, slope_f = fischer(scaled, point)
    merit = float(residual @ residual)
    matrix = _slopes(scaled.jacobian(point), slope_x, slope_f)
    move = newton_direction(matrix, -residual)
    if damping == 0.0 and move is not None:
        for length in (1.0, 0.5, 0.25):
            trial = _try(scaled, point, length * move)
            if trial is not None and _merit(scaled, trial) <= merit * (1 - 0.1 * length):
                return trial, 0.0
    if not np.isfinite(matrix.sum()):
        return None
    damping = damping or 1e-4
    right, normal = -(matrix.T @ residual), matrix.T @ matrix
    for _ in range(25):
        move = _damped(normal, right, damping)
        trial = _try(scaled, point, move)
        if trial is not None:
            gain = merit - _merit(scaled, trial)
            if gain > 1e-4 * merit * min(1.0, float(np.abs(move).max())):
                return trial, 0.0 if damping < 1e-7 else damping / 10
        damping *= 5
    return None


def _slopes(matrix: Any, slope_x: Floats, slope_f: Floats) -> Any:
    if isinstance(matrix, np.ndarray):
        full = matrix * slope_f[:, None]
        full[np.diag_indices_from(full)] += slope_x
        return full
    from scipy.sparse import diags_array

    return (diags_array(slope_f) @ matrix + diags_array(slope_x)).tocsc()


def newton_direction(matrix: Any, right: Floats) -> Floats | None:
    """The solution of matrix @ move = right, None when the matrix is singular to working precision."""
    if isinstance(matrix, np.ndarray):
        if not np.isfinite(matrix).all():
            return None
        try:
            move: Floats = np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
        except np.linalg.LinAlgError:
            return None
    else:
        from scipy.sparse.linalg import splu

        try:
            move = splu(matrix).solve(right)
        except RuntimeError:
            return None
    return move if np.isfinite(move).all() and float(np.abs(move).max(initial=0.0)) < 1e9 else None


def _damped(normal: Any, right: Floats, damping: float) -> Floats:
    """The step of Levenberg and Marquardt from the normal equations."""
    extra = damping * np.maximum(normal.diagonal(), 1e-6)
    if isinstance(normal, np.ndarray):
        full = normal.copy()
        full[np.diag_indices_from(full)] += extra
        return np.asarray(np.linalg.solve(full, right), dtype=np.float64)
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import spsolve

    return np.asarray(spsolve((normal + diags_array(extra)).tocsc(), right))


def _try(scaled: Scaled, point: Point, move: Floats) -> Point | None:
    """The point after the move, cut short of the boundary; None where a function is not defined."""
    new = scaled.at(point.x + boundary(scaled, point.x, move) * move)
    return new if np.isfinite(new.value).all() else None


def boundary(scaled: Scaled, x: Floats, move: Floats, fraction: float = 0.95) -> float:
    """The longest step, at most 1, that keeps `fraction` from using up the room of positive variables."""
    room = (x - scaled.lower)[scaled.positive]
    down = -move[scaled.positive]
    shrink = down > fraction * room
    return float(np.min(fraction * room[shrink] / down[shrink], initial=1.0))


def _merit(scaled: Scaled, point: Point) -> float:
    residual, _, _ = fischer(scaled, point)
    return float(residual @ residual)


def worst_gap(scaled: Scaled, point: Point) -> float:
    """The largest natural residual; inf where a function is not defined."""
    worst = float(np.abs(scaled.gap(point)).max(initial=0.0))
    return worst if np.isfinite(worst) else np.inf


def inside(scaled: Scaled, x: Floats) -> Floats:
    """x with positive variables moved off their bounds."""
    floor = scaled.lower + 1e-6
    return np.where(scaled.positive & (x < floor), floor, x)
