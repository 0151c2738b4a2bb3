"""Where every entry of a shard's state stands in the state of one process."""

from __future__ import annotations

import numpy as np

from pricegrad.distributed.local_field import Posed
from pricegrad.distributed.pieces import Piece
from pricegrad.distributed.ties import Space
from pricegrad.market.rule import Rule
from pricegrad.market.rules.proportional_response import ProportionalResponse

_KIND = {
    "price": "good",
    "stock": "good",
    "lost": "good",
    "amount": "good",
    "usual": "good",
    "order": "link",
    "bid": "link",
    "got": "link",
    "purse": "home",
    "forecast": "sector",
    "cash": "buyer",
    "rest": "rest",
    "last": "place",
    "base": "place",
    "ahead": "common",
}


def components(whole: Rule, piece: Piece, names: list[str], problem: Posed | None) -> dict[str, Space]:
    """The space of each component of the state of `whole` (the rule on the whole network) in a piece.

    `problem`: the piece's part of it, under rules that follow forces.
    """
    network = whole.network
    homes, sectors = piece.homes, piece.sectors
    every = np.ones(len(sectors), bool)
    space = {
        "good": piece.goods,
        "home": homes,
        "sector": Space(sectors, every, {}, {}),
        "buyer": Space(
            np.concatenate([sectors, len(network.sectors) + homes.ids]),
            np.concatenate([every, homes.own]),
            {},
            {},
        ),
    }
    if problem is not None:
        space["place"] = problem.space
        goods, ids = len(network.goods), problem.space.ids
        space["rest"] = Space(ids[ids >= goods] - goods, problem.space.own[ids >= goods], {}, {})
        space["common"] = Space(np.zeros(1, np.int64), np.ones(1, bool), {}, {})
    if any(_KIND[name] == "link" for name in names):
        space["link"] = links(whole, piece)
    return {name: space[_KIND[name]] for name in names}


def links(whole: Rule, piece: Piece) -> Space:
    """The buying links: leaves that are no outputs; where code may buy, then its inputs, then exports."""
    network, code = whole.network, isinstance(whole, ProportionalResponse)
    forest, part = network.forest, piece.network.forest
    buying = np.flatnonzero(~forest.output[forest.leaf_node])
    mine = piece.leaves[~part.output[part.leaf_node]]
    at = [np.searchsorted(buying, mine)]
    own = [np.ones(len(mine), bool)]
    if code:
        units = [*network.code_firms, *network.utilities]
        starts = len(buying) + np.concatenate([[0], np.cumsum([len(unit.inputs) for unit in units])])
        firms = len(network.code_firms)
        held = [*piece.code.tolist(), *(firms + piece.utilities).tolist()]
        at += [np.arange(starts[i], starts[i + 1]) for i in held]
        exports = [i for i, m in enumerate(network.outside) if m.sign < 0 and m.price is None]
        here = np.isin(piece.markets, exports)
        at.append(int(starts[-1]) + np.searchsorted(exports, piece.markets[here]))
        own += [np.ones(sum(map(len, at[1:-1])), bool), piece.market_term[here] >= 0]
    return Space(np.concatenate(at).astype(np.int64), np.concatenate(own), {}, {})
