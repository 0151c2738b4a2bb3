"""What a change of costs does to all prices, and through which suppliers it came."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model import Model
from pricegrad.pricing.costpush import System, factors, solve, system
from pricegrad.pricing.unit_cost import log_mean

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

LONGEST = 100_000  # steps of the search for paths

Source = int | str  # the place of a good bought, or the costs of a firm by name


@dataclass(frozen=True)
class Path:
    """One way a price change came: `goods` from the source to the good asked for, and how much came this way."""

    goods: tuple[str, ...]
    change: float

    def __str__(self) -> str:
        return f"{' -> '.join(self.goods)}: {self.change:+.3%}"


@dataclass(frozen=True)
class PriceChange:
    """Prices before and after; every change in a price split exactly into what came through each supplier.

    `through[g, k]` is the change of the price of good g that came through its input k, `own[g]` through the
    cost of its maker itself; they sum to the change (logarithmic means of cost shares, Sato 1976, Vartia 1976:
    exact for fixed coefficients and CES). Goods in `passed_over` are links inside an industry, not suppliers.
    """

    goods: tuple[str, ...]
    before: pd.Series
    prices: pd.Series
    through: NDArray[np.float64]
    own: Vector
    makers: tuple[str, ...]
    passed_over: frozenset[str]
    notes: tuple[str, ...]

    @property
    def changes(self) -> pd.Series:
        """Relative change of every price: 0.1 is 10 per cent more."""
        return (self.prices / self.before - 1.0).rename("change")

    def movers(self, top: int = 10) -> pd.Series:
        """The largest relative changes, largest first, without the goods inside an industry."""
        shown = self.changes.drop(labels=list(self.passed_over))
        return shown.reindex(shown.abs().sort_values(ascending=False, kind="stable").index)[:top]

    def suppliers(self, good: str, top: int | None = None) -> pd.Series:
        """The relative change of the price of `good` by direct supplier, largest first; sums to the change.

        A name is a good bought, or "costs of ..." for the firm whose own cost changed.
        """
        import pandas as pd

        place = self._place(good)
        change = float(self.prices[good] / self.before[good] - 1.0)
        parts = {self._name(source): part * change for source, part in self._sources(place).items()}
        found = pd.Series(parts, dtype=float, name=good)
        return found.reindex(found.abs().sort_values(ascending=False, kind="stable").index)[:top]

    def paths(self, good: str, top: int = 5) -> list[Path]:
        """The chains of suppliers that brought most of the change (structural path analysis; Defourny and
        Thorbecke 1984), largest first: each its goods in the order in which the change passed them."""
        found: list[Path] = []
        change = float(self.prices[good] / self.before[good] - 1.0) if good in self.goods else 0.0
        heap: list[tuple[float, tuple[Source, ...], float]] = [(-abs(change), (self._place(good),), change)]
        for _ in range(LONGEST):
            if not heap or len(found) == top:
                break
            _, way, carried = heapq.heappop(heap)
            sources = self._sources(way[-1]) if isinstance(way[-1], int) else {}
            if not isinstance(way[-1], int) or way[-1] >= len(self.own):
                found.append(Path(tuple(self._name(step) for step in reversed(way)), carried))
            for source, part in sources.items():
                heapq.heappush(heap, (-abs(carried * part), (*way, source), carried * part))
        return found

    def explain(self, good: str, top: int = 5) -> str:
        """Why the price of `good` moved: its suppliers' parts, then the largest chains."""
        change = float(self.changes.iloc[self._place(good)])
        lines = [f"{good}: price {self.before[good]:.6g} -> {self.prices[good]:.6g} ({change:+.3%})"]
        lines += [f"  {part:+.3%}  through {name}" for name, part in self.suppliers(good, top).items()]
        ways = self.paths(good, top)
        return "\n".join([*lines, *(["  the largest chains:"] if ways else []), *(f"    {way}" for way in ways)])

    def _place(self, good: str) -> int:
        if good not in self.goods:
            known = [name for name in self.goods if name not in self.passed_over]
            raise ModelError(f"no good is named {good!r}.{did_you_mean(good, known)}")
        return self.goods.index(good)

    def _name(self, source: Source) -> str:
        return self.goods[source] if isinstance(source, int) else source

    def _sources(self, place: int) -> dict[Source, float]:
        """Where the change of one price came from: its share by input, links inside an industry opened."""
        found: dict[Source, float] = {}
        open_links = [(place, 1.0)]
        while open_links:
            here, share = open_links.pop()
            if here >= len(self.own):
                continue
            row, own = self.through[here], float(self.own[here])
            moved = float(row.sum()) + own
            for k in row.nonzero()[0].tolist():
                part = share * float(row[k]) / moved
                if self.goods[k] in self.passed_over:
                    open_links.append((k, part))
                else:
                    found[k] = found.get(k, 0.0) + part
            if own:
                cost = f"costs of {self.makers[here]}"
                found[cost] = found.get(cost, 0.0) + share * own / moved
        return found


def shock(
    model: Model,
    costs: Mapping[str, float] | None = None,
    prices: Mapping[str, float] | None = None,
    passed_over: Collection[str] = (),
) -> PriceChange:
    """Prices when the cost of some firms, or the price of some primary inputs, rises (0.1: by 10 per cent)."""
    import pandas as pd

    of = system(model)
    n = len(of.firms)
    factor, given = factors(of, costs or {}), of.given.copy()
    for name, rise in (prices or {}).items():
        if name not in of.goods[n:]:
            made = " (it is made by a firm: change that firm's cost)" if name in of.goods[:n] else ""
            raise ModelError(f"no primary input is named {name!r}{made}.{did_you_mean(name, of.goods[n:])}")
        if not -1 < rise < float("inf"):
            raise ModelError(f"a change of the price of {name!r} by {rise!r} leaves no price; 0.1 means 10 per cent more")
        given[of.goods[n:].index(name)] *= 1 + rise
    before, after = solve(of, of.given, np.ones(n)), solve(of, given, factor)
    through, own = _through(of, before, after, factor)
    return PriceChange(
        of.goods,
        pd.Series(before, index=list(of.goods), name="before"),
        pd.Series(after, index=list(of.goods), name="price"),
        through,
        own,
        tuple(firm.name for firm in of.firms),
        frozenset(passed_over),
        tuple(model.notes),
    )


def _through(of: System, before: Vector, after: Vector, factor: Vector) -> tuple[NDArray[np.float64], Vector]:
    """The change of each made good's price by input, and by the rise of its maker's own cost."""
    n = len(of.firms)
    through, own = np.zeros((n, len(of.goods))), np.zeros(n)
    moved = np.log(after / before)
    for k, parts in enumerate(of.bundles):
        places = parts.places
        old, new = parts.cost(before), parts.cost(after)
        np.add.at(through[k], places, _log_mean(old, new) * parts.weights(before, after) * moved[places])
        for place, amount in of.byproducts[k]:
            old, new = old - amount * before[place], new - amount * after[place]
            through[k, place] -= amount * (after[place] - before[place])
        spent = _log_mean(old, factor[k] * new)
        through[k] *= spent / _log_mean(old, new) / of.made[k]
        own[k] = spent * np.log(factor[k]) / of.made[k]
    return through, own


def _log_mean(a: float, b: float) -> float:
    return float(log_mean(np.array([a]), np.array([b]))[0])
