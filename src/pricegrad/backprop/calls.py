"""Read calls: known functions by name, the user's own functions by following their source."""

from __future__ import annotations

import ast
import dataclasses
import functools
from types import FunctionType, MethodType
from typing import Any

from pricegrad.errors import did_you_mean

from . import expr as ex
from . import pairs, rules_array
from . import source as src
from . import typing_rules as ty
from .expr import Expr
from .frame import Closure, Frame, Val, local_names
from .ir import Call
from .jumps import Structurer
from .kinds import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    STR,
    Array,
    Dict,
    Kind,
    Known,
    List,
    Num,
    Other,
    Record,
    Tuple,
    is_real,
    join,
)
from .module import canonical
from .reader import Reader
from .rules_scalar import ALIASES, ELEMENTWISE, STEPS, TRUTH, WHOLE

_OVER = ("sum", "max", "min", "list", "tuple", "all", "any", "sorted")


_ARGUMENTS = "It is, for arguments whose shapes and axes can be told from the code."


class NeedPair(Exception):  # noqa: N818
    """Raised when a function turns out to call itself: start again and make it a pair."""

    def __init__(self, key: Any) -> None:
        self.key = key


class Calls(Reader):
    """Reads calls."""

    stack: list[Any]

    def read_Call(self, node: ast.Call) -> Expr:
        func = self.expr(node.func)
        if func.op == "method" and not isinstance(func.kind, Known):
            return self.method(node, func)
        if func.op == "method":
            assert isinstance(func.kind, Known)
            return self.user(node, src.of(func.kind.obj), None, [func.args[0], *self.arguments(node)])
        if func.op == "partial":
            target, first, keywords = func.extra
            names = [self.fresh("given") for _ in first]
            self.frame.given.update(zip(names, first, strict=True))
            whole = ast.Call(
                target, [*(ast.Name(n, ast.Load()) for n in names), *node.args], [*keywords, *node.keywords]
            )
            return self.expr(self.placed(whole, node))  # type: ignore[arg-type]
        if func.op == "either":
            return self.either(node, func)
        obj = func.kind.obj if isinstance(func.kind, Known) else None
        if obj is None:
            return self.opaque(node)
        if isinstance(obj, Closure):
            return self.user(node, obj.source, obj, self.arguments(node))
        if isinstance(obj, MethodType):
            self.no(node, "a bound method is not followed", "Write it as a function of its numbers.")
        if obj in (map, filter, functools.reduce) and not node.keywords:
            return self.mapped(node, obj.__name__)
        if obj is functools.partial and isinstance(func.kind, Known):
            args = [
                a if a.op in ("known", "const") else self.bind("given", a)
                for a in map(self.expr, node.args[1:])
            ]
            return Expr(
                "partial", (), ("<partial>",), ex.ATOM, Known(node), extra=(node.args[0], args, node.keywords)
            )
        path = canonical(obj)
        if path:
            return self.named(node, func, path)
        if isinstance(obj, type):
            return self.construct(node, func, obj)
        inner = getattr(obj, "derivative", None)
        if inner is not None:
            args = self.arguments(node)
            kinds = {n: e.kind for n, e in zip(inner.parameters.names, args, strict=False)}
            return self.user(node, src.of(inner.emitted(kinds)), None, args)
        if isinstance(obj, FunctionType) or hasattr(obj, "__wrapped__") or hasattr(obj, "py_func"):
            return self.user(node, src.of(obj), None, self.arguments(node))
        return self.opaque(node)

    def mapped(self, node: ast.Call, name: str) -> Expr:
        raise NotImplementedError

    def placed(self, new: ast.AST, at: ast.expr) -> ast.AST:
        raise NotImplementedError

    def either(self, node: ast.Call, func: Expr) -> Expr:
        raise NotImplementedError

    def arguments(self, node: ast.Call) -> list[Expr]:
        """The positional arguments; *xs of a tuple or list of known length is spread."""
        out: list[Expr] = []
        for a in node.args:
            if not isinstance(a, ast.Starred):
                out.append(self.expr(a))
                continue
            whole = self.expr(a.value)
            kind = whole.kind
            if whole.op in ("tuple", "list") and not isinstance(whole.extra, dict):
                out += whole.args
                continue
            if not isinstance(kind, Tuple):
                self.no(a, "`*` of something of unknown length", "Pass the list itself.")
            if whole.op not in ("name", "tuple"):
                whole = self.bind("items", whole)
            count = len(kind.items)
            out += whole.args if whole.op == "tuple" else [item(whole, i) for i in range(count)]
        return out

    # ------------------------------------------------------------------ functions known by name

    def named(self, node: ast.Call, func: Expr, path: str) -> Expr:
        """A call of a builtin, math or numpy function."""
        module, _, short = path.rpartition(".")
        short = ALIASES.get(short, short) if module != "numpy.linalg" else "linalg." + short
        names: list[str | None]
        over = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if module == "builtins" and short in _OVER and isinstance(over, ast.GeneratorExp):
            return self.generator(node, func, short, over)
        children = [*node.args, *(k.value for k in node.keywords)]
        if any(isinstance(c, ast.Starred) for c in children):
            spread = self.arguments(node)
            args = spread
            pieces = (self.known_text(func) + "(", *[", "] * (len(args) - 1), ")")
            out = Expr(short, tuple(args), pieces, ex.ATOM, BOTTOM)
            names = [None] * len(args)
        else:
            args = [self.plain(self.index(c) if short == "r_" else self.expr(c)) for c in children]
            names = [*([None] * len(node.args)), *(k.arg for k in node.keywords)]
            out = self.make(node, short, children, args, BOTTOM, False)
            out.pieces = (
                self.known_text(func) + "(" + out.pieces[0].partition("(")[2]
                if children
                else self.known_text(func) + "()",
                *out.pieces[1:],
            )
            out.pieces = _head(out.pieces, self.known_text(func))
        family = "math" if module == "math" else "np" if module.startswith("numpy") else ""
        if short == "divmod" and len(args) == 2:
            a, b = args
            q = Expr("floordiv", (a, b), ("", " // ", ""), ex.PRODUCT, ty.binary("floordiv", a.kind, b.kind))
            r = self.binary(node, "mod", a, b, ex.binary("mod", "%", a, b, BOTTOM))
            return Expr("tuple", (q, r), ("(", ", ", ")"), ex.ATOM, Tuple((q.kind, r.kind)), r.active)
        style = f"{family}:{_prefix(func.text)}"
        out.extra = {"style": style, "names": names, "module": module}
        active = any(a.active for a in args)
        return self.result(node, out, short, module, active)

    def result(self, node: ast.Call, out: Expr, short: str, module: str, active: bool) -> Expr:
        """Fill in the kind and activity of a call of a known function."""
        kinds = [a.kind for a in out.args]
        if BOTTOM in kinds:
            out.kind, out.active = BOTTOM, active
            return out
        numeric = all(isinstance(k, Num) for k in kinds)
        if short in ("float", "int") and kinds == [STR]:
            out.kind = FLOAT if short == "float" else INT
            return out
        scalar = short in ELEMENTWISE and (module == "math" or numeric) and module != "builtins"
        found, smooth, wrong = rules_array.typed(out, short, module)
        if wrong and active:
            self.no(node, f"`{wrong}` of `{ast.unparse(node.func)}` is not differentiated", "Leave it out.")
        if scalar or (short == "float" and all(isinstance(k, (Num, Array)) for k in kinds)):
            out.kind = FLOAT
        elif found is not None:
            out.kind, active = self.sized(found), active and smooth
        elif short in STEPS:
            out.kind = BOOL if short in TRUTH else INT if short in WHOLE else FLOAT if numeric else ty.UNKNOWN
            if short in ("range", "str", "type"):
                out.kind = Other(short)
            if short == "round" and len(kinds) == 1:
                out.kind = INT
            active = False
        elif active:
            known = sorted({*ELEMENTWISE, *rules_array.NAMES, *STEPS})
            what = f"no derivative is known for `{ast.unparse(node.func)}` here"
            self.no(node, what, did_you_mean(short, known).strip() if short not in known else _ARGUMENTS)
        else:
            out.kind = ty.UNKNOWN
        out.active = active and is_real(out.kind)
        return out

    def method(self, node: ast.Call, func: Expr) -> Expr:
        """x.sum(axis=0), d.get(k), xs.copy(), ..."""
        base, name = func.args[0], func.extra
        if isinstance(base.kind, Array):
            children = [node.func.value, *node.args, *(k.value for k in node.keywords)]  # type: ignore[attr-defined]
            args = [base, *(self.plain(self.expr(c)) for c in children[1:])]
            out = self.make(node, name, children, args, BOTTOM, False)
            names: list[str | None] = [None, *([None] * len(node.args)), *(k.arg for k in node.keywords)]
            out.extra = {
                "style": f"np:{self.numpy_prefix()}",
                "names": names,
                "module": "numpy",
                "method": True,
            }
            return self.result(node, out, ALIASES.get(name, name), "numpy", any(a.active for a in args))
        if base.kind == BOTTOM:
            return Expr("opaque", (base,), ("", f".{name}()"), ex.ATOM, BOTTOM)
        if name == "pop" and isinstance(base.kind, List) and not node.args:
            return self.pop(base, self.fresh("popped"))
        if name == "pop" and isinstance(base.kind, List) and isinstance(node.func, ast.Attribute):
            return self.pop_at(node, node.func.value, node.args[0])
        if name == "get" and isinstance(base.kind, Dict) and len(node.args) <= 2:
            key = self.expr(node.args[0])
            literal = key.extra[1] if key.op == "const" and isinstance(key.extra, tuple) else src.MISSING
            if literal is not src.MISSING and base.kind.get(literal) is None and len(node.args) == 2:
                return self.expr(node.args[1])
            if literal is not src.MISSING and base.kind.get(literal) is not None:
                kind = base.kind.get(literal)
                assert kind is not None
                return Expr(
                    "index", (base, key), ("", "[", "]"), ex.ATOM, kind, base.active and is_real(kind)
                )
        if name == "values" and isinstance(base.kind, Dict) and base.op == "name":
            keys = [
                Expr("const", (), (repr(k),), ex.ATOM, STR, extra=("literal", k)) for k, _ in base.kind.items
            ]
            items = [
                Expr("index", (base, k), ("", "[", "]"), ex.ATOM, kind, base.active and is_real(kind))
                for k, (_, kind) in zip(keys, base.kind.items, strict=True)
            ]
            item_kind: Kind = BOTTOM
            for i in items:
                item_kind = join(item_kind, i.kind)
            pieces = ("[", *[", "] * (len(items) - 1), "]") if items else ("[]",)
            return Expr("list", tuple(items), pieces, ex.ATOM, List(item_kind), base.active)
        if name == "copy" and isinstance(base.kind, (List, Dict)):
            return self.make(node, "copy", [node.func.value], [base], base.kind, base.active)  # type: ignore[attr-defined]
        return self.opaque(node, INT if name in ("index", "count") else ty.UNKNOWN)

    def pop(self, base: Expr, name: str) -> Expr:
        raise NotImplementedError

    def pop_at(self, node: ast.Call, xs: ast.expr, index: ast.expr) -> Expr:
        raise NotImplementedError

    def numpy_prefix(self) -> str:
        """How the emitted code calls numpy."""
        import numpy

        for name, obj in self.module.objects.items():
            if obj is numpy:
                return name
        for name, obj in self.frame.source.globals.items():
            if obj is numpy and name not in self.module.variables:
                return name
        return "np" if "np" not in self.module.names.taken else "numpy"

    def generator(self, node: ast.Call, func: Expr, short: str, gen: ast.GeneratorExp) -> Expr:
        """sum(e for ...), max(...), list(...): through a list."""
        items = self.comprehension(gen)
        if short in ("list",):
            return items
        text = self.known_text(func)
        out = Expr(short, (items,), (text + "(", ")"), ex.ATOM, BOTTOM)
        out.extra = {"style": ":", "names": [None], "module": "builtins"}
        return self.result(node, out, short, "builtins", items.active)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Expr:
        raise NotImplementedError

    def construct(self, node: ast.Call, func: Expr, cls: type) -> Expr:
        """A dataclass made inside the function: a record of its arguments."""
        if not dataclasses.is_dataclass(cls) or any(isinstance(a, ast.Starred) for a in node.args):
            return self.opaque(node)
        fields = [f.name for f in dataclasses.fields(cls)]
        children = [*node.args, *(k.value for k in node.keywords)]
        args = [self.expr(c) for c in children]
        names = [*fields[: len(node.args)], *(k.arg or "" for k in node.keywords)]
        values = dict(zip(names, args, strict=True))
        kinds = []
        for f in dataclasses.fields(cls):
            if f.name in values:
                kinds.append((f.name, values[f.name].kind))
            elif f.default is not dataclasses.MISSING:
                from .kinds import kind_of

                kinds.append((f.name, kind_of(f.default)))
            else:
                return self.opaque(node)
        if "__post_init__" in vars(cls) and any(a.active for a in args):
            self.no(node, f"`{cls.__name__}` changes its fields in __post_init__", "Use plain numbers.")
        out = self.make(
            node, "record", children, args, Record(cls, tuple(kinds)), any(a.active for a in args), names
        )
        out.pieces = _head(out.pieces, self.known_text(func))
        return out

    # ------------------------------------------------------------------ the user's own functions

    def user(self, node: ast.Call, source: src.Source, closure: Closure | None, args: list[Expr]) -> Expr:
        """A call that is followed: inlined, or made as a pair when it calls itself."""
        key = closure.key if closure else (source.function or source.tree)
        given = self.match(node, source, closure, args)
        if key in self.module.pairs:
            return self.pair(node, source, closure, given)
        if key in self.stack:
            raise NeedPair(key)
        return self.inline(source, closure, key, given)

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
            for name, e in self.keyword(k).items():
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
        from .kinds import kind_of

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
        from .fence import check

        check(source)
        parent = closure.frame if closure else None
        frame = Frame(source, local_names(source.tree), parent)
        stores = {
            n.id for n in ast.walk(source.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        }
        for local in sorted(frame.locals - set(given)):
            frame.rename[local] = self.fresh(local)
        for p, e in given.items():
            if p in stores or e.op not in ("name", "const", "known"):
                if e.op == "known":
                    frame.given[p] = e
                    continue
                frame.rename[p] = self.fresh(p)
                self.assign(frame.rename[p], e)
            else:
                frame.given[p] = e
        saved, self.frame = self.frame, frame
        origin = self.origin
        self.stack.append(key)
        try:
            body = Structurer(source, self.module.names).function()
            frame.locals |= {
                n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name) and hasattr(n, "made")
            }
            out = self.body(body, source)
        finally:
            self.stack.pop()
            self.frame, self.origin = saved, origin
        return out

    def fresh(self, local: str) -> str:
        """An emitted name for a local variable of an inlined function."""
        name = self.module.names.new(local)
        self.module.variables.add(name)
        return name

    def body(self, stmts: list[ast.stmt], source: src.Source) -> Expr:
        raise NotImplementedError

    def pair(
        self, node: ast.Call, source: src.Source, closure: Closure | None, given: dict[str, Expr]
    ) -> Expr:
        """A call of a function that calls itself."""
        if closure is not None:
            for n in sorted(pairs.captured(closure)):
                frame, self.frame = self.frame, self.frame if n in self.frame.locals else closure.frame
                given[n] = self.find(ast.copy_location(ast.Name(n, ast.Load()), node))
                self.frame = frame
        pair = pairs.read(self, source, closure, given, node)
        args = tuple(given[n] for n, _, _ in pair.parameters)
        name = self.fresh(source.name if source.name.isidentifier() else "value")
        self.out.append(Call(self.origin, name, pair, args, pair.kind, pair.active))
        assert self.env is not None
        self.env[name] = Val(pair.kind, pair.active)
        return ex.name(name, pair.kind, pair.active)


def item(whole: Expr, i: int) -> Expr:
    """whole[i] of a tuple."""
    assert isinstance(whole.kind, Tuple)
    kind = whole.kind.items[i]
    index = Expr("const", (), (str(i),), ex.ATOM, INT, extra=("literal", i))
    return Expr("index", (whole, index), ("", "[", "]"), ex.ATOM, kind, whole.active and is_real(kind))


def _defaults(function: Any) -> dict[str, Any]:
    code, defaults = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[: code.co_argcount]
    return {
        **dict(zip(names[len(names) - len(defaults) :], defaults, strict=True)),
        **(function.__kwdefaults__ or {}),
    }


def _prefix(text: str) -> str:
    return text.rpartition(".")[0]


def _head(pieces: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The pieces of a call with the function's name in front replaced."""
    return (name + pieces[0][pieces[0].index("(") :], *pieces[1:])


__all__ = ["Calls", "NeedPair", "Val", "join"]
