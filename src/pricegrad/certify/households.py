"""Households: what they buy at their income, and where the income comes from."""

from __future__ import annotations

import math
from collections import defaultdict

from pricegrad.certify.books import Books
from pricegrad.certify.probe import probe
from pricegrad.certify.trees import tree_value
from pricegrad.model.parts import Household


def spending(books: Books, home: Household) -> None:
    """What a household buys at its income, against its budget."""
    income, who = books.claim.income[home.name], f"household {home.name!r}"
    needs = math.fsum(books.claim.prices[good] * amount for good, amount in home.subsistence.items())
    for good, amount in home.subsistence.items():
        books.demand[good] += amount
    if income < needs:
        everyone = math.fsum(abs(x) for x in books.claim.income.values())
        books.note("income not negative", who, (needs - income) / everyone if everyone > 0 else 1.0)
    for own in home.endowments:
        amount = own.quantity * (1.0 if own.rationed_by is None else books.claim.aux[own.rationed_by])
        (books.supply if amount >= 0 else books.demand)[own.good] += abs(amount)
    if home.utility is not None:
        basket(books, home, income)
        return
    prices = [books.user_price(flow, 1.0) for flow in home.demands]
    unit, amounts = tree_value(home.demands, home.nests, "in", 1.0, prices)
    level = (income - needs) / unit if unit > 0 else math.nan
    spent = needs
    for flow, amount, price in zip(home.demands, amounts, prices, strict=True):
        books.demand[flow.good] += level * amount
        books.collect(flow, level * amount)
        spent += price * level * amount
    books.note("budget", who, (spent - income) / max(abs(income), abs(spent), 1e-300))


def basket(books: Books, home: Household, income: float) -> None:
    """Marginal utility per unit of money is the same for all goods consumed, not above it for others."""
    assert home.utility is not None
    basket, who = books.claim.baskets[home.name], f"household {home.name!r}"
    at = [basket[good] for good in home.consumes]
    prices = [books.claim.prices[good] for good in home.consumes]
    found = probe(home.utility, {}, at, [0.0] * len(at), [1.0])
    spent = math.fsum(p * x for p, x in zip(prices, at, strict=True))
    for good, amount in zip(home.consumes, at, strict=True):
        books.demand[good] += amount
        if amount < 0:
            books.note("plan not negative", f"{who}, {good!r}", amount)
    books.note("budget", who, (spent - income) / max(abs(income), abs(spent), 1e-300))
    money = (
        math.fsum(w * x for w, x in zip(found.marginal, at, strict=True)) / spent if spent > 0 else math.nan
    )
    for good, price, worth, amount in zip(home.consumes, prices, found.marginal, at, strict=True):
        size = max(abs(money * price), abs(worth))
        if not worth <= money * price:
            books.note("first order", f"{who}, {good!r}", (worth - money * price) / size)
        elif size > 0:
            gap = (money * price - worth) / size
            books.margins.append(("first order", f"{who}, {good!r}", gap, price * amount))


def incomes(books: Books) -> None:
    """Income = endowments at market prices + taxes received + shares of profits."""
    owned: dict[str, float] = defaultdict(float)
    for home in books.model.households.values():
        for firm, share in (home.profits or {}).items():
            owned[firm] += share
    heirs = [home.name for home in books.model.households.values() if home.profits is None]
    everyone = math.fsum(abs(x) for x in books.claim.income.values())
    for home in books.model.households.values():
        if home.name in books.claim.held:
            continue
        parts = [books.receipts[home.name]]
        for own in home.endowments:
            ration = 1.0 if own.rationed_by is None else books.claim.aux[own.rationed_by]
            parts.append(books.claim.prices[own.good] * own.quantity * ration)
        for firm, profit in books.profit.items():
            share = (home.profits or {}).get(firm, 0.0)
            if home.name in heirs:
                share += max(1.0 - owned[firm], 0.0) / len(heirs)
            parts.append(share * profit)
        income = books.claim.income[home.name]
        size = max(abs(income), max(map(abs, parts)), 1e-9 * everyone)
        gap = income - math.fsum(parts)
        books.note("income balance", f"household {home.name!r}", gap / size if size > 0 else gap)
