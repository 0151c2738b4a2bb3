"""Read `if`, conditional expressions, `and`/`or` and `:=`."""

from __future__ import annotations

import ast
import copy

from pricegrad.errors import SourceError, did_you_mean

from . import expr as ex
from .aliases import Aliases
from .expr import Expr
from .frame import Env, Val, merge
from .ir import Block, Branch, Break, Let, Origin, walk
from .kinds import (
    BOOL,
    INT,
    Dict,
    Known,
    Tuple,
    join,
)
from .loops import Loops
from .paths import truth_of

FUNCTIONS = ("known", "either", "partial", "method", "by element")
Arm = tuple[dict[str, Expr], Block, Env | None]  # the functions at its end, its statements, what is known


class Choices(Aliases, Loops):
    """Reads what is evaluated on a condition."""

    # ------------------------------------------------------------------ branches

    def do_If(self, s: ast.If) -> None:
        test = self.test(s.test)
        truth = truth_of(test)
        if truth is not None:
            for inner in s.body if truth else s.orelse:
                if self.env is not None:
                    self.stmt(inner)
            return
        origin = Origin(s.lineno, self.origin.text, self.origin.file)
        env = dict(self.env or {})
        given = dict(self.frame.given)
        aliases = set(self.frame.aliases)
        then = self.block(s.body, given)
        after, self.env = self.env, dict(env)
        one = functions_among(self.frame.given)
        dropped = set(given) - set(self.frame.given) if after is not None else set()
        self.frame.given, self.frame.aliases = dict(given), aliases
        other = self.block(s.orelse, given)
        two = functions_among(self.frame.given)
        dropped |= set(given) - set(self.frame.given) if self.env is not None else set()
        self.settle_dropped(dropped, given, then, other, after)
        test = self.functions_after(s, test, given, (one, then, after), (two, other, self.env))
        self.env = merge(after, self.env, join)
        self.out.append(Branch(origin, test, then, other))

    def functions_after(self, s: ast.If, test: Expr, given: dict[str, Expr], a: Arm, b: Arm) -> Expr:
        """What the names of functions stand for after a branch; its test, in a variable if that tells."""
        before = functions_among(given)
        for n in sorted({*a[0], *b[0]}):
            one, two = a[0].get(n), b[0].get(n)
            if same_function(one, two):
                new = one
            elif a[2] is None or b[2] is None:
                ended, new = (a, two) if a[2] is None else (b, one)
                anew = ended[0].get(n) is not None and not same_function(ended[0].get(n), before.get(n))
                if anew and any(isinstance(inner, Break) for inner in walk(ended[1])):
                    self.no(s, f"`{n}` is a function that changes where a loop is left", "Use another name.")
            elif one is None or two is None:
                new = one or two
                if n in before or n in (self.env or {}):
                    self.no(s, f"`{n}` is a function on one path only", "Use one name for each thing.")
            elif {one.op, two.op} <= {"known", "either"}:
                flag = (
                    test
                    if test.op == "name" and test.text in self.module.unnamed
                    else self.bind("picked", test)
                )
                test = flag
                new = Expr("either", (), ("<either>",), ex.ATOM, Known(s), extra=(flag, one, two))
            else:
                self.no(s, f"`{n}` is a function that changes", "Use one name for each function.")
            if new is None:
                self.frame.given.pop(n, None)
            else:
                self.frame.given[n] = new
        return test

    def test(self, node: ast.expr) -> Expr:
        """A condition: nothing flows back through it, so any operation will do."""
        match node:
            case ast.BoolOp():
                return self.truths(node)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                a = self.test(inner)
                inner_truth = truth_of(a)
                known = None if inner_truth is None else not inner_truth
                return self.make(node, "not", [inner], [a], BOOL, False, ("truth", known))
        length = len(self.out)
        env = dict(self.env or {})
        try:
            return self.plain(self.expr(node))
        except SourceError:
            del self.out[length:]
            self.env = {k: Val(v.kind) for k, v in env.items()}
            out = self.plain(self.expr(node))
            self.env = {**self.env, **env}
            return out

    def truths(self, node: ast.BoolOp) -> Expr:
        """`and` and `or` in a condition; operands that need statements are evaluated only when reached."""
        args: list[Expr] = []
        for i, child in enumerate(node.values):
            saved, self.out = self.out, []
            env = dict(self.env or {})
            arg = self.test(child)
            late, self.out = self.out, saved
            if late and i:
                rest = ast.BoolOp(node.op, node.values[i:]) if i + 1 < len(node.values) else node.values[i]
                first = ast.BoolOp(node.op, node.values[:i]) if i > 1 else node.values[0]
                either = isinstance(node.op, ast.Or)
                stop = ast.Constant(either)
                new = ast.IfExp(first, stop if either else rest, rest if either else stop)
                for n in (new, stop, rest, first):
                    if not hasattr(n, "lineno"):
                        ast.copy_location(n, node)
                        n.made = True  # type: ignore[attr-defined]
                self.env = env
                return self.expr(new)
            self.out += late
            args.append(arg)
        known = [truth_of(a) for a in args]
        if isinstance(node.op, ast.And):
            truth = False if False in known else True if set(known) == {True} else None
        else:
            truth = True if True in known else False if set(known) == {False} else None
        return self.make(node, "bool", list(node.values), args, BOOL, False, ("truth", truth))

    def read_IfExp(self, node: ast.IfExp) -> Expr:
        """a if c else b: as a statement when a derivative flows through it."""
        test = self.test(node.test)
        truth = truth_of(test)
        if truth is not None:
            return self.expr(node.body if truth else node.orelse)
        picked = self.picks(node, test)
        if picked is not None:
            return picked
        env = dict(self.env or {})
        saved, self.out = self.out, []
        a = self.expr(node.body)
        then, self.out, after = self.out, [], self.env
        self.env = dict(env)
        b = self.expr(node.orelse)
        other, self.out = self.out, saved
        if not (a.active or b.active or then or other):
            self.env = env
            children = [node.body, node.test, node.orelse]
            return self.make(
                node, "ifexp", children, [self.plain(a), test, self.plain(b)], join(a.kind, b.kind), False
            )
        name = self.fresh("chosen")
        kind, active = join(a.kind, b.kind), a.active or b.active
        then.append(Let(self.origin, (name,), (a,), (kind,)))
        other.append(Let(self.origin, (name,), (b,), (kind,)))
        self.env = merge(after, self.env, join)
        assert self.env is not None
        self.env[name] = Val(kind, active)
        self.one_of((a, b), name)
        choice = Branch(self.origin, test, then, other)
        choice.chosen = name
        self.out.append(choice)
        return ex.name(name, kind, active)

    def picks(self, node: ast.IfExp, test: Expr) -> Expr | None:
        """f if c else g: a function picked while running."""
        if not all(map(may_be_function, (node.body, node.orelse))):
            return None
        env, length = dict(self.env or {}), len(self.out)
        a, b = self.expr(node.body), self.expr(node.orelse)
        if not {a.op, b.op} <= {"known", "either"}:
            del self.out[length:]
            self.env = env
            return None
        flag = self.bind("picked", test)
        return Expr("either", (), ("<either>",), ex.ATOM, Known(node), extra=(flag, a, b))

    def read_Subscript(self, node: ast.Subscript) -> Expr:
        """A part; of a list or a dict of functions, the one picked while running."""
        base = self.expr(node.value) if is_plain(node.value) else None
        held = functions_of(base) if base is not None else {}
        by_key = base is not None and isinstance(base.kind, Dict)
        if held and by_key and isinstance(node.slice, ast.Constant) and node.slice.value not in held:
            name = repr(node.slice.value)
            hint = did_you_mean(name.strip("'"), [str(key) for key in held]).strip()
            self.no(node.slice, f"`{ast.unparse(node.value)}` has no {name}", hint)
        if not held or isinstance(node.slice, (ast.Constant, ast.Slice)):
            return super().read_Subscript(node)
        index = self.index(node.slice)
        if index.op in ("const", "neg") and index.extra:
            return super().read_Subscript(node)
        places = {key: i for i, key in enumerate(held)}
        table = ex.const(repr(places if by_key else tuple(places.values())), Tuple((INT,) * len(held)))
        which = self.bind("which", Expr("index", (table, index), ("", "[", "]"), ex.ATOM, INT))
        *others, out = held.values()
        for i, f in reversed(list(enumerate(others))):
            flag = Expr("compare", (which,), ("", f" == {i}"), ex.COMPARE, BOOL)
            out = Expr("either", (), ("<either>",), ex.ATOM, Known(node), extra=(flag, f, out))
        return out

    def either(self, node: ast.Call, func: Expr) -> Expr:
        """A call of a function picked while running."""
        flag, a, b = func.extra
        names = []
        for e in (a, b):
            name = self.fresh("function")
            self.frame.given[name] = e
            names.append(name)
        test = self.fresh("test")
        self.frame.given[test] = flag
        new: list[ast.expr] = []
        for name in names:
            call = copy.copy(node)
            call.func = ast.copy_location(ast.Name(name, ast.Load()), node.func)
            call.made = True  # type: ignore[attr-defined]
            new.append(call)
        choice = ast.copy_location(
            ast.IfExp(ast.copy_location(ast.Name(test, ast.Load()), node), new[0], new[1]), node
        )
        choice.made = True  # type: ignore[attr-defined]
        return self.expr(choice)

    def read_BoolOp(self, node: ast.BoolOp) -> Expr:
        """`a or b`, `a and b`: where a number is chosen so, as the choice it is."""
        env, length = dict(self.env or {}), len(self.out)
        try:
            return super().read_BoolOp(node)
        except SourceError:
            self.env = env
            del self.out[length:]
        first, rest = node.values[0], node.values[1:]
        more = rest[0] if len(rest) == 1 else ast.copy_location(ast.BoolOp(node.op, rest), node)
        one = first
        if not isinstance(first, ast.Name):
            name = self.bind("chosen", self.expr(first)).text
            self.frame.locals.add(name)
            one = ast.copy_location(ast.Name(name, ast.Load()), node)
        arms = (one, more) if isinstance(node.op, ast.Or) else (more, one)
        choice = ast.copy_location(ast.IfExp(one, *arms), node)
        choice.made = more.made = True  # type: ignore[attr-defined]
        return self.expr(choice)

    def read_NamedExpr(self, node: ast.NamedExpr) -> Expr:
        value = self.expr(node.value)
        self.set_to(node.target, value, "")
        return self.expr(ast.Name(node.target.id, ast.Load()))


def may_be_function(node: ast.expr) -> bool:
    """A name, a lambda, or a choice between such."""
    if isinstance(node, ast.IfExp):
        return may_be_function(node.body) and may_be_function(node.orelse)
    return isinstance(node, (ast.Name, ast.Attribute, ast.Lambda))


def functions_among(given: dict[str, Expr]) -> dict[str, Expr]:
    """The names that stand for functions."""
    return {n: e for n, e in given.items() if e.op in FUNCTIONS}


def same_function(a: Expr | None, b: Expr | None) -> bool:
    """Is it one and the same?"""
    if a is None or b is None:
        return a is b
    return a is b or (a.op == b.op == "known" and a.kind == b.kind)


def is_plain(node: ast.expr) -> bool:
    """A name, or a display of names: to read it makes no statement."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Dict)):
        parts = node.values if isinstance(node, ast.Dict) else node.elts
        return all(isinstance(e, (ast.Name, ast.Attribute, ast.Lambda)) for e in parts)
    return isinstance(node, (ast.Name, ast.Attribute))


def functions_of(base: Expr) -> dict[object, Expr]:
    """The functions of which this is a list or a dict, by index or key; none if not all are functions."""
    if base.op in ("list", "tuple", "dict"):
        found = dict(zip(base.extra if base.op == "dict" else range(len(base.args)), base.args, strict=True))
        return found if all(f.op in ("known", "either") for f in found.values()) else {}
    match base.kind:
        case Tuple(items):
            held = list(enumerate(items))
        case Dict(pairs):
            held = list(pairs)
        case _:
            return {}
    if not all(isinstance(kind, Known) for _, kind in held):
        return {}
    return {key: ex.function_itself(kind) for key, kind in held if isinstance(kind, Known)}
