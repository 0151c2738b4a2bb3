"""The reverse sweep: each statement's adjoint, from the last statement to the first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pricegrad.errors import SourceError

from .accumulation import OWNED, SHARED, State, filled
from .adjoint import Adjoint
from .bound import shape_of
from .control import Control, names_set
from .expr import Expr, postorder
from .indices import STAYS, repeats
from .ir import Append, Block, Branch, Call, Let, Loop, Pop, Return, Stmt, Store
from .kinds import Array, Kind, Num, is_container
from .module import Module
from .paths import root
from .recorded import killed, words
from .term import Factor, Term, total


class Reverse(Control):
    """Writes the adjoint of every statement of one emitted function onto the statement."""

    def __init__(self, module: Module, numpy: str, math: str) -> None:
        self.module, self.numpy, self.math = module, numpy, math
        self.kinds: dict[str, Kind] = {}
        self.kept: dict[int, str] = {}
        self.seed: Term = Term()
        self.tape = "tape"
        self.loops = 0  # how many loops, or calls of a function that is called often, stand around
        self.before: Block = []  # the statements of its block before the one that is differentiated
        self.now: Any = None  # which is this
        self.alone: dict[str, str] = {}
        self.value = ""  # a variable that holds the function's value

    def block(self, stmts: Block, state: State, earlier: frozenset[str]) -> None:
        """Go backwards through a block, changing `state`. `earlier`: variables set before or around it."""
        before = [earlier]
        for s in stmts:
            before.append(before[-1] | names_set([s]))
        for i, set_before in reversed(list(enumerate(before[:-1]))):
            s, self.before, self.now = stmts[i], stmts[:i], stmts[i]
            try:
                self.statement(s, state, set_before)
            except SourceError as error:
                if error.file:
                    raise
                place = s.origin
                raise SourceError(
                    error.what, file=place.file, line=place.line, text=place.text, hint=error.hint
                ) from None

    def statement(self, s: Stmt, state: State, set_before: frozenset[str]) -> None:
        match s:
            case Let():
                self.let(s, state)
            case Store():
                self.store(s, state)
            case Append():
                self.append(s, state)
            case Pop():
                self.pop(s, state)
            case Return():
                self.returned(s, state)
            case Branch():
                self.branch(s, state, set_before)
            case Loop():
                self.loop(s, state, set_before)
            case Call():
                self.call(s, state)

    # ------------------------------------------------------------------ helpers

    def start(self) -> Adjoint:
        adjoint = Adjoint(self.module, self.numpy, self.math, self.kept, self.loops > 0)
        adjoint.definition = self.definition
        return adjoint

    def definition(self, name: str) -> Expr | None:
        """What an earlier line of the same block set a variable to, if it would still give the same."""
        changed = set(killed([self.now]))  # gone already when this line is differentiated
        if name in changed:
            return None
        for s in reversed(self.before):
            if isinstance(s, Let) and name in s.names:
                value = s.values[s.names.index(name)]
                return None if value.reads & (changed | set(s.names)) else value
            changed |= killed([s])
            if name in changed:
                return None
        return None

    def finish(self, s: Any, adjoint: Adjoint) -> None:
        """Keep the subexpressions whose values the reverse sweep needs."""
        values = s.values if isinstance(s, Let) else s.args if isinstance(s, Call) else (s.value,)
        s.hoists, s.known = [], dict(adjoint.kept)
        if adjoint.kept:
            for value in values:
                for e in postorder(value):
                    if id(e) in adjoint.kept:
                        known = {k: v for k, v in adjoint.kept.items() if k != id(e)}
                        text = e.render(known)
                        shown = Expr(
                            "opaque",
                            (),
                            (text,),
                            e.prec,
                            e.kind,
                            e.active,
                            hidden=e.reads | set(known.values()),
                        )
                        s.hoists.append(Let(s.origin, (adjoint.kept[id(e)],), (shown,), (e.kind,)))

    # ------------------------------------------------------------------ statements

    def let(self, s: Let, state: State) -> None:
        """names = values."""
        s.adjoint, s.hoists, s.known = [], [], {}
        used = [(n, v) for n, v in zip(s.names, s.values, strict=True) if self.adj(n) in state]
        adjoint = self.start()
        reads = frozenset().union(*(v.reads for v in s.values))
        overlap = reads & set(s.names)
        held = self.held(s, used, overlap, adjoint)
        for n, v in used:
            if len(s.names) == 1 and n not in reads:
                adjoint.result[id(v)] = n
            adjoint.back(v, held[n])
        before = dict(state)
        for n, _ in used:
            del state[self.adj(n)]
        self.finish(s, adjoint)
        own = [f for f in adjoint.flows.values() if f.base in s.names]
        for f in [
            f
            for f in own
            if len(own) == 1 and not f.suffix and total(f.terms).text == self.adj(f.base) and filled(f)
        ]:
            mine = self.adj(f.base)
            handed_on = any(
                mine in words([total(g.terms).text]) for g in adjoint.flows.values() if g is not f
            )
            state[mine] = SHARED if handed_on and not isinstance(f.kind, Num) else before[mine]
            own.remove(f)
        lines = list(adjoint.lines)
        self.accumulate_all([f for f in adjoint.flows.values() if f.base not in s.names], state, lines)
        if len(own) > 1 and all(not f.suffix and filled(f) for f in own):
            left = ", ".join(self.adj(f.base) for f in own)
            right = ", ".join(total(f.terms).text for f in own)
            lines.append(f"{left} = {right}")
            for f in own:
                state[self.adj(f.base)] = SHARED if isinstance(f.kind, Array) else OWNED
        else:
            for f in own:
                self.accumulate(f, state, lines)
        s.adjoint = lines

    def held(
        self, s: Let, used: list[tuple[str, Expr]], overlap: frozenset[str], adjoint: Adjoint
    ) -> dict[str, Term]:
        """The adjoints of the targets; set aside where the statement will overwrite them piecemeal."""
        out = {}
        for n, v in used:
            g = Term((Factor(self.adj(n), shape=shape_of(v), whole=True),))
            parts = [e for e in postorder(v) if e.op in ("index", "field")]
            piecemeal = any(root(e) in overlap or not root(e) for e in parts) or is_container(v.kind)
            piecemeal = piecemeal or (
                len(s.names) > 1 and any(isinstance(e.kind, Array) for e in postorder(v))
            )
            if n in overlap and v.active and piecemeal:
                name = self.module.temporary(adjoint.lines)
                adjoint.lines.append(f"{name} = {self.adj(n)}")
                g = Term((Factor(name, shape=shape_of(v), whole=True),))
            out[n] = g
        return out

    def store(self, s: Store, state: State) -> None:
        """base[...] = value."""
        s.adjoint, s.hoists, s.known = [], [], {}
        if self.adj(s.base) not in state:
            return
        adjoint = self.start()
        lines = adjoint.lines
        self.exists(s.base, _root(s.target).kind, state, lines)
        place = self.adj(s.base) + adjoint.path(s.target)
        value = s.value
        if (
            value.op in ("add", "sub")
            and value.args[0].text == s.target.text
            and s.base not in value.args[1].reads
            and (s.call or not repeats(s.target))
        ):
            part = Factor(place, cost=1, shape=shape_of(s.target), whole=True)
            g = Term((part,), sign=-1 if value.op == "sub" else 1)
            adjoint.send(value, value.args[1], g)
            self.finish(s, adjoint)
            for f in adjoint.flows.values():
                self.accumulate(f, state, lines, alive=True)
            s.adjoint = lines
            return
        if self.passed_on(s, place, state, lines):
            s.adjoint = lines
            return
        moved = ""
        if value.active:
            held = self.module.temporary(lines)
            copy = ".copy()" if isinstance(s.target.kind, Array) else ""
            if repeats(s.target):
                stays = adjoint.helper("_stays", STAYS)
                index = adjoint.at(s.target.args[1])
                lines.append(f"{held} = {place} * {stays}({index}, {s.target.args[0].text}.shape)")
            else:
                moved = f"{held} = {place}{copy}"
                lines.append(moved)
            adjoint.send(s.target, value, Term((Factor(held, shape=shape_of(s.target), whole=True),)))
        self.finish(s, adjoint)
        own = adjoint.flows.pop(s.base + adjoint.path(s.target), None)
        if own is not None and not own.add_at and not is_container(own.kind):
            lines.append(f"{place} = {total(own.terms).text}")
        else:
            zero = self.zero(s.target.kind, s.target.text) if is_container(s.target.kind) else "0.0"
            if moved and isinstance(s.target.kind, Num):
                lines[lines.index(moved)] = f"{held}, {place} = {place}, {zero}"
            else:
                lines.append(f"{place} = {zero}")
        self.accumulate_all(adjoint.flows.values(), state, lines)
        s.adjoint = lines

    def passed_on(self, s: Store, place: str, state: State, lines: list[str]) -> bool:
        """A number whose adjoint goes to one place only: it need not be set aside."""
        if not isinstance(s.target.kind, Num) or not s.value.active or repeats(s.target):
            return False
        adjoint = self.start()
        adjoint.send(s.target, s.value, Term((Factor(place, cost=1, whole=True),)))
        flows = list(adjoint.flows.values())
        if len(flows) != 1 or adjoint.lines or flows[0].add_at or is_container(flows[0].kind):
            return False
        flow, text = flows[0], total(flows[0].terms).text
        own = flow.base == s.base
        if text.count(place) != 1 or (own and self.adj(flow.base) + flow.suffix != place):
            return False  # (another element of the same container may be this very one)
        self.finish(s, adjoint)
        if own:
            lines.append(f"{place} = {text}")
        else:
            self.accumulate(flow, state, lines)
            lines.append(f"{place} = 0.0")
        return True

    def append(self, s: Append, state: State) -> None:
        """target.append(value)."""
        s.adjoint, s.hoists, s.known = [], [], {}
        if self.adj(s.base) not in state:
            return
        adjoint = self.start()
        self.exists(s.base, _root(s.target).kind, state, adjoint.lines)
        popped = f"{self.adj(s.base)}{adjoint.path(s.target)}.pop()"
        if s.value.active:
            held = self.module.temporary(adjoint.lines)
            if s.value.op == "name" and self.adj(s.value.text) not in state and isinstance(s.value.kind, Num):
                adjoint.lines.append(f"{self.adj(s.value.text)} = {popped}")
                state[self.adj(s.value.text)] = OWNED
            else:
                adjoint.lines.append(f"{held} = {popped}")
                adjoint.back(s.value, Term((Factor(held, shape=shape_of(s.value), whole=True),)))
        else:
            adjoint.lines.append(popped)
        self.finish(s, adjoint)
        self.accumulate_all(adjoint.flows.values(), state, adjoint.lines)
        s.adjoint = adjoint.lines

    def pop(self, s: Pop, state: State) -> None:
        """name = target.pop()."""
        s.adjoint, s.late = [], True
        g = self.adj(s.name)
        if g not in state and self.adj(s.base) not in state:
            return
        lines: list[str] = []
        self.exists(s.base, _root(s.target).kind, state, lines)
        zero = g if g in state else self.zero(s.kind, s.name)
        lines.append(f"{self.adj(s.base)}{self.start().path(s.target)}.append({zero})")
        state.pop(g, None)
        s.adjoint = lines

    def returned(self, s: Return, state: State) -> None:
        """The seed."""
        adjoint = self.start()
        shape = shape_of(s.value)
        seed = Term(tuple(replace(f, shape=shape, whole=True) for f in self.seed.nums))
        if self.value and s.value.op != "name":
            adjoint.result[id(s.value)] = self.value
        if s.value.op == "name" and s.value.active and not is_container(s.value.kind):
            adjoint.add(s.value, "", s.value.kind, seed)
        else:
            adjoint.back(s.value, seed)
        self.finish(s, adjoint)
        self.accumulate_all(adjoint.flows.values(), state, adjoint.lines)
        s.adjoint = adjoint.lines

    def call(self, s: Call, state: State) -> None:
        """name = forward(args): the reverse function takes its record off the tape, wanted or not."""
        s.adjoint, s.hoists, s.known = [], [], {}
        if not s.active:
            state.pop(self.adj(s.name), None)  # set anew: nothing flows to what it was before
            return
        adjoint = self.start()
        lines = adjoint.lines
        g = self.adj(s.name) if self.adj(s.name) in state else self.zero(s.kind, s.name)
        state.pop(self.adj(s.name), None)
        pair = s.pair
        active = [(n, a) for (n, _, on), a in zip(pair.parameters, s.args, strict=True) if on]
        again = self.module.again
        given = zip(pair.parameters, s.args, strict=True)
        handed = [a.text for (n, _, _), a in given if again or n in pair.handed]
        call = f"{pair.reverse}({', '.join([*handed, g, *([] if again else [self.tape])])})"
        if len(active) == 1 and active[0][1].op == "name" and self.adj(active[0][1].text) not in state:
            lines.append(f"{self.adj(active[0][1].text)} = {call}")
            kind = active[0][1].kind
            state[self.adj(active[0][1].text)] = OWNED if isinstance(kind, Num) else SHARED
            s.adjoint = lines
            return
        names: list[str] = []
        for _ in active:
            names.append(self.module.temporary([*lines, *names]))
        lines.append(f"{', '.join(names)} = {call}")
        lines.extend("" for _ in names[1:])
        for name, (_, a) in zip(names, active, strict=True):
            adjoint.back(a, Term((Factor(name, shape=shape_of(a), whole=True),)))
        self.finish(s, adjoint)
        self.accumulate_all(adjoint.flows.values(), state, lines)
        s.adjoint = [line for line in lines if line]


def _root(e: Expr) -> Expr:
    while e.op != "name":
        e = e.args[0]
    return e
