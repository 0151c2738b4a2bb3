"""What a `for` goes over: what numbers its rounds, which variables are elements of what, the way back."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from . import expr as ex
from . import typing_rules as ty
from .calls import Calls
from .expr import Expr
from .kinds import BOTTOM, INT, Array, Dict, Kind, Known, List, Table, Tuple, is_real


@dataclass
class Rounds:
    """How a `for` goes: its iterable as code, its index, elements by target, and the way back."""

    code: str
    reads: frozenset[str]
    count: str
    backwards: str = ""
    index: str = ""
    index_node: ast.expr | None = None  # the user's target that is the index itself
    index_kind: Kind = INT
    elements: list[tuple[ast.expr, Callable[[Expr], Expr]]] = field(default_factory=list)


class Iterables(Calls):
    """Reads what loops go over."""

    def rounds(self, target: ast.expr, it: ast.expr) -> Rounds:
        """How to go over `it`."""
        if isinstance(it, ast.Call):
            func = self.expr(it.func)
            name = getattr(func.kind.obj, "__name__", "") if isinstance(func.kind, Known) else ""
            if name in ("range", "enumerate", "zip", "reversed") and func.op == "known":
                return getattr(self, "rounds_" + name)(target, it)  # type: ignore[no-any-return]
            keyed = func.op == "method" and isinstance(func.args[0].kind, (Dict, Table)) and not it.args
            if keyed and func.extra in ("keys", "items"):
                return self.rounds_dict(target, func.args[0], str(func.extra))
        if isinstance(it, ast.Set):
            it = in_its_order(it)
        whole = self.expr(it)
        if isinstance(whole.kind, (Dict, Table)):
            return self.rounds_dict(target, whole, "keys")
        if whole.kind == ty.RANGE_KIND or (
            not isinstance(whole.kind, (List, Tuple, Array)) and whole.kind != BOTTOM
        ):
            if whole.active:
                self.no(
                    it,
                    f"cannot tell what `{whole.text}` gives when iterated",
                    "Loop over a list or an array.",
                )
            whole = Expr("opaque", (whole,), ("list(", ")"), ex.ATOM, List(ty.element(whole.kind)))
        return self.over(target, whole)

    def over(self, target: ast.expr, whole: Expr) -> Rounds:
        """One by one over a list."""
        if whole.op != "name":
            whole = self.bind("items", whole)
        return Rounds(
            whole.text,
            whole.reads,
            f"len({whole.text})",
            elements=[(target, self.taking(whole))],
        )

    def template(self, at: ast.expr, code: str, **parts: ast.expr | Expr) -> ast.expr:
        raise NotImplementedError

    def tuples(self, node: ast.Call, function: object) -> Expr:
        raise NotImplementedError

    def dict_as_list(self, node: ast.expr) -> ast.expr:
        raise NotImplementedError

    def taking(self, whole: Expr) -> Callable[[Expr], Expr]:
        return lambda index: self.element(whole, index)

    def element(self, whole: Expr, index: Expr) -> Expr:
        kind = ty.element(whole.kind)
        return Expr("index", (whole, index), ("", "[", "]"), ex.ATOM, kind, whole.active and is_real(kind))

    def rounds_range(self, target: ast.expr, it: ast.Call) -> Rounds:
        args = [self.expr(a) for a in it.args]
        for node, a in zip(it.args, args, strict=True):
            if a.active:
                self.no(node, "the number of rounds depends on what is differentiated", "Use int(...) of it.")
        texts = [a.text for a in args]
        reads = frozenset().union(*(a.reads for a in args))
        if len(args) == 1:
            back = f"range({minus_one(texts[0])}, -1, -1)"
        elif len(args) == 2:
            back = f"range({minus_one(texts[1])}, {minus_one(texts[0])}, -1)"
        else:
            back = f"range({', '.join(texts)})[::-1]"
        code = f"range({', '.join(texts)})"
        out = Rounds(code, reads, f"len({code})", back)
        if isinstance(target, ast.Name):
            out.index, out.index_node = self.variable(target.id), target
        else:
            self.no(target, "a loop over range has one variable")
        return out

    def rounds_enumerate(self, target: ast.expr, it: ast.Call) -> Rounds:
        if not isinstance(target, (ast.Tuple, ast.List)) or len(target.elts) != 2:
            self.no(target, "enumerate gives a number and an element", "Write `for i, x in enumerate(xs)`.")
        number, inner = target.elts
        if it.keywords:
            it = ast.copy_location(ast.Call(it.func, [*it.args, *(k.value for k in it.keywords)], []), it)
        out = self.rounds(inner, self.dict_as_list(it.args[0]))
        if out.index_node is not None or out.backwards:
            self.no(it, "enumerate over this is not differentiated", "Count in a variable of your own.")
        start = f", {self.expr(it.args[1]).text}" if len(it.args) > 1 else ""
        out.code = f"enumerate({out.code}{start})"
        if isinstance(number, ast.Name) and not start:
            out.index, out.index_node = self.variable(number.id), number
        else:
            shift = self.expr(it.args[1]) if start else ex.const("0", INT)
            out.reads |= shift.reads
            out.elements.insert(0, (number, lambda i: ex.binary("add", "+", i, shift, INT)))
        return out

    def rounds_zip(self, target: ast.expr, it: ast.Call) -> Rounds:
        if len(it.args) == 1 and isinstance(it.args[0], ast.Starred):  # zip(*rows): the columns
            rows = self.bind("rows", self.expr(it.args[0].value))
            return self.rounds(
                target, self.template(it, "[[row[j] for row in a] for j in range(len(a[0]))]", a=rows)
            )
        if isinstance(target, ast.Name):
            return self.over(target, self.tuples(it, zip))
        targets = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        if len(targets) != len(it.args):
            self.no(target, f"zip gives {len(it.args)} elements a round", "Name each of them.")
        parts = [self.rounds(t, self.dict_as_list(a)) for t, a in zip(targets, it.args, strict=True)]
        for p, a in zip(parts, it.args, strict=True):
            if p.index_node is not None and isinstance(a, ast.Call):
                whole = self.bind(
                    "items",
                    Expr("opaque", (), (f"list({p.code})",), ex.ATOM, List(p.index_kind), hidden=p.reads),
                )
                assert p.index_node is not None
                p.elements = [(p.index_node, self.taking(whole))]
                p.code, p.reads, p.count = whole.text, whole.reads, f"len({whole.text})"
            elif p.backwards:
                self.no(a, "zip over this is not differentiated", "Loop over an index.")
        reads = frozenset().union(*(p.reads for p in parts))
        counts = [p.count for p in parts]
        count = counts[0] if len(set(counts)) == 1 else f"min({', '.join(counts)})"
        out = Rounds(f"zip({', '.join(p.code for p in parts)})", reads, count)
        out.elements = [e for p in parts for e in p.elements]
        return out

    def rounds_reversed(self, target: ast.expr, it: ast.Call) -> Rounds:
        inner = self.dict_as_list(it.args[0])
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "range":
            out = self.rounds_range(target, inner)
            out.code, out.backwards = out.backwards, out.code
            return out
        whole = self.expr(inner)
        if isinstance(whole.kind, (Dict, Table)):
            out = self.rounds_dict(target, whole, "keys")
            out.code, out.backwards = out.backwards, out.code
            return out
        if whole.op != "name":
            whole = self.bind("items", whole)
        if isinstance(whole.kind, Tuple):
            kind: Kind = Tuple(whole.kind.items[::-1])
        elif isinstance(whole.kind, (List, Array)) or whole.kind == BOTTOM:
            kind = whole.kind
        else:
            self.no(it, "cannot tell what is reversed here", "Loop over xs[::-1].")
        step = Expr(
            "slice",
            (),
            ("::-1",),
            ex.ATOM,
            ty.UNKNOWN,
            extra=(("none", None), ("none", None), ("literal", -1)),
        )
        turned = Expr("index", (whole, step), ("", "[", "]"), ex.ATOM, kind, whole.active)
        items = self.bind("items", turned)
        return Rounds(
            items.text,
            items.reads,
            f"len({items.text})",
            elements=[(target, lambda i: self.element(items, i))],
        )

    def rounds_dict(self, target: ast.expr, whole: Expr, view: str) -> Rounds:
        """Over the keys, values or items of a dict, numbered by its keys."""
        if whole.op != "name":
            whole = self.bind("table", whole)
        value_kind: Kind = BOTTOM if not isinstance(whole.kind, Table) else whole.kind.value
        if isinstance(whole.kind, Dict):
            value_kind = ty.element(Tuple(tuple(k for _, k in whole.kind.items)))

        def value(key: Expr) -> Expr:
            return Expr(
                "index",
                (whole, key),
                ("", "[", "]"),
                ex.ATOM,
                value_kind,
                whole.active and is_real(value_kind),
            )

        key_kind = ty.element(whole.kind)
        out = Rounds(
            whole.text if view == "keys" else f"{whole.text}.{view}()", whole.reads, "", index_kind=key_kind
        )
        out.backwards = f"reversed({whole.text})"
        if view == "keys" and isinstance(target, ast.Name):
            out.index, out.index_node = self.variable(target.id), target
        elif (
            view == "items"
            and isinstance(target, (ast.Tuple, ast.List))
            and isinstance(target.elts[0], ast.Name)
        ):
            out.index, out.index_node = self.variable(target.elts[0].id), target.elts[0]
            out.elements = [(target.elts[1], value)]
        elif view == "values":
            key = self.fresh("key")
            out.index, out.code = key, f"{whole.text}.items()"
            self.no(target, "looping over .values() is not differentiated", "Loop over .items().")
        else:
            self.no(
                target, "this loop over a dict is not differentiated", "Write `for key, value in d.items()`."
            )
        return out


def minus_one(text: str) -> str:
    """The code of `text` - 1."""
    if text.lstrip("-").isdigit():
        return str(int(text) - 1)
    if text.endswith(" + 1") and text.count("(") == text.count(")") and "if" not in text:
        return text[: -len(" + 1")]
    return (
        f"{text} - 1"
        if text.replace("_", "a").replace("(", "").replace(")", "").replace(".", "").isalnum()
        else f"({text}) - 1"
    )


def in_its_order(it: ast.Set) -> ast.expr:
    """A set of given integers as a list, in the order in which the set gives them."""
    values = [e.value for e in it.elts if isinstance(e, ast.Constant) and isinstance(e.value, int)]
    if len(values) < len(it.elts):
        return it
    new = ast.copy_location(ast.List([ast.Constant(v) for v in set(values)], ast.Load()), it)
    for n in ast.walk(new):
        ast.copy_location(n, it)
        n.made = True  # type: ignore[attr-defined]
    return new
