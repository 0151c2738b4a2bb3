"""The kinds of x[i], x.T, x @ y: what is picked or made out of containers and arrays."""

from __future__ import annotations

from . import typing_rules as ty
from .expr import Expr
from .kinds import BOOL, BOTTOM, INT, STR, Array, Dict, Kind, List, Num, Table, Tuple
from .source import MISSING


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
        case Table(value, _):
            return value
        case Array(dtype, shape):
            from .shapes import indexed

            new = indexed(shape, index)
            return Num(dtype) if new == () else Array(dtype, new)
    return BOTTOM if base == BOTTOM else STR if base == STR and is_int else ty.UNKNOWN
