"""Payloads for the page's tests: a town small enough to check by hand, and a large random cyclic economy."""

import numpy as np

from pricegrad.network import Network, compile, from_arrays
from pricegrad.report.page.payload import (
    Bar,
    Certificate,
    Check,
    Comparison,
    Event,
    Good,
    Mover,
    Path,
    Payload,
    Step,
    Tornado,
)
from pricegrad.report.page.trades import State, trades
from tests import zoo

NASTY = "</script><script>window.broken = true</script><img src=x onerror='window.broken=true'>"


def town() -> tuple[Network, State]:
    """Farm, mill, bakery, one household; prices and activities solved by hand in logarithms.

    Costs c = prod (p_i / share_i) ** share_i; spending shares go back up the chain, so incomes of land and
    labour are fixed shares of what the town spends.
    """
    economy, price = zoo.town(), zoo.TOWN_PRICES
    income = 100 + 50 * price["land"]
    network = compile(economy)
    made = {
        "farm": 0.6 * 0.7 * income / price["grain"],
        "mill": 0.6 * income / price["flour"],
        "bakery": income / price["bread"],
    }
    activity = np.array([made[name] / _scale(network, j) for j, name in enumerate(network.sectors)])
    return network, State(
        np.array([price[good] for good in network.goods]), activity, np.array([income]), np.zeros(0)
    )


def _scale(network: Network, j: int) -> float:
    return float(network.forest.leaf_quantity[network.forest.leaves_of(len(network.sectors) + j)][0])


def payload(network: Network, state: State, title: str, **parts: object) -> Payload:
    """A payload whose goods know their price and the amount bought."""
    agents, flows = trades(network, state)
    bought = np.bincount(flows.good, np.where(flows.sells, 0, flows.quantity), len(network.goods))
    goods = [
        Good(name, state.price[g], bought[g], [Step(f"because of {name}", "2 × 3 = 6", "bread", NASTY)])
        for g, name in enumerate(network.goods)
    ]
    return Payload(title, "equilibrium", "units of labour", goods, agents, flows, **parts)


def full_payload(title: str) -> Payload:
    """The town with every section of the page filled."""
    network, state = town()
    swing = [*(0.9**t * np.cos(t / 3) for t in range(30)), 0.0]
    return payload(
        network,
        state,
        title,
        certificate=Certificate(
            True,
            "This is an equilibrium.",
            3e-14,
            [Check("markets clear", 3e-14, NASTY, "what is made is used")],
            "Checked by code that shares nothing with the solver.",
        ),
        path=Path(
            "Settled.",
            list(range(31)),
            list(range(len(network.goods))),
            [state.price * (1 + 0.5 * s) for s in swing],
            cosine=[1 - abs(s) for s in swing],
            distance=[0.5 * abs(s) for s in swing],
            events=[Event(3, f"drought {NASTY}")],
        ),
        comparison=Comparison(
            ["before", "after"],
            [Mover(good, "price", [p, 1.1 * p]) for good, p in zip(network.goods, state.price, strict=True)],
        ),
        tornados=[Tornado("What the price of bread hangs on", [Bar("yeast", 1.2), Bar("land", -0.3)])],
    )


def crowd(firms: int, seed: int = 2) -> Payload:
    """A random cyclic Leontief-like economy at its benchmark, all prices 1, a fat tail of sizes."""
    draw, inputs = np.random.default_rng(seed), 6
    good = np.concatenate([np.append(draw.choice(firms, inputs, False), firms) for _ in range(firms)])
    amount = np.concatenate([np.append(0.7 * draw.dirichlet(np.ones(inputs)), 0.3) for _ in range(firms)])
    demand = draw.pareto(1.2, firms) + 0.01
    made = demand.copy()
    user = np.repeat(np.arange(firms), inputs + 1)
    for _ in range(200):
        made = demand + np.bincount(good, amount * made[user], firms + 1)[:firms]
    network = from_arrays(
        goods=[f"good {i}" for i in range(firms)] + ["labour"],
        firm_ptr=np.arange(firms + 1) * (inputs + 1),
        good=good,
        quantity=amount,
        makes=np.arange(firms),
        demand=(np.zeros(firms, np.int64), np.arange(firms), demand),
        endowment=(np.zeros(1, np.int64), np.array([firms]), np.array([0.3 * made.sum()])),
    )
    ones = np.ones(firms + 1)
    return payload(network, State(ones, made, np.array([demand.sum()]), np.zeros(0)), "a crowd")
