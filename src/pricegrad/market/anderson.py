"""Anderson acceleration of a fixed-point map (Anderson 1965; Walker and Ni 2011, "Anderson acceleration for
fixed-point iterations", SIAM J. Numer. Anal. 49, algorithm AA).

Of the last m moves it keeps, the mix whose residual is least. It needs one small sum over all agents a round:
nobody's state leaves its owner, but the sum is not local.
"""

from __future__ import annotations

import numpy as np

from pricegrad.market.cells import CELLS, Floats, dot


class Anderson:
    """Mixes the last `memory` rounds; `state` and `residual` are vectors of equal length."""

    def __init__(self, memory: int = 10, cells: int = CELLS) -> None:
        self.memory, self.cells = memory, cells
        self.moves: list[Floats] = []
        self.changes: list[Floats] = []
        self.gram = np.zeros((memory, memory))
        self.last: tuple[Floats, Floats] | None = None

    def step(self, state: Floats, residual: Floats) -> Floats:
        """The next state from this one and its residual map(state) - state."""
        if self.last is not None:
            self._remember(state - self.last[0], residual - self.last[1])
        self.last = (state, residual)
        held = len(self.changes)
        following = state + residual
        if not held:
            return following
        right = np.array([dot(change, residual, self.cells) for change in self.changes])
        gram = self.gram[:held, :held]
        scale = np.sqrt(np.diag(gram))
        if not (scale > 0).all():
            return following
        mix, *_ = np.linalg.lstsq(gram / np.outer(scale, scale), right / scale, rcond=1e-13)
        for part, move, change in zip(mix / scale, self.moves, self.changes, strict=True):
            following -= part * (move + change)
        return following

    def forget(self) -> None:
        """Start afresh: after a shock the old moves say nothing."""
        self.moves, self.changes, self.last = [], [], None

    def _remember(self, move: Floats, change: Floats) -> None:
        if len(self.changes) == self.memory:
            del self.moves[0], self.changes[0]
            self.gram[:-1, :-1] = self.gram[1:, 1:].copy()
        self.moves.append(move)
        self.changes.append(change)
        at = len(self.changes) - 1
        for i, other in enumerate(self.changes):
            self.gram[i, at] = self.gram[at, i] = dot(other, change, self.cells)
