"""The kind of a result from the kinds of its operands."""

from __future__ import annotations

import itertools

from .kinds import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    STR,
    Array,
    Dict,
    Dim,
    Kind,
    List,
    Num,
    Other,
    Shape,
    Table,
    Tuple,
    is_real,
    join,
    keys,
)

UNKNOWN = Other("object")


def never_one(d: Dim) -> bool:
    """Is this dimension surely not 1 (so that it never stretches)?"""
    return isinstance(d, int) and d != 1 if not isinstance(d, tuple) else d[2] == 0 and d[0][0] != "#"


_lengths = itertools.count(1)


def some_length() -> Dim:
    """A dimension of which only this is known: it is the same wherever it is named."""
    return (f"#{next(_lengths)}", 0, 0)


def length(kind: Kind, default: Dim = None) -> Dim:
    """The dimension of a list or tuple read as an array."""
    return len(kind.items) if isinstance(kind, Tuple) else default


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape of an elementwise result."""
    if a is None or b is None:
        return None
    n = max(len(a), len(b))
    left, right = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    return tuple(_dim(d, e) for d, e in zip(left, right, strict=True))


def _dim(d: Dim, e: Dim) -> Dim:
    if d == e or e == 1 or never_one(d):
        return d
    if d == 1 or never_one(e):
        return e
    return None


def elementwise(kinds: list[Kind], dtype: str | None = None) -> Kind:
    """The kind of a NumPy elementwise result: a number if all are, else an array."""
    shape: Shape = ()
    order = ["bool", "int", "float"]
    found = "bool"
    arrays = False
    for k in kinds:
        k = as_array(k)
        if isinstance(k, Array):
            arrays = True
            shape = broadcast(shape, k.shape)
        elif not isinstance(k, Num):
            return UNKNOWN if k != BOTTOM else BOTTOM
        name = k.dtype if isinstance(k, Array) else k.name
        found = max(found, name, key=order.index)
    return Array(dtype or found, shape) if arrays and shape != () else Num(dtype or found)


def as_array(kind: Kind) -> Kind:
    """A list or tuple of numbers as NumPy would read it."""
    if isinstance(kind, List):
        inner = as_array(kind.item)
        if isinstance(inner, Num):
            return Array(inner.name, (None,))
        if isinstance(inner, Array):
            return Array(inner.dtype, None if inner.shape is None else (None, *inner.shape))
    if isinstance(kind, Tuple) and kind.items:
        item: Kind = BOTTOM
        for k in kind.items:
            item = join(item, as_array(k))
        first: Dim = len(kind.items)
        if isinstance(item, Num):
            return Array(item.name, (first,))
        if isinstance(item, Array):
            return Array(item.dtype, None if item.shape is None else (first, *item.shape))
    return kind


def binary(op: str, a: Kind, b: Kind, whole_exponent: bool = False) -> Kind:
    """The kind of `a op b`."""
    if BOTTOM in (a, b):
        return BOTTOM
    if isinstance(a, Array) or isinstance(b, Array):
        return elementwise([a, b], "float" if op == "div" else None)
    if isinstance(a, Num) and isinstance(b, Num):
        if op == "div":
            return FLOAT
        out = join(join(a, b), INT)
        return FLOAT if op == "pow" and out == INT and not whole_exponent else out
    if op == "add" and isinstance(a, List) and isinstance(b, List):
        return List(join(a.item, b.item))
    if op == "add" and isinstance(a, Tuple) and isinstance(b, Tuple):
        return Tuple(a.items + b.items)
    if op == "mul" and isinstance(a, List) and b in (INT, BOOL):
        return a
    if op == "mul" and isinstance(b, List) and a in (INT, BOOL):
        return b
    return STR if STR in (a, b) else UNKNOWN


def element(kind: Kind) -> Kind:
    """What iterating over it gives."""
    match kind:
        case List(item):
            return item
        case Tuple(items):
            out: Kind = BOTTOM
            for k in items:
                out = join(out, k)
            return out
        case Array(dtype, shape):
            if shape is None:
                return UNKNOWN
            return Num(dtype) if len(shape) == 1 else Array(dtype, shape[1:])
        case Dict() | Table():
            key = keys(kind)
            return UNKNOWN if is_real(key) else key  # nothing flows to a number that is a key
        case Other("range"):
            return INT
    return BOTTOM if kind == BOTTOM else UNKNOWN


RANGE_KIND = Other("range")
