"""Post marginal cost and make to order: the dual pair of sweeps on an economy of arrays.

One round, on what each sees from the round before (R: value of the orders a firm holds, theta its returns):

    forward   c_i = unit cost at the posted prices;   p_i <- R_i / (scale_i (theta_i R_i / c_i)^theta_i)
    back      R_j <- g_j M + sum_i theta_i R_i s_ij,   s_ij = value shares of the cost-minimal inputs
    income    M = w L + sum_i (1 - theta_i) R_i

p_i is marginal cost at the orders held, so R = (theta S)^T R + g M is the transpose of the price map. A
totally asynchronous contraction in log prices at rate theta (1 - labour share) (Bertsekas 1982 for the
theorem; Dessertaine, Moran, Benzaquen, Bouchaud 2022 for such firms out of equilibrium).

Not local, and declared so in the result: `clear` solves for the two numbers all share (the money spent in one
round, which clears the labour market; the level of prices against the wage), `accelerate` mixes rounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from pricegrad.errors import NotSolved
from pricegrad.market.anderson import Anderson
from pricegrad.market.books_numpy import SUMS
from pricegrad.market.cells import Floats, total, tree_sum
from pricegrad.market.ces import CesEconomy

_RANGE = 500.0  # |log price| beyond which no economy lives


@dataclass(frozen=True, eq=False)
class Rounds:
    """What a run of rounds ended with; `residual` is the worst relative violation seen each round."""

    economy: CesEconomy
    log_price: Floats
    log_revenue: Floats
    residual: list[float]
    converged: bool
    not_local: tuple[str, ...]

    @property
    def rounds(self) -> int:
        """Rounds played."""
        return len(self.residual)

    @property
    def prices(self) -> Floats:
        """Prices in units of the wage, by firm."""
        return np.exp(self.log_price)

    @property
    def quantities(self) -> Floats:
        """Output by firm."""
        return np.exp(self.log_revenue - self.log_price)

    def __repr__(self) -> str:
        how = "converged" if self.converged else "not converged"
        aside = f"; not local: {', '.join(self.not_local)}" if self.not_local else ""
        return f"Rounds: {how} after {self.rounds}, worst {self.residual[-1]:.1e}{aside}"


@dataclass(eq=False)
class Round:
    """One synchronous round as a map of the state (log prices, log value of orders), each of shape (n,)."""

    economy: CesEconomy
    clear: bool = False
    worst: float = field(default=np.inf, init=False)

    def __post_init__(self) -> None:
        firms, rows = self.economy.firms, self.economy.rows
        self._price = np.zeros(firms + 1)
        self._cost = np.empty(firms)
        self._orders = np.empty(firms + 1)
        self._spend = np.empty(firms)
        self._sums = np.empty((rows.cells, SUMS))
        self._base = self.economy.base

    def __call__(self, state: Floats, out: Floats | None = None) -> Floats:
        """The state after one round, written to `out`; `worst`: the worst relative violation of `state`."""
        economy, rows, books = self.economy, self.economy.rows, self.economy.rows.books
        firms, returns, spend = economy.firms, economy.returns, self._spend
        out = np.empty_like(state) if out is None else out
        log_price, log_revenue = state[:firms], state[firms:]
        posted, held = out[:firms], out[firms:]
        self._price[:firms] = log_price
        books.spending(returns, log_revenue, spend)
        rows.costs(self._price, spend, self._cost)
        moved = books.post(
            rows.bounds, returns, self._base, self._cost, log_price, log_revenue, spend, posted, self._sums
        )
        profit, unpaid, over = (tree_sum(column) for column in self._sums.T.tolist())
        rows.orders(self._price, self._orders)
        wage_bill = float(self._orders[firms])
        money = economy.labour / wage_bill if self.clear else 1.0
        income = economy.labour + money * profit
        moved = max(
            moved,
            books.take(self._orders[:firms], self._tastes(log_price), money, income, log_revenue, held),
        )  # fmt: skip
        self.worst = max(
            moved,
            abs(wage_bill / economy.labour - 1.0),
            abs(unpaid) / (economy.labour + profit),
        )
        if self.clear:
            # the level of all prices against the wage at which firms' accounts balance in total
            books.level(returns, spend, self._wages(), over / (profit + wage_bill), posted)
        return out

    def _tastes(self, log_price: Floats) -> Floats:
        """The household's budget shares."""
        power = self.economy.taste_power
        if power == 0.0:
            return self.economy.taste
        share = self.economy.taste * np.exp(power * log_price)
        return np.asarray(share / total(share, self.economy.rows.cells))

    def _wages(self) -> Floats:
        """What each firm pays for labour, whose price is 1."""
        return np.asarray(self.economy.hires * self.economy.rows.scale)


def solve_rounds(
    economy: CesEconomy,
    *,
    tolerance: float = 1e-8,
    max_rounds: int = 2000,
    clear: bool = False,
    accelerate: bool = False,
    memory: int = 10,
    start: tuple[Floats, Floats] | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> Rounds:
    """Play rounds until no price, order, hire or income is off by more than a third of `tolerance`.

    (A third: in the certificate the errors of a price, its orders and the income behind them may add up.)
    `start`: log prices and log revenues (n,) each; default: prices 1, the household's first orders.
    Raises `NotSolved` when prices leave the range of numbers.
    """
    state = np.concatenate(start) if start is not None else flat_start(economy)
    following, play = np.empty_like(state), Round(economy, clear)
    mixer = Anderson(memory, economy.rows.cells) if accelerate else None
    residual: list[float] = []
    while len(residual) < max_rounds:
        play(state, following)
        residual.append(play.worst)
        if not np.isfinite(play.worst) or (
            len(residual) % 16 == 0 and max(state.max(), -state.min()) > _RANGE
        ):
            raise NotSolved(
                f"prices left the range of numbers in round {len(residual)}: the economy is not viable "
                "(beyond the Hawkins-Simon point its firms use up more than they make)"
            )
        if progress is not None:
            progress(len(residual), play.worst)
        if play.worst <= tolerance / 3:
            break
        if mixer is not None:
            mixer.step(state, following)
        state, following = following, state
    flags = ("clears the labour market each round",) * clear + (f"Anderson, memory {memory}",) * accelerate
    firms = economy.firms
    return Rounds(economy, state[:firms], state[firms:], residual, residual[-1] <= tolerance / 3, flags)


def flat_start(economy: CesEconomy) -> Floats:
    """Prices of 1, and orders as if everyone held an equal part of the value that labour can pay for."""
    share = np.where(economy.labour_link >= 0, economy.rows.weight[economy.labour_link], 0.0)
    revenue = economy.labour / (economy.firms * max(float(np.mean(economy.returns * share)), 1e-12))
    return np.concatenate([np.zeros(economy.firms), np.full(economy.firms, np.log(revenue))])
