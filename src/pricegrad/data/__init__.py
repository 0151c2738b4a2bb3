"""Tables that ship with pricegrad; `README.md` beside this file says what they are and whose."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

TABLES = {"us71": "United States 2021, 71 industries (Bureau of Economic Analysis)"}


def load(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The supply and the use table called `name`: commodities in rows, industries in columns."""
    from importlib.resources import files

    import pandas as pd

    tables = []
    for part in ("supply", "use"):
        with files(__package__).joinpath(f"{name}_{part}.csv").open(encoding="utf-8") as file:
            tables.append(pd.read_csv(file, index_col=0))
    return tables[0], tables[1]


def sectors(name: str) -> dict[str, str]:
    """The sector of each industry of the table called `name`."""
    import csv
    from importlib.resources import files

    text = files(__package__).joinpath(f"{name}_sectors.csv").read_text("utf-8")
    return {row["industry"]: row["sector"] for row in csv.DictReader(text.splitlines())}
