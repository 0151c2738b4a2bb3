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

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from pricegrad.errors import NotSolved
from pricegrad.market.anderson import Anderson
from pricegrad.market.cells import Floats, total, total_of
from pricegrad.market.ces import CesEconomy

_BLOCK = 16_384
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
        self._value = np.empty(len(rows.entry))
        self._cost = np.empty(firms)
        self._orders = np.empty(firms + 1)
        self._spend = np.empty(firms)

    def __call__(self, state: Floats) -> Floats:
        """The state after one round; `worst` becomes the worst relative violation of the state given."""
        economy = self.economy
        firms, returns = economy.firms, economy.returns
        log_price, log_revenue = state[:firms], state[firms:]
        revenue = np.exp(log_revenue)
        self._price[:firms] = log_price
        np.multiply(returns, revenue, out=self._spend)
        economy.rows.forward(self._price, self._spend, self._value, self._cost)
        economy.rows.collect(self._value, self._orders)
        wage_bill = float(self._orders[firms])
        cells = economy.rows.cells
        profit = total_of(lambda s: (1 - returns[s]) * revenue[s], firms, cells)
        money = economy.labour / wage_bill if self.clear else 1.0
        out = np.empty_like(state)
        posted, orders = out[:firms], out[firms:]
        post_prices(returns, economy.log_scale, self._cost, log_revenue, posted)
        np.multiply(self._orders[:firms], money, out=orders)
        take_orders(orders, self._tastes(log_price), economy.labour + money * profit)
        unpaid = total_of(lambda s: self._spend[s] * (posted[s] - log_price[s]), firms, cells)
        self.worst = max(
            farthest(out, state),
            abs(wage_bill / economy.labour - 1.0),
            abs(unpaid) / (economy.labour + profit),
        )
        if self.clear:
            self._level(posted, log_price, revenue)
        return out

    def _tastes(self, log_price: Floats) -> Floats:
        """The household's budget shares."""
        power = self.economy.taste_power
        if power == 0.0:
            return self.economy.taste
        share = self.economy.taste * np.exp(power * log_price)
        return np.asarray(share / total(share, self.economy.rows.cells))

    def _level(self, posted: Floats, log_price: Floats, revenue: Floats) -> None:
        """Shift the level of all prices against the wage to where firms' accounts balance in total."""
        economy, cells = self.economy, self.economy.rows.cells
        passed_on = np.where(economy.labour_link >= 0, self._value[economy.labour_link], 0.0)
        np.subtract(self._spend, passed_on, out=passed_on)
        passed_on /= revenue
        off = total_of(lambda s: revenue[s] * (posted[s] - log_price[s]), len(revenue), cells)
        passed_on *= off / total_of(lambda s: revenue[s] * (1 - passed_on[s]), len(revenue), cells)
        posted += passed_on


def post_prices(
    returns: Floats, log_scale: Floats, log_cost: Floats, log_revenue: Floats, posted: Floats
) -> None:
    """Write firms' log marginal cost at the orders they hold to `posted`; all of shape (firms,)."""
    for s in _blocks(len(posted)):
        np.multiply(returns[s], log_cost[s] - np.log(returns[s]), out=posted[s])
        posted[s] += (1 - returns[s]) * log_revenue[s] - log_scale[s]


def take_orders(orders: Floats, tastes: Floats, income: float) -> None:
    """Add the household's orders to those of firms and turn `orders` (firms,) into logs, in place."""
    for s in _blocks(len(orders)):
        orders[s] += tastes[s] * income
        np.log(orders[s], out=orders[s])


def farthest(after: Floats, before: Floats) -> float:
    """The largest absolute move of any entry; nan where one is."""
    return float(np.max([np.abs(after[s] - before[s]).max() for s in _blocks(len(after))], initial=0.0))


def _blocks(entries: int) -> Iterator[slice]:
    """Slices that fit into a processor's cache: what is worked out between them never leaves it."""
    return (slice(a, min(a + _BLOCK, entries)) for a in range(0, entries, _BLOCK))


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
    play = Round(economy, clear)
    mixer = Anderson(memory, economy.rows.cells) if accelerate else None
    residual: list[float] = []
    while len(residual) < max_rounds:
        following = play(state)
        residual.append(play.worst)
        if not np.isfinite(play.worst) or (len(residual) % 16 == 0 and np.abs(state).max() > _RANGE):
            raise NotSolved(
                f"prices left the range of numbers in round {len(residual)}: the economy is not viable "
                "(beyond the Hawkins-Simon point its firms use up more than they make)"
            )
        if progress is not None:
            progress(len(residual), play.worst)
        if play.worst <= tolerance / 3:
            break
        state = following if mixer is None else mixer.step(state, following - state)
    flags = ("clears the labour market each round",) * clear + (f"Anderson, memory {memory}",) * accelerate
    firms = economy.firms
    return Rounds(
        economy, state[:firms].copy(), state[firms:].copy(), residual, residual[-1] <= tolerance / 3, flags
    )


def flat_start(economy: CesEconomy) -> Floats:
    """Prices of 1, and orders as if everyone held an equal part of the value that labour can pay for."""
    share = np.where(economy.labour_link >= 0, economy.rows.weight[economy.labour_link], 0.0)
    revenue = economy.labour / (economy.firms * max(float(np.mean(economy.returns * share)), 1e-12))
    return np.concatenate([np.zeros(economy.firms), np.full(economy.firms, np.log(revenue))])
