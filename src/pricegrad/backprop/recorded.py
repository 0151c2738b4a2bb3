"""To be recorded: only what the reverse sweep reads and the forward sweep overwrites.

The rule that makes it right: at every point of the reverse sweep each needed variable holds what it held at
the same point of the forward sweep. So a statement that overwrites a needed value saves it first, and the
reverse sweep puts it back when it comes past. In a loop a variable that lives for one round only is saved
at the round's end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from .ir import Append, Block, Branch, Break, Call, Let, Loop, Pop, Return, Save, Stmt, Store, assigned, walk
from .kinds import BOOL, Array, Dict, Kind, Table
from .liveness import Liveness
from .module import Module
from .moves import moved
from .zeros import copied

Names = frozenset[str]
_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")


def words(lines: Iterable[str]) -> set[str]:
    """Every name in some code."""
    return {w for line in lines for w in _WORD.findall(line)}


class Recorder:
    """Decides what each statement of one emitted function records."""

    def __init__(self, module: Module, variables: set[str], kinds: dict[str, Kind]) -> None:
        self.module, self.variables, self.kinds = module, variables, kinds
        self.unset: set[str] = set()  # variables that may be saved before they are set
        self._names: dict[tuple[int, str], str] = {}
        self.live = Liveness()
        self.bare: set[str] = set()  # measured for a zero adjoint, but perhaps not set there
        self.unsure: set[str] = set()  # needed at a return, but perhaps not set there
        self.surely: Names = frozenset()  # variables surely set at the end
        self.moved: Names = frozenset()  # variables whose object is changed in place under another name later
        self.exits: dict[int, Names] = {}  # what is needed where the function returns

    def run(self, body: Block, defined: Names, keep: Names) -> Names:
        """Annotate the body; what must be kept until the reverse sweep starts."""
        self.live.run(body, keep)
        self.moved = moved(body)
        needed, surely = self.block(body, frozenset(), defined, frozenset(), None)
        self.surely = surely or frozenset()
        return needed

    def reads(self, lines: Iterable[str]) -> Names:
        return frozenset(words(lines) & self.variables)

    def name(self, s: Stmt, var: str, tape: bool) -> str:
        """The name of a tape or a saved value, the same in every pass."""
        key = (id(s), var)
        if key not in self._names:
            names, stem = self.module.names, "_".join(_WORD.findall(var)) or "old"
            self._names[key] = names.plural(stem) if tape else names.new(f"{stem}_1")
        return self._names[key]

    # ------------------------------------------------------------------ blocks

    def block(
        self, stmts: Block, needed: Names, defined: Names | None, later: Names, loop: Loop | None
    ) -> tuple[Names, Names | None]:
        """`later`: what may be overwritten after this block. `loop`: the loop around, if any."""
        for i, s in enumerate(stmts):
            rest = later | killed(stmts[i + 1 :])
            s.saves, s.late = [], s.late and isinstance(s, Pop)
            match s:
                case Let() | Return() | Call():
                    needed, defined = self.simple(s, needed, defined, loop)
                case Store() | Append() | Pop():
                    needed, defined = self.in_place(s, needed, defined, loop)
                case Branch():
                    needed, defined = self.branch(s, needed, defined, rest, loop)
                case Loop():
                    needed, defined = self.loop(s, needed, defined, rest, loop)
                case Break():
                    defined = None
        return needed, defined

    def save(
        self, s: Stmt, var: str, place: str, loop: Loop | None, defined: Names | None, copy: str = ""
    ) -> Save:
        """Record `place` (variable `var` or an element of it) under a name of its own."""
        if defined is not None and var not in defined:
            self.unset.add(var)
        name = self.name(s, place, loop is not None)
        if loop is not None and name not in loop.tapes:
            loop.tapes.append(name)
        self.variables.add(name)
        if place == var and var in self.moved:
            return Save(var, place, name, loop is not None, source=copied(self.kinds[var], var))
        return Save(var, place, name, loop is not None, copy)

    def simple(
        self, s: Let | Return | Call, needed: Names, defined: Names | None, loop: Loop | None
    ) -> tuple[Names, Names | None]:
        """A statement that binds names."""
        for h in getattr(s, "hoists", []):
            h.saves = [self.save(h, v, v, loop, defined) for v in h.names if v in needed]
            needed = (needed - set(h.names)) | _kept(h)
            defined = None if defined is None else defined | set(h.names)
        reads = self.reads(s.adjoint)
        names = assigned(s)
        values = s.values if isinstance(s, Let) else s.args if isinstance(s, Call) else (s.value,)
        before = frozenset().union(*(v.reads for v in values))
        for v in names:
            old = v in reads and v in before
            if v in needed or old:
                s.saves.append(self.save(s, v, v, loop, defined))
            s.late = s.late or (v in reads and not old)
        kept = {v for v in names if v in reads and v not in before}
        needed = (needed - set(names)) | (reads - set(names)) | kept | _kept(s)
        if isinstance(s, Return):
            self.exits[id(s)] = needed
            if defined is not None:
                self.unsure |= needed - defined
        return needed, None if defined is None else defined | set(names)

    def in_place(
        self, s: Store | Append | Pop, needed: Names, defined: Names | None, loop: Loop | None
    ) -> tuple[Names, Names | None]:
        """A statement that changes a container."""
        for h in getattr(s, "hoists", []):
            h.saves = [self.save(h, v, v, loop, defined) for v in h.names if v in needed]
            needed = (needed - set(h.names)) | _kept(h)
        reads = self.reads(s.adjoint)
        if isinstance(s, Pop):
            if s.name in needed:
                s.saves.append(self.save(s, s.name, s.name, loop, defined))
                needed -= {s.name}
            s.undo = s.base in needed
            if s.undo:
                needed |= {s.name} | s.target.reads
            defined = None if defined is None else defined | {s.name}
        elif s.base in needed or s.base in reads:
            # (an append leaves the elements before it alone, but not the length)
            if isinstance(s, Append) or s.key == "new":
                s.undo = True
            else:
                copy = ".copy()" if isinstance(s.target.kind, Array) else ""
                saved = self.save(s, s.base, s.target.text, loop, None, copy)
                if isinstance(s.target.args[0].kind, (Dict, Table)) and s.key != "old":
                    saved = replace(saved, source=f"{s.target.args[0].text}.get({s.target.args[1].text})")
                s.saves.append(saved)
            needed |= s.target.reads
        return needed | reads | _kept(s), defined

    # ------------------------------------------------------------------ branches

    def branch(
        self, s: Branch, needed: Names, defined: Names | None, later: Names, loop: Loop | None
    ) -> tuple[Names, Names | None]:
        """An `if`: its arms, then whether the test can be asked again or must be remembered."""
        s.flag = s.unless = ""
        ends = []
        for arm, saves, end in ((s.then, s.then_saves, s.then_end), (s.other, s.other_saves, s.other_end)):
            n, d = self.block(arm, needed, defined, later, loop)
            saves.clear()
            if loop is not None:
                n = self.end(arm, n, d, saves, loop, _names(arm))
            known = defined if d is None else d
            self.bare |= set() if known is None else self.reads(end) - known
            ends.append((n | self.reads(end), d))
        (a, da), (b, db) = ends
        needed = a | b
        defined = db if da is None else da if db is None else da & db
        if backwards(s):
            test = s.test.reads
            inside = killed(s.then) | killed(s.other)
            if not (test & inside) and all(t in needed or t not in later for t in test):
                needed |= test
            else:
                key = (id(s), "flag")
                if key not in self._names:
                    self._names[key] = self.module.names.new("test")
                s.flag = self._names[key]
                s.unless = "False" if _leaves(s.then) else "True" if _leaves(s.other) else ""
                if loop is not None and s.unless:
                    if loop.body[-1] is s and s.test.op == "name" and not test & (inside | needed):
                        s.flag = s.test.text
                    loop.flags.append(s.flag)
                else:
                    s.unless = ""
                    if s.flag in needed:
                        s.saves.append(self.save(s, s.flag, s.flag, loop, defined))
                    needed |= {s.flag}
                self.variables.add(s.flag)
                self.kinds.setdefault(s.flag, BOOL)
                defined = None if defined is None else defined | {s.flag}
        return needed, defined

    def end(
        self, block: Block, needed: Names, defined: Names | None, saves: list[Save], loop: Loop, inside: Names
    ) -> Names:
        """At the end of a block in a loop: record what was set in it and is not read again."""
        dead = (needed & inside) - self.live.after.get(id(block), frozenset())
        if block and isinstance(block[-1], (Break, Return)):
            defined = None
        saves.extend(self._end_save(block, v, loop, defined) for v in sorted(dead))
        return needed - dead

    def _end_save(self, block: Block, v: str, loop: Loop, defined: Names | None) -> Save:
        key = (id(block), v)
        if key not in self._names:
            self._names[key] = self.module.names.plural(v)
        if defined is not None and v not in defined:
            self.unset.add(v)
        if self._names[key] not in loop.tapes:
            loop.tapes.append(self._names[key])
        source = copied(self.kinds[v], v) if v in self.moved else ""
        return Save(v, v, self._names[key], True, source=source)

    # ------------------------------------------------------------------ loops

    def loop(
        self, s: Loop, needed: Names, defined: Names | None, later: Names, outer: Loop | None
    ) -> tuple[Names, Names | None]:
        """A loop: what one round leaves needed is needed at the start of the next."""
        header = frozenset((*s.targets, *([s.index] if s.index else [])))
        for let in s.elements:
            let.saves = []
        s.saves = [self.save(s, v, v, outer, defined) for v in sorted(header & needed)]
        needed = (needed - header) | _kept(s)
        entry, inside = needed, _names(s.body)
        has_break = breaks(s.body)
        while True:
            s.tapes, s.end_saves, s.flags = [], [], []
            start = needed
            for h in (h for let in s.elements for h in let.hoists):
                start -= set(h.names)
            within = None if defined is None else defined | header
            end, after = self.block(s.body, start, within, later | inside | header, s)
            end |= self.reads(s.end)
            self.bare |= frozenset() if within is None else self.reads(s.end) - within
            for let in s.elements:
                end |= self.reads(let.adjoint)
            end = self.provide(s, end, header, has_break)
            scope = _names(s.body) | (header if s.by_index is False else frozenset())
            left = self.end(s.body, end, after, s.end_saves, s, scope)
            new = entry | left
            if new <= needed:
                break
            needed |= new
        needed |= self.reads(s.before) | set(s.flags)
        self.replayed(s, has_break)
        for extra in (*s.tapes, *([s.counter] if s.counter else [])):
            self.variables.add(extra)
            needed |= {extra}
            defined = None if defined is None else defined | {extra}
        if s.by_index:
            needed |= self.reads([s.backwards])
        return needed, defined

    def provide(self, s: Loop, end: Names, header: Names, has_break: bool) -> Names:
        """What the reverse loop's header can give back: the index, and elements by index."""
        s.reread = []
        for let in s.elements:
            if set(let.names) & end:
                s.reread.append(let)
                end = (end - set(let.names)).union(*(v.reads for v in let.values))
        s.by_index = bool(s.index) and s.index in end and not has_break
        return end - {s.index} if s.by_index else end

    def replayed(self, s: Loop, has_break: bool) -> None:
        """Tapes with one entry a round, read from the start of a round backwards, become the loop's own
        header.
        """
        s.replay, s.counter = [], ""
        if not backwards(s):
            return
        s.replay = list(s.end_saves)
        later_reads: set[str] = set()
        for i in range(len(s.body) - 1, -1, -1):
            stmt = s.body[i]
            clear = not breaks(s.body[: i + 1])
            for save in stmt.saves:
                first = save.var not in later_reads and not stmt.late and save.place == save.var
                taken = any(save.var == other.var for other in s.replay)
                if first and clear and not taken and isinstance(stmt, Let) and save.tape:
                    s.replay.append(save)
            later_reads |= _back_reads(stmt)
        if not s.by_index and not s.replay:
            if s.index and not has_break:
                s.by_index = True
            else:
                key = (id(s), "counter")
                if key not in self._names:
                    self._names[key] = self.module.names.new("rounds")
                s.counter = self._names[key]


def _kept(s: Stmt) -> Names:
    """The plain variables a statement has put old values into."""
    return frozenset(v.name for v in s.saves if not v.tape)


def _back_reads(s: Stmt) -> set[str]:
    """Everything the reverse of one statement may read."""
    out: set[str] = set()
    for inner in walk([s]):
        out |= words(inner.adjoint) | words(v.place for v in inner.saves) | {v.var for v in inner.saves}
        if isinstance(inner, Branch) and backwards(inner):
            out |= inner.test.reads | words(inner.then_end) | words(inner.other_end)
        if isinstance(inner, Loop):
            out |= words([*inner.before, *inner.end, inner.backwards]) | set(inner.tapes)
            out |= words(line for let in inner.elements for line in let.adjoint)
            out |= {w for let in inner.reread for v in let.values for w in v.reads}
    return out


def backwards(s: Stmt) -> bool:
    """Does the reverse sweep have anything to do for this statement?"""
    for inner in walk([s]):
        if inner.adjoint or inner.saves or getattr(inner, "undo", False):
            return True
        if isinstance(inner, Branch) and (
            inner.then_end or inner.other_end or inner.then_saves or inner.other_saves
        ):
            return True
        if isinstance(inner, Loop) and (inner.before or inner.end or inner.end_saves):
            return True
        if isinstance(inner, Loop) and any(let.adjoint for let in inner.elements):
            return True
        if isinstance(inner, (Append, Pop, Call)) and inner.adjoint:
            return True
    return False


def breaks(block: Block) -> bool:
    """Can this block leave the loop it stands in?"""
    return any(
        isinstance(s, Break) or (isinstance(s, Branch) and (breaks(s.then) or breaks(s.other))) for s in block
    )


def _leaves(block: Block) -> bool:
    """Does this block always leave the loop it stands in?"""
    last = block[-1] if block else None
    return isinstance(last, Break) or (
        isinstance(last, Branch) and _leaves(last.then) and _leaves(last.other)
    )


def _names(block: Block) -> Names:
    """Every name set anywhere in a block, tapes included."""
    out: set[str] = set()
    for s in walk(block):
        out |= set(assigned(s))
        out |= {n for h in getattr(s, "hoists", []) for n in h.names}
        if isinstance(s, Loop):
            out |= {*s.tapes, *([s.counter] if s.counter else []), *([s.index] if s.index else [])}
        if isinstance(s, Branch) and s.flag:
            out.add(s.flag)
    return frozenset(out)


def killed(block: Block) -> Names:
    """Names set or changed in a block, tapes included."""
    return _names(block) | {s.base for s in walk(block) if isinstance(s, (Store, Append, Pop))}
