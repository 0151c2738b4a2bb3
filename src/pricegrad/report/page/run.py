"""The page of a market's run, over the network of the equilibrium it should settle at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pricegrad.errors import NotSolved
from pricegrad.report.page.fill import equilibrium, unit
from pricegrad.report.page.payload import Certificate, Check, Event, Path, Payload
from pricegrad.report.page.seen import seen

if TYPE_CHECKING:
    import pandas as pd

    from pricegrad.market.trajectory import Trajectory

FRAMES = 240
GOODS = 60
CELLS = 15_000  # amounts by round and link on one page
NEAR = 1e-6
NO_DESCRIPTION = "the market was made from arrays, without a description to solve or to check against."
SEPARATELY = (
    "The equilibrium was solved apart from the market, which knows nothing of it; the other conditions are "
    "those of the equilibrium."
)


def of_trajectory(run: Trajectory) -> Payload:
    """The page of a run, over the links of the equilibrium of its economy, or else of its own last round."""
    from pricegrad.certify import certify
    from pricegrad.equilibrium import solve
    from pricegrad.model import Model

    economy, network = run.market.now, run.market.network
    what = unit(network.goods[run.numeraire] if run.numeraire >= 0 else network.numeraire, network.good_index)
    if not isinstance(economy, Model):
        return _over(run, seen(run, network.name, what), _alone(run, NO_DESCRIPTION), None)
    try:
        base = equilibrium(solve(economy, certify))
        return _over(run, base, _settled(run, base.certificate), run.downhill)
    except NotSolved as error:
        return _over(run, seen(run, network.name, what), _alone(run, str(error)), None)


def _over(run: Trajectory, base: Payload, certificate: Certificate, downhill: pd.DataFrame | None) -> Payload:
    """The run over the network of `base`."""
    number = {good.name: g for g, good in enumerate(base.goods)}
    prices, quantities = run.prices, run.quantities
    columns = _columns([name for name in prices.columns if name in number], prices)
    large = len(prices.columns) > GOODS
    frames = _frames(run, FRAMES // 2 if large else FRAMES)
    exact = (lambda x: float(f"{x:.8g}")) if large else float
    links, bought = _links(base, run, [int(prices.index[t]) for t in frames])
    path = Path(
        _verdict(run),
        [int(prices.index[t]) for t in frames],
        [number[name] for name in columns],
        _rows(prices, columns, frames, exact),
        _rows(quantities, columns, frames, exact),
        stocks=_rows(run.stocks, columns, frames, exact),
        shortages=_rows(run.shortages, columns, frames, exact),
        cosine=() if downhill is None else _by_round(downhill["cosine"], frames),
        distance=() if downhill is None else _by_round(downhill["distance"], frames),
        links=links,
        bought=bought,
        events=[Event(round_, text) for round_, text in run.log.events],
        shown=_shown(len(prices), len(frames), len(prices.columns), len(columns)),
    )
    return replace(base, kind="trajectory", certificate=certificate, path=path)


def _alone(run: Trajectory, why: str) -> Certificate:
    """Whether a run without an equilibrium to compare it with came to rest."""
    last = float(run.gaps[-1]) if len(run.gaps) else float("nan")
    how = "settled, but there is" if run.converged else "has not settled, and there is"
    verdict = f"The market {how} no equilibrium to compare it with."
    check = Check(
        "last move of the run", last, "", "how far the last round still moved a price or a quantity"
    )
    return Certificate(False, verdict, last, [check], f"Why there is none: {why}")


def _settled(run: Trajectory, proof: Certificate | None) -> Certificate:
    """Whether the run came to rest, and how far from the equilibrium whose conditions follow."""
    far = run.distance
    there = run.converged and far <= NEAR
    if there:
        verdict = "The market settled at the equilibrium."
    elif run.converged:
        verdict = f"The market settled {far:.2%} away from the equilibrium it was compared with."
    else:
        verdict = f"The market has not settled: its worst price is {far:.2%} away from the equilibrium."
    distance = Check("worst price of the run", far, "", "how far it is from the equilibrium, relative")
    checks = [distance, *(proof.checks if proof else ())]
    return Certificate(there, verdict, far, checks, f"{SEPARATELY} {proof.how if proof else ''}")


def _links(base: Payload, run: Trajectory, rounds: list[int]) -> tuple[list[int], list[list[float]]]:
    """The largest purchases whose course is known: their places among the flows, and amounts by round."""
    bought = run.purchases
    if not len(bought):
        return [], []
    flows = base.flows
    of_pair: dict[tuple[str, str], list[int]] = {}
    for k, (agent, good, sells) in enumerate(zip(flows.agent, flows.good, flows.sells, strict=True)):
        if not sells:
            of_pair.setdefault((base.agents[agent].name, base.goods[good].name), []).append(k)
    places: dict[int, tuple[str, str]] = {}
    for pair in bought.columns:
        buyer, bought_good = str(pair[0]), str(pair[1])
        named = f"outside demand of {bought_good}" if buyer == "outside" else buyer
        if len(found := of_pair.get((named, bought_good), [])) == 1:
            places[found[0]] = (buyer, bought_good)
    value = {k: abs(flows.quantity[k] * (flows.price[k] or 0.0)) for k in places}
    kept = sorted(sorted(places, key=lambda k: -value[k])[: CELLS // max(len(rounds), 1)])
    rows = bought[[places[k] for k in kept]].reindex(rounds).to_numpy()
    return kept, [[float(f"{x:.5g}") for x in row] for row in rows]


def _frames(run: Trajectory, most: int) -> list[int]:
    """Rows to show, at most `most`, the first and the last among them; those whose purchases were kept."""
    rounds = run.prices.index
    known = rounds.get_indexer(run.purchases.index)
    rows = [int(t) for t in known if t >= 0] or list(range(len(rounds)))
    rows = sorted({0, *rows, len(rounds) - 1})
    return sorted({rows[round(t)] for t in np.linspace(0, len(rows) - 1, min(most, len(rows)))})


def _columns(names: list[str], prices: object) -> list[str]:
    """At most `GOODS` goods, those whose price moved most."""
    if len(names) <= GOODS:
        return names
    spread = np.log(prices[names].max() / prices[names].min())  # type: ignore[index]
    return list(spread.abs().sort_values(ascending=False).index[:GOODS])


def _rows(
    frame: pd.DataFrame, columns: list[str], frames: list[int], exact: Callable[[float], float]
) -> list[list[float]]:
    """The shown goods at the shown frames, nothing where nothing was recorded."""
    if not len(frame):
        return []
    return [[exact(x) for x in row] for row in frame[columns].to_numpy()[frames]]


def _by_round(column: pd.Series, frames: list[int]) -> list[float | None]:
    """A column of the way downhill at the shown frames; it begins with the first move."""
    values = [np.nan, *column.to_numpy()]
    return [float(values[t]) if np.isfinite(values[t]) else None for t in frames]


def _verdict(run: Trajectory) -> str:
    how = "The market settled" if run.converged else "The market did not settle"
    text = f"{how} after {run.rounds} rounds under the rule “{run.rule}”. Its agents read {run.reads}."
    return text + (f" Not local: {', '.join(run.not_local)}." if run.not_local else "")


def _shown(rows: int, frames: int, goods: int, columns: int) -> str:
    parts = []
    if frames < rows:
        parts.append(f"{frames} of {rows} recorded rounds are shown.")
    if columns < goods:
        parts.append(f"The {columns} goods of {goods} that moved most are shown over time.")
    return " ".join(parts)
