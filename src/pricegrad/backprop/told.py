"""What a compiler must be told of a derivative, that the emitted code itself does not say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .bodies import all_saves, hoisted_kinds
from .ir import Block, Branch, Effect, Loop, Save, Stmt, Store, walk
from .kinds import BOTTOM, INT, Kind, Num
from .pairs import Pair
from .recorded import breaks


@dataclass(frozen=True)
class Tape:
    """A list that the forward sweep fills and the reverse sweep empties."""

    name: str
    entry: tuple[str | Tape, ...]  # what an entry is made of: a 'float', 'int' or 'bool', or another tape
    rounds: str = ""  # code of a number of entries that it will not exceed; "" where none is known


@dataclass(frozen=True)
class Told:
    """Tapes that hold numbers, or such tapes; numbers by variable by function; what rules compiling out."""

    tapes: tuple[Tape, ...] = ()
    variables: dict[str, dict[str, str]] = field(default_factory=dict)
    against: str = ""


def told(body: Block, kinds: dict[str, Kind], shared: str, pairs: list[Pair]) -> Told:
    """Look at what is emitted once more, for a compiler."""
    variables = {f: numbers(r) for p in pairs for f, r in p.results.items() if numbers(r)}
    functions = [*((p.body, p.kinds) for p in pairs), (body, {**hoisted_kinds(body), **kinds})]
    statements = [s for b, _ in functions for s in walk(b)]
    if any(v.source for s in statements for v in all_saves(s)):
        return Told((), variables, "dicts that gain keys")
    if any(map(speaks, statements)):
        return Told((), variables, "recursions that print" if shared else "")
    tapes: dict[str, Tape] = {}
    for b, known in functions:
        for loop in reversed([s for s in walk(b) if isinstance(s, Loop)]):
            tapes |= {t.name: t for t in of_loop(loop, known, tapes)}
    if shared:
        records = {tuple(entry_of(n, p.kinds, tapes) for n in names) for p in pairs for names in p.records}
        first = next(iter(records), ("float",))
        entry = tuple(e for e in first if e is not None)
        if len(records) > 1 or len(entry) < len(first):
            return Told((), variables, "recursions that record other things than numbers, or various ones")
        tapes[shared] = Tape(shared, entry)
    return Told(tuple(tapes.values()), variables)


def numbers(kinds: dict[str, Kind]) -> dict[str, str]:
    """Those of some variables that are numbers."""
    return {n: k.name for n, k in kinds.items() if isinstance(k, Num)}


def speaks(s: Stmt) -> bool:
    """Is something called here for its effect alone, as `print` is?"""
    return isinstance(s, Effect) and not s.text.startswith(("assert ", "raise"))


def of_loop(loop: Loop, kinds: dict[str, Kind], inner: dict[str, Tape]) -> Iterator[Tape]:
    """The tapes of one loop, each of which takes at most one entry a round."""
    inside = list(walk([loop]))
    flags = {s.flag: s.test.kind for s in inside if isinstance(s, Branch) and s.flag}
    counters: dict[str, Kind] = {s.counter: INT for s in inside if isinstance(s, Loop) and s.counter}
    known = {**kinds, **flags, **counters}
    recorded = {v.name: entry_of_save(v, s, known, inner) for s in inside for v in all_saves(s)}
    for name in loop.tapes:
        entry = recorded.get(name)
        if entry is not None:
            yield Tape(name, (entry,), "" if breaks(loop.body) else loop.count)


def entry_of_save(save: Save, s: Stmt, kinds: dict[str, Kind], tapes: dict[str, Tape]) -> str | Tape | None:
    """What is recorded: a variable, or the element that a statement overwrites."""
    if save.place == save.var:
        return entry_of(save.var, kinds, tapes)
    element = s.target.kind if isinstance(s, Store) and not save.source else BOTTOM
    return element.name if isinstance(element, Num) else None


def entry_of(name: str, kinds: dict[str, Kind], tapes: dict[str, Tape]) -> str | Tape | None:
    """What a variable holds, if it is a number or a tape."""
    kind = kinds.get(name, BOTTOM)
    return kind.name if isinstance(kind, Num) else tapes.get(name)
