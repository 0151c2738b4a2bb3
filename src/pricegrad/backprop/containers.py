"""The way back through lists, tuples and dicts that an expression makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pricegrad.errors import SourceError

from .bound import shape_of
from .expr import Expr
from .kinds import Array, List, Num
from .term import Factor, Term
from .zeros import quoted

if TYPE_CHECKING:
    from .adjoint import Adjoint


def container(a: Adjoint, e: Expr, g: Term) -> None:
    """A container made here: g is a container of the same form."""
    called = isinstance(e.extra, dict) and "names" in e.extra
    if e.op in ("list", "tuple", "dict", "record") and not called:
        _written_out(a, e, g)
    elif e.op == "add":
        name = a.named(g)
        first, second = e.args
        a.back(first, _term(f"{name}[:len({first.text})]", 1))
        a.back(second, _term(f"{name}[len({first.text}):]", 1))
    elif e.op in ("copy", "list", "tuple"):
        _copied(a, e.args[0], g)
    elif e.op == "mul":
        _repeated(a, e, g)
    elif e.op == "sorted":
        xs = a.value(e.args[0], 1).text
        name, argsort = a.named(g), a.np("argsort")
        numbers = isinstance(e.args[0].kind, List) and isinstance(e.args[0].kind.item, Num)
        order = (
            f'{argsort}({xs}, kind="stable")'
            if numbers
            else f"sorted(range(len({xs})), key={xs}.__getitem__)"
        )
        rank = f"{argsort}({order})"
        a.back(e.args[0], _term(f"[{name}[i] for i in {rank}]", 9))
    else:
        raise SourceError(f"no derivative is known for `{e.text}`", hint="Build the list in a loop.")


def _term(code: str, cost: int) -> Term:
    return Term((Factor(code, cost=cost),))


def _written_out(a: Adjoint, e: Expr, g: Term) -> None:
    """[p, q]: each item takes its part."""
    alone = sum(item.active for item in e.args) < 2 and _is_path(g.factor().text)
    name = g.factor().text if alone else a.named(g)
    for i, item in enumerate(e.args):
        key = quoted(e.extra[i]) if e.op in ("dict", "record") else str(i)
        a.back(item, Term((Factor(f"{name}[{key}]", cost=1, shape=shape_of(item), whole=True),)))


def _is_path(text: str) -> bool:
    return re.fullmatch(r"\w+(\[[^\[\]]*\])*", text) is not None


def _copied(a: Adjoint, x: Expr, g: Term) -> None:
    """list(x), x.copy(): the same items; those of an array come back as an array."""
    if isinstance(x.kind, Array):
        array = a.module.function(f"np:{a.numpy}", "array")
        code = f"{array}({g.factor().text})"
        g = Term((Factor(code, cost=10, shape=shape_of(x), whole=True),))
    a.back(x, g)


def _repeated(a: Adjoint, e: Expr, g: Term) -> None:
    """xs * n: each item takes the sum over its copies."""
    name = a.named(g)
    xs = e.args[0] if isinstance(e.args[0].kind, List) else e.args[1]
    if xs.op == "list":
        for i, item in enumerate(xs.args):
            a.back(item, _term(f"sum({name}[{i}::{len(xs.args)}])", 3))
    else:
        v = a.value(xs, 1).text
        a.back(xs, _term(f"[sum({name}[i::len({v})]) for i in range(len({v}))]", 9))
