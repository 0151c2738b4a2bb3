"""Put the two sweeps of a function together: signature, copies, forward, reverse, and what is returned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .accumulation import SHARED, State
from .bodies import assigned_in, kinds_in, may_fail, nothing, restored, set_apart
from .emit import Emitter
from .inlining import written_in
from .ir import Block, Return, walk
from .kinds import Array, Dict, Kind, Num
from .module import Module
from .recorded import Recorder
from .reverse import Reverse
from .rules_array import holds_array
from .term import Factor, Term
from .writer import Writer
from .zeros import copied, returned


class Assembly:
    """One emitted function. `what`: "grad", "value_and_grad" or "vjp"; `wrt`: parameter names.

    `numpy` and `mathematics` are how the user writes these modules; `tape` is the name of the tape that pairs
    share, or "".
    """

    def __init__(
        self,
        module: Module,
        kinds: Mapping[str, Kind],
        wrt: Sequence[str],
        what: str,
        numpy: str,
        mathematics: str,
        tape: str,
    ) -> None:
        self.module, self.kinds, self.wrt, self.what = module, kinds, wrt, what
        self.numpy, self.tape = numpy, tape
        self.reverse = Reverse(module, numpy, mathematics)
        self.reverse.tape = tape
        self.state: State = {}
        self.firsts: dict[str, str] = {}  # parameters as they were given, where the body assigns them

    def write(self, name: str, signature: str, body: Block, seed: Factor | None) -> str:
        """The text of the function; the reverse sweep starts from `seed`, or from one."""
        self.sweep(body, seed)
        if self.what == "grad" and not self.reverse.value:
            written_in(body)
        gradient = self.gradient(body)
        value = self.value_of(body)
        recorder = self.record(body)
        if value in restored(body):
            value = self.module.names.new("value")
        if self.what == "grad":
            value = self.reverse.value or value
        else:
            for s in _returns(body):
                s.value = set_apart(s.value, self.module.mutated)
        out = Writer()
        out.put(f"def {name}({signature}):")
        out.indent = 1
        self.prepare(out, recorder)
        emitter = Emitter(out, value, self.tape)
        emitter.always = self.what != "grad"
        emitter.again = self.module.again
        emitter.forward(body)
        emitter.reverse(body)
        together = ", ".join(gradient)
        if self.what == "grad":
            out.put(f"return {together}")
        else:
            out.put(f"return {value}, ({together})" if len(gradient) > 1 else f"return {value}, {together}")
        return out.text()

    def sweep(self, body: Block, seed: Factor | None) -> None:
        """Write the adjoint of every statement onto it."""
        reverse = self.reverse
        reverse.kinds = kinds_in(body, dict(self.kinds))
        if seed is not None:
            reverse.seed = Term((seed,))
        if self.what == "grad" and any(may_fail(s.value) for s in _returns(body)):
            reverse.value = self.module.names.new("value")
        reverse.block(body, self.state, frozenset(self.wrt))

    def gradient(self, body: Block) -> list[str]:
        """What is returned for each parameter: it shares no memory with an argument."""
        return [self.part(p, p in assigned_in(body)) for p in self.wrt]

    def part(self, p: str, overwritten: bool) -> str:
        """The derivative by one parameter, in its form."""
        kind, adjoint = self.kinds[p], self.reverse.adj(p)
        if adjoint not in self.state:
            given = p
            if overwritten and not isinstance(kind, Num):
                given = self.firsts[p] = self.module.names.new(f"{p}_given")
            return self.reverse.zero(kind, given)
        reshaped = p in self.module.mutated and isinstance(kind, Dict)
        text = returned(kind, adjoint, "NUMPY.", reshaped)
        if self.state[adjoint] == SHARED and text == adjoint and holds_array(kind):
            text = copied(kind, adjoint)
        if "NUMPY." in text:
            text = text.replace("NUMPY.asarray", self.module.function(f"np:{self.numpy}", "asarray"))
        return text

    def value_of(self, body: Block) -> str:
        """The variable that holds the function's value, where it is returned too."""
        if self.what == "grad":
            return ""
        last = _returns(body)
        if len(last) == 1 and last[0].value.op == "name":
            return last[0].value.text
        return self.module.names.new("value")

    def record(self, body: Block) -> Recorder:
        """Decide what the forward sweep records."""
        hoisted = {n for s in walk(body) for h in getattr(s, "hoists", []) for n in h.names}
        recorder = Recorder(self.module, set(self.reverse.kinds) | hoisted, self.reverse.kinds)
        recorder.run(body, frozenset(self.kinds), frozenset())
        return recorder

    def prepare(self, out: Writer, recorder: Recorder) -> None:
        """The lines before the user's first."""
        for p, kind in self.kinds.items():
            if p in self.module.mutated:
                out.put(f"{p} = {copied(kind, p)}")
        for p, given in self.firsts.items():
            out.put(f"{given} = {p}")
        unset = (recorder.unset | recorder.bare) & recorder.variables - set(self.kinds)
        for v in sorted(unset):
            out.put(f"{v} = {nothing(self.reverse.kinds.get(v), v in recorder.bare)}")
        if self.tape:
            out.put(f"{self.tape} = []")


def _returns(body: Block) -> list[Return]:
    return [s for s in walk(body) if isinstance(s, Return)]


def seed_of(name: str, result: Kind) -> Factor:
    """The adjoint of a result, as the caller gives it."""
    return Factor(name, shape=result.shape if isinstance(result, Array) else (), whole=True)
