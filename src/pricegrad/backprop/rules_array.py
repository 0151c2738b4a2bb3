"""Kinds of NumPy results: which functions are known and the dtype and shape of what they give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import typing_rules as ty
from .expr import Expr
from .kinds import BOOL, BOTTOM, FLOAT, INT, NONE, Array, Dim, Kind, List, Num, Shape, Tuple, join
from .rules_scalar import ELEMENTWISE
from .typing_rules import as_array

_KEEP_DTYPE = {"add", "subtract", "multiply", "negative", "positive", "square", "abs", "maximum", "minimum", "mod",
               "remainder", "fmod", "power", "clip", "fmax", "fmin"}  # fmt: skip
_BINARY = {
    "maximum",
    "minimum",
    "mod",
    "remainder",
    "fmod",
    "power",
    "copysign",
    "fmax",
    "fmin",
    "float_power",
}
_REDUCE = {"sum", "prod", "max", "min", "mean", "var", "std", "nansum", "ptp", "median", "average", "linalg.norm",
           "any", "all", "count_nonzero", "argmax", "argmin"}  # fmt: skip
_SAME = {"copy", "asarray", "ascontiguousarray", "flip", "flipud", "fliplr", "roll", "tril", "triu", "sort",
         "cumprod", "asfortranarray", "nan_to_num", "real", "linalg.inv", "linalg.cholesky", "conjugate",
         "round", "around", "floor", "ceil", "trunc", "rint", "sign", "argsort", "astype", "array"}  # fmt: skip
_FLOATS = {"mean", "var", "std", "median", "average", "linalg.norm", "linalg.inv", "linalg.cholesky"}
NAMES = {*_BINARY, *_REDUCE, *_SAME, "where", "clip", "reshape", "ravel", "flatten", "transpose", "concatenate",
         "stack", "vstack", "hstack", "dot", "matmul", "vdot", "inner", "outer", "einsum", "cumsum", "diff", "diag",
         "trace", "linalg.solve", "linalg.det", "squeeze", "expand_dims", "repeat", "tile", "take", "interp",
         "broadcast_to", "swapaxes", "column_stack", "full", "trapezoid", "tensordot", "linalg.slogdet",
         "pad", "append", "diagonal", "kron", "moveaxis", "atleast_1d", "atleast_2d"}  # fmt: skip


def argument(call: Expr, name: str, position: int) -> Expr | None:
    """An argument by keyword or position (of the function, not the method)."""
    names = call.extra["names"]
    for a, n in zip(call.args, names, strict=True):
        if n == name:
            return a
    if position < len(call.args) and names[position] is None:
        return call.args[position]
    return None


def literal(e: Expr | None, default: Any = None) -> Any:
    """The value of a literal argument; `...` where it is not known."""
    if e is None:
        return default
    if e.op in ("const", "neg") and e.extra and e.extra[0] == "literal":
        return e.extra[1]
    if e.kind == NONE:
        return None
    if e.op in ("tuple", "list"):
        parts = [literal(a, ...) for a in e.args]
        return ... if ... in parts else tuple(parts)
    return ...


def axes(call: Expr, position: int = 1) -> Any:
    """The axis argument: None, an int, a tuple, or `...` where it is not known."""
    return literal(argument(call, "axis", position))


def kind(call: Expr, short: str) -> Kind | None:
    """The kind of a call of a NumPy (or builtin) function; None where the function is not known."""
    kinds = [a.kind for a in call.args]
    if BOTTOM in kinds:
        return BOTTOM
    module = call.extra["module"]
    if module in ("builtins", "math"):
        return _plain(call, short, kinds)
    if short in ELEMENTWISE:
        if any(_as_operand(k) is None for k in kinds[:2]):
            return None
        return ty.elementwise(
            kinds[:2] if len(ELEMENTWISE[short]) == 2 else kinds[:1],
            None if short in _KEEP_DTYPE else "float",
        )
    if short in _BINARY or short == "abs":
        return ty.elementwise(kinds[:2])
    if short in _REDUCE:
        return _reduced(call, short)
    if short in _SAME:
        a = as_array(kinds[0])
        if short in ("array", "asarray", "astype", "copy") and isinstance(a, (Num, Array)):
            return _converted(call, short, a)
        if isinstance(a, Array):
            dtype = "int" if short == "argsort" else "float" if short in _FLOATS else a.dtype
            flat = short == "cumprod" and axes(call) is None and a.ndim != 1
            return Array(dtype, (None,) if flat else a.shape)
        return a if isinstance(a, Num) else None
    made = _MAKERS.get(short)
    return made(call) if made else None


def _as_operand(k: Kind) -> Kind | None:
    k = as_array(k)
    return k if isinstance(k, (Num, Array)) else None


def _plain(call: Expr, short: str, kinds: list[Kind]) -> Kind | None:
    """Python's own abs, max, min, sum, pow, ..."""
    if short in ("abs", "max", "min", "pow", "fmod", "copysign", "remainder") and all(
        isinstance(k, Num) for k in kinds
    ):
        out = kinds[0]
        for k in kinds[1:]:
            out = join(out, k)
        return FLOAT if call.extra["module"] == "math" else INT if out == BOOL else out
    if short == "abs" and isinstance(kinds[0], Array):
        return kinds[0]
    if (
        short in ("sum", "max", "min", "fsum", "prod")
        and isinstance(kinds[0], (List, Tuple, Array))
        and len(kinds) <= 2
    ):
        out = ty.element(kinds[0])
        for k in kinds[1:]:
            out = join(out, k)
        return out if isinstance(out, (Num, Array)) else None
    if short == "sorted" and isinstance(kinds[0], (List, Tuple)) and len(kinds) == 1:
        return List(ty.element(kinds[0]))
    if short in ("list", "tuple", "reversed") and len(kinds) == 1:
        item = ty.element(kinds[0])
        if short == "tuple":
            return kinds[0] if isinstance(kinds[0], Tuple) else None
        return List(item) if isinstance(kinds[0], (List, Tuple, Array)) or kinds[0] == ty.RANGE_KIND else None
    if short == "float" and isinstance(kinds[0], Array) and kinds[0].shape == ():
        return FLOAT
    if short in ("hypot", "dist") and all(isinstance(k, (Num, Tuple, List)) for k in kinds):
        return FLOAT
    return None


def _converted(call: Expr, short: str, a: Kind) -> Kind:
    """np.array(x, dtype=...)."""
    wanted = argument(call, "dtype", 1)
    dtype = a.dtype if isinstance(a, Array) else a.name  # type: ignore[attr-defined]
    if wanted is not None:
        text = wanted.text
        dtype = "int" if "int" in text else "bool" if "bool" in text else "float"
    return Array(dtype, a.shape if isinstance(a, Array) else ())


def _reduced(call: Expr, short: str) -> Kind | None:
    a = as_array(call.args[0].kind)
    if isinstance(a, Num):
        a = Array(a.name, ())
    if not isinstance(a, Array):
        return None
    dtype = "float" if short in _FLOATS or a.dtype == "float" else "int" if a.dtype == "bool" else a.dtype
    if short in ("argmax", "argmin", "count_nonzero"):
        dtype = "int"
    if short in ("any", "all"):
        dtype = "bool"
    position = 2 if short == "linalg.norm" else 1
    shape = reduced_shape(a.shape, axes(call, position), bool(literal(argument(call, "keepdims", 99), False)))
    return Num(dtype) if shape == () else Array(dtype, shape)


def reduced_shape(shape: Shape, axis: Any, keepdims: bool) -> Shape:
    """The shape after a reduction."""
    if shape is None:
        return () if axis is None and not keepdims else None
    if axis is None:
        return (1,) * len(shape) if keepdims else ()
    if axis is ...:
        return None
    gone = {a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))}
    return tuple(1 if i in gone else d for i, d in enumerate(shape) if keepdims or i not in gone)


# ---------------------------------------------------------------------- makers of shapes


def dim_of(e: Expr) -> Dim:
    """A dimension from an integer expression: a literal, len(x), x.shape[0]."""
    value = literal(e, ...)
    if isinstance(value, int):
        return 1 if value == 1 else (f"#{value}", 0, 0)
    if isinstance(e.extra, tuple) and e.extra and e.extra[0] == "dim":
        return e.extra[1]  # type: ignore[no-any-return]
    return None


def shape_of(e: Expr) -> Shape:
    """A shape from an argument like (3, n), n, x.shape."""
    if e.op in ("tuple", "list"):
        return tuple(dim_of(a) for a in e.args)
    if isinstance(e.extra, tuple) and e.extra and e.extra[0] == "shape":
        return e.extra[1]  # type: ignore[no-any-return]
    if e.kind == INT:
        return (dim_of(e),)
    return None


def _filled(call: Expr) -> Kind:
    dtype = argument(call, "dtype", 1)
    name = (
        "float"
        if dtype is None
        else "int"
        if "int" in dtype.text
        else "bool"
        if "bool" in dtype.text
        else "float"
    )
    return Array(name, shape_of(call.args[0]))


def _full(call: Expr) -> Kind:
    value = as_array(call.args[1].kind)
    dtype = value.dtype if isinstance(value, Array) else getattr(value, "name", "float")
    return Array(dtype, shape_of(call.args[0]))


def _like(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    dtype = argument(call, "dtype", 9)
    if isinstance(a, Num):
        a = Array(a.name, ())
    if not isinstance(a, Array):
        return None
    return Array(a.dtype if dtype is None else "int" if "int" in dtype.text else "float", a.shape)


def _arange(call: Expr) -> Kind:
    whole = all(a.kind == INT for a in call.args)
    dtype = argument(call, "dtype", 9)
    if dtype is not None:
        whole = "int" in dtype.text
    dim = dim_of(call.args[0]) if len(call.args) == 1 else None
    return Array("int" if whole else "float", (dim,))


def _eye(call: Expr) -> Kind:
    return Array("float", (dim_of(call.args[0]),) * 2)


def _reshape(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    if not isinstance(a, Array):
        return None
    if len(call.args) == 2:
        shape = shape_of(call.args[1])
        if literal(call.args[1], ...) == -1:
            shape = (None,)
    else:
        shape = tuple(dim_of(e) for e in call.args[1:])
    return Array(a.dtype, None if shape is None else tuple(None if d == ("#-1", 0, 0) else d for d in shape))


def _ravel(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    if not isinstance(a, Array):
        return None
    return Array(a.dtype, a.shape if a.shape is not None and len(a.shape) == 1 else (None,))


def _transpose(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    if not isinstance(a, Array) or a.shape is None:
        return a if isinstance(a, Array) else None
    order = _order(call)
    if order is ...:
        return Array(a.dtype, (None,) * len(a.shape))
    return Array(a.dtype, a.shape[::-1] if order is None else tuple(a.shape[i] for i in order))


def _order(call: Expr) -> Any:
    if len(call.args) > 2:
        return tuple(literal(e, ...) for e in call.args[1:])
    return literal(argument(call, "axes", 1))


def _swapaxes(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    if not isinstance(a, Array) or a.shape is None:
        return None
    i, j = literal(call.args[1]), literal(call.args[2])
    shape = list(a.shape)
    shape[i], shape[j] = shape[j], shape[i]
    return Array(a.dtype, tuple(shape))


def _parts(call: Expr) -> list[Array] | None:
    first = call.args[0]
    if first.op in ("list", "tuple"):
        kinds = [as_array(a.kind) for a in first.args]
    elif isinstance(first.kind, (List, Tuple)):
        kinds = [as_array(ty.element(first.kind))]
    else:
        return None
    kinds = [Array(k.name, ()) if isinstance(k, Num) else k for k in kinds]
    return kinds if all(isinstance(k, Array) for k in kinds) else None  # type: ignore[return-value]


def _joined_dtype(parts: list[Array]) -> str:
    return "float" if any(p.dtype == "float" for p in parts) else parts[0].dtype


def _concatenate(call: Expr) -> Kind | None:
    parts = _parts(call)
    axis = literal(argument(call, "axis", 1), 0)
    if not parts or not isinstance(axis, int) or parts[0].shape is None:
        return None
    shape = list(parts[0].shape)
    shape[axis] = None
    return Array(_joined_dtype(parts), tuple(shape))


def _stack(call: Expr) -> Kind | None:
    parts = _parts(call)
    axis = literal(argument(call, "axis", 1), 0)
    if not parts or not isinstance(axis, int) or parts[0].shape is None:
        return None
    shape = list(parts[0].shape)
    shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, None)
    return Array(_joined_dtype(parts), tuple(shape))


def _vstack(call: Expr) -> Kind | None:
    parts = _parts(call)
    if not parts or parts[0].shape is None:
        return None
    if len(parts[0].shape) == 1:
        return _stack(call)
    return Array(_joined_dtype(parts), (None, *parts[0].shape[1:]))


def _hstack(call: Expr) -> Kind | None:
    parts = _parts(call)
    if not parts or parts[0].shape is None:
        return None
    if len(parts[0].shape) <= 1:
        return Array(_joined_dtype(parts), (None,))
    return Array(_joined_dtype(parts), (parts[0].shape[0], None, *parts[0].shape[2:]))


def _column_stack(call: Expr) -> Kind | None:
    parts = _parts(call)
    return Array(_joined_dtype(parts), (None, None)) if parts else None


def _dot(call: Expr) -> Kind | None:
    from .reader import matmul_kind

    a, b = as_array(call.args[0].kind), as_array(call.args[1].kind)
    if isinstance(a, Num) or isinstance(b, Num):
        return ty.elementwise([a, b])
    if isinstance(a, Array) and isinstance(b, Array) and (a.ndim or 0) <= 2 and (b.ndim or 0) <= 2:
        return matmul_kind(a, b)
    return None


def _outer(call: Expr) -> Kind | None:
    a, b = as_array(call.args[0].kind), as_array(call.args[1].kind)
    if not isinstance(a, Array) or not isinstance(b, Array) or a.shape is None or b.shape is None:
        return None
    return Array("float", (*a.shape[:1], *b.shape[:1]))


def _einsum(call: Expr) -> Kind | None:
    spec = literal(call.args[0], ...)
    if not isinstance(spec, str) or "->" not in spec or "." in spec:
        return None
    inputs, output = spec.replace(" ", "").split("->")
    dims: dict[str, Dim] = {}
    for letters, a in zip(inputs.split(","), call.args[1:], strict=False):
        k = as_array(a.kind)
        if not isinstance(k, Array):
            return None
        for i, letter in enumerate(letters):
            dims[letter] = k.shape[i] if k.shape is not None else None
    return Array("float", tuple(dims[c] for c in output)) if output else FLOAT


def _cumsum(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    if not isinstance(a, Array):
        return None
    return Array(a.dtype, (None,) if axes(call) is None and a.ndim != 1 else a.shape)


def _diff(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    if not isinstance(a, Array) or a.shape is None or len(call.args) > 1:
        return None
    return Array(a.dtype, (*a.shape[:-1], None))


def _diag(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    if not isinstance(a, Array) or a.shape is None or len(call.args) > 1:
        return None
    return Array(a.dtype, a.shape * 2 if len(a.shape) == 1 else a.shape[:1])


def _where(call: Expr) -> Kind | None:
    return (
        ty.elementwise([a.kind for a in call.args[1:3]] + [_boolean(call.args[0].kind)])
        if len(call.args) == 3
        else None
    )


def _boolean(k: Kind) -> Kind:
    k = as_array(k)
    return Array("bool", k.shape) if isinstance(k, Array) else BOOL


def _clip(call: Expr) -> Kind | None:
    return ty.elementwise([a.kind for a in call.args if a.kind != NONE])


def _solve(call: Expr) -> Kind | None:
    b = as_array(call.args[1].kind)
    return Array("float", b.shape) if isinstance(b, Array) else None


def _number(call: Expr) -> Kind | None:
    return FLOAT


def _squeeze(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    if not isinstance(a, Array) or a.shape is None:
        return None
    axis = axes(call)
    if axis is None:
        return Array(a.dtype, tuple(d for d in a.shape if d != 1)) if None not in a.shape else None
    shape = reduced_shape(a.shape, axis, False)
    return Num(a.dtype) if shape == () else Array(a.dtype, shape)


def _expand_dims(call: Expr) -> Kind | None:
    a, axis = as_array(call.args[0].kind), axes(call)
    if not isinstance(a, Array) or a.shape is None or not isinstance(axis, int):
        return None
    shape = list(a.shape)
    shape.insert(axis if axis >= 0 else len(shape) + 1 + axis, 1)
    return Array(a.dtype, tuple(shape))


def _take(call: Expr) -> Kind | None:
    from .shapes import indexed

    a = as_array(call.args[0].kind)
    if not isinstance(a, Array) or len(call.args) != 2 or a.ndim != 1:
        return None
    shape = indexed(a.shape, call.args[1])
    return Num(a.dtype) if shape == () else Array(a.dtype, shape)


def _broadcast_to(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    dtype = a.dtype if isinstance(a, Array) else getattr(a, "name", "float")
    return Array(dtype, shape_of(call.args[1]))


def _repeat(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    return Array(a.dtype, (None,)) if isinstance(a, Array) and a.ndim == 1 and len(call.args) == 2 else None


def _trapezoid(call: Expr) -> Kind | None:
    a = as_array(call.args[0].kind)
    return FLOAT if isinstance(a, Array) and a.ndim == 1 else None


def _interp(call: Expr) -> Kind | None:
    return ty.elementwise([call.args[0].kind], "float") if len(call.args) == 3 else None


_MAKERS: dict[str, Callable[[Expr], Kind | None]] = {
    "zeros": _filled, "ones": _filled, "empty": _filled, "full": _full, "zeros_like": _like, "ones_like": _like,
    "empty_like": _like, "full_like": _like, "arange": _arange, "linspace": lambda c: Array("float", (None,)),
    "eye": _eye, "identity": _eye, "reshape": _reshape, "ravel": _ravel, "flatten": _ravel, "transpose": _transpose,
    "swapaxes": _swapaxes, "concatenate": _concatenate, "stack": _stack, "vstack": _vstack, "hstack": _hstack,
    "column_stack": _column_stack, "dot": _dot, "matmul": _dot, "inner": _dot, "vdot": _number, "outer": _outer,
    "einsum": _einsum, "cumsum": _cumsum, "diff": _diff, "diag": _diag, "where": _where, "clip": _clip,
    "linalg.solve": _solve, "linalg.det": _number, "trace": _number, "squeeze": _squeeze,
    "expand_dims": _expand_dims, "take": _take, "broadcast_to": _broadcast_to, "repeat": _repeat,
    "tile": _repeat, "trapezoid": _trapezoid, "interp": _interp,
    "isnan": lambda c: ty.elementwise([c.args[0].kind], "bool"),
    "logical_and": lambda c: ty.elementwise([a.kind for a in c.args], "bool"),
    "logical_or": lambda c: ty.elementwise([a.kind for a in c.args], "bool"),
    "logical_not": lambda c: ty.elementwise([a.kind for a in c.args], "bool"),
}  # fmt: skip
