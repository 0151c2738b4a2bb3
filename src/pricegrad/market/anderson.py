"""Anderson acceleration of a fixed-point map (Anderson 1965; Walker and Ni 2011, "Anderson acceleration for
fixed-point iterations", SIAM J. Numer. Anal. 49, algorithm AA).

Of the last m moves it keeps, the mix whose residual is least. It needs one small sum over all agents a round:
nobody's state leaves its owner, but the sum is not local. The changes kept are small corrections, so half the
digits of a number suffice for them; sums are taken in full.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from pricegrad.market.cells import CELLS, Floats, cell_bounds, tree_sum

_COMPILE_FROM = 200_000


class Anderson:
    """Mixes the last `memory` rounds of states of one length."""

    def __init__(self, memory: int = 10, cells: int = CELLS) -> None:
        self.memory, self.cells = memory, cells
        self.gram = np.zeros((memory, memory))
        self.held = self.at = 0
        self.last: tuple[Floats, Floats] | None = None

    def step(self, state: Floats, following: Floats) -> None:
        """Turn `following`, the round's map of `state`, in place into the state to go on from."""
        if self.last is None:
            self._begin(state, following)
            return
        last_gap, last_map = self.last
        kernels, memory = self._kernels, self.memory
        self.held = min(self.held + 1, memory)
        sums = np.zeros((self.cells, 2 * memory))
        kernels.remember(
            self._cuts, state, following, last_gap, last_map, self._gaps, self._maps, self.at, self.held, sums
        )
        totals = np.array([tree_sum(column) for column in sums.T.tolist()])
        self.gram[self.at, :], self.gram[:, self.at] = totals[:memory], totals[:memory]
        self.at = (self.at + 1) % memory
        gram, right = self.gram[: self.held, : self.held], totals[memory : memory + self.held]
        scale = np.sqrt(np.diag(gram))
        if (scale > 0).all():
            mix, *_ = np.linalg.lstsq(gram / np.outer(scale, scale), right / scale, rcond=1e-13)
            kernels.mix(self._maps, mix / scale, following)

    def _begin(self, state: Floats, following: Floats) -> None:
        size = len(state)
        self._cuts = cell_bounds(size, self.cells)
        self._kernels = _kernels(size)
        self._gaps = np.zeros((self.memory, size), dtype=np.float32)
        self._maps = np.zeros((self.memory, size), dtype=np.float32)
        self.last = following - state, following.copy()


def _kernels(size: int) -> ModuleType:
    from pricegrad.market import mixing_numpy

    if size >= _COMPILE_FROM:
        try:
            from pricegrad.market import mixing_numba
        except ModuleNotFoundError:
            return mixing_numpy
        return mixing_numba
    return mixing_numpy
