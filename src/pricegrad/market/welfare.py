"""The true gradient of what an economy makes, in who gets how much of each good.

State: the split of every good among its users, in log shares. Quantities follow from it alone: everyone
makes what it can of its part, round and round, until amounts are at rest (the forward sweep, a fixed point
where firms buy from each other in circles). The height is the utility of the one household, or the worth of
what is sold abroad at given prices. Its gradient is backprop through that fixed point: adjoints of amounts
run back along the same links, one linear solve for all. With b the value of a link (amount times adjoint, a
bid),

    d height / d log share_l = b_l - share_l * (sum of b over the users of the good),

zero exactly where all users of each good gain as much from the next unit. Source: Griewank and Walther 2008,
"Evaluating derivatives", chapter 15 (adjoints of fixed points).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.rows import Floats
from pricegrad.market.rules.proportional_response import ProportionalResponse
from pricegrad.market.works import Made, Works
from pricegrad.network import Network

Ints = NDArray[np.int64]
GOODS = 400  # the linear solve is dense
_STEPS = 60
_REST = 1e-11
_STILL = 1e-8


def lacks(network: Network) -> str:
    """Why what this economy makes has no one height, or none with a gradient; empty where it has."""
    reasons = ProportionalResponse.lacks(network)
    if reasons:
        return reasons[0]
    if len(network.goods) > GOODS:
        return f"the economy has more than {GOODS} goods"
    if len(network.taxes.leaf):
        return "taxes keep the market from what would be best"
    if any(m.price is None and (m.sign < 0 or m.curve is not None) for m in network.outside):
        return "an outside market with a curve, or with an amount it wants, gives no one measure of welfare"
    if any(m.price is not None and m.sign > 0 for m in network.outside):
        return "goods come in at a price, in any amount: there is no split of them"
    sold = any(market.price is not None for market in network.outside)
    if len(network.households) + sold != 1:
        return "what is good for one household need not be good for another"
    return ""


class Welfare:
    """The height and its gradient on a network that `lacks` nothing.

    Links are those of `Works`, then one for every outside market that takes any amount at a price.
    """

    def __init__(self, network: Network) -> None:
        self.works = works = Works(network)
        self.outlets = [market for market in network.outside if market.price is not None]
        self.good = np.concatenate([works.good, np.array([m.good for m in self.outlets], dtype=np.int64)])
        self.goods, self.links = len(network.goods), len(works.good)
        self.shared = network.rival[self.good]
        self.users = np.bincount(self.good, minlength=self.goods)
        self.split = self.shared & (self.users[self.good] > 1)
        self.pairs = self._pairs()
        self.still = np.ones(self.goods)  # prices: no amount here depends on them

    def shares(self, got: Floats) -> Floats:
        """The split that purchases `got` (by link of `Works`) are; an outlet takes what is left over."""
        whole = np.bincount(self.good[: self.links], got, self.goods)
        if self.outlets:
            there = self.works.supply(self.works.made(got), self.still)
            out = np.array([m.good for m in self.outlets], dtype=np.int64)
            left = np.maximum(there[out] - whole[out], 1e-9 * there[out])
            got = np.concatenate([got, left])
            whole[out] += left
        share = np.ones(len(self.good))
        return np.asarray(np.divide(got, whole[self.good], out=share, where=self.split))

    def amounts(self, share: Floats, begin: Floats) -> Floats:
        """The amounts of goods at rest under a split, from `begin`; nan where they do not come to rest.

        Newton's method in logs after a few sweeps.
        """
        there = begin
        for step in range(_STEPS):
            got = (share * there[self.good])[: self.links]
            made = self.works.made(got)
            with np.errstate(all="ignore"):
                gap = np.log(self.works.supply(made, self.still) / there)
            if not np.isfinite(gap).all():
                break
            if np.abs(gap).max() < _REST:
                return there
            if step > 3:
                matrix = np.eye(self.goods) - self._amounts_in_amounts(self._slopes(made, got, there))
                gap = np.clip(np.linalg.solve(matrix, gap), -2.0, 2.0)
            there = there * np.exp(gap)
        return np.full(self.goods, np.nan)

    def gradient(self, share: Floats, there: Floats) -> Floats:
        """d height / d log share by link, at the amounts at rest."""
        got = (share * there[self.good])[: self.links]
        made = self.works.made(got)
        slope = self._slopes(made, got, there)
        direct = np.concatenate([self._utility(made, got), [m.price * there[m.good] for m in self.outlets]])
        direct[self.links :] *= share[self.links :]
        own = np.bincount(self.good, direct, self.goods)
        worth = np.linalg.solve((np.eye(self.goods) - self._amounts_in_amounts(slope)).T, own)
        bid = direct
        good, link, _ = self.pairs
        bid[: self.links] += np.bincount(link, slope * worth[good], self.links)
        total = np.bincount(self.good, bid, self.goods)
        return np.where(self.split, bid - share * total[self.good], 0.0)

    def height(self, share: Floats, there: Floats) -> float:
        """Log of the household's utility (itself where given by code), or the worth of what is sold."""
        got = (share * there[self.good])[: self.links]
        if self.outlets:
            sold = share[self.links :] * there[self.good[self.links :]]
            return float(sum(m.price * amount for m, amount in zip(self.outlets, sold, strict=True)))
        works, network = self.works, self.works.network
        if network.utilities:
            return float(works.made(got)[2][-1].value[0])
        amount = network.forest.leaf_quantity.copy()
        amount[works.demands.leaf] = got[: works.demands.links]
        return float(works.bundles.index(amount)[works.demands.root[-1]])

    def _pairs(self) -> tuple[Ints, Ints, Ints]:
        """Every good made and link it is made from: the good, the link, and which output it is."""
        works, demands = self.works, self.works.demands
        by_buyer = np.argsort(demands.buyer, kind="stable")
        ends = np.searchsorted(demands.buyer[by_buyer], np.arange(demands.buyers + 1))
        goods, links, outputs = [], [], []
        made = zip(works.traders.out_good.tolist(), works.traders.out_sector.tolist(), strict=True)
        for k, (good, sector) in enumerate(made):
            mine = by_buyer[ends[sector] : ends[sector + 1]]
            goods.append(np.full(len(mine), good))
            links.append(mine)
            outputs.append(np.full(len(mine), k))
        for unit, part in zip(works.network.code_firms, works.parts, strict=False):
            inputs = np.arange(part.start, part.stop)
            for good in unit.outputs.tolist():
                goods.append(np.full(len(inputs), good))
                links.append(inputs)
                outputs.append(np.full(len(inputs), -1))
        none = [np.zeros(0, np.int64)]
        return np.concatenate(goods + none), np.concatenate(links + none), np.concatenate(outputs + none)

    def _slopes(self, made: Made, got: Floats, there: Floats) -> Floats:
        """d log amount / d log receipt for each of `pairs`."""
        works, demands = self.works, self.works.demands
        good, link, output = self.pairs
        told = output >= 0
        sector, at = works.traders.out_sector[output[told]], demands.leaf[link[told]]
        found = np.empty(len(good))
        found[told] = made[0][output[told]] * works.network.returns[sector] * made[1][at]
        code = [jet.slope * got[part] for part, jet in zip(works.parts, made[2], strict=True)]
        firms = len(works.network.code_firms)
        found[~told] = np.concatenate([*(slope.ravel() for slope in code[:firms]), np.zeros(0)])
        return np.asarray(found / there[good])

    def _amounts_in_amounts(self, slope: Floats) -> Floats:
        """d log amount / d log amount under a split that stays, (goods, goods)."""
        good, link, _ = self.pairs
        size = self.goods
        return np.asarray(
            np.bincount(good * size + self.good[link], slope, size * size).reshape(size, size), float
        )

    def _utility(self, made: Made, got: Floats) -> Floats:
        """d height / d log receipt of the household, by link of `Works`."""
        works = self.works
        found = np.zeros(self.links)
        if self.outlets:
            return found
        demands = works.demands
        home = np.flatnonzero(demands.buyer >= demands.sectors)
        found[home] = made[1][demands.leaf[home]]
        for unit, part, jet in zip(works.units, works.parts, made[2], strict=True):
            if unit.agent >= 0:
                found[part] = jet.slope[0] * got[part]
        return found


def cosines(network: Network, frames: list[Floats]) -> Floats:
    """The cosine between each move of the split and the gradient where it began, from purchases by link.

    nan where nothing moved, nothing is left to gain, or a frame cannot be (somebody got nothing).
    """
    welfare, there = Welfare(network), np.ones(len(network.goods))
    found = np.full(max(len(frames) - 1, 0), np.nan)
    if not welfare.split.any():
        return found
    shares = [welfare.shares(got) if (got > 0).all() else None for got in frames]
    for k in range(len(found)):
        now, then = shares[k], shares[k + 1]
        if now is None or then is None:
            continue
        rest = welfare.amounts(now, there)
        if not np.isfinite(rest).all():
            continue
        there = rest
        slope = welfare.gradient(now, rest)
        move = np.where(welfare.split, np.log(then / now), 0.0)
        move -= np.where(
            welfare.split, (np.bincount(welfare.good, move, welfare.goods) / welfare.users)[welfare.good], 0
        )
        size = np.linalg.norm(move), np.linalg.norm(slope)
        if size[0] > _STILL and size[1] > _STILL:
            found[k] = float(move @ slope) / float(size[0] * size[1])
    return found
