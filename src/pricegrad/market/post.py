"""The post: what agents see of each other when messages take their time and some agents sleep."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from pricegrad.market.chance import acts, ages
from pricegrad.market.rows import Floats
from pricegrad.market.rule import Rule, Seen, State


class Post:
    """Keeps the last `delay` + 1 rounds of prices and messages, and hands each link one of them."""

    def __init__(self, rule: Rule, seed: int, delay: int, active: float) -> None:
        self.rule, self.seed, self.delay, self.active = rule, seed, delay, active
        self.sent: deque[State] = deque(maxlen=delay + 1)

    def send(self, state: State) -> None:
        """Post the prices and messages of a state."""
        self.sent.appendleft({name: state[name] for name in ("price", *self.rule.messages)})

    def seen(self, round_: int) -> Seen:
        """What arrives in a round: all that was sent last round, or by link something up to `delay` older."""
        newest = self.sent[0]
        messages = {name: newest[name] for name in self.rule.messages}
        awake = self._awake(round_) if self.rule.self_paced else None
        if self.rule.by_agent and self.delay:
            age = self._ages(round_, "price", self.rule.agents())
            return Seen(np.log(newest["price"]), messages, awake, tuple(self.sent), age)
        if self.delay == 0:
            return Seen(np.log(newest["price"]), messages, awake)
        good = self.rule.link_good
        age = self._ages(round_, "price", len(good))
        price = np.stack([sent["price"] for sent in self.sent])[age, good]
        for name in self.rule.messages:
            age = self._ages(round_, "message", len(newest[name]))
            messages[name] = np.stack([sent[name] for sent in self.sent])[age, np.arange(len(age))]
        return Seen(np.log(price)[None, :], messages, awake)

    def _ages(self, round_: int, stream: str, links: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        drawn = ages(self.seed, round_, stream, self.delay, links)
        return np.minimum(drawn, len(self.sent) - 1)

    def awake(self, round_: int, state: State, proposed: State) -> State:
        """The next state: the proposals of those who act, the old state of those who sleep."""
        act = self._awake(round_)
        if act is None or self.rule.self_paced:
            return proposed
        act = np.append(act, True)  # owner -1 never sleeps
        owners = self.rule.owners()
        return {name: np.where(act[owners[name]], proposed[name], state[name]) for name in state}

    def _awake(self, round_: int) -> NDArray[np.bool_] | None:
        if self.active >= 1:
            return None
        return acts(self.seed, round_, self.active, self.rule.agents())

    @property
    def patience(self) -> int:
        """Rounds of quiet after which nobody has news to come: every message read, nearly everyone awake."""
        if self.active >= 1 and self.delay == 0:
            return 1
        nights = 1 if self.active >= 1 else int(np.ceil(np.log(1e-4) / np.log1p(-self.active)))
        return self.delay + 1 + nights


def pack(post: Post) -> dict[str, Floats]:
    """The messages under way as named arrays."""
    return {
        f"sent.{age}.{name}": values for age, sent in enumerate(post.sent) for name, values in sent.items()
    }


def unpack(post: Post, arrays: dict[str, Floats]) -> None:
    """Put the messages of `pack` back under way."""
    post.sent.clear()
    for age in range(post.delay + 1):
        prefix = f"sent.{age}."
        sent = {key[len(prefix) :]: values for key, values in arrays.items() if key.startswith(prefix)}
        if sent:
            post.sent.append(sent)
