"""Bind the arguments of a call, tell their kinds, and choose what to differentiate."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from pricegrad.errors import SourceError, did_you_mean

from . import source as src
from .kinds import (
    BOOL,
    BOTTOM,
    FLOAT,
    INT,
    Array,
    Bottom,
    Dict,
    Kind,
    Known,
    List,
    Num,
    Record,
    Table,
    Tuple,
    is_real,
    promote,
)
from .values import kind_of

_INT_OPERATORS = (ast.Mod, ast.FloorDiv, ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)


class Parameters:
    """The parameters of a function, with what its source says of them."""

    def __init__(self, source: src.Source) -> None:
        a = source.tree.args
        self.source = source
        self.positional = [p.arg for p in (*a.posonlyargs, *a.args)]
        self.vararg = a.vararg.arg if a.vararg else ""
        self.keyword = [p.arg for p in a.kwonlyargs]
        self.names = [p.arg for p in source.parameters]
        function = source.function
        self.defaults: dict[str, Any] = dict(function.__kwdefaults__ or {}) if function else {}
        given = (function.__defaults__ or ()) if function else ()
        self.defaults |= dict(zip(self.positional[len(self.positional) - len(given) :], given, strict=True))
        self.annotations = {p.arg: ast.unparse(p.annotation) for p in source.parameters if p.annotation}

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Values by parameter, as Python would bind them."""
        out = dict(zip(self.positional, args, strict=False))
        rest = args[len(self.positional) :]
        if rest and not self.vararg:
            raise TypeError(
                f"{self.source.name}() takes {len(self.positional)} positional arguments, {len(args)} given"
            )
        for k, v in kwargs.items():
            if k in out or k not in [*self.positional, *self.keyword]:
                problem = "multiple values for" if k in out else "an unexpected keyword"
                raise TypeError(f"{self.source.name}() got {problem} argument {k!r}")
            out[k] = v
        if self.vararg:
            out[self.vararg] = tuple(rest)
        for name in self.names:
            if name not in out:
                if name not in self.defaults:
                    raise TypeError(f"{self.source.name}() missing a required argument: {name!r}")
                out[name] = self.defaults[name]
        return {name: out[name] for name in self.names}

    def chosen(self, wrt: Any, kinds: dict[str, Kind]) -> tuple[str, ...]:
        """The parameters to differentiate, by name."""
        if wrt is None:
            found = tuple(n for n, k in kinds.items() if self.differentiable(n, k))
            if not found:
                whole = [n for n, k in kinds.items() if k == INT]
                note = f": `{whole[0]}` is an integer here, used as a count or an index" if whole else ""
                raise SourceError(
                    f"`{self.source.name}` has no parameter that can be differentiated{note}",
                    file=self.source.file,
                    line=self.source.first,
                    text=self.source.line(self.source.first),
                    hint=f"Pass {whole[0]} as a float, or name it in wrt."
                    if whole
                    else "Parameters must be floats, arrays, or lists, tuples or dicts of them.",
                )
            return found
        items = wrt if isinstance(wrt, (tuple, list)) else (wrt,)
        return tuple(self.parameter(item) for item in items)

    def parameter(self, item: Any) -> str:
        """A parameter by name or index."""
        if isinstance(item, (int, np.integer)) and -len(self.names) <= item < len(self.names):
            return self.names[item]
        if item in self.names:
            return str(item)
        raise SourceError(
            f"`{self.source.name}` has no parameter {item!r}.{did_you_mean(str(item), self.names)}",
            file=self.source.file,
            line=self.source.first,
            text=self.source.line(self.source.first),
        )

    def differentiable(self, name: str, kind: Kind) -> bool:
        """Can it be differentiated, when nothing is said? Integers only if they are not used as integers."""
        if isinstance(kind, (Record, Known)) or kind == BOOL or self.annotations.get(name) == "int":
            return False
        if kind != promote(kind) and (self.counts(name) or self.steps(name)):
            return False
        if not is_real(kind) and any(self.counts(n) or self.compared(n) for n in self.elements(name)):
            return False
        return is_real(promote(kind)) and not (isinstance(kind, Array) and kind.dtype == "bool")

    def differentiable_or_refused(self, name: str, kind: Kind) -> None:
        """Refuse a parameter that was asked for and has no derivative."""
        if isinstance(kind, Bottom) or is_real(promote(kind)) or promote(kind) == List(BOTTOM):
            return
        what = {Record: "an object", Known: "a function"}.get(type(kind), getattr(kind, "name", "no number"))
        raise SourceError(
            f"`{self.source.name}` cannot be differentiated with respect to `{name}`, which is {what} here",
            file=self.source.file,
            line=self.source.first,
            text=self.source.line(self.source.first),
            hint="Parameters must be floats, arrays, or lists, tuples or dicts of them.",
        )

    def counts(self, name: str) -> bool:
        """Is this parameter used as an integer: a count, an index, a depth?"""
        for node in ast.walk(self.source.tree):
            match node:
                case ast.Call(func=ast.Name(id="range"), args=parts):
                    pass
                case (
                    ast.Subscript(slice=part)
                    | ast.keyword(arg="axis" | "k" | "repeats" | "shift", value=part)
                ):
                    parts = [part]
                case ast.BinOp(op=op, left=a, right=b) if isinstance(op, _INT_OPERATORS):
                    parts = [a, b]
                case ast.Compare(ops=[ast.Eq() | ast.NotEq()], left=a, comparators=[b]):
                    parts = [a, b] if isinstance(b, ast.Constant) and isinstance(b.value, int) else []
                case _:
                    continue
            if any(isinstance(n, ast.Name) and n.id == name for part in parts for n in ast.walk(part)):
                return True
        return False

    def steps(self, name: str) -> bool:
        """Does the function call itself with one more or one less of this parameter?"""
        at = self.positional.index(name) if name in self.positional else len(self.names)
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == self.source.name:
                handed = [*node.args[at : at + 1], *(k.value for k in node.keywords if k.arg == name)]
                for part in handed:
                    match part:
                        case ast.BinOp(
                            op=ast.Add() | ast.Sub(), left=ast.Name(id=n), right=ast.Constant(value=int())
                        ) if n == name:
                            return True
        return False

    def elements(self, name: str) -> set[str]:
        """The variables of loops that go over this parameter, alone or beside others."""
        out = set()
        for node in ast.walk(self.source.tree):
            if not isinstance(node, (ast.For, ast.comprehension)):
                continue
            pairs = [(node.target, node.iter)]
            if isinstance(node.iter, ast.Call) and isinstance(node.target, ast.Tuple):
                own = node.target.elts
                if ast.unparse(node.iter.func) == "zip":
                    pairs = list(zip(own, node.iter.args, strict=False))
                elif ast.unparse(node.iter.func) == "enumerate":
                    pairs = list(zip(own[1:], node.iter.args, strict=False))
            for target, over in pairs:
                if isinstance(over, ast.Name) and over.id == name and isinstance(target, ast.Name):
                    out.add(target.id)
        return out

    def compared(self, name: str) -> bool:
        """Is a variable asked whether it is this or that?"""
        return any(
            isinstance(node, ast.Compare)
            and all(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops)
            and any(isinstance(n, ast.Name) and n.id == name for n in (node.left, *node.comparators))
            for node in ast.walk(self.source.tree)
        )

    def guess(self) -> dict[str, Kind]:
        """Kinds before any call: from annotations, defaults, use; else a float."""
        out: dict[str, Kind] = {}
        for name in self.names:
            text = self.annotations.get(name, "")
            if name in self.defaults and self.defaults[name] is not None:
                kind = kind_of(self.defaults[name], name)
                out[name] = FLOAT if kind == INT and not self.counts(name) and text != "int" else kind
            elif text in ("int", "bool"):
                out[name] = INT if text == "int" else BOOL
            elif name == self.vararg:
                out[name] = Tuple((FLOAT, FLOAT))
            elif "ndarray" in text or "NDArray" in text:
                out[name] = Array("float", None)
            elif text.startswith(("list", "List", "Sequence")) or self.indexed(name):
                out[name] = List(FLOAT)
            elif self.counts(name):
                out[name] = INT
            else:
                out[name] = FLOAT
        return out

    def untold(self) -> list[str]:
        """The parameters of which neither annotation nor default says what they are."""
        return [n for n in self.names if n not in self.annotations and n not in self.defaults]

    def indexed(self, name: str) -> bool:
        """Is it read by index, looped over or measured with len()?"""
        for node in ast.walk(self.source.tree):
            match node:
                case ast.Subscript(value=ast.Name(id=n)) | ast.For(iter=ast.Name(id=n)):
                    pass
                case ast.Call(
                    func=ast.Name(id="len" | "enumerate" | "zip" | "sum"), args=[ast.Name(id=n), *_]
                ):
                    pass
                case ast.comprehension(iter=ast.Name(id=n)):
                    pass
                case _:
                    continue
            if n == name:
                return True
        return False


def as_float(value: Any, kind: Kind) -> Any:
    """The value with every integer in it made a float."""
    match kind:
        case Num("float"):
            return value
        case Num():
            return float(value)
        case Array(dtype, _):
            return value if dtype == "float" else value.astype(float)
        case List(item):
            return value if item == FLOAT else [as_float(v, kind_of(v)) for v in value]
        case Tuple(items):
            return tuple(as_float(v, k) for v, k in zip(value, items, strict=True))
        case Dict() | Table():
            return {k: as_float(v, kind_of(v)) for k, v in value.items()}
    return value
