"""Facts about a body of statements: what it assigns, of what kinds, and what it returns."""

from __future__ import annotations

import dataclasses
from typing import Any

from .broadcasting import is_view
from .expr import ATOM, Expr
from .ir import Append, Block, Call, Let, Loop, Pop, Save, Store, assigned, walk
from .kinds import BOTTOM, INT, NONE, Kind, List, Num, is_mutable, join
from .paths import root_of
from .zeros import copied

# (an element that is differentiated is picked from its list once more, on the way back)
_SAFE = {"name", "const", "add", "sub", "mul", "neg", "pos", "tuple", "list", "ifexp", "compare", "bool",
         "not", "sum", "abs"}  # fmt: skip


def assigned_in(body: Block) -> set[str]:
    """Every name a body binds."""
    return {n for s in walk(body) for n in assigned(s)} | {s.index for s in walk(body) if isinstance(s, Loop)}


def kinds_in(body: Block, parameters: dict[str, Kind]) -> dict[str, Kind]:
    """Every variable's kind, joined over its assignments."""
    out = dict(parameters)
    for s in walk(body):
        if isinstance(s, Loop):
            if s.index:
                out[s.index] = join(out.get(s.index, BOTTOM), INT)
            for let in s.elements:
                for n, k in zip(let.names, let.kinds, strict=True):
                    out[n] = join(out.get(n, BOTTOM), k)
        if isinstance(s, Let):
            for n, k in zip(s.names, s.kinds, strict=True):
                if k != NONE:
                    out[n] = join(out.get(n, BOTTOM), k)
        if isinstance(s, (Store, Append, Pop)) and s.base in out:
            out[s.base] = join(out[s.base], root_of(s.target).kind)
        if isinstance(s, (Pop, Call)):
            out[s.name] = join(out.get(s.name, BOTTOM), s.kind)
    return out


def hoisted_kinds(body: Block) -> dict[str, Kind]:
    """The kinds of the values that are kept aside for the reverse sweep."""
    hoists = [h for s in walk(body) for h in getattr(s, "hoists", [])]
    return {n: k for h in hoists for n, k in zip(h.names, h.kinds, strict=True)}


def restored(body: Block) -> set[str]:
    """The names whose old values the reverse sweep puts back, or that a loop's header sets again."""
    saves = {v.var for s in walk(body) for v in all_saves(s)}
    return saves | {t for s in walk(body) for t in getattr(s, "targets", ())}


def all_saves(s: Any) -> list[Save]:
    """Everything one statement records."""
    out: list[Save] = list(s.saves)
    for h in getattr(s, "hoists", []):
        out += h.saves
    for name in ("then_saves", "other_saves", "end_saves"):
        out += getattr(s, name, [])
    return out


def nothing(kind: Kind | None, measured: bool = False) -> str:
    """A value for a variable that may be recorded before it is set: never read, but perhaps `measured`."""
    if measured and isinstance(kind, List):
        return "[]"
    return {"float": "0.0", "int": "0", "bool": "False"}[kind.name] if isinstance(kind, Num) else "None"


def set_apart(e: Expr, mutated: set[str]) -> Expr:
    """A returned value as a copy, where the reverse sweep puts back what its memory held before."""
    if e.op in ("tuple", "list") and not isinstance(e.extra, dict):
        return dataclasses.replace(e, args=tuple(set_apart(a, mutated) for a in e.args))
    if is_mutable(e.kind) and (e.op in ("name", "index") or is_view(e)) and e.reads & mutated:
        return Expr("opaque", (), (copied(e.kind, e.text),), ATOM, e.kind, hidden=e.reads)
    return e


def may_fail(e: Expr) -> bool:
    """May evaluating this number raise an error that the derivative alone would not?"""
    own = e.op not in _SAFE and not (e.op == "index" and e.active)
    return (isinstance(e.kind, Num) and own and not _numpy(e)) or any(map(may_fail, e.args))


def _numpy(e: Expr) -> bool:
    return isinstance(e.extra, dict) and e.extra.get("module", "").startswith("numpy")
