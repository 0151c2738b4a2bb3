"""Read NumPy calls that are short for others: median, kron, select, interp, ..."""

from __future__ import annotations

import ast

import numpy as np

from . import expr as ex
from .bound import literal
from .expr import Expr
from .kinds import Known
from .rewriting import Rewriting
from .spelled import ONLY_WITH, TABLE, Parts, fits_with


class Spellings(Rewriting):
    """Reads NumPy calls that are short for others."""

    def of_numpy(self, node: ast.Call, obj: object) -> Expr | None:
        """A call spelled out; None if it stands for itself."""
        if obj is np.select:
            return self.selected(node)
        if obj in (np.concatenate, np.hstack, np.vstack, np.stack) and node.args:
            return self.joined_lists(node)
        entry = TABLE.get(id(obj))
        asked = ONLY_WITH.get(id(obj))
        if asked and not asked & {k.arg for k in node.keywords}:
            return None
        if entry is None or any(isinstance(a, ast.Starred) for a in node.args):
            return None
        words = entry[0].split()
        given = dict(zip(words, node.args, strict=False))
        given |= {k.arg: k.value for k in node.keywords if k.arg is not None}
        if (
            len(node.args) > len(words)
            or not set(given) <= set(words)
            or len(given) < len(node.args) + len(node.keywords)
        ):
            return None
        length, env = len(self.out), dict(self.env or {})
        parts = dict(zip(given, self.operands(given.values()), strict=True))
        fits = next((code for test, code in entry[1] if fits_with(test, parts)), None)
        if fits is None or not any(e.active for e in parts.values()):
            del self.out[length:]
            self.env = env
            return None
        held = {n: e if plain(e) else self.bind(n, e) for n, e in parts.items()}
        module = Expr("known", (), (self.numpy_prefix(),), ex.ATOM, Known(np))
        if fits == "power":
            return self.spelled(node, " @ ".join(["a"] * literal(held["n"])), a=held["a"])
        if fits == "between two of a table":
            at = "int(np.clip(np.searchsorted(xp, a, 'right') - 1, 0, len(xp) - 2))"
            i = self.bind("i", self.spelled(node, at, np=module, **held))
            part = "min(max((a - xp[i]) / (xp[i + 1] - xp[i]), 0.0), 1.0)"
            return self.spelled(node, f"fp[i] + {part} * (fp[i + 1] - fp[i])", i=i, **held)
        if fits == "middle":
            order = self.bind("sorted_x", self.spelled(node, "np.sort(np.ravel(a))", np=module, **held))
            return self.spelled(node, "(s[(len(s) - 1) // 2] + s[len(s) // 2]) / 2", s=order)
        if fits.startswith("between("):
            return self.between(node, fits, held, module)
        return self.spelled(node, fits, np=module, **held)

    def joined_lists(self, node: ast.Call) -> Expr | None:
        """np.concatenate([a, [x, y]]): the lists as arrays; None if there are none."""
        parts = node.args[0]
        if not isinstance(parts, (ast.List, ast.Tuple)) or not any(
            isinstance(e, ast.List) for e in parts.elts
        ):
            return None
        module = Expr("known", (), (self.numpy_prefix(),), ex.ATOM, Known(np))
        new = [
            self.template(e, "np.array(a)", np=module, a=e) if isinstance(e, ast.List) else e
            for e in parts.elts
        ]
        together = ast.List(new, ast.Load())
        return self.expr(self.placed(ast.Call(node.func, [together, *node.args[1:]], node.keywords), node))  # type: ignore[arg-type]

    def as_function(self, node: ast.Call, name: str) -> Expr:
        """x.clip(min=0) as np.clip(x, min=0)."""
        assert isinstance(node.func, ast.Attribute)
        module = Expr("known", (), (self.numpy_prefix(),), ex.ATOM, Known(np))
        whole = self.template(node, f"np.{name}", np=module)
        called = ast.Call(whole, [node.func.value, *node.args], node.keywords)
        return self.expr(self.placed(called, node))  # type: ignore[arg-type]

    def between(self, node: ast.Call, code: str, held: Parts, module: Expr) -> Expr:
        """A value between two of a sorted list: quantiles."""
        row, at = code.removeprefix("between(").removesuffix(")").split("), ", 1)
        s = self.bind("sorted_x", self.spelled(node, row + ")", np=module, **held))
        h = self.bind("place", self.spelled(node, at, np=module, **held))
        i = self.bind("i", self.spelled(node, "int(h)", h=h))
        j = self.bind("j", self.spelled(node, "min(i + 1, len(s) - 1)", i=i, s=s))
        return self.spelled(node, "s[i] + (h - i) * (s[j] - s[i])", s=s, h=h, i=i, j=j)

    def read_Subscript(self, node: ast.Subscript) -> Expr:
        """np.r_[a, b] and np.c_[a, b] join; everything else is an element or a slice."""
        joins = isinstance(node.value, ast.Attribute) and node.value.attr in ("r_", "c_")
        if joins and isinstance(node.value, ast.Attribute):
            whose = self.expr(node.value.value).kind
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            plain = not any(isinstance(p, (ast.Slice, ast.Starred)) for p in parts)
            if isinstance(whose, Known) and whose.obj is np and plain:
                module = Expr("known", (), (self.numpy_prefix(),), ex.ATOM, Known(np))
                if node.value.attr == "c_":
                    return self.spelled(node, "np.column_stack(a)", np=module, a=ast.List(parts, ast.Load()))
                many = [self.template(node, "np.atleast_1d(a)", np=module, a=p) for p in parts]
                return self.spelled(node, "np.concatenate(a)", np=module, a=ast.List(many, ast.Load()))
        return super().read_Subscript(node)

    def selected(self, node: ast.Call) -> Expr | None:
        """np.select of written-out lists, as np.where inside np.where."""
        words = {k.arg: k.value for k in node.keywords}
        if len(node.args) < 2 or not set(words) <= {"default"} or len(node.args) > 3:
            return None
        tests, values = node.args[:2]
        if not isinstance(tests, (ast.List, ast.Tuple)) or not isinstance(values, (ast.List, ast.Tuple)):
            return None
        out: ast.expr = node.args[2] if len(node.args) == 3 else words.get("default", ast.Constant(0.0))
        module = Expr("known", (), (self.numpy_prefix(),), ex.ATOM, Known(np))
        for test, value in reversed(list(zip(tests.elts, values.elts, strict=True))):
            out = self.template(
                node, "np.where(test, value, other)", np=module, test=test, value=value, other=out
            )
        return self.expr(out)


def plain(e: Expr) -> bool:
    """A name or a number, which may be written more than once."""
    return e.op in ("name", "const") or (e.op == "neg" and e.args[0].op == "const")
