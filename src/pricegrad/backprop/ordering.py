"""The order of things inside one statement: `:=` and `.pop()` change a variable while it is read."""

from __future__ import annotations

import ast

from .expr import Expr
from .places import Places

_LAZY = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)


class Ordering(Places):
    """Keeps apart what a statement reads before and after a change inside it."""

    def walruses(self, s: ast.stmt) -> None:
        """`:=` and `.pop()` change a variable in the middle of a statement; what stands before reads the
        old value.

        A walrus that is always reached binds a variable of its own, read from there on; the user's variable
        changes after the statement. Before a `.pop()` the list is copied if the statement has read it by
        then.
        """
        self.frame.early, self.frame.walruses = {}, []
        if not isinstance(s, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)):
            return
        late = {id(n) for part in ast.walk(s) if isinstance(part, _LAZY) for n in ast.walk(part)}
        self.frame.walruses = [n for n in ast.walk(s) if isinstance(n, ast.NamedExpr) and id(n) not in late]
        pops = [
            n
            for n in ast.walk(s)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute) and n.func.attr == "pop"
        ]
        receivers = {id(n.func.value) for n in pops if isinstance(n.func, ast.Attribute)}
        for name in sorted(
            {
                n.func.value.id
                for n in pops
                if isinstance(n.func, ast.Attribute) and isinstance(n.func.value, ast.Name)
            }
        ):
            reads = [
                n for n in ast.walk(s) if isinstance(n, ast.Name) and n.id == name and id(n) not in receivers
            ]
            own = [
                n
                for n in pops
                if isinstance(n.func, ast.Attribute) and getattr(n.func.value, "id", "") == name
            ]
            first = min((n.lineno, n.col_offset) for n in own)
            if not any(isinstance(n.ctx, ast.Load) and (n.lineno, n.col_offset) < first for n in reads):
                if len(own) > 1 and reads and any(isinstance(n.ctx, ast.Load) for n in reads):
                    self.no(
                        s,
                        f"`{name}` is read between two `.pop()` of one statement",
                        "Use a statement for each.",
                    )
                continue
            if len(own) > 1:
                self.no(s, f"`{name}` is read and popped twice in one statement", "Use a statement for each.")
            old = self.find(ast.copy_location(ast.Name(name, ast.Load()), s))
            copied = Expr("copy", (old,), ("", ".copy()"), 15, old.kind, old.active)
            before = self.bind(f"{name}_before", copied)
            self.frame.early[name] = [((0, 0), before), (first, old)]

    def after_walruses(self) -> None:
        """The user's variables take the values their walruses gave them."""
        frame = self.frame
        last = {
            w.target.id: frame.early[w.target.id][-1][1] for w in frame.walruses if w.target.id in frame.early
        }
        frame.early, frame.walruses = {}, []
        for name, value in last.items():
            self.assign(self.variable(name), value)
