"""Put it together: from a function and the kinds of its arguments to the text of its derivative."""

from __future__ import annotations

import ast
import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pricegrad.errors import SourceError

from . import source as src
from .broadcasting import is_view
from .emit import Emitter
from .expr import ATOM, Expr
from .expr import name as named
from .fence import check, refuse
from .following import NeedPair
from .frame import Frame, Val, identifiers, local_names
from .ir import (
    Append,
    Block,
    Branch,
    Call,
    Effect,
    Let,
    Loop,
    Pop,
    Return,
    Store,
    assigned,
    blocks,
    walk,
)
from .jumps import Structurer
from .kinds import (
    BOTTOM,
    FLOAT,
    INT,
    NONE,
    Array,
    Dict,
    Kind,
    Known,
    Num,
    Tuple,
    is_container,
    is_mutable,
    is_real,
    join,
)
from .module import Module
from .pairs import Pair, exits
from .paths import root_of
from .recorded import Recorder
from .reverse import SHARED, Reverse
from .rules_array import holds_array
from .specialise import Specialiser
from .term import Factor, Term
from .writer import Writer
from .zeros import copied, returned


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
    tape: str = ""
    record: tuple[Kind, ...] | None = None  # what one entry of the tape is, if all are alike


class Deriver:
    """Derives one function for given kinds of arguments.

    `what`: "grad", "value_and_grad" or "vjp". `wrt`: parameter names.
    """

    def __init__(self, source: src.Source, kinds: dict[str, Kind], wrt: Sequence[str], what: str) -> None:
        self.source, self.kinds, self.wrt, self.what = source, kinds, tuple(wrt), what
        self.recursive: list[Any] = []  # functions found to call themselves

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
            self.module = Module(identifiers(self.source.tree))
            self.module.pairs = {key: {} for key in self.recursive}
            try:
                body = self.read()
                break
            except NeedPair as found:
                self.recursive.append(found.key)
        return self.write(body)

    def read(self) -> Block:
        """The specialised body."""
        frame = Frame(self.source, local_names(self.source.tree))
        self.module.variables |= frame.locals
        self.reader = Specialiser(self.module, frame)
        key = self.source.function or self.source.tree
        self.reader.stack = [key]
        self.reader.env = {}
        for name, kind in self.kinds.items():
            if isinstance(kind, Known):
                frame.given[name] = Expr("known", (), (name,), ATOM, kind)
            self.reader.env[name] = Val(kind, name in self.wrt)
        if key in self.module.pairs:
            return self.reader.block([_call_itself(self.source)])
        stmts = Structurer(self.source, self.module.names).function()
        frame.locals |= self.module.names.flags
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
        result = self.result_kind()
        self.fits(result, body)
        if self.what != "vjp" and isinstance(result, Array) and result.shape is None:
            self.watch_result(body)
        numpy, mathematics = self.prefixes()
        tape = self.module.names.new("tape") if self.module.pair_list else ""
        for pair in self.module.pair_list:
            write_pair(self.module, pair, numpy, mathematics, tape)
        reverse = Reverse(self.module, numpy, mathematics)
        reverse.tape = tape
        reverse.kinds = _kinds(body, self.kinds)
        seed = ""
        if self.what == "vjp":
            seed = self.module.names.new("seed")
            shape = result.shape if isinstance(result, Array) else ()
            reverse.seed = Term((Factor(seed, shape=shape, whole=True),))
        if self.what == "grad" and any(isinstance(s, Return) and may_fail(s.value) for s in walk(body)):
            reverse.value = self.module.names.new("value")
        state: dict[str, str] = {}
        reverse.block(body, state, frozenset(self.wrt))
        variables = set(reverse.kinds) | {
            n for s in walk(body) for h in getattr(s, "hoists", []) for n in h.names
        }
        recorder = Recorder(self.module, variables, reverse.kinds)
        defined = frozenset(self.kinds)
        last = [s for s in walk(body) if isinstance(s, Return)]
        keep: frozenset[str] = frozenset()
        value = ""
        end = []
        firsts: dict[str, str] = {}
        for p in self.wrt:
            adj = reverse.adj(p)
            reshaped = p in self.module.mutated and isinstance(self.kinds[p], Dict)
            text = returned(self.kinds[p], adj, "NUMPY.", reshaped)
            if state.get(adj) == SHARED and text == adj and holds_array(self.kinds[p]):
                text = copied(self.kinds[p], adj)  # nothing that is returned shares memory with an argument
            if "NUMPY." in text:
                text = text.replace("NUMPY.asarray", self.module.function(f"np:{numpy}", "asarray"))
            given = p
            if adj not in state and p in _assigned(body) and not isinstance(self.kinds[p], Num):
                given = firsts[p] = self.module.names.new(f"{p}_given")
            end.append(text if adj in state else reverse.zero(self.kinds[p], given))
        if self.what != "grad":
            value = (
                last[0].value.text
                if len(last) == 1 and last[0].value.op == "name"
                else self.module.names.new("value")
            )
        recorder.run(body, defined, keep)
        restored = {v.var for s in walk(body) for v in _all_saves(s)} | {
            t for s in walk(body) for t in getattr(s, "targets", ())
        }
        if value in restored:
            value = self.module.names.new("value")
        if self.what == "grad" and reverse.value:
            value = reverse.value
        if self.what != "grad":
            for s in last:
                s.value = set_apart(s.value, self.module.mutated)
        name = self.function_name()
        out = Writer()
        out.put(f"def {name}({self.signature(seed)}):")
        out.indent = 1
        for p in self.kinds:
            if p in self.module.mutated:
                out.put(f"{p} = {copied(self.kinds[p], p)}")
        for p, given in firsts.items():
            out.put(f"{given} = {p}")
        for v in sorted(recorder.unset & variables):
            out.put(f"{v} = {nothing(reverse.kinds.get(v))}")
        if tape:
            out.put(f"{tape} = []")
        emitter = Emitter(out, value, tape)
        emitter.always = self.what != "grad"
        emitter.forward(body)
        emitter.reverse(body)
        gradient = ", ".join(end) if len(end) != 1 else end[0]
        if self.what == "grad":
            out.put(f"return {gradient}")
        else:
            wrapped = f"({gradient})" if len(end) > 1 else gradient
            out.put(f"return {value}, {wrapped}")
        header = self.module.header()
        text = "\n".join([*header, "", "", ""]) if header else ""
        text += "".join(f + "\n\n" for f in self.module.functions) + out.text()
        live = {n: self.module.objects[n] for n in self.module.values}
        return Derived(
            text,
            name,
            live,
            tuple(self.module.watched),
            self.wrt,
            tuple(self.kinds.items()),
            result,
            seed,
            tape,
            tape_entry(self.module),
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
            "Take pg.vjp of it, or return a sum.",
        )

    def watch_result(self, body: Block) -> None:
        """A result of unknown shape: the emitted code makes sure that it is one number."""
        ndim = self.module.function(f"np:{self.prefixes()[0]}", "ndim")
        for block in blocks(body):
            for s in [s for s in block if isinstance(s, Return)]:
                name = self.module.names.new("value")
                self.module.variables.add(name)
                test = f'assert {ndim}({name}) == 0, "a gradient needs a single number, and this is an array"'
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
    out = ast.Return(ast.Call(ast.Name(source.name, ast.Load()), args, keywords))
    for node in ast.walk(out):
        if isinstance(node, (ast.expr, ast.stmt)):
            ast.copy_location(node, source.tree)
            node.made = True  # type: ignore[union-attr]
    return out


def tape_entry(module: Module) -> tuple[Kind, ...] | None:
    """The kinds of an entry of the tape, for a compiler that wants them; None if entries differ."""
    records = {kinds for p in module.pair_list for kinds in p.record}
    return next(iter(records)) if len(records) == 1 else (FLOAT,) if not records else None


def write_pair(module: Module, pair: Pair, numpy: str, mathematics: str, tape: str) -> None:
    """Emit the forward and the reverse function of a pair."""
    kinds = {n: k for n, k, _ in pair.parameters}
    parameters = list(kinds)
    pair.handed = tuple(n for n in parameters if n not in _assigned(pair.body)) if pair.active else ()
    reverse = Reverse(module, numpy, mathematics)
    reverse.kinds, reverse.tape = _kinds(pair.body, kinds), tape
    seed = module.names.adjoint(pair.source.name if pair.source.name.isidentifier() else "value")
    reverse.seed = Term((Factor(seed),))
    state: dict[str, str] = {}
    variables = set(reverse.kinds)
    if pair.active:
        reverse.block(pair.body, state, frozenset(pair.wrt))
        variables |= {n for s in walk(pair.body) for h in getattr(s, "hoists", []) for n in h.names}
    recorder = Recorder(module, variables, reverse.kinds)
    final = recorder.run(pair.body, frozenset(parameters), frozenset())
    handed = set(pair.handed)
    leaves = exits(pair.body, handed)
    record: tuple[str, ...] = ()
    returns = [s for s in walk(pair.body) if isinstance(s, Return)]
    if leaves:
        for s in returns:
            s.record = tuple(sorted(recorder.exits[id(s)] - handed))
    else:
        record = tuple(sorted(final - handed))
    value = "" if leaves else module.names.new("value")
    out = Writer()
    out.put(f"def {pair.forward}({', '.join([*parameters, *([tape] if pair.active else [])])}):")
    out.indent = 1
    unset = (recorder.unset | (recorder.unsure if leaves else set())) & recorder.variables
    if not leaves:
        unset |= {v for v in record if v not in recorder.surely}
    for v in sorted(unset - set(parameters)):
        out.put(f"{v} = {nothing(reverse.kinds.get(v))}")
    emitter = Emitter(out, value, tape, leaves)
    emitter.forward(pair.body)
    if not leaves:
        emitter.push(record)
        out.put(f"return {value}")
    entries = [s.record for s in returns] if leaves else [record]
    pair.record = frozenset(tuple(reverse.kinds.get(n, BOTTOM) for n in r) for r in entries if r)
    module.functions.append(out.text())
    if not pair.active:
        return
    out = Writer()
    out.put(f"def {pair.reverse}({', '.join([*pair.handed, seed, tape])}):")
    out.indent = 1
    emitter = Emitter(out, value, tape)
    emitter.take(record)
    last = pair.body[0]
    if not (leaves and len(pair.body) == 1 and isinstance(last, Branch) and not last.flag):
        emitter.reverse(pair.body)
    back = [
        module.names.adjoint(n) if module.names.adjoint(n) in state else reverse.zero(kinds[n], n)
        for n in pair.wrt
    ]
    closing = f"return {', '.join(back)}"
    if leaves and len(pair.body) == 1 and isinstance(last, Branch) and not last.flag:
        emitter.reverse_branch(last, closing)
    else:
        out.put(closing)
    module.functions.append(out.text())


def _assigned(body: Block) -> set[str]:
    return {n for s in walk(body) for n in assigned(s)} | {s.index for s in walk(body) if isinstance(s, Loop)}


def nothing(kind: Kind | None) -> str:
    """A value for a variable that may be recorded before it is set: never read."""
    return {"float": "0.0", "int": "0", "bool": "False"}[kind.name] if isinstance(kind, Num) else "None"


def set_apart(e: Expr, mutated: set[str]) -> Expr:
    """A returned value as a copy, where the reverse sweep puts back what its memory held before."""
    if e.op in ("tuple", "list") and not isinstance(e.extra, dict):
        return dataclasses.replace(e, args=tuple(set_apart(a, mutated) for a in e.args))
    if is_mutable(e.kind) and (e.op in ("name", "index") or is_view(e)) and e.reads & mutated:
        return Expr("opaque", (), (copied(e.kind, e.text),), ATOM, e.kind, hidden=e.reads)
    return e


def may_fail(e: Expr) -> bool:
    """May evaluating this number raise an error that the derivative alone would not?"""
    own = e.op not in ("name", "const", "add", "sub", "mul", "neg", "pos", "tuple", "list")
    return (isinstance(e.kind, Num) and own and not _numpy(e)) or any(map(may_fail, e.args))


def _numpy(e: Expr) -> bool:
    return isinstance(e.extra, dict) and e.extra.get("module", "").startswith("numpy")


def _kinds(body: Block, parameters: dict[str, Kind]) -> dict[str, Kind]:
    """Every variable's kind, joined over its assignments."""
    out = dict(parameters)
    for s in walk(body):
        if isinstance(s, Loop):
            if s.index:
                out[s.index] = join(out.get(s.index, BOTTOM), INT)
            for let in s.elements:
                for n, k in zip(let.names, let.kinds, strict=True):
                    out[n] = join(out.get(n, BOTTOM), k)
        if isinstance(s, Let):
            for n, k in zip(s.names, s.kinds, strict=True):
                if k != NONE:
                    out[n] = join(out.get(n, BOTTOM), k)
        if isinstance(s, (Store, Append, Pop)) and s.base in out:
            out[s.base] = join(out[s.base], root_of(s.target).kind)
        if isinstance(s, (Pop, Call)):
            out[s.name] = join(out.get(s.name, BOTTOM), s.kind)
    return out


def _all_saves(s: Any) -> list[Any]:
    out = list(s.saves)
    for h in getattr(s, "hoists", []):
        out += h.saves
    for name in ("then_saves", "other_saves", "end_saves"):
        out += getattr(s, name, [])
    return out


__all__ = ["Derived", "Deriver", "Tuple"]
