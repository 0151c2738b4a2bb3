"""The arguments of a call by parameter name, with their literal values."""

from __future__ import annotations

from typing import Any

from . import typing_rules as ty
from .expr import Expr
from .kinds import NONE, Array, Kind, Known, Num, Shape


class Unknown:
    """A value that is only known while running."""


UNKNOWN: Any = Unknown()


def literal(e: Expr | None, default: Any = None) -> Any:
    """The value of an expression if it can be told beforehand, else UNKNOWN."""
    if e is None:
        return default
    if e.kind == NONE:
        return None
    if e.op in ("const", "neg") and isinstance(e.extra, tuple) and e.extra[0] in ("literal", "global"):
        return e.extra[1]
    if e.op in ("tuple", "list"):
        items = [literal(a) for a in e.args]
        return UNKNOWN if UNKNOWN in items else tuple(items)
    return UNKNOWN


class Bound:
    """A call of a function whose `parameters` are given as words.

    "*arrays" takes the rest of the positional arguments; a word with "!" is known but not accepted, and then
    `wrong` says which.
    """

    def __init__(self, call: Expr, parameters: str) -> None:
        self.call = call
        self.args: dict[str, Expr] = {}
        self.rest: list[Expr] = []
        self.wrong = ""
        words = parameters.split()
        names = [w.strip("!*") for w in words]
        position = 0
        for arg, key in zip(call.args, call.extra["names"], strict=True):
            if key is None and position < len(words) and words[position].startswith("*"):
                self.rest.append(arg)
                continue
            if key is None:
                if position >= len(words):
                    self.wrong = self.wrong or "an argument too many"
                    continue
                key = names[position]
                position += 1
            if key not in names or (words[names.index(key)].startswith("!") and not _harmless(key, arg)):
                self.wrong = self.wrong or f"{key}="
            self.args[key] = arg

    def __getitem__(self, name: str) -> Expr:
        return self.args[name]

    def get(self, name: str) -> Expr | None:
        found = self.args.get(name)
        return None if found is not None and found.kind == NONE else found

    def kind(self, name: str) -> Kind:
        return ty.as_array(self.args[name].kind) if name in self.args else ty.UNKNOWN

    def shape(self, name: str) -> Shape:
        return shape_of(self.args[name])

    def literal(self, name: str, default: Any = None) -> Any:
        return literal(self.args.get(name), default)

    def text(self, name: str, default: str = "None") -> str:
        return self.args[name].text if name in self.args else default


def shape_of(e: Expr) -> Shape:
    """The shape of an expression's value, as NumPy sees it."""
    if e.op in ("list", "tuple") and e.args and not isinstance(e.extra, dict):
        inner = [shape_of(a) for a in e.args]
        return (
            (len(e.args), *inner[0]) if inner[0] is not None and inner.count(inner[0]) == len(inner) else None
        )
    kind = ty.as_array(e.kind)
    return kind.shape if isinstance(kind, Array) else () if isinstance(kind, Num) else None


def _harmless(key: str, arg: Expr) -> bool:
    """dtype=float and the like change nothing."""
    import numpy as np

    if key == "dtype":
        obj = arg.kind.obj if isinstance(arg.kind, Known) else literal(arg)
        return obj in (float, np.float64, "float", "float64", None)
    return arg.kind == NONE or (key in ("out", "where", "initial") and arg.kind == NONE)
