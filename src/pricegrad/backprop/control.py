"""The way back through branches and loops."""

from __future__ import annotations

import re

from .accumulation import OWNED, SHARED, Accumulation, State
from .ir import Append, Block, Branch, Call, Let, Loop, Stmt, Store, assigned, changed, walk
from .zeros import copied


class Control(Accumulation):
    """Goes backwards through the arms of a branch and the rounds of a loop."""

    loops: int

    def block(self, stmts: Block, state: State, earlier: frozenset[str]) -> None:
        raise NotImplementedError

    def let(self, s: Let, state: State) -> None:
        raise NotImplementedError

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

    def loop(self, s: Loop, state: State, earlier: frozenset[str]) -> None:
        """The body backwards, until what exists at its head no longer changes."""
        around = earlier | names_set([s])
        useful = {self.adj(n) for n in around}
        head = {k: v for k, v in state.items() if k in useful}
        own: list[str] = []
        self.loops += 1
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
            made_own = [n for n in head if n in state and head[n] == SHARED and end.get(n) == OWNED]
            for name in made_own:  # one copy before the loop, not one in each round
                own.append(f"{name} = {copied(self.kinds[self.module.names.variable(name)], name)}")
                new[name] = OWNED
            if new == head:
                break
            head = new
        self.loops -= 1
        s.before = own + [f"{name} = {self.zero_of(name, {})}" for name in head if name not in state]
        s.end = [f"{name} = {self.zero_of(name, head)}" for name in head if name not in end]
        for let in s.elements:
            self.only_contribution(s, let, {n for n in head if n not in state})
        state.clear()
        state.update(head)

    def only_contribution(self, s: Loop, let: Let, new: set[str]) -> None:
        """An element of a `new` adjoint that gets nothing else: `=` for `+=`."""
        for i, line in enumerate(let.adjoint):
            place = line.partition(" ")[0]
            name = place.partition("[")[0]
            if line not in self.alone or not place.startswith(f"{name}[{s.index}]"):
                continue
            inside = [x for inner in walk(s.body) for x in lines_of(inner)]
            others = [x for other in s.elements for x in other.adjoint if x.partition(" ")[0] != place]
            same = [x for other in s.elements for x in other.adjoint if x.partition(" ")[0] == place]
            if (
                name in new
                and len(same) == 1
                and not any(re.search(rf"\b{name}\b", x) for x in (*inside, *others, *s.end))
            ):
                let.adjoint[i] = self.alone[line]


def names_set(block: Block) -> frozenset[str]:
    """Every variable that a block gives something a derivative can flow back to."""
    out: set[str] = set()
    for s in walk(block):
        match s:
            case Let():
                out |= {n for n, value in zip(s.names, s.values, strict=True) if value.active}
            case Store() | Append():
                out |= set(changed(s)) if s.value.active else set()
            case Call():
                out |= set(assigned(s)) if s.active else set()
            case _:
                out |= {*assigned(s), *changed(s)}
        if isinstance(s, Loop):
            out |= {n for let in s.elements for n in let.names}
    return frozenset(out)


def lines_of(s: Stmt) -> list[str]:
    """The lines of one statement's own adjoint: of a loop, those of its elements too."""
    if not isinstance(s, Loop):
        return s.adjoint
    return [*s.adjoint, *s.before, *s.end, *(x for let in s.elements for x in let.adjoint)]
