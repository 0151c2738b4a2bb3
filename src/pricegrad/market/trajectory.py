"""What a run of a market leaves: prices and quantities by round, and what can be read off them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from pricegrad.doors import Reported
from pricegrad.errors import ModelError, NotSolved
from pricegrad.market.descent import descent
from pricegrad.market.log import Log
from pricegrad.market.reading import first_moves, half_lives, overshoot
from pricegrad.market.rows import Floats

if TYPE_CHECKING:
    import pandas as pd

    from pricegrad.market.market import Market

_FORMAT = 1


@dataclass(frozen=True, eq=False)
class Saved:
    """A state to go on from: who played, which round, and every array, messages under way included."""

    rule: str
    seed: int
    round: int
    arrays: dict[str, Floats]

    def save(self, path: str | PathLike[str]) -> None:
        """Write to `path` (.npz) at once or not at all."""
        head = json.dumps({"format": _FORMAT, "rule": self.rule, "seed": self.seed, "round": self.round})
        target = Path(path)
        part = target.with_name(target.name + ".part")
        named: dict[str, Any] = {"head": np.array(head), **self.arrays}
        try:
            with part.open("wb") as file:
                np.savez(file, **named)
            os.replace(part, target)
        except OSError as error:
            raise ModelError(f"{path} cannot be written: {error.strerror}") from None

    @classmethod
    def load(cls, path: str | Path) -> Saved:
        """Read what `save` wrote. Raises `ModelError` when it is not that."""
        try:
            with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                head = json.loads(str(file["head"]))
                arrays = {name: file[name] for name in file.files if name != "head"}
            missing = {"format", "rule", "seed", "round"} - head.keys()
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, BadZipFile) as error:
            raise ModelError(f"{path} is no saved market: {error}") from None
        if missing:
            raise ModelError(f"{path} is no saved market: it does not say its {sorted(missing)[0]}")
        if head["format"] != _FORMAT:
            raise ModelError(f"{path} was saved in format {head['format']}; this version reads {_FORMAT}")
        return cls(head["rule"], head["seed"], head["round"], arrays)

    def fits(self, rule: str, seed: int, like: dict[str, Floats]) -> None:
        """Raise `ModelError` unless it continues a run of this rule, seed and shape of state."""
        if (self.rule, self.seed) != (rule, seed):
            raise ModelError(
                f'the saved run is by "{self.rule}" with seed {self.seed}, '
                f'this market by "{rule}" with seed {seed}'
            )
        for name, values in like.items():
            if name not in self.arrays or self.arrays[name].shape != values.shape:
                raise ModelError(f"the saved run is of another economy: its {name!r} does not fit")


@dataclass(frozen=True, eq=False)
class Trajectory(Reported):
    """Prices and quantities by round, of the `goods` that were kept (empty: all of a very large economy).

    `gaps`: by round, the worst relative move of a price or a quantity.
    """

    goods: tuple[str, ...]
    log: Log
    saved: Saved
    converged: bool
    rule: str
    why: str
    reads: str
    not_local: tuple[str, ...]
    numeraire: int
    market: Market

    @classmethod
    def of(cls, market: Market, log: Log, saved: Saved, *, converged: bool) -> Trajectory:
        """The trajectory of a market that just ran."""
        numeraire = market.numeraire
        if numeraire >= 0:
            numeraire = log.goods.index(market.network.goods[numeraire])
        names = log.goods if len(log.goods) <= 200_000 else ()
        return cls(
            names,
            log,
            saved,
            converged,
            market.rule.name,
            market.why,
            market.rule.reads,
            (*market.rule.not_local, *(("Anderson mixing",) if market.accelerate else ())),
            numeraire,
            market,
        )

    @property
    def rounds(self) -> int:
        """Rounds played."""
        return len(self.log.gaps)

    @property
    def every(self) -> int:
        """A frame of prices and quantities was kept every so many rounds, and of the first and the last."""
        return self.log.every

    @property
    def gaps(self) -> Floats:
        """Worst relative move of a price or a quantity, by round."""
        return np.array(self.log.gaps)

    @property
    def prices(self) -> pd.DataFrame:
        """Posted prices, round by good, in units of the numeraire."""
        price = self.log.table(self.log.price)
        if self.numeraire >= 0:
            price = price / price[:, [self.numeraire]]
        return self._frame(price)

    @property
    def quantities(self) -> pd.DataFrame:
        """Amount of each good traded, round by good."""
        return self._frame(self.log.table(self.log.quantity))

    @property
    def stocks(self) -> pd.DataFrame:
        """Stock of each good, round by good; no rows under a rule without stocks."""
        return self._frame(self.log.table(self.log.stock))

    @property
    def shortages(self) -> pd.DataFrame:
        """What was ordered of each good and not delivered, round by good; no rows without stocks."""
        return self._frame(self.log.table(self.log.short))

    @property
    def purchases(self) -> pd.DataFrame:
        """What each buyer bought of each good, round by (buyer, good); of a long run, some hundred rounds.

        Under rules that make plans before they trade, what each wants to buy. No rows for networks of more
        than 20,000 links.
        """
        return self.log.bought.frame()

    def _frame(self, values: Floats) -> pd.DataFrame:
        import pandas as pd

        columns: Any = self.goods or None
        rounds = pd.Index(self.log.rounds if len(values) else [], name="round")
        if not len(values):  # without rows, pandas would make the columns one by one
            values = np.empty((0, len(self.goods)))
        return pd.DataFrame(values, index=rounds, columns=columns)

    @property
    def conservation(self) -> float:
        """Worst relative violation of conservation of goods and money in any round; nan without accounts."""
        kept = [v for v in self.log.violations if not np.isnan(v)]
        return max(kept) if kept else float("nan")

    @cached_property
    def equilibrium(self) -> pd.Series:
        """The prices at which the economy at hand would rest, solved centrally. Raises `NotSolved`."""
        return self.market.equilibrium()

    @cached_property
    def downhill(self) -> pd.DataFrame:
        """By round: `cosine` between the market's move and the true gradient, and how far it is from rest.

        The height is what the economy makes (the utility of its one household, or the worth of what it sells
        at given prices) as a function of who gets how much of each good; the gradient is computed centrally,
        by backprop (`pricegrad.market.welfare`). Where there is no such height (several households, taxes,
        fixed proportions, ...: `.attrs["why"]`), it is minus half the squared distance to the equilibrium in
        log prices; the cosine with that way is `toward` in any case. `distance`: worst relative price error;
        `excess`: worst relative excess demand; `gap`: the last move. Raises `NotSolved` where there is no
        equilibrium.
        """
        prices = self.prices
        target = self.equilibrium.reindex(prices.columns).to_numpy(dtype=float)
        if self.numeraire >= 0:
            target = target / target[self.numeraire]
        return descent(
            self.market.rule, self.log.bought, prices.to_numpy(), target, self.log.rounds, self.gaps
        )

    @property
    def distance(self) -> float:
        """Worst relative error of a last price against the equilibrium. Raises `NotSolved`."""
        return float(self.downhill["distance"].iloc[-1])

    @property
    def downhill_share(self) -> float:
        """Share of the rounds that moved at all in which the move went downhill (positive cosine)."""
        cosine = self.downhill["cosine"].dropna()
        return float((cosine > 0).mean()) if len(cosine) else float("nan")

    def half_lives(self, since: int = 0) -> pd.Series:
        """Rounds after `since` (a shock, say) until each price's distance to its end was halved for good."""
        return half_lives(self.prices, since)

    def overshoot(self, since: int = 0) -> pd.Series:
        """How far each price went beyond its end, over the way it had to go from round `since`."""
        return overshoot(self.prices, since)

    def first_moves(self, since: int = 0, threshold: float = 1e-6) -> pd.DataFrame:
        """Rounds after `since` in which each price and quantity first moved by `threshold`, relative."""
        import pandas as pd

        return pd.DataFrame(
            {
                "price": first_moves(self.prices, since, threshold),
                "quantity": first_moves(self.quantities, since, threshold),
            }
        )

    def diagnostics(self) -> dict[str, float]:
        """What theory says of the last state: predicted rates, distance to the Hawkins-Simon point."""
        state = {k: v for k, v in self.saved.arrays.items() if not k.startswith("sent.")}
        return self.market.rule.diagnose(state)

    def plot(self, path: str | PathLike[str] | None = None) -> Any:
        """A figure of prices and of the way downhill, saved to `path` (.png, .svg, .pdf) when given."""
        from pricegrad.market.plots import run

        return run(self, path)

    def plot_downhill(self, path: str | PathLike[str] | None = None) -> Any:
        """A figure of `downhill` alone: distance and cosine by round. Raises `NotSolved`."""
        from pricegrad.market.plots import downhill

        return downhill(self, path)

    def plot_phase(
        self, x: str | None = None, y: str | None = None, path: str | PathLike[str] | None = None
    ) -> Any:
        """A phase diagram: the prices of two goods (None: that moved most) against each other by round."""
        from pricegrad.market.plots import phase

        return phase(self, x, y, path)

    def summary(self) -> str:
        """The run in a few lines: how it ended, by which rule and why, and the last prices."""
        told = self.as_dict()
        lines = [repr(self), f"  rule: {self.rule} ({self.why})", f"  agents read: {self.reads}"]
        for key, words in (
            ("distance", "worst price error against the equilibrium"),
            ("downhill", "share of rounds downhill"),
            ("conservation", "worst violation of conservation"),
        ):
            if not np.isnan(told[key]):
                lines.append(f"  {words}: {told[key]:.3g}")
        width = max(map(len, told["prices"]), default=4)
        lines.append(f"  {'good':<{width}}  {'price':>12}  {'quantity':>12}")
        for good, price in told["prices"].items():
            lines.append(f"  {good:<{width}}  {price:>12.6g}  {told['quantities'][good]:>12.6g}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """The run as plain numbers, for JSON; what is not known is nan."""
        gone = [good for good in self.goods if good not in self.market.network.good_index]
        try:
            distance, share = self.distance, self.downhill_share
        except NotSolved:
            distance = share = float("nan")
        return {
            "prices": self.prices.iloc[-1].drop(gone).to_dict(),
            "quantities": self.quantities.iloc[-1].drop(gone).to_dict(),
            "converged": self.converged,
            "rounds": self.rounds,
            "distance": distance,
            "downhill": share,
            "conservation": self.conservation,
            "rule": self.rule,
            "why": self.why,
            "reads": self.reads,
            "not_local": list(self.not_local),
        }

    def save(self, path: str | PathLike[str]) -> None:
        """Save the run by what the ending of `path` says: as .json what it found, which `pg.load` reads and
        `report` draws; else (.npz) the last state, from which `Market.run(resume=path)` goes on."""
        if Path(path).suffix.lower() == ".json":
            super().save(path)
        else:
            self.saved.save(path)

    def __repr__(self) -> str:
        how = "settled" if self.converged else "not settled"
        last = f"{self.log.gaps[-1]:.1e}" if self.log.gaps else "nothing"
        aside = f"; not local: {', '.join(self.not_local)}" if self.not_local else ""
        if self.every > 1:
            aside += f"; a frame every {self.every} rounds"
        return f"Trajectory by {self.rule}: {how} after {self.rounds} rounds (last move {last}){aside}"
