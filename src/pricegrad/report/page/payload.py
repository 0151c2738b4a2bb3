"""What the page is fed: one JSON object, described here and nowhere else.

Every engine's result is turned into a `Payload`; the page's script reads nothing but its JSON. Long lists
are columns, so that thousands of links stay small. The `price` of a flow is what its agent pays or gets,
taxes included; a quantity below zero is one that a production function gave so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from pricegrad.report.page.short import shortened

FORMAT = "pricegrad-report/1"


@dataclass(frozen=True)
class Step:
    """One link of the explanation of a price: `text`, the `formula` with its numbers, the good it leads `to`.

    `code` is the line of emitted code behind it and `where` its file and line, where the firm is code.
    """

    text: str
    formula: str = ""
    to: str | None = None
    code: str = ""
    where: str = ""


@dataclass(frozen=True)
class Good:
    """A good: its price in the numeraire, the amount traded, and why the price is what it is."""

    name: str
    price: float | None = None
    quantity: float | None = None
    why: Sequence[Step] = ()


@dataclass(frozen=True)
class Agent:
    """A firm, household or outside market; `group` is the sector it is gathered under when there are many."""

    name: str
    kind: str  # "firm", "household", "outside" or "rest"
    group: str = ""
    activity: float | None = None
    revenue: float | None = None
    cost: float | None = None
    profit: float | None = None


@dataclass(frozen=True)
class Flows:
    """Who trades what: columns of equal length, `agent` and `good` numbering the lists of the payload.

    `sells` tells sellers from buyers (1 and 0 in JSON); `marginal` is what one more unit is worth to the
    agent, where that was computed.
    """

    agent: Sequence[int] = ()
    good: Sequence[int] = ()
    sells: Sequence[bool] = ()
    quantity: Sequence[float] = ()
    price: Sequence[float | None] = ()
    marginal: Sequence[float | None] = ()


@dataclass(frozen=True)
class Check:
    """One line of a certificate: the condition, its worst relative violation, and where that sits."""

    condition: str
    worst: float
    where: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class Certificate:
    """The verdict in words, its worst violation, each condition, and how all of it is known."""

    holds: bool
    verdict: str
    worst: float
    checks: Sequence[Check]
    how: str


@dataclass(frozen=True)
class Event:
    """A shock, and the round in which it struck."""

    round: int
    text: str


@dataclass(frozen=True)
class Path:
    """A market's run: one row a shown round, one column a shown good (`good` numbers the payload's goods).

    `bought`: what passed along some of the links, by round; `links` numbers them among the flows. The other
    links are taken to move with their good.
    """

    verdict: str
    rounds: Sequence[int]
    good: Sequence[int]
    prices: Sequence[Sequence[float | None]]
    quantities: Sequence[Sequence[float | None]] = ()
    stocks: Sequence[Sequence[float | None]] = ()
    shortages: Sequence[Sequence[float | None]] = ()
    cosine: Sequence[float | None] = ()
    distance: Sequence[float | None] = ()
    links: Sequence[int] = ()
    bought: Sequence[Sequence[float | None]] = ()
    events: Sequence[Event] = ()
    shown: str = ""


@dataclass(frozen=True)
class Mover:
    """One number in every scenario, in the order of the comparison's `scenarios`."""

    name: str
    what: str  # "price", "activity", "welfare", ...
    values: Sequence[float | None]


@dataclass(frozen=True)
class Bar:
    """One bar of a tornado chart."""

    name: str
    value: float


@dataclass(frozen=True)
class Comparison:
    """Scenarios side by side."""

    scenarios: Sequence[str]
    movers: Sequence[Mover]


@dataclass(frozen=True)
class Tornado:
    """What an outcome hangs on, or a parameter moves: the `title` asks, the `bars` answer."""

    title: str
    bars: Sequence[Bar]
    lead: str = ""


@dataclass(frozen=True)
class Payload:
    """Everything one page shows. `kind` says which question it answers, `unit` what a price of 1 means."""

    title: str
    kind: str  # "prices", "equilibrium", "trajectory", "comparison", "change", "sensitivities" or "trade"
    unit: str
    goods: Sequence[Good]
    agents: Sequence[Agent]
    flows: Flows
    certificate: Certificate | None = None
    path: Path | None = None
    comparison: Comparison | None = None
    tornados: Sequence[Tornado] = ()
    notes: Sequence[str] = field(default_factory=tuple)
    format: str = FORMAT

    def to_json(self) -> str:
        """The payload as JSON that may stand inside a script element; a number that is not finite is null."""
        said = _plain(self)
        said["flows"] = shortened(said["flows"], [good["price"] for good in said["goods"]])
        text = json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        for sign, escape in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
            text = text.replace(sign, escape)
        return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _plain(value: Any) -> Any:
    """Dataclasses, sequences and NumPy numbers as what `json` writes."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Flows):
        return {
            **_fields(value),
            "sells": [int(side) for side in value.sells],
            "marginal": _any(value.marginal),
        }
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Sequence):
        return [_plain(one) for one in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    number = float(value)
    return number if math.isfinite(number) else None


def _fields(value: Any) -> dict[str, Any]:
    return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}


def _any(column: Sequence[float | None]) -> list[float | None]:
    """The column, or nothing at all where it holds nothing."""
    known: list[float | None] = _plain(list(column))
    return known if any(x is not None for x in known) else []
