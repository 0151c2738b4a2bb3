"""Read what holds things and how they are picked out of it: displays, attributes, subscripts."""

from __future__ import annotations

import ast
from types import ModuleType

from . import expr as ex
from . import typing_rules as ty
from .elements import array_attribute, subscript_kind
from .expr import Expr
from .kinds import (
    BOTTOM,
    FLOAT,
    Array,
    Dict,
    Kind,
    Known,
    List,
    Record,
    Table,
    Tuple,
    is_real,
    join,
)
from .operators import Operators
from .source import MISSING
from .values import kind_of


class Places(Operators):
    """Reads displays, attributes and subscripts."""

    writing = False  # is the place read one that is written?

    def display(self, node: ast.List | ast.Tuple) -> Expr:
        if any(isinstance(e, ast.Starred) for e in node.elts):
            return self.joined(node)
        args = self.operands(node.elts)
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

    def joined(self, node: ast.List | ast.Tuple) -> Expr:
        raise NotImplementedError

    def filled(self, node: ast.Dict) -> Expr:
        raise NotImplementedError

    def read_List(self, node: ast.List) -> Expr:
        return self.display(node)

    def read_Tuple(self, node: ast.Tuple) -> Expr:
        return self.display(node)

    def read_Dict(self, node: ast.Dict) -> Expr:
        keys = [k.value if isinstance(k, ast.Constant) else MISSING for k in node.keys]
        if MISSING in keys:
            return self.filled(node)
        args = self.operands(node.values)
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
            if field is None:
                member = self.member(node, base)
                if member is not None:
                    return member
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
        if base.op == "const" and isinstance(base.extra, tuple) and base.extra[0] == "global":
            value = getattr(base.extra[1], node.attr, None)  # np.finfo(float).eps, sys.float_info.max
            if isinstance(value, (int, float)):
                kind = kind_of(value)
                return Expr("const", (base,), ("", "." + node.attr), ex.ATOM, kind, extra=("global", value))
        return Expr("method", (base,), ("", "." + node.attr), ex.ATOM, ty.UNKNOWN, extra=node.attr)

    def member(self, node: ast.Attribute, base: Expr) -> Expr | None:
        raise NotImplementedError

    def read_Subscript(self, node: ast.Subscript) -> Expr:
        base = self.plain(self.expr(node.value))
        start = len(self.out)
        index = self.index(node.slice)
        (base,) = self.before([base], start)
        children = [node.value, node.slice]
        if base.active and index.active:
            self.no(
                node.slice,
                "an index that depends on what is differentiated",
                "Use int(...) of it, or np.interp.",
            )
        known = isinstance(base.kind, (Array, List, Tuple, Dict, Table, Record)) or base.kind == BOTTOM
        if index.active and not known:
            self.no(node, f"cannot tell what `{ast.unparse(node)}` is", "Make it an array in a line before.")
        if (
            isinstance(base.kind, Record)
            and hasattr(base.kind.cls, "_fields")
            and index.op in ("const", "neg")
        ):
            name = base.kind.cls._fields[index.extra[1]]
            return self.expr(ast.copy_location(ast.Attribute(node.value, name, ast.Load()), node))
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
        if isinstance(kind, Known):
            return ex.function_itself(kind)
        return self.make(node, "index", children, [base, index], kind, base.active and is_real(kind))

    def index(self, node: ast.expr) -> Expr:
        """An index: numbers, slices, arrays, None, or a tuple of them."""
        if isinstance(node, ast.Slice):
            children = [c for c in (node.lower, node.upper, node.step) if c is not None]
            args = self.operands(children)
            extra = tuple(
                ("none", None) if c is None else args[children.index(c)].extra or ("?", None)
                for c in (node.lower, node.upper, node.step)
            )
            return self.make(node, "slice", children, args, ty.UNKNOWN, any(a.active for a in args), extra)
        if isinstance(node, ast.Tuple):
            parts = [self.index(e) for e in node.elts]
            out = self.make(node, "indices", list(node.elts), parts, ty.UNKNOWN, any(a.active for a in parts))
            out.prec = ex.ATOM
            if hasattr(node, "made") and out.pieces[0].startswith("("):
                out.pieces = (out.pieces[0][1:], *out.pieces[1:])
                out.pieces = (*out.pieces[:-1], out.pieces[-1].removesuffix(")"))
            return out
        return self.plain(self.expr(node))


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
