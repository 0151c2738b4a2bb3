"""`match`, `try` and some `with` as the branches they stand for, before jumps are untangled."""

from __future__ import annotations

import ast
import copy

import numpy as np

from .fence import refuse
from .names import Names
from .source import Source

# A node of ours: does the expression `value` give a value, or raise `error`?
SUCCEEDS = "succeeds of this expression"


class Lowering(ast.NodeTransformer):
    """Rewrites the statements of one function."""

    def __init__(self, source: Source, names: Names) -> None:
        self.source, self.names = source, names

    def no(self, node: ast.AST, what: str, hint: str) -> None:
        refuse(self.source, node, what, hint)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node  # read when it is called

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node

    # ------------------------------------------------------------------ match

    def visit_Match(self, node: ast.Match) -> list[ast.stmt]:
        """The cases as if, elif, ..., else."""
        self.generic_visit(node)
        before: list[ast.stmt] = []
        subject = node.subject
        if not isinstance(subject, ast.Name):
            name = self.names.flag("subject")
            before = [placed(ast.Assign([ast.Name(name, ast.Store())], subject), node)]
            subject = ast.Name(name, ast.Load())
        rest: list[ast.stmt] = []
        for case in reversed(node.cases):
            test, bound = self.pattern(case.pattern, subject)
            if case.guard is not None:
                self.only_here(node, case, bound)
                guard = _Put(bound).visit(copy.deepcopy(case.guard))
                for n in ast.walk(guard):
                    n.made = True  # type: ignore[attr-defined]
                test = guard if test is None else ast.BoolOp(ast.And(), [test, guard])
            taken = [
                *(placed(ast.Assign([ast.Name(n, ast.Store())], e), case.pattern) for n, e in bound.items()),
                *case.body,
            ]
            rest = taken if test is None else [placed(ast.If(test, taken, rest), case.pattern)]
        return [*before, *rest]

    def pattern(self, p: ast.pattern, at: ast.expr) -> tuple[ast.expr | None, dict[str, ast.expr]]:
        """The test for a pattern (None: it always fits), and what it binds to what."""
        match p:
            case ast.MatchValue(value=value):
                return ast.Compare(at, [ast.Eq()], [value]), {}
            case ast.MatchSingleton(value=value):
                return ast.Compare(at, [ast.Is()], [ast.Constant(value)]), {}
            case ast.MatchAs(pattern=None, name=name):
                return None, {} if name is None else {name: at}
            case ast.MatchAs(pattern=ast.pattern() as inner, name=str(name)):
                test, bound = self.pattern(inner, at)
                return test, {**bound, name: at}
            case ast.MatchOr(patterns=patterns):
                found = [self.pattern(q, at) for q in patterns]
                if any(bound for _, bound in found):
                    self.no(
                        p, "alternatives that bind names are not differentiated", "Write a case for each."
                    )
                tests = [t for t, _ in found if t is not None]
                return (None if len(tests) < len(found) else ast.BoolOp(ast.Or(), tests)), {}
            case ast.MatchSequence(patterns=patterns):
                return self.sequence(patterns, at)
            case ast.MatchClass(
                cls=ast.Name(id="int" | "float" | "bool" | "str") as cls, patterns=[], kwd_attrs=[]
            ):
                return ast.Call(ast.Name("isinstance", ast.Load()), [at, cls], []), {}
        self.no(p, "this pattern is not differentiated", "Match numbers, strings and sequences, or use `if`.")
        raise AssertionError

    def sequence(
        self, patterns: list[ast.pattern], at: ast.expr
    ) -> tuple[ast.expr | None, dict[str, ast.expr]]:
        """[a, 0, *rest]."""
        stars = [i for i, p in enumerate(patterns) if isinstance(p, ast.MatchStar)]
        count = ast.Call(ast.Name("len", ast.Load()), [at], [])
        fixed = len(patterns) - len(stars)
        tests: list[ast.expr] = [
            ast.Compare(count, [ast.GtE() if stars else ast.Eq()], [ast.Constant(fixed)])
        ]
        bound: dict[str, ast.expr] = {}
        for i, p in enumerate(patterns):
            back = len(patterns) - 1 - i
            if isinstance(p, ast.MatchStar):
                if p.name is not None:
                    stop = ast.UnaryOp(ast.USub(), ast.Constant(back)) if back else None
                    bound[p.name] = ast.Subscript(at, ast.Slice(ast.Constant(i), stop), ast.Load())
                continue
            after = bool(stars) and i > stars[0]
            k: ast.expr = ast.UnaryOp(ast.USub(), ast.Constant(back + 1)) if after else ast.Constant(i)
            test, inner = self.pattern(p, ast.Subscript(at, k, ast.Load()))
            tests += [test] if test is not None else []
            bound |= inner
        return (ast.BoolOp(ast.And(), tests) if len(tests) > 1 else tests[0]), bound

    def only_here(self, node: ast.Match, case: ast.match_case, bound: dict[str, ast.expr]) -> None:
        """A name bound by a case whose guard then fails stays bound: refuse it where that could be seen."""
        own: set[int] = set()
        for other in node.cases:
            if other is case or any(
                isinstance(n, ast.MatchAs) and n.name in bound for n in ast.walk(other.pattern)
            ):
                own |= {id(n) for n in ast.walk(other)}
        for n in ast.walk(self.source.tree):
            if isinstance(n, ast.Name) and n.id in bound and isinstance(n.ctx, ast.Load):
                inside = any(
                    (c.pattern.lineno, c.pattern.col_offset) <= (n.lineno, n.col_offset) <= _end(c)
                    for c in node.cases
                    if c is case or id(c.pattern) in own
                )
                if not inside:
                    self.no(
                        n,
                        f"`{n.id}` is bound by a `case` whose guard may fail, and read elsewhere",
                        "Give it another name there.",
                    )

    # ------------------------------------------------------------------ try

    def visit_Try(self, node: ast.Try) -> list[ast.stmt]:
        """try: y = e, except E: ...: a test whether e raises E, and a branch; so for each line in turn."""
        self.generic_visit(node)
        if not node.handlers:
            self.no(node, "`try` without `except` is not differentiated", "Leave it out.")
        for handler in node.handlers:
            if handler.name and _reads(handler.body, handler.name):
                self.no(handler, "this `except` reads its error", "Do not read it.")
        for tried in node.body:
            self.only_computes(tried)
        node.finalbody = [s for s in node.finalbody if not isinstance(s, ast.Pass)]
        if node.finalbody and any(_jumps(part) for part in (node.body, node.orelse, *_bodies(node))):
            self.no(node, "`finally` behind a jump is not differentiated", "Write its lines before the jump.")
        flags = [self.names.flag("succeeded") for _ in node.handlers]
        return [*self.in_turn(node, node.body, flags), *node.finalbody]

    def only_computes(self, tried: ast.stmt) -> None:
        """Refuse what does more under `try` than to give values to names."""
        simple = isinstance(tried, (ast.Assign, ast.AugAssign, ast.Return)) and tried.value is not None
        if not simple:
            self.no(
                tried,
                "only assignments and returns under `try` are differentiated",
                "Test for the condition with `if` beforehand.",
            )
        for n in ast.walk(tried):
            changes = isinstance(n, ast.NamedExpr) or (
                isinstance(n, ast.Attribute)
                and n.attr in ("pop", "popleft", "append", "appendleft", "extend", "insert", "sort")
            )
            if changes:
                self.no(n, "this changes something under `try`", "Do it in a line before.")

    def in_turn(self, node: ast.Try, body: list[ast.stmt], flags: list[str]) -> list[ast.stmt]:
        """Line by line: a test for each error it may raise, and what follows if it raises none."""
        tried, rest = body[0], body[1:]
        assert isinstance(tried, (ast.Assign, ast.AugAssign, ast.Return))
        follows: list[ast.stmt] = [tried, *(self.in_turn(node, rest, flags) if rest else node.orelse)]
        for flag, handler in reversed(list(zip(flags, node.handlers, strict=True))):
            error = handler.type if handler.type is not None else ast.Name("Exception", ast.Load())
            test = ast.Call(ast.Constant(SUCCEEDS), [tried.value, error], [])  # type: ignore[list-item]
            other = copy.deepcopy(handler.body)
            follows = [
                placed(ast.Assign([ast.Name(flag, ast.Store())], test), node),
                placed(ast.If(ast.Name(flag, ast.Load()), follows, other), node),
            ]
        return follows

    # ------------------------------------------------------------------ with

    def visit_With(self, node: ast.With) -> list[ast.stmt]:
        """np.errstate says what is warned of, and changes no value; suppress(E) is `try` with `pass`."""
        self.generic_visit(node)
        out = node.body
        for i in reversed(node.items):
            call = i.context_expr
            assert isinstance(call, ast.Call)
            if self.source.meaning(call.func) is not np.errstate:
                passes = ast.ExceptHandler(call.args[0], None, [placed(ast.Pass(), node)])
                out = self.visit_Try(ast.copy_location(ast.Try(out, [passes], [], []), node))
        return out


def _jumps(body: list[ast.stmt]) -> bool:
    return any(isinstance(n, (ast.Return, ast.Break, ast.Continue)) for s in body for n in ast.walk(s))


def _bodies(node: ast.Try) -> list[list[ast.stmt]]:
    return [handler.body for handler in node.handlers]


class _Put(ast.NodeTransformer):
    """Puts expressions in place of names."""

    def __init__(self, nodes: dict[str, ast.expr]) -> None:
        self.nodes = nodes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.nodes[node.id]) if node.id in self.nodes else node


def placed(new: ast.stmt, at: ast.AST) -> ast.stmt:
    """New code, standing where the user's stands."""
    for n in ast.walk(new):
        if isinstance(n, (ast.expr, ast.stmt)) and not hasattr(n, "lineno"):
            ast.copy_location(n, at)
            n.made = True  # type: ignore[union-attr]
    return new


def _end(case: ast.match_case) -> tuple[int, int]:
    last = case.body[-1]
    return last.end_lineno or 0, last.end_col_offset or 0


def _reads(stmts: list[ast.stmt], name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for s in stmts for n in ast.walk(s))
