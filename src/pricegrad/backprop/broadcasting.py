"""Adjoints of arrays: stretched ones are summed back, small ones are kept small as long as they broadcast."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from . import expr as ex
from . import typing_rules as ty
from .bound import shape_of
from .expr import Expr, precedence
from .kinds import Array, Dim, Num, Shape, Tuple, is_container
from .module import Module
from .term import Factor, Term

_FRESH = {"sum", "cumsum", "outer", "full", "full_like", "triu", "tril", "repeat", "where", "zeros_like", "solve", "inv",  # noqa: E501
          "tensordot", "roll", "matmul", "_unbroadcast", "_others", "_cumprod_back", "eye"}  # fmt: skip
_VIEWS = {"T", "reshape", "ravel", "transpose", "swapaxes", "squeeze", "expand_dims", "broadcast_to", "moveaxis", "real",  # noqa: E501
          "diagonal", "diag", "flip", "fliplr", "flipud", "atleast_1d", "atleast_2d", "asarray"}  # fmt: skip

UNBROADCAST = '''\
def _unbroadcast(g, x):
    """g summed over the axes along which x was stretched."""
    shape = np.shape(x)
    extra = np.ndim(g) - len(shape)
    if extra > 0:
        g = np.sum(g, axis=tuple(range(extra)))
    for i, n in enumerate(shape):
        if n == 1 and np.shape(g)[i] != 1:
            g = np.sum(g, axis=i, keepdims=True)
    return g
'''


def is_view(e: Expr) -> bool:
    """Does this expression show another's memory?"""
    from .shapes import basic

    if e.op == "index" and is_container(e.args[0].kind):
        return isinstance(e.kind, Array)
    if e.op == "index":
        return isinstance(e.args[0].kind, Array) and isinstance(e.kind, Array) and basic(e.args[1])
    return e.op in _VIEWS and bool(e.args) and isinstance(e.args[0].kind, Array)


def same_dim(d: Dim, e: Dim) -> bool:
    return d is not None and d == e


def same_shape(a: Shape, b: Shape) -> bool:
    """Are two shapes surely equal?"""
    if a is None or b is None or len(a) != len(b):
        return False
    return all(same_dim(d, e) or (ty.never_one(d) and ty.never_one(e)) for d, e in zip(a, b, strict=True))


def fills(shape: Shape, target: Shape) -> bool:
    """Does something of `shape`, which broadcasts to `target`, surely have that shape already?"""
    if shape is None or target is None or len(shape) != len(target):
        return False
    return all(same_dim(d, e) or ty.never_one(d) for d, e in zip(shape, target, strict=True))


@cache
def precedence_of(text: str) -> tuple[int, bool]:
    """How tightly some code binds, and whether it makes a new array."""
    node = ast.parse(text, mode="eval").body
    name = node.func if isinstance(node, ast.Call) else None
    short = getattr(name, "attr", getattr(name, "id", ""))
    return precedence(node), isinstance(node, (ast.BinOp, ast.UnaryOp)) or short in _FRESH


class Broadcasting:
    """What the adjoint of an expression needs for arrays."""

    module: Module
    numpy: str
    lines: list[str]
    kept: dict[int, str]
    result: dict[int, str]

    def back(self, e: Expr, g: Term) -> None:
        raise NotImplementedError

    def value(self, e: Expr, limit: int = 4) -> Factor:
        raise NotImplementedError

    def keep(self, e: Expr) -> str:
        raise NotImplementedError

    def np(self, name: str) -> str:
        """numpy's function as the emitted code calls it."""
        return self.module.function(f"np:{self.numpy}", name)

    def text(self, e: Expr) -> str:
        """The value of an expression as code that can be indexed and called."""
        return self.value(e).at(ex.ATOM)

    def like(self, e: Expr) -> str:
        """Code of something at hand that has the shape of an expression's value."""
        if e.op in ("name", "const") or id(e) in self.result or id(e) in self.kept:
            return self.value(e).at(ex.ATOM)
        if e.op not in ("matmul", "index") and not is_view(e):
            for a in e.args:
                shape = shape_of(a)
                known = isinstance(a.kind, Array) and shape is not None and None not in shape
                if known and shape == shape_of(e) and a.op != "index":
                    return self.like(a)
        return self.value(e).at(ex.ATOM)

    def shape(self, e: Expr) -> str:
        """Code for the shape of an expression's value."""
        text = self.like(e)
        known = isinstance(e.kind, Array) and e.kind.shape not in (None, ())
        return f"{text}.shape" if known else f"{self.np('shape')}({text})"

    # ------------------------------------------------------------------ small and whole

    def whole(self, g: Term, e: Expr) -> Term:
        """g with the full shape of the expression it is the adjoint of."""
        shape = shape_of(e)
        if shape == () or g.whole or fills(g.shape, shape):
            return g
        body = g.body()
        text = f"{self.np('broadcast_to')}({body.text}, {self.shape(e)})"
        return Term((Factor(text, cost=2, shape=shape, whole=True),), sign=g.sign)

    def linear(self, g: Term, code: Callable[[str], str], shape: Shape, whole: bool = True) -> Term:
        """code(g) for something linear: numbers stay outside."""
        arrays = tuple(f for f in g.nums if f.shape != ())
        numbers = tuple(f for f in g.nums if f.shape == ())
        below = tuple(f for f in g.dens if f.shape != ())
        if not arrays:
            arrays, numbers = (Term(numbers).body(),), ()
        inner = Term(arrays, below).body()
        text = code(inner.at(ex.ATOM))
        prec, fresh = precedence_of(text)
        made = Factor(text, prec, inner.cost + 10, shape, whole, fresh)
        return Term((*numbers, made), tuple(f for f in g.dens if f.shape == ()), g.sign)

    def flow(self, e: Expr, child: Expr, g: Term, code: Callable[[str], str]) -> None:
        """code(g) is the adjoint of `child`, with its full shape."""
        if child.active:
            self.give(child, self.linear(self.whole(g, e), code, shape_of(child)))

    def give(self, child: Expr, g: Term) -> None:
        """g has the shape of `child`, or broadcasts to it; lists get lists."""
        if not child.active:
            return
        if is_container(child.kind):
            g = self.whole(g, child)
        if is_container(child.kind) and child.op not in ("list", "tuple"):
            items = ty.element(child.kind)
            flat = isinstance(items, Num) or is_container(items)
            text = g.factor()
            listed = f"{text.at(ex.ATOM)}.tolist()" if flat else f"list({text.text})"
            g = Term((Factor(listed, cost=2),))
        self.back(child, g)

    # ------------------------------------------------------------------ stretched and summed back

    def send(self, parent: Expr, child: Expr, g: Term) -> None:
        """g belongs to `parent`, an elementwise result; sum it to the shape of `child`."""
        if is_container(parent.kind):
            self.back(child, g)
        elif child.active:
            shape = shape_of(parent)
            if shape == () or same_shape(shape, shape_of(child)):
                self.give(child, g)
            else:
                self.give(child, self.fitted(g, parent, shape, child))

    def fitted(self, g: Term, parent: Expr | None, shape: Shape, child: Expr) -> Term:
        """g, of the given shape, summed over the axes along which `child` was stretched to it."""
        own = shape_of(child)
        if own == ():
            return self.summed(g, parent)
        if parent is not None and not (shape is not None and own is not None and self.lazy(g, shape, own)):
            g = self.whole(g, parent)
        if shape is None or own is None or not _plain(shape, own):
            name = self.helper("_unbroadcast", UNBROADCAST)
            return self.linear(g, lambda t: f"{name}({_open(t)}, {self.like(child)})", own)
        extra = len(shape) - len(own)
        inner = tuple(i for i in range(extra, len(shape)) if own[i - extra] == 1 and shape[i] != 1)
        if extra:
            axes = ", ".join(map(str, range(extra))) if extra > 1 else "0"
            axes = f"({axes})" if extra > 1 else axes
            g = self.linear(g, lambda t: f"{self.np('sum')}({_open(t)}, axis={axes})", own, not inner)
        if inner:
            moved = tuple(i - extra for i in inner)
            at = str(moved[0]) if len(moved) == 1 else str(moved)
            g = self.linear(g, lambda t: f"{self.np('sum')}({_open(t)}, axis={at}, keepdims=True)", own)
        return g

    def lazy(self, g: Term, shape: tuple[Dim, ...], own: tuple[Dim, ...]) -> bool:
        """May g stay small: nothing is to be summed?"""
        extra = len(shape) - len(own)
        return (
            extra == 0
            and all(d != 1 or e == 1 for d, e in zip(own, shape, strict=True))
            and _plain(shape, own)
        )

    def summed(self, g: Term, parent: Expr | None) -> Term:
        """g summed to a number."""
        if parent is not None and g.shape == () and not g.whole:
            return g.times(Factor(f"{self.np('size')}({self.like(parent)})", cost=1))
        if parent is not None:
            g = self.whole(g, parent)
        return self.linear(g, lambda t: f"{self.np('sum')}({_open(t)})", ())

    def helper(self, name: str, code: str) -> str:
        """A small function that stands before the emitted one."""
        prefix = self.np("sum").rpartition(".")[0]
        code = code.replace("np.", f"{prefix}." if prefix else "np.")
        made: str = self.module.helper(name, code)
        return made

    # ------------------------------------------------------------------ scattered

    def scattered(self, e: Expr, base: Expr, index: str, g: Term, at: bool) -> None:
        """g flows to base[index], where `base` is no variable."""
        name = self.module.temporary(self.lines)
        self.lines.append(f"{name} = {self.np('zeros_like')}({self.like(base)})")
        if at:
            self.lines.append(f"{self.np('add.at')}({name}, {index}, {g.factor().text})")
        else:
            self.lines.append(f"{name}[{index}] = {g.factor().text}")
        self.give(base, Term((Factor(name, shape=shape_of(base), whole=True),)))


def _plain(shape: tuple[Dim, ...], own: tuple[Dim, ...]) -> bool:
    """Can it be told for every axis whether it was stretched?"""
    extra = len(shape) - len(own)
    return extra >= 0 and all(
        d == 1 or ty.never_one(d) or same_dim(d, shape[i + extra]) for i, d in enumerate(own)
    )


def _open(text: str) -> str:
    """Without the parentheses around the whole."""
    if not text.startswith("(") or not text.endswith(")"):
        return text
    depth = 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0 and i < len(text) - 1:
            return text
    return text[1:-1] if not text.startswith("()") and "," not in text else text


__all__ = ["Broadcasting", "Tuple", "replace"]
