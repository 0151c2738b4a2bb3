"""A page of bounded size from an economy of any size: the largest agents and goods, the rest added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from pricegrad.network.forest import Floats, Ints
from pricegrad.report.page.payload import Agent, Flows, Good, Path, Payload

LINKS = 8_000
SHOWN = 12_000
KEPT = 1_000
REST = "all others"


def thin(payload: Payload) -> Payload:
    """The payload itself when it is small; else its `KEPT` largest agents and goods, and one agent and one
    good that stand for all others. Trade between those two is left out, and the notes say how much it was.
    """
    if len(payload.flows.agent) <= LINKS and max(len(payload.agents), len(payload.goods)) <= LINKS:
        return payload
    flows = payload.flows
    agent, good = np.asarray(flows.agent, np.int64), np.asarray(flows.good, np.int64)
    quantity, sells = np.asarray(flows.quantity, float), np.asarray(flows.sells, bool)
    price = np.array([np.nan if p is None else p for p in flows.price], float)
    value = np.abs(quantity * np.nan_to_num(price, nan=1.0))
    agents, agent_place = _keep(agent, value, len(payload.agents), _shown(payload, "household"))
    goods, good_place = _keep(good, value, len(payload.goods), [])
    at_agent, at_good = agent_place[agent], good_place[good]
    inside = (at_agent == len(agents)) & (at_good == len(goods))
    joined = _join(at_agent, at_good, sells, np.where(at_good == len(goods), value, quantity), value, ~inside)
    note = (
        f"The {len(agents)} largest of {len(payload.agents)} agents and the {len(goods)} largest of "
        f"{len(payload.goods)} goods are shown; the others are added up, and what they trade among "
        f"themselves, {value[inside].sum() / value.sum():.1%} of all value, is left out. "
        "Links are to eight digits."
    )
    return replace(
        payload,
        agents=[*(payload.agents[a] for a in agents), Agent(REST, "rest")],
        goods=[*(payload.goods[g] for g in goods), Good(f"{REST} (in value)", 1.0)],
        flows=joined,
        path=_path(payload.path, good_place, len(goods)),
        notes=[*payload.notes, note],
    )


def _shown(payload: Payload, kind: str) -> list[int]:
    """A few agents that are always shown."""
    return [a for a, agent in enumerate(payload.agents) if agent.kind == kind][:20]


def _keep(index: Ints, value: Floats, count: int, always: Sequence[int]) -> tuple[list[int], Ints]:
    """The largest by value in their own order, and the place of each of all; the rest come last."""
    size = np.bincount(index, value, count)
    size[list(always)] = np.inf
    kept = np.sort(np.argsort(-size, kind="stable")[:KEPT])
    place = np.full(count, len(kept), np.int64)
    place[kept] = np.arange(len(kept))
    return kept.tolist(), place


def _join(agent: Ints, good: Ints, sells: Ints, quantity: Floats, value: Floats, use: Ints) -> Flows:
    """Links of the same agent, good and side added up; the largest `SHOWN` of them, to eight digits."""
    key = (agent * (good.max(initial=0) + 1) + good) * 2 + sells
    _, first, inverse = np.unique(key[use], return_index=True, return_inverse=True)
    total = np.bincount(inverse, quantity[use])
    worth = np.bincount(inverse, value[use])
    top = np.argsort(-worth, kind="stable")[:SHOWN]
    row = np.flatnonzero(use)[first[top]]
    price = np.divide(worth[top], np.abs(total[top]), out=np.zeros(len(top)), where=total[top] != 0)
    columns = (agent[row], good[row], sells[row], rounded(total[top]), rounded(price))
    return Flows(*(column.tolist() for column in columns))


def rounded(values: Any) -> Floats:
    """To eight digits."""
    return np.array([float(f"{x:.8g}") for x in values])


def _path(path: Path | None, place: Ints, rest: int) -> Path | None:
    """The run with its goods numbered anew, those still shown."""
    if path is None:
        return None
    kept = [c for c, g in enumerate(path.good) if place[g] < rest]

    # thinning joins links, so that none of them has a course of its own any more
    def columns(rows: Sequence[Sequence[float | None]]) -> list[list[float | None]]:
        return [[row[c] for c in kept] for row in rows]

    return replace(
        path,
        good=[int(place[path.good[c]]) for c in kept],
        prices=columns(path.prices),
        quantities=columns(path.quantities),
        stocks=columns(path.stocks),
        shortages=columns(path.shortages),
        links=(),
        bought=(),
    )
