"""The conditions of an equilibrium, one method a condition, over plain numbers."""

from __future__ import annotations

import inspect
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from pricegrad.certify.certificate import Certificate, Violation
from pricegrad.certify.probe import Floats, Probe, derivative, probe
from pricegrad.certify.trees import tree_value
from pricegrad.errors import ModelError
from pricegrad.model.claim import Claim
from pricegrad.model.economy import Model
from pricegrad.model.expression import KINDS, Operation, Variable, parse, value, variables
from pricegrad.model.minima import plain
from pricegrad.model.parts import CodeFirm, Flow, Household, Sector, Tax
from pricegrad.model.validate import goods

NOTHING = 1e-6


def certify(model: Model, claim: Claim) -> Certificate:
    """Check a claimed equilibrium of a description (goods that are non-rival written out by user)."""
    audit = _Audit(plain(model), claim)
    audit.run()
    audit.written_out(model)
    return Certificate(tuple(audit.violations), tuple(audit.remarks))


@dataclass
class _Audit:
    model: Model
    claim: Claim
    violations: list[Violation] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    supply: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    demand: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    receipts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    profit: dict[str, float] = field(default_factory=dict)
    margins: list[tuple[str, str, float, float]] = field(default_factory=list)

    def run(self) -> None:
        """All checks; margins wait until the turnover is known."""
        for firm in self.model.firms.values():
            if isinstance(firm, Sector):
                self.sector(firm)
            else:
                self.code_firm(firm)
        for home in self.model.households.values():
            self.spending(home)
        self.outside()
        self.incomes()
        self.constraints()
        turnover = math.fsum(
            self.claim.prices[g] * max(self.supply[g], self.demand[g]) for g in goods(self.model)
        )
        for condition, who, gap, worth in self.margins:
            self.note(condition, who, min(gap, weight(worth, turnover)))
        self.markets(turnover)

    def note(self, condition: str, who: str, amount: float) -> None:
        """Record a violation."""
        self.violations.append(Violation(condition, who, abs(amount)))

    def rate(self, tax: Tax) -> float:
        """The rate of a tax at the claimed auxiliaries."""
        return tax.rate if tax.aux is None else tax.mult * self.claim.aux[tax.aux]

    def user_price(self, flow: Flow, sign: float) -> float:
        """The price of a flow with its taxes: above the market's for buyers, below for sellers."""
        return self.claim.prices[flow.good] * (1 + sign * math.fsum(self.rate(tax) for tax in flow.taxes))

    def collect(self, flow: Flow, quantity: float) -> None:
        """Taxes on a flow go to their recipients."""
        for tax in flow.taxes:
            self.receipts[tax.to] += self.rate(tax) * self.claim.prices[flow.good] * quantity

    def sector(self, sector: Sector) -> None:
        """Zero profit (marginal cost and revenue where returns decrease), complementary to the activity."""
        level = self.claim.activity[sector.name]
        if level < 0:
            self.note("activity not negative", f"firm {sector.name!r}", level)
        level = max(level, 0.0)
        bought = [self.user_price(flow, 1.0) for flow in sector.inputs]
        made = [self.user_price(flow, -1.0) for flow in sector.outputs]
        cost, amounts = tree_value(sector.inputs, sector.nests, "in", 0.0, bought)
        revenue, yields = tree_value(sector.outputs, sector.nests, "out", 0.0, made)
        scale = level**sector.returns
        if level > 0:
            self.trade(sector, [level * amount for amount in amounts], [scale * amount for amount in yields])
        self.profit[sector.name] = scale * revenue - level * cost if sector.returns < 1 else 0.0
        marginal = (
            sector.returns
            * revenue
            * (level ** (sector.returns - 1) if sector.returns < 1 and level else 1.0)
        )
        size, floor = max(abs(cost), abs(marginal)), max(self.model.lower.get(sector.name, 0.0), 0.0)
        if sector.name in self.claim.held:
            return
        if sector.returns < 1 and (marginal > cost or level == 0 < revenue):
            best = best_profit(cost, revenue, sector.returns)
            gap = (marginal - cost) / size if level > 0 else 1.0
            self.margins.append(
                ("zero profit", f"firm {sector.name!r}", gap, best - self.profit[sector.name])
            )
        elif size > 0 and marginal > cost:
            self.note("zero profit", f"firm {sector.name!r}", (marginal - cost) / size)
        elif size > 0:
            self.margins.append(
                ("zero profit", f"firm {sector.name!r}", (cost - marginal) / size, (level - floor) * cost)
            )

    def trade(self, sector: Sector, bought: list[float], made: list[float]) -> None:
        """What an active sector buys and sells, and the taxes on it."""
        for flow, amount in zip(sector.inputs, bought, strict=True):
            self.demand[flow.good] += amount
            self.collect(flow, amount)
        for flow, amount in zip(sector.outputs, made, strict=True):
            self.supply[flow.good] += amount
            self.collect(flow, amount)

    def code_firm(self, firm: CodeFirm) -> None:
        """First-order conditions, second-order conditions, and whether the firm would rather shut down."""
        plan = self.claim.plans[firm.name]
        pay = [self.claim.prices[good] for good in firm.inputs]
        earn = [self.claim.prices[good] for good in firm.makes]
        at = [plan[good] for good in firm.inputs]
        found = probe(firm.function, dict(firm.coefficients), at, pay, earn)
        who = f"firm {firm.name!r}"
        for good, amount in zip(firm.inputs, at, strict=True):
            self.demand[good] += amount
            if amount < 0:
                self.note("plan not negative", f"{who}, {good!r}", amount)
        for good, amount in zip(firm.makes, found.outputs, strict=True):
            self.supply[good] += amount
            if amount < 0:
                self.remarks.append(f"{firm.name} makes a negative amount of {good}: {amount:.6g}")
        self.profit[firm.name] = found.profit
        self.first_order(firm, found, at, pay)
        if found.curvature > 1e-5:
            self.note("second order", who, found.curvature)
        self.shut_down(firm, found)

    def first_order(self, firm: CodeFirm, found: Probe, at: list[float], pay: list[float]) -> None:
        """The price of each input against the value of what one more unit of it makes."""
        for good, amount, price, worth in zip(firm.inputs, at, pay, found.marginal, strict=True):
            who = f"firm {firm.name!r}, {good!r}"
            size = max(abs(price), abs(worth))
            if math.isnan(worth):
                self.note("first order", who, math.nan)
            elif math.isinf(worth) or worth > price:
                self.note("first order", who, (worth - price) / size if math.isfinite(worth) else 1.0)
            elif size > 0:
                self.margins.append(("first order", who, (price - worth) / size, price * amount))

    def written_out(self, said: Model) -> None:
        """A minimum that was written out is still the function the user gave."""
        for name, firm in said.firms.items():
            now = self.model.firms[name]
            if (
                not isinstance(firm, CodeFirm)
                or not isinstance(now, CodeFirm)
                or len(now.makes) == len(firm.makes)
            ):
                continue
            plan = list(self.claim.plans[name].values())
            whole = float(firm.function(*plan, **firm.coefficients))
            parts = min(float(part) for part in now.function(*plan, **now.coefficients))
            self.note("minimum", f"firm {name!r}", (whole - parts) / max(abs(whole), abs(parts), 1e-300))

    def shut_down(self, firm: CodeFirm, found: Probe) -> None:
        tolerance = 1e-7 * (abs(found.revenue) + abs(found.cost))
        idle = found.idle_profit
        if idle is not None and found.profit < idle - tolerance:
            self.remarks.append(
                f"{firm.name} makes a profit of {found.profit:.6g} and would rather shut down ({idle:.6g})"
            )
        elif found.profit < -tolerance:
            self.remarks.append(f"{firm.name} loses money: its profit is {found.profit:.6g}")

    def spending(self, home: Household) -> None:
        """What a household buys at its income, against its budget."""
        income, who = self.claim.income[home.name], f"household {home.name!r}"
        needs = math.fsum(self.claim.prices[good] * amount for good, amount in home.subsistence.items())
        for good, amount in home.subsistence.items():
            self.demand[good] += amount
        if income < needs:
            everyone = math.fsum(abs(x) for x in self.claim.income.values())
            self.note("income not negative", who, (needs - income) / everyone if everyone > 0 else 1.0)
        for own in home.endowments:
            amount = own.quantity * (1.0 if own.rationed_by is None else self.claim.aux[own.rationed_by])
            (self.supply if amount >= 0 else self.demand)[own.good] += abs(amount)
        if home.utility is not None:
            self.basket(home, income)
            return
        prices = [self.user_price(flow, 1.0) for flow in home.demands]
        unit, amounts = tree_value(home.demands, home.nests, "in", 1.0, prices)
        level = (income - needs) / unit if unit > 0 else math.nan
        spent = needs
        for flow, amount, price in zip(home.demands, amounts, prices, strict=True):
            self.demand[flow.good] += level * amount
            self.collect(flow, level * amount)
            spent += price * level * amount
        self.note("budget", who, (spent - income) / max(abs(income), abs(spent), 1e-300))

    def basket(self, home: Household, income: float) -> None:
        """Marginal utility per unit of money is the same for all goods consumed, not above it for others."""
        assert home.utility is not None
        basket, who = self.claim.baskets[home.name], f"household {home.name!r}"
        at = [basket[good] for good in home.consumes]
        prices = [self.claim.prices[good] for good in home.consumes]
        found = probe(home.utility, {}, at, [0.0] * len(at), [1.0])
        spent = math.fsum(p * x for p, x in zip(prices, at, strict=True))
        for good, amount in zip(home.consumes, at, strict=True):
            self.demand[good] += amount
            if amount < 0:
                self.note("plan not negative", f"{who}, {good!r}", amount)
        self.note("budget", who, (spent - income) / max(abs(income), abs(spent), 1e-300))
        money = (
            math.fsum(w * x for w, x in zip(found.marginal, at, strict=True)) / spent
            if spent > 0
            else math.nan
        )
        for good, price, worth, amount in zip(home.consumes, prices, found.marginal, at, strict=True):
            size = max(abs(money * price), abs(worth))
            if not worth <= money * price:
                self.note("first order", f"{who}, {good!r}", (worth - money * price) / size)
            elif size > 0:
                gap = (money * price - worth) / size
                self.margins.append(("first order", f"{who}, {good!r}", gap, price * amount))

    def outside(self) -> None:
        """Outside markets trade what they say at the claimed prices."""
        for i, market in enumerate(self.model.outside):
            price, who = self.claim.prices[market.good], f"outside {market.side} of {market.good!r}"
            amount = self.claim.outside.get(i, 0.0)
            if market.quantity is not None:
                amount = market.quantity
            elif market.curve is not None:
                amount = float(market.curve(price))
            elif market.price is not None:
                better = price > market.price if market.side == "supply" else price < market.price
                gap = abs(price - market.price) / max(abs(price), abs(market.price), 1e-300)
                if better:
                    self.note("outside price", who, gap)
                else:
                    self.margins.append(("outside price", who, gap, price * amount))
            (self.supply if (market.side == "supply") == (amount >= 0) else self.demand)[market.good] += abs(
                amount
            )

    def incomes(self) -> None:
        """Income = endowments at market prices + taxes received + shares of profits."""
        owned: dict[str, float] = defaultdict(float)
        for home in self.model.households.values():
            for firm, share in (home.profits or {}).items():
                owned[firm] += share
        heirs = [home.name for home in self.model.households.values() if home.profits is None]
        everyone = math.fsum(abs(x) for x in self.claim.income.values())
        for home in self.model.households.values():
            if home.name in self.claim.held:
                continue
            parts = [self.receipts[home.name]]
            for own in home.endowments:
                ration = 1.0 if own.rationed_by is None else self.claim.aux[own.rationed_by]
                parts.append(self.claim.prices[own.good] * own.quantity * ration)
            for firm, profit in self.profit.items():
                share = (home.profits or {}).get(firm, 0.0)
                if home.name in heirs:
                    share += max(1.0 - owned[firm], 0.0) / len(heirs)
                parts.append(share * profit)
            income = self.claim.income[home.name]
            size = max(abs(income), max(map(abs, parts)), 1e-9 * everyone)
            gap = income - math.fsum(parts)
            self.note("income balance", f"household {home.name!r}", gap / size if size > 0 else gap)

    def constraints(self) -> None:
        """Each constraint, complementary to its variable where that is bounded."""
        for name, aux in self.model.auxiliaries.items():
            if name in self.claim.held:
                continue
            if callable(aux.constraint):
                self.formula(name, aux.constraint)
                continue
            constraint = parse(aux.constraint, f"the constraint of {name!r}")
            at = {variable: self.lookup(variable) for variable in variables(constraint.slack)}
            slack = constraint.slack
            assert isinstance(slack, Operation)
            left, right = value(slack.left, at), value(slack.right, at)
            size = max(abs(left), abs(right))
            gap = (left - right) / size if size > 0 else 0.0
            self.bounded(name, gap, self.model.lower.get(name, -math.inf if constraint.equality else 0.0))

    def formula(self, name: str, function: Callable[..., float]) -> None:
        """A constraint given by a function, relative to what a change of all its variables would do to it."""
        at = np.array([self.lookup(Variable(each)) for each in inspect.signature(function).parameters])

        def slack(x: Floats) -> float:
            return float(function(*x.tolist()))

        size = math.fsum(abs(derivative(slack, at, i) * at[i]) for i in range(len(at)) if at[i] > 0)
        gap = slack(at) / size if size > 0 else slack(at)
        self.bounded(name, gap, self.model.lower.get(name, -math.inf))

    def bounded(self, name: str, gap: float, lower: float) -> None:
        """A relative slack, complementary to its variable where that is bounded."""
        room = self.claim.aux[name] - lower
        if room < 0:
            self.note("constraint", f"{name!r} below its bound", room)
        self.note("constraint", repr(name), gap if math.isinf(room) or gap < 0 else min(gap, room))

    def lookup(self, variable: Variable) -> float:
        """The claimed value of a name in a constraint."""
        claim = self.claim
        tables: Mapping[str, Mapping[str, float]] = dict(
            zip(KINDS, (claim.prices, claim.activity, claim.income, claim.aux), strict=True)
        )
        for kind, table in tables.items():
            if variable.kind in ("", kind) and variable.name in table:
                return table[variable.name]
        raise ModelError(f"a constraint names {variable.name!r}, which the claim does not have")

    def markets(self, turnover: float) -> None:
        """Supply covers demand, and what is left over has no price; Walras' law."""
        prices, held = self.claim.prices, self.claim.held
        unasked = set(held & prices.keys()) if len(held - set(self.model.auxiliaries)) > 1 else set()
        if self.claim.numeraire in unasked and len(unasked) == 1 and held <= {self.claim.numeraire}:
            unasked = set()
        outside = {market.good for market in self.model.outside}
        if outside and self.claim.numeraire not in outside:
            # What is owed across the border is settled in the numeraire.
            unasked |= {good for good in prices if good == self.claim.numeraire}
        floored = any(
            prices[good] <= low for good, low in self.model.lower.items() if good in prices and low > 0
        )
        if floored:
            # Income counts what is not sold at the floor; the numeraire's market takes the difference.
            unasked |= {good for good in prices if good == self.claim.numeraire}
        walras = []
        for good in goods(self.model):
            supply, demand, price = self.supply[good], self.demand[good], prices[good]
            volume, excess = max(supply, demand), supply - demand
            walras.append(price * excess)
            who = f"market for {good!r}"
            if price < 0:
                self.note("price not negative", who, price)
            if (
                good == self.claim.numeraire
                and outside
                and abs(excess) > 1e-9 * volume
                and good not in outside
            ):
                way = "pays" if excess > 0 else "is paid"
                self.remarks.append(f"the economy {way} {abs(excess):.6g} {good} across the border")
            if volume == 0 or good in unasked:
                continue
            if excess < 0:
                self.note("market clearing", who, -excess / volume)
            else:
                above = price - self.model.lower.get(good, 0.0)
                self.note("market clearing", who, min(excess / volume, weight(above * volume, turnover)))
            if price < self.model.lower.get(good, 0.0):
                self.note("price not below its bound", who, price - self.model.lower[good])
        closed = not self.model.outside and not unasked and not floored
        if closed and turnover > 0 and self.model.households:
            self.note("Walras' law", "all markets", math.fsum(walras) / turnover)


def weight(worth: float, turnover: float) -> float:
    """How far something is from being nothing: 1 from a millionth of the turnover up, in proportion below."""
    return min(abs(worth) / (NOTHING * turnover), 1.0) if turnover > 0 else 0.0


def best_profit(cost: float, revenue: float, returns: float) -> float:
    """The largest of revenue * y ** returns - cost * y."""
    if revenue <= 0:
        return 0.0
    if cost <= 0:
        return math.inf
    level = math.exp(math.log(returns * revenue / cost) / (1 - returns))
    return float(revenue * level**returns - cost * level)
