"""Backpropagation of plain Python: code in, derivative code out."""

from .api import grad, value_and_grad, vjp

__all__ = ["grad", "value_and_grad", "vjp"]
