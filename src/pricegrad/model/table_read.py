"""Read one matrix of an input-output table: a DataFrame or a CSV file in, labelled numbers out.

Statistical offices write "---" for nothing, thousands with commas and totals among the rest. What is
plainly one of these is read as such and told in `notes`; anything else is refused with its row and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pricegrad import data
from pricegrad.errors import TableError

if TYPE_CHECKING:
    import pandas as pd

NOTHING = {"", "-", "--", "---", "..", "...", "–", "—"}
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")
TOTAL = re.compile(r"(?i)(sub)?total\b|.*\btotal$|T\d{3}$")


def read(source: Any, what: str, notes: list[str]) -> pd.DataFrame:
    """The matrix in `source` (DataFrame, Series, or CSV path) as floats under unique text labels."""
    import pandas as pd

    if isinstance(source, (str, PathLike)):
        frame = _csv(Path(source), what)
    elif isinstance(source, pd.Series):
        frame = source.to_frame(str(source.name) if source.name is not None else what)
    elif isinstance(source, pd.DataFrame):
        frame = source
    else:
        raise TableError(
            f"the {what} table is a {type(source).__name__}; give a pandas DataFrame with labels, or the "
            "path of a CSV file whose first row and first column are labels"
        )
    if frame.empty:
        raise TableError(f"the {what} table is empty: {frame.shape[0]} rows by {frame.shape[1]} columns")
    rows, columns = (
        labels(frame.index, f"rows of the {what} table"),
        labels(frame.columns, f"columns of the {what} table"),
    )
    return pd.DataFrame(_numbers(frame, rows, columns, what, notes), index=rows, columns=columns)


def _csv(path: Path, what: str) -> pd.DataFrame:
    import pandas as pd

    try:
        frame = pd.read_csv(path, index_col=0, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        ship = ", ".join(data.TABLES)
        raise TableError(f"the {what} table: there is no file {path} (tables that ship: {ship})") from None
    except IsADirectoryError:
        raise TableError(f"the {what} table: {path} is a folder, not a CSV file") from None
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, OSError) as error:
        raise TableError(f"the {what} table: {path} cannot be read as CSV: {str(error).strip()}") from None
    header = _header(path)
    if frame.shape[1] == 0:
        raise TableError(
            f"the {what} table: {path} has a single column; the columns of a table are separated by commas"
        )
    if len(header) != frame.shape[1]:
        raise TableError(
            f"the {what} table: {path} has {frame.shape[1]} columns of cells under {len(header)} labels; the "
            "first column is for the names of the rows"
        )
    # pandas renames a repeated column label "x" to "x.1" without a word; the label as written is wanted
    frame.columns = pd.Index(header, dtype=object)
    rows = [
        bool(str(label).strip()) or bool((frame.iloc[k] != "").any()) for k, label in enumerate(frame.index)
    ]
    columns = [bool(label.strip()) or bool((frame.iloc[:, k] != "").any()) for k, label in enumerate(header)]
    return frame.loc[rows, columns]  # a spreadsheet's empty rows and columns are nothing


def _header(path: Path) -> list[str]:
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file))[1:]


def labels(index: Iterable[Any], what: str) -> list[str]:
    """Text labels of an axis, each there and each once; levels of a MultiIndex joined by " | "."""
    import pandas as pd

    if isinstance(index, pd.RangeIndex):
        raise TableError(
            f"the {what} have no names, only numbers 0 to {len(index) - 1}; name them (for a CSV read with "
            "pandas: read_csv(path, index_col=0))"
        )
    found = [
        " | ".join(str(level).strip() for level in label) if isinstance(label, tuple) else _text(label)
        for label in index
    ]
    for place, label in enumerate(found):
        if not label:
            raise TableError(f"the {what}: number {place + 1} has no name")
    seen: set[str] = set()
    for label in found:
        if label in seen:
            raise TableError(f"the {what}: {label!r} is there twice; add the two up or rename one")
        seen.add(label)
    return found


def _text(label: Any) -> str:
    missing = label is None or (isinstance(label, float) and label != label)
    return "" if missing else str(label).strip()


def _numbers(frame: pd.DataFrame, rows: list[str], columns: list[str], what: str, notes: list[str]) -> Any:
    import numpy as np

    try:
        cells = frame.to_numpy(dtype=float)
    except (TypeError, ValueError):
        cells = _texts(frame.to_numpy(dtype=object), rows, columns, what, notes)
    bad = np.argwhere(~np.isfinite(cells))
    if len(bad):
        i, j = bad[0]
        raise TableError(
            f"the {what} table: row {rows[i]!r}, column {columns[j]!r} is {cells[i, j]}; every cell must be "
            f"a finite number (0 where there is nothing){_more(len(bad))}"
        )
    return cells


def _texts(cells: Any, rows: list[str], columns: list[str], what: str, notes: list[str]) -> Any:
    import numpy as np

    values = np.zeros(cells.shape)
    nothing: set[str] = set()
    for (i, j), cell in np.ndenumerate(cells):
        text = str(cell).strip()
        if text in NOTHING:
            nothing.add(text)
            continue
        try:
            values[i, j] = float(text.replace(",", "") if THOUSANDS.match(text) else text)
        except ValueError:
            raise TableError(
                f"the {what} table: row {rows[i]!r}, column {columns[j]!r} is {text!r}; it must be a number"
            ) from None
    marks = ", ".join(sorted(repr(mark) for mark in nothing if mark))
    if marks:
        notes.append(f"{what}: cells that read {marks} count as 0.")
    elif nothing:
        notes.append(f"{what}: empty cells count as 0.")
    return values


def drop_totals(frame: pd.DataFrame, what: str, notes: list[str], keep: Sequence[str] = ()) -> pd.DataFrame:
    """`frame` without rows and columns whose label says that they are totals ("Total ...", BEA's T001)."""
    rows = [label for label in frame.index if TOTAL.match(label) and label not in keep]
    columns = [label for label in frame.columns if TOTAL.match(label) and label not in keep]
    if rows or columns:
        named = ", ".join(dict.fromkeys([*rows, *columns]))
        notes.append(f"{what}: totals left out ({named}).")
    return frame.drop(index=rows, columns=columns)


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a row, the first few of a long list."""
    shown = ", ".join(names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")


def _more(count: int) -> str:
    return f" (and {count - 1} more like it)" if count > 1 else ""
