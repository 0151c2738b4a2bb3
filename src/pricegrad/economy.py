"""`Economy`: the model a person writes, with the verbs that the floors above it offer."""

from __future__ import annotations

from pricegrad.model import Model


class Economy(Model):
    """An economy of firms, households and outside markets.

    Build it word by word (`firm`, `supply`, `demand`, `household`), then ask: `price()` prices a given plan
    by one sweep forward and one back, `solve()` finds the equilibrium, `market()` runs it out of equilibrium.
    """
