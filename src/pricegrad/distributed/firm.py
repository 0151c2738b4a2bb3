"""`Firm`: a private firm as its owner registers it. What it does stays in its owner's file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pricegrad.distributed.producer import inputs_of
from pricegrad.distributed.terms import Party
from pricegrad.errors import ModelError


@dataclass(frozen=True)
class Firm:
    """A firm whose function runs in a process of its own and is known to nobody else.

    `business`: "FILE.py:NAME" on the firm's own machine, or a function or class defined in a file here (only
    its file and name are passed on; the process imports it itself). `buys` is needed when the file is not on
    this machine. `step` (0 to 1) is how far it moves its orders in a round. `options` are Ray's, to place it:
    `{"resources": {"owner-a": 1}}` or `{"label_selector": {"owner": "a"}}`.
    """

    business: str | Callable[..., Any]
    makes: str
    buys: tuple[str, ...] | None = None
    name: str | None = None
    coefficients: Mapping[str, Any] | None = None
    step: float = 1.0
    options: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.step <= 1:
            raise ModelError(f"firm {self.label!r}: step is {self.step}; it must lie above 0 and up to 1")
        if not isinstance(self.makes, str) or not self.makes:
            raise ModelError(f"firm {self.label!r}: a private firm makes one good, not {self.makes!r}")

    @property
    def label(self) -> str:
        """The firm's name: as given, or its function's."""
        if self.name is not None:
            return self.name
        if isinstance(self.business, str):
            return self.business.rpartition(":")[2]
        return self.business.__name__

    @property
    def source(self) -> str:
        """`FILE.py:NAME` of its business. Raises `ModelError` for what has no name in a file."""
        if isinstance(self.business, str):
            return self.business
        name = getattr(self.business, "__qualname__", "")
        try:
            file = inspect.getsourcefile(self.business)
        except TypeError:
            file = None
        if file is None or not Path(file).is_file() or not name.isidentifier():
            raise ModelError(
                f"firm {self.label!r}: its own process must find {name or self.business!r} by name in a "
                "file; define it at the top of a .py file (no lambda, no function inside a function)"
            )
        return f"{Path(file).resolve()}:{name}"

    def party(self) -> Party:
        """What the others may know."""
        return Party(self.label, self.makes, self._buys())

    def _buys(self) -> tuple[str, ...]:
        if self.buys is not None:
            return tuple(self.buys)
        if isinstance(self.business, str):
            raise ModelError(
                f"firm {self.label!r}: say what it buys, buys=('ore', ...), so that others may sell"
            )
        return inputs_of(self.business)
