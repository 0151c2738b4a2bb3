"""A `Payload` from its JSON: what `to_json` wrote, part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from pricegrad.report.page.payload import (
    FORMAT,
    Agent,
    Bar,
    Certificate,
    Check,
    Comparison,
    Event,
    Flows,
    Good,
    Mover,
    Path,
    Payload,
    Step,
    Tornado,
)
from pricegrad.report.page.short import whole

PARTS: dict[str, Callable[..., Any]] = {
    "goods": Good, "why": Step, "agents": Agent, "flows": Flows, "certificate": Certificate, "checks": Check,
    "path": Path, "events": Event, "comparison": Comparison, "movers": Mover, "tornados": Tornado,
    "bars": Bar,
}  # fmt: skip


def payload(document: Mapping[str, Any]) -> Payload:
    """The payload of a parsed document. Raises ValueError when it is none."""
    if document.get("format") != FORMAT:
        raise ValueError(f"its page is in format {document.get('format')!r}, not {FORMAT!r}")
    try:
        flows = whole(document["flows"], [good["price"] for good in document["goods"]])
        made: Payload = _make(Payload, {**document, "flows": flows})
    except (TypeError, KeyError, IndexError) as error:
        raise ValueError(f"its page is not whole: {error}") from None
    return made


def _make(kind: Any, document: Mapping[str, Any]) -> Any:
    known = {one.name for one in fields(kind)}
    return kind(**{name: _part(name, value) for name, value in document.items() if name in known})


def _part(name: str, value: Any) -> Any:
    kind = PARTS.get(name)
    if kind is None or value is None:
        return value
    return _make(kind, value) if isinstance(value, Mapping) else [_make(kind, one) for one in value]
