"""Newton-Krylov polish of a round's fixed point, for networks on which plain rounds contract slowly.

Newton's method on map(x) - x, each step by restarted GMRES on directional differences of the round (Knoll and
Keyes 2004, "Jacobian-free Newton-Krylov methods", J. Comput. Phys. 193). Inner products run over all
agents: not local.
"""

from __future__ import annotations

import numpy as np

from pricegrad.errors import NotSolved
from pricegrad.market.rounds import Round, Rounds
from pricegrad.market.rows import Floats

_RESTART = 40


def polish(rounds: Rounds, *, tolerance: float = 1e-8, max_steps: int = 30) -> Rounds:
    """Newton-Krylov from where `rounds` ended; `residual` counts every evaluation of the map as a round.

    Raises `NotSolved` when a step no longer brings the residual down.
    """
    from scipy.sparse.linalg import LinearOperator, gmres

    economy = rounds.economy
    play = Round(economy)
    state = np.concatenate([rounds.log_price, rounds.log_revenue])
    residual = list(rounds.residual)
    for _ in range(max_steps):
        gap = play(state) - state
        worst = play.worst
        residual.append(worst)
        if worst <= tolerance / 3:
            break

        def slope(direction: Floats, state: Floats = state, gap: Floats = gap) -> Floats:
            size = float(np.abs(direction).max())
            if size == 0:
                return np.zeros_like(direction)
            step = 1e-7 / size
            ahead = state + step * direction
            residual.append(residual[-1])
            return np.asarray((gap - (play(ahead) - ahead)) / step)

        operator = LinearOperator((len(state), len(state)), matvec=slope, dtype=np.float64)
        move, _ = gmres(operator, gap, rtol=min(0.05, 10 * worst), restart=_RESTART, maxiter=4)
        state = state + move
        if not np.isfinite(state).all():
            raise NotSolved("a Newton step left the range of numbers; play more rounds first")
    firms = economy.firms
    flags = (*rounds.not_local, "Newton-Krylov")
    return Rounds(economy, state[:firms], state[firms:], residual, residual[-1] <= tolerance / 3, flags)
