"""Names for generated variables that never meet a name of the user's."""

from __future__ import annotations

import keyword
from collections.abc import Iterable


class Names:
    """Hands out names; knows every name already taken."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = set(taken)
        self._adjoints: dict[str, str] = {}
        self.flags: set[str] = set()

    def new(self, wanted: str) -> str:
        """`wanted`, or with the first number behind it that makes it free."""
        name, i = wanted, 1
        while name in self.taken or keyword.iskeyword(name):
            i += 1
            name = f"{wanted}_{i}" if wanted[-1:].isdigit() else f"{wanted}{i}"
        self.taken.add(name)
        return name

    def flag(self, wanted: str) -> str:
        """A name for control flow: a return value, a flag."""
        name = self.new(wanted)
        self.flags.add(name)
        return name

    def adjoint(self, variable: str) -> str:
        """The name of df/d`variable`, the same one each time."""
        if variable not in self._adjoints:
            self._adjoints[variable] = self.new(f"df_d{variable}")
        return self._adjoints[variable]

    def variable(self, adjoint: str) -> str:
        """The variable whose adjoint has this name."""
        return next(v for v, a in self._adjoints.items() if a == adjoint)

    def plural(self, variable: str) -> str:
        """A name for the list that records `variable`."""
        several = variable + "s"
        return self.new(
            f"{variable}_list" if variable.endswith("s") or keyword.iskeyword(several) else several
        )
