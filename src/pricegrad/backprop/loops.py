"""Read `for` and `while`: the body is read until what is known at the loop's head no longer changes."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection

from . import expr as ex
from .comprehensions import Comprehensions
from .effects import changes
from .expr import Expr
from .frame import Closure, Env, Val, merge
from .generators import gives_values
from .ir import Append, Block, Effect, Let, Loop, Pop, assigned, walk
from .iterables import Rounds, minus_one
from .kinds import BOTTOM, Array, Dict, Known, List, Table, join
from .lowering import placed
from .pairs import captured
from .resizing import counted, resized
from .unrolling import Unrolling


class Loops(Comprehensions, Unrolling):
    """Reads `for` and `while`."""

    breaks: list[list[Env]]

    def block(self, stmts: list[ast.stmt], given: dict[str, Expr] | None = None) -> Block:
        raise NotImplementedError

    def set_to(self, target: ast.expr, value: Expr, text: str) -> None:
        raise NotImplementedError

    def changed_in(self, body: list[ast.stmt]) -> set[str]:
        raise NotImplementedError

    def changes_too(self, name: str, other: str) -> None:
        raise NotImplementedError

    def settle_names(self, names: Collection[str]) -> None:
        raise NotImplementedError

    def leave(self, body: list[ast.stmt], given: dict[str, Expr]) -> None:
        raise NotImplementedError

    def test(self, node: ast.expr) -> Expr:
        raise NotImplementedError

    def stmt(self, s: ast.stmt) -> None:
        raise NotImplementedError

    # ------------------------------------------------------------------ while

    def do_While(self, s: ast.While) -> None:
        origin = self.origin
        inside = [n for b in s.body for n in ast.walk(b) if isinstance(n, ast.Name)]
        rebound = {n for n in self.frame.locals if self.variable(n) in self.module.rebound}
        self.settle_names({n.id for n in inside if isinstance(n.ctx, ast.Store)} | rebound)

        def read() -> tuple[Expr, Block]:
            before = len(self.out)
            test = self.test(s.test)
            given = dict(self.frame.given)
            if len(self.out) == before:
                return test, self.block(s.body, given)
            del self.out[before:]
            leave = ast.copy_location(ast.If(ast.UnaryOp(ast.Not(), s.test), [ast.Break()], s.body), s)
            ast.fix_missing_locations(leave)
            leave.test.made = True  # type: ignore[attr-defined]
            return ex.const("True"), self.block([leave], given)

        test, body = self.fixpoint(read, endless=isinstance(s.test, ast.Constant) and bool(s.test.value))
        self.out.append(Loop(origin, f"while {test.text}:", test.reads, body))

    def fixpoint(self, read: Callable[[], tuple[Expr, Block]], endless: bool = False) -> tuple[Expr, Block]:
        """Read a loop's body until what is known at its head no longer changes."""
        head = dict(self.env or {})
        given = dict(self.frame.given)
        taken = set(self.module.names.taken)
        length = len(self.out)
        for _ in range(50):
            self.env = dict(head)
            self.frame.given = dict(given)
            self.frame.aliases &= set(given)
            self.breaks.append([])
            self.module.names.taken = taken | set(self.module.objects) | self.module.fixed
            test, body = read()
            breaks = self.breaks.pop()
            new = merge(head, self.env, join) or head
            if new == head:
                break
            del self.out[length:]
            head = new
        for n, e in given.items():
            now = self.frame.given.get(n)
            if now is not None and now is not e and now.kind != e.kind and isinstance(now.kind, Known):
                self.no(
                    self.statement, f"`{n}` is a function that changes in a loop", "Keep its number instead."
                )
        self.env = None if endless else dict(head)
        for env in breaks:
            self.env = merge(self.env, env, join)
        return test, body

    # ------------------------------------------------------------------ for

    def asked_one_by_one(self, s: ast.For) -> None:
        """Refuse a loop over a generator that reads what the loop changes: it is made at once here."""
        for call in (n for n in ast.walk(s.iter) if isinstance(n, ast.Call)):
            kind = self.expr(call.func).kind if isinstance(call.func, (ast.Name, ast.Attribute)) else None
            if not isinstance(kind, Known) or not gives_values(kind.obj):
                continue
            parts = [*call.args, *(k.value for k in call.keywords)]
            reads = {n.id for a in parts for n in ast.walk(a) if isinstance(n, ast.Name)}
            reads |= captured(kind.obj) if isinstance(kind.obj, Closure) else set()
            inside = [n for b in s.body for n in ast.walk(b) if isinstance(n, ast.Name)]
            stores = {n.id for n in inside if isinstance(n.ctx, ast.Store)}
            for name in sorted(reads & (stores | changes(s.body, self.frame))):
                what = f"the loop changes `{name}`, which this generator reads"
                self.no(call, what, "Loop over a list of it, if that is what is meant.")

    def do_For(self, s: ast.For) -> None:
        origin = self.origin
        stored = {
            n.id
            for b in s.body
            for n in ast.walk(b)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        stored |= {n for n in self.frame.locals if self.variable(n) in self.module.rebound}
        targets = {n.id for n in ast.walk(s.target) if isinstance(n, ast.Name)}
        self.settle_names(stored | targets)
        self.asked_one_by_one(s)
        if self.unrolled(s) or self.nothing_in(s.iter):
            return
        longer = self.resized_meanwhile(s)
        for part in longer:
            self.stmt(part)
        if longer:
            return
        s = self.with_own_targets(self.with_whole_keys(s), stored & targets)
        s = self.with_own_count(s)
        rounds = self.rounds(s.target, s.iter)
        rounds = self.protected(rounds, stored, s)
        if not rounds.index:
            rounds.index = self.fresh("i")
        index = ex.name(rounds.index, rounds.index_kind)
        names = self.target_names(s.target)
        live = bool(rounds.elements and rounds.reads & self.changed_in(s.body))
        if live:  # what is looped over changes meanwhile: its elements are read in the body, one by one
            keys = rounds.code.removesuffix(".items()")
            rounds.code = f"range({rounds.count})" if rounds.count else keys
            names, target_text = [rounds.index], rounds.index
        else:
            target_text = self.text_for(s.target)
        lets: list[Let] = []

        def read() -> tuple[Expr, Block]:
            assert self.env is not None
            self.env[rounds.index] = Val(rounds.index_kind)
            before = len(self.out)
            for target, value in rounds.elements:
                e = value(index)
                self.set_to(target, e, "")
                if isinstance(target, ast.Name) and isinstance(e.kind, Array):
                    self.shown[self.variable(target.id)] = e.reads - {rounds.index}
            read_first = [let for let in self.out[before:] if isinstance(let, Let)]
            del self.out[before:]
            if live:
                return index, [*read_first, *self.block(s.body, dict(self.frame.given))]
            lets[:] = read_first
            if any(
                rounds.index in self.frame.given[a].reads for a in self.frame.aliases & set(self.frame.given)
            ):
                self.picked.add(rounds.index)
            given = dict(self.frame.given)
            return index, self.block(s.body, given)

        _, body = self.fixpoint(read)
        self.resized_or_refused(s, rounds, body)
        own = live or rounds.index_node is not None
        self.env = self.env or {}
        for n in names:
            self.env.setdefault(n, Val(BOTTOM))
        picks = rounds.index in self.picked
        counted = f"for {rounds.index}, {_grouped(target_text)} in enumerate({rounds.code}):"
        self.out.append(
            Loop(
                origin,
                counted if picks and not own else f"for {target_text} in {rounds.code}:",
                rounds.reads,
                body,
                rounds.index,
                own,
                counted,
                tuple(names),
                lets,
                rounds.backwards or f"range({minus_one(rounds.count)}, -1, -1)",
                rounds.count,
            )
        )

    def resized_meanwhile(self, s: ast.For) -> list[ast.stmt]:
        """A loop over a list that its body makes longer or shorter, as a `while`; [] if it is none."""
        i = self.fresh("i")
        name, new = counted(s, i)
        if not new or not isinstance(self.expr(ast.copy_location(ast.Name(name, ast.Load()), s)).kind, List):
            return []
        self.frame.locals.add(i)
        return new

    def with_own_count(self, s: ast.For) -> ast.For:
        """A range measured by a list that the body makes longer or shorter: its ends in variables."""
        if not isinstance(s.iter, ast.Call) or self.expr(s.iter.func).kind != Known(range):
            return s
        names = resized(s.body)
        args: list[ast.expr] = []
        for a in s.iter.args:
            if names & {n.id for n in ast.walk(a) if isinstance(n, ast.Name)}:
                end = self.bind("end", self.expr(a)).text
                self.frame.locals.add(end)
                a = ast.Name(end, ast.Load())
            args.append(a)
        if args == s.iter.args:
            return s
        whole = ast.Call(s.iter.func, args, s.iter.keywords)
        s = copy.copy(s)
        s.iter = whole
        return placed(s, s)  # type: ignore[return-value]

    def resized_or_refused(self, s: ast.For, rounds: Rounds, body: Block) -> None:
        """Refuse a loop over a list that becomes longer or shorter under another name, or beside others."""
        for inner in walk(body):
            handed = set(assigned(inner)) & rounds.reads & self.module.threaded  # what a call gives back
            name = min(handed) if handed else inner.base if isinstance(inner, (Append, Pop)) else ""
            if handed or (isinstance(inner, (Append, Pop)) and inner.target.text in rounds.reads):
                self.no(
                    s,
                    f"`{name}` becomes longer or shorter while the loop goes over it",
                    "Loop over a copy, or count: `while i < len(xs):`.",
                )

    unrolling: int
    picked: set[str]  # indices that elements changed in place are written through

    def target_names(self, target: ast.expr) -> list[str]:
        return [self.variable(n.id) for n in ast.walk(target) if isinstance(n, ast.Name)]

    def text_for(self, target: ast.expr) -> str:
        """The loop target as emitted."""
        if isinstance(target, ast.Name):
            return self.variable(target.id)
        if isinstance(target, (ast.Tuple, ast.List)):
            inner = [self.text_for(e) for e in target.elts]
            return ", ".join(f"({t})" if "," in t else t for t in inner) + ("," if len(inner) == 1 else "")
        self.no(target, "a loop variable must be a name", "Assign inside the loop.")

    def with_own_targets(self, s: ast.For, clash: Collection[str]) -> ast.For:
        """A loop variable that the body overwrites gets a variable of its own for the header."""
        if not clash:
            return s
        s = copy.copy(s)
        s.target = copy.deepcopy(s.target)
        first: list[ast.stmt] = []
        for n in ast.walk(s.target):
            if isinstance(n, ast.Name) and n.id in clash:
                new = self.fresh(n.id)
                self.frame.locals.add(new)
                self.changes_too(n.id, new)
                set_it = ast.Assign([ast.Name(n.id, ast.Store())], ast.Name(new, ast.Load()))
                ast.copy_location(set_it, s)
                ast.fix_missing_locations(set_it)
                set_it.made = True  # type: ignore[attr-defined]
                first.append(set_it)
                n.id = new
        s.body = [*first, *s.body]
        return s

    def with_whole_keys(self, s: ast.For) -> ast.For:
        """A key of a dict that the header takes apart gets a variable of its own, taken apart in the body."""
        keyed = isinstance(s.iter, ast.Call) and not s.iter.args and isinstance(s.iter.func, ast.Attribute)
        if keyed and not (isinstance(s.target, ast.Tuple) and s.iter.func.attr == "items"):  # type: ignore[attr-defined]
            return s
        whole = s.iter.func.value if keyed else s.iter  # type: ignore[attr-defined]
        parts = s.target.elts[0] if keyed else s.target  # type: ignore[attr-defined]
        if not isinstance(parts, (ast.Tuple, ast.List)) or not isinstance(whole, (ast.Name, ast.Subscript)):
            return s
        if not isinstance(self.expr(whole).kind, (Dict, Table)):
            return s
        key = self.fresh("key")
        self.frame.locals.add(key)
        apart = placed(ast.Assign([parts], ast.Name(key, ast.Load())), s)
        s = copy.copy(s)
        s.body = [apart, *s.body]
        name = ast.Name(key, ast.Store())
        s.target = ast.Tuple([name, s.target.elts[1]], ast.Store()) if keyed else name  # type: ignore[attr-defined]
        placed(s, s)
        return s

    def protected(self, rounds: Rounds, stored: Collection[str], s: ast.For) -> Rounds:
        """Count and iterable as they are when the loop starts, if its body overwrites what they are made
        of.
        """
        clash = ({self.variable(n) for n in stored} | self.module.rebound) & rounds.reads
        if not clash:
            return rounds
        read = [n for n in ast.walk(s.iter) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        names = {n.id for n in read if self.find(n).reads & clash}
        new = copy.deepcopy(s.iter)
        made: dict[str, str] = {}
        for n in ast.walk(new):
            if isinstance(n, ast.Name) and n.id in names:
                if n.id not in made:
                    made[n.id] = self.bind(n.id, self.expr(n)).text
                    self.frame.locals.add(made[n.id])
                n.id = made[n.id]
        return self.rounds(s.target, new)

    def nothing_in(self, it: ast.expr) -> bool:
        """A loop over a list that is always empty: its body says nothing of what the elements would be."""
        if not isinstance(it, (ast.Name, ast.Subscript)):
            return False
        whole = self.expr(it)
        if whole.kind != List(BOTTOM):
            return False
        text = f'assert not {whole.text}, "this list was empty when the code was differentiated"'
        self.out.append(Effect(self.origin, text, whole.reads))
        return True


def _grouped(target: str) -> str:
    return f"({target})" if "," in target else target
