"""Functions that call themselves and change what is not theirs alone: a list they are given, a table around
them, a nonlocal number.

Their pair has no effects: what would be changed goes in as an argument, is copied there, and comes back
behind the value. `def walk(t): ...; found.append(t.x)` is read as
`def walk(t, found_0): found = found_0.copy(); ...; found.append(t.x); return found`.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .fence import own_statements, refuse
from .frame import identifiers
from .kinds import Array, Dict, Kind, List, Record, Table, Tuple
from .ordering import shares
from .snippets import lines, spot
from .source import Source


class NeedState(Exception):  # noqa: N818
    """Raised when a function that calls itself turns out to change something: start again and thread it.

    `names` are the function's own names for it; `variables` those of the code around.
    """

    def __init__(self, key: Any = None, names: Iterable[str] = (), variables: Iterable[str] = ()) -> None:
        self.key, self.names, self.variables = key, set(names), set(variables)


def own_nonlocals(source: Source) -> set[str]:
    """The names a function declares nonlocal itself."""
    if isinstance(source.tree, ast.Lambda):
        return set()
    return {n for s in own_statements(source.tree) if isinstance(s, ast.Nonlocal) for n in s.names}


def gives_value(source: Source) -> bool:
    """Does it return anything but None?"""
    if isinstance(source.tree, ast.Lambda):
        return True
    return any(
        isinstance(s, ast.Return) and s.value is not None and not _is_none(s.value)
        for s in own_statements(source.tree)
    )


def _entry(name: str, kind: Kind, source: Source) -> str:
    """The name under which something changed comes in."""
    if not shares(kind):
        return name
    new = f"{name}_0"
    while new in identifiers(source.tree):
        new += "_"
    return new


def threaded(source: Source, states: Mapping[str, Kind]) -> tuple[Source, dict[str, str]]:
    """The function with these names as arguments, which it also returns; under which names they come in."""
    tree = source.tree
    if isinstance(tree, ast.Lambda):
        refuse(source, tree, "a lambda that calls itself changes something", "Make it a function.")
    new = copy.copy(tree)
    new.args = copy.deepcopy(tree.args)
    entries = {n: _entry(n, kind, source) for n, kind in states.items()}
    taken = [p for p in ast.walk(new.args) if isinstance(p, ast.arg)]
    for p in taken:
        p.arg = entries.get(p.arg, p.arg)
    here = {p.arg for p in taken}
    new.args.kwonlyargs += [
        ast.copy_location(ast.arg(entries[n]), tree) for n in states if entries[n] not in here
    ]
    new.args.kw_defaults += [None] * (len(new.args.kwonlyargs) - len(new.args.kw_defaults))
    copies = []
    for name, kind in states.items():
        if entries[name] != name:
            code = copied(entries[name], kind)
            if not code:
                refuse(
                    source,
                    tree,
                    f"`{source.name}` changes `{name}` in place and calls itself",
                    "Return a new one.",
                )
            copies += [_at(s, tree.body[0]) for s in lines(f"{name} = {code}")]
    value = gives_value(source)
    body = [_Returns(list(states), value).visit(copy.deepcopy(s)) for s in tree.body]
    if not value:
        body.append(_at(ast.Return(_together(None, list(states))), tree.body[-1]))
    new.body = [*copies, *body]
    return replace(source, tree=new), entries


def copied(name: str, kind: Kind, depth: int = 0) -> str:
    """Code for a copy that shares nothing that can be changed; "" if there is none."""
    if not shares(kind):
        return name
    match kind:
        case Array():
            return f"{name}.copy()"
        case List(item):
            if not shares(item):
                return "" if isinstance(item, Record) else f"{name}.copy()"
            part = f"part{depth}"
            inner = copied(part, item, depth + 1)
            return inner and f"[{inner} for {part} in {name}]"
        case Table(item, _):
            return "" if shares(item) or isinstance(item, Record) else f"{name}.copy()"
        case Dict(items):
            return "" if any(shares(k) or isinstance(k, Record) for _, k in items) else f"{name}.copy()"
        case Tuple(items):
            inner = ", ".join(copied(f"{name}[{i}]", part, depth) for i, part in enumerate(items))
            return f"({inner},)"
    return ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _together(value: ast.expr | None, states: list[str]) -> ast.expr:
    """What is returned: the value, and what was changed."""
    names: list[ast.expr] = [spot(n) for n in states]
    parts = names if value is None else [value, *names]
    return parts[0] if len(parts) == 1 else ast.Tuple(parts, ast.Load())


def _at(new: Any, at: ast.AST) -> Any:
    for n in ast.walk(new):
        if isinstance(n, (ast.expr, ast.stmt)) and not hasattr(n, "lineno"):
            ast.copy_location(n, at)
            n.made = True  # type: ignore[union-attr]
    return new


class _Returns(ast.NodeTransformer):
    """Every `return` gives back what was changed, too; `nonlocal` goes."""

    def __init__(self, states: list[str], value: bool) -> None:
        self.states, self.value = states, value

    def visit_Return(self, node: ast.Return) -> ast.Return:
        given = node.value if self.value else None
        if self.value and (given is None or _is_none(given)):
            return node
        new = ast.copy_location(ast.Return(_together(given, self.states)), node)
        new.made = True  # type: ignore[attr-defined]
        out: ast.Return = _at(new, given if given is not None else node)
        return out

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.stmt:
        left = [n for n in node.names if n not in self.states]
        return ast.copy_location(ast.Nonlocal(left) if left else ast.Pass(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node
