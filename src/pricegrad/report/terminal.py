"""Results as tables in the terminal."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pricegrad.pricing.explain import number, title

if TYPE_CHECKING:
    from rich.console import Console

    from pricegrad.equilibrium.frames import Comparison
    from pricegrad.pricing.costs import CostPrices
    from pricegrad.pricing.result import Prices
    from pricegrad.pricing.shock import PriceChange

BAR = 10
CHAINS = 6
WIDE = 110
NARROW = 70  # below it there is no room for bars
COMPARED = ("price", "activity", "income", "utility")
ROUNDING = 1e-12


def prices(result: Prices | CostPrices) -> None:
    """Goods with quantity and price, firms with their accounts, and the derivation."""
    from rich.table import Table

    console = _console()
    goods = Table(title="Goods", title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in ("good", "quantity", "price"):
        goods.add_column(column, justify="left" if column == "good" else "right")
    amounts = result.quantity_dict()
    for good, price in result.price_dict().items():
        goods.add_row(_plain(good), number(amounts[good]), number(price))
    firms = Table(title="Firms", title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in ("firm", "revenue", "cost", "profit"):
        firms.add_column(column, justify="left" if column == "firm" else "right")
    for name, row in result.accounts().items():
        figures = [number(float(row[column])) for column in ("revenue", "cost", "profit")]
        firms.add_row(_plain(title(str(name))), *figures)
    unit = f"Prices in {result.numeraire}.\n" if result.numeraire else ""
    console.print(goods, "", firms, "", highlight=False)
    console.print(_plain(f"{unit}{result.explain()}"), highlight=False, soft_wrap=True)


def shock(result: PriceChange, heading: str, top: int) -> None:
    """The prices that move most, with a bar, and the suppliers through which each moved."""
    from rich.table import Table

    console = _console()
    movers = result.movers(top)
    table = Table(
        title=_plain(f"{heading} - the prices that move most"),
        title_justify="left", box=None, header_style="bold", pad_edge=False,
    )  # fmt: skip
    longest, bars = max((len(str(good)) for good in movers.index), default=4), console.width >= NARROW
    price_width = max((len(f"{change:+.2%}") for change in movers), default=5)
    good_width = max(4, min(38, longest, 2 * console.width // 5))
    room = (
        console.width - good_width - price_width - (BAR if bars else 0) - 6
    )  # what is left, without the gaps
    table.add_column("good", max_width=good_width, overflow="ellipsis", no_wrap=True)
    table.add_column("price", justify="right", no_wrap=True, min_width=price_width)
    table.add_column("", min_width=BAR if bars else 0)
    table.add_column("through", max_width=max(4, min(50, room)), overflow="ellipsis", no_wrap=True)
    largest = float(movers.abs().max()) or 1.0
    for good, change in movers.items():
        bar = "█" * max(1, round(BAR * abs(float(change)) / largest)) if change and bars else ""
        parts = [
            f"{part:+.2%} {'its own costs' if name == f'costs of {good}' else name}"
            for name, part in result.suppliers(str(good), 2).items()
            if abs(part) >= 0.05 * abs(float(change))
        ]
        table.add_row(_plain(str(good)), f"{change:+.2%}", f"[cyan]{bar}[/cyan]", _plain("\n".join(parts)))
    console.print(table, highlight=False)
    chains = [path for good in movers.index[1:] for path in result.paths(str(good), 1)][:CHAINS]
    if chains:
        console.print("\nThe largest chain to each:", highlight=False)
    for path in chains:
        console.print(_plain(f"  {path}"), highlight=False, soft_wrap=True)
    notes(result.notes)


def compared(result: Comparison, top: int) -> None:
    """The numbers that differ most between the first scenario and the last, of each kind, with a bar."""
    from rich.table import Table

    console = _console()
    before, after = result.columns[0], result.columns[-1]
    rows: dict[str, list[tuple[str, float, float, float]]] = {}
    for (what, name), old, new in zip(result.index, result[before], result[after], strict=True):
        if what in COMPARED and math.isfinite(old) and math.isfinite(new) and old:
            rows.setdefault(what, []).append((str(name), old, new, new / old - 1.0))
    for what, found in rows.items():
        movers = sorted(found, key=lambda row: -abs(row[3]))[:top]
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in (what, str(before), str(after), "", "change"):
            table.add_column(_plain(column), justify="left" if column in (what, "") else "right")
        largest = max(abs(movers[0][3]), ROUNDING)
        for name, old, new, moved in movers:
            bar = "█" * round(BAR * abs(moved) / largest) if abs(moved) > ROUNDING else ""
            table.add_row(_plain(name), number(old), number(new), f"[cyan]{bar}[/cyan]", f"{moved:+z.2%}")
        console.print(table, "", highlight=False)


def notes(lines: Iterable[str]) -> None:
    """What was decided on the way, on standard output below the result."""
    console = _console()
    for line in lines:
        console.print(_plain(f"note: {line}"), style="dim", highlight=False, soft_wrap=True)


def some(names: Iterable[str], most: int = 6) -> str:
    """The first of many names, to show what is there."""
    known = list(names)
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"there are {', '.join(map(repr, known[:most]))}{more}"


def _plain(text: str) -> str:
    """Text that rich does not read as markup."""
    from rich.markup import escape

    return escape(text)


def _console() -> Console:
    from rich.console import Console

    wide = None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE
    return Console(file=sys.stdout, width=wide)
