"""Shapes of array results, as far as they can be told without running."""

from __future__ import annotations

from .expr import Expr
from .kinds import BOOL, INT, NONE, Array, Dim, List, Shape, Tuple


def indexed(shape: Shape, index: Expr) -> Shape:
    """The shape of x[index]; None when it cannot be told."""
    if shape is None:
        return None
    parts = list(index.args) if index.op in ("indices", "tuple") else [index]
    used = sum(1 for p in parts if p.kind != NONE and p.text != "...")
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
        elif isinstance(p.kind, Array) and p.kind.shape is not None:
            if p.kind.dtype == "bool":
                out.append(None)
                axis += len(p.kind.shape)
            else:
                out += p.kind.shape
                axis += 1
        elif isinstance(p.kind, (List, Tuple)):
            out.append(None)
            axis += 1
        else:
            return None
    return (*out, *shape[axis:])


def _gathered(shape: tuple[Dim, ...], parts: list[Expr], fancy: list[Expr]) -> Shape:
    """Several index arrays at the front: they go together into one."""
    if parts[: len(fancy)] != fancy or len(parts) != len(fancy):
        return None
    from .typing_rules import as_array, broadcast

    out: Shape = ()
    for p in fancy:
        kind = as_array(p.kind)
        out = broadcast(out, kind.shape if isinstance(kind, Array) else None)
    return None if out is None else (*out, *shape[len(fancy) :])


def _sliced(dim: Dim, part: Expr) -> Dim:
    """One dimension after a slice with literal bounds."""
    lower, upper, step = part.extra
    if any(kind not in ("none", "literal") for kind, _ in part.extra):
        return None
    if step[1] not in (None, 1):
        return dim if (lower[1], upper[1], step[1]) == (None, None, -1) else None
    if isinstance(dim, tuple) and dim[0].startswith("#"):
        n = len(range(int(dim[0][1:]))[lower[1] : upper[1]])
        return 1 if n == 1 else (f"#{n}", 0, 0)
    if isinstance(dim, tuple):
        start, stop = lower[1] or 0, upper[1]
        if start >= 0 and (stop is None or stop < 0):
            return (dim[0], dim[1], dim[2] - start + (stop or 0))
    return None
