"""The adjoint of one expression: what flows back to each variable it reads."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache

from pricegrad.errors import SourceError

from . import expr as ex
from . import rules_array
from . import typing_rules as ty
from .bound import UNKNOWN, literal, shape_of
from .broadcasting import is_view
from .expr import Expr, precedence
from .kinds import Array, Kind, List, Num, Shape, Tuple, is_container
from .masked import Masked
from .module import Module
from .products import product
from .recorded import words
from .rules_scalar import ALIASES, ELEMENTWISE
from .shapes import basic, is_mask
from .term import Factor, Term, factor, is_integer, squared, total

_RECOMPUTE = 4  # scalar subexpressions cheaper than this are written again rather than kept
_SHARE = 2  # an adjoint this costly gets a name when it is used twice


@dataclass
class Flow:
    """What flows to one place: variable `base`, element `suffix` of it."""

    base: str
    suffix: str
    kind: Kind
    base_kind: Kind
    terms: list[Term] = field(default_factory=list)
    add_at: str = ""  # a gather: the index for np.add.at


class Adjoint(Masked):
    """Differentiates one expression backwards. `lines`, `flows` and `kept` are the result."""

    def __init__(self, module: Module, numpy: str, math: str, kept_names: dict[int, str]) -> None:
        self.module, self.numpy, self.math_style = module, numpy, math
        self.lines: list[str] = []
        self.flows: dict[str, Flow] = {}
        self.kept: dict[int, str] = {}
        self.kept_names = kept_names
        self.result: dict[int, str] = {}

    # ------------------------------------------------------------------ bookkeeping

    def add(self, e: Expr, suffix: str, kind: Kind, g: Term, add_at: str = "") -> None:
        """g flows to the variable at the root of path `e`, element `suffix`."""
        while e.op != "name":
            e = e.args[0]
        key = e.text + suffix + ("@" + add_at if add_at else "")
        self.flows.setdefault(key, Flow(e.text, suffix, kind, e.kind, add_at=add_at)).terms.append(g)

    def value(self, e: Expr, limit: int = _RECOMPUTE) -> Factor:
        """The value of a subexpression: its text if cheap, else a variable kept for it."""
        shape, integer = shape_of(e), is_integer(e.kind)
        if id(e) in self.result:
            return Factor(self.result[id(e)], shape=shape, integer=integer)
        if id(e) in self.kept:
            return Factor(self.kept[id(e)], shape=shape, integer=integer)
        if is_view(e):  # a view is never kept: what it shows may be overwritten
            self.value(e.args[0])
            return Factor(e.render(self.names()), e.prec, 1, shape, integer=integer)
        if e.cost < limit or e.op in ("name", "const", "field", "attr") or is_container(e.kind):
            return Factor(e.render(self.names()), e.prec, e.cost, shape, integer=integer)
        return Factor(self.keep(e), shape=shape, integer=integer)

    def names(self) -> dict[int, str]:
        """Subexpressions that have a variable."""
        return {**self.kept, **self.result}

    def keep(self, e: Expr) -> str:
        """Give the value of a subexpression a variable of its own."""
        if id(e) not in self.kept:
            if id(e) not in self.kept_names:
                wanted = (
                    e.op
                    if e.op.isidentifier() and e.op not in ("index", "div", "mul", "add", "sub")
                    else "part"
                )
                name = self.module.names.new(
                    {"mul": "product", "add": "total"}.get(e.op, wanted.split(".")[-1] + "_x")
                )
                self.module.variables.add(name)
                self.kept_names[id(e)] = name
            self.kept[id(e)] = self.kept_names[id(e)]
        return self.kept[id(e)]

    def named(self, g: Term) -> str:
        """The adjoint as a variable."""
        if g.is_name:
            return g.nums[0].text
        name = self.module.temporary(len(self.lines))
        f = g.factor()
        shown = f.shape != () and not f.fresh and words([f.text]) & self.module.mutated
        self.lines.append(f"{name} = {f.at(ex.ATOM)}.copy()" if shown else f"{name} = {f.text}")
        return name

    def unknown(self, e: Expr, what: str, hint: str = "") -> SourceError:
        return SourceError(f"no derivative is known for {what}: `{e.text}`", hint=hint)

    def shared(self, g: Term, e: Expr, uses: int) -> Term:
        """An adjoint used several times: named if that saves work."""
        limit = 1 if isinstance(e.kind, Array) else _SHARE
        if uses < 2 or g.cost < limit:
            return g
        return Term((Factor(self.named(g), shape=g.shape, whole=g.whole),))

    # ------------------------------------------------------------------ the walk

    def back(self, e: Expr, g: Term) -> None:
        """Send g, the adjoint of e, to everything active below e."""
        if not e.active:
            return None
        if isinstance(e.extra, dict) and "row" in e.extra:
            row, call = rules_array.bound(e)
            assert row.back is not None
            return row.back(self, call, g)
        if e.op in ("list", "tuple", "dict", "record") or (
            is_container(e.kind) and e.op not in ("index", "field", "name")
        ):
            return self.container(e, g)
        method = getattr(self, "back_" + e.op.replace(".", "_"), None)
        if method is not None:
            method(e, g)
            return None
        short = ALIASES.get(e.op, e.op)
        if short in ELEMENTWISE:
            return self.elementwise(e, ELEMENTWISE[short], g)
        method = getattr(self, "back_" + short.replace(".", "_"), None)
        if method is None:
            raise SourceError(f"no derivative is known for `{e.text}`")
        method(e, g)

    def back_name(self, e: Expr, g: Term) -> None:
        self.add(e, "", e.kind, g)

    def back_index(self, e: Expr, g: Term) -> None:
        """An element flows to its place; of several elements, one may be read twice."""
        whole, index = e.args[0], e.args[1]
        gathers = isinstance(whole.kind, Array) and not basic(index)
        if not reaches(whole):
            at = gathers and not once(index)
            return self.scattered(e, whole, self.at(index) if at else index.render(self.names()), g, at)
        if gathers and not once(index):
            self.add(e, self.path(whole), e.kind, g, self.at(index))
        else:
            self.add(e, self.path(e), e.kind, g)

    def at(self, index: Expr) -> str:
        """An index for np.add.at: slices spelled out."""
        parts = index.args if index.op in ("indices", "tuple") else (index,)
        out = []
        for p in parts:
            text = p.render(self.names())
            if p.op == "slice":
                text = f"slice({', '.join(b.strip() or 'None' for b in text.split(':'))})"
            out.append(text)
        return out[0] if len(out) == 1 else f"({', '.join(out)})"

    def back_field(self, e: Expr, g: Term) -> None:
        self.add(e, self.path(e), e.kind, g)

    def back_T(self, e: Expr, g: Term) -> None:
        self.flow(e, e.args[0], g, lambda t: f"{t}.T")

    def back_matmul(self, e: Expr, g: Term) -> None:
        product(self, e, e.args[0], e.args[1], g)

    def path(self, e: Expr) -> str:
        """Which element of the root variable's adjoint belongs to xs[i][j]."""
        if e.op == "name":
            return ""
        inner = self.path(e.args[0])
        if e.op == "field":
            return f'{inner}["{e.extra}"]'
        if e.op == "T":
            return inner + ".T"
        if e.op != "index":
            raise SourceError(f"cannot tell where `{e.text}` is kept", hint="Put it into a variable first.")
        return f"{inner}[{e.args[1].render(self.names())}]"

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
        style = (e.extra or {}).get("style", "") if isinstance(e.extra, dict) else ""
        if isinstance(e.kind, Array) or style.startswith("np"):
            new = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(name, name)
            if not style.startswith("np"):
                style = f"np:{self.numpy}"
            return self.module.function(style, new)
        return self.module.function(style if style.startswith("math") else self.math_style, name)

    # ------------------------------------------------------------------ scalar specials

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
        if xs.active:
            f = self.whole(g, e).factor()
            self.back(xs, Term((Factor(f"[{f.text}] * len({xs.text})", ex.PRODUCT, f.cost + 2),)))

    back_fsum = back_sum

    # ------------------------------------------------------------------ lists, tuples, dicts

    def container(self, e: Expr, g: Term) -> None:
        """A container made here: g is a container of the same form."""
        if e.op in ("list", "tuple", "dict", "record") and not (
            isinstance(e.extra, dict) and "names" in e.extra
        ):
            name = self.named(g)
            for i, a in enumerate(e.args):
                key = repr(e.extra[i]) if e.op in ("dict", "record") else str(i)
                part = Factor(f"{name}[{key}]", cost=1, shape=shape_of(a), whole=True)
                self.back(a, Term((part,)))
        elif e.op == "add":
            name = self.named(g)
            a, b = e.args
            self.back(a, Term((Factor(f"{name}[:len({a.text})]", cost=1),)))
            self.back(b, Term((Factor(f"{name}[len({a.text}):]", cost=1),)))
        elif e.op in ("copy", "list", "tuple"):
            x = e.args[0]
            if isinstance(x.kind, Array):
                array = self.module.function(f"np:{self.numpy}", "array")
                return self.back(
                    x, Term((Factor(f"{array}({g.factor().text})", cost=10, shape=shape_of(x), whole=True),))
                )
            self.back(x, g)
        elif e.op == "mul":
            name = self.named(g)
            xs = e.args[0] if isinstance(e.args[0].kind, List) else e.args[1]
            if xs.op == "list":
                for i, a in enumerate(xs.args):
                    self.back(a, Term((Factor(f"sum({name}[{i}::{len(xs.args)}])", cost=3),)))
                return None
            v = self.value(xs, 1).text
            self.back(xs, Term((Factor(f"[sum({name}[i::len({v})]) for i in range(len({v}))]", cost=9),)))
        elif e.op == "sorted":
            v = self.value(e.args[0], 1).text
            order = f"sorted(range(len({v})), key={v}.__getitem__)"
            self.back(
                e.args[0], Term((Factor(f"[v for _, v in sorted(zip({order}, {self.named(g)}))]", cost=9),))
            )
        else:
            raise SourceError(f"no derivative is known for `{e.text}`", hint="Build the list in a loop.")


def reaches(e: Expr) -> bool:
    """Is it a place inside a variable, so that what is added there is added to the variable?"""
    if e.op in ("name", "field"):
        return e.op == "name" or reaches(e.args[0])
    if e.op == "index":
        plain = not isinstance(e.kind, (List, Tuple)) or e.args[1].op != "slice"
        return plain and (not isinstance(e.args[0].kind, Array) or basic(e.args[1])) and reaches(e.args[0])
    return e.op == "T" and reaches(e.args[0])


def once(index: Expr) -> bool:
    """Is no element named twice: a mask, distinct numbers, or something beside an arange?"""
    if is_mask(index):
        return True
    parts = index.args if index.op in ("indices", "tuple") else (index,)
    arrays = [p for p in parts if isinstance(p.kind, (Array, List, Tuple)) and p.op != "slice"]
    if any(p.op == "arange" and len(p.args) == 1 for p in arrays):
        return all(len(shape_of(p) or (1, 1)) == 1 for p in arrays)
    found = (
        literal(arrays[0].args[0] if arrays[0].op == "array" else arrays[0]) if len(arrays) == 1 else UNKNOWN
    )
    plain = isinstance(found, tuple) and all(isinstance(i, int) for i in found)
    signs = {i < 0 for i in found} if plain else set()
    return plain and len(set(found)) == len(found) and len(signs) == 1


@cache
def parsed(
    template: str,
) -> tuple[
    int, list[tuple[str, int, int, list[str], list[str]]], list[tuple[str, int, int, list[str], list[str]]]
]:
    """ "-{g} * A / B" as sign, factors above and factors below."""
    text = template.replace("{g}", "G_").replace("{z}", "Z_").replace("{x}", "X0_")
    text = text.replace("{x0}", "X0_").replace("{x1}", "X1_")
    node = ast.parse(text, mode="eval").body
    nums: list[ast.expr] = []
    dens: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        (nums if isinstance(node.op, ast.Mult) else dens).insert(0, node.right)
        node = node.left
    sign = -1 if isinstance(node, ast.UnaryOp) else 1
    return sign, [_part(n) for n in nums], [_part(n) for n in dens]


def _part(node: ast.expr) -> tuple[str, int, int, list[str], list[str]]:
    names = sorted({n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id.endswith("_")})
    functions = sorted(
        {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    )
    cost = sum(
        3 if isinstance(n, ast.Call) else 1 for n in ast.walk(node) if isinstance(n, (ast.Call, ast.BinOp))
    )
    return ast.unparse(node), precedence(node), cost, names, functions


__all__ = ["Adjoint", "Flow", "factor", "once", "total"]
