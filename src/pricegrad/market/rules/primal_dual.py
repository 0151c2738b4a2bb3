"""Primal-dual gradient: each firm moves its plan along its own profit gradient, each price with excess
demand.

    purchases   log x_i <- log x_i + step * (p_out df/dx_i - p_i) / p_i        a firm given by code
    activity    log y   <- log y + step * (revenue - cost) / mean of both      a technology
    price       log p_g <- log p_g + step * (excess demand of g) / (its trade, or its own slope)
    income      what was received; auxiliary variables move with the slack of their own constraint

Arrow, Hurwicz, Uzawa 1958, "Studies in linear and non-linear programming", chapters 6 to 8: the
gradient method for saddle points of the Lagrangean.

Known: converges where profits are strictly concave and demand falls; around a saddle point that is flat
in the quantities (constant returns) plain steps circle and drift outward, which "optimistic" mends.
"""

from __future__ import annotations

from typing import Any

from pricegrad.market.rule import Seen, State
from pricegrad.market.rules.forces import Forces, non_rival
from pricegrad.network import Network


class PrimalDual(Forces):
    """Everyone follows the force on each of its variables."""

    name = "primal-dual"
    reads = "own function and its derivatives, own plan, prices on own links, excess demand for own good"

    @classmethod
    def options(cls) -> dict[str, Any]:
        """`step`: how far each variable follows its force."""
        return {"step": 0.1}

    @classmethod
    def lacks(cls, network: Network) -> list[str]:
        return non_rival(network)

    def propose(self, state: State, seen: Seen) -> State:
        z = self.join(state)
        return self.part(self.advance(z, z, self.seen_forces(z, seen), seen))
