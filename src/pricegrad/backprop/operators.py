"""Read operators: arithmetic, comparisons, `and`, `or` and `not`."""

from __future__ import annotations

import ast

from . import expr as ex
from . import typing_rules as ty
from .elements import matmul_kind
from .expr import Expr
from .kinds import (
    BOOL,
    BOTTOM,
    INT,
    NONE,
    Array,
    Kind,
    List,
    Num,
    Record,
    Tuple,
    is_real,
    join,
)
from .ordering import Ordering
from .paths import item

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


class Operators(Ordering):
    """Reads operators."""

    def read_BinOp(self, node: ast.BinOp) -> Expr:
        if type(node.op) not in _BINARY:
            return self.bits(node)
        op, _ = _BINARY[type(node.op)]
        a, b = self.operands([node.left, node.right])
        if op == "mul" and isinstance(a.kind, Tuple) and isinstance(b.extra, tuple) and b.kind == INT:
            return self.repeated(a, b)
        operated = self.operated(node, a, b) if Record in (type(a.kind), type(b.kind)) else None
        if operated is not None:
            return operated
        return self.binary(
            node, op, a, b, self.make(node, op, [node.left, node.right], [a, b], BOTTOM, False)
        )

    def repeated(self, a: Expr, times: Expr) -> Expr:
        """(x, y) * 2, written out."""
        if a.op not in ("name", "tuple"):
            a = self.bind("items", a)
        parts = a.args if a.op == "tuple" else tuple(item(a, i) for i in range(len(a.kind.items)))  # type: ignore[attr-defined]
        return ex.together(*(parts * int(times.extra[1])))

    def operated(self, node: ast.BinOp, a: Expr, b: Expr) -> Expr | None:
        raise NotImplementedError

    def bits(self, node: ast.BinOp) -> Expr:
        """a & b, a | b of truths or whole numbers, or of arrays of them."""
        if not isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.BitXor)):
            return self.opaque(node, INT)
        sides = [node.left, node.right]
        a, b = self.operands(sides)
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
                self.no(
                    node,
                    f"`{side.text}` may be of different kinds here, so its derivative is not known",
                    "Write the operation out in numbers, lists or arrays.",
                )
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
            self.no(
                node,
                f"cannot tell what `{other.text}` is, so `{out.text}` cannot be differentiated",
                "Put it into `float(...)`, or into an array in a line before.",
            )
        out.active = active and is_real(out.kind)
        return out

    def sized(self, kind: Kind) -> Kind:
        """Unknown lengths get a name of their own, so that what has the same length is seen to have it."""
        if not isinstance(kind, Array) or kind.shape is None or None not in kind.shape:
            return kind
        return Array(kind.dtype, tuple(ty.some_length() if d is None else d for d in kind.shape))

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
        args = self.operands(children)
        arrays = [a.kind for a in args if isinstance(a.kind, Array)]
        kind: Kind = ty.elementwise([a.kind for a in args], "bool") if arrays else BOOL
        known = None
        if len(args) == 2 and args[1].kind == NONE and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
            maybe = args[0].op == "name" and self.val(args[0].text).maybe
            maybe = maybe or (isinstance(args[0].kind, Record) and args[0].kind.maybe)
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
        if known is None and len(args) == 2:
            known = length_known(args[0], node.ops[0], args[1])
        return self.make(
            node, "compare", children, [self.plain(a) for a in args], kind, False, ("truth", known)
        )

    def read_BoolOp(self, node: ast.BoolOp) -> Expr:
        first = self.expr(node.values[0])
        start = len(self.out)
        args = [first, *self.operands(node.values[1:])]
        if any(a.active for a in args) or len(self.out) > start:
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


def length_known(a: Expr, op: ast.cmpop, b: Expr) -> bool | None:
    """len(t) == 2 of a tuple, which is known beforehand."""
    if a.op != "len" or not isinstance(a.args[0].kind, Tuple) or b.op != "const" or not b.extra:
        return None
    n, m = len(a.args[0].kind.items), b.extra[1]
    if not isinstance(m, int):
        return None
    return n == m if isinstance(op, ast.Eq) else n >= m if isinstance(op, ast.GtE) else None
