"""Paths like xs[i].a: the variable they start at, and what a change through them does to its kind."""

from __future__ import annotations

from typing import Any

from . import expr as ex
from . import typing_rules as ty
from .expr import Expr
from .kinds import (
    BOTTOM,
    INT,
    Dict,
    Kind,
    List,
    Table,
    Tuple,
    is_real,
    join,
    keys,
)


def item(whole: Expr, i: int) -> Expr:
    """whole[i] of a tuple."""
    assert isinstance(whole.kind, Tuple)
    kind = whole.kind.items[i]
    index = Expr("const", (), (str(i),), ex.ATOM, INT, extra=("literal", i))
    return Expr("index", (whole, index), ("", "[", "]"), ex.ATOM, kind, whole.active and is_real(kind))


def root_of(e: Expr) -> Expr:
    """The variable a path starts at, as an expression."""
    while e.op in ("index", "field", "T"):
        e = e.args[0]
    return e


def truth_of(test: Expr) -> bool | None:
    """The value of a condition that is known while differentiating."""
    if not isinstance(test.extra, tuple) or not test.extra:
        return None
    if test.extra[0] == "truth":
        return test.extra[1]  # type: ignore[no-any-return]
    return bool(test.extra[1]) if test.op == "const" and test.extra[0] == "literal" else None


def root(e: Expr) -> str:
    """The variable a path like xs[i][j] starts at; "" if it is no path."""
    while e.op in ("index", "field", "T"):
        e = e.args[0]
    return e.text if e.op == "name" else ""


def activate(e: Expr) -> None:
    """A path that is written becomes active from its root on."""
    while e.op in ("index", "field", "T"):
        e.active = is_real(e.kind) or e.active
        e = e.args[0]
    if e.op == "name":
        e.active = is_real(e.kind) or e.active


def written(kind: Kind, place: Expr, value: Kind) -> Kind:
    """The kind of a container after place = value."""
    if place.op == "name":
        return join(kind, value)
    container = place.args[0].kind
    new: Kind = container
    if isinstance(container, List):
        new = List(join(container.item, value)) if place.args[1].op != "slice" else container
    elif isinstance(container, Table):
        new = Table(join(container.value, value), join(container.key, _as_key(place.args[1])))
    elif type(container).__name__ == "Dict":
        index = place.args[1]
        key = index.extra[1] if index.op == "const" and index.extra and index.extra[0] == "literal" else None
        items = dict(container.items)  # type: ignore[attr-defined]
        if key is None:
            values = ty.element(Tuple(tuple(items.values())))
            new = Table(join(value, values), join(keys(container), _as_key(index)))
        else:
            items[key] = value
            new = type(container)(tuple(items.items()))  # type: ignore[call-arg]
    return replaced(kind, place.args[0], new)


def _as_key(index: Expr) -> Kind:
    """The kind of a key; d[i, j] has the key (i, j)."""
    return Tuple(tuple(part.kind for part in index.args)) if index.op == "indices" else index.kind


def key_of(container: Kind, place: Expr) -> str:
    """Whether place = value makes a "new" entry of a dict or changes an "old" one; "" if that is not sure."""
    index = place.args[1] if place.op == "index" else place
    literal = index.op == "const" and index.extra and index.extra[0] == "literal"
    if not isinstance(container, Dict) or not literal:
        return ""
    return "old" if index.extra[1] in dict(container.items) else "new"


def replaced(kind: Kind, path: Expr, new: Kind) -> Kind:
    """The kind of the root variable when the container at `path` becomes `new`."""
    if path.op == "name":
        return new
    outer = path.args[0].kind
    if isinstance(outer, List):
        return replaced(kind, path.args[0], List(join(outer.item, new)))
    if isinstance(outer, Table):
        return replaced(kind, path.args[0], Table(join(outer.value, new), outer.key))
    return kind


def grown(kind: Kind, path: Expr, value: Kind) -> Kind:
    """The kind of the root variable after path.append(value)."""
    item = path.kind.item if isinstance(path.kind, List) else BOTTOM
    return replaced(kind, path, List(join(item, value)))


def element(whole: Expr, index: str, literal: Any = None) -> Expr:
    """whole[index]."""
    kind = ty.element(whole.kind)
    extra = ("literal", literal) if literal is not None else None
    i = Expr("const" if literal is not None else "name", (), (index,), ex.ATOM, INT, extra=extra)
    return Expr("index", (whole, i), ("", "[", "]"), ex.ATOM, kind, whole.active and is_real(kind))
