"""Optimistic primal-dual: each variable follows its force and that force's trend.

    z <- z - step * (F_t + trend * (F_t - F_{t-1}))        form="optimistic" (one round a step)
    z' = z - step * F(z);   z <- z - step * F(z')          form="extragradient" (two rounds a step)

F are the forces of "primal-dual": a price follows its excess demand and how that changes, an activity its
profit and how that changes. Agents extrapolate what they saw last and look one step ahead. Excess demand
counts as a part of what is usually traded of the good (w, its size now, remembered over some hundred rounds:
log u <- log u + .003 log(w / u), and at least w / 3 counts), since the theory wants units that stay.

Known: both converge on monotone problems where plain steps cycle (Korpelevich 1976; Popov 1980; for games and
markets Daskalakis et al. 2018, "Training GANs with optimism", ICLR, and Goktas and Greenwald 2025 on mirror
extratatonnement; with a trend of its own weight Mokhtari, Ozdaglar, Pattathil 2020, "A unified analysis of
extra-gradient and optimistic gradient methods for saddle point problems", AISTATS), linearly near regular
solutions, for steps below a bound set by the steepest slope; Scarf's 1960 economy included.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.errors import ModelError
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Seen, State
from pricegrad.market.rules.forces import Forces, non_rival
from pricegrad.network import Network

_FORGETS = 0.003  # of the usual market, in logs, a round
_AT_MOST = 3.0  # times the usual market counts the present one's excess demand
_LEAST_TREND = 0.4  # of step times trend: the damping of circles


class Optimistic(Forces):
    """Memory: `usual`, the size of each good's market; `last`, the forces of the round before, or `base` and
    `ahead` in the extragradient form."""

    name = "optimistic"
    reads = (
        "own function and its derivatives, own plan, prices, trade and excess demand on own links, now and "
        "before"
    )

    def __init__(self, network: Network, **options: Any) -> None:
        super().__init__(network, **options)
        if self.option["form"] not in ("optimistic", "extragradient"):
            raise ModelError(
                f'form is {self.option["form"]!r}; the rule has the forms "optimistic" and "extragradient"'
            )

    @classmethod
    def options(cls) -> dict[str, Any]:
        """`step`: how far each variable follows its force; `trend`: how many times as far the change of it
        (default: 1, more below a step of .4, where 1 no longer keeps from circling far out); `form`:
        "optimistic" or "extragradient"."""
        return {"step": 0.2, "trend": None, "form": "optimistic"}

    @classmethod
    def lacks(cls, network: Network) -> list[str]:
        return non_rival(network)

    def start(self, price: Floats) -> State:
        usual = self.field.forces(self.field.problem.start()).market
        return {**super().start(price), "usual": np.where(np.isfinite(usual), usual, 1.0)}

    def memory(self) -> State:
        if self.option["form"] == "optimistic":
            return {"last": np.full(self.field.layout.size, np.nan)}
        return {"base": np.zeros(self.field.layout.size), "ahead": np.zeros(1)}

    def propose(self, state: State, seen: Seen) -> State:
        z, usual, acting = self.join(state), state["usual"], self.acting(seen)
        force, market = self.seen_forces(z, seen), self.seen_markets(z, seen)
        force[: self.goods] *= market / np.maximum(market / _AT_MOST, usual)
        known = acting[: self.goods] & np.isfinite(market)
        grown = np.where(known, usual * (market / usual) ** _FORGETS, usual)
        memory = {"usual": grown}
        if "last" in state:
            trend = np.where(np.isnan(state["last"]), 0.0, force - state["last"])
            memory["last"] = np.where(acting, force, state["last"])
            return {**self.part(self.advance(z, z, force + self._trend() * trend, seen)), **memory}
        ahead = state["ahead"][0] == 0
        base = z if ahead else state["base"]
        memory |= {"base": z, "ahead": np.full(1, float(ahead))}
        return {**self.part(self.advance(z, base, force, seen)), **memory}

    def _trend(self) -> float:
        given = self.option["trend"]
        return float(max(1.0, _LEAST_TREND / self.option["step"]) if given is None else given)

    def owners(self) -> dict[str, NDArray[np.int64]]:
        return {**super().owners(), "usual": self.owner[: self.goods]}

    def labels(self) -> dict[str, Any]:
        named = super().labels()
        both = [*named["price"], *named["rest"]]
        memory = {"last": both} if self.option["form"] == "optimistic" else {"base": both, "ahead": ["ahead"]}
        return {**named, "usual": named["price"], **memory}
