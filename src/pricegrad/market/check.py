"""Is this really an equilibrium? For economies of arrays, in quantities, sharing no code with the rounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pricegrad.market.ces import CesEconomy
from pricegrad.market.rows import Floats


@dataclass(frozen=True)
class ArrayCertificate:
    """Worst relative violations: of market clearing, of price = marginal cost, of the labour market."""

    market_clearing: float
    marginal_cost: float
    labour: float

    @property
    def worst(self) -> float:
        """The worst of them."""
        return max(self.market_clearing, self.marginal_cost, self.labour)


def certify_arrays(economy: CesEconomy, price: Floats, quantity: Floats) -> ArrayCertificate:
    """Recompute every plan at `price` and `quantity` (n,) in amounts of goods, and what does not fit."""
    rows, firms = economy.rows, economy.firms
    paid = np.append(price, 1.0)
    first, degree = rows.ptr[:-1], np.diff(rows.ptr)
    power = np.where(rows.power == 0.0, 1e-9, rows.power)
    relative = paid[rows.entry]
    top = np.maximum.reduceat(relative, first)
    scaled = rows.weight * (relative / np.repeat(top, degree)) ** np.repeat(power, degree)
    unit_cost = np.exp(rows.const) * top * np.add.reduceat(scaled, first) ** (1.0 / power)
    activity = (quantity * np.exp(-economy.log_scale)) ** (1.0 / economy.returns)
    cost = unit_cost * activity
    marginal = cost / (economy.returns * quantity)
    share = scaled / np.repeat(np.add.reduceat(scaled, first), degree)
    bought = np.repeat(cost, degree) * share / relative
    used = np.zeros(firms + 1)
    np.add.at(used, rows.entry, bought)
    income = economy.labour + float(np.sum(price * quantity - cost))
    weight = economy.taste * price**economy.taste_power
    used[:firms] += income * weight / weight.sum() / price
    return ArrayCertificate(
        float(np.max(np.abs(used[:firms] / quantity - 1.0))),
        float(np.max(np.abs(marginal / price - 1.0))),
        abs(float(used[firms]) / economy.labour - 1.0),
    )
