"""What a compiler must be told of a derivative, that the emitted code itself does not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .bodies import all_saves, hoisted_kinds
from .ir import Block, Branch, Effect, Loop, Save, Stmt, Store, walk
from .kinds import BOTTOM, FLOAT, Kind, Num
from .pairs import Pair
from .recorded import breaks


@dataclass(frozen=True)
class Tape:
    """A list that the forward sweep fills and the reverse sweep empties, made once in a call."""

    name: str
    entry: tuple[str, ...]  # the numbers of one entry: 'float', 'int' or 'bool'
    rounds: str = ""  # code of a number of entries that it will not exceed; "" where none is known


@dataclass(frozen=True)
class Told:
    """The tapes that hold numbers alone, numbers by variable by function, and what rules compiling out."""

    tapes: tuple[Tape, ...] = ()
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    against: str = ""


def told(body: Block, kinds: dict[str, Kind], shared: str, pairs: list[Pair]) -> Told:
    """Look at what is emitted once more, for a compiler."""
    kinds = {**hoisted_kinds(body), **kinds}
    variables = {f: numbers(r) for p in pairs for f, r in p.results.items() if numbers(r)}
    statements = [s for b in (body, *(p.body for p in pairs)) for s in walk(b)]
    grows = any(v.source for s in statements for v in all_saves(s))
    tapes = () if any(map(speaks, statements)) else tuple(numeric(body, kinds, shared, pairs))
    if grows:
        return Told((), variables, "dicts that gain keys")
    if shared and shared not in {t.name for t in tapes}:
        return Told((), variables, "recursions that print, or record more than numbers of one kind")
    return Told(tapes, variables)


def numbers(kinds: dict[str, Kind]) -> dict[str, str]:
    """Those of some variables that are numbers."""
    return {n: k.name for n, k in kinds.items() if isinstance(k, Num)}


def numeric(body: Block, kinds: dict[str, Kind], shared: str, pairs: list[Pair]) -> Iterator[Tape]:
    """The tapes that hold nothing but numbers."""
    for loop in outermost(body):
        yield from of_loop(loop, kinds)
    if shared:
        records = {record for p in pairs for record in p.record}
        first = next(iter(records), (FLOAT,))
        if len(records) <= 1 and all(isinstance(k, Num) for k in first):
            yield Tape(shared, tuple(k.name for k in first if isinstance(k, Num)))


def speaks(s: Stmt) -> bool:
    """Is something called here for its effect alone, as `print` is?"""
    return isinstance(s, Effect) and not s.text.startswith(("assert ", "raise"))


def outermost(body: Block) -> Iterator[Loop]:
    """Loops that are entered at most once in a call."""
    for s in body:
        if isinstance(s, Loop):
            yield s
        elif isinstance(s, Branch):
            yield from outermost([*s.then, *s.other])


def of_loop(loop: Loop, kinds: dict[str, Kind]) -> Iterator[Tape]:
    """The tapes of one loop, each of which takes at most one entry a round."""
    flags = {s.flag: s.test.kind for s in walk(loop.body) if isinstance(s, Branch) and s.flag}
    recorded = {v.name: kind_of_save(v, s, kinds | flags) for s in walk([loop]) for v in all_saves(s)}
    for name in loop.tapes:
        kind = recorded.get(name, BOTTOM)
        if isinstance(kind, Num):
            yield Tape(name, (kind.name,), "" if breaks(loop.body) else loop.count)


def kind_of_save(save: Save, s: Stmt, kinds: dict[str, Kind]) -> Kind:
    """What is recorded: a variable, or the element that a statement overwrites."""
    if save.place == save.var:
        return kinds.get(save.var, BOTTOM)
    return s.target.kind if isinstance(s, Store) and not save.source else BOTTOM
