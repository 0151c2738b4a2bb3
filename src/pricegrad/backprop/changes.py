"""Read what changes a container in place: elements written, lists grown and shortened."""

from __future__ import annotations

import ast
import copy
from typing import Any

from pricegrad.errors import SourceError

from . import expr as ex
from . import typing_rules as ty
from .expr import Expr
from .frame import Val
from .ir import Append, Effect, Pop, Store
from .kinds import (
    BOTTOM,
    Array,
    List,
    Num,
    is_real,
)
from .paths import activate, grown, key_of, root, root_of, written
from .snippets import spot
from .spellings import Spellings

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%",
              ast.FloorDiv: "//", ast.MatMult: "@"}  # fmt: skip

# Methods that give a list new contents.
_RENEWED = ("extend", "insert", "appendleft", "reverse", "clear", "sort")


class Changes(Spellings):
    """Reads changes in place."""

    def pop_at(self, node: ast.Call, xs: ast.expr, index: ast.expr) -> Expr:
        """xs.pop(i)."""
        if not isinstance(xs, ast.Name):
            self.no(node, "`.pop(i)` is differentiated for a list in a variable only")
        i = self.once(index)
        index = self.placed(spot(i), node)  # type: ignore[assignment]
        take = ast.copy_location(ast.Subscript(xs, index, ast.Load()), node)
        take.made = True  # type: ignore[attr-defined]
        out = self.bind("popped", self.expr(take))
        self.rewritten(node, f"{xs.id} = {without(xs.id, i)}")
        return out

    def once(self, node: ast.expr) -> str:
        """Code for an argument that is written several times: what does something is done beforehand."""
        if any(isinstance(n, (ast.Call, ast.NamedExpr)) for n in ast.walk(node)):
            name = self.bind("part", self.expr(node)).text
            self.frame.locals.add(name)
            return name
        return ast.unparse(node)

    def do_Delete(self, s: ast.Delete) -> None:
        """del name forgets a name; del xs[i] makes a shorter list."""
        for t in s.targets:
            if isinstance(t, ast.Name):
                continue
            if (
                isinstance(t, ast.Subscript)
                and isinstance(t.value, ast.Name)
                and not isinstance(t.slice, ast.Slice)
            ):
                xs, i = t.value.id, self.once(t.slice)
                self.rewritten(s, f"{xs} = {without(xs, i)}")
                continue
            self.no(s, "this `del` is not differentiated", "Build a new list.")

    def do_AugAssign(self, s: ast.AugAssign) -> None:
        load: Any = copy.copy(s.target)
        load.ctx = ast.Load()
        sign = _OPERATORS.get(type(s.op))
        if isinstance(s.target, ast.Subscript):
            load = self.stable(load)
        old, value = self.operands([load, s.value])
        if sign is None:
            if value.active or old.active:
                self.no(s, "this operator is not differentiated", "Write it with + - * / and **.")
            sign = {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>"}[
                type(s.op)
            ]
            self.set_to(s.target, ex.binary("opaque", sign, old, value, old.kind), "")
            return None
        op = {
            "+": "add",
            "-": "sub",
            "*": "mul",
            "/": "div",
            "**": "pow",
            "%": "mod",
            "//": "floordiv",
            "@": "matmul",
        }[sign]
        out = self.binary(s, op, old, value, ex.binary(op, sign, old, value, BOTTOM))
        if isinstance(old.kind, Array):
            self.in_place(s, old, out)
            shown = bool(self.val(root(old)).twins)
            if isinstance(s.target, ast.Name) and (self.aliased(s, s.target.id, old) or shown):
                dots = Expr("const", (), ("...",), ex.ATOM, ty.UNKNOWN)
                place = Expr("index", (old, dots), ("", "[", "]"), ex.ATOM, old.kind, old.active)
                return self.put(s, place, out, "")
            out.kind = old.kind
        if (
            isinstance(old.kind, List)
            and isinstance(s.target, ast.Name)
            and (self.aliased(s, s.target.id, old) or self.val(root(old)).twins)
        ):
            return self.append_each(s, s.target, value)
        text = f"{old.text} {sign}= {value.text}"
        if isinstance(load, ast.Subscript):
            self.store(load, out, text if old.op == "index" else "")
        else:
            still = isinstance(s.target, ast.Name) and old.text == self.variable(s.target.id)
            self.set_to(s.target, out, text if still and isinstance(old.kind, Num) else "")

    def append_each(self, s: Any, target: ast.Name, value: Expr) -> None:
        """target += values of a list with a second name: one by one."""
        values = self.bind("more", self.spelled(s, "[*m]", m=value))
        v = self.fresh("v")
        self.frame.locals.add(v)
        load = ast.copy_location(ast.Name(target.id, ast.Load()), target)
        self.stmt(self.statement_of(s, "for v in m: a.append(v)", {"v": v}, m=values, a=load))

    def stable(self, node: ast.Subscript) -> ast.Subscript:
        """The same place, its index put into a variable where writing to the place may change it."""
        new = copy.copy(node)
        if isinstance(new.value, ast.Subscript):
            new.value = self.stable(new.value)
        if isinstance(new.slice, ast.Tuple):
            new.slice = copy.copy(new.slice)
            new.slice.elts = [self.fixed_index(e, node) for e in new.slice.elts]
        else:
            new.slice = self.fixed_index(new.slice, node)
        return new

    def fixed_index(self, part: ast.expr, node: ast.Subscript) -> ast.expr:
        """An index array that is computed here gets a name; so does what reads the array that is written."""
        if isinstance(part, (ast.Slice, ast.Name, ast.Constant)):
            return part
        base = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
        reads = {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}
        e = self.expr(part)
        if not (base & reads) and (
            not isinstance(e.kind, (Array, List)) or e.op in ("list", "const", "array")
        ):
            return part
        name = self.bind("index", e).text
        self.frame.locals.add(name)
        return ast.copy_location(ast.Name(name, ast.Load()), part)

    def in_place(self, s: ast.AugAssign, old: Expr, out: Expr) -> None:
        """x += e on an array must not change its dtype."""
        if isinstance(old.kind, Array) and isinstance(out.kind, Array) and old.kind.dtype != out.kind.dtype:
            self.no(s, f"`{old.text}` holds {old.kind.dtype}s and cannot take a float in place")

    def store(self, target: ast.expr, value: Expr, text: str = "") -> None:
        """base[index] = value."""
        assert isinstance(target, ast.Subscript)
        load = self.stable(target)
        load.ctx = ast.Load()
        self.writing = True
        place = self.expr(load)
        self.writing = False
        self.put(target, place, value, text)

    def put(self, target: ast.AST, place: Expr, value: Expr, text: str) -> None:
        """place = value."""
        base = root(place)
        if not base:
            self.no(target, "only elements of a variable can be written")
        assert self.env is not None
        if (
            place.op == "index"
            and base in place.args[1].reads
            and place.args[1].op not in ("slice", "indices")
        ):
            index = self.bind("index", place.args[1])
            place.args = (place.args[0], index)
            vars(place).pop("text", None)
            vars(place).pop("reads", None)
        elif place.op == "index" and base in place.args[1].reads:
            self.no(
                target,
                f"the index reads `{base}`, which this statement changes",
                "Compute the index in a line before.",
            )
        if place.op == "index" and isinstance(place.args[0].kind, List) and place.args[1].op == "slice":
            value = self.of_same_length(place, value)
        val = self.env.get(base)
        if val is None:
            self.no(target, f"`{base}` is from outside the function and must not change", "Copy it first.")
        container = place.args[0].kind
        key = key_of(container, place)
        if isinstance(container, Array) and container.dtype != "float" and value.active:
            self.no(
                target,
                f"`{base}` is an array of {container.dtype}s: a float written into it would be cut off",
                "Make it with dtype float.",
            )
        active = val.active or value.active
        if place.kind in (ty.UNKNOWN, BOTTOM):
            place.kind = value.kind
        kind = written(val.kind, place, value.kind)
        self.mutate(target, base, place.args[0].op != "name")
        self.env[base] = Val(kind, active and is_real(kind), val.maybe, val.inserted, val.twins, val.deep)
        activate(place)
        self.inserts(value, base)
        root_of(place).kind = kind
        stored = Store(self.origin, base, place, value, text)
        stored.key = key
        self.out.append(stored)

    def of_same_length(self, place: Expr, value: Expr) -> Expr:
        """xs[i:j] = value: the emitted code makes sure that the list keeps its length."""
        value = value if value.op == "name" else self.bind("items", value)
        error = self.module.use("SourceError", SourceError)
        what = f"`{place.text}` is given a list of another length"
        where = f"file={self.origin.file or self.frame.source.file!r}, line={self.origin.line}"
        text = f"text={self.frame.source.line(self.origin.line).strip()!r}"
        hint = "hint='Write it as xs = xs[:i] + items + xs[j:].'"
        test = f"if len({place.text}) != len({value.text}): raise {error}({what!r}, {where}, {text}, {hint})"
        self.out.append(Effect(self.origin, test, place.reads | value.reads))
        return value

    def list_method(self, node: ast.Call, base: Expr, name: str) -> None:
        """xs.append(e), xs.pop(), xs.extend(ys), ... as statements."""
        variable = root(base)
        assert self.env is not None
        if not variable or variable not in self.env:
            self.no(node, "this list is from outside the function and must not change", "Copy it first.")
        if name == "append" and len(node.args) == 1:
            value = self.plain(self.expr(node.args[0]))
            val = self.env[variable]
            kind = grown(val.kind, base, value.kind)
            self.mutate(node, variable, base.op != "name")
            self.env[variable] = Val(
                kind,
                (val.active or value.active) and is_real(kind),
                val.maybe,
                val.inserted,
                val.twins,
                val.deep,
            )
            activate(base)
            self.inserts(value, variable)
            root_of(base).kind = kind
            self.out.append(Append(self.origin, variable, base, value))
        elif (
            name in _RENEWED
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            xs = node.func.value.id
            if (
                name == "extend"
                and len(node.args) == 1
                and (self.aliased(node, xs, base) or self.val(root(base)).twins)
            ):
                return self.append_each(node, node.func.value, self.expr(node.args[0]))
            args = [self.once(a) for a in node.args]
            name, args = ("insert", ["0", *args]) if name == "appendleft" else (name, args)
            at = args[0] if args else 0
            code = {
                "extend": f"{xs} = {xs} + list({args[0] if args else ''})",
                "insert": f"{xs} = {xs}[:{at}] + [{args[-1] if args else 0}] + {xs}[{at}:]",
                "reverse": f"{xs} = {xs}[::-1]",
                "clear": f"{xs} = []",
                "sort": f"{xs} = sorted({', '.join([xs, *map(ast.unparse, node.keywords)])})",
            }[name]
            self.rewritten(node, code)
        elif name == "pop" and not node.args:
            self.pop(base, self.fresh("popped"))
        elif name == "remove" and len(node.args) == 1 and isinstance(node.func, ast.Attribute):
            found = ast.Call(ast.Attribute(node.func.value, "index", ast.Load()), node.args, [])
            self.pop_at(node, node.func.value, self.placed(found, node))  # type: ignore[arg-type]
        elif name in ("pop", "popleft") and isinstance(node.func, ast.Attribute):
            self.pop_at(node, node.func.value, node.args[0] if node.args else ast.Constant(0))
        else:
            self.no(node, f".{name} of a list is not differentiated", "Use .append, .pop() and indexing.")

    def pop(self, base: Expr, name: str) -> Expr:
        """name = base.pop()."""
        variable = root(base)
        assert self.env is not None
        if variable not in self.env:
            self.no(ast.Pass(), "this list is from outside the function and must not change")
        self.mutate(ast.Pass(), variable, base.op != "name")
        kind = base.kind.item if isinstance(base.kind, List) else BOTTOM
        self.out.append(Pop(self.origin, variable, base, name, kind))
        self.env[name] = Val(kind, base.active and is_real(kind))
        return ex.name(name, kind, base.active and is_real(kind))


def without(xs: str, index: str) -> str:
    """Code for a list without one of its elements."""
    if index == "-1":
        return f"{xs}[:-1]"
    literal = index.removeprefix("-").isdigit()
    after = str(int(index) + 1) if literal else f"len({xs}[:{index}]) + 1"
    return f"{xs}[:{index}] + {xs}[{after}:]"
