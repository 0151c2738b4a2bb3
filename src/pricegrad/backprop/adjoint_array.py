"""Adjoints of array operations: the same walk, with shapes.

An adjoint that only stands for something of the full shape (the adjoint of a sum is one number for all its terms) has
`full` False; it is stretched where the full shape matters, and otherwise left to broadcasting.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pricegrad.errors import SourceError

from . import expr as ex
from . import rules_array as ra
from .adjoint import Adjoint
from .expr import Expr
from .kinds import Array, Kind, List, Num, Tuple
from .term import Factor, Term
from .typing_rules import as_array, never_one

_UNBROADCAST = '''def unbroadcast(g, x):
    """Sum g over the dimensions along which x was stretched."""
    while g.ndim > {np}ndim(x):
        g = g.sum(axis=0)
    for axis, n in enumerate({np}shape(x)):
        if n == 1 and g.shape[axis] != 1:
            g = g.sum(axis=axis, keepdims=True)
    return g
'''
_OTHERS = '''def product_of_others(x, axis):
    """For each element the product of all the others along an axis."""
    x = {np}moveaxis({np}asarray(x), axis, -1)
    ones = {np}ones((*x.shape[:-1], 1))
    left = {np}concatenate([ones, {np}cumprod(x, -1)[..., :-1]], -1)
    right = {np}concatenate([{np}cumprod(x[..., ::-1], -1)[..., ::-1][..., 1:], ones], -1)
    return {np}moveaxis(left * right, -1, axis)
'''
_CUMPROD = '''def cumprod_adjoint(x, g):
    """The adjoint of a one-dimensional cumprod, zeros among x included."""
    out = {np}zeros_like(x)
    for i in range(len(x)):
        out[i] = {np}sum(g[i:] * {np}prod(x[:i]) * {np}cumprod({np}append(1.0, x[i + 1 :])))
    return out
'''


def same_shape(a: Kind, b: Kind) -> bool:
    """Do two arrays surely have the same shape?"""
    a, b = as_array(a), as_array(b)
    if not isinstance(a, Array) or not isinstance(b, Array) or a.shape is None or b.shape is None:
        return False
    return a.shape == b.shape and None not in a.shape


class ArrayAdjoint(Adjoint):
    """The walk, with rules for arrays."""

    def helper(self, name: str, text: str) -> str:
        """A helper function in the emitted module."""
        prefix = self.np("sum").removesuffix("sum")
        text = text.replace("{np}", prefix)
        if not any(f.startswith(f"def {name}(") for f in self.module.functions):
            self.module.functions.append(text)
        return name

    def atom(self, g: Term) -> str:
        return g.factor().at(ex.ATOM)

    def opaque(self, text: str, prec: int = ex.ATOM, full: bool = True) -> Term:
        return Term((Factor(text, prec, 10),), full=full)

    # ------------------------------------------------------------------ shapes

    def send(self, parent: Expr, child: Expr, g: Term) -> None:
        """g belongs to `parent`, where `child` may have been stretched: sum it back."""
        if not child.active:
            return None
        p, c = parent.kind, as_array(child.kind)
        if not isinstance(p, Array):
            return self.back(child, g)
        if isinstance(c, Num):
            g = self.full(parent, g)
            return self.back(child, self.opaque(f"{self.np('sum')}({g.factor().text})"))
        if not isinstance(c, Array) or c is not child.kind:
            return self.back(child, g)
        others = [a for a in parent.args if a is not child and isinstance(a.kind, (Array, List, Tuple))]
        axes: Any = self.stretched(p, c) if others or parent.op in ("index", "broadcast_to") else ()
        if axes == ():
            return self.back(child, g)
        g = self.full(parent, g)
        if axes is None:
            x = self.value(child, 1).text
            return self.back(
                child, self.opaque(f"{self.helper('unbroadcast', _UNBROADCAST)}({g.factor().text}, {x})")
            )
        lead, ones = axes
        total = self.np("sum")
        text = g.factor().text
        if lead:
            text = f"{total}({text}, axis={_axis(lead)})"
        if ones:
            text = f"{total}({text}, axis={_axis(ones)}, keepdims=True)"
        self.back(child, self.opaque(text))

    def stretched(self, p: Array, c: Array) -> Any:
        """() if c was surely not stretched to p; (leading axes, axes of length one); None if it cannot be told."""
        if p.shape is None or c.shape is None:
            return None
        lead = tuple(range(len(p.shape) - len(c.shape)))
        ones = []
        for i, (d, e) in enumerate(zip(p.shape[len(lead) :], c.shape, strict=True)):
            if e == 1 and d != 1:
                if d is None:
                    return None
                ones.append(i)
            elif (e is None and d != e) or (e != d and not never_one(e)) or (e is None and d is None):
                return None
        return (lead, tuple(ones)) if lead or ones else ()

    def full(self, e: Expr, g: Term) -> Term:
        """g stretched to the shape of e."""
        if g.full:
            return g
        shaped = next((a for a in e.args if same_shape(a.kind, e.kind)), e)
        text = f"{self.np('broadcast_to')}({g.factor().text}, {self.value(shaped, 1).at(ex.ATOM)}.shape)"
        return self.opaque(text)

    def scaled(self, e: Expr, g: Term, b: Expr, over: bool = False) -> Term:
        """g times (or over) the value of b."""
        f = self.value(b, 10 if isinstance(b.kind, Array) else 4)
        out = g.over(f) if over else g.times(f)
        return replace(out, full=g.full or same_shape(b.kind, e.kind))

    def back_mul(self, e: Expr, g: Term) -> None:
        a, b = e.args
        if not isinstance(e.kind, Array):
            return super().back_mul(e, g)
        g = self.shared(g, e, a.active + b.active)
        if a.active:
            self.send(e, a, self.scaled(e, g, b))
        if b.active:
            self.send(e, b, self.scaled(e, g, a))

    def back_div(self, e: Expr, g: Term) -> None:
        a, b = e.args
        if not isinstance(e.kind, Array):
            return super().back_div(e, g)
        g = self.shared(g, e, a.active + b.active)
        if a.active:
            self.send(e, a, self.scaled(e, g, b, over=True))
        if b.active:
            z = self.value(e, 1) if id(e) in self.result or id(e) in self.kept else None
            if z is not None:
                out = g.negated().times(z).over(self.value(b, 10))
            else:
                out = (
                    g.negated()
                    .times(self.value(a, 10))
                    .over(Factor(f"{self.value(b, 10).at(ex.ATOM)} ** 2", ex.POWER, 10))
                )
            self.send(
                e,
                b,
                replace(
                    out,
                    full=g.full or same_shape(a.kind, e.kind) or same_shape(b.kind, e.kind) or z is not None,
                ),
            )

    def power(self, a: Expr, b: Expr, g: Term) -> Term:
        out = super().power(a, b, g)
        return replace(out, full=g.full or (isinstance(a.kind, Array) and not isinstance(b.kind, Array)))

    def fill(self, template: str, e: Expr, g: Term) -> Term:
        out = super().fill(template, e, g)
        touched = len(out.nums) + len(out.dens) > len(g.nums) + len(g.dens)
        whole = len(e.args) == 1 or "{z}" in template
        return replace(out, full=g.full or (touched and whole))

    # ------------------------------------------------------------------ elements

    def back_index(self, e: Expr, g: Term) -> None:
        base, index = e.args
        if isinstance(base.kind, Array) and gathers(index):
            self.add(e, self.path(base), e.kind, g, add_at=gathered(index, self.kept))
            return
        super().back_index(e, g)

    def back_take(self, e: Expr, g: Term) -> None:
        self.add(e.args[0], self.path(e.args[0]), e.kind, g, add_at=e.args[1].text)

    # ------------------------------------------------------------------ reductions

    def spread(self, e: Expr, g: Term, position: int = 1) -> Term:
        """The adjoint of a reduction, shaped so that it broadcasts against what was reduced."""
        axis = ra.axes(e, position)
        keep = ra.literal(ra.argument(e, "keepdims", 99), False)
        if axis is None or keep or not isinstance(e.kind, Array):
            return replace(g, full=False)
        a = ra.argument(e, "axis", position)
        assert a is not None
        return self.opaque(f"{self.np('expand_dims')}({g.factor().text}, {a.text})", full=False)

    def back_sum(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        if isinstance(x.kind, Num):
            return self.back(x, g)
        if (isinstance(as_array(x.kind), Array) and e.extra["module"] == "numpy") or isinstance(
            x.kind, Array
        ):
            if e.extra["module"] == "builtins" and len(e.args) > 1:
                self.back(e.args[1], g)
            self.under(x, self.spread(e, g) if e.extra["module"] == "numpy" else replace(g, full=False))
        else:
            super().back_sum(e, g)

    back_nansum = back_sum

    def under(self, x: Expr, g: Term) -> None:
        """Send g to x, an array or a list read as one."""
        if isinstance(x.kind, (Array, Num)):
            return self.back(x, g)
        g = self.stretch_to(x, g)
        self.back(x, self.opaque(f"{self.atom(g)}.tolist()"))

    def stretch_to(self, x: Expr, g: Term) -> Term:
        if g.full:
            return g
        return self.opaque(
            f"{self.np('broadcast_to')}({g.factor().text}, {self.np('shape')}({self.value(x, 10).text}))"
        )

    def back_mean(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        size = self.count(e)
        self.under(x, self.spread(e, g).over(Factor(size, cost=3)))

    def count(self, e: Expr) -> str:
        """How many elements go into one element of a reduction."""
        v, axis = self.value(e.args[0], 10), ra.axes(e)
        if axis is None:
            return f"{self.np('size')}({v.text})"
        if axis is ...:
            return f"({self.np('size')}({v.text}) // {self.np('size')}({self.value(e, 1).text}))"
        parts = axis if isinstance(axis, tuple) else (axis,)
        text = " * ".join(f"{v.at(ex.ATOM)}.shape[{i}]" for i in parts)
        return f"({text})" if len(parts) > 1 else text

    def centred(self, e: Expr, g: Term) -> tuple[Term, Expr, str, str]:
        x = e.args[0]
        v = self.value(x, 10).text
        axis = ra.argument(e, "axis", 1)
        how = f", axis={axis.text}, keepdims=True" if axis is not None else ""
        ddof = ra.argument(e, "ddof", 99)
        count = self.count(e)
        if ddof is not None:
            count = f"({count} - {ddof.text})"
        return self.spread(e, g), x, f"({v} - {self.np('mean')}({v}{how}))", count

    def back_var(self, e: Expr, g: Term) -> None:
        s, x, centred, count = self.centred(e, g)
        self.under(x, replace(s.times(Factor("2"), Factor(centred, cost=20)).over(Factor(count)), full=True))

    def back_std(self, e: Expr, g: Term) -> None:
        z = self.value(e, 1).text
        s, x, centred, count = self.centred(e, g.over(Factor(z)))
        self.under(x, replace(s.times(Factor(centred, cost=20)).over(Factor(count)), full=True))

    def back_prod(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        if e.extra["module"] == "math":
            return super().back_prod(e, g)
        axis = ra.axes(e)
        others = self.helper("product_of_others", _OTHERS)
        v = self.value(x, 10)
        if axis is None:
            many = isinstance(x.kind, Array) and x.kind.ndim != 1
            text = (
                f"{others}({v.at(ex.ATOM)}.ravel(), 0).reshape({v.at(ex.ATOM)}.shape)"
                if many
                else f"{others}({v.text}, 0)"
            )
        else:
            text = f"{others}({v.text}, {axis})"
        self.under(x, replace(self.spread(e, g).times(Factor(text, cost=20)), full=True))

    def extreme_of(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        if not isinstance(as_array(x.kind), Array) or (
            e.extra["module"] == "builtins" and not isinstance(x.kind, Array)
        ):
            return super().extreme_of(e, g)
        v, z = self.value(x, 10), self.value(e, 1)
        axis = ra.axes(e) if e.extra["module"] == "numpy" else None
        keep = ra.literal(ra.argument(e, "keepdims", 99), False)
        top = z.text
        if isinstance(e.kind, Array) and axis is not None and not keep:
            top = f"{self.np('expand_dims')}({z.text}, {axis})"
        mask = f"({v.text} == {top})"
        how = f", axis={axis}, keepdims=True" if axis is not None else ""
        share = Factor(mask, cost=10, whole=True)
        count = Factor(f"{self.np('sum')}({mask}{how})", cost=10)
        out = self.spread(e, g) if e.extra["module"] == "numpy" else replace(g, full=False)
        self.under(x, replace(out.times(share).over(count), full=True))

    def extreme(self, e: Expr, g: Term, over: str) -> None:
        if e.extra["module"] == "numpy" or isinstance(e.args[0].kind, (Array, List, Tuple)):
            return self.extreme_of(e, g)
        super().extreme(e, g, over)

    def back_linalg_norm(self, e: Expr, g: Term) -> None:
        x, order = e.args[0], ra.literal(ra.argument(e, "ord", 1))
        if order not in (None, 2, "fro") or (order == 2 and isinstance(x.kind, Array) and x.kind.ndim != 1):
            raise SourceError(f"only the Euclidean norm is differentiated, not `{e.text}`")
        z = self.value(e, 1)
        self.under(x, replace(self.spread(e, g.over(z), 2).times(self.value(x, 10)), full=True))

    # ------------------------------------------------------------------ choice

    def back_where(self, e: Expr, g: Term) -> None:
        c, a, b = e.args
        test = self.value(c, 20).text
        g = self.shared(g, e, a.active + b.active)
        full = g.full or same_shape(c.kind, e.kind)
        outer = self.mask
        if a.active:
            self.mask = f"({outer} & {test})" if outer else test
            self.send(e, a, self.opaque(f"{self.np('where')}({test}, {g.factor().text}, 0.0)", full=full))
        if b.active:
            no = f"{self.np('logical_not')}({test})"
            self.mask = f"({outer} & {no})" if outer else no
            self.send(e, b, self.opaque(f"{self.np('where')}({test}, 0.0, {g.factor().text})", full=full))
        self.mask = outer

    def pairwise(self, e: Expr, g: Term, first: str, second: str) -> None:
        a, b = e.args[:2]
        x, y = self.value(a, 10).at(ex.COMPARE + 1), self.value(b, 10).at(ex.COMPARE + 1)
        g = self.shared(g, e, a.active + b.active)
        for child, sign in ((a, first), (b, second)):
            if child.active:
                out = g.times(Factor(f"({x} {sign} {y})", cost=10, whole=True))
                self.send(
                    e,
                    child,
                    replace(
                        out,
                        full=g.full
                        or not isinstance(a.kind, Array)
                        or not isinstance(b.kind, Array)
                        or same_shape(a.kind, e.kind),
                    ),
                )

    def back_maximum(self, e: Expr, g: Term) -> None:
        self.pairwise(e, g, ">=", "<")

    def back_minimum(self, e: Expr, g: Term) -> None:
        self.pairwise(e, g, "<", ">=")

    back_fmax, back_fmin = back_maximum, back_minimum

    def back_clip(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        v = self.value(x, 10).text
        low, high = (
            ra.argument(e, "a_min", 1) or ra.argument(e, "min", 99),
            ra.argument(e, "a_max", 2) or ra.argument(e, "max", 99),
        )
        below = f"({v} < {self.value(low, 10).at(ex.ATOM)})" if low is not None and low.text != "None" else ""
        above = (
            f"({v} > {self.value(high, 10).at(ex.ATOM)})" if high is not None and high.text != "None" else ""
        )
        outside = " | ".join(t for t in (below, above) if t)
        self.send(e, x, self.opaque(f"{self.np('where')}({outside}, 0.0, {g.factor().text})"))
        for bound, test in ((low, below), (high, above)):
            if bound is not None and bound.active:
                self.send(e, bound, self.opaque(f"{self.np('where')}({test}, {g.factor().text}, 0.0)"))

    def back_mod(self, e: Expr, g: Term) -> None:
        a, b = e.args[:2]
        self.send(e, a, g)
        if b.active:
            turns = f"{self.value(a).at(ex.PRODUCT)} // {self.value(b).at(ex.UNARY)}"
            out = g.negated().times(Factor(turns, ex.PRODUCT, 1))
            self.send(e, b, replace(out, full=g.full or same_shape(a.kind, e.kind)))

    back_remainder = back_mod

    def back_power(self, e: Expr, g: Term) -> None:
        self.back_pow(e, g)

    back_float_power = back_power

    def back_interp(self, e: Expr, g: Term) -> None:
        x, xs, ys = e.args
        if xs.active or ys.active:
            raise SourceError("np.interp is differentiated with respect to its first argument only")
        v, p, q = (self.value(a, 10).text for a in e.args)
        i = f"{self.np('clip')}({self.np('searchsorted')}({p}, {v}, 'right') - 1, 0, len({p}) - 2)"
        slope = (
            f"({self.np('diff')}({q}) / {self.np('diff')}({p}))[{i}] * (({p}[0] <= {v}) & ({v} <= {p}[-1]))"
        )
        self.send(e, x, g.times(Factor(f"({slope})", cost=30)))

    # ------------------------------------------------------------------ products

    def back_matmul(self, e: Expr, g: Term) -> None:
        a, b = e.args[:2]
        ka, kb = as_array(a.kind), as_array(b.kind)
        if isinstance(ka, Num) or isinstance(kb, Num):
            return self.back_mul(e, g)
        assert isinstance(ka, Array)
        assert isinstance(kb, Array)
        x, y = self.value(a, 10).at(ex.UNARY), self.value(b, 10).at(ex.UNARY)
        if (ka.ndim, kb.ndim) == (1, 1):
            g = self.shared(g, e, 2)
            if a.active:
                self.under(a, replace(g.times(self.value(b, 10)), full=True))
            if b.active:
                self.under(b, replace(g.times(self.value(a, 10)), full=True))
            return None
        if ka.ndim is None or kb.ndim is None or (max(ka.ndim, kb.ndim) > 2 and min(ka.ndim, kb.ndim) < 2):
            raise SourceError(
                f"cannot tell the dimensions of `{e.text}`",
                hint="Use arrays of at most two dimensions, or einsum.",
            )
        name = self.named(self.full(e, g))
        if ka.ndim == 2 and kb.ndim == 2:
            left, right = f"{name} @ {_t(y)}", f"{_t(x)} @ {name}"
        elif ka.ndim == 2 and kb.ndim == 1:
            left, right = f"{self.np('outer')}({name}, {y})", f"{_t(x)} @ {name}"
        elif ka.ndim == 1 and kb.ndim == 2:
            left, right = f"{y} @ {name}", f"{self.np('outer')}({x}, {name})"
        else:
            swap = self.np("swapaxes")
            left, right = f"{name} @ {swap}({y}, -1, -2)", f"{swap}({x}, -1, -2) @ {name}"
            if ka.shape is None or kb.shape is None or ka.shape[:-2] != kb.shape[:-2]:
                un = self.helper("unbroadcast", _UNBROADCAST)
                left, right = f"{un}({left}, {x})", f"{un}({right}, {y})"
        for child, text in ((a, left), (b, right)):
            if child.active:
                self.back(
                    child,
                    self.opaque(
                        text,
                        ex.ATOM if text.endswith(")") and "@" not in text.partition("(")[0] else ex.PRODUCT,
                    ),
                )

    back_dot = back_matmul

    def back_inner(self, e: Expr, g: Term) -> None:
        if isinstance(e.kind, Num):
            return self.back_matmul(e, g)
        raise SourceError(f"`{e.text}` is not differentiated", hint="Write it with @.")

    def back_vdot(self, e: Expr, g: Term) -> None:
        a, b = e.args
        self.under(a, replace(g.times(self.value(b, 10)), full=True))
        self.under(b, replace(g.times(self.value(a, 10)), full=True))

    def back_outer(self, e: Expr, g: Term) -> None:
        a, b = e.args
        name = self.named(self.full(e, g))
        if a.active:
            self.under(a, self.opaque(f"{name} @ {self.value(b, 10).at(ex.UNARY)}", ex.PRODUCT))
        if b.active:
            self.under(b, self.opaque(f"{self.value(a, 10).at(ex.UNARY)} @ {name}", ex.PRODUCT))

    def back_einsum(self, e: Expr, g: Term) -> None:
        spec = ra.literal(e.args[0]).replace(" ", "")
        inputs, output = spec.split("->")
        letters = inputs.split(",")
        operands = e.args[1:]
        name = self.named(g)
        for i, (own, x) in enumerate(zip(letters, operands, strict=True)):
            if not x.active:
                continue
            others = [
                (s, self.value(o, 10).text)
                for j, (s, o) in enumerate(zip(letters, operands, strict=True))
                if j != i
            ]
            known = set(output).union(*(set(s) for s, _ in others))
            for c in sorted(set(own)):
                while own.count(c) > 1:
                    new_letter = next(
                        n for n in "zyxwvutsrqponmlkjihgfedcba" if n not in spec and n not in own
                    )
                    own = own[::-1].replace(c, new_letter, 1)[::-1]
                    length = f"len({self.value(x, 10).text})"
                    others.append((c + new_letter, f"{self.np('eye')}({length})"))
                    known |= {c, new_letter}
            lost = [c for c in own if c not in known]
            if lost:
                ones = ", ".join(f"{self.value(x, 10).at(ex.ATOM)}.shape[{own.index(c)}]" for c in lost)
                others.append(("".join(lost), f"{self.np('ones')}(({ones},))"))
            new = f"{','.join([output, *(s for s, _ in others)])}->{own}"
            values = ", ".join([name, *(v for _, v in others)])
            self.back(x, self.opaque(f"{self.np('einsum')}({new!r}, {values})"))

    def back_linalg_inv(self, e: Expr, g: Term) -> None:
        z = self.value(e, 1).text
        self.back(e.args[0], self.opaque(f"{z}.T @ {self.named(g)} @ {z}.T", ex.PRODUCT).negated())

    def back_linalg_det(self, e: Expr, g: Term) -> None:
        x = self.value(e.args[0], 10).text
        inverse = f"{self.np('linalg.inv')}({x}).T"
        self.back(e.args[0], replace(g.times(self.value(e, 1), Factor(inverse, cost=20)), full=True))

    def back_linalg_solve(self, e: Expr, g: Term) -> None:
        a, b = e.args
        name = self.module.temporary(len(self.lines))
        self.lines.append(
            f"{name} = {self.np('linalg.solve')}({self.value(a, 10).at(ex.ATOM)}.T, {self.full(e, g).factor().text})"
        )
        if a.active:
            z = self.value(e, 1).text
            one = isinstance(e.kind, Array) and e.kind.ndim == 1
            self.back(
                a,
                self.opaque(
                    f"{self.np('outer')}({name}, {z})" if one else f"{name} @ {z}.T", ex.PRODUCT
                ).negated(),
            )
        if b.active:
            self.under(b, self.opaque(name))

    def back_trace(self, e: Expr, g: Term) -> None:
        x = self.value(e.args[0], 10).text
        self.back(e.args[0], replace(g.times(Factor(f"{self.np('eye')}(len({x}))", cost=10)), full=True))

    # ------------------------------------------------------------------ form

    def reshaped(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        g = self.full(e, g)
        self.under(
            x,
            self.opaque(
                f"{self.np('reshape')}({g.factor().text}, {self.np('shape')}({self.value(x, 10).text}))"
            ),
        )

    back_reshape = back_ravel = back_flatten = back_squeeze = back_expand_dims = reshaped

    def back_T(self, e: Expr, g: Term) -> None:
        self.back(e.args[0], self.opaque(f"{self.atom(g)}.T") if g.full else g)

    def back_transpose(self, e: Expr, g: Term) -> None:
        g = self.full(e, g)
        order = ra._order(e)
        if order is None:
            return self.back(e.args[0], self.opaque(f"{self.atom(g)}.T"))
        back = tuple(sorted(range(len(order)), key=lambda i: order[i] % len(order)))
        self.back(e.args[0], self.opaque(f"{self.np('transpose')}({g.factor().text}, {back})"))

    def back_swapaxes(self, e: Expr, g: Term) -> None:
        self.back(
            e.args[0],
            self.opaque(
                f"{self.np('swapaxes')}({self.full(e, g).factor().text}, {e.args[1].text}, {e.args[2].text})"
            ),
        )

    def passed(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        if isinstance(x.kind, Num):
            return self.back(x, self.opaque(f"{self.np('sum')}({g.factor().text})"))
        if isinstance(x.kind, Array):
            return self.back(x, g)
        g = self.full(e, g)
        if x.op in ("list", "tuple"):
            return self.back(x, g)
        self.back(x, self.opaque(f"{self.atom(g)}.tolist()"))

    back_array = back_asarray = back_ascontiguousarray = back_copy = back_astype = back_real = passed

    def rest(self, e: Expr) -> str:
        return "".join(
            f", {n + '=' if n else ''}{a.text}" for a, n in zip(e.args[1:], e.extra["names"][1:], strict=True)
        )

    def again(self, e: Expr, g: Term) -> None:
        """Operations whose adjoint is the same operation."""
        short = e.op.split(".")[-1]
        self.under(e.args[0], self.opaque(f"{self.np(short)}({self.full(e, g).factor().text}{self.rest(e)})"))

    back_flip = back_flipud = back_fliplr = back_tril = back_triu = again

    def back_diag(self, e: Expr, g: Term) -> None:
        self.under(e.args[0], self.opaque(f"{self.np('diag')}({self.full(e, g).factor().text})"))

    def back_roll(self, e: Expr, g: Term) -> None:
        axis = ra.argument(e, "axis", 2)
        tail = f", axis={axis.text}" if axis is not None else ""
        self.under(
            e.args[0],
            self.opaque(f"{self.np('roll')}({self.full(e, g).factor().text}, -({e.args[1].text}){tail})"),
        )

    def back_sort(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        if isinstance(x.kind, Array) and x.kind.ndim != 1:
            raise SourceError("np.sort is differentiated for one dimension only")
        rank = f"{self.np('argsort')}({self.np('argsort')}({self.value(x, 10).text}, kind='stable'))"
        self.under(x, self.opaque(f"{self.atom(self.full(e, g))}[{rank}]"))

    def back_cumsum(self, e: Expr, g: Term) -> None:
        x, axis = e.args[0], ra.axes(e)
        g = self.full(e, g)
        many = isinstance(x.kind, Array) and x.kind.ndim != 1
        if axis is None:
            text = f"{self.np('cumsum')}({self.atom(g)}[::-1])[::-1]"
            if many:
                text += f".reshape({self.value(x, 10).at(ex.ATOM)}.shape)"
        else:
            flip = self.np("flip")
            text = f"{flip}({self.np('cumsum')}({flip}({g.factor().text}, {axis}), {axis}), {axis})"
        self.under(x, self.opaque(text))

    def back_cumprod(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        if not (isinstance(x.kind, Array) and x.kind.ndim == 1):
            raise SourceError(
                "np.cumprod is differentiated for one dimension only", hint="Loop over the rows."
            )
        f = self.helper("cumprod_adjoint", _CUMPROD)
        self.back(x, self.opaque(f"{f}({self.value(x, 10).text}, {self.full(e, g).factor().text})"))

    def back_diff(self, e: Expr, g: Term) -> None:
        x = e.args[0]
        g = self.full(e, g)
        name = self.named(g)
        if isinstance(as_array(x.kind), Array) and (as_array(x.kind).ndim or 1) != 1:  # type: ignore[attr-defined]
            zero = f"{self.np('zeros_like')}({name}[..., :1])"
            join = self.np("concatenate")
            text = f"{join}([{zero}, {name}], -1) - {join}([{name}, {zero}], -1)"
        else:
            join = self.np("append")
            text = f"{join}(0.0, {name}) - {join}({name}, 0.0)"
        self.under(x, self.opaque(text, ex.SUM))

    def back_broadcast_to(self, e: Expr, g: Term) -> None:
        self.send(e, e.args[0], g)

    def back_repeat(self, e: Expr, g: Term) -> None:
        text = f"{self.atom(self.full(e, g))}.reshape(-1, {e.args[1].text}).sum(axis=1)"
        self.under(e.args[0], self.opaque(text))

    def back_tile(self, e: Expr, g: Term) -> None:
        text = f"{self.atom(self.full(e, g))}.reshape({e.args[1].text}, -1).sum(axis=0)"
        self.under(e.args[0], self.opaque(text))

    def back_trapezoid(self, e: Expr, g: Term) -> None:
        y = e.args[0]
        x = ra.argument(e, "x", 1)
        dx = ra.argument(e, "dx", 2)
        if x is not None and x.active:
            raise SourceError("np.trapezoid is differentiated with respect to its first argument only")
        step = (
            f"{self.np('diff')}({x.text})"
            if x is not None
            else f"{self.np('full')}(len({self.value(y, 10).text}) - 1, {dx.text if dx else '1.0'})"
        )
        half = f"({self.np('append')}(0.0, {step}) + {self.np('append')}({step}, 0.0))"
        self.under(y, replace(g.times(Factor(half, cost=20)).over(Factor("2")), full=True))

    def back_full(self, e: Expr, g: Term) -> None:
        self.send(e, e.args[1], self.full(e, g))

    back_full_like = back_full

    # ------------------------------------------------------------------ joining

    def joined(self, e: Expr, g: Term, cut: Any) -> None:
        """Concatenation and stacking of a display: each part gets its own piece of g."""
        parts = e.args[0]
        name = self.named(self.full(e, g))
        if parts.op in ("list", "tuple"):
            for i, a in enumerate(parts.args):
                if a.active:
                    self.under_part(a, cut(name, i, parts.args))
            return
        if not isinstance(parts.kind, List):
            raise SourceError(f"cannot tell the parts of `{e.text}`")
        self.back(parts, self.opaque(cut(name, None, (parts,))))

    def under_part(self, a: Expr, text: str) -> None:
        if isinstance(a.kind, (Array, Num)):
            self.back(a, self.opaque(text))
        else:
            self.back(a, self.opaque(f"{text}.tolist()"))

    def back_stack(self, e: Expr, g: Term) -> None:
        axis = ra.literal(ra.argument(e, "axis", 1), 0)

        def cut(name: str, i: int | None, parts: tuple[Expr, ...]) -> str:
            if i is None:
                return f"list({self.np('moveaxis')}({name}, {axis}, 0))" if axis else f"list({name})"
            return f"{name}[{i}]" if axis == 0 else f"{self.np('take')}({name}, {i}, axis={axis})"

        self.joined(e, g, cut)

    def back_concatenate(self, e: Expr, g: Term) -> None:
        axis = ra.literal(ra.argument(e, "axis", 1), 0)
        self.joined(e, g, self.slices(axis))

    def slices(self, axis: int) -> Any:
        def cut(name: str, i: int | None, parts: tuple[Expr, ...]) -> str:
            if i is None:
                xs = parts[0].text
                size = "len(v)" if axis == 0 else f"v.shape[{axis}]"
                at = f"{self.np('cumsum')}([{size} for v in {xs}])[:-1]"
                return f"{self.np('split')}({name}, {at}, axis={axis})"
            sizes = [self.length(p, axis) for p in parts]
            start = " + ".join(sizes[:i]) or "0"
            stop = " + ".join(sizes[: i + 1])
            lead = ":, " * axis if axis >= 0 else "..., "
            return f"{name}[{lead}{start}:{stop}]"

        return cut

    def length(self, p: Expr, axis: int) -> str:
        if isinstance(p.kind, Num):
            return "1"
        if p.op in ("list", "tuple") and axis == 0:
            return str(len(p.args))
        v = self.value(p, 10)
        return f"len({v.text})" if axis == 0 else f"{v.at(ex.ATOM)}.shape[{axis}]"

    def back_vstack(self, e: Expr, g: Term) -> None:
        kinds = ra._parts(e)
        flat = bool(kinds) and kinds[0].ndim == 1  # type: ignore[index]
        if flat:
            return self.joined(
                e, g, lambda name, i, parts: f"{name}[{i}]" if i is not None else f"list({name})"
            )
        self.joined(e, g, self.slices(0))

    def back_hstack(self, e: Expr, g: Term) -> None:
        kinds = ra._parts(e)
        flat = bool(kinds) and (kinds[0].ndim or 0) <= 1  # type: ignore[index]
        self.joined(e, g, self.slices(0 if flat else 1))

    def back_column_stack(self, e: Expr, g: Term) -> None:
        kinds = ra._parts(e)
        if kinds and kinds[0].ndim == 1:
            return self.joined(
                e, g, lambda name, i, parts: f"{name}[:, {i}]" if i is not None else f"list({name}.T)"
            )
        self.joined(e, g, self.slices(1))


def gathers(index: Expr) -> bool:
    """May this index name the same element twice?"""
    parts = index.args if index.op in ("indices", "tuple") else (index,)
    return any(
        (isinstance(p.kind, Array) and p.kind.dtype != "bool") or isinstance(p.kind, List) or p.op == "list"
        for p in parts
        if p.op != "slice"
    )


def gathered(index: Expr, known: dict[int, str]) -> str:
    """An index for np.add.at: slices spelled out."""
    parts = index.args if index.op in ("indices", "tuple") else (index,)
    out = []
    for p in parts:
        text = p.render(known)
        if p.op == "slice":
            bounds = [b.strip() or "None" for b in text.split(":")]
            text = f"slice({', '.join(bounds)})"
        out.append(text)
    return out[0] if len(out) == 1 else f"({', '.join(out)})"


def _axis(axes: tuple[int, ...]) -> str:
    return str(axes[0]) if len(axes) == 1 else str(axes)


def _t(text: str) -> str:
    return f"{text}.T" if text.isidentifier() or text.endswith(")") else f"({text}).T"
