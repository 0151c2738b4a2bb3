"""Shapes of array results, as far as they can be told without running. `None` says that it cannot be told."""

from __future__ import annotations

from typing import Any

from .bound import UNKNOWN, Bound, literal, shape_of
from .expr import Expr
from .kinds import BOOL, FLOAT, INT, NONE, Array, Dim, Kind, Known, List, Num, Shape, Tuple
from .typing_rules import as_array, broadcast, elementwise, some_length

# ---------------------------------------------------------------------- indexing


def basic(index: Expr) -> bool:
    """Does x[index] give a view: only whole numbers, slices, None and ...?"""
    parts = index.args if index.op in ("indices", "tuple") else (index,)
    return all(p.op == "slice" or p.kind in (INT, BOOL, NONE) or p.text == "..." for p in parts)


def is_mask(index: Expr) -> bool:
    """Is the index one array of truths?"""
    return isinstance(index.kind, Array) and index.kind.dtype == "bool"


def indexed(shape: Shape, index: Expr) -> Shape:
    """The shape of x[index]; None when it cannot be told."""
    if shape is None:
        return None
    parts = list(index.args) if index.op in ("indices", "tuple") else [index]
    used = sum(_axes(p) for p in parts)
    out: list[Dim] = []
    axis = 0
    fancy = [p for p in parts if isinstance(p.kind, (Array, List, Tuple)) and p.op != "slice"]
    if len(fancy) > 1:
        return _gathered(shape, parts, fancy)
    for p in parts:
        if p.text == "...":
            keep = len(shape) - used
            out += shape[axis : axis + keep]
            axis += keep
        elif p.kind == NONE:
            out.append(1)
        elif axis >= len(shape):
            return None
        elif p.op == "slice":
            out.append(_sliced(shape[axis], p))
            axis += 1
        elif p.kind in (INT, BOOL):
            axis += 1
        elif fancy and len(parts) > 2 and any(q.kind in (INT, BOOL) for q in parts):
            return None  # a number and an array go together, and may move to the front
        else:
            inner = shape_of(p)
            if inner is None:
                return None
            kind = as_array(p.kind)
            if isinstance(kind, Array) and kind.dtype == "bool":
                out.append(some_length())
                axis += len(inner)
            else:
                out += inner
                axis += 1
    return (*out, *shape[axis:])


def _axes(p: Expr) -> int:
    """How many axes a part of an index uses up."""
    if p.kind == NONE or p.text == "...":
        return 0
    kind = as_array(p.kind)
    return len(kind.shape) if isinstance(kind, Array) and kind.dtype == "bool" and kind.shape else 1


def _gathered(shape: tuple[Dim, ...], parts: list[Expr], fancy: list[Expr]) -> Shape:
    """Several index arrays at the front: they go together into one."""
    if parts != fancy:
        return None
    out: Shape = ()
    for p in fancy:
        kind = as_array(p.kind)
        if not isinstance(kind, Array) or kind.dtype == "bool":
            return None
        out = broadcast(out, kind.shape)
    return None if out is None else (*out, *shape[len(fancy) :])


def _sliced(dim: Dim, part: Expr) -> Dim:
    """One dimension after a slice with literal bounds."""
    lower, upper, step = part.extra
    if any(kind not in ("none", "literal") for kind, _ in part.extra):
        return some_length()
    start, stop, stride = lower[1], upper[1], step[1]
    if isinstance(dim, int):
        return len(range(*slice(start, stop, stride).indices(dim)))
    if (start, stop, stride) == (None, None, -1):
        return dim
    if isinstance(dim, tuple) and stride in (None, 1):
        first = start or 0
        if first >= 0 and (stop is None or stop < 0) and (dim[0][0] != "#" or first == (stop or 0) == 0):
            return (dim[0], dim[1], dim[2] - first + (stop or 0))
    return some_length()


# ---------------------------------------------------------------------- kinds of results, for the table


def _kind(dtype: str, shape: Shape) -> Kind:
    return Num(dtype) if shape == () else Array(dtype, shape)


def dtype_of(kind: Kind) -> str:
    kind = as_array(kind)
    return kind.dtype if isinstance(kind, Array) else kind.name if isinstance(kind, Num) else "float"


def axes(c: Bound, n: int, default: Any = None) -> tuple[int, ...] | None:
    """The axes a call names, counted from the front; None if they cannot be told."""
    axis = c.literal("axis", default)
    if axis is UNKNOWN:
        return None
    if axis is None:
        return tuple(range(n))
    return tuple(a % n for a in (axis if isinstance(axis, tuple) else (axis,)))


def reduced(c: Bound, dtype: str = "") -> Kind | None:
    """sum, mean, max over axes."""
    own = dtype_of(c.kind("a"))
    dtype = dtype or ("int" if own == "bool" else own)
    shape, keep = c.shape("a"), c.literal("keepdims", False)
    if c.get("axis") is None and keep is False:
        return Num(dtype)
    if shape is None or keep is UNKNOWN:
        return Array(dtype, None)
    found = axes(c, len(shape))
    if found is None:
        axis = c["axis"].kind
        if not keep and axis != INT:
            return Array(dtype, None)
        return _kind(dtype, tuple(some_length() for _ in shape[0 if keep else 1 :]))
    if keep:
        return _kind(dtype, tuple(1 if i in found else d for i, d in enumerate(shape)))
    return _kind(dtype, tuple(d for i, d in enumerate(shape) if i not in found))


def averaged(c: Bound) -> Kind | None:
    return reduced(c, "float")


def found(c: Bound) -> Kind | None:
    """any, all."""
    return reduced(c, "bool")


def position(c: Bound) -> Kind | None:
    """argmax, argmin."""
    return reduced(c, "int")


def scanned(c: Bound) -> Kind | None:
    """cumsum, cumprod: flat without an axis."""
    shape = c.shape("a")
    if c.get("axis") is None and shape is not None and len(shape) != 1:
        return Array(dtype_of(c.kind("a")), (some_length(),))
    return same(c)


def same(c: Bound) -> Kind | None:
    """Like the first argument."""
    kind = c.kind("a")
    return kind if isinstance(kind, (Array, Num)) else None


def same_int(c: Bound) -> Kind | None:
    return _kind("int", c.shape("a"))


def stretched(*names: str) -> Any:
    """An elementwise function of these arguments."""

    def kind(c: Bound) -> Kind | None:
        return elementwise([c.kind(n) for n in names if c.get(n) is not None])

    return kind


def truth(*names: str) -> Any:
    def kind(c: Bound) -> Kind | None:
        return elementwise([c.kind(n) for n in names], "bool")

    return kind


def number(c: Bound) -> Kind | None:
    return FLOAT


def whole_number(c: Bound) -> Kind | None:
    return INT


def chosen(c: Bound) -> Kind | None:
    """where."""
    if len(c.args) == 1:
        shape = c.shape("condition")
        return Tuple((Array("int", (some_length(),)),) * len(shape)) if shape else None
    out = elementwise([c.kind("x"), c.kind("y")])
    return elementwise([Num("bool"), out, _bool(c.kind("condition"))]) if len(c.args) == 3 else None


def _bool(kind: Kind) -> Kind:
    return Array("bool", kind.shape) if isinstance(kind, Array) else Num("bool")


def sized(c: Bound, dtype: str = "") -> Kind | None:
    """zeros, ones, full: by a shape."""
    return _kind(dtype or _dtype(c), shape_named(c["shape"]))


def _dtype(c: Bound, default: str = "float") -> str:
    given = c.get("dtype")
    if given is None:
        return default
    obj = given.kind.obj if isinstance(given.kind, Known) else literal(given)
    name = getattr(obj, "__name__", str(obj))
    return "bool" if "bool" in name else "int" if "int" in name else "float"


def shape_named(e: Expr | None) -> Shape:
    """The shape that an argument like n, (m, n) or x.shape stands for."""
    if e is None:
        return None
    if e.op == "attr" and e.text.endswith(".shape"):
        return shape_of(e.args[0])
    if e.op in ("tuple", "list"):
        return tuple(dimension(a) for a in e.args)
    if e.kind == INT:
        return (dimension(e),)
    value = literal(e)
    if isinstance(value, tuple):
        return value
    return tuple(some_length() for _ in e.kind.items) if isinstance(e.kind, Tuple) else None


def dimension(e: Expr) -> Dim:
    """One length: a number, len(x), x.shape[0], x.size."""
    value = literal(e)
    if isinstance(value, int):
        return value
    if e.op == "len" and e.args:
        shape = shape_of(e.args[0])
        if shape:
            return shape[0]
    if e.op == "index" and e.args[0].op == "attr" and e.args[0].text.endswith(".shape"):
        shape, i = shape_of(e.args[0].args[0]), literal(e.args[1])
        if shape is not None and isinstance(i, int) and -len(shape) <= i < len(shape):
            return shape[i]
    if e.op == "attr" and e.text.endswith(".size"):
        shape = shape_of(e.args[0])
        if shape is not None and len(shape) == 1:
            return shape[0]
    return some_length()


def like(c: Bound) -> Kind | None:
    """zeros_like, full_like."""
    return _kind(_dtype(c, dtype_of(c.kind("a"))), c.shape("a"))


def filled(c: Bound) -> Kind | None:
    return sized(c, _dtype(c, dtype_of(c.kind("fill_value"))))


def counted(c: Bound) -> Kind | None:
    """arange."""
    parts = [e for e in c.args.values() if e.kind in (INT, FLOAT)]
    dtype = _dtype(c, "float" if any(e.kind == FLOAT for e in parts) else "int")
    only = c["start"] if len(parts) == 1 and "start" in c.args else None
    if only is None:
        return Array(dtype, (some_length(),))
    n = literal(only)
    return Array(dtype, (int(-(-n // 1)) if isinstance(n, (int, float)) else dimension(only),))


def spaced(c: Bound) -> Kind | None:
    """linspace."""
    return Array("float", (dimension(c["num"]) if "num" in c.args else 50,))


def square(c: Bound) -> Kind | None:
    """eye, identity."""
    n = dimension(c["N"])
    return Array("float", (n, dimension(c["M"]) if c.get("M") is not None else n))


def made(c: Bound) -> Kind | None:
    """np.array of a list or an array."""
    kind = c.kind("a")
    given = c.get("dtype")
    if isinstance(kind, (Array, Num)):
        dtype = dtype_of(kind) if given is None else _dtype(c)
        return _kind(dtype, c.shape("a"))
    return None
