"""Loops over functions, or over a tuple of unlike things: written out, one round after the other."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Sequence

from . import expr as ex
from .expr import Expr
from .iterables import Iterables
from .kinds import BOOL, INT, Dict, Kind, Known, Tuple, is_mixed, is_real, join
from .lowering import placed
from .paths import item
from .snippets import lines
from .values import has_function


class Unrolling(Iterables):
    """Reads such loops."""

    unrolling: int

    def set_to(self, target: ast.expr, value: Expr, text: str) -> None:
        raise NotImplementedError

    def stmt(self, s: ast.stmt) -> None:
        raise NotImplementedError

    def unrolled(self, s: ast.For) -> bool:
        """Write such a loop out; False if it is another."""
        items = self.functions_in(s.iter)
        if not items:
            return False
        left = self.leaving(s, items)
        for k, a in enumerate(items, 1):
            body = copy.deepcopy(s.body)
            if left:
                (test,) = lines(f"if not {left}: pass")
                assert isinstance(test, ast.If)
                test.body = [_Leaves(left, k).visit(b) for b in body]
                body = [placed(test, s)]
            self.unrolling += 1
            self.set_to(s.target, a, "")
            for b in body:
                self.stmt(b)
            self.unrolling -= 1
        if left and isinstance(s.target, ast.Name):
            self.frame.given[s.target.id] = self.reached(left, items)
        return True

    def leaving(self, s: ast.For, items: list[Expr]) -> str:
        """The variable that says in which round a loop was left by `break`, 0 for none; "" if it never is."""
        if not _leaves(s):
            return ""
        left = self.module.names.flag("left")
        targets = {n.id for n in ast.walk(s.target) if isinstance(n, ast.Name)}
        tree = self.frame.source.tree
        later = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.lineno > (s.end_lineno or 0)]
        returns = any(isinstance(n, ast.Return) for n in ast.walk(_at_line(tree, s)))
        functions = isinstance(s.target, ast.Name) and all(a.op == "known" for a in items)
        if (returns or any(n.id in targets for n in later)) and not functions:
            self.no(s, "a loop over unlike things is left, and what it came to is read later", "Use a flag.")
        self.frame.locals.add(left)
        (first,) = lines(f"{left} = 0")
        self.stmt(placed(first, s))
        return left

    def reached(self, left: str, items: list[Expr]) -> Expr:
        """The function at which a loop was left."""
        *others, out = items
        for k, f in reversed(list(enumerate(others, 1))):
            flag = Expr("compare", (ex.name(left, INT),), ("", f" == {k}"), ex.COMPARE, BOOL)
            out = Expr("either", (), ("<either>",), ex.ATOM, Known(f), extra=(flag, f, out))
        return out

    def functions_in(self, it: ast.expr) -> list[Expr]:
        """What a loop goes over, if there are functions or unlike things among it."""
        if not isinstance(it, ast.Call):
            return self.held_by(it, "")
        if isinstance(it.func, ast.Attribute) and it.func.attr in ("items", "values") and not it.args:
            return self.held_by(it.func.value, it.func.attr)
        if not isinstance(it.func, ast.Name) or it.func.id not in ("enumerate", "zip") or it.keywords:
            return []
        over = [self.held_by(a, "") for a in it.args]
        count = min((len(items) for items in over if items), default=0)
        if it.func.id == "enumerate":
            first = [ex.const(str(i), INT) for i in range(count)] if len(it.args) == 1 else []
            return [ex.together(i, a) for i, a in zip(first, over[0], strict=False)]
        if not count:
            return []
        for i, a in enumerate(it.args):
            if not over[i]:
                whole = self.bind("items", self.expr(a))
                over[i] = [self.element(whole, ex.const(str(k), INT)) for k in range(count)]
        return [ex.together(*parts) for parts in zip(*over, strict=False)]

    def held_by(self, of: ast.expr, view: str) -> list[Expr]:
        """The parts of a display, of what a name stands for, of a dict's items."""
        if not isinstance(of, (ast.Tuple, ast.List, ast.Name, ast.Attribute)):
            return []
        whole = self.expr(of)
        if whole.op in ("tuple", "list") and not view:
            apart = any(a.op == "known" for a in whole.args) or _unlike([a.kind for a in whole.args])
            return list(whole.args) if apart else []
        unlike = isinstance(whole.kind, Tuple) and _unlike(whole.kind.items)
        if not isinstance(whole.kind, Dict if view else Tuple) or not (unlike or has_function(whole.kind)):
            return []
        if isinstance(whole.kind, Tuple):
            return [_itself(item(whole, i)) for i in range(len(whole.kind.items))]
        assert isinstance(whole.kind, Dict)
        out = []
        for name, kind in whole.kind.items:
            key, active = self.value("key", name), whole.active and is_real(kind)
            value = _itself(Expr("index", (whole, key), ("", "[", "]"), ex.ATOM, kind, active))
            out.append(ex.together(key, value) if view == "items" else value)
        return out


def _unlike(kinds: Sequence[Kind]) -> bool:
    return any(is_mixed(join(a, b)) for a, b in itertools.pairwise(kinds))


def _itself(e: Expr) -> Expr:
    return ex.function_itself(e.kind) if isinstance(e.kind, Known) else e


def _leaves(s: ast.For) -> bool:
    """Is there a `break` that leaves this very loop?"""
    work: list[ast.AST] = list(s.body)
    while work:
        n = work.pop()
        if isinstance(n, ast.Break):
            return True
        if not isinstance(n, (ast.For, ast.While, ast.FunctionDef, ast.Lambda)):
            work.extend(ast.iter_child_nodes(n))
    return False


class _Leaves(ast.NodeTransformer):
    """Every `break` of a loop, as the number of its round."""

    def __init__(self, flag: str, k: int) -> None:
        self.flag, self.k = flag, k

    def visit_Break(self, node: ast.Break) -> ast.stmt:
        (new,) = lines(f"{self.flag} = {self.k}")
        return placed(new, node)

    def visit_For(self, node: ast.For) -> ast.For:
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        return node


def _at_line(tree: ast.AST, s: ast.stmt) -> ast.AST:
    """The statement of the user's from which one was made."""
    return next((n for n in ast.walk(tree) if isinstance(n, ast.For) and n.lineno == s.lineno), s)
