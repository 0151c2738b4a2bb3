"""Read calls: what is called decides how."""

from __future__ import annotations

import ast
import functools
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from . import expr as ex
from . import source as src
from .expr import Expr
from .frame import Closure
from .kinds import Known
from .known_calls import KnownCalls
from .module import canonical


class Calls(KnownCalls):
    """Reads calls."""

    def read_Call(self, node: ast.Call) -> Expr:
        func = self.expr(node.func)
        if func.op == "method" and not isinstance(func.kind, Known):
            of = func.args[0].kind
            if isinstance(of, Known) and isinstance(of.obj, np.ufunc):
                return self.ufunc_method(node, of.obj, func.extra) or self.method(node, func)
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
        simpler = self.instead(node, obj)
        if simpler is not None:
            return simpler
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

    def placed(self, new: ast.AST, at: ast.expr) -> ast.AST:
        raise NotImplementedError

    def instead(self, node: ast.Call, obj: Any) -> Expr | None:
        raise NotImplementedError

    def ufunc_method(self, node: ast.Call, function: np.ufunc, method: str) -> Expr | None:
        raise NotImplementedError

    def either(self, node: ast.Call, func: Expr) -> Expr:
        raise NotImplementedError
