"""Trade with outside markets in goods and money: what comes in, what is wanted there, and an account each.

An outside market keeps an account that begins at nothing: what it is paid and what it pays go through it, so
that money stays the same whatever crosses the border.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.rows import Floats
from pricegrad.network import Network

Ints = NDArray[np.int64]


class Border:
    """The outside markets of a network; `good` and `buys` are by market, `brings` are goods that come in."""

    def __init__(self, network: Network) -> None:
        self.markets = network.outside
        self.good = np.array([market.good for market in self.markets], dtype=np.int64)
        self.buys = np.array([market.sign < 0 for market in self.markets], dtype=bool)
        self.brings = np.unique(self.good[~self.buys])
        given = {m.good: m.price for m in self.markets if m.price is not None and m.sign > 0}
        self.given = np.array(list(given), dtype=np.int64)
        self.price = np.array(list(given.values()), dtype=np.float64)

    def amounts(self, price: Floats) -> Floats:
        """What each market brings or wants at posted prices; any amount (inf) where it brings at a price."""
        found = np.empty(len(self.markets))
        for i, market in enumerate(self.markets):
            if market.price is not None:
                found[i] = np.inf
            elif market.quantity is not None:
                found[i] = market.quantity
            else:
                assert market.curve is not None
                found[i] = market.curve(float(price[market.good]))
        return found

    def brought(self, amounts: Floats, goods: int) -> Floats:
        """What comes in, by good."""
        return np.bincount(self.good, np.where(self.buys, 0.0, amounts), goods).astype(float)

    def paid(self, accounts: Floats, sent: Floats, price: Floats, sales: Floats) -> Floats:
        """The accounts after a round: what was sent out is paid, what came in is paid for."""
        money = np.where(self.buys, -sent * price[self.good], sales[self.good])
        return np.asarray(accounts + money)
