"""Markets: what outsiders trade, whether supply covers demand, and Walras' law."""

from __future__ import annotations

import math

from pricegrad.certify.books import Books, weight
from pricegrad.model.validate import goods


def outside(books: Books) -> None:
    """Outside markets trade what they say at the claimed prices."""
    for i, market in enumerate(books.model.outside):
        price, who = books.claim.prices[market.good], f"outside {market.side} of {market.good!r}"
        amount = books.claim.outside.get(i, 0.0)
        if market.quantity is not None:
            amount = market.quantity
        elif market.curve is not None:
            amount = float(market.curve(price))
        elif market.price is not None:
            better = price > market.price if market.side == "supply" else price < market.price
            gap = abs(price - market.price) / max(abs(price), abs(market.price), 1e-300)
            if better:
                books.note("outside price", who, gap)
            else:
                books.margins.append(("outside price", who, gap, price * amount))
        (books.supply if (market.side == "supply") == (amount >= 0) else books.demand)[market.good] += abs(
            amount
        )


def markets(books: Books, turnover: float) -> None:
    """Supply covers demand, and what is left over has no price; Walras' law."""
    settled, floored = unasked(books), bool(at_floor(books))
    values = []
    for good in goods(books.model):
        excess = books.supply[good] - books.demand[good]
        values.append(books.claim.prices[good] * excess)
        border(books, good, excess)
        clearing(books, good, excess, turnover, asked=good not in settled)
    closed = not books.model.outside and not settled and not floored
    if closed and turnover > 0 and books.model.households:
        books.note("Walras' law", "all markets", math.fsum(values) / turnover)


def at_floor(books: Books) -> set[str]:
    """Goods whose price has come down to a lower bound above 0."""
    prices = books.claim.prices
    return {good for good, low in books.model.lower.items() if good in prices and prices[good] <= low > 0}


def unasked(books: Books) -> set[str]:
    """Goods whose market need not clear: prices held on purpose, and the numeraire where it settles debts."""
    prices, held, unit = books.claim.prices, books.claim.held, books.claim.numeraire
    found = set(held & prices.keys()) if len(held - set(books.model.auxiliaries)) > 1 else set()
    if found == {unit} and held <= {unit}:
        found = set()
    # What is owed across the border is settled in the numeraire; and income counts what is not sold at a
    # floor, so that the numeraire's market takes the difference.
    abroad = {market.good for market in books.model.outside}
    if unit is not None and unit in prices and ((abroad and unit not in abroad) or at_floor(books)):
        found.add(unit)
    return found


def border(books: Books, good: str, excess: float) -> None:
    """Remark on what the economy pays, or is paid, in a numeraire that has no outside market."""
    abroad = {market.good for market in books.model.outside}
    volume = max(books.supply[good], books.demand[good])
    if good == books.claim.numeraire and abroad and good not in abroad and abs(excess) > 1e-9 * volume:
        way = "pays" if excess > 0 else "is paid"
        books.remarks.append(f"the economy {way} {abs(excess):.6g} {good} across the border")


def clearing(books: Books, good: str, excess: float, turnover: float, *, asked: bool) -> None:
    """The market for one good, where it is asked to clear; and the sign of its price."""
    who, price = f"market for {good!r}", books.claim.prices[good]
    volume, low = max(books.supply[good], books.demand[good]), books.model.lower.get(good, 0.0)
    if price < 0:
        books.note("price not negative", who, price)
    if volume == 0 or not asked:
        return
    if excess < 0:
        books.note("market clearing", who, -excess / volume)
    else:
        books.note("market clearing", who, min(excess / volume, weight((price - low) * volume, turnover)))
    if price < low:
        books.note("price not below its bound", who, price - low)
