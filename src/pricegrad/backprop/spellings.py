"""NumPy functions that are short for others: median, kron, select, interp, ..."""

from __future__ import annotations

import ast
from collections.abc import Callable

import numpy as np

from . import expr as ex
from .bound import literal, shape_of
from .expr import Expr
from .kinds import Known, Num
from .rewriting import Rewriting

Parts = dict[str, Expr]


def _dims(e: Expr) -> int | None:
    shape = shape_of(e)
    return None if shape is None else len(shape)


def _vectors(*names: str) -> Callable[[Parts], bool]:
    return lambda c: all(_dims(c[n]) == 1 for n in names)


def _whole(c: Parts) -> bool:
    """No axis: over all elements."""
    return "axis" not in c


def _always(c: Parts) -> bool:
    return True


def _table(c: Parts) -> bool:
    return isinstance(c["a"].kind, Num) and (c["fp"].active or c["xp"].active)


def _polynomial(c: Parts) -> bool:
    return _dims(c["p"]) == 1 and isinstance(c["x"].kind, Num)


def _sorted(c: Parts) -> bool:
    return _dims(c["a"]) == 1 and "axis" not in c


def _along(c: Parts) -> bool:
    return "axis" in c and isinstance(literal(c["axis"]), int)


def _sections(c: Parts) -> bool:
    return isinstance(literal(c["n"]), int) and bool(_dims(c["a"]))


def _active(name: str) -> Callable[[Parts], bool]:
    return lambda c: name in c and c[name].active and _dims(c["a"]) == 1


def _number(name: str) -> Callable[[Parts], bool]:
    return lambda c: isinstance(c[name].kind, Num)


def _order(c: Parts) -> bool:
    """A vector's norm of an order with no rule of its own."""
    found = literal(c["ord"]) if "ord" in c else None
    return _dims(c["a"]) == 1 and "axis" not in c and isinstance(found, (int, float)) and 2 < found < np.inf


def _largest(c: Parts) -> bool:
    return _dims(c["a"]) == 1 and "axis" not in c and "ord" in c and literal(c["ord"]) == np.inf


def _power(c: Parts) -> bool:
    n = literal(c["n"])
    return isinstance(n, int) and 1 <= n <= 8


# function: parameters, then what it is for which arguments; the first that fits
TABLE: dict[int, tuple[str, tuple[tuple[Callable[[Parts], bool], str], ...]]] = {
    id(np.median): ("a axis", ((_whole, "middle"),)),
    id(np.quantile): ("a q axis", ((_sorted, "between(np.sort(a), q * (np.size(a) - 1))"),)),
    id(np.percentile): ("a q axis", ((_sorted, "between(np.sort(a), q / 100 * (np.size(a) - 1))"),)),
    id(np.kron): (
        "a b",
        (
            (_vectors("a", "b"), "np.ravel(np.outer(a, b))"),
            (
                lambda c: _dims(c["a"]) == _dims(c["b"]) == 2,
                "np.reshape(a[:, None, :, None] * b[None, :, None, :],"
                " (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))",
            ),
        ),
    ),
    id(np.ptp): ("a axis", ((_whole, "np.max(a) - np.min(a)"),)),
    id(np.average): (
        "a axis weights",
        (
            (lambda c: "weights" not in c and "axis" not in c, "np.mean(a)"),
            (lambda c: "weights" not in c, "np.mean(a, axis=axis)"),
            (_whole, "np.sum(a * weights) / np.sum(weights)"),
        ),
    ),
    id(np.cross): (
        "a b",
        (
            (
                _vectors("a", "b"),
                "np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])",
            ),
        ),
    ),
    id(np.linalg.matrix_power): ("a n", ((_power, "power"),)),
    id(np.polyval): (
        "p x",
        (
            (_polynomial, "np.sum(p * x ** np.arange(len(p) - 1, -1, -1))"),
            (_vectors("p", "x"), "np.sum(p * x[:, None] ** np.arange(len(p) - 1, -1, -1), axis=1)"),
        ),
    ),
    id(np.nansum): ("a axis", ((_whole, "np.sum(a[~np.isnan(a)])"),)),
    id(np.nanmean): ("a axis", ((_whole, "np.mean(a[~np.isnan(a)])"),)),
    id(np.nanmax): ("a axis", ((_whole, "np.max(a[~np.isnan(a)])"),)),
    id(np.nanmin): ("a axis", ((_whole, "np.min(a[~np.isnan(a)])"),)),
    id(np.split): (
        "a n",
        ((_sections, "[a[i * (len(a) // n):(i + 1) * (len(a) // n)] for i in range(n)]"),),
    ),
    id(np.append): ("a b axis", ((_whole, "np.concatenate([np.ravel(a), np.ravel(np.atleast_1d(b))])"),)),
    id(np.rot90): ("a", ((_always, "np.flip(np.transpose(a), 0)"),)),
    id(np.meshgrid): (
        "a b",
        ((_vectors("a", "b"), "(np.zeros((len(b), 1)) + a, b[:, None] + np.zeros(len(a)))"),),
    ),
    id(np.trapezoid): ("a x dx axis", ((_active("x"), "np.sum((a[1:] + a[:-1]) * np.diff(x)) / 2"),)),
    id(np.interp): ("a xp fp", ((_table, "between two of a table"),)),
    id(np.float_power): ("a b", ((_always, "np.power(a, b)"),)),
    id(np.float64): ("a", ((_number("a"), "float(a)"),)),
    id(np.take_along_axis): ("a indices axis", ((_vectors("a", "indices"), "a[indices]"),)),
    id(np.linalg.norm): (
        "a ord axis",
        ((_order, "np.sum(np.abs(a) ** ord) ** (1 / ord)"), (_largest, "np.max(np.abs(a))")),
    ),
}  # fmt: skip


class Spellings(Rewriting):
    """Reads NumPy calls that are short for others."""

    def of_numpy(self, node: ast.Call, obj: object) -> Expr | None:
        """A call spelled out; None if it stands for itself."""
        if obj is np.select:
            return self.selected(node)
        entry = TABLE.get(id(obj))
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
        fits = next((code for test, code in entry[1] if _fits(test, parts)), None)
        if fits is None or not any(e.active for e in parts.values()):
            del self.out[length:]
            self.env = env
            return None
        held = {n: e if e.op in ("name", "const") else self.bind(n, e) for n, e in parts.items()}
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


def _fits(test: Callable[[Parts], bool], parts: Parts) -> bool:
    try:
        return test(parts)
    except KeyError:
        return False
