"""Put it together: from a function and the kinds of its arguments to the text of its derivative."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pricegrad.errors import SourceError

from . import source as src
from .assembly import Assembly, seed_of
from .effects import grown_names
from .expr import ATOM, Expr
from .expr import name as named
from .fence import check, refuse
from .following import NeedPair
from .frame import Frame, Val, identifiers, local_names
from .ir import (
    Block,
    Effect,
    Let,
    Return,
    blocks,
)
from .jumps import Structurer
from .kinds import (
    BOTTOM,
    Array,
    Kind,
    Known,
    Num,
    is_container,
    is_mutable,
    is_real,
    join,
)
from .methods import ITSELF
from .module import EMITTED, Module
from .paired import prepare, reachable, write_pair, write_pure
from .shifts import without_shifts
from .specialise import Specialiser
from .threading import NeedState
from .tidy import tidy
from .told import Told, told


@dataclass(frozen=True)
class Derived:
    """Emitted code: its text, the name of its function, and the live objects behind its constants."""

    source: str
    name: str
    live: dict[str, Any]
    watched: tuple[tuple[Any, str, Any], ...]
    wrt: tuple[str, ...]
    kinds: tuple[tuple[str, Kind], ...]
    result: Kind
    seed: str = ""
    told: Told = field(default_factory=Told)  # what a compiler must be told
    changed: tuple[str, ...] = ()  # parameters that are changed in place, on a copy


_SEVERAL = "Take pg.vjp of it, or return a sum."


class Deriver:
    """Derives one function for given kinds of arguments.

    `what`: "grad", "value_and_grad" or "vjp". `wrt`: parameter names. `again`: the code is to be
    differentiated once more: functions that call themselves compute again what they would record.
    """

    def __init__(
        self,
        source: src.Source,
        kinds: dict[str, Kind],
        wrt: Sequence[str],
        what: str,
        again: bool = False,
    ) -> None:
        self.again = again
        self.source, self.kinds, self.wrt, self.what = source, kinds, tuple(wrt), what
        self.recursive: list[Any] = []  # functions found to call themselves
        self.states: dict[Any, set[str]] = {}  # what they change
        self.threaded: set[str] = set()  # variables that are handed to those

    def run(self) -> Derived:
        """The emitted code; whatever cannot be handled is a SourceError that says where."""
        try:
            return self._run()
        except SourceError:
            raise
        except Exception as problem:
            line = self.reader.origin.line if hasattr(self, "reader") else self.source.first
            raise SourceError(
                f"`{self.source.name}` is not yet differentiated ({type(problem).__name__}: {problem})",
                file=self.source.file,
                line=line,
                text=self.source.line(line),
                hint="Write this part in simpler statements, and please report it.",
            ) from problem

    def _run(self) -> Derived:
        check(self.source)
        while True:
            self.module = Module(identifiers(self.source.tree), self.again)
            self.module.pairs = {key: {} for key in self.recursive}
            self.module.states.update(self.states)
            self.module.threaded |= self.threaded
            try:
                body = self.read()
                break
            except NeedPair as found:
                self.recursive.append(found.key)
            except NeedState as found:
                known = self.states.setdefault(found.key, set())
                if found.names <= known and found.variables <= self.threaded:
                    name = min(found.names | found.variables)
                    refuse(
                        self.source,
                        self.reader.statement,
                        f"`{name}` is changed by functions that call one another",
                        "Pass it in and return it.",
                    )
                known |= found.names
                self.threaded |= found.variables
        return self.write(body)

    def read(self) -> Block:
        """The specialised body."""
        frame = Frame(self.source, local_names(self.source.tree))
        for name in sorted((frame.locals & EMITTED) - set(self.kinds)):
            frame.rename[name] = self.module.names.new(name)
        self.module.variables |= frame.locals - set(frame.rename) | set(frame.rename.values())
        self.reader = Specialiser(self.module, frame)
        self.reader.note_rebound(frame)
        key = self.source.function or self.source.tree
        self.reader.stack = [(key, None)]
        self.reader.env = {}
        for name, kind in self.kinds.items():
            if isinstance(kind, Known):
                frame.given[name] = Expr("known", (), (name,), ATOM, kind)
            self.reader.env[name] = Val(kind, name in self.wrt)
        if key in self.module.pairs:
            return self.reader.block([_call_itself(self.source)])
        stmts = Structurer(self.source, self.module.names).function()
        frame.locals |= self.module.names.flags
        frame.goes_through(stmts)
        body = self.reader.block(stmts)
        if self.reader.env is not None:
            refuse(
                self.source,
                self.source.tree,
                f"a path through `{self.source.name}` returns nothing",
                "End every path with `return`.",
            )
        return body

    def result_kind(self) -> Kind:
        out: Kind = BOTTOM
        for kind, _ in self.reader.result_kinds:
            out = join(out, kind)
        return out

    def write(self, body: Block) -> Derived:
        tidy(body)
        without_shifts(body)
        result = self.result_kind()
        self.fits(result, body)
        if self.what != "vjp" and isinstance(result, Array) and result.shape is None:
            self.watch_result(body)
        numpy, mathematics = self.prefixes()
        used = reachable(body)
        pairs = [p for p in self.module.pair_list if p in used]
        tape = self.module.names.new("tape") if pairs and not self.again else ""
        prepare(pairs)
        write = write_pure if self.again else write_pair
        for pair in pairs:
            write(self.module, pair, numpy, mathematics, tape)
        seed = self.module.names.new("seed") if self.what == "vjp" else ""
        name = self.function_name()
        assembly = Assembly(self.module, self.kinds, self.wrt, self.what, numpy, mathematics, tape)
        own = assembly.write(name, self.signature(seed), body, seed_of(seed, result) if seed else None)
        header = self.module.header()
        text = "\n".join([*header, "", "", ""]) if header else ""
        text += "".join(f + "\n\n" for f in self.module.functions) + own
        live = {n: self.module.objects[n] for n in self.module.values}
        self.check_emitted(text)
        watched, kinds = tuple(self.module.watched), tuple(self.kinds.items())
        grown = grown_names(self.source.tree)
        changed = tuple(
            p for p, k in self.kinds.items() if p in self.module.mutated or (p in grown and is_mutable(k))
        )
        more = told(body, assembly.reverse.kinds, tape, pairs)
        return Derived(text, name, live, watched, self.wrt, kinds, result, seed, more, changed)

    def check_emitted(self, text: str) -> None:
        """Refuse a parameter that hides a builtin which the emitted code calls, and code that is none."""
        try:
            tree = ast.parse(text)
        except SyntaxError as problem:
            refuse(
                self.source,
                self.source.tree,
                f"`{self.source.name}` is not yet differentiated: what is emitted is no code ({problem})",
                "Write it in simpler statements, and please report it.",
            )
        numbers = {p for p, kind in self.kinds.items() if not isinstance(kind, Known)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in numbers:
                refuse(
                    self.source,
                    self.source.tree,
                    f"the parameter `{node.func.id}` hides a builtin that the derivative calls",
                    "Give it another name.",
                )

    def fits(self, result: Kind, body: Block) -> None:
        """Is the result something this derivative can be taken of?"""
        if self.what == "vjp":
            if not is_real(result):
                refuse(self.source, self.source.tree, f"`{self.source.name}` does not return real numbers")
            return
        if isinstance(result, Num) or (isinstance(result, Array) and result.shape in ((), None)):
            return
        what = (
            "several values"
            if is_container(result)
            else "an array"
            if isinstance(result, Array)
            else "no number"
        )
        refuse(
            self.source,
            self.source.tree,
            f"`{self.source.name}` returns {what}, and a gradient needs a single number",
            _SEVERAL,
        )

    def watch_result(self, body: Block) -> None:
        """A result of unknown shape: the emitted code refuses it where it is no single number."""
        ndim = self.module.function(f"np:{self.prefixes()[0]}", "ndim")
        error = self.module.use("SourceError", SourceError)
        for block in blocks(body):
            for s in [s for s in block if isinstance(s, Return)]:
                name = self.module.names.new("value")
                self.module.variables.add(name)
                what = f"`{self.source.name}` returns an array here, and a gradient needs a single number"
                place = f"file={s.origin.file or self.source.file!r}, line={s.origin.line}"
                text = f"text={self.source.line(s.origin.line).strip()!r}, hint={_SEVERAL!r}"
                test = f"if {ndim}({name}): raise {error}({what!r}, {place}, {text})"
                at = block.index(s)
                block[at:at] = [
                    Let(s.origin, (name,), (s.value,), (s.value.kind,)),
                    Effect(s.origin, test, frozenset([name])),
                ]
                s.value = named(name, s.value.kind, s.value.active)

    def prefixes(self) -> tuple[str, str]:
        """How the user writes numpy and math."""
        numpy, mathematics = "", ""
        for name, obj in self.source.globals.items():
            if obj is np and name not in self.module.variables:
                numpy = name
            if obj is math and name not in self.module.variables:
                mathematics = name
        if not numpy:
            numpy = "np" if "np" not in self.module.names.taken else "numpy"
        return numpy, f"math:{mathematics}"

    def function_name(self) -> str:
        base = f"df_d{self.wrt[0]}" if len(self.wrt) == 1 else "df"
        return {"grad": base, "value_and_grad": f"f_and_{base}", "vjp": f"f_and_{base}"}[self.what]

    def signature(self, seed: str = "") -> str:
        """The parameters of the emitted function; a `seed` comes after those that go by position."""
        a = self.source.tree.args
        parts = [p.arg for p in a.posonlyargs] + (["/"] if a.posonlyargs else []) + [p.arg for p in a.args]
        if seed and not a.vararg:
            parts.append(seed)
        if a.vararg:
            parts.append("*" + a.vararg.arg)
        elif a.kwonlyargs:
            parts.append("*")
        parts += [p.arg for p in a.kwonlyargs] + ([seed] if seed and a.vararg else [])
        return ", ".join(parts)


def _call_itself(source: src.Source) -> ast.stmt:
    """return f(parameters)."""
    a = source.tree.args
    args: list[ast.expr] = [ast.Name(p.arg, ast.Load()) for p in (*a.posonlyargs, *a.args)]
    if a.vararg:
        args.append(ast.Starred(ast.Name(a.vararg.arg, ast.Load()), ast.Load()))
    keywords = [ast.keyword(p.arg, ast.Name(p.arg, ast.Load())) for p in a.kwonlyargs]
    name = ITSELF if ITSELF in source.cells else source.name
    out = ast.Return(ast.Call(ast.Name(name, ast.Load()), args, keywords))
    for node in ast.walk(out):
        if isinstance(node, (ast.expr, ast.stmt)):
            ast.copy_location(node, source.tree)
            node.made = True  # type: ignore[union-attr]
    return out
