"""Read expressions: the user's `ast` becomes `Expr` with kinds and activity."""

from __future__ import annotations

import ast
import math
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any, NoReturn

import numpy as np

from . import expr as ex
from . import typing_rules as ty
from .expr import Expr
from .fence import refuse
from .frame import Closure, Env, Frame, Val
from .ir import Block, Let, Origin
from .kinds import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    STR,
    Array,
    Dict,
    Kind,
    Known,
    List,
    Num,
    Other,
    Record,
    Table,
    Tuple,
    is_real,
    join,
    kind_of,
)
from .module import Module
from .source import MISSING

_BINARY: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("add", "+"),
    ast.Sub: ("sub", "-"),
    ast.Mult: ("mul", "*"),
    ast.Div: ("div", "/"),
    ast.Pow: ("pow", "**"),
    ast.Mod: ("mod", "%"),
    ast.FloorDiv: ("floordiv", "//"),
    ast.MatMult: ("matmul", "@"),
}
_PRECEDENCE: dict[type[ast.AST], int] = {
    ast.Add: ex.SUM, ast.Sub: ex.SUM, ast.Pow: ex.POWER, ast.BitOr: 6, ast.BitXor: 7, ast.BitAnd: 8,
    ast.LShift: 9, ast.RShift: 9, ast.Or: ex.OR, ast.And: ex.AND,
}  # fmt: skip


def precedence(node: ast.expr) -> int:
    """How tightly the outermost operator of a node binds."""
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op):
            return _PRECEDENCE.get(type(op), ex.PRODUCT)
        case ast.UnaryOp(op=ast.Not()):
            return ex.NOT
        case ast.UnaryOp():
            return ex.UNARY
        case ast.Compare():
            return ex.COMPARE
        case ast.IfExp() | ast.Lambda() | ast.NamedExpr() | ast.Starred():
            return ex.TERNARY
    return ex.ATOM


class Reader:
    """Reads the expressions of one emitted function. Statements are added by `Specialiser`."""

    def __init__(self, module: Module, frame: Frame) -> None:
        self.module, self.frame = module, frame
        self.env: Env | None = {}
        self.out: Block = []
        self.origin = Origin(0, "")

    writing = False

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
            found = [e for at, e in frame.early.get(name, []) if at <= (node.lineno, node.col_offset)]
            if found:
                return found[-1]
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
        if isinstance(kind, Known):
            return Expr("known", (), (name,), ex.ATOM, kind)
        where = frame.source.cells if name in frame.source.cells else frame.source.globals
        if (where, name, obj) not in self.module.watched:
            self.module.watched.append((where, name, obj))
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
            self.no(node, "complex numbers are not differentiated")
        text = repr(node.value) if hasattr(node, "made") else self.frame.source.cut(node, [])[0]
        return Expr("const", (), (text,), ex.ATOM, kind, extra=("literal", node.value))

    def read_JoinedStr(self, node: ast.JoinedStr) -> Expr:
        names = frozenset(
            self.variable(n.id)
            for n in ast.walk(node)
            if isinstance(n, ast.Name) and n.id in self.frame.locals
        )
        return Expr("opaque", (), self.frame.source.cut(node, []), ex.ATOM, STR, hidden=names)

    # ------------------------------------------------------------------ operators

    def read_BinOp(self, node: ast.BinOp) -> Expr:
        if type(node.op) not in _BINARY:
            return self.bits(node)
        op, _ = _BINARY[type(node.op)]
        a, b = self.expr(node.left), self.expr(node.right)
        return self.binary(
            node, op, a, b, self.make(node, op, [node.left, node.right], [a, b], BOTTOM, False)
        )

    def bits(self, node: ast.BinOp) -> Expr:
        """a & b, a | b of truths or whole numbers, or of arrays of them."""
        if not isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            return self.opaque(node, INT)
        sides = [node.left, node.right]
        a, b = (self.expr(n) for n in sides)
        kind = ty.elementwise([a.kind, b.kind])
        if a.active or b.active or not isinstance(kind, (Num, Array)):
            return self.opaque(node, INT)
        return self.make(node, "bits", list(sides), [a, b], kind, False)

    def binary(self, node: ast.AST, op: str, a: Expr, b: Expr, out: Expr) -> Expr:
        """Fill in kind and activity of `a op b`."""
        if BOTTOM in (a.kind, b.kind):
            out.active = (a.active or b.active) and op != "floordiv"
            return out
        for side in (a, b):
            if side.active and not isinstance(side.kind, (Num, Array, List, Tuple)):
                self.no(node, f"`{side.text}` may be of different kinds here, so its derivative is not known")
        repeated = next((s for s in (a, b) if isinstance(s.kind, List)), None) if op == "mul" else None
        if repeated is not None and isinstance(repeated.kind.item, (List, Array)):  # type: ignore[attr-defined]
            self.no(
                node,
                "a repeated list holds the same inner list several times: a change in one is a change in all",
                "Write `[[0.0] * n for _ in range(m)]`.",
            )
        exponent = b.extra[1] if op == "pow" and b.op == "const" and b.extra else None
        whole = isinstance(exponent, int) and exponent >= 0
        if op == "matmul":
            out.kind = matmul_kind(a.kind, b.kind)
        else:
            out.kind = self.sized(ty.binary(op, a.kind, b.kind, whole))
        active = (a.active or b.active) and op != "floordiv"
        if active and out.kind == ty.UNKNOWN:
            other = b if a.active else a
            self.no(node, f"cannot tell what `{other.text}` is, so `{out.text}` cannot be differentiated")
        out.active = active and is_real(out.kind)
        return out

    def read_UnaryOp(self, node: ast.UnaryOp) -> Expr:
        a = self.expr(node.operand)
        op = {ast.USub: "neg", ast.UAdd: "pos", ast.Not: "not", ast.Invert: "invert"}[type(node.op)]
        kind = a.kind if op != "not" else BOOL
        if op in ("neg", "pos") and kind == BOOL:
            kind = INT
        extra = None
        if a.op == "const" and a.extra and a.extra[0] == "literal" and op == "neg":
            extra = ("literal", -a.extra[1])
        return self.make(node, op, [node.operand], [a], kind, a.active and op in ("neg", "pos"), extra)

    def read_Compare(self, node: ast.Compare) -> Expr:
        children = [node.left, *node.comparators]
        args = [self.expr(c) for c in children]
        arrays = [a.kind for a in args if isinstance(a.kind, Array)]
        kind: Kind = ty.elementwise([a.kind for a in args], "bool") if arrays else BOOL
        known = None
        if len(args) == 2 and args[1].kind == NONE and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            maybe = args[0].op == "name" and self.val(args[0].text).maybe
            sure = (
                not maybe
                and args[0].kind not in (BOTTOM, NONE)
                and type(args[0].kind).__name__
                not in (
                    "Mixed",
                    "Other",
                )
            )
            if sure or args[0].kind == NONE:
                known = (args[0].kind == NONE) == isinstance(node.ops[0], ast.Is)
        return self.make(
            node, "compare", children, [self.plain(a) for a in args], kind, False, ("truth", known)
        )

    def plain(self, e: Expr) -> Expr:
        """A function or module as code, where it is only passed on."""
        return Expr("const", (), (self.known_text(e),), e.prec, e.kind) if e.op == "known" else e

    def read_BoolOp(self, node: ast.BoolOp) -> Expr:
        args = [self.expr(c) for c in node.values]
        if any(a.active for a in args):
            self.no(
                node,
                "`and`/`or` that yields a number is not differentiated here",
                "Write it as `a if condition else b`.",
            )
        kind: Kind = BOTTOM
        for a in args:
            kind = join(kind, a.kind)
        known = [
            a.extra[1] if a.op in ("compare", "not") and a.extra and a.extra[0] == "truth" else None
            for a in args
        ]
        truth = None
        if isinstance(node.op, ast.And):
            truth = False if False in known else True if set(known) == {True} else None
        else:
            truth = True if True in known else False if set(known) == {False} else None
        return self.make(
            node, "bool", list(node.values), [self.plain(a) for a in args], kind, False, ("truth", truth)
        )

    # ------------------------------------------------------------------ containers

    def display(self, node: ast.List | ast.Tuple) -> Expr:
        if any(isinstance(e, ast.Starred) for e in node.elts):
            self.no(node, "a starred element in a display is not differentiated", "Join the lists with `+`.")
        args = [self.expr(e) for e in node.elts]
        if not all(a.op == "known" and isinstance(a.kind, Known) for a in args):
            args = [self.plain(a) for a in args]
        kind: Kind
        if isinstance(node, ast.List):
            item: Kind = BOTTOM
            for a in args:
                item = join(item, a.kind)
            kind = List(item)
        else:
            kind = Tuple(tuple(a.kind for a in args))
        op = "list" if isinstance(node, ast.List) else "tuple"
        out = self.make(node, op, list(node.elts), args, kind, any(a.active for a in args))
        if op == "tuple" and not out.text.startswith("("):
            out = Expr(
                op,
                out.args,
                ("(" + out.pieces[0], *out.pieces[1:-1], out.pieces[-1] + ")"),
                ex.ATOM,
                kind,
                out.active,
            )
        return out

    def read_List(self, node: ast.List) -> Expr:
        return self.display(node)

    def read_Tuple(self, node: ast.Tuple) -> Expr:
        return self.display(node)

    def read_Dict(self, node: ast.Dict) -> Expr:
        keys = [k.value if isinstance(k, ast.Constant) else MISSING for k in node.keys]
        if MISSING in keys:
            return self.opaque(node, Table(BOTTOM))
        args = [self.expr(v) for v in node.values]
        kind = Dict(tuple((k, a.kind) for k, a in zip(keys, args, strict=True)))
        return self.make(node, "dict", list(node.values), args, kind, any(a.active for a in args), keys)

    def read_Attribute(self, node: ast.Attribute) -> Expr:
        base = self.expr(node.value)
        if isinstance(base.kind, Known) and isinstance(base.kind.obj, (ModuleType, type)):
            obj = getattr(base.kind.obj, node.attr, MISSING)
            if obj is MISSING:
                self.no(node, f"`{base.text}` has no `{node.attr}`")
            kind = kind_of(obj, base.text + "." + node.attr)
            if isinstance(kind, Known):
                return Expr("known", (base,), ("", "." + node.attr), ex.ATOM, kind)
            text = f"{self.known_text(base)}.{node.attr}"
            return Expr("const", (), (text,), ex.ATOM, kind, extra=("global", obj))
        if isinstance(base.kind, Record):
            field = base.kind.get(node.attr)
            if field is None and node.attr in dir(base.kind.cls):
                member = getattr(base.kind.cls, node.attr)
                if isinstance(member, (FunctionType, property)):
                    return Expr("method", (base,), ("", "." + node.attr), ex.ATOM, Known(member))
            if field is None:
                if base.active:
                    self.no(node, f"`{base.text}` has no attribute `{node.attr}` that could be followed")
                field = ty.UNKNOWN
            return self.make(
                node, "field", [node.value], [base], field, base.active and is_real(field), node.attr
            )
        if isinstance(base.kind, Array):
            found, active = array_attribute(base.kind, node.attr), base.active
            if found is not None:
                flows = active and node.attr in ("T", "real")
                if node.attr == "shape":
                    out = self.make(node, "attr", [node.value], [base], found, False)
                    out.extra = ("shape", base.kind.shape)
                    return out
                return self.make(node, node.attr if flows else "attr", [node.value], [base], found, flows)
        return Expr("method", (base,), ("", "." + node.attr), ex.ATOM, ty.UNKNOWN, extra=node.attr)

    def read_Subscript(self, node: ast.Subscript) -> Expr:
        base = self.plain(self.expr(node.value))
        index = self.index(node.slice)
        children = [node.value, node.slice]
        if base.active and index.active:
            self.no(
                node.slice,
                "an index that depends on what is differentiated",
                "Use int(...) of it, or np.interp.",
            )
        if base.op in ("list", "tuple", "dict"):
            picked = display_item(base, index)
            if picked is not None:
                return picked
        if base.active and not isinstance(base.kind, Array) and not is_path(base):
            base = self.bind("item", base)
        kind = self.sized(subscript_kind(base.kind, index))
        floats = isinstance(base.kind, (Array, List, Tuple)) and FLOAT in (index.kind, ty.element(index.kind))
        if floats and index.op != "slice":
            self.no(node.slice, "an index must be a whole number", "Use int(...) of it, or keep it an int.")
        if base.active and kind == ty.UNKNOWN and not self.writing:
            self.no(
                node,
                f"cannot tell what `{ast.unparse(node)}` is",
                "Index with an integer, a slice or an array.",
            )
        return self.make(node, "index", children, [base, index], kind, base.active and is_real(kind))

    def sized(self, kind: Kind) -> Kind:
        """Unknown lengths get a name of their own, so that what has the same length is seen to have it."""
        if not isinstance(kind, Array) or kind.shape is None or None not in kind.shape:
            return kind
        return Array(kind.dtype, tuple(ty.some_length() if d is None else d for d in kind.shape))

    def index(self, node: ast.expr) -> Expr:
        """An index: numbers, slices, arrays, None, or a tuple of them."""
        if isinstance(node, ast.Slice):
            children = [c for c in (node.lower, node.upper, node.step) if c is not None]
            args = [self.expr(c) for c in children]
            extra = tuple(
                ("none", None) if c is None else args[children.index(c)].extra or ("?", None)
                for c in (node.lower, node.upper, node.step)
            )
            return self.make(node, "slice", children, args, ty.UNKNOWN, any(a.active for a in args), extra)
        if isinstance(node, ast.Tuple):
            parts = [self.index(e) for e in node.elts]
            out = self.make(node, "indices", list(node.elts), parts, ty.UNKNOWN, any(a.active for a in parts))
            out.prec = ex.ATOM
            return out
        return self.plain(self.expr(node))

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

    def bind(self, wanted: str, e: Expr) -> Expr:
        """Put a value into a fresh variable."""
        name = self.module.names.new(wanted)
        self.module.variables.add(name)
        self.assign(name, e)
        return ex.name(name, e.kind, e.active)

    def assign(self, name: str, e: Expr, text: str = "") -> None:
        """Emit `name = e`."""
        self.settle(name)
        self.inserts(e, name)
        self.out.append(Let(self.origin, (name,), (e,), (e.kind,), text))
        assert self.env is not None
        self.env[name] = Val(e.kind, e.active)
        for other, val in self.env.items():
            if name in val.twins or name in val.deep:
                self.env[other] = replace(val, twins=val.twins - {name}, deep=val.deep - {name})
        self.shares_parts(e, name)


def display_item(base: Expr, index: Expr) -> Expr | None:
    """An item of a display, by a literal index."""
    if (
        isinstance(base.extra, dict)
        or not isinstance(index.extra, tuple)
        or index.op not in ("const", "neg")
        or not index.extra
    ):
        return None
    key = index.extra[1]
    if base.op == "dict":
        return base.args[base.extra.index(key)] if key in base.extra else None
    return base.args[key] if isinstance(key, int) and -len(base.args) <= key < len(base.args) else None


def is_path(e: Expr) -> bool:
    """A variable or an element of one."""
    while e.op in ("index", "field", "T"):
        e = e.args[0]
    return e.op in ("name", "const")


def gathers_inside(e: Expr) -> bool:
    """Does this path copy on the way, through an index array or a mask?"""
    while e.op in ("index", "field", "T"):
        if e.op == "index" and isinstance(e.args[0].kind, Array):
            parts = e.args[1].args if e.args[1].op in ("indices", "tuple") else (e.args[1],)
            if any(isinstance(p.kind, (Array, List)) or p.op == "list" for p in parts if p.op != "slice"):
                return True
        if e.op == "index" and isinstance(e.args[0].kind, (List, Tuple)) and e.args[1].op == "slice":
            return True
        e = e.args[0]
    return False


def _made_pieces(node: ast.expr, children: list[ast.expr]) -> tuple[str, ...]:
    """Text around the children of a node that stands nowhere in the user's file."""
    marks = [ast.Name(f"__{i}__", ast.Load()) for i in range(len(children))]
    swap = {id(c): m for c, m in zip(children, marks, strict=True)}

    class Swap(ast.NodeTransformer):
        def visit(self, n: ast.AST) -> ast.AST:
            return swap.get(id(n)) or super().generic_visit(n)

    import copy

    text = ast.unparse(ast.fix_missing_locations(Swap().generic_visit(copy.copy(node))))
    out = []
    for mark in marks:
        before, _, text = text.partition(mark.id)
        out.append(before)
    return (*out, text)


def matmul_kind(a: Kind, b: Kind) -> Kind:
    """The kind of a @ b."""
    if BOTTOM in (a, b):
        return BOTTOM
    a, b = ty.as_array(a), ty.as_array(b)
    if not isinstance(a, Array) or not isinstance(b, Array):
        return ty.UNKNOWN
    from .products import matmul_shape

    dtype = "float" if "float" in (a.dtype, b.dtype) else "int"
    shape = matmul_shape(a.shape, b.shape)
    return Num(dtype) if shape == () else Array(dtype, shape)


def array_attribute(kind: Array, attr: str) -> Kind | None:
    """The kind of x.T, x.shape, ..."""
    match attr:
        case "T":
            return Array(kind.dtype, None if kind.shape is None else kind.shape[::-1])
        case "real":
            return kind
        case "shape":
            return Tuple((INT,) * len(kind.shape)) if kind.shape is not None else List(INT)
        case "size" | "ndim" | "nbytes":
            return INT
        case "dtype":
            return ty.UNKNOWN
    return None


def subscript_kind(base: Kind, index: Expr) -> Kind:
    """The kind of base[index]."""
    literal = index.extra[1] if index.op in ("const", "neg") and index.extra else MISSING
    is_int = index.kind in (INT, BOOL)
    match base:
        case List(item):
            return base if index.op == "slice" else item
        case Tuple(items):
            if index.op == "slice":
                if all(k in ("literal", "none") for k, _ in index.extra):
                    return Tuple(items[slice(*(v for _, v in index.extra))])
                return List(ty.element(base))
            if isinstance(literal, int) and -len(items) <= literal < len(items):
                return items[literal]
            return ty.element(base)
        case Dict(items):
            if literal is not MISSING:
                return base.get(literal) or ty.UNKNOWN
            return ty.element(Tuple(tuple(k for _, k in items)))
        case Table(value):
            return value
        case Array(dtype, shape):
            from .shapes import indexed

            new = indexed(shape, index)
            return Num(dtype) if new == () else Array(dtype, new)
    return BOTTOM if base == BOTTOM else STR if base == STR and is_int else ty.UNKNOWN


__all__ = ["FLOAT", "Other", "Reader", "math", "np"]
