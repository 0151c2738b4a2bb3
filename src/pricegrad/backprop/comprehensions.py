"""Read comprehensions, as the loops they stand for."""

from __future__ import annotations

import ast
import copy

from . import expr as ex
from .calls import Calls
from .expr import Expr
from .kinds import BOTTOM, Dict, List, Table


class Comprehensions(Calls):
    """Reads list and dict comprehensions and generator expressions."""

    wanted = ""  # the variable that the next comprehension fills, if it has one already

    def stmt(self, s: ast.stmt) -> None:
        raise NotImplementedError

    def read_ListComp(self, node: ast.ListComp) -> Expr:
        return self.comprehension(node)

    def read_GeneratorExp(self, node: ast.GeneratorExp) -> Expr:
        return self.comprehension(node)

    def read_DictComp(self, node: ast.DictComp) -> Expr:
        """A dict comprehension, as the loop it stands for."""
        name, self.wanted = self.wanted or self.fresh("table"), ""
        place = ast.Subscript(ast.Name(name, ast.Load()), node.key, ast.Store())
        return self.collected(
            node,
            name,
            ast.Assign([place], node.value),
            Expr("dict", (), ("{}",), ex.ATOM, Table(BOTTOM), extra=[]),
        )

    def filled(self, node: ast.Dict) -> Expr:
        """A dict with keys known only while running, entry by entry; `**d` stands for the entries of d."""
        name, self.wanted = self.wanted or self.fresh("table"), ""
        self.frame.locals.add(name)
        self.assign(name, Expr("dict", (), ("{}",), ex.ATOM, Table(BOTTOM), extra=[]))
        origin = self.origin
        for key, value in zip(node.keys, node.values, strict=True):
            for s in self.entries(ast.Name(name, ast.Load()), key, value, node):
                self.stmt(s)
        self.origin = origin
        val = self.val(name)
        return ex.name(name, val.kind, val.active)

    def entries(self, table: ast.expr, key: ast.expr | None, value: ast.expr, at: ast.expr) -> list[ast.stmt]:
        """Statements that put an entry into a dict, or (without a key) the entries of another dict."""
        if key is not None:
            return [self.statement_of(at, "d[k] = v", {}, d=table, k=key, v=value)]
        other = self.expr(value)
        other = other if other.op == "name" else self.bind("table", other)
        if isinstance(other.kind, Dict):
            names = [ast.Constant(name) for name, _ in other.kind.items]
            return [self.statement_of(at, "d[k] = e[k]", {}, d=table, e=other, k=name) for name in names]
        k = self.fresh("key")
        self.frame.locals.add(k)
        return [self.statement_of(at, "for k in e: d[k] = e[k]", {"k": k}, d=table, e=other)]

    def statement_of(
        self, at: ast.expr, code: str, names: dict[str, str], **parts: ast.expr | Expr
    ) -> ast.stmt:
        raise NotImplementedError

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> Expr:
        """A list comprehension, as the loop it stands for."""
        name, self.wanted = self.wanted, ""
        if not name:
            name = self.fresh("items")
            self.module.unnamed.add(name)
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
