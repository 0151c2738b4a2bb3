"""Rewrite jumps as structure: `continue` disappears, `break` and `return` only end a block.

Afterwards every statement is executed or skipped as a whole by the tests around it, so the reverse sweep can
follow the same tests backwards.
"""

from __future__ import annotations

import ast
import copy

from .fence import refuse
from .lowering import Lowering
from .names import Names
from .source import Source

_LIMIT = 600


class Structurer:
    """Restructures one function; makes the flags it needs."""

    def __init__(self, source: Source, names: Names) -> None:
        self.source, self.names, self.size = source, names, 0

    def function(self) -> list[ast.stmt]:
        """The body with every path ending in exactly one `return`."""
        tree = self.source.tree
        if isinstance(tree, ast.Lambda):
            node = ast.copy_location(ast.Return(tree.body), tree.body)
            return [node]
        body = ast.Module(copy.deepcopy(tree.body), [])
        return self.block(Lowering(self.source, self.names).visit(body).body)

    def block(self, stmts: list[ast.stmt]) -> list[ast.stmt]:
        """One block, its jumps moved to the ends of its branches."""
        self.size += len(stmts)
        if self.size > _LIMIT:
            refuse(
                self.source,
                stmts[0],
                "too many nested jumps to untangle",
                "Split the function into smaller ones.",
            )
        out: list[ast.stmt] = []
        for i, s in enumerate(stmts):
            rest = stmts[i + 1 :]
            if isinstance(s, ast.Continue):
                return out
            if isinstance(s, ast.Return) and isinstance(s.value, ast.IfExp):
                e = s.value
                arms = [ast.copy_location(ast.Return(e.body), s), ast.copy_location(ast.Return(e.orelse), s)]
                for node in arms:
                    node.made = True  # type: ignore[attr-defined]
                choice = ast.copy_location(ast.If(e.test, [arms[0]], [arms[1]]), s)
                return [*out, *self.block([choice])]
            if isinstance(s, (ast.Return, ast.Break)):
                return [*out, s]
            if isinstance(s, ast.If):
                if _jumps(s):
                    return [*out, self.branch(s, rest)]
                s.body, s.orelse = self.block(s.body), self.block(s.orelse)
                out.append(s)
            elif isinstance(s, (ast.For, ast.While)):
                before, after = self.loop(s)
                if any(map(_jumps, after)):
                    return [*out, *before, s, *self.block([*after, *rest])]
                out += [*before, s, *self.block(after)]
            else:
                out.append(s)
        return out

    def branch(self, s: ast.If, rest: list[ast.stmt]) -> ast.If:
        """An `if` that may jump: what follows moves into the arms that fall through."""
        body_ends, else_ends = _ends(s.body), _ends(s.orelse)
        if not body_ends and not else_ends and rest:
            s.body = self.block([*s.body, *copy.deepcopy(rest)])
            s.orelse = self.block([*s.orelse, *rest])
        else:
            s.body = self.block([*s.body, *([] if body_ends else rest)])
            s.orelse = self.block([*s.orelse, *([] if else_ends else rest)])
        if not s.body:
            s.body = [ast.copy_location(ast.Pass(), s)]
        return s

    def loop(self, s: ast.For | ast.While) -> tuple[list[ast.stmt], list[ast.stmt]]:
        """Restructure a loop in place; what has to stand before and after it."""
        before: list[ast.stmt] = []
        after: list[ast.stmt] = []
        own_break = _has(s.body, ast.Break)
        if _has(s.body, ast.Return):
            flag = self.names.flag("returned")
            found = _Returns(flag)
            s.body = found.block(s.body)
            forever = isinstance(s, ast.While) and isinstance(s.test, ast.Constant) and bool(s.test.value)
            sure = forever and not own_break
            if sure and len(found.exits) == 1 and not found.inner:
                s.body = _without_flag(s.body, flag)
            else:
                before.append(_assign(flag, False if len(found.exits) == 1 else 0, s))
            after += found.choice(sure, s)
        if s.orelse:
            if _has(s.body, ast.Break):
                flag = self.names.flag("finished")
                before.append(_assign(flag, True, s))
                s.body = _before_breaks(s.body, _assign(flag, False, s))
                after.append(_at(ast.If(ast.Name(flag, ast.Load()), s.orelse, []), s))
            else:
                after += s.orelse
            s.orelse = []
        s.body = self.block(s.body) or [_at(ast.Pass(), s)]
        return before, after


class _Returns:
    """Inside a loop `a; return e` becomes `returned = True; break`, and `a; return e` stands after the loop.

    So the loop's rounds are alike, and the way back need not ask of each whether it was the last. Where
    there are several returns, `returned` is the number of the one that was reached.
    """

    def __init__(self, flag: str) -> None:
        self.flag = flag
        self.exits: list[list[ast.stmt]] = []
        self.inner = False  # is there one in an inner loop?
        self.marks: list[ast.Assign] = []

    def block(self, stmts: list[ast.stmt]) -> list[ast.stmt]:
        """One list of statements of the loop, its returns moved out."""
        out: list[ast.stmt] = []
        for i, s in enumerate(stmts):
            if isinstance(s, ast.Return):
                n = next((k for k in range(i, 0, -1) if _jumps(stmts[k - 1])), 0)
                del out[len(out) - (i - n) :]
                self.exits.append(stmts[n : i + 1])
                return [*out, self.mark(s), _at(ast.Break(), s)]
            if isinstance(s, ast.If):
                s.body, s.orelse = self.block(s.body), self.block(s.orelse)
                out.append(s)
            elif isinstance(s, (ast.For, ast.While)) and _has([s], ast.Return):
                self.inner = True
                s.body, s.orelse = self.block(s.body), self.block(s.orelse)
                out += [s, _at(ast.If(ast.Name(self.flag, ast.Load()), [_at(ast.Break(), s)], []), s)]
            else:
                out.append(s)
        return out

    def mark(self, s: ast.stmt) -> ast.stmt:
        self.marks.append(_assign(self.flag, len(self.exits), s))
        return self.marks[-1]

    def choice(self, sure: bool, loop: ast.stmt) -> list[ast.stmt]:
        """After the loop: what each exit does. `sure`: one of them was taken."""
        if len(self.exits) == 1:
            for mark in self.marks:
                mark.value.value = True  # type: ignore[attr-defined]
        out: list[ast.stmt] = self.exits[-1] if sure else []
        for k in range(len(self.exits) - sure, 0, -1):
            test: ast.expr = ast.Name(self.flag, ast.Load())
            if len(self.exits) > 1:
                test = ast.Compare(test, [ast.Eq()], [ast.Constant(k)])
            out = [_at(ast.If(test, self.exits[k - 1], out), loop)]
        return out


def _without_flag(stmts: list[ast.stmt], flag: str) -> list[ast.stmt]:
    """Leave out the assignments of a flag that nothing asks for."""
    out = []
    for s in stmts:
        if isinstance(s, ast.If):
            s.body, s.orelse = _without_flag(s.body, flag), _without_flag(s.orelse, flag)
        target = s.targets[0] if isinstance(s, ast.Assign) else None
        if not (isinstance(target, ast.Name) and target.id == flag):
            out.append(s)
    return out


def _at(new: ast.stmt, old: ast.stmt) -> ast.stmt:
    for node in ast.walk(new):
        if "lineno" in node._attributes and not hasattr(node, "lineno"):
            ast.copy_location(node, old)
            node.made = True  # type: ignore[attr-defined]
    return new


def _assign(name: str, value: bool | int, at: ast.stmt) -> ast.Assign:
    made = ast.Assign([ast.Name(name, ast.Store())], ast.Constant(value))
    _at(made, at)
    return made


def _before_breaks(stmts: list[ast.stmt], new: ast.stmt) -> list[ast.stmt]:
    """Put a copy of `new` before every `break` of this loop."""
    out: list[ast.stmt] = []
    for s in stmts:
        if isinstance(s, ast.Break):
            out.append(copy.deepcopy(new))
        if isinstance(s, ast.If):
            s.body, s.orelse = _before_breaks(s.body, new), _before_breaks(s.orelse, new)
        out.append(s)
    return out


def _has(stmts: list[ast.stmt], what: type[ast.stmt]) -> bool:
    """Is there such a jump in here that leaves this level (loops swallow their own breaks)?"""
    for s in stmts:
        if isinstance(s, what):
            return True
        if isinstance(s, ast.If) and (_has(s.body, what) or _has(s.orelse, what)):
            return True
        if isinstance(s, (ast.For, ast.While)):
            inner = _has(s.body, what) if what is ast.Return else False
            if inner or _has(s.orelse, what):
                return True
    return False


def _jumps(s: ast.stmt) -> bool:
    return any(_has([s], what) for what in (ast.Return, ast.Break, ast.Continue))


def _ends(stmts: list[ast.stmt]) -> bool:
    """Does this block always end in a jump?"""
    for s in stmts:
        if isinstance(s, (ast.Return, ast.Break, ast.Continue, ast.Raise)):
            return True
        if isinstance(s, ast.If) and s.orelse and _ends(s.body) and _ends(s.orelse):
            return True
    return False
