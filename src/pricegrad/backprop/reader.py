"""Read expressions: the user's `ast` becomes `Expr` with kinds and activity."""

from __future__ import annotations

import ast
import copy
from dataclasses import replace
from types import FunctionType
from typing import Any, NoReturn

from . import expr as ex
from . import typing_rules as ty
from .elements import subscript_kind
from .expr import Expr, precedence
from .fence import refuse
from .frame import Closure, Env, Frame, Val
from .ir import Block, Let, Origin
from .kinds import (
    BOTTOM,
    STR,
    Dict,
    Kind,
    Known,
    Tuple,
    is_real,
)
from .module import Module, Size, canonical
from .source import MISSING
from .values import has_function, kind_of


class Reader:
    """Reads the expressions of one emitted function. Statements are added by `Specialiser`."""

    def __init__(self, module: Module, frame: Frame) -> None:
        self.module, self.frame = module, frame
        self.env: Env | None = {}
        self.out: Block = []
        self.origin = Origin(0, "")
        self.shown: dict[str, frozenset[str]] = {}  # variables that show elements of others, by name
        self.statement: ast.AST = frame.source.tree  # the one being read

    def no(self, node: ast.AST, what: str, hint: str = "") -> NoReturn:
        refuse(self.frame.source, node, what, hint)

    # ------------------------------------------------------------------ names

    def variable(self, name: str) -> str:
        """The emitted name of a local variable."""
        return self.frame.rename.get(name, name)

    def val(self, name: str) -> Val:
        return (self.env or {}).get(name, Val(BOTTOM))

    def find(self, node: ast.Name) -> Expr:
        """What a name stands for, from the innermost scope outwards."""
        name = node.id
        frame: Frame | None = self.frame
        while frame is not None:
            if name in frame.given:
                return self.refreshed(frame.given[name])
            if name in frame.locals:
                variable = frame.rename.get(name, name)
                val = self.val(variable)
                op = "known" if isinstance(val.kind, Known) else "name"
                return Expr(op, (), (variable,), ex.ATOM, val.kind, val.active)
            if frame.parent is None:
                break
            frame = frame.parent
        assert frame is not None
        obj = frame.source.lookup(name)
        if obj is MISSING:
            self.no(node, f"the name `{name}` is not defined", "Define it before the derivative is made.")
        return self.outside(name, obj, frame)

    def refreshed(self, e: Expr) -> Expr:
        """A path as it is now: kinds and activity may have changed since it was named."""
        if e.op == "name" and self.env is not None and e.text in self.env:
            val = self.env[e.text]
            return Expr("name", (), e.pieces, e.prec, val.kind, val.active)
        if e.op in ("index", "field", "T") and e.args:
            base = self.refreshed(e.args[0])
            kind = subscript_kind(base.kind, e.args[1]) if e.op == "index" else e.kind
            return Expr(
                e.op, (base, *e.args[1:]), e.pieces, e.prec, kind, base.active and is_real(kind), e.extra
            )
        return e

    def outside(self, name: str, obj: Any, frame: Frame) -> Expr:
        """A module-level name, a builtin, or a variable of an enclosing function that has returned."""
        kind = kind_of(obj, f"{name}@{id(obj)}")
        where = frame.source.cells if name in frame.source.cells else frame.source.globals
        if isinstance(kind, Known):
            theirs = isinstance(obj, FunctionType) and not canonical(obj) and where.get(name) is obj
            if theirs and obj is not self.frame.source.function:  # a cell of a notebook may be run again
                self.module.watch(where, name, obj)
            return Expr("known", (), (name,), ex.ATOM, kind)
        self.module.watch(where, name, obj)
        if isinstance(obj, (list, dict)) and isinstance(kind, (Tuple, Dict)) and has_function(kind):
            self.module.watch(Size(obj), 0, len(obj))  # first: behind it, every index is there
            for part, one in obj.items() if isinstance(obj, dict) else enumerate(obj):
                self.module.watch(obj, part, one)
        return Expr("const", (), (self.module.constant(name, obj),), ex.ATOM, kind, extra=("global", obj))

    def known_text(self, e: Expr) -> str:
        """The code of a module or function that the emitted code refers to."""
        obj = e.kind.obj if isinstance(e.kind, Known) else None
        if e.op == "known" and e.args:
            return self.known_text(e.args[0]) + e.pieces[-1]
        if e.op == "known" and not isinstance(obj, Closure):
            return self.module.use(e.text, obj)
        return e.text

    # ------------------------------------------------------------------ pieces

    def make(
        self,
        node: ast.expr,
        op: str,
        children: list[ast.expr],
        args: list[Expr],
        kind: Kind,
        active: bool,
        extra: Any = None,
    ) -> Expr:
        """An expression in the user's own text, its operands cut out."""
        if hasattr(node, "made"):
            pieces = _made_pieces(node, children)
        else:
            pieces = self.frame.source.cut(node, children)
        out = list(pieces)
        for i, (child, arg) in enumerate(zip(children, args, strict=True)):
            if arg.prec < precedence(child) and not (out[i].endswith("(") and out[i + 1].startswith(")")):
                out[i] += "("
                out[i + 1] = ")" + out[i + 1]
        return Expr(op, tuple(args), tuple(out), precedence(node), kind, active, extra)

    def expr(self, node: ast.expr) -> Expr:
        """Read one expression."""
        method = getattr(self, "read_" + type(node).__name__, None)
        if method is None:
            return self.opaque(node)
        out: Expr = method(node)
        return out

    def opaque(self, node: ast.expr, kind: Kind = ty.UNKNOWN) -> Expr:
        """An expression with no derivative, kept as it is written; refused if a derivative should flow
        through.
        """
        bound = {n.arg for n in ast.walk(node) if isinstance(n, ast.arg)} | {
            n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        children = [
            n
            for n in ast.walk(node)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and n.id not in bound
        ]
        children.sort(key=lambda n: (n.lineno, n.col_offset))
        if hasattr(node, "made"):
            children = _text_order(node, children)
        args = [self.expr(n) for n in children]
        for child, arg in zip(children, args, strict=True):
            if arg.active:
                self.no(
                    child,
                    f"`{type(node).__name__}` cannot be differentiated with respect to `{child.id}`",
                    "Compute it in plain assignments, loops and NumPy calls.",
                )
        args = [
            Expr("const", (), (self.known_text(a),), a.prec, a.kind) if a.op == "known" else a for a in args
        ]
        return self.make(node, "opaque", list(children), args, kind, False)

    # ------------------------------------------------------------------ atoms

    def read_Name(self, node: ast.Name) -> Expr:
        return self.find(node)

    def read_Constant(self, node: ast.Constant) -> Expr:
        kind = (
            kind_of(node.value)
            if not isinstance(node.value, (bytes, complex)) and node.value is not ...
            else ty.UNKNOWN
        )
        if isinstance(node.value, complex):
            self.no(node, "complex numbers are not differentiated", "Keep real and imaginary part apart.")
        made = "..." if node.value is ... else repr(node.value)
        text = made if hasattr(node, "made") else self.frame.source.cut(node, [])[0]
        return Expr("const", (), (text,), ex.ATOM, kind, extra=("literal", node.value))

    def read_JoinedStr(self, node: ast.JoinedStr) -> Expr:
        """A text with values in it: no derivative, but its variables may have other names here."""
        bound = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        found = {
            n.id: self.plain(self.expr(ast.copy_location(ast.Name(n.id, ast.Load()), node)))
            for n in ast.walk(node)
            if isinstance(n, ast.Name) and n.id not in bound
        }
        reads = frozenset().union(*(e.reads for e in found.values()))
        if all(e.text == name for name, e in found.items()) and not hasattr(node, "made"):
            return Expr("opaque", (), self.frame.source.cut(node, []), ex.ATOM, STR, hidden=reads)
        new = copy.deepcopy(node)
        for n in ast.walk(new):
            if isinstance(n, ast.Name) and n.id in found:
                n.id = found[n.id].text
        return Expr("opaque", (), (ast.unparse(new),), ex.ATOM, STR, hidden=reads)

    def plain(self, e: Expr) -> Expr:
        """A function or module as code, where it is only passed on."""
        if e.op == "known" and isinstance(e.kind, Known) and isinstance(e.kind.obj, Closure):
            self.no(
                self.statement,
                f"the inner function `{e.text}` is kept or handed on where it cannot be followed",
                "Call it by its own name, or define it outside.",
            )
        return Expr("const", (), (self.known_text(e),), e.prec, e.kind) if e.op == "known" else e

    def read_Lambda(self, node: ast.Lambda) -> Expr:
        return Expr("known", (), ("<lambda>",), ex.ATOM, Known(self.closure(node, "<lambda>")))

    def closure(self, node: ast.FunctionDef | ast.Lambda, name: str) -> Closure:
        """An inner function, remembered with its scope."""
        from .source import Source

        s = self.frame.source
        source = Source(name, s.file, s.first, s.lines, node, s.globals, s.cells)
        a = node.args
        positional = [*a.posonlyargs, *a.args]
        defaults = dict(
            zip([p.arg for p in positional[len(positional) - len(a.defaults) :]], a.defaults, strict=True)
        )
        defaults |= {p.arg: d for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None}
        return Closure(source, self.frame, {k: self.frozen(self.expr(d), k) for k, d in defaults.items()})

    def frozen(self, e: Expr, wanted: str) -> Expr:
        """A value as it is now: a default argument does not follow later changes of its variable."""
        if e.op in ("const", "known"):
            return e
        return self.bind(wanted, e)

    def settle(self, variable: str) -> None:
        """Before a variable changes: names that stand for it, or for a part it picks, become variables."""

    def shares_parts(self, e: Expr, name: str) -> None:
        """Remember a copy whose parts are still those of the original."""

    def inserts(self, e: Expr, container: str) -> None:
        """Remember which objects are now part of another."""

    def one_of(self, arms: tuple[Expr, ...], name: str) -> None:
        """Remember that an object is one of several."""

    def stands_for_either(self, e: Expr, name: str) -> None:
        """Remember that a choice between two objects is one of them."""

    def bind(self, wanted: str, e: Expr) -> Expr:
        """Put a value into a fresh variable."""
        name = self.module.names.new(wanted)
        self.module.variables.add(name)
        self.module.unnamed.add(name)
        self.assign(name, e)
        return ex.name(name, e.kind, e.active)

    def assign(self, name: str, e: Expr, text: str = "") -> None:
        """Emit `name = e`."""
        self.settle(name)
        self.out.append(Let(self.origin, (name,), (e,), (e.kind,), text))
        assert self.env is not None
        self.env[name] = Val(e.kind, e.active)
        for other, val in self.env.items():
            if name in val.twins or name in val.deep:
                self.env[other] = replace(val, twins=val.twins - {name}, deep=val.deep - {name})
        self.inserts(e, name)
        self.shares_parts(e, name)
        self.stands_for_either(e, name)


def _text_order(node: ast.expr, children: list[ast.Name]) -> list[ast.Name]:
    """Names in the order in which they stand in the text of a node."""
    marked = {id(c): f"__{i}__" for i, c in enumerate(children)}
    text = ast.unparse(_swapped(node, {k: ast.Name(v, ast.Load()) for k, v in marked.items()}))
    return sorted(children, key=lambda c: text.index(marked[id(c)]))


def _swapped(part: Any, swap: dict[int, ast.expr]) -> Any:
    """A copy of a tree with some nodes replaced."""
    if id(part) in swap:
        return swap[id(part)]
    if isinstance(part, list):
        return [_swapped(p, swap) for p in part]
    if not isinstance(part, ast.AST):
        return part
    new = copy.copy(part)
    for name, value in ast.iter_fields(part):
        setattr(new, name, _swapped(value, swap))
    return new


def _made_pieces(node: ast.expr, children: list[ast.expr]) -> tuple[str, ...]:
    """Text around the children of a node that stands nowhere in the user's file."""
    marks = [_mark(c, f"__{i}__") for i, c in enumerate(children)]
    swap = {id(c): m for c, m in zip(children, marks, strict=True)}

    text = ast.unparse(_swapped(node, swap))
    out = []
    for mark in marks:
        before, _, text = text.partition(ast.unparse(mark))
        out.append(before)
    return (*out, text)


def _mark(child: ast.expr, name: str) -> ast.expr:
    """Something recognisable that binds as tightly as the child, so that it gets the same parentheses."""
    a, b = ast.Name(name, ast.Load()), ast.Name(name + "end", ast.Load())
    match child:
        case ast.BinOp(op=op):
            return ast.BinOp(a, op, b)
        case ast.BoolOp(op=op):
            return ast.BoolOp(op, [a, b])
        case ast.UnaryOp(op=op):
            return ast.UnaryOp(op, a)
        case ast.Compare():
            return ast.Compare(a, [ast.Lt()], [b])
        case ast.IfExp():
            return ast.IfExp(a, b, b)
    return a
