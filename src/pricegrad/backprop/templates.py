"""Code in place of code: templates whose names stand for parts of the user's, read as if they stood there."""

from __future__ import annotations

import ast
import builtins
import functools

from . import expr as ex
from .choices import Choices
from .expr import Expr
from .kinds import BOTTOM, Known, List
from .module import EMITTED
from .snippets import Put, lines, spot
from .threading import NeedState


class Templates(Choices):
    """Reads code that is made up."""

    def spelled(self, at: ast.expr, code: str, **parts: ast.expr | Expr) -> Expr:
        """Some code, its names standing for parts of the user's or for what was read already."""
        return self.expr(self.template(at, code, **parts))

    def template(self, at: ast.expr, code: str, **parts: ast.expr | Expr) -> ast.expr:
        """The tree of some code with parts put in."""
        nodes: dict[str, ast.expr] = {}
        tree = spot(code)
        for n in ast.walk(tree):
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store):  # must not hide a name of the user's
                nodes[n.id] = ast.Name(self.fresh(n.id), ast.Load())
        for name, part in parts.items():
            if isinstance(part, Expr):
                held = self.module.names.new("part")
                self.frame.given[held] = part
                part = ast.Name(held, ast.Load())
            nodes[name] = part
        for name in {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} & EMITTED - set(parts):
            held = self.module.names.new("builtin")  # whatever the user calls by that name
            self.frame.given[held] = Expr("known", (), (name,), ex.ATOM, Known(getattr(builtins, name)))
            nodes[name] = ast.Name(held, ast.Load())
        return self.placed(Put(nodes).visit(tree), at)  # type: ignore[return-value]

    def statement_of(
        self, at: ast.expr, code: str, names: dict[str, str], **parts: ast.expr | Expr
    ) -> ast.stmt:
        """One statement, its names standing for parts of the user's or for new variables."""
        nodes: dict[str, ast.expr] = {n: ast.Name(new, ast.Load()) for n, new in names.items()}
        for name, part in parts.items():
            nodes[name] = self.template(at, name, **{name: part})
        for name in ("range", "len"):
            nodes[name] = self.template(at, name)
        return self.placed(Put(nodes).visit(lines(code)[0]), at)  # type: ignore[return-value]

    def joined(self, node: ast.List | ast.Tuple) -> Expr:
        """[x, *xs, y] as [x] + list(xs) + [y]."""
        parts: list[ast.expr] = []
        for e in node.elts:
            if isinstance(e, ast.Starred):
                parts.append(self.template(e, "list(a)", a=e.value))
            elif parts and isinstance(parts[-1], ast.List):
                parts[-1].elts.append(e)
            else:
                parts.append(ast.List([e], ast.Load()))
        new = functools.reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), parts)
        if isinstance(node, ast.Tuple):
            new = self.template(node, "tuple(a)", a=new)
        return self.expr(self.placed(new, node))  # type: ignore[arg-type]

    def placed(self, new: ast.AST, at: ast.expr) -> ast.AST:
        """New code, standing where the user's stands."""
        for n in ast.walk(new):
            if isinstance(n, (ast.expr, ast.stmt)) and not hasattr(n, "lineno"):
                ast.copy_location(n, at)
                n.made = True  # type: ignore[union-attr]
        return new

    def rewritten(self, s: ast.AST, code: str) -> None:
        """Read other code in place of a statement that changes a list."""
        for new in ast.parse(code).body:
            for node in ast.walk(new):
                if isinstance(node, (ast.expr, ast.stmt)):
                    ast.copy_location(node, s)
                    node.made = True  # type: ignore[union-attr]
            origin = self.origin
            if isinstance(new, ast.Assign) and isinstance(new.targets[0], ast.Name):
                name = new.targets[0].id
                if name in self.frame.given or name not in self.frame.locals:
                    self.elsewhere(s, new)
                    self.origin = origin
                    continue
                self.parameter_changes(name)
                self.aliased(s, name, self.expr(ast.Name(name, ast.Load())), refuse=True)
            base = self.expr(ast.Name(new.targets[0].id, ast.Load())) if isinstance(new, ast.Assign) else None  # type: ignore[attr-defined]
            if base is not None and not isinstance(base.kind, List) and base.kind != BOTTOM:
                self.no(s, "only lists are changed this way")
            self.stmt(new)
            self.origin = origin

    def elsewhere(self, s: ast.AST, new: ast.Assign) -> None:
        """The same for a list that is the caller's, or that of a function around this one."""
        target = new.targets[0]
        assert isinstance(target, ast.Name)
        place = self.expr(ast.Name(target.id, ast.Load()))
        self.parameter_changes(place.text)
        sole = place.op == "name" and place.text in (self.env or {}) and self.stands_alone(place.text)
        if not sole or not isinstance(place.kind, List):
            self.no(
                s, f"this changes the list `{target.id}` of another scope", "Return the new list instead."
            )
        value = self.expr(new.value)
        self.assign(place.text, value)
        self.module.mutated.add(place.text)

    def parameter_changes(self, name: str) -> None:
        """A parameter of a function that calls itself is changed: it has to come back."""
        if name in self.parameters:
            raise NeedState(self.key, [name])

    def held(self, node: ast.expr) -> Expr:
        """A value that is used twice."""
        e = self.expr(node)
        return e if e.op in ("name", "const") else self.bind("key", e)

    def listed(self, node: ast.expr) -> Expr:
        """A list in a variable."""
        e = self.expr(node)
        if not isinstance(e.kind, List) and e.kind != BOTTOM:
            e = self.spelled(node, "list(a)", a=e if e.op == "name" else self.bind("items", e))
        return e if e.op == "name" else self.bind("items", e)
