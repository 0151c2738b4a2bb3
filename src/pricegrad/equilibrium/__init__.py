"""Find the prices at which everyone's plans fit; sensitivities."""

from pricegrad.equilibrium.result import Equilibrium
from pricegrad.equilibrium.solve import solve

__all__ = ["Equilibrium", "solve"]
