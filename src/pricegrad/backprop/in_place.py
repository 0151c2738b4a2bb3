"""Read calls that change an array in place: np.add.at, out=, fill, copyto, as the assignments they are."""

from __future__ import annotations

import ast
import copy
import heapq

import numpy as np

from . import expr as ex
from .asked import more_than_a_heap
from .changes import Changes
from .expr import Expr
from .ir import Store
from .kinds import BOTTOM, Array, Known

_LOOPED = {"multiply": "*=", "divide": "/="}
_SCATTERED = {"add": ("add", "+"), "subtract": ("sub", "-")}


class InPlace(Changes):
    """Reads calls for what they change."""

    def changes_in_place(self, node: ast.Call) -> bool:
        """Read a statement that is such a call; False if it is none."""
        func = self.expr(node.func)
        base = func.args[0].kind if func.op == "method" else None
        if (
            isinstance(base, Known)
            and isinstance(base.obj, np.ufunc)
            and func.extra == "at"
            and len(node.args) == 3
        ):
            self.at(node, func.args[0], base.obj.__name__)
            return True
        if (
            isinstance(base, Array)
            and func.extra in ("fill", "sort")
            and isinstance(node.func, ast.Attribute)
        ):
            x = node.func.value
            given = x if func.extra == "sort" else node.args[0]
            self.overwrite(
                node, x, self.numpy_code(node, "np.sort(a)" if func.extra == "sort" else "a", a=given)
            )
            return True
        obj = func.kind.obj if isinstance(func.kind, Known) else None
        if obj in (heapq.heappush, heapq.heapify, heapq.heappop):
            if len(node.args) != 1 + (obj is heapq.heappush) or not isinstance(node.args[0], ast.Name):
                self.no(node, "a heap is a list in a variable", "Write heapq.heappush(h, value).")
            self.heap(node, obj, node.args[0])
            return True
        if obj is np.copyto and len(node.args) == 2 and not node.keywords:
            self.overwrite(node, node.args[0], node.args[1])
            return True
        if obj is np.put_along_axis and len(node.args) >= 3:
            self.put_along(node)
            return True
        if obj is np.fill_diagonal and len(node.args) == 2 and not node.keywords:
            x, value = node.args
            rows = self.numpy_code(node, "np.arange(len(a))", a=x)
            place = ast.Subscript(x, ast.Tuple([rows, copy.deepcopy(rows)], ast.Load()), ast.Store())
            self.do_Assign(self.placed(ast.Assign([place], value), node))  # type: ignore[arg-type]
            return True
        return self.written_out(node) is not None

    def heap(self, node: ast.Call, function: object, heap: ast.Name) -> None:
        """A heap is a list in any order here: only its least element is asked for, by heappop."""
        self.only_a_heap(heap)
        if function is heapq.heappush:
            put = ast.Call(ast.Attribute(heap, "append", ast.Load()), node.args[1:], [])
            self.stmt(self.placed(ast.Expr(put), node))  # type: ignore[arg-type]
        elif function is heapq.heappop:
            self.expr(node)

    def only_a_heap(self, heap: ast.expr) -> None:
        """Refuse a heap of which more is asked than its least element and its length."""
        name = heap.id if isinstance(heap, ast.Name) else ""
        place = more_than_a_heap(self.frame.source.tree, name) if name else heap
        if place is not None:
            self.no(place, "more is read of a heap than heappop gives", "Keep it in a variable.")

    def stmt(self, s: ast.stmt) -> None:
        raise NotImplementedError

    def written_out(self, node: ast.Call) -> ast.expr | None:
        """np.exp(x, out=y): the place that is written."""
        place = next((k.value for k in node.keywords if k.arg == "out"), None)
        if not isinstance(place, (ast.Name, ast.Subscript)):
            return None
        others = [k for k in node.keywords if k.arg != "out"]
        self.overwrite(node, place, self.placed(ast.Call(node.func, node.args, others), node))  # type: ignore[arg-type]
        return place

    def overwrite(self, node: ast.Call, place: ast.expr, value: ast.expr) -> None:
        """place[...] = value."""
        target = ast.Subscript(copy.deepcopy(place), ast.Constant(...), ast.Store())
        self.do_Assign(self.placed(ast.Assign([target], value), node))  # type: ignore[arg-type]

    def do_Assign(self, s: ast.Assign) -> None:
        raise NotImplementedError

    def numpy_code(self, node: ast.Call, code: str, **parts: ast.expr | Expr) -> ast.expr:
        module = Expr("known", (), (self.numpy_prefix(),), ex.ATOM, Known(np))
        return self.template(node, code, np=module, **parts)

    def put_along(self, node: ast.Call) -> None:
        """np.put_along_axis of a vector is an assignment through an index."""
        x, index, value = node.args[:3]
        kind = self.expr(x).kind
        if isinstance(kind, Array) and kind.shape is not None and len(kind.shape) != 1:
            self.no(
                node, "np.put_along_axis is differentiated for vectors only", "Write x[rows, index] = value."
            )
        place = ast.Subscript(x, index, ast.Store())
        self.do_Assign(self.placed(ast.Assign([place], value), node))  # type: ignore[arg-type]

    def at(self, node: ast.Call, ufunc: Expr, name: str) -> None:
        """np.add.at(y, i, v): repeated indices count each time."""
        y, index, v = node.args
        if name in _LOOPED:
            return self.one_by_one(node, name)
        if name not in _SCATTERED:
            self.no(node, f"np.{name}.at is not differentiated", "Write it as a loop over the indices.")
        value = self.expr(v)
        load = self.stable(ast.copy_location(ast.Subscript(y, spelled_slices(index), ast.Load()), node))
        load.made = True  # type: ignore[attr-defined]
        place = self.expr(load)
        if place.op != "index" or not isinstance(place.args[0].kind, Array):
            self.no(node, "np.add.at needs an array", "Make it an array in a line before.")
        if value.reads & place.args[0].reads:
            value = self.bind("value", self.spelled(node, "a * 1.0", a=value))
        op, sign = _SCATTERED[name]
        out = self.binary(node, op, place, value, ex.binary(op, sign, place, value, BOTTOM))
        out.kind = place.kind
        self.put(node, place, out, "")
        store = self.out[-1]
        assert isinstance(store, Store)
        text = f"{self.known_text(ufunc)}.at({place.args[0].text}, {at_index(place.args[1])}, "
        store.call = (text, ")")

    def one_by_one(self, node: ast.Call, name: str) -> None:
        """np.multiply.at as a loop over the indices."""
        y, index, v = node.args
        held = self.bind("index", self.expr(index))
        value = self.expr(v)
        value = value if value.op in ("name", "const") else self.bind("value", value)
        k = self.fresh("k")
        self.frame.locals.add(k)
        part = "v[k]" if isinstance(value.kind, Array) else "v"
        code = f"for k in range(len(i)):\n    y[i[k]] {_LOOPED[name]} {part}"
        self.stmt(self.statement_of(node, code, {"k": k}, y=y, i=held, v=value))


def at_index(index: Expr) -> str:
    """An index as an argument: slices spelled out."""
    parts = index.args if index.op in ("indices", "tuple") else (index,)
    out = []
    for p in parts:
        text = p.text
        if p.op == "slice":
            text = f"slice({', '.join(b.strip() or 'None' for b in text.split(':'))})"
        out.append(text)
    return out[0] if len(out) == 1 else f"({', '.join(out)})"


def spelled_slices(index: ast.expr) -> ast.expr:
    """slice(a, b) as a:b."""
    if isinstance(index, ast.Tuple):
        new = copy.copy(index)
        new.elts = [spelled_slices(e) for e in index.elts]
        new.made = True  # type: ignore[attr-defined]
        return new
    if isinstance(index, ast.Call) and isinstance(index.func, ast.Name) and index.func.id == "slice":
        bounds = [None if isinstance(a, ast.Constant) and a.value is None else a for a in index.args]
        bounds = [None, *bounds] if len(bounds) == 1 else bounds
        made = ast.copy_location(ast.Slice(*bounds), index)
        made.made = True  # type: ignore[attr-defined]
        return made
    return index
