"""Find the prices at which everyone's plans fit; sensitivities."""

from pricegrad.equilibrium.compare import compare
from pricegrad.equilibrium.result import Equilibrium
from pricegrad.equilibrium.several import equilibria
from pricegrad.equilibrium.solve import solve

__all__ = ["Equilibrium", "compare", "equilibria", "solve"]
