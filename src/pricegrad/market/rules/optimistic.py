"""Optimistic primal-dual: each variable follows its force and that force's trend.

    z <- z - step * (2 F_t - F_{t-1})                      form="optimistic" (one round a step)
    z' = z - step * F(z);   z <- z - step * F(z')          form="extragradient" (two rounds a step)

F are the forces of "primal-dual", in the same units: a price follows its excess demand and how that changes,
an activity its profit and how that changes. Agents extrapolate what they saw last and look one step ahead.

Known: both converge on monotone problems where plain steps cycle (Korpelevich 1976; Popov 1980; for games and
markets Daskalakis et al. 2018, "Training GANs with optimism", ICLR, and Goktas and Greenwald 2025 on mirror
extratatonnement), linearly near regular solutions, for steps below a bound set by the steepest slope; Scarf's
1960 economy included.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pricegrad.errors import ModelError
from pricegrad.market.rule import Seen, State
from pricegrad.market.rules.forces import Forces, non_rival
from pricegrad.network import Network


class Optimistic(Forces):
    """Memory: `last`, the forces of the round before, or `base` and `ahead` in the extragradient form."""

    name = "optimistic"
    reads = (
        "own function and its derivatives, own plan, prices and excess demand on own links, now and before"
    )

    def __init__(self, network: Network, **options: Any) -> None:
        super().__init__(network, **options)
        if self.option["form"] not in ("optimistic", "extragradient"):
            raise ModelError(
                f'form is {self.option["form"]!r}; the rule has the forms "optimistic" and "extragradient"'
            )

    @classmethod
    def options(cls) -> dict[str, Any]:
        """`step`: how far each variable follows its force; `form`: "optimistic" or "extragradient"."""
        return {"step": 0.3, "form": "optimistic"}

    @classmethod
    def lacks(cls, network: Network) -> list[str]:
        return non_rival(network)

    def memory(self) -> State:
        if self.option["form"] == "optimistic":
            return {"last": np.full(self.field.layout.size, np.nan)}
        return {"base": np.zeros(self.field.layout.size), "ahead": np.zeros(1)}

    def propose(self, state: State, seen: Seen) -> State:
        z = self.join(state)
        force = self.seen_forces(z, seen)
        if "last" in state:
            trend = np.where(np.isnan(state["last"]), 0.0, force - state["last"])
            noted = np.where(self.acting(seen), force, state["last"])
            return {**self.part(self.advance(z, z, force + trend, seen)), "last": noted}
        if state["ahead"][0] == 0:
            return {**self.part(self.advance(z, z, force, seen)), "base": z, "ahead": np.ones(1)}
        return {**self.part(self.advance(z, state["base"], force, seen)), "base": z, "ahead": np.zeros(1)}

    def labels(self) -> dict[str, Any]:
        named = super().labels()
        both = [*named["price"], *named["rest"]]
        memory = {"last": both} if self.option["form"] == "optimistic" else {"base": both, "ahead": ["ahead"]}
        return {**named, **memory}
