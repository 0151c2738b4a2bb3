"""NumPy functions, one row each: parameters, the kind of the result, and how its adjoint flows back.

A row without a way back is a function whose result does not depend smoothly on its arguments. Elementwise
functions of one formula stand in rules_scalar.ELEMENTWISE.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import cutting as cut
from . import factorising as fac
from . import filters as fil
from . import joining as j
from . import products as p
from . import rearranging as r
from . import reductions as red
from . import repeating as rep
from . import selections as sel
from . import shapes as s
from . import typing_rules as ty
from .bound import Bound
from .expr import Expr
from .kinds import BOOL, BOTTOM, FLOAT, INT, Array, Kind, List, Num, Tuple, join
from .rules_scalar import ALIASES, ELEMENTWISE


@dataclass(frozen=True)
class Row:
    """`parameters`: words as `Bound` reads them. `kind`: of the result, None if it cannot be told."""

    parameters: str
    kind: Callable[[Bound], Kind | None]
    back: Callable[[Any, Bound, Any], None] | None = None


_SUM = "a axis !dtype !out keepdims !initial !where"
_OVER = "a axis !out keepdims !initial !where"
_MEAN = "a axis !dtype !out keepdims !where"
_VAR = "a axis !dtype !out ddof keepdims !where !mean !correction"
_SCAN = "a axis !dtype !out"
_TWO = "a b !out"

ROWS: dict[str, Row] = {
    # over axes
    "sum": Row(_SUM, s.reduced, red.total),
    "mean": Row(_MEAN, s.averaged, red.mean),
    "prod": Row(_SUM, s.reduced, red.product),
    "max": Row(_OVER, s.reduced, red.extreme),
    "min": Row(_OVER, s.reduced, red.extreme),
    "var": Row(_VAR, s.averaged, red.variance),
    "std": Row(_VAR, s.averaged, red.deviation),
    "cumsum": Row(_SCAN, s.scanned, red.cumulative_sum),
    "cumprod": Row(_SCAN, s.scanned, red.cumulative_product),
    "trace": Row("a !offset !axis1 !axis2 !dtype !out", s.number, red.trace),
    "trapezoid": Row("a x dx", red.trapezoid_kind, red.trapezoid),
    "convolve": Row("a v mode", fil.convolved, fil.convolve),
    "running_max": Row("a", fil.running, fil.running_extreme),
    "running_min": Row("a", fil.running, fil.running_extreme),
    "interp": Row("x xp fp", red.interpolated, red.interpolate),
    "linalg.norm": Row("a ord axis keepdims", s.averaged, red.norm),
    # products over shared axes, linear algebra
    "matmul": Row(_TWO, p.multiplied, p.matmul),
    "dot": Row(_TWO, p.dotted, p.dot),
    "vdot": Row("a b", p.vdot_kind, p.vdot),
    "inner": Row("a b", p.inner_kind, p.inner),
    "outer": Row(_TWO, p.outer_kind, p.outer),
    "einsum": Row("subscripts *operands !out !optimize", p.summed, p.einsum),
    "tensordot": Row("a b axes", p.contracted, p.tensordot),
    "linalg.solve": Row("a b", p.solved, p.solve),
    "linalg.inv": Row("a", p.inverse_kind, p.inverse),
    "linalg.cholesky": Row("a", fac.factor_kind, fac.cholesky),
    "linalg.eigh": Row("a", fac.pair_kind, fac.eigh),
    "linalg.eigvalsh": Row("a", fac.values_kind, fac.eigvalsh),
    "linalg.det": Row("a", p.determinant_kind, p.determinant),
    "linalg.slogdet": Row("a", p.log_determinant_kind, p.log_determinant),
    # choices by element
    "where": Row("condition x y", s.chosen, sel.where),
    "maximum": Row(_TWO, s.stretched("a", "b"), sel.maximum),
    "minimum": Row(_TWO, s.stretched("a", "b"), sel.minimum),
    "fmax": Row(_TWO, s.stretched("a", "b"), sel.maximum),
    "fmin": Row(_TWO, s.stretched("a", "b"), sel.minimum),
    "clip": Row("a a_min a_max !out", s.stretched("a", "a_min", "a_max"), sel.clip),
    # the same elements in another shape or order
    "reshape": Row("a *shape !order !copy", r.reshaped, r.reshape),
    "ravel": Row("a !order", r.flat, r.reshape),
    "flatten": Row("a !order", r.flat, r.reshape),
    "squeeze": Row("a axis", r.squeezed, r.reshape),
    "expand_dims": Row("a axis", r.expanded, r.reshape),
    "atleast_1d": Row("a", r.at_least(1), r.reshape),
    "atleast_2d": Row("a", r.at_least(2), r.reshape),
    "transpose": Row("a *axes", r.transposed, r.transpose),
    "swapaxes": Row("a axis1 axis2", r.swapped, r.swapaxes),
    "moveaxis": Row("a source destination", r.moved, r.moveaxis),
    "flip": Row("a axis", s.same, r.flip),
    "fliplr": Row("a", s.same, r.flip_by_name),
    "flipud": Row("a", s.same, r.flip_by_name),
    "roll": Row("a shift axis", s.same, r.roll),
    "sort": Row("a axis !kind !order", s.same, cut.sort),
    "take": Row("a indices axis !out !mode", cut.taken, cut.take),
    # joined, repeated, cut
    "concatenate": Row("arrays axis !out !dtype", j.concatenated, j.concatenate),
    "stack": Row("arrays axis !out !dtype", j.stacked, j.stack),
    "hstack": Row("arrays !dtype", j.joined_at("hstack"), j.join_by_name),
    "vstack": Row("arrays !dtype", j.joined_at("vstack"), j.join_by_name),
    "column_stack": Row("arrays", j.joined_at("column_stack"), j.join_by_name),
    "repeat": Row("a repeats axis", rep.repeated, rep.repeat),
    "tile": Row("a reps", rep.tiled, rep.tile),
    "broadcast_to": Row("a shape", rep.stretched_to, rep.broadcast_to),
    "pad": Row("a pad_width mode", cut.padded, cut.pad),
    "diff": Row("a n axis !prepend !append", cut.differences, cut.diff),
    "diag": Row("a k", cut.diagonal_kind, cut.diagonal),
    "diagonal": Row("a offset", cut.diagonal_kind, cut.diagonal),
    "tril": Row("a k", s.same, cut.triangle),
    "triu": Row("a k", s.same, cut.triangle),
    # copies and new arrays
    "copy": Row("a !order", s.same, r.passed),
    "array": Row("a dtype !copy !order", s.made, r.passed),
    "asarray": Row("a dtype !order", s.made, r.passed),
    "ascontiguousarray": Row("a dtype", s.made, r.passed),
    "astype": Row("a dtype !copy", s.made, r.passed),
    "real": Row("a", s.same, r.passed),
    "tolist": Row("a", fil.listed, fil.unlisted),
    "item": Row("a", s.number, r.item),
    "full": Row("shape fill_value dtype", s.filled, rep.fill),
    "full_like": Row("a fill_value dtype", s.like, rep.fill),
    "linspace": Row("start stop num !endpoint !retstep !dtype !axis", s.spaced, rep.space),
    # nothing flows back
    "zeros": Row("shape dtype !order", s.sized),
    "ones": Row("shape dtype !order", s.sized),
    "empty": Row("shape dtype !order", s.sized),
    "zeros_like": Row("a dtype !shape", s.like),
    "ones_like": Row("a dtype !shape", s.like),
    "empty_like": Row("a dtype !shape", s.like),
    "arange": Row("start stop step dtype", s.counted),
    "eye": Row("N M !k !dtype", s.square),
    "identity": Row("N !dtype", s.square),
    "sign": Row("a", s.same),
    "floor": Row("a", s.same),
    "ceil": Row("a", s.same),
    "trunc": Row("a", s.same),
    "rint": Row("a", s.same),
    "round": Row("a decimals", s.same),
    "heaviside": Row("a b", s.stretched("a", "b")),
    "floor_divide": Row("a b", s.stretched("a", "b")),
    "isnan": Row("a", s.truth("a")),
    "isinf": Row("a", s.truth("a")),
    "isfinite": Row("a", s.truth("a")),
    "isclose": Row("a b rtol atol equal_nan", s.truth("a", "b")),
    "logical_not": Row("a", s.truth("a")),
    "logical_and": Row("a b", s.truth("a", "b")),
    "logical_or": Row("a b", s.truth("a", "b")),
    "greater": Row("a b", s.truth("a", "b")),
    "greater_equal": Row("a b", s.truth("a", "b")),
    "less": Row("a b", s.truth("a", "b")),
    "less_equal": Row("a b", s.truth("a", "b")),
    "equal": Row("a b", s.truth("a", "b")),
    "not_equal": Row("a b", s.truth("a", "b")),
    "any": Row("a axis !out keepdims", s.found),
    "all": Row("a axis !out keepdims", s.found),
    "argmax": Row("a axis !out keepdims", s.position),
    "argmin": Row("a axis !out keepdims", s.position),
    "argsort": Row("a axis kind", s.same_int),
    "count_nonzero": Row("a", s.whole_number),
    "size": Row("a", s.whole_number),
    "ndim": Row("a", s.whole_number),
}

# Elementwise functions that have no formula in ELEMENTWISE but a way back of their own, and their arguments.
_POINTWISE = {"abs": 1, "power": 2, "pow": 2, "fmod": 2, "remainder": 2, "mod": 2, "copysign": 2}
# Functions of Python that NumPy's rows serve when they are given arrays.
_OF_PYTHON = {"sum", "max", "min", "abs", "round", "pow", "any", "all"}

NAMES: set[str] = {n.removeprefix("linalg.") for n in ROWS} | set(_POINTWISE)


def holds_array(kind: Kind) -> bool:
    """Is it an array, or a list or tuple of them?"""
    return isinstance(kind, Array) or (isinstance(kind, (List, Tuple)) and holds_array(ty.element(kind)))


def typed(call: Expr, short: str, module: str) -> tuple[Kind | None, bool, str]:
    """The kind of a NumPy call, whether derivatives flow through it, and what is wrong with it.

    Remembers its row on the call.
    """
    arrays = any(holds_array(a.kind) for a in call.args)
    if module == "builtins" and not (
        short in _OF_PYTHON and call.args and isinstance(call.args[0].kind, Array)
    ):
        return _plain(call, short, module), True, ""
    if module == "math" and not arrays:
        return _plain(call, short, module), True, ""
    if (short in ELEMENTWISE or short in _POINTWISE) and short not in ROWS:
        bad = next((n for n in call.extra["names"] if n is not None), None)
        kinds = [a.kind for a in call.args]
        dtype = None if short in ("abs", "power", "pow", "square", "negative", "positive", "add", "subtract",
                                  "multiply", "remainder", "mod", "fmod") else "float"  # fmt: skip
        return ty.elementwise(kinds, dtype), True, f"{bad}=" if bad else ""
    row = ROWS.get(short)
    if row is None:
        return None, False, ""
    bound = Bound(call, _python(short) if module == "builtins" else row.parameters)
    if bound.wrong:
        return None, row.back is not None, bound.wrong
    try:
        kind = row.kind(bound)
    except (KeyError, IndexError, TypeError, ZeroDivisionError):  # a call that NumPy itself will refuse
        return None, row.back is not None, ""
    if module == "builtins" and short in ("sum", "max", "min"):
        kind = _over_first(call)
    call.extra["row"] = short
    return kind, row.back is not None, ""


def _python(short: str) -> str:
    return "a !start" if short in ("sum", "max", "min") else "a b"


def _over_first(call: Expr) -> Kind | None:
    """Python's sum, max and min go over the first axis."""
    shape = call.args[0].kind.shape if isinstance(call.args[0].kind, Array) else None
    if shape is None or len(shape) != 1:
        return None
    return Num(s.dtype_of(call.args[0].kind))


def bound(call: Expr) -> tuple[Row, Bound]:
    """The row and the arguments of a call that has one."""
    row = ROWS[call.extra["row"]]
    parameters = _python(call.extra["row"]) if call.extra["module"] == "builtins" else row.parameters
    return row, Bound(call, parameters)


_OF_NOTHING = {"sum": INT, "prod": INT, "fsum": FLOAT}


def _plain(call: Expr, short: str, module: str) -> Kind | None:
    """Functions of plain numbers and lists."""
    kinds = [a.kind for a in call.args]
    if short in ("abs", "max", "min", "pow", "fmod", "copysign", "remainder") and all(
        isinstance(k, Num) for k in kinds
    ):
        out = kinds[0]
        for k in kinds[1:]:
            out = join(out, k)
        return FLOAT if module == "math" else INT if out == BOOL else out
    if not kinds:
        return None
    first = kinds[0]
    if (
        short in ("sum", "max", "min", "fsum", "prod")
        and isinstance(first, (List, Tuple))
        and len(kinds) <= 2
    ):
        out = ty.element(first)
        for k in kinds[1:]:
            out = join(out, k)
        if out == BOTTOM:  # empty, or what a loop has yet to make
            return _OF_NOTHING.get(short, BOTTOM)
        return out if isinstance(out, (Num, Array)) else None
    if short == "sorted" and isinstance(first, (List, Tuple)) and len(kinds) == 1:
        return List(ty.element(first))
    if short == "tuple" and len(kinds) == 1:
        many = isinstance(first, (List, Array))
        return first if isinstance(first, Tuple) else List(ty.element(first)) if many else None
    if short in ("list", "reversed") and len(kinds) == 1:
        known = isinstance(first, (List, Tuple, Array)) or first == ty.RANGE_KIND
        return List(ty.element(first)) if known else None
    if short in ("hypot", "dist") and all(isinstance(k, (Num, Tuple, List)) for k in kinds):
        return FLOAT
    return None


__all__ = ["ALIASES", "NAMES", "ROWS", "Row", "bound", "typed"]
