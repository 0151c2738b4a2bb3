"""Read calls of functions known by name: builtins, math and numpy, methods, and the making of records."""

from __future__ import annotations

import ast
from typing import Any

from pricegrad.errors import did_you_mean

from . import expr as ex
from . import rules_array
from . import source as src
from . import typing_rules as ty
from .expr import Expr
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
    Table,
    Tuple,
    is_real,
    join,
)
from .objects import Objects
from .paths import item
from .rules_scalar import ALIASES, ELEMENTWISE, STEPS, TRUTH, WHOLE
from .values import is_one

_OVER = {
    "builtins": ("sum", "max", "min", "list", "tuple", "all", "any", "sorted"),
    "math": ("fsum", "prod"),
}
_ARGUMENTS = "It is, for arguments whose shapes and axes can be told from the code."


class KnownCalls(Objects):
    """Reads calls of functions known by name."""

    def arguments(self, node: ast.Call) -> list[Expr]:
        """The positional arguments; *xs of a tuple or list of known length is spread."""
        out: list[Expr] = []
        for a in node.args:
            start = len(self.out)
            whole = self.expr(a.value if isinstance(a, ast.Starred) else a)
            out = self.before(out, start)
            if not isinstance(a, ast.Starred):
                out.append(whole)
                continue
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

    def named(self, node: ast.Call, func: Expr, path: str) -> Expr:
        """A call of a builtin, math or numpy function."""
        module, _, short = path.rpartition(".")
        short = ALIASES.get(short, short) if module != "numpy.linalg" else "linalg." + short
        names: list[str | None]
        over = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if isinstance(over, ast.GeneratorExp) and short in _OVER.get(module, ()):
            return self.generator(node, func, short, module, over)
        children = [*node.args, *(k.value for k in node.keywords)]
        if any(isinstance(c, ast.Starred) for c in children):
            spread = self.arguments(node)
            args = spread
            pieces = (self.known_text(func) + "(", *[", "] * (len(args) - 1), ")")
            out = Expr(short, tuple(args), pieces, ex.ATOM, BOTTOM)
            names = [None] * len(args)
        else:
            read = [self.index(c) for c in children] if short == "r_" else self.operands(children)
            args = list(map(self.plain, read))
            names = [*([None] * len(node.args)), *(k.arg for k in node.keywords)]
            out = self.make(node, short, children, args, BOTTOM, False)
            out.pieces = (
                self.known_text(func) + "(" + out.pieces[0].partition("(")[2]
                if children
                else self.known_text(func) + "()",
                *out.pieces[1:],
            )
            out.pieces = _head(out.pieces, self.known_text(func))
        if short in ("max", "min") and module == "builtins" and len(args) == 1:
            args = [self.bind("items", a) if a.active and a.op in ("list", "tuple") else a for a in args]
            out.args = tuple(args)
        family = "math" if module == "math" else "np" if module.startswith("numpy") else ""
        if short == "divmod" and len(args) == 2:
            a, b = args
            q = Expr("floordiv", (a, b), ("", " // ", ""), ex.PRODUCT, ty.binary("floordiv", a.kind, b.kind))
            r = self.binary(node, "mod", a, b, ex.binary("mod", "%", a, b, BOTTOM))
            return Expr("tuple", (q, r), ("(", ", ", ")"), ex.ATOM, Tuple((q.kind, r.kind)), r.active)
        if path == "builtins.isinstance" and len(args) == 2:
            types = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
            texts = ", ".join(self.plain(self.expr(t)).text for t in types)
            asked = f"({texts})" if len(types) > 1 else texts
            known = is_one(args[0].kind, self.classes(node.args[1]))
            pieces = (self.known_text(func) + "(", f", {asked})")
            return Expr("isinstance", (args[0],), pieces, ex.ATOM, BOOL, extra=("truth", known))
        style = f"{family}:{_prefix(func.text)}"
        out.extra = {"style": style, "names": names, "module": module}
        active = any(a.active for a in args)
        return self.result(node, out, short, module, active)

    def classes(self, node: ast.expr) -> list[Any]:
        """The types that are asked for."""
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        kinds = [self.expr(p).kind for p in parts]
        return [k.obj if isinstance(k, Known) else None for k in kinds]

    def result(self, node: ast.Call, out: Expr, short: str, module: str, active: bool) -> Expr:
        """Fill in the kind and activity of a call of a known function."""
        kinds = [a.kind for a in out.args]
        if BOTTOM in kinds:
            out.kind, out.active = BOTTOM, active
            return out
        numeric = all(isinstance(k, Num) for k in kinds)
        if short in ("float", "int") and kinds in ([STR], [ty.UNKNOWN]) and not active:
            out.kind = FLOAT if short == "float" else INT
            return out
        scalar = short in ELEMENTWISE and (module == "math" or numeric) and module != "builtins"
        found, smooth, wrong = rules_array.typed(out, short, module)
        if found == BOTTOM:  # of what a loop has yet to make
            out.kind, out.active = BOTTOM, active
            return out
        if wrong and active:
            self.no(node, f"`{wrong}` of `{ast.unparse(node.func)}` is not differentiated", "Leave it out.")
        if scalar or (short == "float" and all(isinstance(k, (Num, Array)) for k in kinds)):
            out.kind = FLOAT
        elif found is not None:
            out.kind, active = self.sized(found), active and smooth
            if active and found == ty.UNKNOWN:
                self.no(
                    node, f"cannot tell what `{ast.unparse(node)}` is", "Make its arguments floats before."
                )
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

    def as_function(self, node: ast.Call, name: str) -> Expr:
        raise NotImplementedError

    def method(self, node: ast.Call, func: Expr) -> Expr:
        """x.sum(axis=0), d.get(k), xs.copy(), ..."""
        base, name = func.args[0], func.extra
        named = isinstance(base.kind, Array) and {k.arg for k in node.keywords} & {"min", "max", "where"}
        if named and name in ("clip", "sum", "mean"):
            return self.as_function(node, name)
        if isinstance(base.kind, Array):
            children = [node.func.value, *node.args, *(k.value for k in node.keywords)]  # type: ignore[attr-defined]
            start = len(self.out)
            rest = self.operands(children[1:])
            args = [*self.before([base], start), *map(self.plain, rest)]
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
        if name == "item" and isinstance(base.kind, Num) and not node.args:
            return self.number(node, base)
        if name == "pop" and isinstance(base.kind, List) and not node.args:
            return self.pop(base, self.fresh("popped"))
        if name == "pop" and isinstance(base.kind, List) and isinstance(node.func, ast.Attribute):
            return self.pop_at(node, node.func.value, node.args[0])
        if name == "popleft" and isinstance(base.kind, List) and isinstance(node.func, ast.Attribute):
            return self.pop_at(node, node.func.value, ast.Constant(0))
        if name == "get" and isinstance(base.kind, Dict) and len(node.args) <= 2:
            key = self.expr(node.args[0])
            literal = key.extra[1] if key.op == "const" and isinstance(key.extra, tuple) else src.MISSING
            if literal is not src.MISSING and base.kind.get(literal) is None and len(node.args) == 2:
                return self.expr(node.args[1])
            if literal is not src.MISSING and base.kind.get(literal) is not None:
                kind = base.kind.get(literal)
                assert kind is not None
                if isinstance(kind, Known):
                    return ex.function_itself(kind)
                return Expr(
                    "index", (base, key), ("", "[", "]"), ex.ATOM, kind, base.active and is_real(kind)
                )
        table = self.table_method(node, base, name)
        if table is not None:
            return table
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
        if name == "copy" and isinstance(base.kind, (List, Dict, Table)):
            return self.make(node, "copy", [node.func.value], [base], base.kind, base.active)  # type: ignore[attr-defined]
        if name in ("index", "count") and isinstance(base.kind, (List, Tuple)) and not node.keywords:
            children = [node.func.value, *node.args]  # type: ignore[attr-defined]
            return self.make(node, "position", children, [base, *map(self.expr, node.args)], INT, False)
        return self.opaque(node)

    def number(self, node: ast.Call, of: Expr) -> Expr:
        raise NotImplementedError

    def table_method(self, node: ast.Call, base: Expr, name: str) -> Expr | None:
        raise NotImplementedError

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

    def generator(self, node: ast.Call, func: Expr, short: str, module: str, gen: ast.GeneratorExp) -> Expr:
        """sum(e for ...), max(...), list(...): through a list."""
        items = self.comprehension(gen)
        if short in ("list",):
            return items
        text = self.known_text(func)
        out = Expr(short, (items,), (text + "(", ")"), ex.ATOM, BOTTOM)
        style = f"math:{_prefix(func.text)}" if module == "math" else ":"
        out.extra = {"style": style, "names": [None], "module": module}
        return self.result(node, out, short, module, items.active)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Expr:
        raise NotImplementedError


def _prefix(text: str) -> str:
    return text.rpartition(".")[0]


def _head(pieces: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The pieces of a call with the function's name in front replaced."""
    return (name + pieces[0][pieces[0].index("(") :], *pieces[1:])
