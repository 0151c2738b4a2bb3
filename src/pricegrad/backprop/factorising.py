"""Factorisations of symmetric matrices: Cholesky, eigenvalues and eigenvectors. Both read the lower triangle.

The way back: I. Murray, Differentiation of the Cholesky decomposition (2016), section 3.1; M. Giles,
Collected matrix derivative results for forward and reverse mode AD (2008), section 3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .bound import Bound, shape_of
from .kinds import Array, Kind, Tuple
from .term import Factor, Term

if TYPE_CHECKING:
    from .adjoint import Adjoint

CHOLESKY = '''\
def _cholesky_back(g, low):
    """The adjoint of a matrix where g is that of its Cholesky factor."""
    part = np.tril(low.T @ g)
    part = part - np.diag(np.diag(part)) / 2
    inverse = np.linalg.inv(low)
    part = inverse.T @ part @ inverse
    return np.tril(part + part.T) - np.diag(np.diag(part))
'''
EIGH = '''\
def _eigh_back(g, h, w, v):
    """The adjoint of a matrix where g and h are those of its eigenvalues w and eigenvectors v."""
    gaps = w - w[:, None]
    gaps = np.where(gaps == 0.0, np.inf, gaps)
    part = v @ (np.diag(g) + (v.T @ h) / gaps) @ v.T
    return np.tril(part + part.T) - np.diag(np.diag(part))
'''
EIGVALSH = '''\
def _eigvalsh_back(g, x):
    """The adjoint of a matrix where g is that of its eigenvalues."""
    v = np.linalg.eigh(x)[1]
    part = (v * g) @ v.T
    return np.tril(part + part.T) - np.diag(np.diag(part))
'''


def factor_kind(c: Bound) -> Kind | None:
    shape = c.shape("a")
    return Array("float", shape) if shape is not None and len(shape) == 2 else None


def cholesky(a: Adjoint, c: Bound, g: Term) -> None:
    f, low = a.helper("_cholesky_back", CHOLESKY), a.text(c.call)
    a.flow(c.call, c["a"], g, lambda t: f"{f}({t}, {low})")


def pair_kind(c: Bound) -> Kind | None:
    shape = c.shape("a")
    square = shape is not None and len(shape) == 2
    return Tuple((Array("float", shape[:1]), Array("float", shape))) if square and shape else None


def eigh(a: Adjoint, c: Bound, g: Term) -> None:
    f, name, pair = a.helper("_eigh_back", EIGH), a.named(g), a.text(c.call)
    code = f"{f}({name}[0], {name}[1], {pair}[0], {pair}[1])"
    a.give(c["a"], Term((Factor(code, cost=60, shape=shape_of(c["a"]), whole=True, fresh=True),)))


def values_kind(c: Bound) -> Kind | None:
    shape = c.shape("a")
    return Array("float", shape[:1]) if shape is not None and len(shape) == 2 else None


def eigvalsh(a: Adjoint, c: Bound, g: Term) -> None:
    f, x = a.helper("_eigvalsh_back", EIGVALSH), a.text(c["a"])
    a.flow(c.call, c["a"], g, lambda t: f"{f}({t}, {x})")
