"""The way back through functions of numbers that have no formula in the table."""

from __future__ import annotations

from pricegrad.errors import SourceError

from . import expr as ex
from .arithmetic import Arithmetic
from .bound import shape_of
from .expr import Expr
from .kinds import Kind, Num
from .rules_scalar import ELEMENTWISE
from .term import Factor, Term


class Special(Arithmetic):
    """Differentiates abs, log to a base, hypot, max, sum and their like."""

    def add(self, e: Expr, suffix: str, kind: Kind, g: Term, add_at: str = "") -> None:
        raise NotImplementedError

    def path(self, e: Expr) -> str:
        raise NotImplementedError

    def back_abs(self, e: Expr, g: Term) -> None:
        (a,) = e.args
        x = self.value(a)
        if isinstance(e.kind, Num) and not (isinstance(e.extra, dict) and e.extra["style"].startswith("np")):
            return self.back(a, g.times(Factor(f"{self.function('copysign', e)}(1.0, {x.text})", cost=3)))
        self.back(a, g.times(Factor(f"{self.np('sign')}({x.text})", cost=10, shape=x.shape)))

    def back_log(self, e: Expr, g: Term) -> None:
        if len(e.args) == 1:
            return self.elementwise(e, ELEMENTWISE["log"], g)
        a, b = e.args
        scale = Factor(f"{self.function('log', e)}({self.value(b).text})", cost=3)
        self.send(e, a, g.over(self.value(a), scale))
        if b.active:
            self.send(e, b, g.negated().times(self.value(e)).over(self.value(b), scale))

    def back_hypot(self, e: Expr, g: Term) -> None:
        z = self.value(e, 1)
        for a in e.args:
            if a.active:
                self.send(e, a, g.times(self.value(a)).over(z))

    def back_dist(self, e: Expr, g: Term) -> None:
        p, q = e.args
        if p.op not in ("list", "tuple") or q.op not in ("list", "tuple"):
            raise SourceError(f"`{e.text}` is differentiated for points written out only")
        z = self.value(e, 1)
        for a, b in zip(p.args, q.args, strict=True):
            apart = Factor(f"{self.value(a).at(ex.SUM)} - {self.value(b).at(ex.SUM + 1)}", ex.SUM, 1)
            self.back(a, g.times(apart).over(z))
            self.back(b, g.negated().times(apart).over(z))

    def back_prod(self, e: Expr, g: Term) -> None:
        xs = e.args[0]
        prod = self.function("prod", e)
        v = self.value(xs, 1).text
        others = f"{prod}({v}[:i]) * {prod}({v}[i + 1 :])"
        text = f"[{g.factor().at(ex.PRODUCT)} * {others} for i in range(len({v}))]"
        self.back(xs, Term((Factor(text, cost=9),)))

    def back_copysign(self, e: Expr, g: Term) -> None:
        a, b = e.args
        one = f"{self.function('copysign', e)}(1.0, {self.value(a).text})"
        both = f"{self.function('copysign', e)}({one}, {self.value(b).text})"
        self.send(e, a, g.times(Factor(both, cost=6, shape=shape_of(e), whole=True)))

    def back_fmod(self, e: Expr, g: Term) -> None:
        a, b = e.args
        self.send(e, a, g)
        if b.active:
            turns = (
                f"{self.function('trunc', e)}({self.value(a).at(ex.PRODUCT)} / {self.value(b).at(ex.UNARY)})"
            )
            self.send(e, b, g.negated().times(Factor(turns, cost=4, shape=shape_of(e), whole=True)))

    def back_float(self, e: Expr, g: Term) -> None:
        a = e.args[0]
        self.give(a, g if shape_of(a) == () else self.whole(g.loose(), a))

    back_float64 = back_float

    def extreme(self, e: Expr, g: Term, over: str) -> None:
        """max or min of numbers: of equals the first is the greatest, the last the least."""
        if len(e.args) == 1:
            return self.extreme_of(e, g)
        values = [self.value(a, 2) for a in e.args]
        for i, a in enumerate(e.args):
            if a.active:
                mine = values[i].at(ex.COMPARE + 1)
                wins = [
                    f"{mine} {over}{'=' if (j > i) == (over == '>') else ''} {v.at(ex.COMPARE + 1)}"
                    for j, v in enumerate(values)
                    if j != i
                ]
                self.send(e, a, g.times(Factor("(" + " and ".join(wins) + ")", cost=len(wins), integer=True)))

    def back_max(self, e: Expr, g: Term) -> None:
        self.extreme(e, g, ">")

    def back_min(self, e: Expr, g: Term) -> None:
        self.extreme(e, g, "<")

    def extreme_of(self, e: Expr, g: Term) -> None:
        """max(xs) of a list: to the element that is it."""
        xs = e.args[0]
        where = f"[{xs.text}.index({self.value(e).text})]"
        self.add(xs, self.path(xs) + where, e.kind, g)

    def back_sum(self, e: Expr, g: Term) -> None:
        xs = e.args[0]
        if len(e.args) > 1:
            self.back(e.args[1], g)
        if xs.op in ("list", "tuple") and not isinstance(xs.extra, dict):
            g = self.shared(g, e, sum(x.active for x in xs.args))
            for x in xs.args:
                self.send(e, x, g)
        elif xs.active:
            f = self.whole(g, e).factor()
            self.back(xs, Term((Factor(f"[{f.text}] * len({xs.text})", ex.PRODUCT, f.cost + 2),)))

    back_fsum = back_sum
