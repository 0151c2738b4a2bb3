"""Tatonnement: each price moves with its excess demand, and nobody trades before the end.

    log p_g <- log p_g + step * z_g(p) / t_g       z: excess demand, t: what is traded of the good
    p_g     <- max(p_g + step * z_g(p) / t_g * p_g, 0)  with form="linear"

z is what everyone would buy less what everyone would sell at the posted prices: households spend the worth of
what they own, firms with decreasing returns make what is best for them. Walras 1874; Samuelson 1941.

Known: it converges under gross substitutes (Arrow, Block, Hurwicz 1959), and is gradient descent on a convex
potential in Fisher markets with CES tastes (Cheung, Cole, Devanur 2013, "Tatonnement beyond gross
substitutes? Gradient descent to the rescue", STOC); it need not converge: three goods suffice (Scarf 1960,
"Some examples of global instability of the competitive equilibrium", Int. Econ. Review 1).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pricegrad.errors import ModelError
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Seen, State
from pricegrad.market.rules.forces import Forces, non_rival
from pricegrad.network import Network


class Tatonnement(Forces):
    """Prices move with excess demand; every plan is the best one at the posted prices."""

    name = "tatonnement"
    reads = "excess demand for the one good whose price it is"

    def __init__(self, network: Network, **options: Any) -> None:
        super().__init__(network, **options)
        if self.option["form"] not in ("log", "linear"):
            raise ModelError(f'form is {self.option["form"]!r}; tatonnement has the forms "log" and "linear"')

    @classmethod
    def options(cls) -> dict[str, Any]:
        """`step`: how far a price follows its excess demand; `form`: "log" or "linear"."""
        return {"step": 0.2, "form": "log"}

    @classmethod
    def lacks(cls, network: Network) -> list[str]:
        constant = np.flatnonzero(network.returns >= 1).tolist()
        return [
            *(
                f"firm {network.sectors[j]!r} has constant returns: at given prices it would make nothing, "
                'anything or without end; use "make-to-order" or "optimistic"'
                for j in constant
            ),
            *(
                f'firm {unit.name!r} is a Python function without a known supply; use "primal-dual"'
                for unit in network.code_firms
            ),
            *(
                f'the utility of {unit.name!r} is a Python function without a known demand; use "primal-dual"'
                for unit in network.utilities
            ),
            *(
                f'{name!r} is set by a constraint, which is no excess demand; use "optimistic"'
                for name, _ in network.auxiliaries
            ),
            *(
                f"the outside market for {network.goods[market.good]!r} has no excess demand at its price; "
                'use "optimistic"'
                for market in network.outside
                if market.price is not None
            ),
            *non_rival(network),
        ]

    def start(self, price: Floats) -> State:
        return self.part(self._best(self.field.start(price)))

    def _best(self, z: Floats) -> Floats:
        """Every firm's best activity and every household's income at the prices of z."""
        problem, layout = self.field.problem, self.field.layout
        n, returns = len(self.network.sectors), self.network.returns
        z = z.copy()
        with np.errstate(all="ignore"):
            worth = problem.evaluate(z)[1].root_value
        z[layout.activity] = (returns * worth[n : 2 * n] / worth[:n]) ** (1 / (1 - returns))
        for _ in range(2):
            z[layout.income] -= problem.residual(z)[layout.income]
        return z

    def propose(self, state: State, seen: Seen) -> State:
        z = self.join(state)
        force = np.where(self.acting(seen), self.seen_forces(z, seen), 0.0)
        force[self.goods :] = 0.0
        step = self.option["step"]
        if self.option["form"] == "linear":
            z[: self.goods] *= np.maximum(1 - step * force[: self.goods], 1e-9)
        else:
            z = self.field.settle(self.field.push(z, force, step))
        return self.part(self._best(z))
