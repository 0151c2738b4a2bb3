"""Read statements for given kinds of arguments: flat scope, known kinds, calls followed."""

from __future__ import annotations

import ast
import functools
from types import FunctionType
from typing import Any

from pricegrad.errors import SourceError

from . import expr as ex
from . import source as src
from .assignments import Assignments
from .effects import changes_given
from .expr import Expr
from .frame import Closure, Env, Frame, Val
from .ir import Block, Break, Effect, Origin, Return
from .kinds import (
    BOTTOM,
    NONE,
    Array,
    Dict,
    Kind,
    Known,
    List,
    Record,
    Table,
    is_mutable,
)
from .lowering import placed
from .module import Module, canonical


class Specialiser(Assignments):
    """Reads a whole function."""

    def __init__(self, module: Module, frame: Frame) -> None:
        super().__init__(module, frame)
        self.stack: list[tuple[Any, Frame | None]] = []
        self.callers: list[Frame] = []
        self.bound_outside: set[str] = set()
        self.key: Any = None
        self.parameters: set[str] = set()
        self.result_kinds: list[tuple[Kind, bool]] = []
        self.picked: set[str] = set()
        self.unrolling = 0
        self.breaks: list[list[Env]] = []

    # ------------------------------------------------------------------ blocks

    def block(self, stmts: list[ast.stmt], given: dict[str, Expr] | None = None) -> Block:
        """Read a block into a list of its own. `given`: what names stood for before, if it is a part of the
        code.
        """
        saved, self.out = self.out, []
        for s in stmts:
            if self.env is None:
                break
            self.stmt(s)
        if given is not None and self.env is not None:
            self.rejoin(given)
        out, self.out = self.out, saved
        return out

    def body(self, stmts: list[ast.stmt], source: src.Source) -> Expr:
        """The body of an inlined function; what it returns."""
        frame = self.frame
        if stmts and isinstance(stmts[-1], ast.Return):
            for s in stmts[:-1]:
                self.stmt(s)
            last = stmts[-1]
            self.place(last)
            if last.value is None:
                return Expr("const", (), ("None",), ex.ATOM, NONE)
            return self.expr(last.value)
        frame.result = self.fresh(source.name if source.name.isidentifier() else "value")
        for s in stmts:
            self.stmt(s)
        self.env = self.env if self.env is not None else {}
        val = self.val(frame.result)
        if isinstance(val.kind, Known):
            return Expr("known", (), (frame.result,), ex.ATOM, val.kind)
        if frame.result not in self.env:
            return Expr("const", (), ("None",), ex.ATOM, NONE)
        return ex.name(frame.result, val.kind, val.active)

    def place(self, s: ast.stmt) -> None:
        """Remember where we are, for comments."""
        source = self.frame.source
        text = " ".join(source.line(s.lineno).split("#")[0].split())
        end = getattr(s, "end_lineno", s.lineno) or s.lineno
        simple = isinstance(s, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return))
        if simple and not hasattr(s, "made") and (end != s.lineno or ";" in text or text.startswith("def ")):
            text = source.cut(s, [])[0]  # type: ignore[arg-type]
        if isinstance(source.tree, ast.Lambda) and isinstance(s, ast.Return) and s.value is not None:
            text = "return " + source.cut(s.value, [])[0]
        self.origin = Origin(s.lineno, text.strip(), self.frame.source.file)

    def stmt(self, s: ast.stmt) -> None:
        """Read one statement."""
        self.place(s)
        self.statement = s
        getattr(self, "do_" + type(s).__name__, self.do_other)(s)

    def do_other(self, s: ast.stmt) -> None:
        self.no(s, f"`{type(s).__name__.lower()}` is not differentiated")

    # ------------------------------------------------------------------ other statements

    def do_Expr(self, s: ast.Expr) -> None:
        if isinstance(s.value, ast.Constant):
            return None
        if isinstance(s.value, (ast.IfExp, ast.BoolOp)):
            return self.stmt(chosen(s))
        if isinstance(s.value, ast.Call) and self.changes_in_place(s.value):
            return None
        if isinstance(s.value, ast.Call) and isinstance(s.value.func, ast.Attribute):
            base = self.expr(s.value.func.value)
            if isinstance(base.kind, List) or base.kind == BOTTOM:
                return self.list_method(s.value, base, s.value.func.attr)
            if isinstance(base.kind, (Dict, Table)) and s.value.func.attr == "add" and len(s.value.args) == 1:
                entry = ast.Subscript(s.value.func.value, s.value.args[0], ast.Store())
                return self.stmt(placed(ast.Assign([entry], ast.Constant(True)), s))
            if isinstance(base.kind, (Dict, Table)) and s.value.func.attr == "update":
                return self.update(s.value, s.value.func.value)
            if isinstance(base.kind, Array) and s.value.func.attr in (
                "fill",
                "sort",
                "resize",
                "put",
                "itemset",
            ):
                self.no(
                    s, f".{s.value.func.attr} changes the array in place", "Assign with x[...] = ... instead."
                )
            if is_mutable(base.kind):
                self.no(s, f".{s.value.func.attr} is not differentiated", "Assign the entries one by one.")
            if base.op == "name" and s.value.func.attr in ("add", "discard", "remove") and is_set(base.kind):
                self.no(
                    s,
                    f"the set `{base.text}` is changed, and the way back would see it as it is at the end",
                    "Keep what is in it as a list of bools, one for each possible entry.",
                )
        if isinstance(s.value, ast.Call) and self.followed(s.value):
            return None
        value = self.effect(s.value)
        self.out.append(Effect(self.origin, value.text, value.reads))

    def update(self, node: ast.Call, table: ast.expr) -> None:
        """d.update(other, key=value), entry by entry."""
        given: list[tuple[ast.expr | None, ast.expr]] = [(None, a) for a in node.args]
        given += [(ast.Constant(k.arg) if k.arg else None, k.value) for k in node.keywords]
        for key, value in given:
            origin = self.origin
            for s in self.entries(table, key, value, node):
                self.stmt(s)
            self.origin = origin

    def followed(self, node: ast.Call) -> bool:
        """A call of the user's own function, for what it changes; its value is not used.

        What cannot be followed and changes nothing here (it logs, say) is called as it stands.
        """
        func = self.expr(node.func)
        obj = func.kind.obj if isinstance(func.kind, Known) else None
        changes = func.op == "method" and isinstance(obj, FunctionType) and changes_given(obj)
        if isinstance(obj, Closure) or changes:
            self.expr(node)
            return True
        if not isinstance(obj, FunctionType) or canonical(obj) or func.op not in ("known", "method"):
            return False
        env, given, length = dict(self.env or {}), dict(self.frame.given), len(self.out)
        try:
            self.expr(node)
        except SourceError:
            self.env, self.frame.given = env, given
            del self.out[length:]
            return False
        return True

    def effect(self, node: ast.expr) -> Expr:
        """An expression whose value is not used; derivatives stop here."""
        env, self.env = self.env, {k: Val(v.kind) for k, v in (self.env or {}).items()}
        try:
            return (
                self.expr(node)
                if isinstance(node, ast.Call) and self.is_print(node)
                else self.opaque_call(node)
            )
        finally:
            self.env = env

    def is_print(self, node: ast.Call) -> bool:
        return (
            isinstance(node.func, ast.Name) and node.func.id == "print" and "print" not in self.frame.locals
        )

    def opaque_call(self, node: ast.expr) -> Expr:
        if isinstance(node, ast.Call):
            func = self.expr(node.func)
            obj = func.kind.obj if isinstance(func.kind, Known) else None
            name = getattr(obj, "__name__", "")
            if any(is_mutable(self.expr(a).kind) for a in node.args if isinstance(a, ast.Name)):
                self.no(
                    node,
                    f"`{name or ast.unparse(node.func)}` may change its argument",
                    "Return the new value instead.",
                )
        return self.opaque(node)

    def do_Assert(self, s: ast.Assert) -> None:
        env, self.env = self.env, {k: Val(v.kind) for k, v in (self.env or {}).items()}
        test = self.expr(s.test)
        self.env = env
        message = f", {self.frame.source.cut(s.msg, [])[0]}" if s.msg is not None else ""
        self.out.append(Effect(self.origin, f"assert {test.text}{message}", test.reads))

    def do_Raise(self, s: ast.Raise) -> None:
        env, self.env = self.env, {k: Val(v.kind) for k, v in (self.env or {}).items()}
        what = self.opaque(s.exc) if s.exc is not None else Expr("const", (), ("",), ex.ATOM, NONE)
        self.env = env
        self.out.append(Effect(self.origin, f"raise {what.text}".strip(), what.reads))
        self.env = None

    def do_Nonlocal(self, s: ast.Nonlocal) -> None:
        pass

    def do_Pass(self, s: ast.Pass) -> None:
        pass

    def do_Import(self, s: ast.Import | ast.ImportFrom) -> None:
        import importlib

        for alias in s.names:
            name = alias.asname or alias.name.split(".")[0]
            if isinstance(s, ast.ImportFrom):
                obj = getattr(importlib.import_module(s.module or ""), alias.name)
            else:
                obj = importlib.import_module(alias.name if alias.asname else alias.name.split(".")[0])
            self.frame.given[name] = Expr("known", (), (name,), ex.ATOM, Known(obj))

    do_ImportFrom = do_Import

    def do_FunctionDef(self, s: ast.FunctionDef) -> None:
        for d in s.decorator_list:
            kind = self.expr(d.func if isinstance(d, ast.Call) else d).kind
            if isinstance(kind, Known) and kind.obj in (functools.cache, functools.lru_cache):
                continue  # what is remembered is what would be computed again
            self.no(d, "a decorated inner function is not followed", "Define it outside.")
        closure = self.closure(s, s.name)
        self.set_to(ast.Name(s.name, ast.Store()), Expr("known", (), (s.name,), ex.ATOM, Known(closure)), "")

    def do_Break(self, s: ast.Break) -> None:
        assert self.env is not None
        self.breaks[-1].append(self.env)
        self.env = None
        self.out.append(Break(self.origin))

    def do_Return(self, s: ast.Return) -> None:
        value = Expr("const", (), ("None",), ex.ATOM, NONE) if s.value is None else self.expr(s.value)
        assert self.env is not None
        if self.frame.result:
            if value.op == "known":
                self.env[self.frame.result] = Val(value.kind)
            else:
                old = self.env.pop(self.frame.result, None)
                self.assign(self.frame.result, value)
                del old
            return
        self.result_kinds.append((value.kind, value.active))
        self.out.append(Return(self.origin, value))
        self.env = None


def chosen(s: ast.Expr) -> ast.stmt:
    """`f() if c else g()` and `c and f()` as statements."""
    e = s.value
    arms: tuple[ast.expr, ...]
    if isinstance(e, ast.IfExp):
        test, arms = e.test, (e.body, e.orelse)
    else:
        assert isinstance(e, ast.BoolOp)
        test, rest = e.values[0], e.values[1:]
        more = rest[0] if len(rest) == 1 else ast.BoolOp(e.op, rest)
        arms = (more, ast.Constant(None)) if isinstance(e.op, ast.And) else (ast.Constant(None), more)
    return placed(ast.If(test, [ast.Expr(arms[0])], [ast.Expr(arms[1])]), s)


def is_set(kind: Kind) -> bool:
    """May it be a set, of which only its methods tell?"""
    return not isinstance(kind, (Record, Known))
