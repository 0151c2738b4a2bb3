"""Do the labels and the sides of tables fit together? Each refusal says what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pricegrad.errors import TableError
from pricegrad.model.table_read import listed

if TYPE_CHECKING:
    import pandas as pd

MOST_UNBALANCED = 0.05


def others(labels: Iterable[str], known: Iterable[str]) -> list[str]:
    """The labels that are not among the known."""
    there = set(known)
    return [label for label in labels if label not in there]


def match(wanted: list[str], there: list[str], across: list[str], kind: str, side: str, what: str) -> None:
    """Every label wanted is there; `across` are the labels of the other side."""
    missing = others(wanted, there)
    if not missing:
        return
    lost = f"{len(missing)} of the {len(wanted)} {kind} of the {what} table are not {side} of the use table"
    if set(wanted) <= set(across):
        other = "supply" if what == "make" else "make"
        cure = (
            f"the two tables lie across each other: give the {what} table as {other}=, or turn the use table "
            "(use.T)"
        )
    elif len(missing) == len(wanted):
        cure = f"one says {listed(wanted, 3)}, the other {listed(there, 3)}: give both the same labels"
    else:
        near = difflib.get_close_matches(missing[0], there, n=1)
        meant = f' (did you mean "{near[0]}"?)' if near else ""
        cure = (
            f"such as {missing[0]!r}{meant}; leave them out, or add them to the use table with what they cost"
        )
    raise TableError(f"{lost}: {cure}")


def orientation(made: pd.DataFrame, used: pd.DataFrame, added: pd.DataFrame, what: str) -> None:
    """Where labels cannot tell a make from a supply table, the accounts do: costs must meet outputs."""
    if set(made.index) != set(made.columns) or not added.shape[0]:
        return
    costs = used.sum() + added.sum()
    if not float(costs.abs().sum()) > 0:
        return
    given, turned = (float((made.sum(axis=axis) - costs).abs().sum() / costs.abs().sum()) for axis in (1, 0))
    if given > MOST_UNBALANCED and turned < given / 5:
        other = "supply" if what == "make" else "make"
        raise TableError(
            f"the {what} table lies across: its columns, not its rows, meet the costs of the industries; "
            f"give it as {other}="
        )


def square(table: pd.DataFrame, names: list[str]) -> None:
    """The rows and columns that share a name make a square, and no other two nearly do."""
    if not names:
        raise TableError(
            f"the Z table has no industry both in its rows ({listed(list(table.index), 3)}) and in its "
            f"columns ({listed(list(table.columns), 3)}); rows sell to columns under the same names"
        )
    apart = others(table.columns, names)
    for row in others(table.index, names):
        near = difflib.get_close_matches(row, apart, n=1, cutoff=0.85)
        if near:
            raise TableError(
                f"the Z table has a row {row!r} and a column {near[0]!r}; an industry has one name"
            )
