"""The part of a network that one shard holds, numbered locally, and what ties it to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricegrad.distributed.assign import Ints, Trades, assign
from pricegrad.distributed.ties import Book, Circle, Index, Space, Tie
from pricegrad.market.demands import Demands
from pricegrad.network import Forest, Network
from pricegrad.network.structure import Holdings, Ownership, Taxes

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Facts:
    """What the code of a rule asks of the whole network: how it sums, and by which kernels."""

    cells: int
    engine: str
    wedged: bool


@dataclass(frozen=True, eq=False)
class Piece:
    """What shard `me` of `size` holds: its own agents with all their links, ghosts of what they touch.

    `goods` and `homes` are own ones and ghosts, `sectors`, `code`, `markets`, `leaves` global numbers of what
    `network` holds; `books` by kind of tie ("link": leaves, then inputs of firms and utilities given by
    code, then outside markets of own goods).
    """

    me: int
    size: int
    network: Network
    goods: Space
    homes: Space
    sectors: Ints
    code: Ints
    utilities: Ints
    markets: Ints
    leaves: Ints
    market_term: Ints
    unit_terms: tuple[slice, ...]
    books: dict[str, Book]
    facts: Facts

    def open(self, circle: Circle, spaces: dict[str, Space]) -> LocalNetwork:
        """The network with sums that reach over the shards of `circle`; `spaces`: of a rule's state."""
        network = self.network
        ties = {
            kind: Tie(book, self.homes, circle, spread=False)
            if kind in ("share", "tax")
            else Tie(book, self.goods, circle)
            for kind, book in self.books.items()
        }
        forest = replace(
            network.forest,
            leaf_good=Index.of(network.forest.leaf_good, ties["link"], np.arange(network.forest.leaves)),
        )
        units = [
            replace(unit, inputs=Index.of(unit.inputs, ties["link"], np.arange(part.start, part.stop)))
            for unit, part in zip(
                (*network.code_firms, *network.utilities), self.unit_terms, strict=True
            )
        ]  # fmt: skip
        firms = len(network.code_firms)
        opened = LocalNetwork(
            **{each.name: getattr(network, each.name) for each in fields(network)}
            | {
            "forest": forest,
            "code_firms": tuple(units[:firms]),
            "utilities": tuple(units[firms:]),
            "endowments": replace(network.endowments, good=Index.of(network.endowments.good, ties["own"])),
            "subsistence": replace(
                network.subsistence, good=Index.of(network.subsistence.good, ties["need"])
            ),
            "ownership": replace(
                network.ownership, household=Index.of(network.ownership.household, ties["share"])
            ),
            "taxes": replace(network.taxes, to=Index.of(network.taxes.to, ties["tax"])),
            }
        )  # fmt: skip
        opened.__dict__.update(
            taxed=network.taxed, open=network.open, piece=self, circle=circle, ties=ties, spaces=spaces
        )
        return opened


class LocalNetwork(Network):
    """A piece, opened among the shards of a circle."""

    piece: Piece
    circle: Circle
    ties: dict[str, Tie]
    spaces: dict[str, Space]


class Cutter:
    """Cuts one network: `agent_shard`, `good_shard`, and the numbers of everything in every shard."""

    def __init__(self, network: Network, shards: int) -> None:
        self.network, self.shards = network, shards
        self.agent_shard, self.good_shard = assign(network, shards)
        self.trades = Trades.of(network)
        first, homes = len(network.sectors), len(network.households)
        self.sector_shard = self.agent_shard[:first]
        self.home_shard = self.agent_shard[first : first + homes]
        self.code_shard = self.agent_shard[first + homes :]
        self.leaf_shard = self.agent_shard[self.trades.leaf_agent]
        self.utility_shard = self.home_shard[np.array([u.agent for u in network.utilities], np.int64)]
        firm = network.ownership.firm
        self.share_shard = self.agent_shard[np.where(firm < first, firm, firm + homes)]
        self.tax_shard = self.leaf_shard[network.taxes.leaf]
        market_good = np.array([market.good for market in network.outside], np.int64)
        self.market_good, self.market_shard = market_good, self.good_shard[market_good]
        self.demands = Demands(network)
        rows = self.demands.rows
        engine = "numba" if rows is not None and rows.kernels.__name__.endswith("_numba") else "numpy"
        self.facts = Facts(1 if rows is None else rows.cells, engine, self.demands.taxed)
        self.goods = [self._goods(s) for s in range(shards)]
        self.homes = [self._homes(s) for s in range(shards)]

    def pieces(self) -> list[Piece]:
        """One piece a shard."""
        goods = spaces(self.goods, self.good_shard)
        homes = spaces(self.homes, self.home_shard)
        books = self._books(goods, homes)
        return [self._piece(s, goods[s], homes[s], books[s]) for s in range(self.shards)]

    def _goods(self, s: int) -> Ints:
        """Goods of a shard: its own, and all that its agents trade."""
        mine = self.agent_shard[self.trades.agent] == s
        return np.union1d(np.flatnonzero(self.good_shard == s), self.trades.good[mine])

    def _homes(self, s: int) -> Ints:
        """Households of a shard: its own, the owners of its firms, and who gets its agents' taxes."""
        network = self.network
        paid = network.ownership.household[self.share_shard == s], network.taxes.to[self.tax_shard == s]
        return np.union1d(np.flatnonzero(self.home_shard == s), np.concatenate(paid))

    def _units(self) -> tuple[Ints, Ints]:
        """Shard and good of every input of a firm or a utility given by code."""
        units = [*self.network.code_firms, *self.network.utilities]
        where = np.concatenate([self.code_shard, self.utility_shard])
        empty = np.zeros(0, np.int64)
        return (
            np.repeat(where, [len(unit.inputs) for unit in units]),
            np.concatenate([empty, *(unit.inputs for unit in units)]),
        )

    def _books(self, goods: Sequence[Space], homes: Sequence[Space]) -> list[dict[str, Book]]:
        network, forest = self.network, self.network.forest
        unit_shard, unit_good = self._units()
        lines: dict[str, tuple[Ints, Ints, Sequence[Space], Ints]] = {
            "link": (
                np.concatenate([self.leaf_shard, unit_shard, self.market_shard]),
                np.concatenate([forest.leaf_good, unit_good, self.market_good]),
                goods,
                self.good_shard,
            ),
            "own": (
                self.home_shard[network.endowments.household], network.endowments.good, goods,
                self.good_shard,
            ),
            "need": (
                self.home_shard[network.subsistence.household], network.subsistence.good, goods,
                self.good_shard,
            ),
            "share": (self.share_shard, network.ownership.household, homes, self.home_shard),
            "tax": (self.tax_shard, network.taxes.to, homes, self.home_shard),
        }  # fmt: skip
        found: list[dict[str, Book]] = [{} for _ in range(self.shards)]
        cell = self._cells(len(lines["link"][0]))
        for kind, (holder, target, space, owner) in lines.items():
            place = cell if kind == "link" else np.zeros(len(holder), np.int64)
            for s, book in enumerate(books_of(holder, target, owner, space, place)):
                found[s][kind] = book
        return found

    def _cells(self, terms: int) -> Ints:
        """The cell of each term of the links, as `Demands` sums its links in one process."""
        demands, cell = self.demands, np.zeros(terms, np.int64)
        if demands.rows is not None:
            ends = demands.rows.link_bounds[1:]
            cell[demands.leaf] = np.searchsorted(ends, np.arange(demands.links), side="right")
        return cell

    def _piece(self, s: int, goods: Space, homes: Space, books: dict[str, Book]) -> Piece:
        network = self.network
        sectors, code = np.flatnonzero(self.sector_shard == s), np.flatnonzero(self.code_shard == s)
        leaves = np.flatnonzero(self.leaf_shard == s)
        utilities = np.flatnonzero(self.utility_shard == s)
        place = np.full(len(network.goods), -1)
        place[goods.ids] = np.arange(goods.size)
        home = np.full(len(network.households), -1)
        home[homes.ids] = np.arange(homes.size)
        markets = np.flatnonzero(np.isin(self.market_good, goods.ids))
        at = len(leaves)
        terms = []
        for unit in [*(network.code_firms[i] for i in code), *(network.utilities[i] for i in utilities)]:
            terms.append(slice(at, at + len(unit.inputs)))
            at += len(unit.inputs)
        mine = self.market_shard[markets] == s
        term = np.where(mine, at + np.cumsum(mine) - 1, -1)
        part = self._network(s, sectors, code, utilities, markets, leaves, goods, homes, place, home)
        return Piece(
            s, self.shards, part, goods, homes, sectors, code, utilities, markets, leaves, term,
            tuple(terms), books, self.facts,
        )  # fmt: skip

    def _network(
        self, s: int, sectors: Ints, code: Ints, utilities: Ints, markets: Ints, leaves: Ints, goods: Space,
        homes: Space, place: Ints, home: Ints,
    ) -> Network:  # fmt: skip
        network = self.network
        own, need = network.endowments, network.subsistence
        shares, taxes = np.flatnonzero(self.share_shard == s), np.flatnonzero(self.tax_shard == s)
        leaf = np.full(network.forest.leaves, -1)
        leaf[leaves] = np.arange(len(leaves))
        first = len(network.sectors)
        firm = np.concatenate([np.full(first, -1), np.full(len(network.code_firms), -1)])
        firm[sectors] = np.arange(len(sectors))
        firm[first + code] = len(sectors) + np.arange(len(code))
        made = replace(
            network,
            goods=tuple(network.goods[g] for g in goods.ids.tolist()),
            rival=network.rival[goods.ids],
            sectors=tuple(network.sectors[j] for j in sectors.tolist()),
            returns=network.returns[sectors],
            households=tuple(network.households[h] for h in homes.ids.tolist()),
            auxiliaries=(),
            forest=self._forest(sectors, homes, leaves, place),
            taxes=Taxes(
                leaf[network.taxes.leaf[taxes]], home[network.taxes.to[taxes]], network.taxes.rate[taxes],
                network.taxes.aux[taxes], network.taxes.mult[taxes],
            ),
            endowments=_held(own, self.home_shard == s, place, home),
            subsistence=_held(need, self.home_shard == s, place, home),
            ownership=Ownership(
                firm[network.ownership.firm[shares]], home[network.ownership.household[shares]],
                network.ownership.share[shares],
            ),
            code_firms=tuple(
                replace(unit, inputs=place[unit.inputs], outputs=place[unit.outputs])
                for unit in (network.code_firms[i] for i in code)
            ),
            utilities=tuple(
                replace(unit, inputs=place[unit.inputs], agent=int(home[unit.agent]))
                for unit in (network.utilities[i] for i in utilities)
            ),
            outside=tuple(
                replace(market, good=int(place[market.good]))
                for market in (network.outside[m] for m in markets)
            ),
            fixed={}, lower={}, start={},
        )  # fmt: skip
        made.__dict__.update(taxed=network.taxed, open=network.open)
        return made

    def _forest(self, sectors: Ints, homes: Space, leaves: Ints, place: Ints) -> Forest:
        """The trees of some agents; ghost households keep a root and nothing on it."""
        network, forest = self.network, self.network.forest
        first = len(network.sectors)
        trees = np.concatenate([sectors, first + sectors, 2 * first + homes.ids])
        whole = np.concatenate([sectors, first + sectors, 2 * first + homes.ids[homes.own]])
        within = np.isin(forest.root, whole)
        within[trees] = True
        kept = np.flatnonzero(within)
        node = np.full(forest.nodes, -1)
        node[kept] = np.arange(len(kept))
        leaf_node = node[forest.leaf_node[leaves]]
        count = np.bincount(leaf_node, minlength=len(kept))
        return Forest(
            parent=np.where(forest.parent[kept] < 0, -1, node[forest.parent[kept]]),
            root=node[forest.root[kept]],
            exponent=forest.exponent[kept],
            output=forest.output[kept],
            value=forest.value[kept],
            share=forest.share[kept],
            level_ptr=np.searchsorted(kept, forest.level_ptr),
            leaf_ptr=np.concatenate([[0], np.cumsum(count)]),
            leaf_node=leaf_node,
            leaf_good=place[forest.leaf_good[leaves]],
            leaf_quantity=forest.leaf_quantity[leaves],
            leaf_price=forest.leaf_price[leaves],
            leaf_share=forest.leaf_share[leaves],
        )


def _held(held: Holdings, ours: Bools, place: Ints, home: Ints) -> Holdings:
    mine = np.flatnonzero(ours[held.household])
    return Holdings(home[held.household[mine]], place[held.good[mine]], held.quantity[mine], held.aux[mine])


def spaces(ids: Sequence[Ints], owner: Ints) -> list[Space]:
    """The spaces of all shards from the numbers each touches and the owner of each number."""
    found: list[Space] = []
    for s, mine in enumerate(ids):
        lend, borrow = {}, {}
        for t, theirs in enumerate(ids):
            if t == s:
                continue
            wanted = theirs[owner[theirs] == s]
            if len(wanted):
                lend[t] = np.searchsorted(mine, wanted)
            ghosts = np.flatnonzero(owner[mine] == t)
            if len(ghosts):
                borrow[t] = ghosts
        found.append(Space(mine, owner[mine] == s, lend, borrow))
    return found


def books_of(holder: Ints, target: Ints, owner: Ints, space: Sequence[Space], cell: Ints) -> list[Book]:
    """The books of all shards: of each term, in order, the shard that holds it and the number it feeds."""
    shards = len(space)
    rank = np.empty(len(holder), np.int64)  # of each term among those of its holder
    for s in range(shards):
        mine = np.flatnonzero(holder == s)
        rank[mine] = np.arange(len(mine))
    keeper = owner[target]
    found = []
    for s in range(shards):
        lines = np.flatnonzero(keeper == s)
        whose = holder[lines]
        receive = {t: np.flatnonzero(whose == t) for t in range(shards) if t != s}
        mine = np.flatnonzero(whose == s)
        send: dict[int, Any] = {
            t: rank[(holder == s) & (keeper == t)] for t in range(shards) if t != s
        }  # fmt: skip
        found.append(
            Book(
                int(np.count_nonzero(holder == s)),
                {t: at for t, at in send.items() if len(at)},
                np.searchsorted(space[s].ids, target[lines]),
                rank[lines[mine]],
                mine,
                {t: at for t, at in receive.items() if len(at)},
                cell[lines],
                len(holder) == 0,
            )
        )
    return found
