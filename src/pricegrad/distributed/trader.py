"""How a party acts in one round, on its own messages alone.

A firm computes what its deliveries make, and what one unit more of each input is worth to it: the price of
its own product (the money bid for it over what it made; Lindahl's sum of bids for a non-rival good) times
the derivative of its own function. It moves each order along its own profit gradient in logs,

    order_i = x_i (worth_i / price_i) ** step_i,     step_i = step / max(1, own elasticity of worth_i),

(exponentiated gradient, Kivinen and Warmuth 1997), and sellers split what they made pro rata to the orders:
at step 1 this is proportional response (Zhang 2011; Birnbaum, Devanur, Xiao 2011). Money is conserved:
what customers bid is what inputs and profit are paid from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pricegrad.distributed.message import LARGEST, Kind
from pricegrad.distributed.producer import Producer
from pricegrad.distributed.terms import Plan, Terms
from pricegrad.errors import ModelError

Letters = Mapping[int, tuple[float, float]]  # by link: (x, y) of the DELIVERY or BID received last
Post = list[tuple[Kind, int, float, float]]  # kind, link, x, y
Memory = dict[str, float]

_CLIP = math.log(1e6)  # no order moves by more than this factor in a round
_FLOOR = 1e-30
_PROBE = 1e-3


class Trader(Protocol):
    """A party: acts once a round on the letters of the round before. `memory` is all it remembers."""

    memory: Memory

    def act(self, letters: Letters) -> tuple[Post, float]:
        """Its letters, one a link, and the largest relative change or unused gain it sees."""


@dataclass
class Seller:
    """Splits an amount among the links of one good and posts the price its buyers' bids come to."""

    links: tuple[int, ...]
    rival: bool = True
    memory: Memory = field(default_factory=dict)

    def price(self, made: float, letters: Letters) -> float:
        """The money bid over the amount made; the sum of what a unit is worth to each if non-rival.

        A bid answers the delivery of two rounds ago, so it is weighed by that.
        """
        bids = [(link, letters[link][1]) for link in self.links if link in letters]
        if not bids:
            return 1.0
        if not self.rival:
            return math.fsum(worth for _, worth in bids)
        even = made / len(self.links)
        money = math.fsum(abs(self.memory.get(f"before{link}", even)) * worth for link, worth in bids)
        if made == 0 or money == 0:
            return math.fsum(worth for _, worth in bids) / len(bids)
        return money / abs(made)

    def share(self, made: float, letters: Letters) -> dict[int, float]:
        """What each link gets of `made`."""
        if not self.rival or len(self.links) == 1:
            return dict.fromkeys(self.links, made)
        orders = {link: letters.get(link, (1.0, 0.0))[0] for link in self.links}
        total = math.fsum(orders.values())
        return {link: made * order / total for link, order in orders.items()}

    def post(self, made: float, price: float, letters: Letters) -> tuple[Post, float]:
        """Deliveries, and how far they and the price moved since the last round."""
        shares, memory = self.share(made, letters), self.memory
        moved = _moved(memory.get("price"), price, price)
        for link, x in shares.items():
            moved = max(moved, _moved(memory.get(f"last{link}"), x, made))
            if f"last{link}" in memory:
                memory[f"before{link}"] = memory[f"last{link}"]
            memory[f"last{link}"] = x
        memory["price"] = price
        return [(Kind.DELIVERY, link, x, price) for link, x in shares.items()], moved


class FirmTrader:
    """A firm: `producer` is its own business, everything else in here is messages."""

    def __init__(self, terms: Terms, producer: Producer, *, step: float = 1.0) -> None:
        self.terms, self.producer, self.step = terms, producer, step
        self.memory: Memory = {}
        self.seller = Seller(terms.sells, terms.rival, self.memory)

    def act(self, letters: Letters) -> tuple[Post, float]:
        """See `Trader.act`. Inputs nobody has delivered yet count as one unit."""
        got = {link: letters.get(link, (1.0, 0.0)) for link, _ in self.terms.buys}
        inputs = dict.fromkeys((good for _, good in self.terms.buys), 0.0)
        for link, good in self.terms.buys:
            inputs[good] += got[link][0]
        made, marginal = self.producer.make(inputs)
        price = self.seller.price(made, letters)
        post, residual = self.seller.post(made, price, letters)
        turnover = math.fsum([abs(price * made), *(abs(x * asked) for x, asked in got.values())]) or 1.0
        for link, good in self.terms.buys:
            x, asked = got[link]
            worth = max(price * marginal[good], 0.0)
            step = self.step / max(1.0, self._elasticity(inputs, marginal, good))
            order = _order(x, worth, asked, step) if link in letters else x
            post.append((Kind.BID, link, order, worth))
            residual = max(residual, abs(worth - asked) * abs(x) / turnover)
        return post, residual

    def _elasticity(self, inputs: dict[str, float], marginal: Mapping[str, float], good: str) -> float:
        """By how many per cent the marginal product of `good` falls with one per cent more of it."""
        sellers = sum(other == good for _, other in self.terms.buys)
        if len(self.terms.buys) == sellers == 1:
            return 1.0  # nothing to substitute, and the seller's split decides
        _, more = self.producer.make(inputs | {good: inputs[good] * math.exp(_PROBE)})
        if not (more[good] > 0 and marginal[good] > 0):
            return 1.0
        return (math.log(marginal[good]) - math.log(more[good])) / _PROBE


class SupplyTrader:
    """Supply from outside: a fixed `quantity` at whatever price it fetches, or any quantity at `price`."""

    def __init__(self, terms: Terms, *, quantity: float | None = None, price: float | None = None) -> None:
        self.quantity, self.fixed = quantity, price
        self.memory: Memory = {}
        self.seller = Seller(terms.sells, terms.rival, self.memory)

    def act(self, letters: Letters) -> tuple[Post, float]:
        """See `Trader.act`."""
        if self.quantity is not None:
            return self.seller.post(self.quantity, self.seller.price(self.quantity, letters), letters)
        assert self.fixed is not None
        ordered = math.fsum(letters.get(link, (1.0, 0.0))[0] for link in self.seller.links)
        return self.seller.post(ordered, self.fixed, letters)


class DemandTrader:
    """Demand from outside: any net quantity at `price`."""

    def __init__(self, terms: Terms, *, price: float) -> None:
        self.terms, self.price = terms, price
        self.memory: Memory = {}

    def act(self, letters: Letters) -> tuple[Post, float]:
        """See `Trader.act`."""
        post: Post = []
        residual, turnover = 0.0, math.fsum(abs(x * asked) for x, asked in letters.values()) or 1.0
        for link, _ in self.terms.buys:
            x, asked = letters.get(link, (1.0, self.price))
            post.append((Kind.BID, link, _order(x, self.price, asked, 1.0), self.price))
            residual = max(residual, abs(self.price - asked) * abs(x) / turnover)
        return post, residual


def open_outside(
    plan: Plan, supply: Mapping[str, float], imports: Mapping[str, float], demand: Mapping[str, float]
) -> dict[int, Trader]:
    """The traders of the outside markets, by number of party."""
    number = {party.name: i for i, party in enumerate(plan.parties, 1)}
    traders: dict[int, Trader] = {}
    for good, quantity in supply.items():
        i = number[f"supply of {good}"]
        traders[i] = SupplyTrader(plan.terms(i), quantity=_amount(quantity, f"supply of {good!r}"))
    for good, price in imports.items():
        i = number[f"supply of {good}"]
        traders[i] = SupplyTrader(plan.terms(i), price=_amount(price, f"price of imported {good!r}"))
    for good, price in demand.items():
        i = number[f"demand for {good}"]
        traders[i] = DemandTrader(plan.terms(i), price=_amount(price, f"price paid for {good!r}"))
    return traders


def _amount(value: float, what: str) -> float:
    if not (isinstance(value, (int, float)) and 0 <= value <= LARGEST):
        raise ModelError(f"the {what} is {value!r}; it must be a number from 0 to {LARGEST:g}")
    return float(value)


def _order(got: float, worth: float, asked: float, step: float) -> float:
    """The amount to order next of what came as `got` at the price `asked`, when one more is worth `worth`."""
    if worth == asked:
        gain = 0.0
    elif asked <= 0 or worth <= 0:
        gain = _CLIP if worth > asked else -_CLIP
    else:
        gain = min(max(math.log(worth) - math.log(asked), -_CLIP), _CLIP)
    return max(abs(got) * math.exp(step * gain), _FLOOR)


def _moved(before: float | None, now: float, scale: float) -> float:
    return 1.0 if before is None else abs(now - before) / (abs(scale) or 1.0)
