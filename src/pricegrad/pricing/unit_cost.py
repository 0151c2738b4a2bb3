"""Cost of a firm given by flows and nests, and the share of every input in it: nested CES by value shares.

C(p) = c0 * (sum_k theta_k (p_k / pbar_k)^(1-s))^(1/(1-s)), nests applied recursively, theta_k the value
shares of reference quantities and prices; s = 0 is Leontief and s = 1 Cobb-Douglas, as limits. By Shephard's
lemma the share of input k in cost is d log C / d log p_k.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.model.parts import INPUT_ROOT, Nest, Sector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Bundle:
    """A nest compiled: its own inputs (places in the price vector) come first, then those of its sub-nests."""

    elasticity: float
    goods: NDArray[np.intp]
    reference: Vector
    theta: Vector
    nests: tuple[Bundle, ...]
    value: float

    @property
    def places(self) -> NDArray[np.intp]:
        """Places in the price vector of all inputs, in the order of shares and weights."""
        return np.concatenate([self.goods, *(nest.places for nest in self.nests)])

    def cost(self, prices: Vector) -> float:
        """Cost of the bundle that at reference prices is worth `value`."""
        return self.value * self._index(self._relative(prices))

    def shares(self, prices: Vector) -> Vector:
        """The share of every input in cost: d log cost / d log price."""
        parts = self._parts(self._relative(prices))
        own = len(self.goods)
        inner = [share * nest.shares(prices) for share, nest in zip(parts[own:], self.nests, strict=True)]
        return np.concatenate([parts[:own], *inner])

    def weights(self, before: Vector, after: Vector) -> Vector:
        """w with log(cost after / cost before) = w @ log(price after / price before), exactly.

        The weights are logarithmic means of shares (Sato 1976, Vartia 1976), nest by nest.
        """
        old, new = self._parts(self._relative(before)), self._parts(self._relative(after))
        mean = log_mean(old, new)
        mean /= mean.sum()
        own = len(self.goods)
        inner = [w * nest.weights(before, after) for w, nest in zip(mean[own:], self.nests, strict=True)]
        return np.concatenate([mean[:own], *inner])

    def _relative(self, prices: Vector) -> Vector:
        nests = [nest.cost(prices) / nest.value for nest in self.nests]
        return np.concatenate([prices[self.goods] / self.reference, nests])

    def _index(self, relative: Vector) -> float:
        s = self.elasticity
        if s == 0.0:
            return float(self.theta @ relative)
        logs = np.log(relative)
        if s == 1.0:
            return math.exp(self.theta @ logs)
        top = float(logs.min() if s > 1 else logs.max())
        # log1p and expm1 keep the digits when s is near 1
        return math.exp(top + math.log1p(float(self.theta @ np.expm1((1 - s) * (logs - top)))) / (1 - s))

    def _parts(self, relative: Vector) -> Vector:
        return self.theta * (relative / self._index(relative)) ** (1 - self.elasticity)


def bundle(firm: Sector, place: Mapping[str, int]) -> Bundle:
    """The root nest of a firm's inputs, compiled over the price vector in which `place` says who stands where."""

    def visit(name: str, elasticity: float) -> Bundle:
        own = [flow for flow in firm.inputs if (flow.nest or INPUT_ROOT) == name]
        nests = tuple(visit(nest.name, nest.elasticity) for nest in _children(firm, name))
        values = np.array([f.quantity * f.price for f in own] + [n.value for n in nests], dtype=float)
        return Bundle(
            elasticity,
            np.array([place[f.good] for f in own], dtype=np.intp),
            np.array([f.price for f in own], dtype=float),
            values / values.sum(),
            nests,
            float(values.sum()),
        )

    root = next((n for n in firm.nests if n.side == "in" and n.parent is None), Nest(INPUT_ROOT, 0.0))
    return visit(INPUT_ROOT, root.elasticity)


def _children(firm: Sector, name: str) -> list[Nest]:
    return [nest for nest in firm.nests if nest.side == "in" and nest.parent == name]


def log_mean(a: Vector, b: Vector) -> Vector:
    """(b - a) / log(b / a), element by element; a where they are equal (Carlson 1972)."""
    ratio = np.log(b / a)
    near = np.abs(ratio) < 1e-5
    safe = np.where(near, 1.0, ratio)
    return np.asarray(np.where(near, a * (1 + ratio / 2 + ratio**2 / 6), (b - a) / safe))
