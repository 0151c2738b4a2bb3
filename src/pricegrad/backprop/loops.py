"""Read loops: what numbers their rounds, which variables are elements of what, and how to go backwards."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from . import expr as ex
from . import typing_rules as ty
from .calls import Calls
from .expr import Expr
from .frame import Env, Val, merge
from .ir import Block, Let, Loop, Origin, changed, walk
from .kinds import BOTTOM, INT, Array, Dict, Kind, Known, List, Table, Tuple, is_real, join


@dataclass
class Rounds:
    """How a `for` goes: its iterable as code, its index, elements by target, and the way back."""

    code: str
    reads: frozenset[str]
    count: str
    backwards: str = ""
    index: str = ""
    index_node: ast.expr | None = None  # the user's target that is the index itself
    index_kind: Kind = INT
    elements: list[tuple[ast.expr, Callable[[Expr], Expr]]] = field(default_factory=list)


class Loops(Calls):
    """Reads `for`, `while` and comprehensions."""

    breaks: list[list[Env]]

    def block(self, stmts: list[ast.stmt], given: dict[str, Expr] | None = None) -> Block:
        raise NotImplementedError

    def set_to(self, target: ast.expr, value: Expr, text: str) -> None:
        raise NotImplementedError

    def changed_in(self, body: list[ast.stmt]) -> set[str]:
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
        self.settle_names({n.id for n in inside if isinstance(n.ctx, ast.Store)})

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
        self.env = None if endless else dict(head)
        for env in breaks:
            self.env = merge(self.env, env, join)
        return test, body

    # ------------------------------------------------------------------ for

    def do_For(self, s: ast.For) -> None:
        origin = self.origin
        stored = {
            n.id
            for b in s.body
            for n in ast.walk(b)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        targets = {n.id for n in ast.walk(s.target) if isinstance(n, ast.Name)}
        self.settle_names(stored | targets)
        if self.unrolled(s):
            return
        s = self.with_own_targets(s, stored & targets)
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
                self.set_to(target, value(index), "")
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
                rounds.backwards or f"range({_minus_one(rounds.count)}, -1, -1)",
            )
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
                set_it = ast.Assign([ast.Name(n.id, ast.Store())], ast.Name(new, ast.Load()))
                ast.copy_location(set_it, s)
                ast.fix_missing_locations(set_it)
                set_it.made = True  # type: ignore[attr-defined]
                first.append(set_it)
                n.id = new
        s.body = [*first, *s.body]
        return s

    def protected(self, rounds: Rounds, stored: Collection[str], s: ast.For) -> Rounds:
        """Count and iterable as they are when the loop starts, if its body overwrites what they are made
        of.
        """
        clash = {self.variable(n) for n in stored} & rounds.reads
        if not clash:
            return rounds
        names = {n.id for n in ast.walk(s.iter) if isinstance(n, ast.Name) and self.variable(n.id) in clash}
        new = copy.deepcopy(s.iter)
        made: dict[str, str] = {}
        for n in ast.walk(new):
            if isinstance(n, ast.Name) and n.id in names:
                if n.id not in made:
                    made[n.id] = self.bind(n.id, self.expr(n)).text
                    self.frame.locals.add(made[n.id])
                n.id = made[n.id]
        return self.rounds(s.target, new)

    def unrolled(self, s: ast.For) -> bool:
        """A loop over a tuple of different things (functions, say) is written out."""
        if not isinstance(s.iter, (ast.Tuple, ast.List, ast.Name)):
            return False
        whole = self.expr(s.iter)
        items = whole.args if whole.op in ("tuple", "list") else ()
        if not items or not any(a.op == "known" for a in items):
            return False
        if any(isinstance(n, ast.Break) for b in s.body for n in ast.walk(b)):
            self.no(s, "a loop over functions with a `break` is not differentiated")
        for a in items:
            self.unrolling += 1
            self.set_to(s.target, a, "")
            self.unrolling -= 1
            for b in copy.deepcopy(s.body):
                self.stmt(b)
        return True

    def rounds(self, target: ast.expr, it: ast.expr) -> Rounds:
        """How to go over `it`."""
        if isinstance(it, ast.Call):
            func = self.expr(it.func)
            name = getattr(func.kind.obj, "__name__", "") if isinstance(func.kind, Known) else ""
            if name in ("range", "enumerate", "zip", "reversed") and func.op == "known":
                return getattr(self, "rounds_" + name)(target, it)  # type: ignore[no-any-return]
            if func.op == "method" and isinstance(func.args[0].kind, (Dict, Table)) and not it.args:
                return self.rounds_dict(target, func.args[0], str(func.extra))
        whole = self.expr(it)
        if isinstance(whole.kind, (Dict, Table)):
            return self.rounds_dict(target, whole, "keys")
        if whole.kind == ty.RANGE_KIND or (
            not isinstance(whole.kind, (List, Tuple, Array)) and whole.kind != BOTTOM
        ):
            if whole.active:
                self.no(
                    it,
                    f"cannot tell what `{whole.text}` gives when iterated",
                    "Loop over a list or an array.",
                )
            whole = Expr("opaque", (whole,), ("list(", ")"), ex.ATOM, List(ty.element(whole.kind)))
        if whole.op != "name":
            whole = self.bind("items", whole)
        return Rounds(
            whole.text,
            whole.reads,
            f"len({whole.text})",
            elements=[(target, self.taking(whole))],
        )

    def taking(self, whole: Expr) -> Callable[[Expr], Expr]:
        return lambda index: self.element(whole, index)

    def element(self, whole: Expr, index: Expr) -> Expr:
        kind = ty.element(whole.kind)
        return Expr("index", (whole, index), ("", "[", "]"), ex.ATOM, kind, whole.active and is_real(kind))

    def rounds_range(self, target: ast.expr, it: ast.Call) -> Rounds:
        args = [self.expr(a) for a in it.args]
        for node, a in zip(it.args, args, strict=True):
            if a.active:
                self.no(node, "the number of rounds depends on what is differentiated", "Use int(...) of it.")
        texts = [a.text for a in args]
        reads = frozenset().union(*(a.reads for a in args))
        if len(args) == 1:
            back = f"range({_minus_one(texts[0])}, -1, -1)"
        elif len(args) == 2:
            back = f"range({_minus_one(texts[1])}, {_minus_one(texts[0])}, -1)"
        else:
            back = f"range({', '.join(texts)})[::-1]"
        code = f"range({', '.join(texts)})"
        out = Rounds(code, reads, f"len({code})", back)
        if isinstance(target, ast.Name):
            out.index, out.index_node = self.variable(target.id), target
        else:
            self.no(target, "a loop over range has one variable")
        return out

    def rounds_enumerate(self, target: ast.expr, it: ast.Call) -> Rounds:
        if not isinstance(target, (ast.Tuple, ast.List)) or len(target.elts) != 2:
            self.no(target, "enumerate gives a number and an element", "Write `for i, x in enumerate(xs)`.")
        number, inner = target.elts
        if it.keywords:
            it = ast.copy_location(ast.Call(it.func, [*it.args, *(k.value for k in it.keywords)], []), it)
        out = self.rounds(inner, it.args[0])
        if out.index_node is not None or out.backwards:
            self.no(it, "enumerate over this is not differentiated", "Count in a variable of your own.")
        start = f", {self.expr(it.args[1]).text}" if len(it.args) > 1 else ""
        out.code = f"enumerate({out.code}{start})"
        if isinstance(number, ast.Name) and not start:
            out.index, out.index_node = self.variable(number.id), number
        else:
            shift = self.expr(it.args[1]) if start else ex.const("0", INT)
            out.reads |= shift.reads
            out.elements.insert(0, (number, lambda i: ex.binary("add", "+", i, shift, INT)))
        return out

    def rounds_zip(self, target: ast.expr, it: ast.Call) -> Rounds:
        targets = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        if len(targets) != len(it.args):
            self.no(target, f"zip gives {len(it.args)} elements a round", "Name each of them.")
        parts = [self.rounds(t, a) for t, a in zip(targets, it.args, strict=True)]
        for p, a in zip(parts, it.args, strict=True):
            if p.index_node is not None and isinstance(a, ast.Call):
                whole = self.bind(
                    "items", Expr("opaque", (), (f"list({p.code})",), ex.ATOM, List(INT), hidden=p.reads)
                )
                assert p.index_node is not None
                p.elements = [(p.index_node, self.taking(whole))]
                p.code, p.reads, p.count = whole.text, whole.reads, f"len({whole.text})"
            elif p.backwards:
                self.no(a, "zip over this is not differentiated", "Loop over an index.")
        reads = frozenset().union(*(p.reads for p in parts))
        counts = [p.count for p in parts]
        count = counts[0] if len(set(counts)) == 1 else f"min({', '.join(counts)})"
        out = Rounds(f"zip({', '.join(p.code for p in parts)})", reads, count)
        out.elements = [e for p in parts for e in p.elements]
        return out

    def rounds_reversed(self, target: ast.expr, it: ast.Call) -> Rounds:
        inner = it.args[0]
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "range":
            out = self.rounds_range(target, inner)
            out.code, out.backwards = out.backwards, out.code
            return out
        whole = self.expr(inner)
        if whole.op != "name":
            whole = self.bind("items", whole)
        if isinstance(whole.kind, Tuple):
            kind: Kind = Tuple(whole.kind.items[::-1])
        elif isinstance(whole.kind, (List, Array)) or whole.kind == BOTTOM:
            kind = whole.kind
        else:
            self.no(it, "cannot tell what is reversed here", "Loop over xs[::-1].")
        step = Expr(
            "slice",
            (),
            ("::-1",),
            ex.ATOM,
            ty.UNKNOWN,
            extra=(("none", None), ("none", None), ("literal", -1)),
        )
        turned = Expr("index", (whole, step), ("", "[", "]"), ex.ATOM, kind, whole.active)
        items = self.bind("items", turned)
        return Rounds(
            items.text,
            items.reads,
            f"len({items.text})",
            elements=[(target, lambda i: self.element(items, i))],
        )

    def rounds_dict(self, target: ast.expr, whole: Expr, view: str) -> Rounds:
        """Over the keys, values or items of a dict, numbered by its keys."""
        if whole.op != "name":
            whole = self.bind("table", whole)
        value_kind: Kind = BOTTOM if not isinstance(whole.kind, Table) else whole.kind.value
        if isinstance(whole.kind, Dict):
            value_kind = ty.element(Tuple(tuple(k for _, k in whole.kind.items)))

        def value(key: Expr) -> Expr:
            return Expr(
                "index",
                (whole, key),
                ("", "[", "]"),
                ex.ATOM,
                value_kind,
                whole.active and is_real(value_kind),
            )

        key_kind = ty.element(whole.kind) if isinstance(whole.kind, Dict) else ty.UNKNOWN
        out = Rounds(
            whole.text if view == "keys" else f"{whole.text}.{view}()", whole.reads, "", index_kind=key_kind
        )
        out.backwards = f"reversed({whole.text})"
        if view == "keys" and isinstance(target, ast.Name):
            out.index, out.index_node = self.variable(target.id), target
        elif (
            view == "items"
            and isinstance(target, (ast.Tuple, ast.List))
            and isinstance(target.elts[0], ast.Name)
        ):
            out.index, out.index_node = self.variable(target.elts[0].id), target.elts[0]
            out.elements = [(target.elts[1], value)]
        elif view == "values":
            key = self.fresh("key")
            out.index, out.code = key, f"{whole.text}.items()"
            self.no(target, "looping over .values() is not differentiated", "Loop over .items().")
        else:
            self.no(
                target, "this loop over a dict is not differentiated", "Write `for key, value in d.items()`."
            )
        return out

    # ------------------------------------------------------------------ comprehensions

    def read_ListComp(self, node: ast.ListComp) -> Expr:
        return self.comprehension(node)

    def read_GeneratorExp(self, node: ast.GeneratorExp) -> Expr:
        return self.comprehension(node)

    def read_DictComp(self, node: ast.DictComp) -> Expr:
        """A dict comprehension, as the loop it stands for."""
        name = self.fresh("table")
        place = ast.Subscript(ast.Name(name, ast.Load()), node.key, ast.Store())
        return self.collected(
            node,
            name,
            ast.Assign([place], node.value),
            Expr("dict", (), ("{}",), ex.ATOM, Table(BOTTOM), extra=[]),
        )

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Expr:
        """A list comprehension, as the loop it stands for."""
        name = self.fresh("items")
        append = ast.Call(ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load()), [node.elt], [])
        return self.collected(node, name, ast.Expr(append), Expr("list", (), ("[]",), ex.ATOM, List(BOTTOM)))

    def collected(
        self, node: ast.ListComp | ast.GeneratorExp | ast.DictComp, name: str, body: ast.stmt, empty: Expr
    ) -> Expr:
        """`name` filled by `body`, once for each round of the comprehension."""
        self.frame.locals.add(name)
        generators = [copy.copy(g) for g in node.generators]
        bound = {n.id for g in generators for n in ast.walk(g.target) if isinstance(n, ast.Name)}
        first = generators[0].iter
        if bound & {n.id for n in ast.walk(first) if isinstance(n, ast.Name)}:
            source = self.bind("items", self.expr(first)).text
            self.frame.locals.add(source)
            generators[0].iter = ast.copy_location(ast.Name(source, ast.Load()), first)
        saved, given, outer = dict(self.frame.rename), dict(self.frame.given), set(self.frame.locals)
        for g in reversed(generators):
            for test in reversed(g.ifs):
                body = ast.If(test, [body], [])
            body = ast.For(g.target, g.iter, [body], [])
        for n in ast.walk(body):
            if isinstance(n, (ast.expr, ast.stmt)) and not hasattr(n, "lineno"):
                ast.copy_location(n, node)
                n.made = True  # type: ignore[union-attr]
        self.assign(name, empty)
        for b in sorted(bound):
            self.frame.given.pop(b, None)
            if b in outer or b in self.module.names.taken:
                self.frame.rename[b] = self.fresh(b)
            self.frame.locals.add(b)
        origin = self.origin
        self.stmt(body)
        self.origin = origin
        self.frame.rename, self.frame.locals, self.frame.given = saved, outer, given
        val = self.val(name)
        return ex.name(name, val.kind, val.active)


def _minus_one(text: str) -> str:
    """The code of `text` - 1."""
    if text.lstrip("-").isdigit():
        return str(int(text) - 1)
    if text.endswith(" + 1") and text.count("(") == text.count(")") and "if" not in text:
        return text[: -len(" + 1")]
    return (
        f"{text} - 1"
        if text.replace("_", "a").replace("(", "").replace(")", "").replace(".", "").isalnum()
        else f"({text}) - 1"
    )


def _grouped(target: str) -> str:
    return f"({target})" if "," in target else target


__all__ = ["Loops", "Origin", "changed", "walk"]
