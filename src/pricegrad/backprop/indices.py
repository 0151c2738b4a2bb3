"""Places inside variables: whether an expression names one, and whether it names an element twice."""

from __future__ import annotations

from .bound import UNKNOWN, literal, shape_of
from .expr import Expr
from .kinds import Array, List, Tuple
from .shapes import basic, is_mask

STAYS = '''\
def _stays(index, shape):
    """Of what is written through an index, the last at each place stays."""
    place = np.arange(np.prod(shape)).reshape(shape)[index]
    _, last = np.unique(place.ravel()[::-1], return_index=True)
    stays = np.zeros(place.size)
    stays[place.size - 1 - last] = 1.0
    return stays.reshape(place.shape)
'''


def reaches(e: Expr) -> bool:
    """Is it a place inside a variable, so that what is added there is added to the variable?"""
    if e.op in ("name", "field"):
        return e.op == "name" or reaches(e.args[0])
    if e.op == "index":
        plain = not isinstance(e.kind, (List, Tuple)) or e.args[1].op != "slice"
        return plain and (not isinstance(e.args[0].kind, Array) or basic(e.args[1])) and reaches(e.args[0])
    return e.op == "T" and reaches(e.args[0])


def once(index: Expr) -> bool:
    """Is no element named twice: a mask, distinct numbers, or something beside an arange?"""
    if is_mask(index):
        return True
    parts = index.args if index.op in ("indices", "tuple") else (index,)
    arrays = [p for p in parts if isinstance(p.kind, (Array, List, Tuple)) and p.op != "slice"]
    if any(p.op == "arange" and len(p.args) == 1 for p in arrays):
        return all(len(shape_of(p) or (1, 1)) == 1 for p in arrays)
    found = (
        literal(arrays[0].args[0] if arrays[0].op == "array" else arrays[0]) if len(arrays) == 1 else UNKNOWN
    )
    plain = isinstance(found, tuple) and all(isinstance(i, int) for i in found)
    signs = {i < 0 for i in found} if plain else set()
    return plain and len(set(found)) == len(found) and len(signs) == 1


def repeats(target: Expr) -> bool:
    """May this place name an element twice?"""
    return (
        target.op == "index"
        and isinstance(target.args[0].kind, Array)
        and not basic(target.args[1])
        and not once(target.args[1])
    )
