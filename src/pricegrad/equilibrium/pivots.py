"""Newton steps that are themselves complementarity problems (Josephy 1979; Mathiesen 1985), by Lemke's
pivots.

Where many activities idle and the semismooth form loses its way, the linearised problem still sees which
recipe replaces which. Lemke starts from the present active set; variables without bounds stay basic.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pricegrad.equilibrium.newton import Attempt, inside, worst_gap
from pricegrad.equilibrium.scaled import Point, Scaled
from pricegrad.network.forest import Floats, Ints

Mask = NDArray[np.bool_]
LARGEST = 600


def josephy(scaled: Scaled, x: Floats, *, steps: int = 40, tolerance: float = 1e-11) -> Attempt:
    """Solve linear complementarity problems in turn from x; stops where they have no solution."""
    point = scaled.at(inside(scaled, x))
    best = Attempt(point, worst_gap(scaled, point), 0)
    for step in range(steps if len(x) <= LARGEST else 0):
        if best.worst <= tolerance or not np.isfinite(point.value).all():
            break
        target = _linearised(scaled, point)
        if target is None:
            break
        reached = _towards(scaled, point, target)
        if reached is None:
            break
        point = reached
        worst = worst_gap(scaled, point)
        if worst < best.worst:
            best = Attempt(point, worst, step + 1)
        elif step > best.steps + 12:
            break
    return best


def _towards(scaled: Scaled, point: Point, target: Floats) -> Point | None:
    """The longest of a few steps towards the target that does not make the worst condition much worse."""
    now = worst_gap(scaled, point)
    floor = scaled.lower + 0.05 * (point.x - scaled.lower)
    fallback = None
    for length in (1.0, 0.5, 0.25, 0.1, 0.02):
        x = point.x + length * (target - point.x)
        new = scaled.at(np.where(scaled.positive & (x < floor), floor, x))
        worst = worst_gap(scaled, new)
        if worst < now * (1 - 0.1 * length):
            return new
        if np.isfinite(worst) and fallback is None and worst < 2 * now:
            fallback = new
    return fallback


def _linearised(scaled: Scaled, point: Point) -> Floats | None:
    """The solution of the linearised problem at a point, None when Lemke ends on a ray."""
    matrix = scaled.jacobian(point)
    if not isinstance(matrix, np.ndarray):
        matrix = matrix.toarray()
    if not np.isfinite(matrix).all():
        return None
    # F + J (x' - x) with x' = lower + z (x' = z where there is no bound): the constant term at z = 0.
    constant = point.value - matrix @ (point.x - scaled.lower)
    busy = ~scaled.bounded | (point.x - scaled.lower > point.value)
    for guess in (busy, ~scaled.bounded | scaled.positive, ~scaled.bounded):
        z = lemke(matrix, constant, guess, ~scaled.bounded)
        if z is not None:
            return scaled.lower + z
    return None


def lemke(M: Floats, q: Floats, busy: Mask, loose: Mask) -> Floats | None:
    """z with w = M z + q, where z >= 0, w >= 0, z.w = 0 except that `loose` z have no bound and w = 0.

    Lemke's path from the basis in which `busy` z (and all loose ones) are basic; None where that basis is
    singular or the path ends on a ray.
    """
    n = len(q)
    basis = np.where(busy | loose, n + np.arange(n), np.arange(n))
    table = np.hstack([np.eye(n), -M, q[:, None]])
    try:
        table = np.linalg.solve(table[:, basis], table)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(table).all() or np.abs(table).max() > 1e11:
        return None
    # Rows follow their variable: row i holds z_i or w_i at the start, and loose rows never leave.
    stays = loose.copy()
    right = np.where(stays, np.inf, table[:, -1])
    if (right >= -1e-12).all():
        return _read(basis, table[:, -1], n)
    cover = np.where(stays, 0.0, -1.0)[:, None]
    table = np.hstack([table[:, :-1], cover, table[:, -1:]])
    row, entering = int(np.argmin(right)), 2 * n
    for _ in range(20 * n + 50):
        leaving = int(basis[row])
        _pivot(table, row, entering)
        basis[row] = entering
        if leaving == 2 * n:
            return _read(basis, table[:, -1], n)
        entering = leaving + n if leaving < n else leaving - n
        column = np.where(stays, 0.0, table[:, entering])
        ready = np.flatnonzero(column > 1e-10)
        if not len(ready):
            return None
        ratio = np.maximum(table[ready, -1], 0.0) / column[ready]
        tied = ready[ratio <= ratio.min() + 1e-13]
        artificial = tied[basis[tied] == 2 * n]
        row = int(artificial[0] if len(artificial) else tied[np.argmax(column[tied])])
    return None


def _pivot(table: Floats, row: int, column: int) -> None:
    table[row] /= table[row, column]
    factor = table[:, column].copy()
    factor[row] = 0.0
    table -= np.outer(factor, table[row])


def _read(basis: Ints, right: Floats, n: int) -> Floats:
    z = np.zeros(n)
    inner = (basis >= n) & (basis < 2 * n)
    z[basis[inner] - n] = right[inner]
    return z
