"""The rule that suits an economy, and why."""

from __future__ import annotations

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.market.rule import Rule
from pricegrad.market.rules.inventory import Inventory
from pricegrad.market.rules.make_to_order import MakeToOrder
from pricegrad.market.rules.optimistic import Optimistic
from pricegrad.market.rules.primal_dual import PrimalDual
from pricegrad.market.rules.proportional_response import ProportionalResponse
from pricegrad.market.rules.tatonnement import Tatonnement
from pricegrad.network import Network

RULES: dict[str, type[Rule]] = {
    rule.name: rule
    for rule in (MakeToOrder, ProportionalResponse, Inventory, Optimistic, PrimalDual, Tatonnement)
}
_DEFAULTS = ("make-to-order", "proportional-response", "optimistic")


def rule_named(name: str) -> type[Rule]:
    """The rule of that name. Raises `ModelError` with the nearest one."""
    if name not in RULES:
        raise ModelError(f"there is no rule {name!r}.{did_you_mean(name, RULES)}")
    return RULES[name]


def choose(network: Network) -> tuple[type[Rule], str]:
    """The first rule of the house's order that has what it needs, and what kept the earlier ones out."""
    refused: list[str] = []
    for name in _DEFAULTS:
        reasons = RULES[name].lacks(network) or list(filter(None, [RULES[name].suits(network)]))
        if not reasons:
            return RULES[name], "; ".join(refused) or "every good has one seller who knows its cost"
        refused.append(f"not {name}: {reasons[0]}")
    raise ModelError("no rule can run this economy: " + "; ".join(refused))
