"""What a change of costs does to all prices, and through which suppliers it came."""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.doors import DOORS, Reported
from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model import Model
from pricegrad.network.forest import Floats
from pricegrad.pricing.costpush import System, factors, rise_of, solve, system

if TYPE_CHECKING:
    import pandas as pd

MOST = 5_000  # steps of the search for chains
LONGEST = 25  # links of a chain
SMALLEST = 1e-6  # of the whole change; what is less on a chain is not followed

Source = int | str  # the place of a good bought, or the costs of a firm by name


@dataclass(frozen=True)
class Path:
    """One way a price change came: `goods` from the source to the good asked for, and how much came so."""

    goods: tuple[str, ...]
    change: float

    def __str__(self) -> str:
        source, *rest = self.goods
        named = rest if rest and source == f"costs of {rest[0]}" else self.goods
        return f"{' -> '.join(named)}: {self.change:+.3%}"


@dataclass(frozen=True)
class PriceChange(Reported):
    """Prices before and after; every change in a price split exactly into what came through each supplier.

    `through[g, k]` is the change of the price of good g that came through its input k, `own[g]` through the
    cost of its maker itself; they sum to the change (logarithmic means of cost shares, Sato 1976 and Vartia
    1976, exact for CES). Goods in `passed_over` are links inside an industry, not suppliers. `worst` is
    the largest relative gap between a price and its cost, recomputed apart from the solver.
    """

    before: pd.Series
    prices: pd.Series
    through: Floats
    own: Floats
    makers: tuple[str, ...]
    passed_over: frozenset[str]
    notes: tuple[str, ...]
    worst: float
    model: Model

    @cached_property
    def goods(self) -> tuple[str, ...]:
        """All goods, in the order of rows and columns of `through`."""
        return tuple(self.prices.index)

    @property
    def changes(self) -> pd.Series:
        """Relative change of every price: 0.1 is 10 per cent more."""
        return (self.prices / self.before - 1.0).rename("change")

    def plot(self, path: str | PathLike[str] | None = None, top: int = 12) -> Any:
        """A figure of the prices that move most, saved to `path` (.png, .svg, .pdf) when given."""
        return DOORS["movers"](self, path, top)

    def movers(self, top: int = 10) -> pd.Series:
        """The largest relative changes, largest first, without the goods inside an industry."""
        shown = self.changes.drop(labels=list(self.passed_over))
        return shown.reindex(shown.abs().sort_values(ascending=False, kind="stable").index)[:top]

    def suppliers(self, good: str, top: int | None = None) -> pd.Series:
        """The relative change of the price of `good` by direct supplier, largest first; sums to the change.

        A name is a good bought, or "costs of ..." for the firm whose own cost changed.
        """
        import pandas as pd

        unit = float(self.before[good])
        parts = {self._name(source): part / unit for source, part in self._sources(self._place(good)).items()}
        found = pd.Series(parts, dtype=float, name=good)
        return found.reindex(found.abs().sort_values(ascending=False, kind="stable").index)[:top]

    def paths(self, good: str, top: int = 5) -> list[Path]:
        """The chains of suppliers that brought most of the change (structural path analysis; Defourny and
        Thorbecke 1984), largest first: each its goods in the order in which the change passed them."""
        found: list[Path] = []
        start = self._place(good)
        change = float(self.prices[good] / self.before[good] - 1.0)
        heap: list[tuple[float, int, tuple[Source, ...], float]] = [(-abs(change), 0, (start,), change)]
        known: dict[int, dict[Source, float]] = {}
        born = count(1)  # of two equal chains the one found first comes first
        for _ in range(MOST):
            if not heap or len(found) == top:
                break
            _, _, way, carried = heapq.heappop(heap)
            here = way[-1]
            if isinstance(here, int) and here not in known:
                known[here] = self._sources(here)
            sources = known[here] if isinstance(here, int) else {}
            if not sources:
                found.append(Path(tuple(self._name(step) for step in reversed(way)), carried))
                continue
            moved = math.fsum(sources.values())
            for source, part in sources.items():
                amount = carried * part / moved if moved else 0.0
                if abs(amount) > SMALLEST * abs(change) and len(way) < LONGEST:
                    heapq.heappush(heap, (-abs(amount), next(born), (*way, source), amount))
        return found

    def explain(self, good: str, top: int = 5) -> str:
        """Why the price of `good` moved: its suppliers' parts, then the largest chains."""
        change = float(self.changes.iloc[self._place(good)])
        lines = [f"{good}: price {self.before[good]:.6g} -> {self.prices[good]:.6g} ({change:+.3%})"]
        lines += [f"  {part:+.3%}  through {name}" for name, part in self.suppliers(good, top).items()]
        ways = self.paths(good, top)
        return "\n".join(
            [*lines, *(["  the largest chains:"] if ways else []), *(f"    {way}" for way in ways)]
        )

    def _place(self, good: str) -> int:
        if good not in self.goods:
            known = [name for name in self.goods if name not in self.passed_over]
            raise ModelError(f"no good is named {good!r}.{did_you_mean(good, known)}")
        return self.goods.index(good)

    def _name(self, source: Source) -> str:
        return self.goods[source] if isinstance(source, int) else source

    def _sources(self, place: int) -> dict[Source, float]:
        """What of the change of one price came from where, links inside an industry opened."""
        found: dict[Source, float] = {}
        open_links = [(place, 1.0)]
        while open_links:
            here, weight = open_links.pop()
            row, own = self.through[here], float(self.own[here])
            for k in row.nonzero()[0].tolist():
                part = weight * float(row[k])
                if self.goods[k] not in self.passed_over:
                    found[k] = found.get(k, 0.0) + part
                elif moved := float(self.through[k].sum() + self.own[k]):
                    open_links.append((k, part / moved))
            if own:
                cost = f"costs of {self.makers[here]}"
                found[cost] = found.get(cost, 0.0) + weight * own
        return found


def by_kind(model: Model, rises: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Rises by name divided into those of costs (the name is a firm's) and of prices of primary inputs."""
    primary = [market.good for market in model.outside if market.price is not None]
    for name in rises:
        if name not in model.firms and name not in primary:
            near = did_you_mean(name, [*model.firms, *primary])
            raise ModelError(f"no sector or primary input is named {name!r}.{near}")
    costs = {name: rise for name, rise in rises.items() if name in model.firms}
    return costs, {name: rise for name, rise in rises.items() if name not in costs}


def shock(
    model: Model,
    costs: Mapping[str, float] | None = None,
    prices: Mapping[str, float] | None = None,
    passed_over: Collection[str] = (),
) -> PriceChange:
    """Prices when the cost of some firms, or the price of some primary inputs, rises; 0.1 is 10 per cent."""
    import pandas as pd

    of = system(model)
    place = of.network.good_index
    factor, given = factors(of, costs or {}), of.given.copy()
    for name, rise in (prices or {}).items():
        if name not in place or np.isnan(given[place[name]]):
            primary = [good for good, k in place.items() if not np.isnan(given[k])]
            made = " (it is made by a firm: change the cost of that firm)" if name in place else ""
            raise ModelError(f"no primary input is named {name!r}{made}.{did_you_mean(name, primary)}")
        given[place[name]] *= 1 + rise_of(rise, f"price of {name!r}")
    before, _ = solve(of, of.given, np.ones(len(factor)))
    after, gap = solve(of, given, factor)
    goods = list(of.network.goods)
    through, own = split(of, before, after, factor)
    makers = dict(zip(of.product.tolist(), of.network.sectors, strict=True))
    return PriceChange(
        pd.Series(before, index=goods, name="before"),
        pd.Series(after, index=goods, name="price"),
        through,
        own,
        tuple(makers.get(k, "") for k in range(len(goods))),
        frozenset(passed_over),
        tuple(model.notes),
        gap,
        model,
    )


def split(of: System, before: Floats, after: Floats, factor: Floats) -> tuple[Floats, Floats]:
    """The change of each price (row) by input (column), and by the rise of its maker's own cost.

    Exact: with fixed coefficients cost moves by quantities times prices, else log cost by logarithmic means
    of shares times log prices (Sato 1976, Vartia 1976).
    """
    n, goods = len(of.sectors), len(before)
    cost_before, cost_after = of.spending(before)[0], of.spending(after)[0]
    parts = np.zeros((n, goods))
    moved = np.log(after / before)[of.bought]
    bent = log_mean(cost_before, cost_after)[of.buyer] * cost_weights(of, before, after) * moved
    straight = of.network.forest.leaf_quantity[of.inputs] * (after - before)[of.bought]
    amounts = np.where(of.fixed[of.buyer], straight, bent)
    np.add.at(parts, (of.buyer, of.bought), amounts)
    np.subtract.at(parts, (of.seller, of.sold), of.amount * (after - before)[of.sold])
    net_before = cost_before - np.bincount(of.seller, of.amount * before[of.sold], n)
    net_after = cost_after - np.bincount(of.seller, of.amount * after[of.sold], n)
    spent = log_mean(net_before, factor * net_after) / of.made
    through, own = np.zeros((goods, goods)), np.zeros(goods)
    through[of.product] = parts * (spent / log_mean(net_before, net_after))[:, None]
    own[of.product] = spent * np.log(factor)
    return through, own


def cost_weights(of: System, before: Floats, after: Floats) -> Floats:
    """w, one an input: log(cost after / before) = sum of w * log(price after / before) in each sector."""
    forest = of.network.forest
    shares = []
    for leaf, node in (of.logs(before), of.logs(after)):
        up = np.maximum(forest.parent, 0)
        own = forest.leaf_share * np.exp(forest.exponent[forest.leaf_node] * (leaf - node[forest.leaf_node]))
        shares.append((own, forest.share * np.exp(forest.exponent[up] * (node - node[up]))))
    leaves, nodes = (log_mean(old, new) for old, new in zip(*shares, strict=True))
    inner = forest.parent >= 0
    total = np.bincount(forest.leaf_node, leaves, forest.nodes)
    total += np.bincount(forest.parent[inner], nodes[inner], forest.nodes)
    path = np.ones(forest.nodes)
    for level in range(1, forest.depth):
        part = slice(forest.level_ptr[level], forest.level_ptr[level + 1])
        up = forest.parent[part]
        path[part] = path[up] * nodes[part] / total[up]
    weights = leaves * (path / np.where(total > 0, total, 1.0))[forest.leaf_node]
    return np.asarray(weights[of.inputs])


def log_mean(a: Floats, b: Floats) -> Floats:
    """(b - a) / log(b / a), element by element; a where they are equal (Carlson 1972), 0 where a is 0."""
    ratio = np.log(np.divide(b, a, out=np.ones_like(a), where=a > 0))
    near = np.abs(ratio) < 1e-5
    series = a * (1 + ratio / 2 + ratio**2 / 6)
    return np.asarray(np.where(near, series, (b - a) / np.where(near, 1.0, ratio)))
