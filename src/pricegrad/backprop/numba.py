"""Compile emitted code with numba: the very same source, its functions compiled one by one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from pricegrad.errors import SourceError

from .compiled import register
from .derive import Derived
from .kinds import FLOAT, INT
from .source import Source


def compiled(source: Source, derived: Derived, lists_given: bool) -> Callable[..., Any]:
    """The emitted function compiled; SourceError says why where numba cannot."""
    try:
        import numba
        from numba.core.errors import NumbaError
    except ImportError:
        raise SourceError(
            'compile="numba" needs numba', hint='Install it: pip install "pricegrad[numba]".'
        ) from None
    code = typed_tape(derived)
    live: dict[str, Any] = {}  # without __name__: numba loses its own recursive calls in a named module
    exec(compile(code, register(code, derived.name), "exec"), live)
    live.update(derived.live)
    for name in re.findall(r"^def (\w+)\(", code, re.MULTILINE):
        live[name] = numba.njit(live[name])
    inner = live[derived.name]
    names = [n for n, _ in derived.kinds]

    def call(*args: Any, **kwargs: Any) -> Any:
        lists = any(isinstance(a, list) for a in args)
        given = [np.array(a, dtype=float) if isinstance(a, list) else a for a in args]
        try:
            out = inner(*given, **kwargs)
            return relisted(out, derived.wrt, args, names, derived.seed) if lists else out
        except (NumbaError, AssertionError) as error:
            if isinstance(error, AssertionError) and not _raised_by_numba(error):
                raise
            reason = str(error).strip().splitlines() or ["its compiler stops at an assertion of its own"]
            said = next(
                (line for line in reason if line and not line.startswith(("Failed", "\x1b"))), reason[0]
            )
            raise SourceError(
                f"the derivative of `{source.name}` cannot be compiled by numba: {said[:200]}",
                file=source.file,
                line=source.first,
                text=source.line(source.first),
                hint='Leave out compile="numba"; numba takes numbers, lists of numbers and arrays.',
            ) from None

    call.inner = None if lists_given else inner  # type: ignore[attr-defined]
    return call


def _raised_by_numba(error: AssertionError) -> bool:
    """Whether an assertion is the compiler's own, not one of the user's function."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__", "").startswith("numba.")


def relisted(out: Any, wrt: tuple[str, ...], args: tuple[Any, ...], names: list[str], seed: str) -> Any:
    """Lists were handed in as arrays: their derivatives become lists again."""
    given = dict(zip(names, args, strict=False))
    several = len(wrt) > 1
    value_too = isinstance(out, tuple) and (not several or len(out) != len(wrt) or isinstance(out[1], tuple))
    parts = out[1] if value_too else out
    parts = parts if several else (parts,)
    parts = tuple(
        p.tolist() if isinstance(given.get(n), list) else p for n, p in zip(wrt, parts, strict=True)
    )
    back = parts if several else parts[0]
    return (out[0], back) if value_too else back


def typed_tape(derived: Derived) -> str:
    """An empty list that is handed to another function must say what will be in it."""
    if not derived.tape:
        return derived.source
    kinds = derived.record
    if kinds is None:
        raise SourceError("numba cannot share a tape of different records", hint='Leave out compile="numba".')
    items = ["0.0" if k == FLOAT else "0" if k == INT else "False" for k in kinds]
    sample = items[0] if len(items) == 1 else f"({', '.join(items)})"
    return derived.source.replace(f"    {derived.tape} = []\n", f"    {derived.tape} = [{sample}][:0]\n")
