"""Write a function's forward and reverse sweeps."""

from __future__ import annotations

from .bodies import may_fail
from .ir import Append, Block, Branch, Break, Call, Effect, Let, Loop, Pop, Return, Save, Stmt, Store, walk
from .kinds import Dict, List
from .recorded import backwards, breaks, killed
from .tidy import one_line
from .writer import Line, Writer, conditional
from .zeros import quoted

_WIDTH = 88  # a choice longer than this is written as an `if` statement


class Emitter:
    """Writes annotated statements. `value` names the variable that keeps the function's value, if wanted."""

    def __init__(self, out: Writer, value: str = "", tape: str = "", leaves: bool = False) -> None:
        self.out, self.value, self.tape, self.leaves = out, value, tape, leaves
        self.again = False  # is this code to be differentiated once more?
        self.always = True  # keep the value even where the function returns a variable
        self._ends: list[list[Save]] = []
        self._early: dict[int, list[Save]] = {}  # what is recorded right after a statement
        self._done: set[Save] = set()

    # ------------------------------------------------------------------ forward

    def forward(self, block: Block) -> None:
        for s in block:
            for h in getattr(s, "hoists", []):
                self.saves(h.saves)
                self.out.put(f"{h.names[0]} = {h.values[0].text}")
            if not isinstance(s, Branch):
                self.saves(s.saves)
            self.statement(s)
            self.saves(self._early.pop(id(s), []))

    def saves(self, saves: list[Save]) -> None:
        for v in saves:
            old = f"{v.source or v.place}{v.copy}"
            self.out.put(f"{v.name}.append({old})" if v.tape else f"{v.name} = {old}")

    def statement(self, s: Stmt) -> None:
        match s:
            case Let():
                values = ", ".join(v.render(s.known) for v in s.values)
                plain = s.text and not s.known
                self.out.put(s.text if plain else f"{', '.join(s.names)} = {values}")
            case Store(call=(before, after)):
                self.out.put(f"{before}{s.value.args[1].render(s.known)}{after}")
            case Store():
                self.out.put(
                    s.text if s.text and not s.known else f"{s.target.text} = {s.value.render(s.known)}"
                )
            case Append():
                self.out.put(f"{s.target.text}.append({s.value.render(s.known)})")
            case Pop():
                self.out.put(f"{s.name} = {s.target.text}.pop()")
            case Effect():
                self.out.put(s.text)
            case Break():
                for saves in reversed(self._ends):
                    self.saves([v for v in saves if v not in self._done])
                    if saves is self._loop_end:
                        break
                self.out.put("break")
            case Return() if self.leaves:
                self.push(s.record)
                self.out.put(f"return {s.value.render(s.known)}")
            case Return():
                if self.value and (self.always or s.value.op != "name"):
                    text = s.value.render(s.known)
                    if text != self.value:
                        self.out.put(f"{self.value} = {text}")
            case Call():
                args = [a.render(s.known) for a in s.args]
                tape = [self.tape] if s.active and self.tape else []
                self.out.put(f"{s.name} = {s.pair.forward}({', '.join([*args, *tape])})")
            case Branch():
                self.branch(s)
            case Loop():
                self.loop(s)

    _loop_end: list[Save] | None = None

    def push(self, record: tuple[str, ...]) -> None:
        """Record some variables on the shared tape."""
        if record:
            self.out.put(
                f"{self.tape}.append({record[0] if len(record) == 1 else '(' + ', '.join(record) + ')'})"
            )

    def take(self, record: tuple[str, ...]) -> None:
        """Get them back."""
        if record:
            self.out.put(f"{', '.join(record)} = {self.tape}.pop()")

    def arm(self, block: Block, saves: list[Save]) -> list[Line]:
        """The lines of one arm or of a loop's body."""
        self.out.indent += 1
        start = len(self.out.lines)
        self.record_early(block, saves)
        self._ends.append(saves)
        self.forward(block)
        self._ends.pop()
        if not (block and isinstance(block[-1], (Break, Return))):
            self.saves([v for v in saves if v not in self._done])
        self.out.indent -= 1
        return self.out.take(start)

    def record_early(self, block: Block, saves: list[Save]) -> None:
        """Where a block can be left halfway, record what is final by then at once, not at each exit."""
        for v in saves:
            last = next((i for i in range(len(block) - 1, -1, -1) if v.var in killed([block[i]])), -1)
            s = block[last]
            sets = isinstance(s, Branch) and s.flag == v.var and v.var not in killed([*s.then, *s.other])
            before = block[: last + (not sets)]
            if last >= 0 and v.tape and v.place == v.var and breaks(block) and not breaks(before):
                self._early.setdefault(id(s), []).append(v)
                self._done.add(v)

    def branch(self, s: Branch) -> None:
        if s.flag:
            self.saves(s.saves)
            if s.flag != s.test.text:
                self.out.put(f"{s.flag} = {s.test.text}")
            own = [v for v in self._early.get(id(s), []) if v.var == s.flag]
            self.saves(own)
            self._early[id(s)] = [v for v in self._early.get(id(s), []) if v not in own]
        line = one_line(s)
        if line and len(line) <= _WIDTH:
            self.out.put(line)
            return
        then, other = self.arm(s.then, s.then_saves), self.arm(s.other, s.other_saves)
        if not then and not other and not s.flag and not backwards(s) and may_fail(s.test):
            then = [(self.out.indent + 1, "pass", "")]
        self.out.choose(s.flag or s.test.text, then, other)

    def loop(self, s: Loop) -> None:
        for tape in s.tapes:
            self.out.put(f"{tape} = []")
        if s.counter:
            self.out.put(f"{s.counter} = 0")
        counted = s.index and not s.own_index and any(v.var == s.index for v in s.end_saves)
        self.out.put(s.counted_header if counted else s.header)
        saved, self._loop_end = self._loop_end, s.end_saves
        if s.counter:
            self.out.indent += 1
            self.out.put(f"{s.counter} += 1")
            self.out.indent -= 1
        self.out.indent += 1
        for let in s.elements:
            for h in let.hoists:
                self.out.put(f"{h.names[0]} = {h.values[0].text}")
        self.out.indent -= 1
        lines = self.arm(s.body, s.end_saves)
        self.out.lines += lines
        if not lines and not s.counter:
            self.out.lines.append((self.out.indent + 1, "pass", ""))
        self._loop_end = saved

    # ------------------------------------------------------------------ reverse

    def reverse(self, block: Block, replayed: tuple[Save, ...] = ()) -> None:
        for s in reversed(block):
            if isinstance(s, Branch):
                self.reverse_branch(s)
                self.restore(s, s.saves, replayed)
            elif isinstance(s, Loop):
                self.reverse_loop(s)
                self.restore(s, s.saves, replayed)
            else:
                if isinstance(s, Return):
                    self.take(s.record)
                if not s.late:
                    self.restore(s, s.saves, replayed)
                for line in s.adjoint:
                    self.out.put(
                        line, "" if line.endswith(" = 1.0") and isinstance(s, Return) else s.origin.text
                    )
                if s.late:
                    self.restore(s, s.saves, replayed)
                for h in reversed(getattr(s, "hoists", [])):
                    self.restore(h, h.saves, replayed)

    def restore(self, s: Stmt, saves: list[Save], replayed: tuple[Save, ...]) -> None:
        for v in reversed(saves):
            if v not in replayed:
                self.out.put(f"{v.place} = {v.name}.pop()" if v.tape else f"{v.place} = {v.name}")
                if v.source:  # an entry that was not there before
                    self.out.put(f"if {v.place} is None:")
                    self.out.indent += 1
                    self.out.put(f"del {v.place}")
                    self.out.indent -= 1
        if isinstance(s, Store) and s.undo:
            self.forget(s)
        if isinstance(s, Append) and s.undo:
            self.out.put(f"{s.target.text}.pop()")
        if isinstance(s, Pop) and s.undo:
            self.out.put(f"{s.target.text}.append({s.name})")

    def forget(self, s: Store) -> None:
        """Take a new entry out of a dict again."""
        whole, key = s.target.args
        if self.again and whole.op == "name" and isinstance(whole.kind, Dict):
            left = [quoted(k) for k, _ in whole.kind.items if k != key.extra[1]]
            entries = ", ".join(f"{k}: {whole.text}[{k}]" for k in left)
            self.out.put(f"{whole.text} = {{{entries}}}")
        else:
            self.out.put(f"del {s.target.text}")

    def reverse_branch(self, s: Branch, closing: str = "") -> None:
        if not backwards(s):
            return
        test = s.flag or s.test.text
        arms = []
        for arm, saves, end in ((s.then, s.then_saves, s.then_end), (s.other, s.other_saves, s.other_end)):
            out = Writer(indent=self.out.indent + 1)
            inner = Emitter(out, self.value, self.tape)
            inner.again = self.again
            inner.restore(s, saves, ())
            inner.reverse(arm)
            for line in end:
                out.put(line, s.origin.text)
            if closing:
                out.put(closing)
            arms.append(out.lines)
        then, other = arms
        if closing:
            self.out.put(f"if {test}:")
            self.out.lines += then
            self.out.lines += [(i - 1, code, comment) for i, code, comment in other]
            return
        short = conditional(test, then, other) if s.chosen else None
        if short:
            self.out.lines += [(self.out.indent, code, s.origin.text) for code in short]
        else:
            self.out.choose(test, then, other)
        if s.unless:
            self.out.put(f"{s.flag} = {s.unless}", s.origin.text)

    def in_step(self, s: Loop, let: Let) -> bool:
        """Can an element be read again by going over its list backwards?"""
        if len(let.names) != 1 or let.values[0].op != "index":
            return False
        xs, index = let.values[0].args
        plain = xs.op == "name" and isinstance(xs.kind, List) and index.text == s.index
        return plain and s.backwards == f"range(len({xs.text}) - 1, -1, -1)" and not breaks(s.body)

    def reverse_loop(self, s: Loop) -> None:
        if not backwards(s):
            return
        for line in s.before:
            self.out.put(line, s.origin.text)
        names = [v.var for v in s.replay]
        tapes = [f"{v.name}[::-1]" for v in s.replay]
        again = [let for let in s.reread if not self.in_step(s, let)]
        for let in s.reread:
            if let not in again:
                names, tapes = [let.names[0], *names], [f"{let.values[0].args[0].text}[::-1]", *tapes]
        if s.by_index:
            names, tapes = [s.index, *names], [s.backwards, *tapes]
        if s.counter:
            names, tapes = ["_"], [f"range({s.counter})"]
        code = tapes[0] if len(tapes) == 1 else f"zip({', '.join(tapes)})"
        self.out.put(f"for {', '.join(names)} in {code}:")
        self.out.indent += 1
        for let in again:
            self.out.put(f"{', '.join(let.names)} = {', '.join(v.text for v in let.values)}")
        inner = {tape for loop in walk(s.body) if isinstance(loop, Loop) for tape in loop.tapes}
        inner |= {c.base for c in walk(s.body) if isinstance(c, (Store, Append, Pop))}
        for v in names if self.again else []:
            if v in inner:  # it will be changed; the tape it came from is left as it is
                self.out.put(f"{v} = {v}.copy()")
        length = len(self.out.lines)
        self.reverse(s.body, tuple(s.replay))
        for let in reversed(s.elements):
            for line in let.adjoint:
                self.out.put(line, s.origin.text)
        for line in s.end:
            self.out.put(line, s.origin.text)
        if len(self.out.lines) == length and not again:
            self.out.put("pass")
        self.out.indent -= 1
