"""The constraint of each auxiliary variable, complementary to it where it is bounded."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping

import numpy as np

from pricegrad.certify.books import Books
from pricegrad.certify.probe import Floats, derivative
from pricegrad.errors import ModelError
from pricegrad.model.expression import KINDS, Operation, Variable, parse, value, variables


def constraints(books: Books) -> None:
    """Each constraint, complementary to its variable where that is bounded."""
    for name, aux in books.model.auxiliaries.items():
        if name in books.claim.held:
            continue
        if callable(aux.constraint):
            formula(books, name, aux.constraint)
            continue
        constraint = parse(aux.constraint, f"the constraint of {name!r}")
        at = {variable: lookup(books, variable) for variable in variables(constraint.slack)}
        slack = constraint.slack
        assert isinstance(slack, Operation)
        left, right = value(slack.left, at), value(slack.right, at)
        size = max(abs(left), abs(right))
        gap = (left - right) / size if size > 0 else 0.0
        bounded(books, name, gap, books.model.lower.get(name, -math.inf if constraint.equality else 0.0))


def formula(books: Books, name: str, function: Callable[..., float]) -> None:
    """A constraint given by a function, relative to what a change of all its variables would do to it."""
    at = np.array([lookup(books, Variable(each)) for each in inspect.signature(function).parameters])

    def slack(x: Floats) -> float:
        return float(function(*x.tolist()))

    size = math.fsum(abs(derivative(slack, at, i) * at[i]) for i in range(len(at)) if at[i] > 0)
    gap = slack(at) / size if size > 0 else slack(at)
    bounded(books, name, gap, books.model.lower.get(name, -math.inf))


def bounded(books: Books, name: str, gap: float, lower: float) -> None:
    """A relative slack, complementary to its variable where that is bounded."""
    room = books.claim.aux[name] - lower
    if room < 0:
        books.note("constraint", f"{name!r} below its bound", room)
    books.note("constraint", repr(name), gap if math.isinf(room) or gap < 0 else min(gap, room))


def lookup(books: Books, variable: Variable) -> float:
    """The claimed value of a name in a constraint."""
    claim = books.claim
    tables: Mapping[str, Mapping[str, float]] = dict(
        zip(KINDS, (claim.prices, claim.activity, claim.income, claim.aux), strict=True)
    )
    for kind, table in tables.items():
        if variable.kind in ("", kind) and variable.name in table:
            return table[variable.name]
    raise ModelError(f"a constraint names {variable.name!r}, which the claim does not have")
