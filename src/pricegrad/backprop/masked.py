"""The arm of a `where` in which something infinite may arise: only the elements taken are differentiated."""

from __future__ import annotations

from typing import Any

from . import expr as ex
from .bound import shape_of
from .broadcasting import Broadcasting, same_shape
from .expr import Expr
from .kinds import Array
from .rules_scalar import ALIASES, ELEMENTWISE
from .term import Factor, Term
from .typing_rules import some_length

_POINTWISE = {"add", "sub", "mul", "div", "neg", "pos", "pow", "power", "abs"}


class Masked(Broadcasting):
    """Differentiates on a selection of elements."""

    picked: dict[int, str]  # values already cut to the selection

    def named(self, g: Term) -> str:
        raise NotImplementedError

    def guarded(self, arm: Expr, g: Term, cond: str, taken: bool) -> Term:
        """For numbers: where the arm was not taken, its operands are replaced by ones."""
        raise self.unknown(arm, "a number chosen by np.where", "Write it as `a if condition else b`.")

    def meant(self, e: Expr) -> Expr:
        raise NotImplementedError

    def unknown(self, e: Expr, what: str, hint: str = "") -> Any:
        raise NotImplementedError

    def selected(self, parent: Expr, arm: Expr, g: Term, test: Expr, taken: bool) -> None:
        """g flows to the elements of `arm` that were taken; elsewhere nothing is even computed."""
        shape = shape_of(parent)
        mask = self.named(Term((Factor(self.value(test).text if taken else f"~({self.value(test).text})"),)))
        if not same_shape(shape_of(test), shape):
            at = f"{self.np('broadcast_to')}({mask}, {self.shape(parent)})"
            self.lines.append(f"{mask} = {at}")
        cut = (some_length(),)
        if g.shape == () and not g.whole:
            part = g
        else:
            part = self.linear(self.whole(g, parent), lambda t: f"{t}[{mask}]", cut)
        self.only_there(parent, arm, part, mask)

    def only_there(self, parent: Expr, arm: Expr, part: Term, mask: str) -> None:
        """`part` is the adjoint of arm[mask]: it flows to the elements of the mask, and nothing elsewhere."""
        shape = shape_of(parent)
        for leaf, flow in self.pick(arm, part, mask, shape, parent):
            name = self.module.temporary(self.lines)
            self.lines.append(f"{name} = {self.np('zeros')}({self.shape(parent)})")
            self.lines.append(f"{name}[{mask}] = {flow.factor().text}")
            self.send(parent, leaf, Term((Factor(name, shape=shape, whole=True, fresh=True),)))

    def pick(self, e: Expr, g: Term, mask: str, shape: Any, parent: Expr) -> list[tuple[Expr, Term]]:
        """Where g ends up, going down through elementwise operations only."""
        if not e.active:
            return []
        e = self.meant(e)
        short = ALIASES.get(e.op, e.op)
        known = isinstance(e.extra, dict) and "row" in e.extra
        if known or (short not in _POINTWISE and short not in ELEMENTWISE) or e.op == "name":
            return [(e, g)]
        inner = Picker(self, mask, shape, parent)
        inner.back(e, g)
        return [x for child, h in inner.sent for x in self.pick(child, h, mask, shape, parent)]


def cut(owner: Broadcasting, e: Expr, mask: str, shape: Any, parent: Expr) -> Factor:
    """The value of an expression at the selected elements."""
    v = owner.value(e)
    if not isinstance(e.kind, Array):
        return v
    if same_shape(shape_of(e), shape):
        return Factor(f"{v.at(ex.ATOM)}[{mask}]", cost=10, shape=(None,))
    wide = f"{owner.np('broadcast_to')}({v.text}, {owner.shape(parent)})"
    return Factor(f"{wide}[{mask}]", cost=10, shape=(None,))


class Picker:
    """One step down: an `Adjoint` whose values are cut to the selection and which stops at the operands."""

    def __init__(self, owner: Any, mask: str, shape: Any, parent: Expr) -> None:
        self.owner, self.mask, self.form, self.parent = owner, mask, shape, parent
        self.sent: list[tuple[Expr, Term]] = []

    def back(self, e: Expr, g: Term) -> None:
        from .adjoint import Adjoint

        picker = self

        class Step(Adjoint):
            top = True

            def value(self, e: Expr, limit: int = 4) -> Factor:
                return cut(picker.owner, e, picker.mask, picker.form, picker.parent)

            def back(self, e: Expr, g: Term) -> None:
                if self.top:
                    self.top = False
                    super().back(e, g)
                else:
                    picker.sent.append((e, g))

            def send(self, parent: Expr, child: Expr, g: Term) -> None:
                if child.active:
                    picker.sent.append((child, g))

            def shared(self, g: Term, e: Expr, uses: int) -> Term:
                if uses < 2 or g.is_name or g.shape == ():
                    return g
                return Term((Factor(self.named(g), shape=g.shape, whole=g.whole),))

        step = Step(self.owner.module, self.owner.numpy, self.owner.math_style, self.owner.kept_names)
        step.lines = self.owner.lines
        step.kept, step.result = self.owner.kept, self.owner.result
        step.back(e, g)
