"""The conditions of an equilibrium, over plain numbers: everyone entered in the books, then the markets."""

from __future__ import annotations

from pricegrad.certify.books import Books
from pricegrad.certify.certificate import Certificate
from pricegrad.certify.constraints import constraints
from pricegrad.certify.firms import code_firm, sector, written_out
from pricegrad.certify.households import incomes, spending
from pricegrad.certify.markets import markets, outside
from pricegrad.model.claim import Claim
from pricegrad.model.economy import Model
from pricegrad.model.minima import plain
from pricegrad.model.parts import Sector


def certify(model: Model, claim: Claim) -> Certificate:
    """Check a claimed equilibrium of a description (goods that are non-rival written out by user)."""
    books = Books(plain(model), claim)
    for firm in books.model.firms.values():
        if isinstance(firm, Sector):
            sector(books, firm)
        else:
            code_firm(books, firm)
    for home in books.model.households.values():
        spending(books, home)
    outside(books)
    incomes(books)
    constraints(books)
    turnover = books.turnover()
    books.settle(turnover)
    markets(books, turnover)
    written_out(books, model)
    return Certificate(tuple(books.violations), tuple(books.remarks))
