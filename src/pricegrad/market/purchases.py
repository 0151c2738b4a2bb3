"""What was bought on each link, in some rounds of a run, evenly spread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule, State
from pricegrad.network import Network

if TYPE_CHECKING:
    import pandas as pd

MOST = 256  # rounds kept
LINKS = 20_000  # networks of more links keep none


def keeps(network: Network) -> bool:
    """Whether a run on this network keeps what was bought."""
    return network.forest.leaves <= LINKS


@dataclass(eq=False)
class Purchases:
    """Rounds, links and amounts that were kept; only every `stride`-th round is, so that few are."""

    stride: int = 1
    rounds: list[int] = field(default_factory=list)
    links: list[list[tuple[str, str]]] = field(default_factory=list)
    amounts: list[Floats] = field(default_factory=list)
    rule: Rule | None = None

    def note(self, round_: int, rule: Rule, state: State, *, force: bool = False) -> None:
        """Keep a round if its turn has come; of too many, every other one goes."""
        if not keeps(rule.network) or not self.wants(round_, force=force):
            return
        with np.errstate(all="ignore"):
            amount = rule.purchases(state)
        if amount is not None:
            self.keep(round_, rule, amount, force=force)

    def wants(self, round_: int, *, force: bool = False) -> bool:
        """Whether the turn of a round has come."""
        return (force or round_ % self.stride == 0) and self.rounds[-1:] != [round_]

    def keep(self, round_: int, rule: Rule, amount: Floats, *, force: bool = False) -> None:
        """Keep what was bought on the links of `rule`."""
        self.links.append(self.links[-1] if rule is self.rule else rule.links())
        self.rule = rule
        self.rounds.append(round_)
        self.amounts.append(amount.copy())
        if len(self.rounds) > MOST and not force:
            self._thin()

    def _thin(self) -> None:
        self.stride *= 2
        kept = [k for k, round_ in enumerate(self.rounds) if round_ % self.stride == 0]
        self.rounds = [self.rounds[k] for k in kept]
        self.links = [self.links[k] for k in kept]
        self.amounts = [self.amounts[k] for k in kept]

    def frame(self) -> pd.DataFrame:
        """Amounts, round by (buyer, good); 0 where a link is not there before or after a shock."""
        import pandas as pd

        pairs = list(dict.fromkeys(pair for links in self.distinct() for pair in links))
        place = {pair: k for k, pair in enumerate(pairs)}
        table = np.zeros((len(self.rounds), len(pairs)))
        for row, links, amount in zip(table, self.links, self.amounts, strict=True):
            np.add.at(row, [place[pair] for pair in links], amount)
        columns = pd.MultiIndex.from_tuples(pairs, names=["buyer", "good"]) if pairs else None
        return pd.DataFrame(table, index=pd.Index(self.rounds, name="round"), columns=columns)

    def distinct(self) -> list[list[tuple[str, str]]]:
        """The lists of links, each once: there is one more after every shock."""
        return list({id(links): links for links in self.links}.values())
