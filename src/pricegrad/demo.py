"""What pricegrad does, in a few seconds, on real input: `python -m pricegrad.demo`, or `make demo`.

A chain of three companies, priced by backpropagation; then the United States, where oil becomes dearer.
"""

from __future__ import annotations

import inspect
import sys
import time
from math import log
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pricegrad.economy import Economy

SHOCK = "Oil and gas extraction"


# fmt: off
def f(x):                  # natural gas -> tupperware
    a = x ** (1/2)         # company A: ethylene from natural gas
    b = 1 - 1/(a + 1)      # company B: polyethylene from ethylene
    c = log(b)             # company C: tupperware from polyethylene
    return c
# fmt: on


def company_a(natgas: float) -> float:
    """Ethylene from natural gas."""
    return natgas ** (1 / 2)


def company_b(ethylene: float) -> float:
    """Polyethylene from ethylene."""
    return 1 - 1 / (ethylene + 1)


def company_c(polyethylene: float) -> float:
    """Tupperware from polyethylene."""
    return log(polyethylene)


def companies() -> Economy:
    """The same three lines as three firms that trade."""
    from pricegrad import Economy

    economy = Economy("chain", numeraire="tupperware")
    economy.firm(company_a, makes="ethylene")
    economy.firm(company_b, makes="polyethylene")
    economy.firm(company_c, makes="tupperware")
    economy.supply("natgas", 4.0)
    economy.demand("tupperware", price=1.0)
    return economy


def chain() -> None:
    """Three companies: the code that backpropagation writes, and the same prices from an economy."""
    import pricegrad as pg

    _title("1. Prices are gradients: three companies make tupperware of natural gas")
    print(_indented(inspect.getsource(f)) + "\n\nThe code that backpropagation writes for it:\n")
    print(_indented(pg.grad(f).source))
    result = companies().price()
    print("\nThe same lines as three firms that trade, 4 of natural gas at hand, tupperware the money:\n")
    print(_indented(result.explain()))
    print(f"\n  pg.grad(f)(4.0) = {pg.grad(f)(4.0):.16g}\n  P_natgas        = {result.prices['natgas']:.16g}")


def oil(picture: Path) -> None:
    """The United States in 71 industries: the cost of oil and gas rises by a tenth."""
    import pricegrad as pg
    from pricegrad.report import plots, terminal

    _title("2. A real economy: the United States 2021, 71 industries (Bureau of Economic Analysis)")
    economy = pg.Economy.from_table("us71")
    result = economy.shock({SHOCK: 0.10})
    print(
        f"Before, {len(economy.firms)} firms cover their costs at prices of 1, to "
        f"{_gap(result.before):.0e}.\n"
    )
    heading = f"{SHOCK} costs 10% more to run"
    terminal.shock(result, heading, 10)
    plots.movers(result, picture, 12, heading)
    page = result.report(picture.with_suffix(".html"))
    print(f"\npicture: {picture.resolve()}\npage:    {page.resolve()}  (open it; it needs no network)")


def _gap(prices: object) -> float:
    import numpy as np

    return float(np.abs(np.asarray(prices, float) - 1).max())


def _near(path: Path) -> str:
    """A path as one types it here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else path.name


def _title(text: str) -> None:
    print(f"\n{text}\n{'=' * len(text)}\n")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def main() -> None:
    """Run both parts; the picture and the page go to the folder out."""
    start = time.perf_counter()
    chain()
    picture = Path("out") / "oil-shock.png"
    picture.parent.mkdir(exist_ok=True)
    oil(picture)
    command = Path(sys.executable).with_name("pricegrad")
    print(f"\n{time.perf_counter() - start:.1f} s. Next, one of your own: {_near(command)} new my_town.py")


if __name__ == "__main__":
    main()
