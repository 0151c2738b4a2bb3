"""Firms: zero profit, first- and second-order conditions, and whether one would rather shut down."""

from __future__ import annotations

import math

from pricegrad.certify.books import Books
from pricegrad.certify.probe import Probe, probe
from pricegrad.certify.trees import tree_value
from pricegrad.model.economy import Model
from pricegrad.model.parts import CodeFirm, Sector


def sector(books: Books, sector: Sector) -> None:
    """Zero profit (marginal cost and revenue where returns decrease), complementary to the activity."""
    level = books.claim.activity[sector.name]
    if level < 0:
        books.note("activity not negative", f"firm {sector.name!r}", level)
    level = max(level, 0.0)
    bought = [books.user_price(flow, 1.0) for flow in sector.inputs]
    made = [books.user_price(flow, -1.0) for flow in sector.outputs]
    cost, amounts = tree_value(sector.inputs, sector.nests, "in", 0.0, bought)
    revenue, yields = tree_value(sector.outputs, sector.nests, "out", 0.0, made)
    scale = level**sector.returns
    if level > 0:
        trade(books, sector, [level * amount for amount in amounts], [scale * amount for amount in yields])
    books.profit[sector.name] = scale * revenue - level * cost if sector.returns < 1 else 0.0
    marginal = (
        sector.returns * revenue * (level ** (sector.returns - 1) if sector.returns < 1 and level else 1.0)
    )
    size, floor = max(abs(cost), abs(marginal)), max(books.model.lower.get(sector.name, 0.0), 0.0)
    if sector.name in books.claim.held:
        return
    if sector.returns < 1 and (marginal > cost or level == 0 < revenue):
        best = best_profit(cost, revenue, sector.returns)
        gap = (marginal - cost) / size if level > 0 else 1.0
        books.margins.append(("zero profit", f"firm {sector.name!r}", gap, best - books.profit[sector.name]))
    elif size > 0 and marginal > cost:
        books.note("zero profit", f"firm {sector.name!r}", (marginal - cost) / size)
    elif size > 0:
        books.margins.append(
            ("zero profit", f"firm {sector.name!r}", (cost - marginal) / size, (level - floor) * cost)
        )


def trade(books: Books, sector: Sector, bought: list[float], made: list[float]) -> None:
    """What an active sector buys and sells, and the taxes on it."""
    for flow, amount in zip(sector.inputs, bought, strict=True):
        books.demand[flow.good] += amount
        books.collect(flow, amount)
    for flow, amount in zip(sector.outputs, made, strict=True):
        books.supply[flow.good] += amount
        books.collect(flow, amount)


def best_profit(cost: float, revenue: float, returns: float) -> float:
    """The largest of revenue * y ** returns - cost * y."""
    if revenue <= 0:
        return 0.0
    if cost <= 0:
        return math.inf
    log_level = (math.log(returns) + math.log(revenue) - math.log(cost)) / (1 - returns)
    if log_level > 300:
        return math.inf
    level = math.exp(log_level)
    return float(revenue * level**returns - cost * level)


def code_firm(books: Books, firm: CodeFirm) -> None:
    """First-order conditions, second-order conditions, and whether the firm would rather shut down."""
    plan = books.claim.plans[firm.name]
    pay = [books.claim.prices[good] for good in firm.inputs]
    earn = [books.claim.prices[good] for good in firm.makes]
    at = [plan[good] for good in firm.inputs]
    found = probe(firm.function, dict(firm.coefficients), at, pay, earn)
    who = f"firm {firm.name!r}"
    for good, amount in zip(firm.inputs, at, strict=True):
        books.demand[good] += amount
        if amount < 0:
            books.note("plan not negative", f"{who}, {good!r}", amount)
    for good, amount in zip(firm.makes, found.outputs, strict=True):
        books.supply[good] += amount
        if amount < 0:
            books.remarks.append(f"{firm.name} makes a negative amount of {good}: {amount:.6g}")
    books.profit[firm.name] = found.profit
    first_order(books, firm, found, at, pay)
    if found.curvature > 1e-5:
        books.note("second order", who, found.curvature)
    shut_down(books, firm, found)


def first_order(books: Books, firm: CodeFirm, found: Probe, at: list[float], pay: list[float]) -> None:
    """The price of each input against the value of what one more unit of it makes."""
    for good, amount, price, worth in zip(firm.inputs, at, pay, found.marginal, strict=True):
        who = f"firm {firm.name!r}, {good!r}"
        size = max(abs(price), abs(worth))
        if math.isnan(worth):
            books.note("first order", who, math.nan)
        elif math.isinf(worth) or worth > price:
            books.note("first order", who, (worth - price) / size if math.isfinite(worth) else 1.0)
        elif size > 0:
            books.margins.append(("first order", who, (price - worth) / size, price * amount))


def shut_down(books: Books, firm: CodeFirm, found: Probe) -> None:
    tolerance = 1e-7 * (abs(found.revenue) + abs(found.cost))
    idle = found.idle_profit
    if idle is not None and found.profit < idle - tolerance:
        books.remarks.append(
            f"{firm.name} makes a profit of {found.profit:.6g} and would rather shut down ({idle:.6g})"
        )
    elif found.profit < -tolerance:
        books.remarks.append(f"{firm.name} loses money: its profit is {found.profit:.6g}")


def written_out(books: Books, said: Model) -> None:
    """A minimum that was written out is still the function the user gave."""
    for name, firm in said.firms.items():
        now = books.model.firms[name]
        if (
            not isinstance(firm, CodeFirm)
            or not isinstance(now, CodeFirm)
            or len(now.makes) == len(firm.makes)
        ):
            continue
        plan = list(books.claim.plans[name].values())
        whole = float(firm.function(*plan, **firm.coefficients))
        parts = min(float(part) for part in now.function(*plan, **now.coefficients))
        books.note("minimum", f"firm {name!r}", (whole - parts) / max(abs(whole), abs(parts), 1e-300))
