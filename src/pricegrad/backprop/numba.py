"""Compile emitted code with numba: the very same source, its functions compiled one by one."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from pricegrad.errors import SourceError

from .compiled import register
from .derive import Derived
from .kinds import FLOAT, Kind, List, Num
from .source import Source
from .told import Tape


class Compiled:
    """The emitted function compiled; SourceError says why where numba cannot.

    A list is handed over as an array, and becomes a list again inside. `direct` takes arguments of the first
    call's kinds, lists as arrays, and costs the least to call.
    """

    def __init__(self, source: Source, derived: Derived) -> None:
        try:
            import numba
        except ImportError:
            raise SourceError(
                'compile="numba" needs numba', hint='Install it: pip install "pricegrad[numba]".'
            ) from None
        from numba.core.errors import NumbaPerformanceWarning

        from .stacks import number

        self.remark = NumbaPerformanceWarning
        self.source, self.kinds = source, dict(derived.kinds)
        against = derived.told.against or next(filter(None, map(unknown, self.kinds.values())), "")
        if against:
            self.refuse(f"it does not know {against}")
        code, makers, self.arena = on_stacks(derived)
        live: dict[str, Any] = {}  # without __name__: numba loses its own recursive calls in a named module
        exec(compile(code, register(code, derived.name), "exec"), live)
        live.update(derived.live)
        live.update(makers)
        for name in re.findall(r"^def (\w+)\(", code, re.MULTILINE):
            returned = derived.told.variables.get(name, {})  # what a recursion returns cannot be inferred
            typed = {v: number(k) for v, k in returned.items()}
            live[name] = numba.njit(live[name], locals=typed, boundscheck=True)
        self.inner = live[derived.name]
        kinds = list(self.kinds.values())
        scalar = kinds and all(isinstance(k, Num) for k in kinds) and not derived.seed
        self.direct = self.entry([number(k.name) for k in kinds]) if scalar else self.inner  # type: ignore[attr-defined]

    def entry(self, types: list[Any]) -> Callable[..., Any]:
        """The compiled code itself, past numba's look at the types of what it is given."""
        try:
            self.inner.compile(tuple(types))
        except Exception as error:
            self.refuse_or_raise(error)
        return self.inner.overloads[tuple(types)].entry_point  # type: ignore[no-any-return]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        given = [as_array(a, self.kinds.get(n, FLOAT)) for a, n in zip(args, self.kinds, strict=False)]
        try:
            with warnings.catch_warnings():  # on how the user's arrays lie in memory
                warnings.simplefilter("ignore", self.remark)
                return self.inner(*given, *args[len(given) :], **kwargs)
        except Exception as error:
            self.refuse_or_raise(error)

    def refuse_or_raise(self, error: Exception) -> NoReturn:
        """Numba's own complaints are a refusal; what the user's function raises is not."""
        from numba.core.errors import NumbaError

        if not isinstance(error, NumbaError) and not _raised_by_numba(error):
            raise error
        reason = [line for line in str(error).strip().splitlines() if line]
        said = [line for line in reason if not line.startswith(("Failed", "\x1b"))]
        self.refuse((said or reason or [f"its compiler stops at a {type(error).__name__} of its own"])[0])

    def refuse(self, reason: str) -> NoReturn:
        raise SourceError(
            f"the derivative of `{self.source.name}` cannot be compiled by numba: {reason[:200]}",
            file=self.source.file,
            line=self.source.first,
            text=self.source.line(self.source.first),
            hint='Leave out compile="numba"; numba takes numbers, lists of numbers and arrays.',
        ) from None


def _raised_by_numba(error: Exception) -> bool:
    """Whether an error is the compiler's own, not one of the user's function."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", "") if trace is not None else ""
    return module.startswith(("numba.", "llvmlite."))


def unknown(kind: Kind) -> str:
    """What numba cannot be given; "" if it can."""
    if isinstance(kind, List) and isinstance(kind.item, List):
        return "lists of lists"
    return ""


def as_array(value: Any, kind: Kind) -> Any:
    """A list as an array, in which compiled code can be handed one; anything else as it is."""
    if not isinstance(value, list):
        return value
    name = kind.item.name if isinstance(kind, List) and isinstance(kind.item, Num) else "float"
    return np.array(value, dtype=name)


def on_stacks(derived: Derived) -> tuple[str, dict[str, Any], Any]:
    """The emitted code with stacks for those of its tapes that can be; what makes them, and their arena."""
    from .stacks import Arena, making

    code, arena, makers = derived.source, Arena(), {}
    types: dict[Tape, Any] = {}
    for tape in derived.told.tapes:
        entry = [e if isinstance(e, str) else types[e] for e in tape.entry]
        types[tape] = arena.stack(entry, bool(tape.rounds))
        makers[f"make_{tape.name}_"] = making(types[tape])
        code = re.sub(
            rf"^( +){tape.name} = \[\]$",
            rf"\1{tape.name} = make_{tape.name}_({tape.rounds or 0})",
            code,
            flags=re.MULTILINE,
        )
    first = [f"{n} = list({n})" for n, k in derived.kinds if isinstance(k, List)]
    if makers:
        makers["empty_tapes_"] = arena.empty
        first.append("empty_tapes_()")
    opening = "".join(f"\n    {line}" for line in first)
    return (
        re.sub(rf"^def {derived.name}\(.*\):$", rf"\g<0>{opening}", code, flags=re.MULTILINE),
        makers,
        arena,
    )
