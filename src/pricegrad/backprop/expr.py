"""Expressions: the user's own text, cut at its operands, with kind, activity and cost."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .kinds import FLOAT, Array, Kind, Known, Tuple

# Binding strength of an expression's outermost operator, loosest first.
TERNARY, OR, AND, NOT, COMPARE, SUM, PRODUCT, UNARY, POWER, ATOM = 1, 2, 3, 4, 5, 10, 11, 12, 13, 15

_COSTS = {"name": 0, "const": 0, "attr": 1, "pow": 2, "index": 1, "slice": 0, "list": 1, "tuple": 1, "neg": 1}
_CALL_COST = 3
_ARITHMETIC = {"add", "sub", "mul", "div", "mod", "floordiv", "pos", "compare"}


@dataclass(eq=False)
class Expr:
    """A node. `pieces` is the text around the operands: "(", a, " + 1)" is ("(", " + 1)") around (a,)."""

    op: str
    args: tuple[Expr, ...]
    pieces: tuple[str, ...]
    prec: int
    kind: Kind
    active: bool = False
    extra: Any = None
    hidden: frozenset[str] = frozenset()  # names read inside the pieces

    @cached_property
    def text(self) -> str:
        """The code of this expression."""
        return self.render({})

    def render(self, known: Mapping[int, str]) -> str:
        """The code, with the nodes in `known` (by identity) replaced by names."""
        out = [self.pieces[0]]
        for arg, piece in zip(self.args, self.pieces[1:], strict=True):
            text = known.get(id(arg)) or arg.render(known)
            if text.isidentifier() and piece.startswith(")") and _groups("".join(out)):
                out = ["".join(out)[:-1]]
                piece = piece[1:]
            out += [text, piece]
        return "".join(out)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The variables read."""
        if self.op == "name":
            return frozenset([self.text])
        return self.hidden.union(*(a.reads for a in self.args))

    @cached_property
    def cost(self) -> int:
        """Roughly, additions; an operation on arrays counts tenfold."""
        own = _COSTS.get(self.op, 1 if self.op in _ARITHMETIC else _CALL_COST)
        if isinstance(self.kind, Array) and self.op not in ("name", "const", "attr", "T"):
            own *= 10
        return own + sum(a.cost for a in self.args)


def _groups(before: str) -> bool:
    """Does this code end in a parenthesis that only groups, so that a name needs none?"""
    outer = before[:-1].rstrip()
    word = re.search(r"\w+$", outer)
    called = word and not keyword.iskeyword(word[0])
    return before.endswith("(") and not called and not outer.endswith((")", "]", '"', "'"))


def postorder(e: Expr) -> list[Expr]:
    """Every node of an expression, operands first."""
    return [x for a in e.args for x in postorder(a)] + [e]


def name(text: str, kind: Kind = FLOAT, active: bool = False) -> Expr:
    """A variable."""
    return Expr("name", (), (text,), ATOM, kind, active)


def function_itself(kind: Known) -> Expr:
    """A function that was held by something, as if it had been named."""
    name = getattr(kind.obj, "__name__", "function")
    return Expr("known", (), (name if name.isidentifier() else "function",), ATOM, kind)


def together(*parts: Expr) -> Expr:
    """A tuple of these."""
    kind, active = Tuple(tuple(e.kind for e in parts)), any(e.active for e in parts)
    end = ",)" if len(parts) == 1 else ")"
    return Expr(
        "tuple", parts, ("(", *[", "] * (len(parts) - 1), end) if parts else ("()",), ATOM, kind, active
    )


def const(text: str, kind: Kind = FLOAT) -> Expr:
    """A literal."""
    return Expr("const", (), (text,), ATOM, kind)


def wrap(e: Expr, prec: int) -> str:
    """The text of `e`, in parentheses if it binds looser than `prec`."""
    return e.text if e.prec >= prec else f"({e.text})"


def binary(op: str, sign: str, a: Expr, b: Expr, kind: Kind) -> Expr:
    """a `sign` b, with parentheses where they are needed."""
    prec = {"+": SUM, "-": SUM, "**": POWER}.get(sign, PRODUCT)
    left = ("(", ")") if a.prec < prec + (sign == "**") else ("", "")
    right = ("(", ")") if b.prec <= prec - (sign == "**") else ("", "")
    pieces = (left[0], f"{left[1]} {sign} {right[0]}", right[1])
    return Expr(op, (a, b), pieces, prec, kind, a.active or b.active)


_PRECEDENCE: dict[type[ast.AST], int] = {
    ast.Add: SUM, ast.Sub: SUM, ast.Pow: POWER, ast.BitOr: 6, ast.BitXor: 7, ast.BitAnd: 8,
    ast.LShift: 9, ast.RShift: 9, ast.Or: OR, ast.And: AND,
}  # fmt: skip


def precedence(node: ast.expr) -> int:
    """How tightly the outermost operator of a node binds."""
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op):
            return _PRECEDENCE.get(type(op), PRODUCT)
        case ast.UnaryOp(op=ast.Not()):
            return NOT
        case ast.UnaryOp():
            return UNARY
        case ast.Compare():
            return COMPARE
        case ast.IfExp() | ast.Lambda() | ast.NamedExpr() | ast.Starred():
            return TERNARY
    return ATOM
