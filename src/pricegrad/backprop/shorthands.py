"""Read calls of the standard library and NumPy that are short for lists, queues and loops over elements."""

from __future__ import annotations

import ast
import collections
import copy
import heapq
import itertools
import math
from typing import Any

import numpy as np

from . import expr as ex
from . import typing_rules as ty
from .arrangements import arranged
from .expr import Expr
from .kinds import INT, Array, Known, List, Num, Record, Tuple
from .objects import field_of
from .ordering import shares
from .templates import Templates
from .threading import copied


class Shorthands(Templates):
    """Reads such calls."""

    def only_a_heap(self, heap: ast.expr) -> None:
        raise NotImplementedError

    def shorthand(self, node: ast.Call, obj: Any) -> Expr | None:
        """The code a call is short for; None if it is none of these."""
        named = {k.arg for k in node.keywords}
        if obj in (itertools.combinations, itertools.permutations, itertools.product):
            code, given = arranged(obj, node)
            if code:
                return self.spelled(node, code, **{k: self.listed(v) for k, v in given.items()})
        if obj in (np.finfo, np.iinfo) and len(node.args) == 1:
            try:
                info = obj(self.frame.source.meaning(node.args[0]))
            except (TypeError, ValueError):
                self.no(node, f"`{ast.unparse(node)}` is of no type of numbers", "Write np.finfo(float).")
            code = f"{self.known_text(self.expr(node.func))}({ast.unparse(node.args[0])})"
            return Expr("const", (), (code,), ex.ATOM, ty.UNKNOWN, extra=("global", info))
        starred = len(node.args) == 1 and isinstance(node.args[0], ast.Starred)
        if obj is math.hypot and starred and isinstance(node.args[0], ast.Starred):
            root = Expr("known", (), ("sqrt",), ex.ATOM, Known(math.sqrt))
            return self.spelled(node, "root(sum([v * v for v in a]))", root=root, a=node.args[0].value)
        if obj is itertools.islice and not named and 2 <= len(node.args) <= 4:
            code = {2: "a[:b]", 3: "a[b:c]", 4: "a[b:c:d]"}[len(node.args)]
            bounds = dict(zip("bcd", node.args[1:], strict=False))
            return self.spelled(node, code, a=self.listed(node.args[0]), **bounds)
        if obj is np.vectorize and len(node.args) == 1 and not named:
            return Expr("by element", (), ("<by element>",), ex.ATOM, Known(node), extra=node.args[0])
        if obj in (copy.copy, copy.deepcopy) and len(node.args) == 1 and not named:
            e = self.expr(node.args[0])
            code = copied("a", e.kind) if obj is copy.deepcopy or not isinstance(e.kind, List) else "a.copy()"
            if isinstance(e.kind, (Num, Tuple)) and not shares(e.kind):
                return e
            return self.spelled(node, code, a=e) if code and shares(e.kind) else None
        if obj is heapq.heappop and len(node.args) == 1:
            return self.least_popped(node, node.args[0])
        if obj is collections.deque and not named:  # a list that is also changed at its other end
            return self.spelled(node, "[*a]", a=node.args[0]) if node.args else self.spelled(node, "[]")
        return None

    def least_popped(self, node: ast.Call, heap: ast.expr) -> Expr:
        """heapq.heappop(h): the least element, wherever it stands in the list that is kept for the heap."""
        self.only_a_heap(heap)
        items = self.listed(heap)
        code = ("min(range(len(", ")), key=", ".__getitem__)")
        at = self.bind("at", Expr("opaque", (items, items), code, ex.ATOM, INT)).text
        self.frame.locals.add(at)
        return self.pop_at(node, heap, ast.copy_location(ast.Name(at, ast.Load()), node))

    def replaced(self, node: ast.Call, of: Expr) -> Expr:
        """p._replace(a=1) of a named tuple: made anew."""
        kind = of.kind
        assert isinstance(kind, Record)
        of = of if of.op == "name" else self.bind("of", of)
        new = {k.arg: k.value for k in node.keywords}
        parts: dict[str, Any] = {n: new.get(n, field_of(of, n)) for n, _ in kind.fields}
        made = Expr("known", (), (kind.cls.__name__,), ex.ATOM, Known(kind.cls))
        names = {f"a{i}": part for i, part in enumerate(parts.values())}
        return self.spelled(node, f"cls({', '.join(names)})", cls=made, **names)

    def by_element(self, node: ast.Call, function: ast.expr | Expr) -> Expr:
        """np.vectorize(f)(a, b) of vectors of one length, of one and numbers, of a matrix, or of numbers."""
        parts = [self.expr(a) for a in node.args]
        held = [p if p.op in ("name", "const") else self.bind("a", p) for p in parts]
        dims = [len(p.kind.shape or ()) if isinstance(p.kind, Array) else 0 for p in held]
        most = max(dims, default=0)
        given: dict[str, Any] = {f"a{i}": p for i, p in enumerate(held)} | {"f": function}
        arrays = [i for i, d in enumerate(dims) if d]
        if node.keywords or most > 2 or any(dims[i] != most for i in arrays):
            self.no(node, "this call by element is not differentiated", "Write it as a comprehension.")
        if not arrays:
            return self.spelled(node, f"f({', '.join(f'a{i}' for i in range(len(held)))})", **given)
        where = ("[i]", "[i, j]")[most - 1]
        call = f"f({', '.join(f'a{i}{where}' if dims[i] else f'a{i}' for i in range(len(held)))})"
        size = f"len(a{arrays[0]})"
        row = call if most == 1 else f"[{call} for j in range(a{arrays[0]}.shape[1])]"
        module = Expr("known", (), (self.numpy_prefix(),), ex.ATOM, Known(np))
        return self.spelled(node, f"np.array([{row} for i in range({size})])", np=module, **given)
