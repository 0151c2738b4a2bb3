"""NumPy rules (placeholder until the table below is filled)."""

from __future__ import annotations

from . import typing_rules as ty
from .expr import Expr
from .kinds import FLOAT, Kind, List, Num, Tuple, join

NAMES: set[str] = {"abs", "max", "min", "sum", "pow"}


def kind(call: Expr, short: str) -> Kind | None:
    kinds = [a.kind for a in call.args]
    if short in ("abs", "max", "min", "pow", "maximum", "minimum", "fmod", "copysign") and all(
        isinstance(k, Num) for k in kinds
    ):
        out = kinds[0]
        for k in kinds[1:]:
            out = join(out, k)
        if short == "pow" and call.extra["module"] == "math":
            return FLOAT
        return out
    if (
        short in ("sum", "max", "min", "prod", "fsum")
        and len(kinds) == 1
        and isinstance(kinds[0], (List, Tuple))
    ):
        return ty.element(kinds[0])
    return None
