"""Products over shared axes: @, dot, outer, einsum, tensordot, and linear algebra; the way back."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from . import expr as ex
from .bound import UNKNOWN, Bound, shape_of
from .expr import Expr
from .kinds import FLOAT, INT, Array, Dim, Kind, Num, Shape, Tuple
from .shapes import _kind, dtype_of
from .term import Factor, Term
from .typing_rules import broadcast, never_one

if TYPE_CHECKING:
    from .adjoint import Adjoint


def _dtype(*kinds: Kind) -> str:
    return "float" if "float" in map(dtype_of, kinds) else "int"


def matmul_shape(a: Shape, b: Shape) -> Shape:
    """The shape of a @ b."""
    if a is None or b is None or not a or not b:
        return None
    if len(a) == 1:
        return (*b[:-2], b[-1]) if len(b) > 1 else ()
    if len(b) == 1:
        return a[:-1]
    batch = broadcast(a[:-2], b[:-2])
    return None if batch is None else (*batch, a[-2], b[-1])


def multiplied(c: Bound) -> Kind | None:
    """np.matmul."""
    return _kind(_dtype(c.kind("a"), c.kind("b")), matmul_shape(c.shape("a"), c.shape("b")))


def dotted(c: Bound) -> Kind | None:
    """np.dot of vectors and matrices."""
    a, b = c.shape("a"), c.shape("b")
    dtype = _dtype(c.kind("a"), c.kind("b"))
    if a == () or b == ():
        return _kind(dtype, a or b)
    if a is None or b is None or (len(b) > 2 and len(a) > 1) or len(b) > 2:
        return None
    return _kind(dtype, matmul_shape(a, b))


def inner_kind(c: Bound) -> Kind | None:
    a, b = c.shape("a"), c.shape("b")
    dtype = _dtype(c.kind("a"), c.kind("b"))
    return None if not a or not b else _kind(dtype, (*a[:-1], *b[:-1]))


def vdot_kind(c: Bound) -> Kind | None:
    return Num(_dtype(c.kind("a"), c.kind("b")))


def outer_kind(c: Bound) -> Kind | None:
    a, b = c.shape("a"), c.shape("b")
    return (
        Array(_dtype(c.kind("a"), c.kind("b")), (a[0], b[0])) if a and b and len(a) == len(b) == 1 else None
    )


# ---------------------------------------------------------------------- @


def matmul(a: Adjoint, c: Bound, g: Term) -> None:
    product(a, c.call, c["a"], c["b"], g)


def product(a: Adjoint, e: Expr, x: Expr, y: Expr, g: Term) -> None:
    """e = x @ y."""
    p, q = shape_of(x), shape_of(y)
    if p is None or q is None:
        raise a.unknown(e, "a product of arrays whose number of dimensions is not known")
    if p == () or q == ():  # np.dot of a number
        a.send(e, x, g.times(a.value(y)))
        return a.send(e, y, g.times(a.value(x)))
    m, n = len(p), len(q)
    if m == n == 1:
        for to, other in ((x, y), (y, x)):
            if to.active:
                v = a.value(other)
                a.give(to, g.times(Factor(v.text, v.prec, v.cost, shape_of(to), True)))
        return None
    if m <= 2 and n <= 2:
        left = {(2, 2): "{g} @ {y}.T", (2, 1): "{outer}({g}, {y})", (1, 2): "{y} @ {g}"}[m, n]
        right = {(2, 2): "{x}.T @ {g}", (2, 1): "{g} @ {x}", (1, 2): "{outer}({x}, {g})"}[m, n]
    else:
        left, right = _batched(m, n)
    for to, code in ((x, left), (y, right)):
        if not to.active:
            continue
        other = y if to is x else x
        words = {"x": "", "y": "", "outer": a.np("outer"), "tensordot": a.np("tensordot"), "sum": a.np("sum")}
        words["x" if other is x else "y"] = a.text(other)
        words["swap"] = a.np("swapaxes")
        full = a.whole(g, e)
        batch = _stretch(p, q, to is x)
        if batch is None:
            a.flow(e, to, full, lambda t, code=code, w=words: code.format(g=t, **w))  # type: ignore[misc]
        else:
            made = a.linear(full, lambda t, code=code, w=words: code.format(g=t, **w), batch)  # type: ignore[misc]
            a.give(to, a.fitted(made, None, batch, to))


def _batched(m: int, n: int) -> tuple[str, str]:
    """The same for stacks of matrices."""
    if n == 2:
        axes = tuple(range(m - 1))
        return "{g} @ {y}.T", f"{{tensordot}}({{x}}, {{g}}, ({axes}, {axes}))"
    if n == 1:
        return "{g}[..., None] * {y}", f"{{tensordot}}({{g}}, {{x}}, {m - 1})"
    if m == 1:
        axes = (*range(n - 2), n - 1)
        return f"{{sum}}({{y}} * {{g}}[..., None, :], axis={axes})", "{x}[:, None] * {g}[..., None, :]"
    return "{g} @ {swap}({y}, -1, -2)", "{swap}({x}, -1, -2) @ {g}"


def _stretch(p: tuple[Dim, ...], q: tuple[Dim, ...], left: bool) -> Shape:
    """The shape of the adjoint of one side before the stack is summed back; None where it is right as it
    is.
    """
    if len(p) < 2 or len(q) <= 2:
        return None
    own, other = (p, q) if left else (q, p)
    batch = broadcast(p[:-2], q[:-2])
    if batch is None or other == own:
        return None
    return (*batch, *own[-2:])


def dot(a: Adjoint, c: Bound, g: Term) -> None:
    product(a, c.call, c["a"], c["b"], g)


def vdot(a: Adjoint, c: Bound, g: Term) -> None:
    for to, other in ((c["a"], c["b"]), (c["b"], c["a"])):
        if to.active:
            flat = len(shape_of(to) or (1, 1)) == len(shape_of(other) or (1, 1)) == 1
            text = a.text(other) if flat else f"{a.text(other)}.reshape({a.shape(to)})"
            a.give(to, g.times(Factor(text, cost=1, shape=shape_of(to), whole=True)))


def outer(a: Adjoint, c: Bound, g: Term) -> None:
    x, y = c["a"], c["b"]
    a.flow(c.call, x, g, lambda t: f"{t} @ {a.text(y)}")
    a.flow(c.call, y, g, lambda t: f"{a.text(x)} @ {t}")


def inner(a: Adjoint, c: Bound, g: Term) -> None:
    p, q = c.shape("a") or (), c.shape("b") or ()
    letters = string.ascii_lowercase
    first, second = letters[: len(p) - 1] + "z", letters[len(p) : len(p) + len(q) - 1] + "z"
    contract(a, c.call, [c["a"], c["b"]], [first, second], first[:-1] + second[:-1], g)


# ---------------------------------------------------------------------- einsum


def subscripts(c: Bound) -> tuple[list[str], str] | None:
    """The letters of each operand and of the result."""
    text = c.literal("subscripts")
    if not isinstance(text, str):
        return None
    left, arrow, right = text.replace(" ", "").partition("->")
    words = left.split(",")
    if not arrow:
        letters = left.replace(".", "")
        right = "".join(sorted(x for x in set(letters) - {","} if letters.count(x) == 1))
        right = "..." + right if "..." in left else right
    return _without_dots(c, words, right) if "." in text else (words, right)


def _without_dots(c: Bound, words: list[str], right: str) -> tuple[list[str], str] | None:
    """The same with letters for the axes that `...` stands for: those of all operands end together."""
    shapes = [shape_of(e) for e in c.rest]
    if None in shapes or len(shapes) != len(words):
        return None
    counts = [
        len(shape or ()) - len(word) + 3 if "..." in word else 0
        for shape, word in zip(shapes, words, strict=True)
    ]
    free = [x for x in string.ascii_uppercase if x not in "".join(words)][: max(counts)]
    out = [word.replace("...", "".join(free[len(free) - n :])) for word, n in zip(words, counts, strict=True)]
    return out, right.replace("...", "".join(free))


def _dims(operands: list[Expr], words: list[str]) -> dict[str, Dim] | None:
    dims: dict[str, Dim] = {}
    for e, word in zip(operands, words, strict=True):
        shape = shape_of(e)
        if shape is None or len(shape) != len(word):
            return None
        for x, d in zip(word, shape, strict=True):
            if x not in dims or dims[x] == 1 or (never_one(d) and not never_one(dims[x])):
                dims[x] = d
    return dims


def summed(c: Bound) -> Kind | None:
    """einsum."""
    found = subscripts(c)
    if found is None or len(found[0]) != len(c.rest):
        return None
    dims = _dims(c.rest, found[0])
    dtype = _dtype(*(e.kind for e in c.rest))
    return None if dims is None else _kind(dtype, tuple(dims[x] for x in found[1]))


def einsum(a: Adjoint, c: Bound, g: Term) -> None:
    found = subscripts(c)
    assert found is not None
    contract(a, c.call, c.rest, found[0], found[1], g)


def contract(a: Adjoint, e: Expr, operands: list[Expr], words: list[str], result: str, g: Term) -> None:
    """The adjoint of each operand of an einsum."""
    dims = _dims(operands, words) or {}
    code = a.np("einsum")
    for k, (to, word) in enumerate(zip(operands, words, strict=True)):
        if not to.active:
            continue
        target = "".join(dict.fromkeys(word))
        left, values = [result], []
        for j, (other, letters) in enumerate(zip(operands, words, strict=True)):
            if j != k:
                left.append(letters)
                values.append(a.text(other))
        missing = [x for x in target if not any(x in w for w in left)]
        if missing:
            left.append("".join(missing))
            lengths = ", ".join(f"{a.like(to)}.shape[{word.index(x)}]" for x in missing)
            values.append(
                f"{a.np('ones')}({lengths})" if len(missing) == 1 else f"{a.np('ones')}(({lengths}))"
            )
        rule = f'"{",".join(left)}->{target}"'
        shape = tuple(dims[x] for x in target)
        full = a.whole(g, e) if result else g

        def call(t: str, rule: str = rule, values: list[str] = values) -> str:
            return f"{code}({rule}, {', '.join([t, *values])})"

        made = a.linear(full, call, shape)
        if target != word:
            name, view = a.module.temporary(a.lines), f'"{word}->{target}"'
            a.lines.append(f"{name} = {a.np('zeros_like')}({a.like(to)})")
            a.lines.append(f"{code}({view}, {name})[...] = {made.factor().text}")
            a.give(to, Term((Factor(name, shape=shape_of(to), whole=True),)))
        else:
            a.give(to, a.fitted(made, None, shape, to))


def _axes(c: Bound) -> tuple[list[str], str] | None:
    """tensordot as an einsum."""
    p, q, axes = c.shape("a"), c.shape("b"), c.literal("axes", 2)
    if p is None or q is None or axes is UNKNOWN:
        return None
    m, n = len(p), len(q)
    if isinstance(axes, int):
        axes = (tuple(range(m - axes, m)), tuple(range(axes)))
    first, second = ((x,) if isinstance(x, int) else x for x in axes)
    letters = string.ascii_lowercase
    left = list(letters[:m])
    right = list(letters[m : m + n])
    for i, j in zip(first, second, strict=True):
        right[j % n] = left[i % m]
    gone = {left[i % m] for i in first}
    return ["".join(left), "".join(right)], "".join(x for x in left + right if x not in gone)


def contracted(c: Bound) -> Kind | None:
    found = _axes(c)
    dims = None if found is None else _dims([c["a"], c["b"]], found[0])
    if dims is None or found is None:
        return None
    return _kind(_dtype(c.kind("a"), c.kind("b")), tuple(dims[x] for x in found[1]))


def tensordot(a: Adjoint, c: Bound, g: Term) -> None:
    found = _axes(c)
    assert found is not None
    contract(a, c.call, [c["a"], c["b"]], found[0], found[1], g)


# ---------------------------------------------------------------------- linear algebra


def _matrix(c: Bound) -> bool:
    shape = c.shape("a")
    return shape is not None and len(shape) == 2


def solved(c: Bound) -> Kind | None:
    shape = c.shape("b")
    return Array("float", shape) if _matrix(c) and shape is not None and len(shape) in (1, 2) else None


def inverse_kind(c: Bound) -> Kind | None:
    return Array("float", c.shape("a")) if _matrix(c) else None


def determinant_kind(c: Bound) -> Kind | None:
    return FLOAT if _matrix(c) else None


def log_determinant_kind(c: Bound) -> Kind | None:
    return Tuple((FLOAT, FLOAT)) if _matrix(c) else None


def solve(a: Adjoint, c: Bound, g: Term) -> None:
    """x = A^-1 b: the adjoint of b is A^-T g, that of A is minus its outer product with x."""
    m, b = c["a"], c["b"]
    g = a.whole(g, c.call)
    z = a.text(c.call) if m.active else ""
    back = a.linear(g, lambda t: f"{a.np('linalg.solve')}({a.text(m)}.T, {t})", shape_of(b))
    if m.active or not back.is_name:
        back = Term((Factor(a.named(back), shape=shape_of(b), whole=True),))
    name = back.nums[0].text
    if m.active:
        vector = len(shape_of(b) or ()) == 1
        code = f"{a.np('outer')}({name}, {z})" if vector else f"{name} @ {z}.T"
        prec = ex.ATOM if vector else ex.PRODUCT
        a.give(m, Term((Factor(code, prec, 30, shape_of(m), True, True),), sign=-1))
    a.give(b, back)


def inverse(a: Adjoint, c: Bound, g: Term) -> None:
    z = a.text(c.call)
    a.flow(c.call, c["a"], g.negated(), lambda t: f"{z}.T @ {t} @ {z}.T")


def determinant(a: Adjoint, c: Bound, g: Term) -> None:
    m = c["a"]
    inv = Factor(f"{a.np('linalg.inv')}({a.text(m)}).T", cost=50, shape=shape_of(m), whole=True, fresh=True)
    a.give(m, g.times(a.value(c.call), inv))


def log_determinant(a: Adjoint, c: Bound, g: Term) -> None:
    """slogdet: a sign and a logarithm; only the second varies."""
    m = c["a"]
    inv = Factor(f"{a.np('linalg.inv')}({a.text(m)}).T", cost=50, shape=shape_of(m), whole=True, fresh=True)
    a.give(m, Term((Factor(f"{a.named(g)}[1]", cost=1), inv)))


__all__ = ["INT"]
