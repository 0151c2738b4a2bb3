"""Write a value that only one line of the reverse sweep reads into that line.

It stands right after the last line of the forward sweep, where the value would have been kept aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .expr import ATOM
from .ir import Block, Let, Return, walk
from .kinds import Array


def written_in(body: Block) -> None:
    """Do so for arrays kept aside from a returned value that is not itself computed."""
    for s in walk(body):
        if isinstance(s, Return):
            s.hoists = [h for h in s.hoists if not _moved(h, s, body)]


def _moved(hoist: Let, s: Return, body: Block) -> bool:
    name, value = hoist.names[0], hoist.values[0]
    word = re.compile(rf"(?<![\w.]){name}\b")
    uses = [line for line in _lines(body) if word.search(line)]
    fits = (
        len(uses) == 1 and len(word.findall(uses[0])) == 1 and " for " not in uses[0] and uses[0] in s.adjoint
    )
    if not fits or not isinstance(hoist.kinds[0], Array):
        return False
    whole = uses[0].endswith(f" = {name}") or value.prec == ATOM
    text = value.text if whole else f"({value.text})"
    s.adjoint = [word.sub(lambda _: text, line) for line in s.adjoint]
    return True


def _lines(body: Block) -> Iterator[str]:
    """Everything that may read a value kept aside."""
    for s in walk(body):
        yield from s.adjoint
        for name in ("before", "end", "then_end", "other_end"):
            yield from getattr(s, name, [])
        for h in getattr(s, "hoists", []):
            yield h.values[0].text
        for let in getattr(s, "elements", []):
            yield from let.adjoint
