"""The reverse sweep: each statement's adjoint, from the last statement to the first.

`State` says which adjoints exist at a point of the reverse sweep: those not in it are zero and not yet
variables. "owned" adjoints may be changed in place, "shared" ones may be the same object as another.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pricegrad.errors import SourceError

from .adjoint import Adjoint, Flow, once
from .bound import shape_of
from .broadcasting import fills
from .expr import ATOM, Expr
from .ir import Append, Block, Branch, Call, Let, Loop, Pop, Return, Stmt, Store, assigned, changed, walk
from .kinds import Array, Kind, Num, is_container, is_real
from .module import Module
from .recorded import words
from .shapes import basic
from .term import Factor, Term, signed, total
from .zeros import added, copied, zeros

State = dict[str, str]
OWNED, SHARED = "owned", "shared"
STAYS = '''\
def _stays(index, shape):
    """Of what is written through an index, the last at each place stays."""
    place = np.arange(np.prod(shape)).reshape(shape)[index]
    _, last = np.unique(place.ravel()[::-1], return_index=True)
    stays = np.zeros(place.size)
    stays[place.size - 1 - last] = 1.0
    return stays.reshape(place.shape)
'''


class Reverse:
    """Writes the adjoint of every statement of one emitted function onto the statement."""

    def __init__(self, module: Module, numpy: str, math: str) -> None:
        self.module, self.numpy, self.math = module, numpy, math
        self.kinds: dict[str, Kind] = {}
        self.kept: dict[int, str] = {}
        self.seed: Term = Term()
        self.tape = "tape"
        self.value = ""  # a variable that holds the function's value

    def adj(self, name: str) -> str:
        return self.module.names.adjoint(name)

    def zero(self, kind: Kind, text: str) -> str:
        code = zeros(kind, text, "NUMPY.")
        if "NUMPY." in code:
            code = code.replace("NUMPY.zeros_like", self.module.function(f"np:{self.numpy}", "zeros_like"))
        return code

    def block(self, stmts: Block, state: State, earlier: frozenset[str]) -> None:
        """Go backwards through a block, changing `state`. `earlier`: variables set before or around it."""
        before = [earlier]
        for s in stmts:
            before.append(before[-1] | names_set([s]))
        for s, set_before in zip(reversed(stmts), reversed(before[:-1]), strict=True):
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
        return Adjoint(self.module, self.numpy, self.math, self.kept)

    def finish(self, s: Any, adjoint: Adjoint) -> None:
        """Keep the subexpressions whose values the reverse sweep needs."""
        values = s.values if isinstance(s, Let) else s.args if isinstance(s, Call) else (s.value,)
        s.hoists, s.known = [], dict(adjoint.kept)
        if adjoint.kept:
            for value in values:
                for e in _postorder(value):
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

    def exists(self, base: str, kind: Kind, state: State, lines: list[str]) -> str:
        """Make sure the adjoint of a container exists and may be changed in place."""
        name = self.adj(base)
        if name not in state:
            lines.append(f"{name} = {self.zero(kind, base)}")
        elif state[name] == SHARED:
            lines.append(f"{name} = {copied(kind, name)}")
        state[name] = OWNED
        return name

    def accumulate(self, flow: Flow, state: State, lines: list[str], alive: bool = False) -> None:
        """adjoint += flow, or = where it is the first. `alive`: the adjoint it comes from lives on."""
        name = self.adj(flow.base)
        if is_container(flow.kind) and len(flow.terms) > 1:
            flow.terms = [self.joined(flow, lines)]
        sign, f = signed(flow.terms)
        first = name not in state and isinstance(flow.kind, Array) and not (flow.suffix or flow.add_at)
        if first and not filled(flow):
            text = f.text if sign == "+" else Term((f,), sign=-1).factor().text
            code = f"{self.module.function(f'np:{self.numpy}', 'full_like')}({flow.base}, {text})"
            sign, f = "+", Factor(code, whole=True, fresh=True)
        elif first and sign == "+" and not f.fresh and (alive or words([f.text]) & self.module.mutated):
            f = Factor(
                f"{f.at(ATOM)}.copy()", whole=True, fresh=True
            )  # what it shows is changed in place later
        if flow.suffix or flow.add_at:
            self.exists(flow.base, flow.base_kind, state, lines)
            place = name + flow.suffix
            if flow.add_at:
                call = self.module.function(f"np:{self.numpy}", "add.at" if sign == "+" else "subtract.at")
                lines.append(f"{call}({place}, {flow.add_at}, {f.text})")
            elif is_container(flow.kind):
                lines.append(f"{place} = {added(flow.kind, place, f.text)}")
            else:
                lines.append(f"{place} {sign}= {f.text}")
            return
        text = f.text if sign == "+" else Term((f,), sign=-1).factor().text
        if name not in state:
            lines.append(f"{name} = {text}")
            fresh = isinstance(flow.kind, Num) or (isinstance(flow.kind, Array) and (f.fresh or sign == "-"))
            state[name] = OWNED if fresh else SHARED
        elif is_container(flow.kind):
            lines.append(f"{name} = {added(flow.kind, name, f.text)}")
            state[name] = SHARED
        elif isinstance(flow.kind, Array) and state[name] == SHARED:
            lines.append(f"{name} = {name} {sign} {f.text}")
            state[name] = OWNED
        else:
            lines.append(f"{name} {sign}= {f.text}")

    def joined(self, flow: Flow, lines: list[str]) -> Term:
        """The sum of several containers, element by element."""
        names = []
        for t in flow.terms:
            names.append(self.module.temporary(len(lines)))
            lines.append(f"{names[-1]} = {t.factor().text}")
        first = names[0]
        lines += [f"{first} = {added(flow.kind, first, other)}" for other in names[1:]]
        return Term((Factor(first),))

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
            state[self.adj(f.base)] = before[self.adj(f.base)]
            own.remove(f)
        lines = list(adjoint.lines)
        for f in adjoint.flows.values():
            if f.base not in s.names:
                self.accumulate(f, state, lines)
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
            piecemeal = any(e.op in ("index", "field") for e in _postorder(v)) or is_container(v.kind)
            piecemeal = piecemeal or (
                len(s.names) > 1 and any(isinstance(e.kind, Array) for e in _postorder(v))
            )
            if n in overlap and v.active and piecemeal:
                name = self.module.temporary(len(adjoint.lines))
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
            and not repeats(s.target)
        ):
            part = Factor(place, cost=1, shape=shape_of(s.target), whole=True)
            g = Term((part,), sign=-1 if value.op == "sub" else 1)
            adjoint.send(value, value.args[1], g)
            self.finish(s, adjoint)
            for f in adjoint.flows.values():
                self.accumulate(f, state, lines, alive=True)
            s.adjoint = lines
            return
        if value.active:
            held = self.module.temporary(len(lines))
            copy = ".copy()" if isinstance(s.target.kind, Array) else ""
            if repeats(s.target):
                stays = adjoint.helper("_stays", STAYS)
                index = adjoint.at(s.target.args[1])
                lines.append(f"{held} = {place} * {stays}({index}, {s.target.args[0].text}.shape)")
            else:
                lines.append(f"{held} = {place}{copy}")
            adjoint.send(s.target, value, Term((Factor(held, shape=shape_of(s.target), whole=True),)))
        self.finish(s, adjoint)
        own = adjoint.flows.pop(s.base + adjoint.path(s.target), None)
        if own is not None and not own.add_at and not is_container(own.kind):
            lines.append(f"{place} = {total(own.terms).text}")
        else:
            zero = self.zero(s.target.kind, s.target.text) if is_container(s.target.kind) else "0.0"
            lines.append(f"{place} = {zero}")
        for f in adjoint.flows.values():
            self.accumulate(f, state, lines)
        s.adjoint = lines

    def append(self, s: Append, state: State) -> None:
        """target.append(value)."""
        s.adjoint, s.hoists, s.known = [], [], {}
        if self.adj(s.base) not in state:
            return
        adjoint = self.start()
        self.exists(s.base, _root(s.target).kind, state, adjoint.lines)
        popped = f"{self.adj(s.base)}{adjoint.path(s.target)}.pop()"
        if s.value.active:
            held = self.module.temporary(len(adjoint.lines))
            if s.value.op == "name" and self.adj(s.value.text) not in state and isinstance(s.value.kind, Num):
                adjoint.lines.append(f"{self.adj(s.value.text)} = {popped}")
                state[self.adj(s.value.text)] = OWNED
            else:
                adjoint.lines.append(f"{held} = {popped}")
                adjoint.back(s.value, Term((Factor(held, shape=shape_of(s.value), whole=True),)))
        else:
            adjoint.lines.append(popped)
        self.finish(s, adjoint)
        for f in adjoint.flows.values():
            self.accumulate(f, state, adjoint.lines)
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
        for f in adjoint.flows.values():
            self.accumulate(f, state, adjoint.lines)
        s.adjoint = adjoint.lines

    def branch(self, s: Branch, state: State, earlier: frozenset[str]) -> None:
        """Both arms from the same state; an adjoint that only one of them makes is zero in the other."""
        then, other = dict(state), dict(state)
        self.block(s.then, then, earlier)
        self.block(s.other, other, earlier)
        useful = {self.adj(n) for n in earlier}
        for arm in (then, other):
            for name in set(arm) - useful:
                del arm[name]
        s.then_end, s.other_end = [], []
        for here, there, lines in ((then, other, s.then_end), (other, then, s.other_end)):
            for name in there:
                if name not in here:
                    lines.append(f"{name} = {self.zero_of(name, state)}")
        state.clear()
        for name in {**then, **other}:
            both = {then.get(name, OWNED), other.get(name, OWNED)}
            state[name] = SHARED if SHARED in both else OWNED

    def zero_of(self, adjoint: str, state: State) -> str:
        """A zero for an adjoint by its name."""
        variable = self.module.names.variable(adjoint)
        kind = self.kinds[variable]
        if isinstance(kind, Array) and adjoint in state:
            return self.zero(kind, adjoint)
        return self.zero(kind, variable)

    def loop(self, s: Loop, state: State, earlier: frozenset[str]) -> None:
        """The body backwards, until what exists at its head no longer changes."""
        around = earlier | names_set([s])
        useful = {self.adj(n) for n in around}
        head = {k: v for k, v in state.items() if k in useful}
        while True:
            end = dict(head)
            self.block(s.body, end, around)
            for let in reversed(s.elements):
                self.let(let, end)
            for target in (*s.targets, s.index):
                end.pop(self.adj(target), None) if target else None
            new = {**end, **head}
            for name in new:
                new[name] = SHARED if SHARED in (head.get(name), end.get(name)) else OWNED
            if new == head:
                break
            head = new
        s.before = [f"{name} = {self.zero_of(name, {})}" for name in head if name not in state]
        s.end = [f"{name} = {self.zero_of(name, head)}" for name in head if name not in end]
        for let in s.elements:
            self.only_contribution(s, let)
        state.clear()
        state.update(head)

    def only_contribution(self, s: Loop, let: Let) -> None:
        """An element that gets nothing else since its container was set to zero: `=` for `+=`."""
        for i, line in enumerate(let.adjoint):
            place, plus, value = line.partition(" += ")
            name = place.partition("[")[0]
            mine = (
                plus and place.endswith(f"[{s.index}]") and any(b.startswith(f"{name} = ") for b in s.before)
            )
            inside = [x for inner in walk(s.body) for x in inner.adjoint]
            others = [x for other in s.elements for x in other.adjoint if x != line]
            if mine and not any(re.search(rf"\b{name}\b", x) for x in (*inside, *others, *s.end)):
                let.adjoint[i] = f"{place} = {value}"

    def call(self, s: Call, state: State) -> None:
        """name = forward(args): the reverse function takes its record off the tape, wanted or not."""
        s.adjoint, s.hoists, s.known = [], [], {}
        if not s.active:
            return
        adjoint = self.start()
        lines = adjoint.lines
        g = self.adj(s.name) if self.adj(s.name) in state else self.zero(s.kind, s.name)
        state.pop(self.adj(s.name), None)
        pair = s.pair
        active = [(n, a) for (n, _, on), a in zip(pair.parameters, s.args, strict=True) if on]
        handed = [a.text for (n, _, _), a in zip(pair.parameters, s.args, strict=True) if n in pair.handed]
        call = f"{pair.reverse}({', '.join([*handed, g, self.tape])})"
        if len(active) == 1 and active[0][1].op == "name" and self.adj(active[0][1].text) not in state:
            lines.append(f"{self.adj(active[0][1].text)} = {call}")
            kind = active[0][1].kind
            state[self.adj(active[0][1].text)] = OWNED if isinstance(kind, Num) else SHARED
            s.adjoint = lines
            return
        names = [self.module.temporary(len(lines) + i) for i in range(len(active))]
        lines.append(f"{', '.join(names)} = {call}")
        lines.extend("" for _ in names[1:])
        for name, (_, a) in zip(names, active, strict=True):
            adjoint.back(a, Term((Factor(name, shape=shape_of(a), whole=True),)))
        self.finish(s, adjoint)
        for f in adjoint.flows.values():
            self.accumulate(f, state, lines)
        s.adjoint = [line for line in lines if line]


def filled(flow: Flow) -> bool:
    """Does the sum of what flows surely have the shape of the variable?"""
    shape = shape_of(Expr("", (), (), 0, flow.kind))
    return not isinstance(flow.kind, Array) or any(t.whole or fills(t.shape, shape) for t in flow.terms)


def repeats(target: Expr) -> bool:
    """May this place name an element twice?"""
    return (
        target.op == "index"
        and isinstance(target.args[0].kind, Array)
        and not basic(target.args[1])
        and not once(target.args[1])
    )


def names_set(block: Block) -> frozenset[str]:
    """Every variable set or changed in a block."""
    out: set[str] = set()
    for s in walk(block):
        out |= {*assigned(s), *changed(s)}
        if isinstance(s, Loop):
            out |= {n for let in s.elements for n in let.names}
    return frozenset(out)


def _root(e: Expr) -> Expr:
    while e.op != "name":
        e = e.args[0]
    return e


def _postorder(e: Expr) -> list[Expr]:
    return [x for a in e.args for x in _postorder(a)] + [e]


__all__ = ["Reverse", "State", "Stmt", "is_real"]
