"""Read calls of functions that call themselves: as a pair, which gives back what it changes."""

from __future__ import annotations

import ast
from dataclasses import replace

from . import expr as ex
from . import pairs
from . import source as src
from .effects import changed_names, grown_names
from .expr import Expr
from .frame import Closure, Frame, Val, identifiers, nonlocals
from .ir import Call
from .kinds import BOTTOM, NONE, Known, Num, Tuple, is_mutable
from .ordering import refers, shares
from .paths import item
from .places import Places
from .threading import NeedState, copied, gives_value, own_nonlocals, threaded


class Recursion(Places):
    """Reads such calls."""

    callers: list[Frame]  # the scopes of the functions being read, outermost first

    def fresh(self, local: str) -> str:
        raise NotImplementedError

    def pair(
        self, node: ast.Call, source: src.Source, closure: Closure | None, given: dict[str, Expr]
    ) -> Expr:
        """A call of a function that calls itself."""
        key = closure.key if closure else (source.function or source.tree)
        if closure is not None:
            for n in sorted(pairs.captured(closure)):
                frame, self.frame = self.frame, self.frame if n in self.frame.locals else closure.frame
                given[n] = self.find(ast.copy_location(ast.Name(n, ast.Load()), node))
                self.frame = frame
        grown = {p for p in grown_names(source.tree) & set(given) if is_mutable(given[p].kind)}
        names = sorted(self.module.states[key] | grown | own_nonlocals(source))
        states = {n: given[n] for n in names if n in given}
        gives = gives_value(source)
        if states:
            self.alone(node, source, given, states)
            source, entries = threaded(source, {n: e.kind for n, e in states.items()})
            given = {entries.get(n, n): e for n, e in given.items()}
        for n, e in list(given.items()):
            if isinstance(e.kind, Known) and isinstance(e.kind.obj, Closure):
                seen, more = self.seen_through(node, source, e.kind.obj)
                given |= more | {n: replace(e, kind=Known(seen))}
        pair = pairs.read(self, source, closure, given, node)
        args = tuple(given[n] for n, _, _ in pair.parameters)
        name = self.fresh(source.name if source.name.isidentifier() else "value")
        self.out.append(Call(self.origin, name, pair, args, pair.kind, pair.active))
        assert self.env is not None
        self.env[name] = Val(pair.kind, pair.active)
        value = ex.name(name, pair.kind, pair.active)
        self.module.returned.add(name)
        return self.taken_back(node, value, gives, states) if states else value

    def alone(
        self, node: ast.Call, source: src.Source, given: dict[str, Expr], states: dict[str, Expr]
    ) -> None:
        """Refuse what is to be changed by a call, unless it is a variable without a second name."""
        for n, e in states.items():
            others = [g for p, g in given.items() if p != n and shares(g.kind) and g.reads & e.reads]
            if e.op != "name" and e.op != "const" and not refers(e):
                continue  # made for this call alone
            held = shares(e.kind) and not self.stands_alone(e.text)
            if e.op != "name" or e.text not in (self.env or {}) or others or held:
                self.no(
                    node,
                    f"`{source.name}` changes `{n}` in place and calls itself, and it has another name here",
                    "Return a new one.",
                )
            if e.text not in self.module.threaded:
                raise NeedState(variables=[e.text])

    def stands_alone(self, variable: str) -> bool:
        raise NotImplementedError

    def changed_around(self, variable: str) -> bool:
        """May the code being read, or that around it, change a variable in place?"""
        frames = [self.frame, *self.callers]
        for frame in frames:
            frames += [frame.parent] if frame.parent is not None and frame.parent not in frames else []
        return any(variable == f.rename.get(n, n) for f in frames for n in changed_names(f))

    def spelled(self, at: ast.expr, code: str, **parts: ast.expr | Expr) -> Expr:
        raise NotImplementedError

    def taken_back(self, node: ast.Call, out: Expr, gives: bool, states: dict[str, Expr]) -> Expr:
        """What a call has changed, as it is now; the value of the call."""
        count = len(states) + gives
        known = isinstance(out.kind, Tuple) and len(out.kind.items) == count
        for i, e in enumerate(states.values(), int(gives)):
            if count == 1:
                new = out if out.kind != BOTTOM else replace(out, kind=e.kind, active=e.active)
            else:
                new = item(out if known else replace(out, kind=Tuple((e.kind,) * count)), i)
            if e.op == "name":
                if shares(e.kind) and self.changed_around(e.text):
                    new = self.spelled(node, copied("a", new.kind), a=new)
                self.assign(e.text, new)
                self.module.mutated.add(e.text)
        if not gives:
            return Expr("const", (), ("None",), ex.ATOM, NONE)
        return item(out, 0) if known else replace(out, kind=BOTTOM)

    def seen_through(
        self, node: ast.Call, source: src.Source, handed: Closure
    ) -> tuple[Closure, dict[str, Expr]]:
        """What an inner function reads where it is handed to one that calls itself: parameters of that, too.

        A variable whose name that function uses itself is handed on under another.
        """
        own = identifiers(source.tree)
        around = Frame(handed.frame.source, set(), handed.frame)
        defaults = dict(handed.defaults)
        out: dict[str, Expr] = {}
        for n in (*sorted(pairs.captured(handed)), *defaults):
            frame, self.frame = self.frame, handed.frame
            e = defaults[n] if n in defaults else self.find(ast.copy_location(ast.Name(n, ast.Load()), node))
            self.frame = frame
            clash = bool(e.reads & own)
            if (clash and not isinstance(e.kind, Num)) or nonlocals(handed.source.tree):
                self.no(
                    node,
                    f"`{handed.source.name}` reads `{n}` of another function,"
                    f" and `{source.name}` calls itself",
                    "Pass the value as a parameter, or give the two variables different names.",
                )
            if clash:
                e = self.bind(n, e)
                (defaults if n in defaults else around.given)[n] = e
            out |= {v: ex.name(v, self.val(v).kind, self.val(v).active) for v in sorted(e.reads)}
        return Closure(handed.source, around, defaults), out
