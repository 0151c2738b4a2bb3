"""The adjoint of one expression: what flows back to each variable it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pricegrad.errors import SourceError

from . import expr as ex
from . import rules_array
from .bound import shape_of
from .broadcasting import is_view
from .containers import container
from .expr import Expr, postorder
from .indices import once, reaches
from .kinds import Array, Kind, Num, is_container
from .module import Module
from .products import product
from .recorded import words
from .rules_scalar import ALIASES, ELEMENTWISE
from .selections import harmless
from .shapes import basic, is_mask
from .special import Special
from .term import Factor, Term, is_integer

_RECOMPUTE = 4  # scalar subexpressions cheaper than this are written again rather than kept
_ONCE = 8  # the same for products of variables in code that runs once, not in every round of a loop
_SHARE = 2  # an adjoint this costly gets a name when it is used twice


@dataclass
class Flow:
    """What flows to one place: variable `base`, element `suffix` of it."""

    base: str
    suffix: str
    kind: Kind
    base_kind: Kind
    terms: list[Term] = field(default_factory=list)
    add_at: str = ""  # a gather: the index for np.add.at


class Adjoint(Special):
    """Differentiates one expression backwards. `lines`, `flows` and `kept` are the result."""

    def __init__(
        self, module: Module, numpy: str, math: str, kept_names: dict[int, str], often: bool = True
    ) -> None:
        self.definition: Callable[[str], Expr | None] = lambda name: None
        self.foreign: set[int] = set()  # nodes of other statements: nothing of them is kept in a variable
        self.often = often  # is this code in a loop, or in a function that is called many times?
        self.module, self.numpy, self.math_style = module, numpy, math
        self.lines: list[str] = []
        self.flows: dict[str, Flow] = {}
        self.kept: dict[int, str] = {}
        self.kept_names = kept_names
        self.result: dict[int, str] = {}

    # ------------------------------------------------------------------ bookkeeping

    def add(self, e: Expr, suffix: str, kind: Kind, g: Term, add_at: str = "") -> None:
        """g flows to the variable at the root of path `e`, element `suffix`."""
        while e.op != "name":
            e = e.args[0]
        key = e.text + suffix + ("@" + add_at if add_at else "")
        self.flows.setdefault(key, Flow(e.text, suffix, kind, e.kind, add_at=add_at)).terms.append(g)

    def value(self, e: Expr, limit: int = _RECOMPUTE) -> Factor:
        """The value of a subexpression: its text if cheap, else a variable kept for it."""
        shape, integer = shape_of(e), is_integer(e.kind)
        if id(e) in self.result:
            return Factor(self.result[id(e)], shape=shape, integer=integer)
        if id(e) in self.kept:
            return Factor(self.kept[id(e)], shape=shape, integer=integer)
        if is_view(e):  # a view is never kept: what it shows may be overwritten
            self.value(e.args[0])
            return Factor(e.render(self.names()), e.prec, 1, shape, integer=integer)
        if not self.often and limit == _RECOMPUTE and _product(e):
            limit = _ONCE
        plain = e.op in ("name", "const", "field", "attr") or is_container(e.kind)
        if plain or e.cost < limit or id(e) in self.foreign:
            return Factor(e.render(self.names()), e.prec, e.cost, shape, integer=integer)
        return Factor(self.keep(e), shape=shape, integer=integer)

    def names(self) -> dict[int, str]:
        """Subexpressions that have a variable."""
        return {**self.kept, **self.result}

    def keep(self, e: Expr) -> str:
        """Give the value of a subexpression a variable of its own."""
        if id(e) not in self.kept:
            if id(e) not in self.kept_names:
                name = self.module.names.new(wanted(e))
                self.module.variables.add(name)
                self.kept_names[id(e)] = name
            self.kept[id(e)] = self.kept_names[id(e)]
        return self.kept[id(e)]

    def named(self, g: Term) -> str:
        """The adjoint as a variable."""
        if g.is_name:
            return g.nums[0].text
        name = self.module.temporary(self.lines)
        f = g.factor()
        shown = f.shape != () and not f.fresh and words([f.text]) & self.module.mutated
        self.lines.append(f"{name} = {f.at(ex.ATOM)}.copy()" if shown else f"{name} = {f.text}")
        return name

    def unknown(self, e: Expr, what: str, hint: str = "") -> SourceError:
        return SourceError(f"no derivative is known for {what}: `{e.text}`", hint=hint)

    def shared(self, g: Term, e: Expr, uses: int) -> Term:
        """An adjoint used several times: named if that saves work."""
        limit = 1 if isinstance(e.kind, Array) else _SHARE
        if uses < 2 or g.cost < limit:
            return g
        return Term((Factor(self.named(g), shape=g.shape, whole=g.whole),))

    def meant(self, e: Expr) -> Expr:
        """For a variable that an earlier line gave something not harmless: that, so that it can be cut."""
        made = self.definition(e.text) if e.op == "name" and isinstance(e.kind, Array) else None
        if made is None or not made.active or self.safe(made):
            return e
        self.result[id(made)] = e.text
        self.foreign |= {id(part) for part in postorder(made)}
        return made

    def safe(self, e: Expr) -> bool:
        """Can nothing infinite arise in it, the earlier lines included that it is made of?"""
        names = {part.text for part in postorder(e) if part.op == "name" and isinstance(part.kind, Array)}
        made = [m for m in map(self.definition, sorted(names)) if m is not None]
        return harmless(e) and all(map(self.safe, made))

    # ------------------------------------------------------------------ the walk

    def back(self, e: Expr, g: Term) -> None:
        """Send g, the adjoint of e, to everything active below e."""
        if not e.active:
            return None
        if isinstance(e.extra, dict) and "row" in e.extra:
            row, call = rules_array.bound(e)
            assert row.back is not None
            return row.back(self, call, g)
        if e.op in ("list", "tuple", "dict", "record") or (
            is_container(e.kind) and e.op not in ("index", "field", "name")
        ):
            return container(self, e, g)
        method = getattr(self, "back_" + e.op.replace(".", "_"), None)
        if method is not None:
            method(e, g)
            return None
        short = ALIASES.get(e.op, e.op)
        if short in ELEMENTWISE:
            return self.elementwise(e, ELEMENTWISE[short], g)
        method = getattr(self, "back_" + short.replace(".", "_"), None)
        if method is None:
            raise SourceError(f"no derivative is known for `{e.text}`")
        method(e, g)

    def back_name(self, e: Expr, g: Term) -> None:
        self.add(e, "", e.kind, g)

    def back_index(self, e: Expr, g: Term) -> None:
        """An element flows to its place; of several elements, one may be read twice."""
        whole, index = e.args[0], e.args[1]
        gathers = isinstance(whole.kind, Array) and not basic(index)
        if gathers and is_mask(index) and not self.safe(whole):
            mask = self.named(Term((Factor(index.render(self.names())),)))
            return self.only_there(whole, whole, self.whole(g, e), mask)
        if not reaches(whole):
            at = gathers and not once(index)
            return self.scattered(e, whole, self.at(index) if at else index.render(self.names()), g, at)
        if gathers and not once(index):
            self.add(e, self.path(whole), e.kind, g, self.at(index))
        else:
            self.add(e, self.path(e), e.kind, g)

    def at(self, index: Expr) -> str:
        """An index for np.add.at: slices spelled out."""
        parts = index.args if index.op in ("indices", "tuple") else (index,)
        out = []
        for p in parts:
            text = p.render(self.names())
            if p.op == "slice":
                text = f"slice({', '.join(b.strip() or 'None' for b in text.split(':'))})"
            out.append(text)
        return out[0] if len(out) == 1 else f"({', '.join(out)})"

    def back_field(self, e: Expr, g: Term) -> None:
        self.add(e, self.path(e), e.kind, g)

    def back_T(self, e: Expr, g: Term) -> None:
        self.flow(e, e.args[0], g, lambda t: f"{t}.T")

    def back_matmul(self, e: Expr, g: Term) -> None:
        product(self, e, e.args[0], e.args[1], g)

    def path(self, e: Expr) -> str:
        """Which element of the root variable's adjoint belongs to xs[i][j]."""
        if e.op == "name":
            return ""
        inner = self.path(e.args[0])
        if e.op == "field":
            return f'{inner}["{e.extra}"]'
        if e.op == "T":
            return inner + ".T"
        if e.op != "index":
            raise SourceError(f"cannot tell where `{e.text}` is kept", hint="Put it into a variable first.")
        return f"{inner}[{e.args[1].render(self.names())}]"


def _product(e: Expr) -> bool:
    """Only products of numbers?"""
    known = e.op in ("name", "const") or (e.op == "mul" and all(map(_product, e.args)))
    return known and isinstance(e.kind, Num)


def wanted(e: Expr) -> str:
    """A name for the value of an expression, from what it is."""
    short = ALIASES.get(e.op, e.op).rpartition(".")[2]
    if short in ("mul", "add"):
        return {"mul": "product", "add": "total"}[short]
    if short == "compare":
        return "mask" if isinstance(e.kind, Array) else "test"
    if not short.isidentifier() or short in ("index", "div", "sub", "opaque"):
        return "part"
    return f"{short}_{next(iter(e.reads))}" if len(e.reads) == 1 else f"{short}_value"
