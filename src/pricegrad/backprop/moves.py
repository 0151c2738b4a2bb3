"""Objects that go from variable to variable, as two buffers do that change places in a loop.

A value that is recorded under one name may be changed in place under the next, so it is recorded as a copy.
"""

from __future__ import annotations

from collections.abc import Iterator

from .expr import Expr
from .ir import Append, Block, Let, Pop, Store, walk
from .ordering import shares


def moved(body: Block) -> frozenset[str]:
    """The variables whose object may become that of a variable that is changed in place."""
    onward: dict[str, set[str]] = {}
    for s in walk(body):
        for let in (s, *getattr(s, "elements", ())):
            if isinstance(let, Let):
                for name, value in zip(let.names, let.values, strict=False):
                    for source in _objects(value):
                        onward.setdefault(source, set()).add(name)
    changed = {s.base for s in walk(body) if isinstance(s, (Store, Append, Pop))}
    return frozenset(v for v in onward if _reached(v, onward) & changed)


def _objects(e: Expr) -> Iterator[str]:
    """The variables one of which may be the object that an expression gives."""
    if e.op == "name" and shares(e.kind):
        yield e.text
    elif e.op == "ifexp":
        for arm in e.args:
            yield from _objects(arm)


def _reached(start: str, onward: dict[str, set[str]]) -> set[str]:
    out: set[str] = set()
    work = [start]
    while work:
        for name in onward.get(work.pop(), set()) - out:
            out.add(name)
            work.append(name)
    return out
