"""Other differentiators on the eight programs: each module has `gradient(name)`, or says Refused."""

from __future__ import annotations

import importlib
from collections.abc import Callable

PEERS = ("tangent_ad", "autograd", "torch", "jax", "casadi")


class Refused(Exception):  # noqa: N818
    """The peer cannot differentiate this program; the message says why, in a word or two."""


def load() -> dict[str, Callable[[str], Callable[[], object]]]:
    """The peers installed here: name -> function from a program's name to a call that differentiates."""
    found = {}
    for peer in PEERS:
        try:
            module = importlib.import_module(f"{__name__}.with_{peer}")
        except ImportError:
            continue
        found[module.LABEL] = module.gradient
    return found
