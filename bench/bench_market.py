"""The market out of equilibrium: rounds of a million firms, agent frameworks, and the phase diagram.

`python -m bench.run market`; `python bench/bench_market.py` writes the same page.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import newton_krylov

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import agents
from pricegrad.market.ces import CesEconomy, random_economy
from pricegrad.market.check import certify_arrays
from pricegrad.market.krylov import polish
from pricegrad.market.market import Market
from pricegrad.market.rounds import Round, solve_rounds
from pricegrad.network import Network, from_arrays

OUTPUT = "benchmarks-market.md"
SHARES = (0.4, 0.1, 0.02, 0.005)


def page(quick: bool = False) -> str:
    """The whole page; `quick` measures smaller networks."""
    sizes = (1_000, 10_000) if quick else (10_000, 100_000, 1_000_000)
    parts = [
        "# The market, measured",
        about(),
        rounds_to_rest(sizes[-1]),
        growth(sizes),
        per_link(sizes[-1]),
        door(sizes[-1]),
        against_newton(sizes[-1] if quick else 100_000),
        frameworks(300 if quick else 10_000),
        phases(60 if quick else 150, 150 if quick else 500),
    ]
    return "\n\n".join(parts) + "\n"


def about() -> str:
    try:
        numba = importlib.metadata.version("numba")
    except importlib.metadata.PackageNotFoundError:
        numba = "absent"
    return (
        f"Python {platform.python_version()}, NumPy {np.__version__}, numba {numba}, "
        f"{os.cpu_count()} processors. "
        "The networks are random and cyclic: each firm buys from 5 to 10 others drawn evenly and "
        "hires labour, "
        "elasticities .4 to 1.6, returns .85, one household. The certificate is recomputed in quantities by "
        "`pricegrad.market.check`, which shares no code with the rounds. Times on a shared "
        "machine are good to "
        "a factor of two."
    )


def rounds_to_rest(firms: int) -> str:
    lines = [
        f"## Rounds to a certificate of 1e-8, {firms:,} firms",
        "",
        "Local: prices and orders on each firm's own links alone. Cleared: two numbers a round "
        "are solved for "
        "everybody together (the money spent, the level of prices against the wage). Accelerated: Anderson "
        "mixing of the last ten rounds on top. The last two are declared not local in the result.",
        "",
        "| labour share | local | cleared | accelerated | certificate (worst of the last two) | "
        "seconds, cleared |",
        "|---|---|---|---|---|---|",
    ]
    for share in SHARES:
        economy = random_economy(firms, labour_share=share, seed=1)
        local = solve_rounds(economy, max_rounds=60)
        count = str(local.rounds) if local.converged else "more than 60"
        start = time.perf_counter()
        cleared = solve_rounds(economy, clear=True)
        took = time.perf_counter() - start
        fast = solve_rounds(economy, clear=True, accelerate=True)
        worst = max(certify_arrays(economy, r.prices, r.quantities).worst for r in (cleared, fast))
        lines.append(f"| {share} | {count} | {cleared.rounds} | {fast.rounds} | {worst:.1e} | {took:.2f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return "\n".join([*lines, "", f"Peak memory of the process: {peak:.1f} GiB."])


def growth(sizes: tuple[int, ...]) -> str:
    lines = [
        "## Ten times more firms",
        "",
        "Cleared rounds to a certificate of 1e-8; the fastest of some solves, sizes taking turns. The links "
        "are sorted by seller once an economy.",
        "",
        "| firms | links | rounds | seconds | times the row above | ms a round | to sort, seconds |",
        "|---|---|---|---|---|---|---|",
    ]
    solve_rounds(random_economy(sizes[0], seed=2, engine="numba"), max_rounds=2, clear=True)  # compiled once
    economies = [random_economy(firms, seed=2) for firms in sizes]
    sorting = [timed(lambda e=e: solve_rounds(e, max_rounds=1)) for e in economies]  # type: ignore[misc]
    sorting = [
        took - timed(lambda e=e: solve_rounds(e, max_rounds=1))  # type: ignore[misc]
        for took, e in zip(sorting, economies, strict=True)
    ]
    rounds = [solve_rounds(e, clear=True).rounds for e in economies]
    best = [float("inf")] * len(sizes)
    for _ in range(6):
        for k, economy in enumerate(economies):
            best[k] = min(best[k], timed(lambda e=economy: solve_rounds(e, clear=True)))  # type: ignore[misc]
    for k, (firms, economy) in enumerate(zip(sizes, economies, strict=True)):
        ratio = f"{best[k] / best[k - 1]:.1f}" if k else ""
        lines.append(
            f"| {firms:,} | {len(economy.rows.entry):,} | {rounds[k]} | {best[k]:.3f} | {ratio} "
            f"| {1e3 * best[k] / rounds[k]:.2f} | {max(sorting[k], 0.0):.2f} |"
        )
    return "\n".join(lines)


def per_link(firms: int) -> str:
    economy = random_economy(firms, seed=3)
    rows = economy.rows
    from scipy.sparse import csr_array

    matrix = csr_array((rows.weight, rows.entry, rows.ptr), shape=(firms, rows.entries))
    back = matrix.T.tocsr()
    price, spend = np.random.default_rng(0).normal(0.0, 0.3, rows.entries), np.ones(firms)
    price[-1] = 0.0
    cost, orders = np.empty(firms), np.empty(rows.entries)
    state, following = np.zeros(2 * firms), np.empty(2 * firms)
    play, cleared = Round(economy), Round(economy, clear=True)

    def sweep() -> None:
        rows.costs(price, spend, cost)
        rows.orders(price, orders)

    def pair() -> None:
        _ = matrix @ price
        _ = back @ spend

    calls = {
        "two scipy CSR products": pair,
        "the two sweeps": sweep,
        "a whole round": lambda: play(state, following),
        "a whole round, cleared": lambda: cleared(state, following),
    }
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(16):
        for name, call in calls.items():
            best[name] = min(best[name], timed(call))
    lines = [
        f"## One round, {firms:,} firms, {len(rows.entry):,} links",
        "",
        "The sweeps take a power of a price for each link; the scipy products, the floor of any "
        "sparse method, "
        "a multiplication. A whole round adds the firms' own marginal costs, incomes and the check.",
        "",
        "| | milliseconds | times the scipy pair |",
        "|---|---|---|",
    ]
    floor = best["two scipy CSR products"]
    return "\n".join(lines + [f"| {n} | {1e3 * t:.1f} | {t / floor:.1f} |" for n, t in best.items()])


def door(firms: int) -> str:
    """What a user of `market().run` pays for a round."""
    market = Market(as_network(random_economy(firms, seed=2)))
    market.run(rounds=1)
    one = min(timed(lambda: market.run(rounds=1, tolerance=0.0)) for _ in range(3))
    many = min(timed(lambda: market.run(rounds=11, tolerance=0.0)) for _ in range(3))
    return "\n".join(
        [
            f"## The public door, {firms:,} firms",
            "",
            "`Market(network).run(rounds=...)`, the rule with an order on every link, purses, accounts "
            "checked and a frame of all prices and quantities kept each round: "
            f"{100 * (many - one):.0f} milliseconds a round.",
        ]
    )


def against_newton(firms: int) -> str:
    lines = [
        f"## Against Newton-Krylov, {firms:,} firms",
        "",
        "The same residual, from the same start after three rounds, both on the compiled round: ours, which "
        "takes Newton's steps by GMRES from as near as each needs, and `scipy.optimize.newton_krylov` "
        "(lgmres, f_tol 3e-9). In brackets, how many times the rounds.",
        "",
        "| labour share | rounds, seconds | Newton-Krylov, ours | Newton-Krylov, SciPy |",
        "|---|---|---|---|",
    ]
    for share in (0.4, 0.02):
        economy = random_economy(firms, labour_share=share, seed=4)
        begun = solve_rounds(economy, max_rounds=3, clear=True)
        play, start = Round(economy), np.concatenate([begun.log_price, begun.log_revenue])

        def scipys(play: Round = play, start: np.ndarray = start) -> object:
            return newton_krylov(lambda z: play(z) - z, start, f_tol=3e-9, method="lgmres")

        calls = (
            lambda e=economy: solve_rounds(e, clear=True),  # type: ignore[misc]
            lambda b=begun: polish(b),  # type: ignore[misc]
            scipys,
        )
        ours, newton, theirs = (
            min(turn) for turn in zip(*([timed(c) for c in calls] for _ in range(6)), strict=True)
        )
        peers = " | ".join(f"{t:.3f} ({t / ours:.1f})" for t in (newton, theirs))
        lines.append(f"| {share} | {ours:.3f} | {peers} |")
    return "\n".join(lines)


def frameworks(firms: int) -> str:
    economy = random_economy(firms, seed=5, engine="numba")
    revenue = economy.labour / (0.4 * 0.85 * firms)
    start = np.zeros(firms), np.full(firms, np.log(revenue))
    lines = [
        f"## Against agent-based frameworks, {firms:,} firms",
        "",
        "The same rule in the same economy, one object a firm (ours: compiled arrays, as networks from "
        "100,000 links on are unasked); each peer's prices after ten "
        "rounds agree with ours "
        "to ten digits. What is not installed is left out.",
        "",
        "| | version | firm-rounds a second | times Mesa |",
        "|---|---|---|---|",
    ]
    ten = solve_rounds(economy, start=start, max_rounds=10, tolerance=0.0)
    speeds: dict[str, tuple[str, float]] = {}
    for name, peer in agents.PEERS.items():
        try:
            version = "" if name.startswith("plain") else importlib.metadata.version(name.lower())
        except importlib.metadata.PackageNotFoundError:
            continue
        play = peer(economy, revenue)
        took = time.perf_counter()
        prices = play(10)
        took = time.perf_counter() - took
        if not np.allclose(prices, ten.prices, rtol=1e-10):
            raise AssertionError(
                f"{name} plays another rule: {np.abs(np.array(prices) / ten.prices - 1).max()}"
            )
        speeds[name] = version, 10 * firms / took
    play_round = Round(economy)
    state, following = np.concatenate(start), np.empty(2 * firms)
    ours = min(timed(lambda: play_round(state, following)) for _ in range(300))
    speeds["pricegrad"] = importlib.metadata.version("pricegrad"), firms / ours
    mesa = speeds.get("Mesa", ("", float("nan")))[1]
    lines += [f"| {n} | {v} | {s:,.0f} | {s / mesa:.1f} |" for n, (v, s) in speeds.items()]
    return "\n".join(lines)


def phases(firms: int, rounds: int) -> str:
    """Where the physical market settles: forecast gain against stock target, and against the share acting."""
    network = as_network(random_economy(firms, seed=1))
    gains = (0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.7)
    targets, shares = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0), (0.3, 0.5, 0.7, 0.9, 1.0)
    lines = [
        f'## Where the physical market settles (rule "inventory", {firms} firms)',
        "",
        f"The swing of prices (largest over smallest, less one, in the last quarter of {rounds} "
        "rounds; the worst "
        "good): a dot below 0.1%, else in per cent; x where prices left the range of numbers. "
        "Firms look ahead "
        "with a forecast gain and keep stocks of so many rounds of sales; the defaults are a gain of .15 "
        "and a target of 1.",
        "",
        "Forecast gain (down) against stock target in rounds (across), everyone acting:",
        "",
        "| | " + " | ".join(map(str, targets)) + " |",
        "|---" * (len(targets) + 1) + "|",
    ]
    for gain in gains:
        cells = [swing(network, rounds, 1.0, gain=gain, target=t) for t in targets]
        lines.append(f"| {gain} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "Forecast gain (down) against the share of firms that act in a round (across), defaults otherwise:",
        "",
        "| | " + " | ".join(map(str, shares)) + " |",
        "|---" * (len(shares) + 1) + "|",
    ]
    for gain in gains:
        cells = [swing(network, rounds, share, gain=gain) for share in shares]
        lines.append(f"| {gain} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def swing(network: Network, rounds: int, active: float, **options: float) -> str:
    with np.errstate(all="ignore"):
        run = Market(network, "inventory", seed=1, active=active, **options).run(
            rounds=rounds, tolerance=1e-9
        )
    late = (
        np.array(run.log.price[-max(len(run.log.price) // 4, 2) :]) if not run.converged else np.ones((1, 1))
    )
    late = late / late[:, -1:]
    if not np.isfinite(late).all():
        return "x"
    worst = float((late.max(axis=0) / late.min(axis=0)).max() - 1)
    return "." if worst < 1e-3 else f"{100 * worst:.1f}" if worst < 0.1 else f"{min(100 * worst, 999):.0f}"


def as_network(economy: CesEconomy) -> Network:
    """The economy of arrays in the compiled form that all rules take."""
    firms, rows = economy.firms, economy.rows
    return from_arrays(
        goods=firms + 1,
        firm_ptr=rows.ptr,
        good=rows.entry.astype(np.int64),
        quantity=rows.weight,
        makes=np.arange(firms),
        elasticity=1 - rows.power,
        scale=np.exp(economy.log_scale),
        returns=economy.returns,
        demand=(np.zeros(firms, int), np.arange(firms), economy.taste),
        endowment=(np.zeros(1, int), np.array([firms]), np.array([economy.labour])),
    )


def timed(call: Any) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    small = "--quick" in sys.argv
    text = page(small)
    print(text)
    if not small:
        target = Path(__file__).resolve().parent.parent / "docs" / OUTPUT
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
