"""The economy as it was described: what the solver wrote out for itself goes back to the firm it came from.

A firm that returns a minimum is solved as one that makes "limits" and a carrier that joins them (see
`pricegrad.model.minima`); the page shows the firm alone. A carrier that hands a non-rival good to its users,
or collects a tax, is no firm but has a name that says what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np

from pricegrad.model.lindahl import CARRIER
from pricegrad.model.minima import LIMIT
from pricegrad.network import Network
from pricegrad.network.forest import Ints
from pricegrad.report.page.payload import Agent, Flows

CARRIED = "users"


def outward(network: Network, agents: Sequence[Agent], flows: Flows) -> tuple[list[Agent], Flows, Ints]:
    """Agents and links without limits, and the places of the goods that stay."""
    limits = np.array([good.startswith(LIMIT) for good in network.goods])
    owner = _owners(network, agents)
    kept_agents = [a for a in range(len(agents)) if a not in owner]
    kept_goods = np.flatnonzero(~limits)
    agent_place = np.full(len(agents), -1)
    agent_place[kept_agents] = np.arange(len(kept_agents))
    for a, b in owner.items():
        agent_place[a] = agent_place[b]
    good_place = np.cumsum(~limits) - 1
    links = [k for k, good in enumerate(flows.good) if not limits[good]]
    shown = Flows(*([getattr(flows, one.name)[k] for k in links] for one in fields(Flows)))
    moved = replace(
        shown,
        agent=[int(agent_place[a]) for a in shown.agent],
        good=[int(good_place[g]) for g in shown.good],
    )
    renamed = [
        replace(agent, kind=CARRIED) if agent.kind == "firm" and agent.name.startswith(CARRIER) else agent
        for agent in (agents[a] for a in kept_agents)
    ]
    return renamed, moved, kept_goods


def _owners(network: Network, agents: Sequence[Agent]) -> dict[int, int]:
    """The firm to which each carrier of limits belongs: the one that makes them."""
    maker = {
        f"{CARRIER}{network.goods[unit.outputs[0]].replace(f'{LIMIT}1 ', LIMIT, 1)}": len(network.sectors) + i
        for i, unit in enumerate(network.code_firms)
        if network.goods[unit.outputs[0]].startswith(LIMIT)
    }
    return {a: maker[agent.name] for a, agent in enumerate(agents) if agent.name in maker}
