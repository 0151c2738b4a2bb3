"""Read calls: what is called decides how."""

from __future__ import annotations

import ast
import functools
import inspect
import random
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from . import expr as ex
from . import source as src
from .expr import Expr
from .frame import Closure
from .kinds import BOOL, Known, Record, is_mutable
from .known_calls import KnownCalls
from .lowering import SUCCEEDS
from .module import canonical

SUCCEEDS_CODE = '''\
def _succeeds(compute, error):
    """Does it compute without this error?"""
    try:
        compute()
    except error:
        return False
    return True
'''


_SUCCEEDS_DOC = "Does it compute without this error?"


class Calls(KnownCalls):
    """Reads calls."""

    def read_Call(self, node: ast.Call) -> Expr:
        if isinstance(node.func, ast.Constant) and node.func.value == SUCCEEDS:
            return self.succeeds(*node.args)
        func = self.expr(node.func)
        if func.op == "method" and not isinstance(func.kind, Known):
            of = func.args[0].kind
            if isinstance(of, Known) and isinstance(of.obj, np.ufunc):
                return self.ufunc_method(node, of.obj, func.extra) or self.method(node, func)
            return self.method(node, func)
        if func.op == "method":
            assert isinstance(func.kind, Known)
            of = func.args[0].kind
            if func.kind.obj is getattr(getattr(of, "cls", None), "_replace", src.MISSING):
                return self.replaced(node, func.args[0])
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
        if func.op == "by element":
            return self.by_element(node, func.extra)
        if func.op == "known" and not isinstance(node.func, (ast.Name, ast.Attribute, ast.Lambda)):
            held = self.fresh("function")  # picked by a call or an index
            self.frame.given[held] = func
            called = ast.Call(ast.Name(held, ast.Load()), node.args, node.keywords)
            return self.expr(self.placed(called, node))  # type: ignore[arg-type]
        obj = func.kind.obj if isinstance(func.kind, Known) else None
        if isinstance(func.kind, Record):
            call = inspect.getattr_static(func.kind.cls, "__call__", None)
            if isinstance(call, FunctionType):
                return self.user(node, src.of(call), None, [func, *self.arguments(node)])
        if obj is None:
            return self.opaque(node)
        if isinstance(obj, np.vectorize):
            return self.by_element(node, Expr("known", (), ("function",), ex.ATOM, Known(obj.pyfunc)))
        if isinstance(obj, Closure):
            return self.user(node, obj.source, obj, self.arguments(node))
        if isinstance(obj, MethodType):
            return self.bound(node, obj)
        if any(k.arg == "out" for k in node.keywords):
            place = self.written_out(node)
            if place is not None:
                return self.expr(place)
        simpler = self.of_numpy(node, obj) or self.instead(node, obj)
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
        if path == "builtins.input" or isinstance(getattr(obj, "__self__", None), random.Random):
            self.no(
                node,
                f"`{ast.unparse(node.func)}` gives something else at each call",
                "Take the number as a parameter.",
            )
        if getattr(obj, "__module__", "") == "pricegrad.backprop.api":
            self.no(
                node,
                f"`{ast.unparse(node.func)}` is called inside a function that is differentiated",
                "Differentiate the inner function before, `g = pg.grad(inner)`, and call `g`.",
            )
        if path:
            return self.named(node, func, path)
        if isinstance(obj, type):
            return self.construct(node, func, obj)
        inner = getattr(obj, "derivative", None)
        if inner is not None:
            args = self.arguments(node)
            kinds = {n: e.kind for n, e in zip(inner.parameters.names, args, strict=False)}
            return self.user(node, src.of(inner.emitted(kinds)), None, args)
        again = getattr(obj, "__doc__", None) == _SUCCEEDS_DOC and isinstance(node.args[0], ast.Lambda)
        if again:  # our own code, differentiated once more
            return self.succeeds(node.args[0].body, node.args[1])  # type: ignore[attr-defined]
        if isinstance(obj, FunctionType) or hasattr(obj, "__wrapped__") or hasattr(obj, "py_func"):
            return self.user(node, src.of(obj), None, self.arguments(node))
        return self.opaque(node)

    def replaced(self, node: ast.Call, of: Expr) -> Expr:
        raise NotImplementedError

    def by_element(self, node: ast.Call, function: ast.expr | Expr) -> Expr:
        raise NotImplementedError

    def succeeds(self, tried: ast.expr, error: ast.expr) -> Expr:
        """Whether an expression raises an error: it is evaluated for that alone."""
        names = [n for n in ast.walk(tried) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        names.sort(key=lambda n: (n.lineno, n.col_offset))
        args = [self.expr(n) for n in names]
        for n, e in zip(names, args, strict=True):
            if is_mutable(e.kind) and any(isinstance(c, ast.Call) and n in c.args for c in ast.walk(tried)):
                self.no(n, f"`{n.id}` might be changed under `try`", "Do it in a line before.")
        value = self.make(tried, "opaque", list(names), list(map(self.plain, args)), BOOL, False)
        helper = self.module.helper("_succeeds", SUCCEEDS_CODE)
        kind = self.plain(self.expr(error))
        pieces = (f"{helper}(lambda: ", ", ", ")")
        return Expr("opaque", (value, kind), pieces, ex.ATOM, BOOL)

    def placed(self, new: ast.AST, at: ast.expr) -> ast.AST:
        raise NotImplementedError

    def written_out(self, node: ast.Call) -> ast.expr | None:
        raise NotImplementedError

    def of_numpy(self, node: ast.Call, obj: object) -> Expr | None:
        raise NotImplementedError

    def instead(self, node: ast.Call, obj: Any) -> Expr | None:
        raise NotImplementedError

    def ufunc_method(self, node: ast.Call, function: np.ufunc, method: str) -> Expr | None:
        raise NotImplementedError

    def either(self, node: ast.Call, func: Expr) -> Expr:
        raise NotImplementedError
