"""The order of evaluation: operands are read from left to right, and one may change what another has read."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from . import expr as ex
from .broadcasting import is_view
from .expr import Expr
from .frame import Env, Val
from .ir import Let, assigned, changed, walk
from .kinds import Array, Kind, List, Tuple, is_mutable
from .reader import Reader


class Ordering(Reader):
    """Reads several operands in the order in which Python evaluates them."""

    def operands(self, nodes: Iterable[ast.expr]) -> list[Expr]:
        """The expressions; a value that a later operand changes is put into a variable before."""
        out: list[Expr] = []
        for node in nodes:
            start = len(self.out)
            e = self.expr(node)
            out = [*self.before(out, start), e]
        return out

    def before(self, earlier: Sequence[Expr], start: int) -> list[Expr]:
        """The operands read so far, as they were before what was emitted from `start` on."""
        made = list(walk(self.out[start:]))
        rebound = {name for s in made for name in assigned(s)}
        written = {name for s in made for name in changed(s)}
        old: dict[str, str] = {}
        out = []
        for e in earlier:
            kept = e
            late = frozenset() if e.op == "known" else e.reads & rebound
            leaves = {name: leaf(e, name) for name in sorted(late - set(old))}
            whole = any(node is None or shares(node.kind) for node in leaves.values())
            if whole or (e.op != "known" and e.reads & written and not refers(e)):
                kept = self.set_aside(e, "before", start)
                start += 1
            elif late:
                for name, node in leaves.items():
                    assert node is not None
                    old[name] = self.set_aside(node, name, start).text
                    start += 1
                kept = renamed(e, old)
            out.append(kept)
        return out

    def set_aside(self, e: Expr, wanted: str, at: int) -> Expr:
        """Put a value into a variable, at an earlier place of what is emitted."""
        name = self.module.names.new(wanted)
        self.module.variables.add(name)
        self.out.insert(at, Let(self.origin, (name,), (e,), (e.kind,)))
        assert self.env is not None
        self.env[name] = Val(e.kind, e.active)
        if refers(e):
            for variable in e.reads:
                twin(self.env, name, variable)
        return ex.name(name, e.kind, e.active)


def refers(e: Expr) -> bool:
    """Is it no value of its own, but another name for a changeable object, or a part of one?"""
    path = e.op in ("name", "field", "T") or (e.op == "index" and view(e))
    return shares(e.kind) and (path or is_view(e))


def leaf(e: Expr, name: str) -> Expr | None:
    """Where an expression reads a variable; None if it does so inside its text."""
    if e.op == "name":
        return e if e.text == name else None
    return next((found for a in e.args if (found := leaf(a, name)) is not None), None)


def renamed(e: Expr, names: Mapping[str, str]) -> Expr:
    """The same expression of other variables."""
    if not e.reads & set(names):
        return e
    if e.op == "name":
        return ex.name(names[e.text], e.kind, e.active)
    args = tuple(renamed(a, names) for a in e.args)
    return replace(e, args=args)


def twin(env: Env, a: str, b: str) -> None:
    """Two variables may be one object."""
    if a in env and b in env:
        env[a] = replace(env[a], twins=env[a].twins | {b})
        env[b] = replace(env[b], twins=env[b].twins | {a})


def shares(kind: Kind) -> bool:
    """May two names for it be one changeable object?"""
    return is_mutable(kind) or (isinstance(kind, Tuple) and any(map(shares, kind.items)))


def view(e: Expr) -> bool:
    """Does this element or slice share memory with what it is taken from?"""
    base, index = e.args
    if isinstance(base.kind, List):
        return index.op != "slice"
    if isinstance(base.kind, Array):
        parts = index.args if index.op in ("indices", "tuple") else (index,)
        return not any(isinstance(p.kind, (Array, List)) or p.op == "list" for p in parts if p.op != "slice")
    return True
