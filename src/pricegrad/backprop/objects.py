"""Read objects: made by a class of the user's, their methods, properties and operators followed."""

from __future__ import annotations

import ast
import copy
import dataclasses
import inspect
from types import FunctionType, MethodType, SimpleNamespace
from typing import Any

from . import expr as ex
from . import source as src
from .expr import Expr
from .following import Following
from .kinds import Known, Record, Tuple, is_real
from .values import kind_of

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.Pow: "pow",
    ast.MatMult: "matmul",
}  # fmt: skip


class Objects(Following):
    """Reads what is made of classes."""

    def arguments(self, node: ast.Call) -> list[Expr]:
        raise NotImplementedError

    # ------------------------------------------------------------------ making

    def construct(self, node: ast.Call, func: Expr, cls: type) -> Expr:
        """An object made inside the function: a record of its fields."""
        if any(isinstance(a, ast.Starred) for a in node.args):
            return self.opaque(node)
        if dataclasses.is_dataclass(cls):
            given = {f.name: f.default for f in dataclasses.fields(cls)}
            return self.record(node, func, cls, given)
        if cls is SimpleNamespace and not node.args:
            words = [k.arg for k in node.keywords if k.arg is not None]
            return self.record(node, func, cls, dict.fromkeys(words, dataclasses.MISSING))
        if issubclass(cls, tuple) and hasattr(cls, "_fields"):
            defaults = getattr(cls, "_field_defaults", {})
            return self.record(
                node, func, cls, {n: defaults.get(n, dataclasses.MISSING) for n in cls._fields}
            )
        init = inspect.getattr_static(cls, "__init__", None)
        if isinstance(init, FunctionType) and type(cls) is type and "__new__" not in vars(cls):
            return self.initialised(node, cls, init)
        return self.opaque(node)

    def record(self, node: ast.Call, func: Expr, cls: type, fields: dict[str, Any]) -> Expr:
        """A dataclass or a named tuple: its arguments are its fields."""
        children = [*node.args, *(k.value for k in node.keywords)]
        args = self.operands(children)
        names = [*list(fields)[: len(node.args)], *(k.arg or "" for k in node.keywords)]
        values = dict(zip(names, args, strict=True))
        kinds = []
        for name, default in fields.items():
            if name in values:
                kinds.append((name, values[name].kind))
            elif default is not dataclasses.MISSING:
                kinds.append((name, kind_of(default)))
            else:
                return self.opaque(node)
        if "__post_init__" in vars(cls) and any(a.active for a in args):
            self.no(node, f"`{cls.__name__}` changes its fields in __post_init__", "Use plain numbers.")
        kind, active = Record(cls, tuple(kinds)), any(a.active for a in args)
        out = self.make(node, "record", children, args, kind, active, names)
        text = self.known_text(func)
        out.pieces = (text + out.pieces[0][out.pieces[0].index("(") :], *out.pieces[1:])
        return out

    def initialised(self, node: ast.Call, cls: type, init: FunctionType) -> Expr:
        """A plain class: what its __init__ gives to `self` are the fields."""
        s = src.of(init)
        assert isinstance(s.tree, ast.FunctionDef)
        tree = copy.deepcopy(s.tree)
        own = tree.args.args.pop(0).arg
        found = _Fields(own)
        found.visit(tree)
        left = next((n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in (own, "super")), None)
        if left is not None or any(isinstance(n, ast.Return) for n in ast.walk(tree)):
            self.no(
                node,
                f"the __init__ of `{cls.__name__}` does more than set attributes",
                "Make the object outside the function, or use a dataclass.",
            )
        names = list(found.fields)
        values: list[ast.expr] = [ast.Name(found.fields[n], ast.Load()) for n in names]
        end = ast.copy_location(ast.Return(ast.Tuple(values, ast.Load())), tree.body[-1])
        for n in ast.walk(end):
            ast.copy_location(n, end)
            n.made = True  # type: ignore[attr-defined]
        tree.body = [*tree.body, end]
        made = dataclasses.replace(s, tree=tree, name=cls.__name__.lower())
        whole = self.user(node, made, None, self.arguments(node))
        kinds = whole.kind.items if isinstance(whole.kind, Tuple) else ()
        if whole.op != "tuple" or len(kinds) != len(names):
            self.no(node, f"cannot tell what attributes `{cls.__name__}` has", "Use a dataclass.")
        maker = self.known_text(Expr("known", (), ("SimpleNamespace",), ex.ATOM, Known(SimpleNamespace)))
        around = [f"{maker}({names[0]}=", *(f", {n}=" for n in names[1:]), ")"] if names else [f"{maker}()"]
        kind = Record(cls, tuple(zip(names, kinds, strict=True)))
        return Expr("record", whole.args, tuple(around), ex.ATOM, kind, whole.active, names)

    # ------------------------------------------------------------------ methods

    def member(self, node: ast.Attribute, base: Expr) -> Expr | None:
        """A method, a property or a class's constant of an object; None if it is none of them."""
        assert isinstance(base.kind, Record)
        found = inspect.getattr_static(base.kind.cls, node.attr, None)
        if isinstance(found, property) and isinstance(found.fget, FunctionType):
            return self.called(node, found.fget, [base])
        if isinstance(found, staticmethod):
            return Expr("known", (), (node.attr,), ex.ATOM, Known(found.__func__))
        if isinstance(found, classmethod):
            return Expr("known", (), (node.attr,), ex.ATOM, Known(getattr(base.kind.cls, node.attr)))
        if isinstance(found, FunctionType):
            return Expr("method", (base,), ("", "." + node.attr), ex.ATOM, Known(found))
        if isinstance(found, (bool, int, float)):
            return self.value(node.attr, found)
        return None

    def called(self, node: ast.expr, function: FunctionType, args: list[Expr]) -> Expr:
        """A call that is not written as one: of a property, of an operator."""
        call = ast.copy_location(ast.Call(node, [], []), node)
        return self.user(call, src.of(function), None, args)

    def bound(self, node: ast.Call, method: MethodType) -> Expr:
        """A method taken from a class or from an object outside."""
        owner = method.__self__
        if not isinstance(method.__func__, FunctionType):
            return self.opaque(node)
        name = owner.__name__ if isinstance(owner, type) else type(owner).__name__.lower()
        first = self.value(name, owner)
        return self.user(node, src.of(method.__func__), None, [first, *self.arguments(node)])

    def operated(self, node: ast.BinOp, a: Expr, b: Expr) -> Expr | None:
        """a + b of objects that say what it is."""
        name = _OPERATORS.get(type(node.op))
        for one, other, prefix in ((a, b, "__"), (b, a, "__r")):
            if name is not None and isinstance(one.kind, Record):
                found = inspect.getattr_static(one.kind.cls, f"{prefix}{name}__", None)
                if isinstance(found, FunctionType):
                    return self.called(node, found, [one, other])
        return None


class _Fields(ast.NodeTransformer):
    """self.x becomes a variable."""

    def __init__(self, own: str) -> None:
        self.own = own
        self.fields: dict[str, str] = {}

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.value, ast.Name) or node.value.id != self.own:
            return node
        if isinstance(node.ctx, ast.Store):
            self.fields.setdefault(node.attr, f"own_{node.attr}")
        if node.attr not in self.fields:
            return node
        return ast.copy_location(ast.Name(self.fields[node.attr], node.ctx), node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        node.value = self.visit(node.value)
        node.targets = [self.visit(t) for t in node.targets]
        return node


def field_of(e: Expr, name: str) -> Expr:
    """e.name of a record."""
    assert isinstance(e.kind, Record)
    kind = e.kind.get(name)
    assert kind is not None
    return Expr("field", (e,), ("", f".{name}"), ex.ATOM, kind, e.active and is_real(kind), name)
