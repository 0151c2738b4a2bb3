"""A function read as an economy: every statement is a firm, every variable a good.

A statement buys the variables it reads and makes those it writes. A variable read by several statements is
not used up by any of them: the goods of a program are non-rival, which is why adjoints add.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pricegrad.errors import ModelError, SourceError, did_you_mean
from pricegrad.model.economy import Model
from pricegrad.model.parts import CodeFirm

M = TypeVar("M", bound=Model)


def fill(model: M, f: Callable[..., Any], amounts: Mapping[str, float]) -> M:
    """Add the firms of `f` to `model`, its parameters supplied in `amounts`, its result demanded."""
    reader = _Reader(model, f)
    for name in amounts:
        if name not in reader.parameters:
            near = did_you_mean(name, reader.parameters)
            raise ModelError(f"{reader.name} has no parameter {name!r}.{near}")
    for statement in reader.tree.body:
        reader.read(statement)
    if not reader.returned:
        raise reader.refusal(reader.tree, "the function returns nothing", "end it in a return")
    for name in reader.parameters:
        model.good(name, rival=False)
        if name in amounts:
            model.supply(name, amounts[name])
    for good in reader.returned:
        model.demand(good, price=1.0)
    model.numeraire = reader.returned[0] if len(reader.returned) == 1 else f"units of {reader.name}"
    return model


class _Reader:
    """Walks the statements of one function, numbering each new value of a variable as a good of its own."""

    def __init__(self, model: Model, f: Callable[..., Any]) -> None:
        self.model, self.f = model, inspect.unwrap(f)
        self.name = getattr(f, "__name__", "function")
        self.file = getattr(getattr(self.f, "__code__", None), "co_filename", "")
        try:
            lines, first = inspect.getsourcelines(self.f)
        except (OSError, TypeError):
            raise SourceError(
                f"the source of {self.name} cannot be found",
                file=self.file,
                hint="define it with def in a file, or in a notebook cell",
            ) from None
        self.lines, self.first = lines, first
        tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
        if not isinstance(tree, ast.FunctionDef):
            raise self.refusal(tree, f"{self.name} is not written with def", "give it a def")
        self.tree = tree
        spec = inspect.signature(self.f).parameters
        variable = [n for n, p in spec.items() if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        if variable:
            raise self.refusal(tree, f"`*{variable[0]}` names no good", "give each good a parameter")
        self.parameters = [name for name, p in spec.items() if p.kind is not p.KEYWORD_ONLY]
        self.defaults = {n: p.default for n, p in spec.items() if p.kind is p.KEYWORD_ONLY}
        self.good = {name: name for name in self.parameters}  # the good that a variable now stands for
        self.returned: tuple[str, ...] = ()

    def read(self, statement: ast.stmt) -> None:
        """Make a firm of one statement of the body."""
        if isinstance(statement, ast.Pass) or _is_text(statement):
            return
        if isinstance(statement, ast.Return):
            self._return(statement)
            return
        nested = [n for n in ast.walk(statement) if isinstance(n, (ast.Return, ast.FunctionDef, ast.Lambda))]
        if nested or isinstance(statement, (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)):
            at = nested[0] if nested else statement
            hint = "a firm is an assignment, or a loop or branch that runs to its end"
            raise self.refusal(at, f"`{type(at).__name__.lower()}` inside {self.name} is no firm", hint)
        if isinstance(statement, ast.Assign) and _pairs(statement):
            self._tuple(statement)
            return
        writes = _names(statement, ast.Store)
        if isinstance(statement, ast.For):  # a counter is no good, unless somebody reads it later
            counters = _names(statement.target, ast.Store)
            writes = [name for name in writes if name not in counters or self._read_after(name, statement)]
        if not writes:
            raise self.refusal(statement, "this statement makes nothing", "assign its value to a variable")
        self._firm(statement, writes, ast.unparse(statement), writes)

    def _read_after(self, name: str, statement: ast.stmt) -> bool:
        rest = self.tree.body[self.tree.body.index(statement) + 1 :]
        return any(name in _names(later, ast.Load) for later in rest)

    def refusal(self, node: ast.AST, what: str, hint: str) -> SourceError:
        """A SourceError at `node`."""
        line = getattr(node, "lineno", 1)
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        indent = len(self.lines[0]) - len(self.lines[0].lstrip())
        column = getattr(node, "col_offset", 0) + indent
        return SourceError(
            what, file=self.file, line=self.first + line - 1, column=column, text=text, hint=hint
        )

    def _return(self, statement: ast.Return) -> None:
        if statement.value is None:
            raise self.refusal(statement, "the function returns nothing", "return a value")
        parts = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
        goods = []
        for k, part in enumerate(parts):
            if isinstance(part, ast.Name) and part.id in self.good and self.good[part.id] not in goods:
                goods.append(self.good[part.id])
                continue
            target = self.name if len(parts) == 1 else f"{self.name}_{k + 1}"
            self._firm(part, [target], f"{target} = {ast.unparse(part)}", [target])
            goods.append(self.good[target])
        self.returned = tuple(goods)

    def _tuple(self, statement: ast.Assign) -> None:
        """a, b = x, y: two firms that both read the values from before."""
        target, value = statement.targets[0], statement.value
        assert isinstance(target, ast.Tuple)
        assert isinstance(value, ast.Tuple)
        before, after = dict(self.good), {}
        for name, part in zip(target.elts, value.elts, strict=True):
            assert isinstance(name, ast.Name)
            self.good = dict(before)
            self._firm(part, [name.id], f"{name.id} = {ast.unparse(part)}", [name.id])
            after[name.id] = self.good[name.id]
        self.good = {**before, **after}

    def _firm(self, node: ast.AST, writes: list[str], code: str, returns: list[str]) -> None:
        reads = [name for name in _names(node, ast.Load) if name in self.good]
        if isinstance(node, (ast.AugAssign, ast.For, ast.While, ast.If)):
            reads += [name for name in writes if name in self.good and name not in reads]
        buys = {name: self.good[name] for name in reads}
        makes = tuple(self._fresh(name) for name in writes)
        line = self.first + getattr(node, "lineno", 1) - 1
        label = self._label(line)
        constants = [name for name in self.defaults if name in _names(node, ast.Load)]
        function = self._compile(label, reads, constants, code, returns)
        where = f"{self.file}:{line}"
        self.model.add(
            CodeFirm(label, function, makes, buys, {name: self.defaults[name] for name in constants}, where)
        )
        for name, good in zip(writes, makes, strict=True):
            self.good[name] = good
            self.model.good(good, rival=False)

    def _label(self, line: int) -> str:
        label, count = f"line {line}", 1
        while label in self.model.firms:
            count += 1
            label = f"line {line} ({count})"
        return label

    def _fresh(self, name: str) -> str:
        """The good for a new value of a variable: its name, or with a number when it is overwritten."""
        good, count = name, 1
        while good in self.model.goods or good in self.parameters:
            count += 1
            good = f"{name}_{count}"
        return good

    def _compile(
        self, label: str, reads: list[str], constants: list[str], code: str, returns: list[str]
    ) -> Callable[..., Any]:
        """One statement as a function of its own, with a source that can be read again."""
        name = f"{self.name}_{''.join(c if c.isalnum() else '_' for c in label)}"
        keyword = ["*", *constants] if constants else []
        head = f"def {name}({', '.join([*reads, *keyword])}):"
        text = f"{head}\n{textwrap.indent(code, '    ')}\n    return {', '.join(returns)}\n"
        file = f"<{label} of {self.name} in {self.file}>"
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        closure = inspect.getclosurevars(self.f).nonlocals if inspect.isfunction(self.f) else {}
        scope = {**getattr(self.f, "__globals__", {}), **closure}
        exec(compile(text, file, "exec"), scope)
        function: Callable[..., Any] = scope[name]
        return function


def _names(node: ast.AST, context: type) -> list[str]:
    """Variables read or written below `node`, in order of appearance."""
    found = [n for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, context)]
    return list(dict.fromkeys(n.id for n in sorted(found, key=lambda n: (n.lineno, n.col_offset))))


def _pairs(statement: ast.Assign) -> bool:
    """Whether the statement is `a, b = x, y` with plain names."""
    target, value = statement.targets[0], statement.value
    return (
        len(statement.targets) == 1
        and isinstance(target, ast.Tuple)
        and isinstance(value, ast.Tuple)
        and len(target.elts) == len(value.elts)
        and all(isinstance(name, ast.Name) for name in target.elts)
    )


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
