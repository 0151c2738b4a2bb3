"""Read calls of the user's own functions by following their source: in place, or as a pair."""

from __future__ import annotations

import ast
from typing import Any

from . import expr as ex
from . import source as src
from .effects import changed_names, grown_names, stored_names
from .expr import Expr
from .fence import check, own_statements
from .frame import Closure, Frame, local_names, nonlocals
from .generators import as_list
from .jumps import Structurer
from .kinds import STR, Dict, Known, Tuple, is_real
from .ordering import refers, twin
from .recursion import Recursion
from .values import kind_of


class NeedPair(Exception):  # noqa: N818
    """Raised when a function turns out to call itself: start again and make it a pair."""

    def __init__(self, key: Any) -> None:
        self.key = key


class Following(Recursion):
    """Reads calls of the user's own functions."""

    stack: list[tuple[Any, Frame | None]]  # the functions being read, and where they were defined
    key: Any  # of the function being read, if that calls itself
    parameters: set[str]  # its parameters that it may not change
    bound_outside: set[str]  # variables that functions read in place bind by `nonlocal`

    def user(self, node: ast.Call, source: src.Source, closure: Closure | None, args: list[Expr]) -> Expr:
        """A call that is followed: inlined, or made as a pair when it calls itself."""
        key = closure.key if closure else (source.function or source.tree)
        source = as_list(source)
        self.used_up_once(node, source)
        given = self.match(node, source, closure, args)
        if key in self.module.pairs:
            return self.pair(node, source, closure, given)
        again = (key, closure.frame if closure else None) in self.stack
        if again or calls_itself(source, closure):  # the same lambda of another call is another one
            raise NeedPair(key)
        return self.inline(source, closure, key, given)

    def used_up_once(self, node: ast.Call, source: src.Source) -> None:
        """Refuse an iterator that is handed to a function which may go over it twice."""
        for a, p in zip(node.args, source.parameters, strict=False):
            reads = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == p.arg]
            if len(reads) > 1 and self.is_iterator(a):
                self.no(a, f"`{ast.unparse(a)}` can be used up only once", "Make it a list.")

    def is_iterator(self, node: ast.expr) -> bool:
        raise NotImplementedError

    def match(
        self, node: ast.Call, source: src.Source, closure: Closure | None, args: list[Expr]
    ) -> dict[str, Expr]:
        """Arguments by parameter name."""
        a = source.tree.args
        positional = [p.arg for p in (*a.posonlyargs, *a.args)]
        given = dict(zip(positional, args, strict=False))
        extra = args[len(positional) :]
        if a.vararg:
            text = "(" + ", ".join(e.text for e in extra) + ("," if len(extra) == 1 else "") + ")"
            pieces = ("(", *[", "] * (len(extra) - 1), ",)" if len(extra) == 1 else ")") if extra else (text,)
            given[a.vararg.arg] = Expr(
                "tuple",
                tuple(extra),
                pieces,
                ex.ATOM,
                Tuple(tuple(e.kind for e in extra)),
                any(e.active for e in extra),
            )
        elif extra:
            self.no(node, f"`{source.name}` takes {len(positional)} arguments, {len(args)} given")
        named = {p.arg for p in source.parameters}
        collected: dict[str, Expr] = {}
        for k in node.keywords:
            start = len(self.out)
            words = self.keyword(k)
            for held in (given, collected):
                held.update(zip(held, self.before(list(held.values()), start), strict=True))
            for name, e in words.items():
                if name not in named and not a.kwarg:
                    self.no(node, f"`{source.name}` has no parameter `{name}`")
                (given if name in named else collected)[name] = e
        if a.kwarg:
            heads = [f"{n!r}: " for n in collected]
            around = ("{" + heads[0], *(f", {h}" for h in heads[1:]), "}") if heads else ("{}",)
            kinds = Dict(tuple((n, e.kind) for n, e in collected.items()))
            given[a.kwarg.arg] = Expr(
                "dict", tuple(collected.values()), around, ex.ATOM, kinds,
                any(e.active for e in collected.values()), list(collected),
            )  # fmt: skip
        live = source.function
        for p in source.parameters:
            if p.arg in given:
                continue
            if closure and p.arg in closure.defaults:
                given[p.arg] = closure.defaults[p.arg]
                continue
            defaults = _defaults(live) if live is not None else {}
            if p.arg not in defaults:
                self.no(node, f"`{source.name}` needs the argument `{p.arg}`")
            given[p.arg] = self.value(f"{source.name}_{p.arg}", defaults[p.arg])
        return given

    def keyword(self, k: ast.keyword) -> dict[str, Expr]:
        """name=value, or **options of a dict with known keys."""
        if k.arg is not None:
            return {k.arg: self.expr(k.value)}
        whole = self.expr(k.value)
        if not isinstance(whole.kind, Dict):
            self.no(k.value, "`**` of a dict whose keys are not known", "Name the arguments.")
        if whole.op == "dict":
            return dict(zip(map(str, whole.extra), whole.args, strict=True))
        if whole.op != "name":
            whole = self.bind("options", whole)
        out = {}
        for key, kind in whole.kind.items:  # type: ignore[attr-defined]
            index = Expr("const", (), (repr(key),), ex.ATOM, STR, extra=("literal", key))
            out[key] = Expr(
                "index", (whole, index), ("", "[", "]"), ex.ATOM, kind, whole.active and is_real(kind)
            )
        return out

    def value(self, name: str, obj: Any) -> Expr:
        """A constant from outside the code."""
        kind = kind_of(obj, name)
        if isinstance(kind, Known):
            return Expr("known", (), (getattr(obj, "__name__", name),), ex.ATOM, kind)
        if obj is None or isinstance(obj, (bool, int, float, str)):
            e = Expr("const", (), (repr(obj),), ex.ATOM, kind, extra=("literal", obj))
            if e.text.startswith("-"):
                e.prec = ex.UNARY
            return e
        return Expr("const", (), (self.module.constant(name, obj),), ex.ATOM, kind, extra=("global", obj))

    def inline(self, source: src.Source, closure: Closure | None, key: Any, given: dict[str, Expr]) -> Expr:
        """Read the body of a called function in place, its variables renamed where they would collide."""
        check(source, inner=closure is not None)
        parent = closure.frame if closure else None
        frame = Frame(source, local_names(source.tree), parent)
        self.reach_out(frame)
        stores = {
            n.id for n in ast.walk(source.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        for local in sorted(frame.locals - set(given)):
            frame.rename[local] = self.fresh(local)
        self.note_rebound(frame)
        grown, changed = grown_names(source.tree), changed_names(frame)
        for p, e in given.items():
            part = e.op in ("index", "field", "T") and p in changed  # a row, changed by its index
            if (p in grown or part) and refers(e):  # p += 1 changes the caller's array
                if p in stored_names(source.tree):  # but perhaps what it changes is its own by then
                    frame.rename[p] = self.fresh(p)
                    self.assign(frame.rename[p], e)
                    assert self.env is not None
                    for name in e.reads:
                        twin(self.env, frame.rename[p], name)
                    continue
                frame.given[p] = e
                frame.aliases.add(p)
                continue
            if p in stores or e.reads & self.module.rebound or e.op not in ("name", "const", "known"):
                if e.op == "known":
                    frame.given[p] = e
                    continue
                frame.rename[p] = self.fresh(p)
                self.assign(frame.rename[p], e)
            else:
                frame.given[p] = e
        saved, self.frame = self.frame, frame
        self.callers.append(saved)
        origin = self.origin
        self.stack.append((key, closure.frame if closure else None))
        try:
            body = Structurer(source, self.module.names).function()
            frame.locals |= {
                n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and hasattr(n, "made")
            }
            frame.goes_through(body)
            out = self.body(body, source)
        finally:
            self.stack.pop()
            self.callers.pop()
            self.frame, self.origin = saved, origin
        return out

    def note_rebound(self, frame: Frame) -> None:
        """Remember which variables of a function its inner functions bind anew."""
        self.module.rebound |= {frame.rename.get(n, n) for n in nonlocals(frame.source.tree) & frame.locals}

    def reach_out(self, frame: Frame) -> None:
        """The names a function declares nonlocal are the variables of the function around it."""
        declared = {
            n for s in own_statements(frame.source.tree) if isinstance(s, ast.Nonlocal) for n in s.names
        }
        for name in sorted(declared):
            owner = frame.parent
            while owner is not None and name not in owner.locals:
                owner = owner.parent
            recursive = any(key in self.module.pairs for key, _ in self.stack)
            if owner is None or recursive or name in owner.given:
                self.no(
                    self.statement,
                    f"`{frame.source.name}` changes `{name}` of another function",
                    "Pass the value in and return it.",
                )
            frame.rename[name] = owner.rename.get(name, name)
            frame.outer.add(name)
            self.bound_outside.add(frame.rename[name])

    def fresh(self, local: str) -> str:
        """An emitted name for a local variable of an inlined function."""
        name = self.module.names.new(local)
        self.module.variables.add(name)
        return name

    def body(self, stmts: list[ast.stmt], source: src.Source) -> Expr:
        raise NotImplementedError


def calls_itself(source: src.Source, closure: Closure | None) -> bool:
    """Does a function name itself in its own text? (Others call themselves through others.)"""
    if isinstance(source.tree, ast.Lambda) or source.name in local_names(source.tree):
        return False
    named = any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == source.name
        for n in ast.walk(source.tree)
    )
    return named and (closure is not None or source.lookup(source.name) is source.function)


def _defaults(function: Any) -> dict[str, Any]:
    code, defaults = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    return {
        **dict(zip(names[len(names) - len(defaults) :], defaults, strict=True)),
        **(function.__kwdefaults__ or {}),
    }
