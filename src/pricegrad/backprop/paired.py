"""Write the forward and the reverse function of a pair."""

from __future__ import annotations

from .accumulation import State
from .bodies import assigned_in, hoisted_kinds, kinds_in, nothing
from .emit import Emitter
from .ir import Block, Branch, Call, Return, walk
from .kinds import Kind
from .module import Module
from .pairs import Pair, exits
from .recorded import Recorder
from .reverse import Reverse
from .term import Factor, Term
from .tidy import tidy
from .writer import Writer


def reachable(body: Block) -> set[Pair]:
    """The pairs that a body calls, themselves or through others."""
    out: set[Pair] = set()
    work = [body]
    while work:
        for s in walk(work.pop()):
            if isinstance(s, Call) and s.pair not in out:
                out.add(s.pair)
                work.append(s.pair.body)
    return out


def prepare(pairs: list[Pair]) -> None:
    """Settle what the reverse functions take, before the first is written: they may call one another."""
    for pair in pairs:
        tidy(pair.body)
        changed = assigned_in(pair.body)
        names = [n for n, _, _ in pair.parameters]
        pair.handed = tuple(n for n in names if n not in changed) if pair.active else ()


def write_pair(module: Module, pair: Pair, numpy: str, mathematics: str, tape: str) -> None:
    """Emit the forward and the reverse function of a pair."""
    kinds = {n: k for n, k, _ in pair.parameters}
    reverse = Reverse(module, numpy, mathematics)
    reverse.kinds, reverse.tape, reverse.loops = kinds_in(pair.body, kinds), tape, 1
    seed = module.names.adjoint(pair.source.name if pair.source.name.isidentifier() else "value")
    reverse.seed = Term((Factor(seed),))
    state: State = {}
    variables = set(reverse.kinds)
    if pair.active:
        reverse.block(pair.body, state, frozenset(pair.wrt))
        variables |= {n for s in walk(pair.body) for h in getattr(s, "hoists", []) for n in h.names}
    recorder = Recorder(module, variables, reverse.kinds)
    final = recorder.run(pair.body, frozenset(kinds), frozenset())
    leaves = exits(pair.body, set(pair.handed))
    record = () if leaves else tuple(sorted(final - set(pair.handed)))
    returns = [s for s in walk(pair.body) if isinstance(s, Return)]
    if leaves:
        for s in returns:
            s.record = tuple(sorted(recorder.exits[id(s)] - set(pair.handed)))
    entries = [s.record for s in returns] if leaves else [record]
    pair.kinds = {**hoisted_kinds(pair.body), **reverse.kinds}
    pair.records = frozenset(r for r in entries if r)
    value = "" if leaves else module.names.new("value")
    module.functions.append(_forward(pair, recorder, reverse.kinds, record, value, tape, leaves))
    pair.results[pair.forward] = {value: pair.kind} if value else {}
    if pair.active:
        back = _gradient(pair, reverse, state)
        returned = zip(back, (kinds[n] for n in pair.wrt), strict=True)
        pair.results[pair.reverse] = {v: k for v, k in returned if v.isidentifier()}
        out = Writer()
        out.put(f"def {pair.reverse}({', '.join([*pair.handed, seed, tape])}):")
        _backward(pair, out, Emitter(out, value, tape), record, f"return {', '.join(back)}", leaves)
        module.functions.append(out.text())


def write_pure(module: Module, pair: Pair, numpy: str, mathematics: str, tape: str) -> None:
    """Emit the function itself and a reverse function that runs it again.

    Neither changes anything it is given, so that they can be differentiated in turn. A recursion of depth n
    takes up to n times as long.
    """
    kinds = {n: k for n, k, _ in pair.parameters}
    out = Writer()
    out.put(f"def {pair.forward}({', '.join(kinds)}):")
    out.indent = 1
    Emitter(out, leaves=True).forward(pair.body)
    module.functions.append(out.text())
    if not pair.active:
        return
    reverse = Reverse(module, numpy, mathematics)
    reverse.kinds, reverse.loops = kinds_in(pair.body, kinds), 1
    seed = module.names.adjoint(pair.source.name if pair.source.name.isidentifier() else "value")
    reverse.seed = Term((Factor(seed),))
    state: State = {}
    reverse.block(pair.body, state, frozenset(pair.wrt))
    hoisted = {n for s in walk(pair.body) for h in getattr(s, "hoists", []) for n in h.names}
    recorder = Recorder(module, set(reverse.kinds) | hoisted, reverse.kinds)
    recorder.run(pair.body, frozenset(kinds), frozenset())
    out = Writer()
    out.put(f"def {pair.reverse}({', '.join([*kinds, seed])}):")
    out.indent = 1
    for v in sorted(((recorder.unset | recorder.bare) & recorder.variables) - set(kinds)):
        out.put(f"{v} = {nothing(reverse.kinds.get(v), v in recorder.bare)}")
    emitter = Emitter(out)
    emitter.again = True
    emitter.forward(pair.body)
    emitter.reverse(pair.body)
    out.put(f"return {', '.join(_gradient(pair, reverse, state))}")
    module.functions.append(out.text())


def _gradient(pair: Pair, reverse: Reverse, state: State) -> list[str]:
    """What the reverse function returns: an adjoint for each active parameter."""
    kinds = {n: k for n, k, _ in pair.parameters}
    return [reverse.adj(n) if reverse.adj(n) in state else reverse.zero(kinds[n], n) for n in pair.wrt]


def _forward(
    pair: Pair,
    recorder: Recorder,
    kinds: dict[str, Kind],
    record: tuple[str, ...],
    value: str,
    tape: str,
    leaves: bool,
) -> str:
    """The function itself, which pushes at each `return`, or once at its end."""
    parameters = [n for n, _, _ in pair.parameters]
    out = Writer()
    out.put(f"def {pair.forward}({', '.join([*parameters, *([tape] if pair.active else [])])}):")
    out.indent = 1
    if not pair.active and any(isinstance(s, Call) and s.active for s in walk(pair.body)):
        out.put(f"{tape} = []")  # what they record is not read
    unset = (recorder.unset | recorder.bare | (recorder.unsure if leaves else set())) & recorder.variables
    unset |= {v for v in record if v not in recorder.surely}
    for v in sorted(unset - set(parameters)):
        out.put(f"{v} = {nothing(kinds.get(v), v in recorder.bare)}")
    emitter = Emitter(out, value, tape, leaves)
    emitter.forward(pair.body)
    if not leaves:
        emitter.push(record)
        out.put(f"return {value}")
    return out.text()


def _backward(
    pair: Pair, out: Writer, emitter: Emitter, record: tuple[str, ...], closing: str, leaves: bool
) -> None:
    """The reverse function's body: it takes the record and ends with `closing`."""
    out.indent = 1
    emitter.take(record)
    last = pair.body[0]
    if leaves and len(pair.body) == 1 and isinstance(last, Branch) and not last.flag:
        emitter.reverse_branch(last, closing)
    else:
        emitter.reverse(pair.body)
        out.put(closing)
