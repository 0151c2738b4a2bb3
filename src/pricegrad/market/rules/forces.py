"""What the rules that follow forces share: one vector of all variables, moved by everyone at once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.field import Field, Push
from pricegrad.market.owners import owners_of, stale_forces
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule, Seen, State
from pricegrad.network import Network


def non_rival(network: Network) -> list[str]:
    """The refusal of goods that several users use at once."""
    return [
        f'{network.goods[g]!r} is non-rival and has a price for each user; use "proportional-response"'
        for g in np.flatnonzero(~network.rival).tolist()
    ]


class Forces(Rule):
    """State: `price` by good, `rest` (activities, incomes and the other variables), and the rule's memory."""

    messages = ("rest",)
    by_agent = True
    self_paced = True

    def __init__(self, network: Network, **options: Any) -> None:
        super().__init__(network, **options)
        self.field = self.see(network)
        self.goods = len(network.goods)
        self.owner = owners_of(self.field.layout)
        self._asked: tuple[Floats, Push] | None = None

    def see(self, network: Network) -> Field:
        """The field of forces on a network."""
        return Field(network)

    def join(self, state: State) -> Floats:
        """The whole vector of a state."""
        return np.concatenate([state["price"], state["rest"]])

    def part(self, z: Floats) -> State:
        """Prices and the rest of a whole vector."""
        return {"price": z[: self.goods], "rest": z[self.goods :]}

    def start(self, price: Floats) -> State:
        return {**self.part(self.field.start(price)), **self.memory()}

    def memory(self) -> State:
        """What agents remember of earlier rounds, at the start."""
        return {}

    def forces(self, z: Floats) -> Floats:
        """The forces at z."""
        return self.push(z).force.copy()

    def push(self, z: Floats) -> Push:
        """See `Field.forces`; the last answer is remembered, for whoever asks again."""
        if self._asked is None or not np.array_equal(self._asked[0], z):
            self._asked = z.copy(), self.field.forces(z)
        return self._asked[1]

    def seen_forces(self, z: Floats, seen: Seen) -> Floats:
        """The forces as the owners of the variables see them; those who sleep do not move, see `advance`."""
        force = self.forces(z)
        if seen.age is None:
            return force
        age = np.where(self.owner >= 0, seen.age[self.owner], 0)
        return self.stale(z, force, [self.join(state) for state in seen.past], age)

    def stale(self, z: Floats, fresh: Floats, past: list[Floats], age: NDArray[np.int64]) -> Floats:
        """See `stale_forces`."""
        return stale_forces(self.field, z, fresh, past, age)

    def seen_markets(self, z: Floats, seen: Seen) -> Floats:
        """How large the market of each good is, as the owner of its price sees it (goods,)."""
        market = self.push(z).market
        if seen.age is None:
            return market
        age = seen.age[self.owner[: self.goods]]
        for old in range(1, len(seen.past)):
            market = np.where(age == old, self.field.forces(self.join(seen.past[old])).market, market)
        return market

    def advance(self, z: Floats, base: Floats, force: Floats, seen: Seen) -> Floats:
        """`base` after all who are awake followed their forces, z elsewhere; incomes are what is received."""
        moved = self.field.push(base, force, self.option["step"])
        return self.field.settle(np.where(self.acting(seen), moved, z))

    def acting(self, seen: Seen) -> NDArray[np.bool_]:
        """Which variables their owners may move in a round."""
        if seen.awake is None:
            return np.ones(len(self.owner), bool)
        return (self.owner < 0) | seen.awake[self.owner]

    def links(self) -> list[tuple[str, str]]:
        network, trade = self.network, self.field.problem.trade
        names = [*network.sectors, *network.sectors, *network.households]
        leaves = np.flatnonzero(trade.flow_sign < 0)
        roots, traded = network.leaf_root[leaves].tolist(), network.forest.leaf_good[leaves].tolist()
        found = [(names[root], network.goods[g]) for root, g in zip(roots, traded, strict=True)]
        units = (*network.code_firms, *network.utilities)
        return [*found, *((unit.name, network.goods[g]) for unit in units for g in unit.inputs.tolist())]

    def purchases(self, state: State) -> Floats:
        """What everyone plans to buy."""
        z = self.join(state)
        layout, trade = self.field.layout, self.field.problem.trade
        plans = [z[part] for part in (*layout.plans, *layout.baskets)]
        return np.concatenate([np.abs(self.push(z).point.quantity[trade.flow_sign < 0]), *plans])

    def quantities(self, state: State) -> Floats:
        z = self.join(state)
        return self.field.offered(z, self.push(z).point)

    def gap(self, state: State, following: State) -> float:
        z = self.join(following)
        return self.field.gap(z, self.forces(z))

    def violation(self, state: State, following: State) -> float:
        """Incomes against what is received at the posted prices (nobody trades before the end)."""
        z = self.join(following)
        income = self.field.layout.income
        with np.errstate(all="ignore"):
            gap = np.abs(self.field.problem.residual(z)[income])
        held = ~np.isnan(self.field.problem.held[income]) & ~self.field.level_is_free()
        size = np.maximum(np.abs(z[income]), 1e-300)
        return float(np.max(np.where(held, 0.0, gap / size), initial=0.0))

    def owners(self) -> dict[str, NDArray[np.int64]]:
        return {"price": self.owner[: self.goods], "rest": self.owner[self.goods :]}

    def labels(self) -> dict[str, list[Hashable]]:
        layout = self.field.layout
        rest: list[Hashable] = [layout_label(self.field, i) for i in range(self.goods, layout.size)]
        return {"price": list(self.network.goods), "rest": rest}

    @property
    def link_good(self) -> NDArray[np.int64]:
        return np.zeros(0, dtype=np.int64)

    def propose(self, state: State, seen: Seen) -> State:
        raise NotImplementedError


def layout_label(field: Field, place: int) -> str:
    """What the variable at a place is called."""
    return field.layout.label(place)
