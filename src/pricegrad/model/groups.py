"""Which sector each industry of a table belongs to, as the user says it: only pictures read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from pricegrad.errors import TableError, did_you_mean

LEVEL = " | "  # between the levels of a label, as in "Germany | Steel"


def sectors(given: Any, industries: Sequence[str]) -> dict[str, str]:
    """The sector of each industry that has one.

    `given`: a mapping or pandas Series by industry; the path of a CSV file with a column of industries and
    one of sectors; a number, of so many first characters of the label (codes such as NACE or NAICS); or None:
    the first level of labels that have several. Raises TableError for an industry that is not there.
    """
    if given is None:
        levelled = all(LEVEL in name for name in industries)
        return {name: name.split(LEVEL)[0] for name in industries} if levelled else {}
    if isinstance(given, int) and not isinstance(given, bool):
        if given < 1:
            raise TableError(
                f"groups={given}: a number says how many first characters of a label are a sector"
            )
        return {name: name[:given] for name in industries}
    named = _file(Path(given)) if isinstance(given, (str, PathLike)) else given
    if not isinstance(named, Mapping) and not hasattr(named, "items"):
        raise TableError(
            f"groups= is a {type(given).__name__}; give sectors by industry (a dict, a Series or a CSV "
            "file), or the number of first characters of a label that tell the sector"
        )
    found = {str(industry).strip(): str(sector).strip() for industry, sector in named.items()}
    for industry in found:
        if industry not in industries:
            raise TableError(f"groups= names {industry!r}, no industry.{did_you_mean(industry, industries)}")
    return found


def _file(path: Path) -> dict[str, str]:
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(row)]
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"the groups: {path} cannot be read: {error}") from None
    for number, row in enumerate(rows, 1):
        if len(row) != 2:
            raise TableError(
                f"the groups: {path}, row {number} has {len(row)} columns; each row is an industry and its "
                "sector"
            )
    return {row[0]: row[1] for row in rows[1:]}
