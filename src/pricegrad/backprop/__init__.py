"""Backpropagation of plain Python: code in, derivative code out."""

from .api import grad, hessian, jvp, value_and_grad, vjp

__all__ = ["grad", "hessian", "jvp", "value_and_grad", "vjp"]
