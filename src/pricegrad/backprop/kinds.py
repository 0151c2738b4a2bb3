"""What sort of thing a variable holds: the lattice on which code is specialised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

# One dimension of an array: a number; ("x", 0, -1), one less than the first dimension of argument x, which itself is  # noqa: E501
# not 1; ("#7", 0, 0), the seventh unknown length, which may be 1; None, unknown.
Dim = int | tuple[str, int, int] | None
Shape = tuple[Dim, ...] | None


@dataclass(frozen=True)
class Kind:
    """Base of all kinds."""


@dataclass(frozen=True)
class Mixed(Kind):
    """Different sorts of things on different paths: never differentiated."""


@dataclass(frozen=True)
class Bottom(Kind):
    """Nothing known yet."""


MIXED, BOTTOM = Mixed(), Bottom()


@dataclass(frozen=True)
class Num(Kind):
    """A Python or NumPy scalar: 'bool', 'int' or 'float'."""

    name: str


@dataclass(frozen=True)
class Array(Kind):
    """A NumPy array; `shape` is symbolic, None when even the number of dimensions is unknown."""

    dtype: str
    shape: Shape = None

    @property
    def ndim(self) -> int | None:
        return None if self.shape is None else len(self.shape)


@dataclass(frozen=True)
class List(Kind):
    """A list of like elements; BOTTOM while nothing is in it."""

    item: Kind


@dataclass(frozen=True)
class Tuple(Kind):
    """A tuple, element by element."""

    items: tuple[Kind, ...]


@dataclass(frozen=True)
class Dict(Kind):
    """A dict with known constant keys."""

    items: tuple[tuple[Any, Kind], ...]

    def get(self, key: Any) -> Kind | None:
        return dict(self.items).get(key)


@dataclass(frozen=True)
class Table(Kind):
    """A dict whose keys are known only while running; all values are alike, and so are all keys."""

    value: Kind
    key: Kind = BOTTOM


@dataclass(frozen=True)
class Record(Kind):
    """An object read by attribute."""

    cls: type
    fields: tuple[tuple[str, Kind], ...]
    maybe: bool = False  # or None in its place

    def get(self, name: str) -> Kind | None:
        found = dict(self.fields).get(name)
        return None if found is None else _unfolded(found, self)


@dataclass(frozen=True)
class Again(Kind):
    """Within a record: an object of the record's own class, as a part of a part is a part."""

    cls: type
    maybe: bool = False


@dataclass(frozen=True)
class Known(Kind):
    """A function, module or class known while differentiating."""

    obj: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and (self.obj is other.obj or self._key() == other._key())

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> Any:
        return getattr(self.obj, "key", None) if type(self.obj).__name__ == "Closure" else id(self.obj)


@dataclass(frozen=True)
class Other(Kind):
    """Anything without a derivative: 'str', 'None', 'range', ..."""

    name: str


BOOL, INT, FLOAT = Num("bool"), Num("int"), Num("float")
STR, NONE, RANGE = Other("str"), Other("None"), Other("range")
_ORDER = {"bool": 0, "int": 1, "float": 2}


def join(a: Kind, b: Kind) -> Kind:
    """The least kind that holds both."""
    if a == b or b == BOTTOM:
        return a
    if a == BOTTOM:
        return b
    match a, b:
        case Num(), Num():
            return a if _ORDER[a.name] >= _ORDER[b.name] else b
        case Num(n), Array(dtype, _):
            return Array(max(dtype, n, key=lambda d: _ORDER[d]), None)
        case Array(dtype, _), Num(n):
            return Array(max(dtype, n, key=lambda d: _ORDER[d]), None)
        case List(), List():
            return List(join(a.item, b.item))
        case Tuple(), Tuple() if len(a.items) == len(b.items):
            return Tuple(tuple(map(join, a.items, b.items)))
        case Array(), Array():
            dtype = a.dtype if _ORDER[a.dtype] >= _ORDER[b.dtype] else b.dtype
            return Array(dtype, _join_shapes(a.shape, b.shape))
        case Dict(), Dict() if [k for k, _ in a.items] == [k for k, _ in b.items]:
            return Dict(tuple((k, join(v, w)) for (k, v), (_, w) in zip(a.items, b.items, strict=True)))
        case (Dict(), Table()) | (Table(), Dict()) | (Table(), Table()) | (Dict(), Dict()):
            return Table(join(_values(a), _values(b)), join(keys(a), keys(b)))
        case Record(), Record() if a.cls is b.cls and len(a.fields) == len(b.fields):
            fields = zip(a.fields, b.fields, strict=True)
            return Record(a.cls, tuple((k, join(v, w)) for (k, v), (_, w) in fields), a.maybe or b.maybe)
        case Again(), Again() if a.cls is b.cls:
            return Again(a.cls, True)
    return MIXED


def _values(kind: Kind) -> Kind:
    if isinstance(kind, Table):
        return kind.value
    out: Kind = BOTTOM
    for _, value in kind.items if isinstance(kind, Dict) else ():
        out = join(out, value)
    return out


def keys(kind: Kind) -> Kind:
    """What the keys of a dict are."""
    if isinstance(kind, Table):
        return kind.key
    out: Kind = BOTTOM
    for name, _ in kind.items if isinstance(kind, Dict) else ():
        out = join(out, STR if isinstance(name, str) else INT)
    return out


def _join_shapes(a: Shape, b: Shape) -> Shape:
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(d if d == e else None for d, e in zip(a, b, strict=True))


def is_real(kind: Kind) -> bool:
    """Can a derivative flow through a value of this kind?"""
    match kind:
        case Num(name) | Array(name, _):
            return name == "float"
        case List(item) | Table(item, _):
            return item == BOTTOM or is_real(item)
        case Tuple(items):
            return any(map(is_real, items))
        case Dict(pairs) | Record(_, pairs, _):
            return any(is_real(k) for _, k in pairs)
    return False


def is_mixed(kind: Kind) -> bool:
    """Has it a part that is now one thing, now another?"""
    match kind:
        case List(item) | Table(item, _):
            return is_mixed(item)
        case Tuple(items):
            return any(map(is_mixed, items))
        case Dict(pairs) | Record(_, pairs, _):
            return any(is_mixed(k) for _, k in pairs)
    return kind == MIXED


def is_container(kind: Kind) -> bool:
    """Is it built of parts that are adjoint one by one?"""
    return isinstance(kind, (List, Tuple, Dict, Table, Record))


def is_mutable(kind: Kind) -> bool:
    """Can it be changed in place?"""
    return isinstance(kind, (Array, List, Dict, Table))


def promote(kind: Kind) -> Kind:
    """The same kind with every number a float."""
    match kind:
        case Num():
            return FLOAT
        case Array(_, shape):
            return Array("float", shape)
        case List(item):
            return List(promote(item))
        case Table(item, key):
            return Table(promote(item), key)
        case Tuple(items):
            return Tuple(tuple(map(promote, items)))
        case Dict(items):
            return Dict(tuple((k, promote(v)) for k, v in items))
    return kind


def within(kind: Kind, change: Callable[[Kind], Kind]) -> Kind:
    """The same kind of changed parts."""
    match kind:
        case List(item):
            return List(change(item))
        case Table(value, key):
            return Table(change(value), key)
        case Tuple(items):
            return Tuple(tuple(map(change, items)))
        case Dict(items):
            return Dict(tuple((k, change(v)) for k, v in items))
        case Record(cls, items, maybe):
            return Record(cls, tuple((k, change(v)) for k, v in items), maybe)
    return kind


def _unfolded(kind: Kind, whole: Record) -> Kind:
    if isinstance(kind, Again) and kind.cls is whole.cls:
        return replace(whole, maybe=kind.maybe)
    if isinstance(kind, Record) and kind.cls is whole.cls:
        return kind
    return within(kind, lambda part: _unfolded(part, whole))
