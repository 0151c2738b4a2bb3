"""itertools.product, combinations and permutations of a known length, as comprehensions."""

from __future__ import annotations

import ast
import itertools
from typing import Any

_MOST = 6


def arranged(function: Any, node: ast.Call) -> tuple[str, dict[str, ast.expr]]:
    """The code, and what its names stand for; "" where the length cannot be told."""
    named = {k.arg: k.value for k in node.keywords}
    length = named.pop("repeat", ast.Constant(1)) if function is itertools.product else named.pop("r", None)
    lists = list(node.args)
    if function is not itertools.product and len(lists) == 2:
        length = lists.pop()
    number = length.value if isinstance(length, ast.Constant) else None
    known = isinstance(number, int) and 0 < number <= _MOST
    if named or not known or not lists or any(isinstance(a, ast.Starred) for a in lists):
        return "", {}
    assert isinstance(number, int)
    given = {f"a{i}": a for i, a in enumerate(lists)}
    if function is itertools.product:
        over = list(given) * number
        names = [f"u{i}" for i in range(len(over))]
        rounds = " ".join(f"for {u} in {a}" for u, a in zip(names, over, strict=True))
        return f"[({', '.join(names)},) {rounds}]", given
    if len(lists) > 1:
        return "", {}
    places = [f"i{k}" for k in range(number)]
    items = ", ".join(f"a0[{i}]" for i in places)
    if function is itertools.combinations:
        starts = ["0", *(f"{i} + 1" for i in places)]
        rounds = " ".join(f"for {i} in range({s}, len(a0))" for i, s in zip(places, starts, strict=False))
        return f"[({items},) {rounds}]", given
    rounds = " ".join(f"for {i} in range(len(a0))" for i in places)
    apart = " and ".join(f"{i} != {j}" for i, j in itertools.combinations(places, 2)) or "True"
    return f"[({items},) {rounds} if {apart}]", given
