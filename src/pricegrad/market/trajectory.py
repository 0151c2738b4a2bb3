"""What a run of a market leaves: prices and quantities by round, and what can be read off them."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from pricegrad.doors import Reported
from pricegrad.errors import ModelError
from pricegrad.market.rows import Floats

if TYPE_CHECKING:
    import pandas as pd

    from pricegrad.market.market import Market

_FORMAT = 1


@dataclass(eq=False)
class Log:
    """Rounds as they happen; frames are kept every `every` rounds."""

    every: int = 1
    rounds: list[int] = field(default_factory=list)
    price: list[Floats] = field(default_factory=list)
    quantity: list[Floats] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    violations: list[float] = field(default_factory=list)

    def note(self, round_: int, price: Floats, quantity: Floats, *, force: bool = False) -> None:
        """Keep a frame if its turn has come."""
        if (force or round_ % self.every == 0) and (not self.rounds or self.rounds[-1] != round_):
            self.rounds.append(round_)
            self.price.append(price.copy())
            self.quantity.append(quantity)

    def gap(self, gap: float, violation: float) -> None:
        """Note how far a round moved the state, and what it lost."""
        self.gaps.append(gap)
        self.violations.append(violation)


@dataclass(frozen=True, eq=False)
class Saved:
    """A state to go on from: who played, which round, and every array, messages under way included."""

    rule: str
    seed: int
    round: int
    arrays: dict[str, Floats]

    def save(self, path: str | Path) -> None:
        """Write to `path` (.npz) at once or not at all."""
        head = json.dumps({"format": _FORMAT, "rule": self.rule, "seed": self.seed, "round": self.round})
        target = Path(path)
        part = target.with_name(target.name + ".part")
        named: dict[str, Any] = {"head": np.array(head), **self.arrays}
        with part.open("wb") as file:
            np.savez(file, **named)
        os.replace(part, target)

    @classmethod
    def load(cls, path: str | Path) -> Saved:
        """Read what `save` wrote. Raises `ModelError` when it is not that."""
        try:
            with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
                head = json.loads(str(file["head"]))
                arrays = {name: file[name] for name in file.files if name != "head"}
        except (OSError, ValueError, KeyError, BadZipFile) as error:
            raise ModelError(f"{path} is no saved market: {error}") from None
        if head.get("format") != _FORMAT:
            raise ModelError(f"{path} was saved in format {head.get('format')}; this version reads {_FORMAT}")
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
    """Prices and quantities by round. `gaps`: by round, the worst relative move of a price or a quantity."""

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
        return cls(
            tuple(market.network.goods) if len(market.network.goods) <= 200_000 else (),
            log,
            saved,
            converged,
            market.rule.name,
            market.why,
            market.rule.reads,
            market.rule.not_local,
            market.numeraire,
            market,
        )

    @property
    def rounds(self) -> int:
        """Rounds played."""
        return len(self.log.gaps)

    @property
    def gaps(self) -> Floats:
        """Worst relative move of a price or a quantity, by round."""
        return np.array(self.log.gaps)

    @property
    def prices(self) -> pd.DataFrame:
        """Posted prices, round by good, in units of the numeraire."""
        price = np.array(self.log.price)
        if self.numeraire >= 0:
            price = price / price[:, [self.numeraire]]
        return self._frame(price)

    @property
    def quantities(self) -> pd.DataFrame:
        """Amount of each good traded, round by good."""
        return self._frame(np.array(self.log.quantity))

    def _frame(self, values: Floats) -> pd.DataFrame:
        import pandas as pd

        columns: Any = self.goods or None
        return pd.DataFrame(values, index=pd.Index(self.log.rounds, name="round"), columns=columns)

    @property
    def conservation(self) -> float:
        """Worst relative violation of conservation of goods and money in any round; nan without accounts."""
        kept = [v for v in self.log.violations if not np.isnan(v)]
        return max(kept) if kept else float("nan")

    def save(self, path: str | Path) -> None:
        """Save the last state; `Market.run(resume=path)` goes on from it."""
        self.saved.save(path)

    def __repr__(self) -> str:
        how = "settled" if self.converged else "not settled"
        last = f"{self.log.gaps[-1]:.1e}" if self.log.gaps else "nothing"
        aside = f"; not local: {', '.join(self.not_local)}" if self.not_local else ""
        return f"Trajectory by {self.rule}: {how} after {self.rounds} rounds (last move {last}){aside}"
