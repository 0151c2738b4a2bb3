"""Read calls as simpler code that does the same: map, sorted with a key, accumulate, operators by name."""

from __future__ import annotations

import ast
import collections
import functools
import itertools
import math
import operator
from dataclasses import replace
from typing import Any

import numpy as np

from . import expr as ex
from .expr import Expr
from .frame import Env
from .generators import gives_values
from .ir import Append, Let, Pop, Store, walk
from .kinds import FLOAT, INT, Dict, Known, List, Num, Table, Tuple
from .selections import harmless
from .shorthands import Shorthands
from .snippets import Put, lines, spot

# Functions that are an expression of their arguments a, b, ...
_SPELLED: dict[int, str] = {
    id(f): code
    for f, code in (
        (operator.add, "a + b"), (operator.sub, "a - b"), (operator.mul, "a * b"), (operator.neg, "-a"),
        (operator.truediv, "a / b"), (operator.floordiv, "a // b"), (operator.mod, "a % b"),
        (operator.pow, "a ** b"), (operator.matmul, "a @ b"), (operator.pos, "+a"),
        (operator.getitem, "a[b]"), (operator.lt, "a < b"), (operator.le, "a <= b"), (operator.eq, "a == b"),
        (operator.gt, "a > b"), (operator.ge, "a >= b"), (operator.ne, "a != b"), (operator.not_, "not a"),
        (itertools.pairwise, "[(a[i], a[i + 1]) for i in range(len(a) - 1)]"),
        (itertools.chain, "[*a, *b]"),
        (itertools.chain.from_iterable, "[v for part in a for v in part]"),
        (itertools.starmap, "[a(*v) for v in b]"),
    )
}  # fmt: skip
# Iterators: they are used up once, and see what changes before they are.
_ITERATORS = {
    id(f)
    for f in (map, filter, zip, enumerate, reversed, iter, itertools.accumulate, itertools.pairwise,
              itertools.product, itertools.chain, itertools.chain.from_iterable, itertools.starmap,
              itertools.combinations)
}  # fmt: skip
# Methods of NumPy's elementwise functions, as functions of their own.
_UFUNC_METHODS = {
    ("add", "reduce"): "np.sum(a, axis=axis)", ("multiply", "reduce"): "np.prod(a, axis=axis)",
    ("maximum", "reduce"): "np.max(a, axis=axis)", ("minimum", "reduce"): "np.min(a, axis=axis)",
    ("add", "accumulate"): "np.cumsum(a, axis=axis)", ("multiply", "accumulate"): "np.cumprod(a, axis=axis)",
    ("multiply", "outer"): "np.outer(a, axis)", ("add", "outer"): "a[:, None] + axis",
    ("logaddexp", "reduce"): "np.log(np.sum(np.exp(a - np.max(a)), axis=axis)) + np.max(a)",
    ("subtract", "outer"): "a[:, None] - axis", ("divide", "outer"): "a[:, None] / axis",
}  # fmt: skip


class Rewriting(Shorthands):
    """Reads what is short for a few simpler lines."""

    def instead(self, node: ast.Call, obj: Any) -> Expr | None:
        """A call as simpler code; None if it is not short for anything."""
        named = {k.arg for k in node.keywords}
        if obj in (map, filter, functools.reduce) and not named:
            return self.mapped(node, obj.__name__)
        if obj in (list, tuple, sorted, max, min, sum) and len(node.args) == 1:
            first = self.dict_as_list(node.args[0])
            if first is not node.args[0]:
                return self.expr(self.placed(ast.Call(node.func, [first], node.keywords), node))  # type: ignore[arg-type]
        if obj is np.where and len(node.args) == 3 and not named and self.of_numbers(node.args):
            test, x, y = node.args
            return self.expr(self.placed(ast.IfExp(test, x, y), node))  # type: ignore[arg-type]
        if obj is sorted and named:
            return self.ordered(node)
        if obj in (max, min) and named == {"key"}:
            return self.extreme_by_key(node, obj.__name__)
        if obj is sum and len(node.args) == 2 and isinstance(node.args[1], ast.List):
            return self.spelled(
                node, "[*start, *[v for part in a for v in part]]", a=node.args[0], start=node.args[1]
            )
        if obj is math.prod and named == {"start"}:
            inner = ast.Call(node.func, node.args, [])
            return self.spelled(node, "start * a", a=inner, start=node.keywords[0].value)
        if obj is itertools.accumulate and len(node.args) <= 2 and not named:
            return self.accumulated(node)
        shorter = self.shorthand(node, obj)
        if shorter is not None:
            return shorter
        if obj in (zip, enumerate) and not named and not any(isinstance(a, ast.Starred) for a in node.args):
            return self.tuples(node, obj)
        if obj is reversed and len(node.args) == 1:
            return self.spelled(node, "a[::-1]", a=self.listed(node.args[0]))
        if (
            obj is collections.defaultdict
            and not named
            and [ast.unparse(a) for a in node.args] in (["float"], ["int"])
        ):
            code = f"{self.known_text(self.expr(node.func))}({ast.unparse(node.args[0])})"
            return Expr("dict", (), (code,), ex.ATOM, Table(FLOAT), extra=[])
        if obj is dict and len(node.args) == 1 and not named:
            return self.dict_of(node)
        if obj is dict and len(node.args) <= 1 and named:
            keys: list[ast.expr | None] = [None for _ in node.args]
            keys += [ast.Constant(k.arg) if k.arg else None for k in node.keywords]
            new = ast.Dict(keys, [*node.args, *(k.value for k in node.keywords)])
            return self.expr(self.placed(new, node))  # type: ignore[arg-type]
        short = _SPELLED.get(id(obj))
        if short is not None and not named and not any(isinstance(a, ast.Starred) for a in node.args):
            given = dict(zip("abcd", node.args, strict=False))
            many = any(short.count(f"{k}[") > 1 for k in given)
            return self.spelled(node, short, **{k: self.listed(v) if many else v for k, v in given.items()})
        return None

    def of_numbers(self, nodes: list[ast.expr]) -> bool:
        """Are these plain numbers, one of which may be infinite? Nothing of reading them remains."""
        env, given, length = dict(self.env or {}), dict(self.frame.given), len(self.out)
        parts = self.operands(nodes)
        written = len(self.out) > length
        del self.out[length:]
        self.env, self.frame.given = env, given
        numbers = all(isinstance(e.kind, Num) for e in parts)
        return numbers and (written or not all(map(harmless, parts[1:])))

    def dict_of(self, node: ast.Call) -> Expr | None:
        """dict(d) is a copy, dict(pairs) a comprehension."""
        if isinstance(node.args[0], ast.Call):
            return self.spelled(node, "{k: v for k, v in a}", a=node.args[0])
        e = self.expr(node.args[0])
        return self.spelled(node, "a.copy()", a=e) if isinstance(e.kind, (Dict, Table)) else None

    def number(self, node: ast.Call, of: Expr) -> Expr:
        """x.item() of what is a number already."""
        return self.spelled(node, "float(a)", a=of)

    def table_method(self, node: ast.Call, base: Expr, name: str) -> Expr | None:
        """Methods of a dict whose keys are known only while running."""
        if not isinstance(base.kind, (Dict, Table)) or base.op != "name":
            return None
        if name == "get" and len(node.args) == 2:
            return self.spelled(
                node, "d[k] if k in d else b", d=base, k=self.held(node.args[0]), b=node.args[1]
            )
        if name == "values" and isinstance(base.kind, Table) and not node.args:
            return self.spelled(node, "[d[k] for k in d]", d=base)
        if name == "items" and not node.args:
            return self.spelled(node, "[(k, d[k]) for k in d]", d=base)
        if name in ("pop", "setdefault", "popitem"):
            self.no(
                node,
                f"`.{name}` changes the dict while it is read",
                "Read the value by its key, or with .get(key, other), and assign it in a line of its own.",
            )
        return None

    def dict_as_list(self, node: ast.expr) -> ast.expr:
        """A dict, or its keys or items, that is gone through beside something else, as a list."""
        keyed = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args
        whole = node.func.value if keyed else node  # type: ignore[attr-defined]
        name = node.func.attr if keyed else "keys"  # type: ignore[attr-defined]
        if not isinstance(whole, ast.Name) or name not in ("keys", "items"):
            return node
        d = self.expr(whole)
        if not isinstance(d.kind, (Dict, Table)) or d.op != "name":
            return node
        listed = self.spelled(node, "[k for k in d]" if name == "keys" else "[(k, d[k]) for k in d]", d=d)
        held = self.fresh("items")
        self.frame.given[held] = listed
        return self.placed(ast.Name(held, ast.Load()), node)  # type: ignore[return-value]

    def ufunc_method(self, node: ast.Call, function: np.ufunc, method: str) -> Expr | None:
        """np.add.reduce(x) and the like."""
        code = _UFUNC_METHODS.get((function.__name__, method))
        given = [*node.args, *(k.value for k in node.keywords)]
        if method == "accumulate" and function in (np.maximum, np.minimum) and len(given) == 1:
            text = f"{self.known_text(self.expr(node.func).args[0])}.accumulate"
            func = Expr("const", (), (text,), ex.ATOM, Known(function))
            return self.named(node, func, f"numpy.running_{function.__name__[:3]}")
        if code is None or not 1 <= len(given) <= 2 or any(k.arg != "axis" for k in node.keywords):
            return None
        axis = given[1] if len(given) == 2 else ast.Constant(0)
        module = Expr("known", (), (self.numpy_prefix(),), ex.ATOM, Known(np))
        return self.spelled(node, code, a=given[0], axis=axis, np=module)

    # ------------------------------------------------------------------ iterators

    def lasting(self, node: ast.expr) -> None:
        """Refuse an iterator that is kept: it would be used up once, and see what changes until then."""
        if self.is_iterator(node):
            text = ast.unparse(node)
            self.no(
                node, f"`{text}` is an iterator that is kept: it can be used up only once", "Make it a list."
            )

    def is_iterator(self, node: ast.expr) -> bool:
        """Is it a generator, or a call that gives an iterator?"""
        if not isinstance(node, ast.Call) or not isinstance(node.func, (ast.Name, ast.Attribute)):
            return isinstance(node, ast.GeneratorExp)
        kind = self.expr(node.func).kind
        obj = kind.obj if isinstance(kind, Known) else None
        return id(obj) in _ITERATORS or gives_values(obj)

    def tuples(self, node: ast.Call, function: Any) -> Expr:
        """zip or enumerate as a list of tuples."""
        names = [self.fresh("each") for _ in node.args]
        if function is enumerate:
            names = [self.fresh("i"), *names[:1]]
        target = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
        made = ast.Tuple([ast.Name(n, ast.Load()) for n in names], ast.Load())
        new = ast.ListComp(made, [ast.comprehension(target, node, [], 0)])
        return self.expr(self.placed(new, node))  # type: ignore[arg-type]

    def mapped(self, node: ast.Call, name: str) -> Expr:
        """map, filter and functools.reduce, as the loops they stand for."""
        f, *lists = node.args
        names = [self.fresh("each") for _ in lists]
        loads: list[ast.expr] = [ast.Name(n, ast.Load()) for n in names]
        stores: list[ast.expr] = [ast.Name(n, ast.Store()) for n in names]
        new: ast.expr
        if name == "reduce":
            first = self.bind("reduced", self.expr(lists[1])) if len(lists) == 2 else None
            items = self.bind("items", self.expr(lists[0]))
            total = self.fresh("total")
            start = first.text if first is not None else f"{items.text}[0]"
            rest = items.text if first is not None else f"{items.text}[1:]"
            self.frame.locals |= {items.text, total, names[0], *([first.text] if first is not None else [])}
            step = ast.For(stores[0], spot(rest), [], [])
            call = ast.Call(f, [ast.Name(total, ast.Load()), loads[0]], [])
            step.body = [ast.Assign([ast.Name(total, ast.Store())], call)]
            for s in (*lines(f"{total} = {start}"), step):
                self.stmt(self.placed(s, node))  # type: ignore[arg-type]
            return self.expr(self.placed(ast.Name(total, ast.Load()), node))  # type: ignore[arg-type]
        over = lists[0] if len(lists) == 1 else ast.Call(ast.Name("zip", ast.Load()), lists, [])
        target = stores[0] if len(lists) == 1 else ast.Tuple(stores, ast.Store())
        made = ast.Call(f, loads, [])
        rounds = ast.comprehension(target, over, [made] if name == "filter" else [], 0)
        new = ast.ListComp(loads[0] if name == "filter" else made, [rounds])
        return self.expr(self.placed(new, node))  # type: ignore[arg-type]

    def accumulated(self, node: ast.Call) -> Expr:
        """itertools.accumulate, as the loop it stands for."""
        items, total, out, v = (
            self.listed(node.args[0]),
            self.fresh("total"),
            self.fresh("items"),
            self.fresh("each"),
        )
        self.frame.locals |= {items.text, total, out, v}
        step = "f(total, v)" if len(node.args) == 2 else "total + v"
        code = f"total = a[0]\nout = [total]\nfor v in a[1:]:\n    total = {step}\n    out.append(total)"
        nodes: dict[str, ast.expr] = {"a": ast.Name(items.text, ast.Load())}
        nodes |= {"f": node.args[1]} if len(node.args) == 2 else {}
        names = {"total": total, "out": out, "v": v}
        for s in lines(code):
            for n in ast.walk(s):
                if isinstance(n, ast.Name) and n.id in names:
                    n.id = names[n.id]
            self.stmt(self.placed(Put(nodes).visit(s), node))  # type: ignore[arg-type]
        return self.expr(self.placed(ast.Name(out, ast.Load()), node))  # type: ignore[arg-type]

    # ------------------------------------------------------------------ order by a key

    def ordered(self, node: ast.Call) -> Expr:
        """sorted(xs, key=..., reverse=...): by the order of the keys, which themselves have no derivative."""
        words = {k.arg: k.value for k in node.keywords}
        if len(node.args) != 1 or not set(words) <= {"key", "reverse"}:
            self.no(node, "sorted takes a list, a key and a reverse", "Write it so.")
        items = self.listed(node.args[0])
        keys = self.keys(node, items, words.get("key"))
        back = f", reverse={self.expr(words['reverse']).text}" if "reverse" in words else ""
        code = ("sorted(range(len(", ")), key=", f".__getitem__{back})")
        order = self.bind("order", Expr("opaque", (keys, keys), code, ex.ATOM, List(INT)))
        return self.spelled(node, "[a[i] for i in order]", a=items, order=order)

    def extreme_by_key(self, node: ast.Call, name: str) -> Expr:
        """max(xs, key=...) and min: the element whose key is first the greatest or the least."""
        many = ast.List(node.args, ast.Load()) if len(node.args) > 1 else node.args[0]
        items = self.listed(self.placed(many, node) if len(node.args) > 1 else many)  # type: ignore[arg-type]
        keys = self.keys(node, items, node.keywords[0].value)
        code = (f"{name}(range(len(", ")), key=", ".__getitem__)")
        at = self.bind("at", Expr("opaque", (keys, keys), code, ex.ATOM, INT))
        return self.spelled(node, "a[k]", a=items, k=at)

    def keys(self, node: ast.Call, items: Expr, key: ast.expr | None) -> Expr:
        """The key of every item, in a variable; nothing flows back through it."""
        if key is None or (isinstance(key, ast.Constant) and key.value is None):
            return items
        before, length = dict(self.env or {}), len(self.out)
        self.env = inert(before)
        out = self.bind("keys", self.spelled(node, "[key(v) for v in a]", a=items, key=key))
        new = list(walk(self.out[length:]))
        made = {n for s in new if isinstance(s, Let) for n in s.names}  # lists of the keys' own
        changed = {s.base for s in new if isinstance(s, (Store, Append, Pop))} - made
        if changed & set(before):
            self.no(node, "the key changes something while it is computed", "Compute the keys beforehand.")
        self.env = {**self.env, **before}
        return out


def inert(env: Env) -> Env:
    """The same variables, none of them differentiated."""
    return {name: replace(val, active=False) for name, val in env.items()}


__all__ = ["Rewriting", "Tuple"]
