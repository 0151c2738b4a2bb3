"""What a rule is: everyone's next state from what each sees.

A state is a dictionary of arrays. Each component is owned by agents or goods, which alone change it;
components named in `messages` travel along links and may arrive late. A rule must not read anything
else of others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pricegrad.errors import ModelError
from pricegrad.market.rows import Floats
from pricegrad.market.settings import option
from pricegrad.network import Network

State = dict[str, Floats]
_BLOCK = 16_384


@dataclass(frozen=True)
class Seen:
    """What agents see of each other: posted log prices by good (goods,), or by link (1, links) where news is
    of different age; messages by link; who is awake. Under rules with news by agent: the states posted, the
    newest first, and the age of each agent's news."""

    log_price: Floats
    messages: Mapping[str, Floats]
    awake: NDArray[np.bool_] | None = None
    past: tuple[State, ...] = ()
    age: NDArray[np.int64] | None = None


class Rule(ABC):
    """A rule on one network; `reads` says in words what an agent must know."""

    name: ClassVar[str]
    reads: ClassVar[str]
    messages: ClassVar[tuple[str, ...]] = ()
    by_agent: ClassVar[bool] = False  # whether all news of an agent are of one age, or each link's of its own
    self_paced: ClassVar[bool] = False  # whether the rule itself sees to those who sleep
    trades: ClassVar[bool] = False  # whether goods change hands in every round, or orders are plans
    not_local: ClassVar[tuple[str, ...]] = ()

    def __init__(self, network: Network, **options: Any) -> None:
        reasons = self.lacks(network)
        if reasons:
            raise ModelError(f'the rule "{self.name}" cannot run this economy: {reasons[0]}')
        self.network = network
        known = self.options()
        for name in options:
            if name not in known:
                raise ModelError(
                    f'the rule "{self.name}" has no option {name!r}; it has: {", ".join(known) or "none"}'
                )
        checked = {name: option(self.name, name, value, known[name]) for name, value in options.items()}
        self.option = {**known, **checked}

    @classmethod
    def options(cls) -> dict[str, Any]:
        """Options of the rule and their defaults."""
        return {}

    @classmethod
    @abstractmethod
    def lacks(cls, network: Network) -> list[str]:
        """Why the rule cannot run a network, in words that name the agent; empty where it can."""

    @classmethod
    def suits(cls, network: Network) -> str:
        """Why the rule, which could run the network, is not the one to take unasked; empty where it is."""
        return ""

    @abstractmethod
    def start(self, price: Floats) -> State:
        """A state at posted prices `price` (goods,)."""

    @abstractmethod
    def propose(self, state: State, seen: Seen) -> State:
        """Everyone's next state, if everyone acts."""

    @abstractmethod
    def quantities(self, state: State) -> Floats:
        """Amount of each good traded in a state (goods,)."""

    @abstractmethod
    def owners(self) -> dict[str, NDArray[np.int64]]:
        """For each component, the agent that owns each entry; -1 for what happens by itself."""

    @abstractmethod
    def labels(self) -> dict[str, list[Hashable]]:
        """For each component, a name of each entry that means the same after a shock."""

    @property
    @abstractmethod
    def link_good(self) -> NDArray[np.int64]:
        """The good traded on each link that carries messages."""

    def agents(self) -> int:
        """Number of agents that may sleep."""
        return 1 + max((int(owner.max(initial=-1)) for owner in self.owners().values()), default=-1)

    def diagnose(self, state: State) -> dict[str, float]:
        """What is known of the rule's speed at a state, by name."""
        return {}

    def gap(self, state: State, following: State) -> float:
        """How far a round moved the state: worst relative change of a price or of a good's quantity."""
        return max(
            self.moved(state["price"], following["price"]),
            self.moved(self.quantities(state), self.quantities(following)),
        )

    def moved(self, before: Floats, after: Floats) -> float:
        """The largest change relative to the larger value (or a billionth of the largest of all)."""
        least, worst = max(1e-9 * self.largest(before, after), 1e-300), 0.0
        for a in range(0, len(before), _BLOCK):
            one, other = before[a : a + _BLOCK], after[a : a + _BLOCK]
            size = np.maximum(np.abs(one), np.abs(other))
            change = float(np.max(np.abs(other - one) / np.maximum(size, least)))
            worst = max(worst, change) if np.isfinite(change) else np.inf
        return worst

    def largest(self, *values: Floats) -> float:
        """The largest absolute entry of arrays of all agents or goods; 0 of none."""
        return max(float(np.abs(each).max(initial=0.0)) for each in values)

    def whole(self, name: str, values: Floats) -> float:
        """The sum of an array that has an entry for each of the component `name`."""
        return float(values.sum())

    def shelves(self, state: State, following: State) -> tuple[Floats, Floats] | None:
        """Stock, and what was ordered and not delivered in the round, by good; None without stocks."""
        return None

    def links(self) -> list[tuple[str, str]]:
        """Buyer ("outside" for outside markets) and good of each entry of `purchases`."""
        return []

    def purchases(self, state: State) -> Floats | None:
        """Amount bought on each of the `links`; None where the rule does not say."""
        return None

    def violation(self, state: State, following: State) -> float:
        """Worst relative violation of conservation of goods and money in a round; nan without accounts."""
        return float("nan")
