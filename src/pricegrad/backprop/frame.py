"""Scopes: which emitted variable, object or expression a name of the user's stands for."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from .expr import Expr
from .kinds import NONE, Kind
from .source import Source


@dataclass(frozen=True)
class Val:
    """What is known of a variable at one point of the program."""

    kind: Kind
    active: bool = False
    maybe: bool = False  # may also be None
    inserted: str = ""  # the container that holds this very object too
    twins: frozenset[str] = frozenset()  # other variables that may be this very object, or hold it
    deep: frozenset[str] = frozenset()  # other variables whose parts may be parts of this one


Env = dict[str, Val]


@dataclass(eq=False)
class Frame:
    """One function's scope while it is read; `parent` is the scope an inner function was defined in."""

    source: Source
    locals: set[str]
    parent: Frame | None = None
    rename: dict[str, str] = field(default_factory=dict)
    given: dict[str, Expr] = field(default_factory=dict)  # parameters replaced by the caller's expression
    aliases: set[str] = field(default_factory=set)  # names in `given` that stand for a mutable object or part
    outer: set[str] = field(
        default_factory=set
    )  # names declared nonlocal: variables of an enclosing function
    changing: set[str] | None = None  # names this function may change in place
    result: str = ""  # where an inlined function puts its value
    straight: frozenset[int] = frozenset()  # the statements no branch or loop of it stands around

    def goes_through(self, stmts: list[ast.stmt]) -> None:
        """Its body, as it will be read."""
        self.straight = frozenset(map(id, stmts))


@dataclass(eq=False)
class Closure:
    """An inner function or lambda: its tree and the frame it was defined in."""

    source: Source
    frame: Frame
    defaults: dict[str, Expr] = field(default_factory=dict)

    @property
    def __name__(self) -> str:
        return self.source.name

    @property
    def key(self) -> tuple[str, int, int, str]:
        """What identifies the function, however often its definition is read."""
        tree = self.source.tree
        return (self.source.file, tree.lineno, tree.col_offset, self.source.name)


def local_names(tree: ast.FunctionDef | ast.Lambda) -> set[str]:
    """The names a function binds itself: parameters and assigned names, not those of functions inside it."""
    a = tree.args
    found = {p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)}
    found |= {p.arg for p in (a.vararg, a.kwarg) if p}
    elsewhere: set[str] = set()
    work: list[ast.AST] = list(tree.body) if isinstance(tree, ast.FunctionDef) else [tree.body]
    while work:
        node = work.pop()
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda):
            continue
        if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)):
            bound = {n.id for g in node.generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
            inner = {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
            found |= inner - bound
            continue
        if isinstance(node, ast.Nonlocal):
            elsewhere |= set(node.names)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name is not None:
            found.add(node.name)
        work.extend(ast.iter_child_nodes(node))
    return found - elsewhere


def nonlocals(tree: ast.AST) -> set[str]:
    """Every name that some function in here declares nonlocal."""
    return {name for n in ast.walk(tree) if isinstance(n, ast.Nonlocal) for name in n.names}


def identifiers(tree: ast.AST) -> set[str]:
    """Every name that occurs at all."""
    out = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    out |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
    out |= {n.name for n in ast.walk(tree) if isinstance(n, (ast.MatchAs, ast.MatchStar)) and n.name}
    return out | {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}


def merge(a: Env | None, b: Env | None, joined: Any) -> Env | None:
    """What is known where two paths meet; None is a path that ends."""
    if a is None or b is None:
        return b if a is None else a
    out = dict(a)
    for name, val in b.items():
        if name in out:
            other = out[name]
            kinds = {other.kind, val.kind}
            one = next(k for k in kinds if k != NONE) if NONE in kinds and len(kinds) == 2 else None
            out[name] = Val(
                one or joined(other.kind, val.kind),
                other.active or val.active,
                other.maybe or val.maybe or one is not None,
                other.inserted or val.inserted,
                other.twins | val.twins,
                other.deep | val.deep,
            )
        else:
            out[name] = val
    return out
