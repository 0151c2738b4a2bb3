"""Two names for one object: kept apart from two objects, so that a change in place is seen under both
names.

A name bound to a mutable object that has a name already, or to a part of one, stands for that path as long
as nothing it is made of is bound anew (`row = m[i]`: a later `row[0] = 1` is read as `m[i][0] = 1`). Where
that cannot be kept up, and one of the two is changed in place somewhere, the code is refused.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Collection
from dataclasses import replace

from .broadcasting import is_view
from .effects import changed_names, changes, enclosing
from .expr import Expr
from .frame import Frame, Val
from .ir import Block, Let
from .kinds import Array, List, Tuple
from .ordering import refers, renamed, shares, twin, view
from .paths import activate
from .reader import Reader


class Aliases(Reader):
    """Keeps track of names for the same object."""

    callers: list[Frame]

    def may_change(self) -> set[str]:
        """The variables that the function being read may change in place."""
        frame = self.frame
        if frame.changing is None:
            frame.changing = changed_names(frame)
        out = set()
        for name in frame.changing:
            e = frame.given.get(name)
            out.add(path_root(e) if e is not None else self.variable(name))
        if frame.parent is not None or frame.given:
            out |= self.module.mutated
        return out | self.module.threaded

    def changes_too(self, name: str, other: str) -> None:
        """A second name, for what the function may change in place by the first."""
        self.may_change()
        assert self.frame.changing is not None
        if name in self.frame.changing:
            self.frame.changing.add(other)

    def changed_in(self, body: list[ast.stmt]) -> set[str]:
        """The variables that a part of the code may change in place."""
        out = set()
        for name in changes(body, self.frame):
            e = self.frame.given.get(name)
            out.add(path_root(e) if e is not None else self.variable(name))
        calls = any(isinstance(n, ast.Call) for s in body for n in ast.walk(s))
        return out | self.module.threaded if calls else out

    def is_alias(self, variable: str, name: str, value: Expr) -> bool:
        """Is `name = value` a second name for something that is changed in place?"""
        if not shares(value.kind):
            return False
        if value.op not in ("name", "index", "field", "T"):
            if is_view(value):
                self.refuse_view(variable, name, value)
            return False
        if value.op == "index" and not view(value):
            return False
        base = path_root(value)
        if not base or base == variable or (value.op == "name" and self.only_here(base)):
            return False
        may = self.may_change()
        return variable in may or base in may

    def only_here(self, variable: str) -> bool:
        """Is it a value that the user gave no name yet, and that nothing else holds?"""
        val = self.val(variable)
        frames = (self.frame, *self.callers)
        stands = any(variable in e.reads for frame in frames for e in frame.given.values())
        held = val.inserted or val.twins or val.deep
        return variable in self.module.unnamed and not stands and not held

    def refuse_view(self, variable: str, name: str, value: Expr) -> None:
        """x.reshape(...) and the like show the elements of x: neither may be changed in place."""
        inner = value
        while is_view(inner):
            inner = inner.args[0]
        base = path_root(inner)
        if base and base != variable and {base, variable} & self.may_change():
            self.no(
                self.statement,
                f"`{name}` shows the elements of `{base}`, and one of the two is changed in place",
                f"Give it elements of its own: `{value.text}.copy()`.",
            )

    def settle(self, variable: str) -> None:
        """Before `variable` is bound anew: what stands for it, or is picked by it, becomes a variable."""
        frame = self.frame
        names = [
            n
            for n in sorted(frame.aliases & set(frame.given))
            if variable in frame.given[n].reads and self.variable(n) != variable
        ]
        heir = next((n for n in names if frame.given[n].op == "name" and shares(frame.given[n].kind)), "")
        if heir:  # the other names stand for the object that it has now
            self.materialise(heir, shared=False)
        left: list[str] = []
        for name in names:
            e = frame.given.get(name)
            if e is None:
                continue
            if heir and path_root(e) == variable:
                frame.given[name] = renamed(e, {variable: self.variable(heir)})
                continue
            self.materialise(name, shared=path_root(e) != variable)
            if path_root(e) == variable and shares(e.kind):
                left.append(self.variable(name))
        for one, other in itertools.combinations(left, 2):
            twin(self.env or {}, one, other)

    def settle_names(self, names: Collection[str]) -> None:
        """Before a loop that binds some names anew."""
        for name in sorted(set(names) & self.frame.aliases & set(self.frame.given)):
            if self.only_in_loops(name):  # what it stood for in a loop before is not read again
                self.frame.given.pop(name)
                self.frame.aliases.discard(name)
            else:
                self.materialise(name, shared=True)
        for name in names:
            self.settle(self.variable(name))

    def materialise(self, name: str, shared: bool) -> None:
        """Emit `name = path`."""
        frame = self.frame
        e = frame.given.pop(name)
        frame.aliases.discard(name)
        variable = self.variable(name)
        assert self.env is not None
        root = self.env.get(path_root(e))
        if root is not None and root.active:  # by what was written since
            activate(e)
        self.out.append(Let(self.origin, (variable,), (e,), (e.kind,)))
        self.env[variable] = Val(e.kind, e.active)
        if shared:
            twin(self.env, variable, path_root(e))

    def rejoin(self, given: dict[str, Expr]) -> None:
        """At the end of a part of the code: names that stand for something new become variables."""
        frame = self.frame
        for name in sorted(frame.aliases & set(frame.given)):
            if frame.given[name] is given.get(name):
                continue
            if self.read_elsewhere(name):
                self.materialise(name, shared=True)
            else:
                frame.given.pop(name)
                frame.aliases.discard(name)

    def read_elsewhere(self, name: str) -> bool:
        """Is the name read more than the part just read could account for? (Any second reading counts.)"""
        tree = self.frame.source.tree
        grown = {id(n.target) for n in ast.walk(tree) if isinstance(n, ast.AugAssign)}
        stores = [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.Name)
            and n.id == name
            and isinstance(n.ctx, ast.Store)
            and id(n) not in grown
        ]
        first = min(((n.lineno, n.col_offset) for n in stores), default=(0, 0))
        outer = enclosing(tree, stores)
        if self.only_in_loops(name):
            return False
        for n in ast.walk(tree):
            read = isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
            if read and ((n.lineno, n.col_offset) < first or (outer is not None and n not in outer)):  # type: ignore[attr-defined]
                return True
        return len(stores) > 1

    def only_in_loops(self, name: str) -> bool:
        """Is the name bound by loops alone, and read only inside them?"""
        tree = self.frame.source.tree
        names = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
        grown = {id(n.target) for n in ast.walk(tree) if isinstance(n, ast.AugAssign)}
        stores = {id(n) for n in names if isinstance(n.ctx, ast.Store)} - grown
        headers = [n for n in ast.walk(tree) if stores & {id(x) for t in _bound_by(n) for x in ast.walk(t)}]
        bound = {id(x) for n in headers for t in _bound_by(n) for x in ast.walk(t)}
        inside = {id(x) for n in headers for x in ast.walk(n)}
        return bool(stores) and stores <= bound and all(id(n) in inside for n in names)

    def settle_dropped(
        self,
        dropped: set[str],
        given: dict[str, Expr],
        then: Block,
        other: Block,
        after: dict[str, Val] | None,
    ) -> None:
        """After an `if`: a name that one arm bound anew is a variable in both."""
        for name in sorted(dropped):
            e = given[name]
            if e.op in ("known", "either", "const"):
                continue
            variable = self.variable(name)
            for block, env in ((then, after), (other, self.env)):
                if env is not None and not any(isinstance(s, Let) and variable in s.names for s in block):
                    block.append(Let(self.origin, (variable,), (e,), (e.kind,)))
                    env[variable] = Val(e.kind, e.active)
                    twin(env, variable, path_root(e))
            self.frame.given.pop(name, None)
            self.frame.aliases.discard(name)

    def aliased(self, node: ast.AST, name: str, old: Expr, refuse: bool = False) -> bool:
        """Has the object `old` other names? Refused if it is also held by a container."""
        variable = path_root(old)
        val = self.val(variable)
        if val.inserted:
            self.no(
                node,
                f"`{name}` is changed in place while `{val.inserted}` holds it too",
                f"Put a copy into `{val.inserted}`.",
            )
        frame = self.frame
        found = name in frame.aliases or old.op != "name"
        found = found or any(variable in frame.given[a].reads for a in frame.aliases & set(frame.given))
        if found and refuse:
            self.no(node, f"`{name}` has another name that would not see this change", "Copy it first.")
        return found

    def mutate(self, node: ast.AST, base: str, deep: bool) -> None:
        """An object is changed in place."""
        val = self.val(base)
        if val.inserted:
            self.no(
                node if hasattr(node, "lineno") else self.frame.source.tree,
                f"`{base}` is changed in place while `{val.inserted}` holds it too",
                f"Put a copy into `{val.inserted}`.",
            )
        if val.twins:
            self.no(
                node if hasattr(node, "lineno") else self.frame.source.tree,
                f"`{base}` is changed in place while `{min(val.twins)}` may be another name for it",
                "Give it a copy of its own: `.copy()`.",
            )
        if deep and val.deep:
            self.no(
                node if hasattr(node, "lineno") else self.frame.source.tree,
                f"a part of `{base}` is changed in place, and `{min(val.deep)}` holds the same parts",
                "Copy the parts too: `[row.copy() for row in rows]`.",
            )
        if deep:
            line = getattr(node, "lineno", 0)
            for other, held in (self.env or {}).items():
                if held.inserted == base and self.read_after(other, line):
                    self.no(
                        node if line else self.frame.source.tree,
                        f"a part of `{base}` is changed in place, and `{other}` is a part of it too",
                        f"Put a copy of `{other}` into `{base}`.",
                    )
        self.module.mutated.add(base)

    def read_after(self, variable: str, line: int) -> bool:
        return any(
            isinstance(n, ast.Name)
            and self.variable(n.id) == variable
            and isinstance(n.ctx, ast.Load)
            and n.lineno > line
            for n in ast.walk(self.frame.source.tree)
        )

    def inserts(self, e: Expr, container: str) -> None:
        """A container made or extended with objects that have names."""
        if self.env is None:
            return
        parts = e.args if e.op in ("list", "tuple", "dict", "record") and not _called(e) else ()
        for part in (e, *parts) if container and e.op == "name" and _holds(self.env, container, e) else parts:
            base = path_root(part)
            if base and base in self.env and shares(part.kind) and part.op in ("name", "index", "field"):
                val = self.env[base]
                if val.inserted:  # a second time: the container holds one object twice
                    held = self.env.get(container, val)
                    self.env[container] = replace(held, deep=held.deep | {base, val.inserted} - {container})
                    if val.inserted in self.env and val.inserted != container:
                        first = self.env[val.inserted]
                        self.env[val.inserted] = replace(first, deep=first.deep | {container})
                self.env[base] = replace(val, inserted=container)
                for whole in self.shown.get(base, frozenset()):  # the rows of an array, collected
                    twin(self.env, container, whole)
            elif part.op in ("list", "tuple", "dict"):
                self.inserts(part, container)

    def stands_for_either(self, e: Expr, name: str) -> None:
        if e.op == "ifexp":
            self.one_of((e.args[0], e.args[2]), name)

    def one_of(self, arms: tuple[Expr, ...], name: str) -> None:
        """x if c else y: another name for both, or a container of what both hold."""
        for arm in arms:
            if self.env is None or not shares(arm.kind):
                continue
            if refers(arm):
                twin(self.env, name, path_root(arm))
            self.inserts(arm, name)
            self.stands_for_either(arm, name)

    def shares_parts(self, e: Expr, name: str) -> None:
        """A slice, copy or sum of a list of lists: a new list of the same inner lists."""
        if self.env is None or not isinstance(e.kind, List) or not shares(e.kind.item):
            return
        if e.op == "name" or (e.op == "list" and not _called(e)):
            return
        for other in e.reads & set(self.env) - {name}:
            if isinstance(self.env[other].kind, Array):
                twin(self.env, name, other)
            if isinstance(self.env[other].kind, List):
                self.env[name] = replace(self.env[name], deep=self.env[name].deep | {other})
                self.env[other] = replace(self.env[other], deep=self.env[other].deep | {name})


def _called(e: Expr) -> bool:
    return isinstance(e.extra, dict) and "names" in e.extra


def _holds(env: dict[str, Val], container: str, e: Expr) -> bool:
    """Is `e` put into a container (not bound to a second name)?"""
    return (
        container in env
        and container != e.text
        and isinstance(env[container].kind, (List, Tuple))
        and env[container].kind != e.kind
    )


def path_root(e: Expr) -> str:
    """The variable a path starts at; "" if it is none."""
    while e.op in ("index", "field", "T"):
        e = e.args[0]
    return e.text if e.op == "name" else ""


def _bound_by(n: ast.AST) -> list[ast.expr]:
    """The targets of a loop or a comprehension."""
    if isinstance(n, ast.For):
        return [n.target]
    return [g.target for g in getattr(n, "generators", [])]
