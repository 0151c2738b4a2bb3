"""The kind of a value at hand: an argument, a constant from outside the code, an object and its parts."""

from __future__ import annotations

import dataclasses
import inspect
from contextvars import ContextVar
from dataclasses import replace
from types import FunctionType
from typing import Any

import numpy as np

from .kinds import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    RANGE,
    STR,
    Again,
    Array,
    Dict,
    Kind,
    Known,
    List,
    Num,
    Other,
    Record,
    Table,
    Tuple,
    join,
    within,
)


def kind_of(value: Any, name: str = "", fixed: bool = False) -> Kind:
    """The kind of an actual value. `name` names the dimensions of an array; `fixed` says it never changes."""
    if isinstance(value, (bool, np.bool_)):
        return BOOL
    if isinstance(value, (int, np.integer)):
        return INT
    if isinstance(value, (float, np.floating)):
        return FLOAT
    if value is None:
        return NONE
    if isinstance(value, str):
        return STR
    if isinstance(value, np.ndarray):
        return _array_kind(value, name)
    if type(value) is list:
        if value and set(map(type, value)) == {float}:
            return List(FLOAT)
        kinds = [kind_of(v) for v in value]
        if any(map(has_function, kinds)):
            return Tuple(tuple(kinds))  # each is a thing of its own
        return List(_join_all(kinds))
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _folded(Record(type(value), tuple((f, kind_of(getattr(value, f))) for f in value._fields)))
    if type(value) is tuple:
        return Tuple(tuple(kind_of(v, f"{name}[{i}]") for i, v in enumerate(value)))
    if type(value) is dict:
        if all(isinstance(k, (str, int)) for k in value):
            return Dict(tuple((k, kind_of(v, f"{name}[{k!r}]")) for k, v in value.items()))
        return Table(_join_all(map(kind_of, value.values())), _join_all(map(kind_of, value)))
    if isinstance(value, range):
        return RANGE
    if (callable(value) and not plain_object(value)) or type(value).__name__ == "module":
        return Known(value)
    return _record_kind(value)


def is_one(kind: Kind, classes: list[Any]) -> bool | None:
    """Is a value of this kind of one of these types? None if only the value can tell."""
    if not all(isinstance(c, type) for c in classes):
        return None
    match kind:
        case Num(name):
            own: tuple[type, ...] = {"bool": (bool,), "int": (int,)}.get(name, (float, int))
            if any(c.__module__ == "numpy" for c in classes):
                return None
        case Array():
            own = (np.ndarray,)
        case Tuple(items) if not any(map(has_function, items)):
            own = (tuple,)
        case List() | Tuple():
            own = (list, tuple)
        case Dict() | Table():
            own = (dict,)
        case Other("str"):
            own = (str,)
        case Record(cls, _, False):
            own = (cls,)
        case _:
            return None
    answers = {any(issubclass(o, c) for c in classes) for o in own}
    finer = any(issubclass(c, o) and c not in own for o in own for c in classes)
    known = len(answers) == 1 and (True in answers or not finer)
    return answers.pop() if known else None


def has_function(kind: Kind) -> bool:
    """Is it a function, or a tuple or a dict with one in it?"""
    if isinstance(kind, Dict):
        return any(has_function(part) for _, part in kind.items)
    return isinstance(kind, Known) or (isinstance(kind, Tuple) and any(map(has_function, kind.items)))


def _folded(kind: Kind) -> Kind:
    """A record whose parts are of its own class, however deep they go, as one kind with `Again` in it."""
    inner: list[Kind] = []

    def shut(part: Kind) -> Kind:
        if isinstance(part, Record) and isinstance(kind, Record) and part.cls is kind.cls:
            inner.append(part)
            return Again(part.cls, part.maybe)
        return within(part, shut)

    out = within(kind, shut)
    for part in inner:
        out = _join_found(out, part)
    return out


def _join_found(a: Kind, b: Kind) -> Kind:
    """The kind of two values at hand: what is an object in one place and None in another may be None."""
    match a, b:
        case (Record() | Again(), Other("None")):
            return replace(a, maybe=True)
        case (Other("None"), Record() | Again()):
            return replace(b, maybe=True)
        case List(), List():
            return List(_join_found(a.item, b.item))
        case Record(), Record() if a.cls is b.cls and len(a.fields) == len(b.fields):
            pairs = zip(a.fields, b.fields, strict=True)
            return Record(
                a.cls, tuple((k, _join_found(v, w)) for (k, v), (_, w) in pairs), a.maybe or b.maybe
            )
    return join(a, b)


def _join_all(kinds: Any) -> Kind:
    out: Kind = BOTTOM
    for kind in kinds:
        out = _join_found(out, kind)
    return out


def _array_kind(value: np.ndarray[Any, Any], name: str) -> Kind:
    names = {"f": "float", "i": "int", "u": "int", "b": "bool"}
    if value.dtype.kind not in names:
        return Other(f"array of {value.dtype}")
    shape = tuple(1 if n == 1 else (name, i, 0) if name else None for i, n in enumerate(value.shape))
    return Array(names[value.dtype.kind], shape)


def plain_object(value: Any) -> bool:
    """Is it an object of a user's class that can also be called?"""
    cls = type(value)
    known = cls.__module__.partition(".")[0] in ("numpy", "scipy", "numba", "functools", "pricegrad")
    wraps = any(hasattr(value, name) for name in ("__wrapped__", "py_func", "derivative"))
    return isinstance(inspect.getattr_static(cls, "__call__", None), FunctionType) and not known and not wraps


_FOUND: ContextVar[dict[int, Kind] | None] = ContextVar("kinds of the objects met so far", default=None)


def _record_kind(value: Any) -> Kind:
    """The kind of an object; one that is met again, in a circle or twice, is looked at once."""
    found = _FOUND.get()
    token = _FOUND.set({}) if found is None else None
    known = _FOUND.get()
    assert known is not None
    if id(value) not in known:
        known[id(value)] = Again(type(value))
        known[id(value)] = _folded(_fields_of(value))
    if token is not None:
        _FOUND.reset(token)
    return known[id(value)]


def _fields_of(value: Any) -> Kind:
    if dataclasses.is_dataclass(value):
        names = [f.name for f in dataclasses.fields(value)]
    elif hasattr(value, "__dict__"):
        names = list(vars(value))
    else:
        return Other(type(value).__name__)
    return Record(type(value), tuple((n, kind_of(getattr(value, n))) for n in names if hasattr(value, n)))
