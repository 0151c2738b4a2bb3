"""The rules that follow forces, on a piece: what each variable's condition reads reaches over the shards.

The variables of a piece are the prices of its goods (ghosts included, whose forces are worked out as their
owners do), the activities of its sectors and the incomes of its households; the condition of a ghost income
is nobody's here and left at 0. What the slopes of a condition add up to is added where the variable lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.distributed.assign import Ints, Trades
from pricegrad.distributed.local import Local
from pricegrad.distributed.pieces import Cutter, LocalNetwork, Piece, books_of
from pricegrad.distributed.ties import Book, Space, Tie, largest
from pricegrad.equilibrium.code import CodeState
from pricegrad.equilibrium.problem import Problem
from pricegrad.equilibrium.trade import State as Point
from pricegrad.market.field import Field, Push
from pricegrad.market.rows import Floats
from pricegrad.market.rules.forces import Forces
from pricegrad.market.rules.optimistic import Optimistic
from pricegrad.market.rules.primal_dual import PrimalDual
from pricegrad.market.rules.tatonnement import Tatonnement
from pricegrad.network import Network


@dataclass(frozen=True, eq=False)
class Posed:
    """What a piece knows of the whole problem: bounds, values held and what moves, by its own places.

    `entries`: whose incomes and outside curves are its own (others count at their owners'); `book`: of the
    Jacobian's entries, by row.
    """

    held: Floats
    lower: Floats
    little: Floats
    moving: NDArray[np.bool_]
    level_is_free: bool
    linear: bool
    entries: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    book: Book
    space: Space


def lacking(network: Network) -> str:
    """Why forces on this network do not go over shards; empty where they do."""
    if network.auxiliaries:
        return f"the constraint that sets {network.auxiliaries[0][0]!r} may read every variable there is"
    for unit in (*network.code_firms, *network.utilities):
        return f"{unit.name!r} is a Python function, whose slopes are worked out in one process only"
    for market in network.outside:
        if market.price is not None:
            good = network.goods[market.good]
            return f"the trade of the outside market for {good!r} is a variable of nobody's here"
    return ""


def posed(whole: Forces, cutter: Cutter, pieces: list[Piece]) -> list[Posed]:
    """What every piece is told of the problem of `whole`."""
    network, problem, field = whole.network, whole.field.problem, whole.field
    spaces = [_places(network, piece) for piece in pieces]
    owner = np.concatenate([cutter.good_shard, cutter.sector_shard, cutter.home_shard])
    holder = _holders(network, problem, cutter)
    books = books_of(holder, problem.all_rows, owner, spaces, np.zeros(len(holder), np.int64))
    moving = np.zeros(field.layout.size, bool)
    moving[field.moving] = True
    found = []
    for piece, space, book in zip(pieces, spaces, books, strict=True):
        free = moving[space.ids] & (space.own | (space.ids < len(network.goods)))
        counts = _counting(piece)
        found.append(
            Posed(
                problem.held[space.ids], problem.lower[space.ids], field.little[space.ids], free,
                field.level_is_free(), problem.trade.linear, counts, book, space,
            )
        )  # fmt: skip
    return found


def _places(network: Network, piece: Piece) -> Space:
    """The places of a piece's variables in the vector of one process; prices of ghosts are refreshed."""
    goods, homes, first = piece.goods, piece.homes, len(network.goods)
    ids = [goods.ids, first + piece.sectors, first + len(network.sectors) + homes.ids]
    own = [goods.own, np.ones(len(piece.sectors), bool), homes.own]
    return Space(np.concatenate(ids), np.concatenate(own), goods.lend, goods.borrow)


def _holders(network: Network, problem: Problem, cutter: Cutter) -> Ints:
    """The shard that works out each entry of the Jacobian, in the order of `Problem.all_rows`."""
    trade, taxes, sectors = problem.trade, network.taxes, len(network.sectors)
    agent = Trades.of(network).leaf_agent
    homes = sectors + np.arange(len(network.households))
    holding = sectors + network.endowments.household
    parts = [
        agent[trade.t_leaf],
        agent[trade.t_leaf[trade.income_of_t]],
        agent[taxes.leaf],
        agent[trade.producing],
        np.arange(sectors),
        agent[trade.profit_leaf],
        network.ownership.firm[trade.owner],
        homes,
        holding,
    ]
    curved = [market.good for market in network.outside if market.curve is not None]
    holder = cutter.agent_shard[np.concatenate(parts)]
    holder = np.concatenate([holder, cutter.good_shard[np.array(curved, np.int64)]])
    assert len(holder) == len(problem.all_rows)
    return holder


def _counting(piece: Piece) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which incomes, and which curves of outside markets, of a piece are its own."""
    own = np.isin(np.arange(len(piece.markets)), np.flatnonzero(piece.market_term >= 0))
    curved = np.array([market.curve is not None for market in piece.network.outside], bool)
    return piece.homes.own, own[curved]


class LocalProblem(Problem):
    """The conditions of a piece's variables."""

    def __init__(self, network: LocalNetwork, posed: Posed) -> None:
        self.posed = posed
        super().__init__(network)
        self.trade.linear = posed.linear
        ghosts = ~network.piece.homes.own
        self.ghosts = self.layout.income.start + np.flatnonzero(ghosts)
        homes, curves = posed.entries
        every = np.ones(len(self.all_rows), bool)
        at = len(self.trade.rows)
        every[at : at + len(homes)] = homes
        every[len(every) - len(curves) :] = curves
        self.counting = every

    def _bounds(self) -> Floats:
        return self.posed.lower

    def _held(self) -> tuple[Floats, str | None]:
        return self.posed.held.copy(), None

    def _pin(self, held: Floats) -> list[tuple[int, int]]:
        return []

    def evaluate(self, z: Floats) -> tuple[Floats, Point, CodeState]:
        """See `Problem.evaluate`."""
        out, state, code = super().evaluate(z)
        out[self.ghosts] = 0.0
        return out, state, code


class LocalField(Field):
    """The forces of a piece's variables."""

    def __init__(self, network: LocalNetwork, posed: Posed) -> None:
        self.posed = posed
        self.tie = Tie(posed.book, posed.space, network.circle)
        super().__init__(network)
        self.moving = np.flatnonzero(posed.moving)

    def pose(self, network: Network) -> Problem:
        """See `Field.pose`."""
        assert isinstance(network, LocalNetwork)
        return LocalProblem(network, self.posed)

    def smallest(self) -> Floats:
        """See `Field.smallest`."""
        return self.posed.little

    def level_is_free(self) -> bool:
        """See `Field.level_is_free`."""
        return self.posed.level_is_free

    def _by_row(self, reach: Floats) -> Floats:
        assert isinstance(self.problem, LocalProblem)
        return self.tie.total(reach[self.problem.counting])


class LocalForces(Local, Forces):
    """What the rules that follow forces ask of the others; `posed` is put on the network."""

    def see(self, network: Network) -> Field:
        """See `Forces.see`."""
        assert isinstance(network, LocalNetwork)
        return LocalField(network, network.__dict__["posed"])

    def push(self, z: Floats) -> Push:
        """See `Forces.push`; the last answer is right only if nobody's variables have moved."""
        known = self._asked is not None and np.array_equal(self._asked[0], z)
        if largest(self.network.circle, 0.0 if known else 1.0):
            self._asked = None
        return super().push(z)

    def stale(self, z: Floats, fresh: Floats, past: list[Floats], age: Ints) -> Floats:
        """See `Forces.stale`: every age there may be, since others may have news of it."""
        seen, goods = fresh.copy(), self.goods
        for old in range(1, len(past)):
            then = self.field.forces(past[old]).force
            mixed = self.field.forces(np.concatenate([past[old][:goods], z[goods:]])).force
            late = age == old
            seen[:goods] = np.where(late[:goods], then[:goods], seen[:goods])
            seen[goods:] = np.where(late[goods:], mixed[goods:], seen[goods:])
        return seen


class LocalTatonnement(LocalForces, Tatonnement):
    """Tatonnement on a piece."""


class LocalPrimalDual(LocalForces, PrimalDual):
    """Primal-dual on a piece."""


class LocalOptimistic(LocalForces, Optimistic):
    """The optimistic rule on a piece."""


LOCAL_FORCES: dict[str, type[Any]] = {
    rule.name: rule for rule in (LocalTatonnement, LocalPrimalDual, LocalOptimistic)
}
