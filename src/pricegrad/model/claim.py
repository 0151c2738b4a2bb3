"""A claimed equilibrium: what every variable of a description is said to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Claim:
    """Prices by good, activities by sector, incomes by household, auxiliaries by name.

    `plans` are the amounts bought by firms given by code, `baskets` those consumed under a Python utility,
    `outside` the amounts traded by each entry of `model.outside` at a price. `held` names the variables whose
    own condition was not asked for (the numeraire and other fixed ones), `numeraire` the good at price 1.
    """

    prices: Mapping[str, float]
    activity: Mapping[str, float]
    income: Mapping[str, float]
    aux: Mapping[str, float] = field(default_factory=dict)
    plans: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    baskets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    outside: Mapping[int, float] = field(default_factory=dict)
    held: frozenset[str] = frozenset()
    numeraire: str | None = None
