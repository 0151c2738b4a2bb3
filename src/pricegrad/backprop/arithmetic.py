"""The way back through arithmetic, and through functions whose derivatives are formulas in a table."""

from __future__ import annotations

from pricegrad.errors import SourceError

from . import expr as ex
from . import typing_rules as ty
from .bound import shape_of
from .expr import Expr
from .kinds import Array, Num, Shape
from .masked import Masked
from .rows import parsed
from .term import Factor, Term, squared


class Arithmetic(Masked):
    """Differentiates sums, products, quotients, powers and elementwise functions."""

    math_style: str

    def shared(self, g: Term, e: Expr, uses: int) -> Term:
        raise NotImplementedError

    def back_add(self, e: Expr, g: Term) -> None:
        g = self.shared(g, e, sum(a.active for a in e.args))
        for a in e.args:
            self.send(e, a, g)

    def back_sub(self, e: Expr, g: Term) -> None:
        g = self.shared(g, e, sum(a.active for a in e.args))
        self.send(e, e.args[0], g)
        self.send(e, e.args[1], g.negated())

    def back_neg(self, e: Expr, g: Term) -> None:
        self.back(e.args[0], g.negated())

    def back_pos(self, e: Expr, g: Term) -> None:
        self.back(e.args[0], g)

    def back_mul(self, e: Expr, g: Term) -> None:
        a, b = e.args
        g = self.shared(g, e, a.active + b.active)
        if a.active:
            self.send(e, a, g.times(self.value(b)))
        if b.active:
            self.send(e, b, g.times(self.value(a)))

    def back_div(self, e: Expr, g: Term) -> None:
        a, b = e.args
        g = self.shared(g, e, a.active + b.active)
        if a.active:
            self.send(e, a, g.over(self.value(b)))
        if b.active:
            if id(e) in self.result or id(e) in self.kept:
                self.send(e, b, g.negated().times(self.value(e)).over(self.value(b)))
            else:
                self.send(e, b, g.negated().times(self.value(a)).over(squared(self.value(b))))

    def back_mod(self, e: Expr, g: Term) -> None:
        a, b = e.args
        self.send(e, a, g)
        if b.active:
            turns = f"({self.value(a).at(ex.PRODUCT)} // {self.value(b).at(ex.UNARY)})"
            self.send(e, b, g.negated().times(Factor(turns, cost=1, shape=shape_of(e), whole=True)))

    back_remainder = back_mod

    def back_pow(self, e: Expr, g: Term) -> None:
        a, b = e.args[:2]
        g = self.shared(g, e, a.active + b.active)
        if a.active:
            self.send(e, a, self.power(a, b, g))
        if b.active:
            base, log = self.value(a, 1), self.function("log", e)
            z = self.value(e)
            if a.op == "const" and a.extra and a.extra[0] == "literal" and a.extra[1] > 0:
                self.send(e, b, g.times(z, Factor(f"{log}({base.text})", cost=3, shape=base.shape)))
            elif isinstance(e.kind, Num):
                text = f"({z.at(ex.PRODUCT)} * {log}({base.text}) if {base.text} else 0.0)"
                self.send(e, b, g.times(Factor(text, cost=6)))
            else:
                w = f"{self.np('where')}({base.at(ex.COMPARE + 1)} == 0, 1.0, {base.text})"
                self.send(e, b, g.times(z, Factor(f"{log}({w})", cost=40, shape=base.shape)))

    back_power = back_pow

    def power(self, a: Expr, b: Expr, g: Term) -> Term:
        """g times the derivative of a ** b with respect to a."""
        x = self.value(a)
        n = b.extra[1] if b.op in ("const", "neg") and b.extra and b.extra[0] == "literal" else None
        if n is not None:
            if n == 0:
                return g.times(Factor("0.0"))
            sign = g if n > 0 else g.negated()
            if n == 2:
                return sign.times(Factor("2", integer=True), x)
            if n == 1:
                return sign
            power = Factor(f"{x.at(ex.POWER + 1)} ** {n - 1}", ex.POWER, x.cost + 2, x.shape)
            return sign.times(Factor(str(abs(n)), integer=isinstance(n, int)), power)
        p = self.value(b)
        power_text = f"{x.at(ex.POWER + 1)} ** ({p.at(ex.SUM)} - 1)"
        if b.op not in ("name", "const") and not b.reads and not b.active:
            return g.times(p, Factor(power_text, ex.POWER, x.cost + p.cost + 3, x.shape))
        if isinstance(b.kind, Num):
            text = f"({p.at(ex.PRODUCT)} * {power_text} if {p.text} else 0.0)"
            return g.times(Factor(text, cost=x.cost + 2 * p.cost + 5, shape=x.shape))
        w = f"{self.np('where')}({p.text} == 0, 1.0, {p.text})"
        shape = ty.broadcast(x.shape, p.shape)
        return g.times(p, Factor(f"{x.at(ex.POWER + 1)} ** ({w} - 1)", ex.POWER, x.cost + p.cost + 30, shape))

    def elementwise(self, e: Expr, rows: tuple[str, ...], g: Term) -> None:
        """A function whose derivatives stand in the table."""
        g = self.shared(g, e, sum(a.active for a in e.args))
        for i, a in enumerate(e.args):
            if a.active:
                if i >= len(rows) or not rows[i]:
                    raise SourceError(f"`{e.text}` has no derivative with respect to `{a.text}`")
                self.send(e, a, self.fill(rows[i], e, g))

    def fill(self, template: str, e: Expr, g: Term) -> Term:
        """A row of the table with its places filled."""
        sign, nums, dens = parsed(template)
        out = g if sign > 0 else g.negated()
        for group, put in ((nums, Term.times), (dens, Term.over)):
            for text, prec, cost, names, functions in group:
                for f in functions:
                    text = text.replace(f"{f}(", self.function(f, e) + "(")
                alone = len(names) == 1 and text == names[0]
                shape: Shape = ()
                for n in names:
                    v = self.value(e) if n == "Z_" else self.value(e.args[int(n[1:-1] or 0)])
                    shape = ty.broadcast(shape, v.shape)
                    if alone:
                        out = put(out, v)
                    else:
                        plain = f"({n})" in text or f"({n}," in text
                        text = text.replace(n, v.text if plain else v.at(ex.ATOM))
                if not alone:
                    out = put(out, Factor(text, prec, cost, shape))
        return out

    def function(self, name: str, e: Expr) -> str:
        """log, cos, ... from the module of the function being differentiated."""
        if name in ("digamma", "polygamma"):
            import scipy.special

            return self.module.use(name, getattr(scipy.special, name))
        style = (e.extra or {}).get("style", "") if isinstance(e.extra, dict) else ""
        if isinstance(e.kind, Array) or style.startswith("np"):
            new = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(name, name)
            if not style.startswith("np"):
                style = f"np:{self.numpy}"
            return self.module.function(style, new)
        return self.module.function(style if style.startswith("math") else self.math_style, name)
