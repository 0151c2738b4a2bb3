"""Read statements for given kinds of arguments: flat scope, known kinds, calls followed."""

from __future__ import annotations

import ast
from typing import Any

from . import expr as ex
from . import source as src
from . import typing_rules as ty
from .changes import Changes
from .expr import Expr
from .frame import Env, Frame, Val
from .ir import Block, Break, Effect, Let, Origin, Return
from .kinds import (
    BOTTOM,
    NONE,
    Array,
    Kind,
    Known,
    List,
    Tuple,
    is_mutable,
    join,
)
from .known_calls import item
from .module import Module
from .paths import element, root

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%",
              ast.FloorDiv: "//", ast.MatMult: "@"}  # fmt: skip


class Specialiser(Changes):
    """Reads a whole function."""

    def __init__(self, module: Module, frame: Frame) -> None:
        super().__init__(module, frame)
        self.stack: list[Any] = []
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
        self.walruses(s)
        getattr(self, "do_" + type(s).__name__, self.do_other)(s)
        if self.frame.walruses and self.env is not None and not isinstance(s, ast.Return):
            self.after_walruses()

    def do_other(self, s: ast.stmt) -> None:
        self.no(s, f"`{type(s).__name__.lower()}` is not differentiated")

    # ------------------------------------------------------------------ assignments

    def do_Assign(self, s: ast.Assign) -> None:
        value = self.value_of(s.value)
        targets = s.targets
        if len(targets) > 1 and value.op not in ("name", "const", "known"):
            first = next((t for t in targets if isinstance(t, ast.Name)), None)
            if first is not None:
                self.set_to(first, value, "")
                targets = [t for t in targets if t is not first]
                value = self.expr(ast.Name(first.id, ast.Load()))
            else:
                value = self.bind("value", value)
        for target in targets:
            whole = len(s.targets) == 1 and not hasattr(s, "made")
            self.set_to(target, value, self.text_of(s) if whole else "")

    def do_AnnAssign(self, s: ast.AnnAssign) -> None:
        if s.value is not None:
            self.set_to(s.target, self.value_of(s.value), "")

    def text_of(self, s: ast.stmt) -> str:
        """The user's own line, when nothing in it was renamed."""
        return ""

    def value_of(self, node: ast.expr) -> Expr:
        return self.expr(node)

    def set_to(self, target: ast.expr, value: Expr, text: str) -> None:
        """target = value."""
        match target:
            case ast.Name(id=name):
                variable = self.variable(name)
                if any(a.op == "known" for a in value.args) and value.op in ("list", "tuple", "dict"):
                    args = tuple(a if a.op in ("known", "const") else self.bind(name, a) for a in value.args)
                    self.frame.given[name] = Expr(
                        value.op, args, value.pieces, value.prec, value.kind, value.active, value.extra
                    )
                    return
                if value.op in ("either", "partial"):
                    self.frame.given[name] = value
                    return
                if self.is_alias(variable, name, value):
                    self.settle(variable)
                    self.frame.given[name] = value
                    self.frame.aliases.add(name)
                    return
                self.frame.given.pop(name, None)
                self.frame.aliases.discard(name)
                if value.op == "known":
                    assert self.env is not None
                    old = self.env.get(variable)
                    if old is not None and old.kind != value.kind and not self.unrolling:
                        self.no(
                            target, f"`{name}` is a function that changes", "Use one name for each function."
                        )
                    self.env[variable] = Val(value.kind)
                    self.frame.given[name] = value
                    return
                self.assign(variable, value, text)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                self.unpack(target, elts, value)
            case ast.Subscript():
                self.store(target, value)
            case ast.Attribute():
                self.no(
                    target,
                    "an attribute is written",
                    "Objects are only read: keep the number in a variable of its own.",
                )
            case _:
                self.no(target, f"assignment to `{ast.unparse(target)}` is not differentiated")

    def unpack(self, target: ast.expr, elts: list[ast.expr], value: Expr) -> None:
        """a, b = ..."""
        if any(isinstance(e, ast.Starred) for e in elts):
            return self.unpack_starred(target, elts, value)
        if value.op in ("tuple", "list") and not isinstance(value.extra, dict):
            values = list(value.args)
        else:
            if value.op != "name":
                value = self.bind("items", value)
            n = len(value.kind.items) if isinstance(value.kind, Tuple) else len(elts)
            if value.kind == BOTTOM:
                values = [Expr("opaque", (value,), ("", f"[{i}]"), ex.ATOM, BOTTOM) for i in range(n)]
            elif isinstance(value.kind, Tuple):
                values = [item(value, i) for i in range(n)]
            else:
                values = [element(value, str(i), i) for i in range(n)]
        if len(values) != len(elts):
            self.no(target, f"{len(values)} values for {len(elts)} names")
        names = [self.variable(e.id) for e in elts if isinstance(e, ast.Name)]
        if len(names) < len(elts):
            values = [v if v.op == "const" else self.bind("item", v) for v in values]
            for e, v in zip(elts, values, strict=True):
                self.set_to(e, v, "")
            return None
        if any(v.op == "known" for v in values):
            for e, v in zip(elts, values, strict=True):
                self.set_to(e, v, "")
            return None
        for target_name in names:
            self.settle(target_name)
        for e in elts:
            self.frame.given.pop(e.id, None)  # type: ignore[attr-defined]
            self.frame.aliases.discard(e.id)  # type: ignore[attr-defined]
        values = [
            self.bind("item", v)
            if root(v) in self.may_change() and v.op != "name" and is_mutable(v.kind)
            else v
            for v in values
        ]
        self.out.append(Let(self.origin, tuple(names), tuple(values), tuple(v.kind for v in values)))
        assert self.env is not None
        for bound, v in zip(names, values, strict=True):
            self.env[bound] = Val(v.kind, v.active)

    def unpack_starred(self, target: ast.expr, elts: list[ast.expr], value: Expr) -> None:
        """first, *rest = ..."""
        kind = value.kind
        at = next(i for i, e in enumerate(elts) if isinstance(e, ast.Starred))
        after = len(elts) - at - 1
        if value.op not in ("tuple", "list") or isinstance(value.extra, dict):
            if value.op != "name":
                value = self.bind("items", value)
            if isinstance(kind, List):
                return self.unpack_list(elts, value, at, after)
            if not isinstance(kind, Tuple):
                self.no(target, "a starred target needs a list or a tuple", "Index instead.")
            parts = [item(value, i) for i in range(len(kind.items))]
        else:
            parts = list(value.args)
        middle = parts[at : len(parts) - after]
        pieces = ("[", *[", "] * (len(middle) - 1), "]") if middle else ("[]",)
        inner: Kind = BOTTOM
        for p in middle:
            inner = join(inner, p.kind)
        rest = Expr("list", tuple(middle), pieces, ex.ATOM, List(inner), any(p.active for p in middle))
        values = [*parts[:at], rest, *parts[len(parts) - after :]]
        plain = [e.value if isinstance(e, ast.Starred) else e for e in elts]
        values = [v if v.op == "const" else self.bind("item", v) for v in values]
        for e, v in zip(plain, values, strict=True):
            self.set_to(e, v, "")

    def unpack_list(self, elts: list[ast.expr], value: Expr, at: int, after: int) -> None:
        """first, *rest, last = xs of a list."""
        for i, e in enumerate(elts):
            if isinstance(e, ast.Starred):
                stop = str(-after) if after else ""
                part = Expr("slice", (), (f"{at or ''}:{stop}",), ex.ATOM, ty.UNKNOWN, extra=(("?", 0),) * 3)
                v = Expr("index", (value, part), ("", "[", "]"), ex.ATOM, value.kind, value.active)
                self.set_to(e.value, v, "")
            else:
                k = i if i < at else i - len(elts)
                self.set_to(e, element(value, str(k), k), "")

    # ------------------------------------------------------------------ other statements

    def do_Expr(self, s: ast.Expr) -> None:
        if isinstance(s.value, ast.Constant):
            return None
        if isinstance(s.value, ast.Call) and isinstance(s.value.func, ast.Attribute):
            base = self.expr(s.value.func.value)
            if isinstance(base.kind, List) or base.kind == BOTTOM:
                return self.list_method(s.value, base, s.value.func.attr)
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
                self.no(s, f".{s.value.func.attr} is not differentiated")
        value = self.effect(s.value)
        self.out.append(Effect(self.origin, value.text, value.reads))

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
        if s.decorator_list:
            self.no(s.decorator_list[0], "a decorated inner function is not followed", "Define it outside.")
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
