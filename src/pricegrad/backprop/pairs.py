"""Functions that call themselves: a forward function that records and a reverse function that consumes.

Both share one tape, a list. The forward function pushes, where it returns, what its reverse will read and
cannot get from its arguments; as calls are undone in the opposite order, the reverse function finds its own
record on top.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from . import source as src
from .bodies import assigned_in, kinds_in
from .expr import Expr
from .fence import refuse
from .frame import Closure, Frame, Val, identifiers, local_names
from .ir import Block, Branch, Call, Return, assigned, changed, walk
from .jumps import Structurer
from .kinds import BOTTOM, Array, Kind, Known, Num, Record, join
from .threading import NeedState, own_nonlocals

_MANY = 6  # specialisations of one function before array shapes are forgotten


@dataclass(eq=False)
class Pair:
    """One function for given kinds and activity of its arguments."""

    source: src.Source
    parameters: list[tuple[str, Kind, bool]]
    forward: str
    reverse: str
    body: Block = field(default_factory=list)
    kind: Kind = BOTTOM
    active: bool = False
    handed: tuple[str, ...] = ()  # parameters the reverse function is given again
    records: frozenset[tuple[str, ...]] = frozenset()  # the variables that are pushed together
    kinds: dict[str, Kind] = field(default_factory=dict)  # of all its variables
    results: dict[str, dict[str, Kind]] = field(default_factory=dict)  # variables returned, by function

    @property
    def wrt(self) -> list[str]:
        return [n for n, _, active in self.parameters if active]


def signature(key: Any, closure: Closure | None, given: dict[str, Expr]) -> Any:
    """What tells specialisations apart."""
    return (
        key,
        around(closure) if closure else (),
        tuple((n, e.kind, e.active, *(around(c) for c in _closures(e))) for n, e in given.items()),
    )


def around(closure: Closure, seen: frozenset[int] = frozenset()) -> tuple[Any, ...]:
    """What the outer names and defaults of an inner function stand for: one text may be many functions."""
    if id(closure) in seen:
        return ()
    out: list[Any] = []
    names = {n: owner(closure, n) for n in sorted(free_names(closure))}
    found = {n: f.given.get(n) or f.rename.get(n, n) for n, f in names.items() if f is not None}
    for n, e in [*found.items(), *closure.defaults.items()]:
        if isinstance(e, str):
            out.append((n, e))
        else:
            inner = [around(c, seen | {id(closure)}) for c in _closures(e)]
            out.append((n, "" if isinstance(e.kind, Known) else e.text, e.kind, *inner))
    return tuple(out)


def _closures(e: Expr) -> list[Closure]:
    return [e.kind.obj] if isinstance(e.kind, Known) and isinstance(e.kind.obj, Closure) else []


def free_names(closure: Closure) -> set[str]:
    """The names an inner function reads and does not bind."""
    body = closure.source.tree.body
    nodes = [n for part in (body if isinstance(body, list) else [body]) for n in ast.walk(part)]
    read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return read - local_names(closure.source.tree)


def owner(closure: Closure, name: str) -> Frame | None:
    """The scope around an inner function in which a name is bound."""
    frame: Frame | None = closure.frame
    while frame is not None and name not in frame.locals and name not in frame.given:
        frame = frame.parent
    return frame


def widened(kind: Kind) -> Kind:
    """A kind without the lengths of its arrays."""
    return Array(kind.dtype, (None,) * len(kind.shape)) if isinstance(kind, Array) and kind.shape else kind


def captured(closure: Closure, seen: set[int] | None = None) -> set[str]:
    """The names of enclosing functions' variables that an inner function reads, itself or through others."""
    seen = set() if seen is None else seen
    if id(closure.source.tree) in seen:
        return set()
    seen.add(id(closure.source.tree))
    out: set[str] = set()
    for n in free_names(closure) | own_nonlocals(closure.source):
        frame = owner(closure, n)
        if frame is None:
            continue
        e = frame.given.get(n)
        if e is not None and isinstance(e.kind, Known):
            if isinstance(e.kind.obj, Closure):
                out |= captured(e.kind.obj, seen)
        else:
            out.add(n)
    return out


def read(
    reader: Any, source: src.Source, closure: Closure | None, given: dict[str, Expr], node: ast.AST
) -> Pair:
    """The pair for a call with these arguments, made at its first use."""
    key = closure.key if closure else (source.function or source.tree)
    cache: dict[Any, Pair] = reader.module.pairs[key]
    if len(cache) >= _MANY:
        given = {n: _as(e, widened(e.kind)) for n, e in given.items()}
    if len(cache) >= 3 * _MANY:
        refuse(
            reader.frame.source,
            node,
            f"`{source.name}` calls itself with ever new kinds of arguments",
            "Use a loop.",
        )
    sign = signature(key, closure, given)
    if sign in cache:
        return cache[sign]
    names = reader.module.names
    stem = source.name if source.name.isidentifier() else "inner"
    pair = Pair(
        source,
        [(n, e.kind, e.active) for n, e in given.items() if not isinstance(e.kind, Known)],
        names.new(f"{stem}_forward"),
        names.new(f"{stem}_reverse"),
    )
    reader.module.fixed |= {pair.forward, pair.reverse, *identifiers(source.tree)}
    names.taken |= reader.module.fixed
    cache[sign] = pair
    before = {k: set(c) for k, c in reader.module.pairs.items()}
    while True:
        for k, c in reader.module.pairs.items():
            for late in set(c) - before.get(k, set()):
                del c[late]
        kind, active = pair.kind, pair.active
        _read_body(reader, pair, closure, given)
        if (kind, active) == (pair.kind, pair.active):
            break
    # (the body is read once, wherever else it is called: its names stay taken)
    reader.module.fixed |= assigned_in(pair.body) | set(kinds_in(pair.body, {}))
    names.taken |= reader.module.fixed
    reader.module.pair_list.append(pair)
    return pair


def _as(e: Expr, kind: Kind) -> Expr:
    if kind == e.kind:
        return e
    return Expr(e.op, e.args, e.pieces, e.prec, kind, e.active, e.extra, e.hidden)


def _read_body(reader: Any, pair: Pair, closure: Closure | None, given: dict[str, Expr]) -> None:
    """Read the body once, with the result assumed so far."""
    source = pair.source
    frame = Frame(source, local_names(source.tree) | set(given), closure.frame if closure else None)
    inner = type(reader)(reader.module, frame)
    inner.env = {}
    inner.key = closure.key if closure else (source.function or source.tree)
    inner.parameters = {n for n, _, _ in pair.parameters} - reader.module.states[inner.key]
    for n, e in given.items():
        if isinstance(e.kind, Known):
            frame.given[n] = e
    for n, kind, active in pair.parameters:
        inner.env[n] = Val(kind, active)
    stmts = Structurer(source, reader.module.names).function()
    frame.locals |= reader.module.names.flags
    reader.module.variables |= frame.locals
    frame.goes_through(stmts)
    pair.body = inner.block(stmts)
    written = {n for s in walk(pair.body) for n in changed(s)} | reader.module.mutated | inner.bound_outside
    changed_here = written & {n for n, _, _ in pair.parameters} - reader.module.states[inner.key]
    for what in sorted(n for n, k, _ in pair.parameters if n in changed_here and isinstance(k, Record)):
        refuse(
            source, source.tree, f"`{source.name}` changes a part of `{what}` and calls itself", "Return it."
        )
    if changed_here:
        raise NeedState(inner.key, changed_here)
    if inner.env is not None:
        refuse(
            source,
            source.tree,
            f"a path through `{source.name}` returns nothing",
            "End every path with `return`.",
        )
    for kind, active in inner.result_kinds:
        pair.kind, pair.active = join(pair.kind, kind), pair.active or active


def exits(body: Block, parameters: set[str]) -> bool:
    """Can each `return` have its own record: are the tests on the way to it told by unchanged arguments?"""
    changed = {n for s in walk(body) for n in assigned(s)}
    last = body[-1] if body else None
    while isinstance(last, Branch):
        if not last.test.reads <= parameters - changed or last.test.cost > 12:
            return False
        if not (_returns(last.then) and _returns(last.other)):
            return False
        if isinstance(last.then[-1], Branch) and not exits(last.then, parameters - changed):
            return False
        last = last.other[-1]
    return isinstance(last, Return)


def _returns(block: Block) -> bool:
    return bool(block) and isinstance(block[-1], (Return, Branch))


__all__ = ["Call", "Num", "Pair", "captured", "exits", "read", "signature"]
