"""The program between reading and writing: the user's statements, specialised, structured, and flat in scope.

Each statement later receives its own piece of the reverse sweep (`adjoint`) and what it records (`saves`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .expr import Expr
from .kinds import Kind


@dataclass(frozen=True)
class Origin:
    """Where a statement stands in the user's file."""

    line: int
    text: str
    file: str = ""


@dataclass(frozen=True)
class Save:
    """What a statement records before it changes something: `put` in the forward sweep, `get` in the reverse.

    `tape` is the list recorded on, or None for a plain variable `name`. `var` is what is restored.
    """

    var: str
    place: str
    name: str
    tape: bool
    copy: str = ""
    source: str = ""  # what is recorded, where it is not `place` itself


@dataclass(eq=False)
class Stmt:
    """Base of statements."""

    origin: Origin
    adjoint: list[str] = field(default_factory=list, init=False)
    saves: list[Save] = field(default_factory=list, init=False)
    late: bool = field(default=False, init=False)  # restore after the adjoint, which reads the new value


@dataclass(eq=False)
class Let(Stmt):
    """names = values, all at once; usually one name. `text` is the user's line if it still holds."""

    names: tuple[str, ...]
    values: tuple[Expr, ...]
    kinds: tuple[Kind, ...]
    text: str = ""
    hoists: list[Let] = field(default_factory=list, init=False)
    known: dict[int, str] = field(default_factory=dict, init=False)


@dataclass(eq=False)
class Store(Stmt):
    """An element or slice of `base` is overwritten: base[...] = value."""

    base: str
    target: Expr
    value: Expr
    text: str = ""
    call: tuple[str, str] | None = field(default=None, init=False)  # adds the second operand: code around it
    key: str = field(default="", init=False)  # an entry of a dict: "new" or "old", if that is sure
    undo: bool = field(default=False, init=False)  # the reverse sweep takes that entry away again
    hoists: list[Let] = field(default_factory=list, init=False)
    known: dict[int, str] = field(default_factory=dict, init=False)


@dataclass(eq=False)
class Append(Stmt):
    """target.append(value) on the list `target`, a path that starts at `base`."""

    base: str
    target: Expr
    value: Expr
    hoists: list[Let] = field(default_factory=list, init=False)
    known: dict[int, str] = field(default_factory=dict, init=False)
    undo: bool = field(default=False, init=False)  # the reverse sweep takes the element off again


@dataclass(eq=False)
class Pop(Stmt):
    """name = target.pop()."""

    base: str
    target: Expr
    name: str
    kind: Kind
    undo: bool = field(default=False, init=False)  # the reverse sweep puts the element back


@dataclass(eq=False)
class Branch(Stmt):
    """if test: then; else: other. `flag` is the variable that remembers the test, where that is needed.

    `chosen`: the variable to which `a if test else b` gave its value; "" for a branch that is a statement.
    `text` is then the user's line, if it assigns just this and still holds.
    """

    test: Expr
    then: list[Stmt]
    other: list[Stmt]
    flag: str = field(default="", init=False)
    unless: str = field(default="", init=False)  # the flag's value in all rounds of the loop but the last
    chosen: str = field(default="", init=False)
    text: str = field(default="", init=False)
    then_saves: list[Save] = field(default_factory=list, init=False)
    other_saves: list[Save] = field(default_factory=list, init=False)
    then_end: list[str] = field(default_factory=list, init=False)
    other_end: list[str] = field(default_factory=list, init=False)


@dataclass(eq=False)
class Loop(Stmt):
    """A loop. `header` is its line in the forward sweep, `index` what numbers its rounds, None in a `while`.

    `targets` are the variables its header assigns; `elements` says which of them are elements of a container.
    `backwards` iterates over the index from the last round to the first.
    """

    header: str
    reads: frozenset[str]
    body: list[Stmt]
    index: str = ""
    own_index: bool = False  # the header itself assigns the index
    counted_header: str = ""  # the header with the index in it
    targets: tuple[str, ...] = ()
    elements: list[Let] = field(default_factory=list)
    backwards: str = ""
    count: str = ""  # the number of its rounds, unless it is left early; "" in a `while`
    before: list[str] = field(default_factory=list, init=False)  # adjoints started at zero
    end: list[str] = field(default_factory=list, init=False)  # at the end of each round backwards
    tapes: list[str] = field(default_factory=list, init=False)  # lists made before the loop
    end_saves: list[Save] = field(default_factory=list, init=False)
    replay: list[Save] = field(default_factory=list, init=False)  # tapes the reverse loop iterates over
    counter: str = field(default="", init=False)  # a variable that counts the rounds
    flags: list[str] = field(default_factory=list, init=False)  # tests that only the last round may pass
    by_index: bool = field(default=False, init=False)  # the reverse loop goes over the index
    reread: list[Let] = field(default_factory=list, init=False)  # elements the reverse sweep reads again


@dataclass(eq=False)
class Effect(Stmt):
    """A line that passes through: print, assert, raise, a plain definition."""

    text: str
    reads: frozenset[str]


@dataclass(eq=False)
class Break(Stmt):
    """Leaves the innermost loop."""


@dataclass(eq=False)
class Return(Stmt):
    """The value of the function."""

    value: Expr
    hoists: list[Let] = field(default_factory=list, init=False)
    known: dict[int, str] = field(default_factory=dict, init=False)
    record: tuple[str, ...] = field(default=(), init=False)  # in a pair: what is pushed on the tape here


@dataclass(eq=False)
class Call(Stmt):
    """name = pair(args): a call of a function that is differentiated as a pair of its own."""

    name: str
    pair: Any
    args: tuple[Expr, ...]
    kind: Kind
    active: bool
    hoists: list[Let] = field(default_factory=list, init=False)
    known: dict[int, str] = field(default_factory=dict, init=False)


Block = list[Stmt]


def walk(block: Block) -> Iterator[Stmt]:
    """Every statement, outer before inner."""
    for s in block:
        yield s
        if isinstance(s, Branch):
            yield from walk(s.then)
            yield from walk(s.other)
        elif isinstance(s, Loop):
            yield from walk(s.body)


def blocks(block: Block) -> Iterator[Block]:
    """Every list of statements."""
    yield block
    for s in block:
        if isinstance(s, Branch):
            yield from blocks(s.then)
            yield from blocks(s.other)
        elif isinstance(s, Loop):
            yield from blocks(s.body)


def assigned(s: Stmt) -> tuple[str, ...]:
    """The names a single statement binds anew."""
    match s:
        case Let():
            return s.names
        case Pop() | Call():
            return (s.name,)
        case Loop():
            return s.targets
    return ()


def changed(s: Stmt) -> tuple[str, ...]:
    """The containers a single statement changes in place."""
    return (s.base,) if isinstance(s, (Store, Append, Pop)) else ()
