"""An input-output table in order: who makes what, who uses what, what is bought from outside.

Read from make (or supply) and use tables, or from a square Z table of flows between industries. Rows of the
use table that are no commodity are primary inputs, columns that are no industry are final demand. Whatever
had to be decided on the way is told in `notes`, and what cannot be decided is refused.
Source: Miller and Blair, "Input-Output Analysis", 2nd ed. 2009, chapters 2 and 5 (industry technology).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pricegrad.errors import TableError, did_you_mean
from pricegrad.model.table_checks import MOST_UNBALANCED, match, orientation, others, square
from pricegrad.model.table_read import drop_totals, listed, read

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

VALUE_ADDED = "Value added"


@dataclass(frozen=True)
class Accounts:
    """`make` (industry x commodity), `use` (commodity x industry), `added` (primary input x industry),
    `final` demand by commodity; `output` by industry, which costs equal to the last digit; `notes`."""

    industries: tuple[str, ...]
    commodities: tuple[str, ...]
    primary: tuple[str, ...]
    make: Matrix
    use: Matrix
    added: Matrix
    final: Matrix
    output: Matrix
    notes: tuple[str, ...]


def from_make_use(make: Any, supply: Any, use: Any, primary: Sequence[str] = ()) -> Accounts:
    """Accounts from a use table and a make (industries in rows) or supply table (commodities in rows)."""
    notes: list[str] = []
    if use is None or (make is None) == (supply is None):
        raise TableError(
            "give two tables: use= (commodities in rows, industries in columns) and one of make= (industries "
            "in rows) or supply= (commodities in rows); or a single Z table"
        )
    what = "make" if make is not None else "supply"
    made = drop_totals(read(make if make is not None else supply, what, notes), what, notes)
    made = made if make is not None else made.T
    used = drop_totals(read(use, "use", notes), "use", notes)
    industries, commodities = list(made.index), list(made.columns)
    match(industries, list(used.columns), list(used.index), "industries", "columns", what)
    match(commodities, list(used.index), list(used.columns), "commodities", "rows", what)
    inner = used.loc[commodities, industries]
    added = _less(used.loc[others(used.index, commodities), industries], notes)
    final = used.loc[commodities, others(used.columns, industries)]
    if not final.shape[1]:
        notes.append("The use table has no final demand: what is made and not used is sold to outside.")
    orientation(made, inner, added, what)
    imported = _not_made_at_home(made, inner, primary)
    return _accounts(made, inner, added, imported, notes)


def from_flows(
    Z: Any,
    value_added: Any = None,
    final_demand: Any = None,
    output: Any = None,
    primary: Sequence[str] = (),
) -> Accounts:
    """Accounts from a Z table: rows sell to columns. Rows and columns beyond the square are primary inputs
    and final demand, unless given apart. Output not given is the sum of the column, or of the row where there
    are no primary inputs.
    """
    import numpy as np
    import pandas as pd

    notes: list[str] = []
    table = drop_totals(read(Z, "Z", notes), "Z", notes)
    both = set(table.columns)
    names = [label for label in table.index if label in both]
    square(table, names)
    inner = table.loc[names, names]
    added = _less(table.loc[others(table.index, names), names], notes)
    final = table.loc[names, others(table.columns, names)]
    if value_added is not None:
        added = _beside(value_added, "value added", names, notes).T
    if final_demand is not None:
        final = _beside(final_demand, "final demand", names, notes)
    if output is not None:
        total = _beside(output, "output", names, notes).sum(axis=1)
    elif added.shape[0]:
        total = inner.sum() + added.sum()
    elif final.shape[1]:
        total = inner.sum(axis=1) + final.sum(axis=1)
    else:
        raise TableError(
            "the Z table has flows between industries alone; give one of value_added=, final_demand=, "
            "output= (by industry), or add rows of primary inputs or columns of final demand to it"
        )
    if not float(total.abs().sum()) > 0:
        raise TableError("no industry of the Z table has an output")
    if output is None and added.shape[0] and final.shape[1]:
        _note_rows(inner.sum(axis=1) + final.sum(axis=1), total, notes)
    made = pd.DataFrame(np.diag(total.to_numpy(dtype=float)), index=names, columns=names)
    return _accounts(made, inner, added, _not_made_at_home(made, inner, primary), notes)


def _accounts(
    made: pd.DataFrame, used: pd.DataFrame, added: pd.DataFrame, outside: list[str], notes: list[str]
) -> Accounts:
    """Take out what is not made, count what is not made at home as primary inputs, close the columns."""
    import pandas as pd

    bare = not added.shape[0]
    if outside:
        count = "Not made at home, counted as primary inputs at a fixed price: "
        notes.append(f"{count}{listed(outside, 12)}.")
        added = pd.concat([added, used.loc[outside]])
    negative = made.index[made.sum(axis=1) < 0]
    if len(negative):
        raise TableError(
            f"output is negative in {listed(list(negative))}; an industry cannot make less than nothing"
        )
    for industry, commodity in zip(*(made.to_numpy() < 0).nonzero(), strict=True):
        where = f"{made.index[industry]!r} of {made.columns[commodity]!r}"
        notes.append(f"The make of {where} is negative: it lowers what is sold there.")
    idle = [name for name in made.index if made.loc[name].sum() == 0]
    if idle:
        costs = used[idle].sum() + added[idle].sum()
        spent = [name for name in idle if abs(costs[name]) > 0]
        more = f"; of these {listed(spent)} have costs, which are left out too" if spent else ""
        notes.append(f"{len(idle)} industries without output left out: {listed(idle)}{more}.")
    running = others(made.index, idle)
    kept = others(made.columns, outside)
    gone = [name for name in kept if made[name].sum() <= 0]
    kept = others(kept, gone)
    if not kept or not running:
        raise TableError("the table has no commodity with an output; is it the right table?")
    if outside and bool((made[outside].loc[running] != 0).any().any()):
        notes.append(f"What industries make of {listed(outside)} is sold to outside.")
    used, added, output = used.loc[kept, running], added[running], made.loc[running].sum(axis=1)
    added = _closed(used, added, output, bare, notes)
    _note_negatives(used, added, notes)
    final = made.loc[running, kept].sum() - used.sum(axis=1)
    return Accounts(
        tuple(running),
        tuple(kept),
        tuple(added.index),
        made.loc[running, kept].to_numpy(dtype=float),
        used.to_numpy(dtype=float),
        added.to_numpy(dtype=float),
        final.to_numpy(dtype=float),
        output.to_numpy(dtype=float),
        tuple(notes),
    )


def _closed(
    used: pd.DataFrame, added: pd.DataFrame, output: pd.Series, bare: bool, notes: list[str]
) -> pd.DataFrame:
    """Primary inputs that make the costs of every industry equal its output exactly.

    In a `bare` table, one without primary inputs, value added is what is missing.
    """
    import pandas as pd

    gap = output - used.sum() - added.sum()
    if bare:
        notes.append("Value added is what output leaves after the inputs, since the table gives none.")
        poor = list(gap.index[gap < 0])
        if gap.sum() <= 0:
            raise TableError(
                f"the inputs of all industries cost {output.sum() - gap.sum():g} and their output is "
                f"{output.sum():g}, which leaves no value added; are output and flows in the same units?"
            )
        if poor:
            notes.append(f"Inputs cost more than output in {listed(poor)}: value added is negative there.")
        return pd.concat([added, pd.DataFrame([gap], index=[VALUE_ADDED])])
    share = float(gap.abs().sum() / output.sum())
    worst = str((gap / output).abs().idxmax())
    figures = (
        f"{share:.2g} of output in all, most in {worst!r}: costs {output[worst] - gap[worst]:g}, "
        f"output {output[worst]:g}"
    )
    if share > MOST_UNBALANCED:
        raise TableError(
            f"the table does not balance: inputs and primary inputs miss output by {figures}. Is a row or a "
            "column missing, or counted twice (a total under another name?), or are the tables of "
            "different years?"
        )
    if float(gap.abs().max()) <= 1e-12 * float(output.max()):
        gap = gap * 0.0
    else:
        notes.append(f"Costs miss output by {figures}. The largest primary input takes up the difference.")
    return _taken_up(added, gap, notes)


def _taken_up(added: pd.DataFrame, gap: pd.Series, notes: list[str]) -> pd.DataFrame:
    """Primary inputs with the gap, and what is negative in them, put on the largest of the same industry.

    All primary inputs have fixed prices, so this moves no other price.
    """
    cells = added.to_numpy(dtype=float, copy=True)
    netted: dict[str, int] = {}
    for i, missing in enumerate(gap.to_numpy()):
        column = cells[:, i]
        largest = int(column.argmax())
        negative = [int(k) for k in (column < 0).nonzero()[0]]
        if column[largest] + missing + column[negative].sum() > 0:
            column[largest] += missing + column[negative].sum()
            column[negative] = 0.0
            for k in negative:
                netted[str(added.index[k])] = netted.get(str(added.index[k]), 0) + 1
        else:
            column[largest] += missing
    if netted:
        count, names = sum(netted.values()), listed(list(netted))
        notes.append(
            f"{count} negative primary inputs ({names}) taken off the largest one of the same industry."
        )
    return added.__class__(cells, index=added.index, columns=added.columns)


def _not_made_at_home(made: pd.DataFrame, used: pd.DataFrame, primary: Sequence[str]) -> list[str]:
    """Commodities without domestic make, or that are nobody's own product and made less than used."""
    for name in primary:
        if name not in made.columns:
            raise TableError(
                f"primary={name!r} is no commodity of the table.{did_you_mean(name, made.columns)}"
            )
    supply, needed = made.sum(), used.sum(axis=1)
    main = set(made.index) | set(made.idxmax(axis=1)[made.sum(axis=1) > 0])
    return [
        name
        for name in made.columns
        if name in primary
        or (supply[name] <= 0 and needed[name] != 0)
        or (name not in main and supply[name] < needed[name])
    ]


def _beside(source: Any, what: str, names: list[str], notes: list[str]) -> pd.DataFrame:
    """Figures by industry given beside a Z table, one row an industry; a frame may lie either way."""
    frame = drop_totals(read(source, what, notes), what, notes)
    if not set(names) <= set(frame.index) and set(names) <= set(frame.columns):
        frame = frame.T
    missing = others(names, frame.index)
    if missing:
        near = did_you_mean(missing[0], frame.index)
        raise TableError(f"the {what} has no figure for {missing[0]!r} ({len(missing)} such).{near}")
    return frame.loc[names]


def _less(added: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """Rows of primary inputs that read "Less: subsidies" are taken off."""
    rows = [label for label in added.index if label.lower().startswith("less")]
    if rows:
        notes.append(f"Taken off the primary inputs, as their names say: {listed(rows)}.")
        added = added.copy()
        added.loc[rows] = -added.loc[rows]
    return added


def _note_rows(sold: pd.Series, total: pd.Series, notes: list[str]) -> None:
    """Rows that miss columns a little are told; by much, something is counted twice or left out."""
    gap = (sold - total).abs()
    share = float(gap.sum() / total.abs().sum())
    if share <= 1e-9:
        return
    worst = str(gap.idxmax())
    figures = f"{share:.2g} of output in all, most in {worst!r}: sold {sold[worst]:g}, made {total[worst]:g}"
    if share > MOST_UNBALANCED:
        raise TableError(
            f"the Z table does not balance: what is sold misses what is made by {figures}. Is a total among "
            "the "
            "rows of primary inputs or the columns of final demand? If final demand is only a part, give "
            "output="
        )
    notes.append(f"What is sold misses what is made by {figures}. Final demand is what is made and not used.")


def _note_negatives(used: pd.DataFrame, added: pd.DataFrame, notes: list[str]) -> None:
    """Negative purchases are sales: fixed by-products of the industry, at the price of what is sold."""
    for frame, kind in ((used, "inputs"), (added, "primary inputs")):
        rows = [str(row) for row in frame.index[(frame < 0).any(axis=1)]]
        if rows:
            count = int((frame < 0).sum().sum())
            notes.append(
                f"{count} negative {kind} ({listed(rows)}) count as by-products sold by the industry."
            )
