"""Payloads from results: the one place that knows both what engines return and what the page shows."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pricegrad.network import Network
from pricegrad.network.forest import Floats
from pricegrad.report.page.emitted import emitted
from pricegrad.report.page.outward import outward
from pricegrad.report.page.payload import Agent, Certificate, Check, Flows, Good, Payload
from pricegrad.report.page.reasons import Links, number
from pricegrad.report.page.trades import State, trades

if TYPE_CHECKING:
    from pricegrad.certify import Certificate as Audit
    from pricegrad.equilibrium import Equilibrium

EXPLAINED = 300  # goods whose explanation a page has room for
READABLE = 60
CERTAIN = 1e-8
HOW = (
    "Checked by code that shares nothing with the solver: it reads the description of the economy alone, "
    "works out every plan at these prices anew, and measures each condition relative to its own size."
)
MEANINGS = {
    "market clearing": "what is made, owned and brought in covers what is used; a good left over is free",
    "zero profit": "a firm that works covers its cost and no more; one that is idle could not",
    "first order": "nobody could gain by buying a little more or less of anything",
    "second order": "the firm's plan is a maximum of its profit, not a minimum or a saddle",
    "income balance": "a household's income is what its endowments, shares and taxes bring",
    "budget": "a household spends what it has",
    "outside price": "an outside market that trades does so at its own price",
    "constraint": "an auxiliary variable meets the constraint that sets it",
    "Walras' law": "the values of all excess demands sum to zero",
}


def equilibrium(eq: Equilibrium) -> Payload:
    """The page of an equilibrium."""
    network, numeraire = eq.problem.network, eq.numeraire
    state = state_of(eq)
    slopes = [z @ jet.slope for z, jet in _made(eq)]
    goods, agents, flows = traded(network, state, numeraire, slopes, lambda firm, good: _code(eq, firm, good))
    agents = grouped(agents, eq.model.groups)
    return Payload(
        eq.model.name,
        "equilibrium",
        unit(numeraire or eq.model.numeraire, network.good_index),
        goods,
        agents,
        flows,
        certificate(eq.certificate),  # type: ignore[arg-type]
        notes=list(eq.certificate.remarks[:12]),
    )


def grouped(agents: Sequence[Agent], groups: Mapping[str, str]) -> list[Agent]:
    """The agents with the sectors they belong to."""
    return [replace(agent, group=groups.get(agent.name, "")) for agent in agents]


def state_of(eq: Equilibrium) -> State:
    """The state of a network at an equilibrium."""
    network, layout, z = eq.problem.network, eq.problem.layout, eq.z
    jets = eq._jets
    outside = []
    for i, market in enumerate(network.outside):
        if market.quantity is not None:
            outside.append(market.quantity)
        elif market.curve is not None:
            outside.append(float(market.curve(float(z[market.good]))))
        else:
            outside.append(float(z[layout.outside.start + layout.elastic.index(i)]))
    return State(
        z[layout.price],
        z[layout.activity],
        z[layout.income],
        z[layout.aux],
        [(z[part], jet.value) for part, jet in zip(layout.plans, jets.firms, strict=True)],
        [z[part] for part in layout.baskets],
        outside,
    )


def _code(eq: Equilibrium, firm: str, good: str) -> str:
    """The emitted lines by which a firm values a good; none in an economy of more firms than one can read."""
    if firm not in eq.model.firms or len(eq.problem.network.code_firms) > READABLE:
        return ""
    return emitted(eq.model.firms[firm], good)


def _made(eq: Equilibrium) -> Iterable[tuple[Floats, Any]]:
    """Prices of the outputs of each firm given by code, and its derivatives."""
    units = eq.problem.network.code_firms
    return ((eq.z[unit.outputs], jet) for unit, jet in zip(units, eq._jets.firms, strict=True))


def traded(
    network: Network,
    state: State,
    numeraire: str | None,
    worth: Sequence[Floats] = (),
    code: Callable[[str, str], str] = lambda firm, good: "",
) -> tuple[list[Good], list[Agent], Flows]:
    """Goods with their explanations, agents and links of a state.

    `worth`: for each firm given by code, what one more unit of each input is worth to it; `code`: the emitted
    lines that say so, by firm and good.
    """
    agents, flows = trades(network, state)
    flows = replace(flows, marginal=_marginal(network, agents, flows, worth))
    agents, flows, kept = outward(network, agents, flows)
    names, price = [network.goods[g] for g in kept], state.price[kept]
    quantity, sells = np.asarray(flows.quantity, float), np.asarray(flows.sells, bool)
    bought = np.bincount(np.asarray(flows.good, np.int64), quantity * ~sells, len(names))
    sold = np.bincount(np.asarray(flows.good, np.int64), quantity * sells, len(names))
    links = Links(names, price.tolist(), agents, flows, code)
    traded = price * np.maximum(bought, sold)
    told = set(np.argsort(-traded, kind="stable")[:EXPLAINED].tolist())
    goods = [
        Good(
            name,
            float(price[g]),
            float(max(bought[g], sold[g])),
            links.why(g, numeraire) if g in told else (),
        )
        for g, name in enumerate(names)
    ]
    return goods, agents, flows


def _marginal(
    network: Network, agents: Sequence[Agent], flows: Flows, worth: Sequence[Floats]
) -> list[float | None]:
    """What one more unit is worth to a firm: by its derivatives where it is code, else what it pays, since a
    technology given by its cost function buys at the least cost."""
    first = len(network.sectors)
    known = {
        (first + i, int(good)): float(value)
        for i, (unit, values) in enumerate(zip(network.code_firms, worth, strict=True))
        for good, value in zip(unit.inputs, values, strict=True)
    }
    links = zip(flows.agent, flows.good, flows.sells, flows.price, strict=True)
    return [
        known.get((agent, good), price) if agents[agent].kind == "firm" and not sells else None
        for agent, good, sells, price in links
    ]


def certificate(audit: Audit) -> Certificate:
    """The verdict of the independent check, in words."""
    checks = [
        Check(name, found.amount, found.who, MEANINGS.get(name, ""))
        for name, found in audit.conditions.items()
    ]
    if audit.worst <= CERTAIN:
        verdict = "This is an equilibrium: every plan fits, every market clears."
        return Certificate(True, verdict, audit.worst, checks, HOW)
    where = audit.where
    missed = f"{where.condition} of {where.who} is missed by {number(where.amount)}" if where else "undefined"
    return Certificate(False, f"This is not an equilibrium: {missed}.", audit.worst, checks, HOW)


def unit(numeraire: str | None, goods: Container[str]) -> str:
    """What a price of 1 means, in words."""
    if numeraire is None:
        return "the unit in which outside prices are given"
    return f"units of {numeraire}" if numeraire in goods else numeraire
