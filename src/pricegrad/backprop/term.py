"""Products of factors and sums of products: the algebra in which derivatives are written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .expr import ATOM, POWER, PRODUCT, SUM, UNARY, Expr
from .kinds import Array, Kind, Shape
from .typing_rules import broadcast


@dataclass(frozen=True)
class Factor:
    """A piece of code with its binding strength and cost.

    `shape` is that of its value. `whole`: it surely has the shape of the expression whose adjoint it is
    part of; otherwise it may be smaller and only broadcast to it. `fresh`: a new array that nothing else
    refers to.
    """

    text: str
    prec: int = ATOM
    cost: int = 0
    shape: Shape = field(default=(), compare=False)
    whole: bool = field(default=False, compare=False)
    fresh: bool = field(default=False, compare=False)
    integer: bool = field(default=False, compare=False)  # never an adjoint by itself

    def at(self, prec: int) -> str:
        """The text, in parentheses if it binds looser than `prec`."""
        return self.text if self.prec >= prec else f"({self.text})"


def factor(e: Expr) -> Factor:
    """An expression as a factor."""
    shape = e.kind.shape if isinstance(e.kind, Array) else ()
    return Factor(e.text, e.prec, e.cost, shape, integer=is_integer(e.kind))


def is_integer(kind: Kind) -> bool:
    """Integers and truth values, alone or in arrays."""
    return getattr(kind, "dtype", getattr(kind, "name", "")) in ("int", "bool")


def shape_of(factors: Iterable[Factor]) -> Shape:
    """The shape of a product."""
    shape: Shape = ()
    for f in factors:
        shape = broadcast(shape, f.shape)
    return shape


@dataclass(frozen=True)
class Term:
    """sign * product(nums) / product(dens)."""

    nums: tuple[Factor, ...] = ()
    dens: tuple[Factor, ...] = ()
    sign: int = 1

    @property
    def cost(self) -> int:
        return sum(f.cost for f in (*self.nums, *self.dens)) + max(len(self.nums) - 1, 0) + len(self.dens)

    @property
    def shape(self) -> Shape:
        return shape_of((*self.nums, *self.dens))

    @property
    def whole(self) -> bool:
        return any(f.whole and f.shape != () for f in (*self.nums, *self.dens))

    def loose(self) -> Term:
        """The same for an expression of another shape, to which it broadcasts."""
        return replace(
            self,
            nums=tuple(replace(f, whole=False) for f in self.nums),
            dens=tuple(replace(f, whole=False) for f in self.dens),
        )

    @property
    def is_name(self) -> bool:
        return self.sign == 1 and not self.dens and len(self.nums) == 1 and self.nums[0].text.isidentifier()

    def times(self, *more: Factor) -> Term:
        """Times some factors; ones vanish."""
        return replace(self, nums=self.nums + tuple(f for f in more if f.text not in ("1", "1.0")))

    def over(self, *more: Factor) -> Term:
        """Divided by some factors."""
        return replace(self, dens=self.dens + tuple(f for f in more if f.text not in ("1", "1.0")))

    def negated(self) -> Term:
        return replace(self, sign=-self.sign)

    def body(self) -> Factor:
        """The product without its sign."""
        nums = self.nums or (Factor("1.0"),)
        if all(f.integer for f in nums) and not self.dens:
            if nums[0].text.isdigit():
                nums = (Factor(nums[0].text + ".0"), *nums[1:])
            else:
                nums = (Factor("1.0"), *nums)
        if len(nums) == 1 and not self.dens:
            return nums[0]
        shape = self.shape
        if shape == ():
            text = " * ".join([nums[0].at(PRODUCT), *(f.at(UNARY) for f in nums[1:])])
            text += "".join(f" / {f.at(UNARY)}" for f in self.dens)
            return Factor(text, PRODUCT, self.cost)
        nums = _numbers_first(nums)
        if len(nums) == 1 and not self.dens:
            return replace(nums[0], shape=shape, whole=self.whole)
        signs: list[tuple[str, Factor]] = []
        left, below = list(nums), list(self.dens)
        for size in range(
            3
        ):  # numbers first, then what is stretched, then arrays of full size: fewer long passes
            signs += [("*", f) for f in left if _size(f.shape, shape) == size]
            if signs:
                signs += [("/", f) for f in below if _size(f.shape, shape) <= size]
                below = [f for f in below if _size(f.shape, shape) > size]
        text = signs[0][1].at(PRODUCT) + "".join(f" {sign} {f.at(UNARY)}" for sign, f in signs[1:])
        return Factor(text, PRODUCT, self.cost, shape, self.whole, True)

    def factor(self) -> Factor:
        """The whole term as one factor."""
        body = self.body()
        if self.sign > 0:
            return body
        text, prec = "-" + body.at(PRODUCT), min(UNARY, body.prec)
        return Factor(text, prec, body.cost, body.shape, body.whole, True)


def _size(shape: Shape, full: Shape) -> int:
    """0 for a number, 1 for what is surely stretched to the full shape, else 2."""
    if shape == ():
        return 0
    if shape is None or full is None:
        return 2
    stretched = len(shape) < len(full) or any(d == 1 != e for d, e in zip(shape, full, strict=True))
    return 1 if stretched else 2


def _numbers_first(factors: tuple[Factor, ...]) -> tuple[Factor, ...]:
    """Numbers before arrays, literal numbers multiplied out: one pass over the arrays less for each."""
    numbers = [f for f in factors if f.shape == ()]
    literal = [f for f in numbers if f.text.replace(".", "", 1).isdigit()]
    if len(literal) > 1:
        value = 1.0
        for f in literal:
            value *= float(f.text)
        rest = [f for f in numbers if f not in literal]
        numbers = [Factor(repr(value)), *rest] if value != 1.0 else rest
    arrays = sorted((f for f in factors if f.shape != ()), key=lambda f: f.integer)
    if arrays and arrays[0].integer and not numbers:  # truths have no minus
        numbers = [Factor("1.0")]
    return (*numbers, *arrays)


def squared(f: Factor) -> Factor:
    """f ** 2; as f * f for a plain name, which is faster and cannot overflow into an exception."""
    if f.text.isidentifier():
        return Factor(f"{f.text} * {f.text}", PRODUCT, f.cost + 1, f.shape)
    return Factor(f"{f.at(POWER + 1)} ** 2", POWER, f.cost + 2, f.shape)


def total(terms: list[Term]) -> Factor:
    """The sum of some terms, like ones merged and common factors taken out."""
    terms = _merged(terms)
    if len(terms) == 1:
        return terms[0].factor()
    nums = _common([t.nums for t in terms])
    dens = _common([t.dens for t in terms])
    sign = 1 if any(t.sign > 0 for t in terms) else -1
    inner = [
        Term(_without(t.nums, nums), _without(t.dens, dens), t.sign * sign)
        for t in sorted(terms, key=lambda t: -t.sign * sign)
    ]
    text = inner[0].body().at(SUM)
    for t in inner[1:]:
        text += (" + " if t.sign > 0 else " - ") + t.body().at(PRODUCT)
    cost = sum(t.cost for t in inner) + len(inner) - 1
    whole = any(t.whole for t in terms)
    shape: Shape = ()
    for t in terms:
        shape = broadcast(shape, t.shape)
    return Term((*nums, Factor(text, SUM, cost, shape, whole, True)), tuple(dens), sign).factor()


def signed(terms: list[Term]) -> tuple[str, Factor]:
    """The sum as ("+" or "-", what is added or subtracted)."""
    out = total(terms)
    if out.text.startswith("-") and all(t.sign < 0 for t in terms):
        return "-", total([t.negated() for t in terms])
    return "+", out


def _merged(terms: list[Term]) -> list[Term]:
    count = Counter(terms)
    return [t if n == 1 else t.times(Factor(str(n), integer=True)) for t, n in count.items()]


def _common(groups: list[tuple[Factor, ...]]) -> list[Factor]:
    shared = Counter(groups[0])
    for g in groups[1:]:
        shared &= Counter(g)
    out = []
    for f in groups[0]:
        if shared[f] > 0:
            shared[f] -= 1
            out.append(f)
    return out


def _without(factors: tuple[Factor, ...], gone: list[Factor]) -> tuple[Factor, ...]:
    left = list(factors)
    for f in gone:
        left.remove(f)
    return tuple(left)
