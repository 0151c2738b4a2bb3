"""The page of bare numbers: what `--json` prints knows prices and accounts, but not who trades with whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pricegrad.errors import ModelError
from pricegrad.report.page.fill import CERTAIN, MEANINGS
from pricegrad.report.page.payload import Agent, Certificate, Check, Flows, Good, Payload

NOTE = (
    "Read from numbers alone: who trades with whom, and why prices are what they are, is not among them. "
    "A result saved with --save, or reported at once, has both."
)


def lean(numbers: Mapping[str, Any], title: str) -> Payload:
    """The page of what `--json` printed. Raises ModelError when the numbers are not of that form."""
    try:
        return _lean(numbers, title)
    except (AttributeError, TypeError, ValueError) as error:
        raise ModelError(f"{title}: this is not what --json prints: {error}") from None


def _lean(numbers: Mapping[str, Any], title: str) -> Payload:
    quantities = numbers.get("quantities", {})
    goods = [
        Good(name, _number(price), _number(quantities.get(name))) for name, price in numbers["prices"].items()
    ]
    accounts = numbers.get("firms", {})
    firms = [
        Agent(name, "firm", "", _number(numbers.get("activity", {}).get(name)),
              *(_number(accounts.get(name, {}).get(key)) for key in ("revenue", "cost", "profit")))
        for name in dict.fromkeys([*numbers.get("activity", {}), *accounts])
    ]  # fmt: skip
    homes = [Agent(name, "household", revenue=_number(x)) for name, x in numbers.get("income", {}).items()]
    return Payload(
        title,
        "numbers",
        "the unit of the model",
        goods,
        [*firms, *homes],
        Flows(),
        _certificate(numbers.get("certificate")),
        notes=[NOTE, *numbers.get("notes", [])],
    )


def _certificate(found: Mapping[str, Any] | None) -> Certificate | None:
    if found is None or found.get("worst") is None:
        return None
    worst = float(found["worst"])
    checks = [
        Check(name, float(amount), "", MEANINGS.get(name, ""))
        for name, amount in found.items()
        if name != "worst" and isinstance(amount, (int, float))
    ]
    holds = worst <= CERTAIN
    verdict = "When these numbers were printed, every condition held." if holds else (
        "When these numbers were printed, some condition did not hold."
    )  # fmt: skip
    return Certificate(
        holds, verdict, worst, checks, "The check was made then; this page repeats its figures."
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
