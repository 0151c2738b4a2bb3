"""`Equilibrium`: prices, quantities, activities and incomes by name, with their certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pricegrad.doors import Priced
from pricegrad.equilibrium.problem import Problem
from pricegrad.model import Model
from pricegrad.model.claim import Claim
from pricegrad.model.lindahl import CARRIER
from pricegrad.model.minima import LIMIT
from pricegrad.network.forest import Floats

if TYPE_CHECKING:
    import pandas as pd

    from pricegrad.equilibrium.frames import Comparison
    from pricegrad.equilibrium.sensitivity import Differential


class Verdict(Protocol):
    """What a certificate must tell: the worst relative violation, and itself in words."""

    @property
    def worst(self) -> float:
        """The worst relative violation of any condition."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is no violation and still worth saying."""

    def as_dict(self) -> dict[str, object]:
        """For JSON."""


@dataclass(frozen=True, eq=False)
class Equilibrium(Priced):
    """Prices at which everyone's plans fit.

    Series by name: `prices` by good, `quantities` supplied by good, `activity` by firm (of a firm given by
    code: the amount it makes), `income` by household, `aux`. Frames: `firms`, `households`, `flows`.
    `certificate` is the independent check.
    """

    model: Model
    problem: Problem
    z: Floats
    certificate: Verdict
    method: str = ""
    steps: int = 0

    def price_dict(self) -> dict[str, float]:
        """Prices by good, as plain numbers."""
        layout = self.problem.layout
        prices = zip(self.problem.network.goods, self.z[layout.price].tolist(), strict=True)
        return {good: price for good, price in prices if not good.startswith(LIMIT)}

    def activity_dict(self) -> dict[str, float]:
        """Activity by firm: of a sector in units of its reference flows, of a code firm the amount it
        makes.
        """
        network, layout = self.problem.network, self.problem.layout
        levels = dict(zip(network.sectors, self.z[layout.activity].tolist(), strict=True))
        levels = {name: level for name, level in levels.items() if not name.startswith(CARRIER)}
        for unit, jet in zip(network.code_firms, self._jets.firms, strict=True):
            whole = network.goods[unit.outputs[0]].startswith(LIMIT)
            levels[unit.name] = float(jet.value.min() if whole else jet.value[0])
        return {name: levels[name] for name in self.model.firms if name in levels}

    def income_dict(self) -> dict[str, float]:
        """Income by household."""
        layout = self.problem.layout
        return dict(zip(self.problem.network.households, self.z[layout.income].tolist(), strict=True))

    def aux_dict(self) -> dict[str, float]:
        """Auxiliary variables by name."""
        layout = self.problem.layout
        names = [name for name, _ in self.problem.network.auxiliaries]
        return dict(zip(names, self.z[layout.aux].tolist(), strict=True))

    def quantity_dict(self) -> dict[str, float]:
        """Amount supplied of each good: made, owned and brought in from outside."""
        network, layout = self.problem.network, self.problem.layout
        state = self._state
        total = np.zeros(len(network.goods))
        made = self.problem.trade.flow_sign > 0
        np.add.at(total, network.forest.leaf_good[made], state.quantity[made])
        owned = self.problem.incomes.owned(self.z)
        np.add.at(total, network.endowments.good[owned > 0], owned[owned > 0])
        for unit, jet in zip(network.code_firms, self._jets.firms, strict=True):
            np.add.at(total, unit.outputs, jet.value)
        for i, market in enumerate(network.outside):
            if market.sign < 0:
                continue
            if market.quantity is not None:
                total[market.good] += market.quantity
            elif market.curve is not None:
                total[market.good] += float(market.curve(float(self.z[market.good])))
            else:
                total[market.good] += self.z[layout.outside.start + layout.elastic.index(i)]
        amounts = zip(network.goods, total.tolist(), strict=True)
        return {good: amount for good, amount in amounts if not good.startswith(LIMIT)}

    @property
    def prices(self) -> pd.Series[float]:
        """Price of each good."""
        return _series(self.price_dict(), "price", "good")

    @property
    def quantities(self) -> pd.Series[float]:
        """Amount of each good supplied: made, owned and brought in from outside."""
        return _series(self.quantity_dict(), "quantity", "good")

    @property
    def activity(self) -> pd.Series[float]:
        """Activity of each firm."""
        return _series(self.activity_dict(), "activity", "firm")

    @property
    def income(self) -> pd.Series[float]:
        """Income of each household."""
        return _series(self.income_dict(), "income", "household")

    @property
    def aux(self) -> pd.Series[float]:
        """Value of each auxiliary variable."""
        return _series(self.aux_dict(), "value", "auxiliary")

    @property
    def numeraire(self) -> str | None:
        """The good whose price is fixed by convention."""
        return self.problem.numeraire

    @property
    def notes(self) -> list[str]:
        """What was decided that one should know."""
        network = self.problem.network
        return [
            f"nothing ties {network.goods[i]!r} and what is traded with it to the numeraire: its price is 1"
            for i in self.problem.anchors
        ]

    @cached_property
    def firms(self) -> pd.DataFrame:
        """Activity, revenue, cost (taxes included) and profit of each firm."""
        from pricegrad.equilibrium.tables import firms

        return firms(self)

    @cached_property
    def households(self) -> pd.DataFrame:
        """Income by source and utility of each household."""
        from pricegrad.equilibrium.tables import households

        return households(self)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Who buys and sells how much of what, at which price before and after tax."""
        from pricegrad.equilibrium.tables import flows

        return flows(self)

    @cached_property
    def index(self) -> int:
        """+1 or -1, the sign of the Jacobian's determinant (0: singular). Indices of all equilibria of a
        regular economy without distortions sum to 1 (Kehoe 1980): a -1 tells that there are others."""
        matrix = self.differential.matrix
        if not isinstance(matrix, np.ndarray):
            matrix = matrix.toarray()
        return int(np.linalg.slogdet(matrix)[0])

    def equivalent_variation(self, other: Equilibrium) -> pd.Series[float]:
        """By household: the income at these prices that is worth what the move to `other` is."""
        from pricegrad.equilibrium.compare import equivalent_variation

        return _series(equivalent_variation(self, other), "equivalent variation", "household")

    def compare(self, **scenarios: Equilibrium) -> Comparison:
        """This equilibrium ("base") and others by name, side by side, with equivalent variations."""
        from pricegrad.equilibrium.compare import compare

        frame: Comparison = compare({"base": self, **scenarios})
        return frame

    def sensitivity(
        self, of: str | Sequence[str] | None = None, to: str | Sequence[str] | None = None
    ) -> Any:
        """d(outcome) / d(parameter) by implicit differentiation: a number, a series or a frame.

        `of`: outcomes by label ("price of bread", "utility of people", "sales share of mill", "real
        output"), all of a kind ("price"), or a bare name (a good's price, a household's utility); None: all.
        `to`: parameters likewise ("productivity of mill", "endowment of land of people", "tax on ...",
        "outside supply of ...", a coefficient as "alpha of mill"; "elasticity of mill", of its nest "VA" as
        "elasticity of VA of mill"; the amount "reference quantity of grain of mill" of its recipe at
        reference prices; a bare firm is its productivity); None: all. One outcome takes one adjoint solve
        for all parameters. `.attrs["degenerate"]` lists variables at which the derivative is one-sided.
        """
        from pricegrad.equilibrium.sensitivity import derivatives

        return derivatives(self, of, to)

    def elasticities(
        self, of: str | Sequence[str] | None = None, to: str | Sequence[str] | None = None
    ) -> Any:
        """d ln(outcome) / d ln(parameter), for taxes d ln(outcome) / d(rate); see `sensitivity`."""
        from pricegrad.equilibrium.sensitivity import elasticities

        return elasticities(self, of, to)

    def second_order(self) -> pd.DataFrame:
        """d^2 ln(real output) / d ln(productivity)^2 where nothing is distorted (Baqaee and Farhi 2019)."""
        from pricegrad.equilibrium.sensitivity import second_order

        found: pd.DataFrame = second_order(self)
        return found

    @cached_property
    def differential(self) -> Differential:
        """The derivative of the equilibrium itself: `forward` and `adjoint` solves over arrays."""
        from pricegrad.equilibrium.sensitivity import Differential

        return Differential(self)

    def explain(self, good: str | None = None) -> str:
        """The derivation of all prices, a line a firm; or why one good is worth what it is, link by link."""
        from pricegrad.pricing.settled import Trade, explain_settled

        rows = self.flows[["agent", "good", "quantity", "price", "paid"]].itertuples(index=False, name=None)
        return explain_settled(self.model, self.price_dict(), [Trade(*row) for row in rows], good)

    @property
    def _state(self) -> Any:
        return self._evaluated[1]

    @property
    def _jets(self) -> Any:
        return self._evaluated[2]

    @cached_property
    def _evaluated(self) -> Any:
        with np.errstate(all="ignore"):
            return self.problem.evaluate(self.z)

    def claim(self) -> Claim:
        """The numbers alone, for the certificate."""
        return claim(self.problem, self.z)

    def certified(self, certificate: Verdict) -> Equilibrium:
        """The same with a certificate."""
        return replace(self, certificate=certificate)

    def as_dict(self) -> dict[str, Any]:
        """For JSON: prices, activity, income, aux, quantities, certificate."""
        return {
            "prices": self.price_dict(),
            "activity": self.activity_dict(),
            "income": self.income_dict(),
            "aux": self.aux_dict(),
            "quantities": self.quantity_dict(),
            "certificate": self.certificate.as_dict(),
        }

    def __repr__(self) -> str:
        from pricegrad.equilibrium.tables import text

        return text(self)


def claim(problem: Problem, z: Floats) -> Claim:
    """The numbers of a point by name."""
    network, layout = problem.network, problem.layout
    names = [name for name, _ in network.auxiliaries]
    return Claim(
        prices=dict(zip(network.goods, z[layout.price].tolist(), strict=True)),
        activity=dict(zip(network.sectors, z[layout.activity].tolist(), strict=True)),
        income=dict(zip(network.households, z[layout.income].tolist(), strict=True)),
        aux=dict(zip(names, z[layout.aux].tolist(), strict=True)),
        plans={
            unit.name: dict(zip([network.goods[g] for g in unit.inputs], z[part].tolist(), strict=True))
            for unit, part in zip(network.code_firms, layout.plans, strict=True)
        },
        baskets={
            unit.name: dict(zip([network.goods[g] for g in unit.inputs], z[part].tolist(), strict=True))
            for unit, part in zip(network.utilities, layout.baskets, strict=True)
        },
        outside=dict(zip(layout.elastic, z[layout.outside].tolist(), strict=True)),
        held=frozenset(network.fixed) | ({problem.numeraire} if problem.numeraire else frozenset()),
        numeraire=problem.numeraire,
    )


def _series(values: dict[str, float], name: str, index: str) -> pd.Series[float]:
    import pandas as pd

    return pd.Series(values, name=name, dtype=float).rename_axis(index)
