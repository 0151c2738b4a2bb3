"""Which variables the forward sweep still reads after a block: dead ones may be recorded at its end."""

from __future__ import annotations

from .ir import Append, Block, Branch, Call, Effect, Let, Loop, Pop, Return, Store, assigned

Names = frozenset[str]


class Liveness:
    """After `run`, `after[id(block)]` is what is read after that block before being overwritten."""

    def __init__(self) -> None:
        self.after: dict[int, Names] = {}
        self._breaks: list[Names] = []

    def run(self, block: Block, out: Names = frozenset()) -> Names:
        """What is live before the block, given what is live after it."""
        self.after[id(block)] = out
        live = out
        for s in reversed(block):
            match s:
                case Let():
                    live = (live - set(s.names)).union(*(v.reads for v in s.values))
                case Call():
                    live = (live - {s.name}).union(*(a.reads for a in s.args))
                case Pop():
                    live = (live - {s.name}) | s.target.reads
                case Store() | Append():
                    live = live | s.target.reads | s.value.reads
                case Effect():
                    live = live | s.reads
                case Return():
                    live = s.value.reads
                case Branch():
                    live = self.run(s.then, live) | self.run(s.other, live) | s.test.reads
                case Loop():
                    live = self._loop(s, live)
                case _:
                    live = self._breaks[-1] if self._breaks else live
        return live

    def _loop(self, s: Loop, out: Names) -> Names:
        self._breaks.append(out)
        head = out | s.reads
        while True:
            new = head | (self.run(s.body, head) - set(assigned(s)) - ({s.index} if s.index else set()))
            new = new.union(*(v.reads for let in s.elements for v in let.values)) - {s.index}
            if new == head:
                break
            head = new
        self._breaks.pop()
        return head
