"""Read statements for given kinds of arguments: flat scope, known kinds, calls followed."""

from __future__ import annotations

import ast
import copy
from typing import Any

from pricegrad.errors import SourceError

from . import expr as ex
from . import source as src
from . import typing_rules as ty
from .aliases import Aliases
from .calls import item
from .expr import Expr
from .frame import Env, Frame, Val, merge
from .ir import Append, Block, Branch, Break, Effect, Let, Origin, Pop, Return, Store
from .kinds import (
    BOOL,
    BOTTOM,
    INT,
    NONE,
    Array,
    Kind,
    Known,
    List,
    Num,
    Table,
    Tuple,
    is_mutable,
    is_real,
    join,
)
from .loops import Loops
from .module import Module

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Mod: "%",
              ast.FloorDiv: "//", ast.MatMult: "@"}  # fmt: skip


class Specialiser(Aliases, Loops):
    """Reads a whole function."""

    def __init__(self, module: Module, frame: Frame) -> None:
        super().__init__(module, frame)
        self.stack: list[Any] = []
        self.result_kinds: list[tuple[Kind, bool]] = []
        self.picked: set[str] = set()
        self.unrolling = 0
        self.breaks: list[list[Env]] = []

    # ------------------------------------------------------------------ blocks

    def block(self, stmts: list[ast.stmt], given: dict[str, Expr] | None = None) -> Block:
        """Read a block into a list of its own. `given`: what names stood for before, if it is a part of the code."""
        saved, self.out = self.out, []
        for s in stmts:
            if self.env is None:
                break
            self.stmt(s)
        if given is not None and self.env is not None:
            self.rejoin(given)
        out, self.out = self.out, saved
        return out

    def body(self, stmts: list[ast.stmt], source: src.Source) -> Expr:
        """The body of an inlined function; what it returns."""
        frame = self.frame
        if stmts and isinstance(stmts[-1], ast.Return):
            for s in stmts[:-1]:
                self.stmt(s)
            last = stmts[-1]
            self.place(last)
            if last.value is None:
                return Expr("const", (), ("None",), ex.ATOM, NONE)
            return self.expr(last.value)
        frame.result = self.fresh(source.name if source.name.isidentifier() else "value")
        for s in stmts:
            self.stmt(s)
        self.env = self.env if self.env is not None else {}
        val = self.val(frame.result)
        if isinstance(val.kind, Known):
            return Expr("known", (), (frame.result,), ex.ATOM, val.kind)
        if frame.result not in self.env:
            return Expr("const", (), ("None",), ex.ATOM, NONE)
        return ex.name(frame.result, val.kind, val.active)

    def place(self, s: ast.stmt) -> None:
        """Remember where we are, for comments."""
        source = self.frame.source
        text = " ".join(source.line(s.lineno).split("#")[0].split())
        end = getattr(s, "end_lineno", s.lineno) or s.lineno
        simple = isinstance(s, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return))
        if simple and not hasattr(s, "made") and (end != s.lineno or ";" in text or text.startswith("def ")):
            text = source.cut(s, [])[0]  # type: ignore[arg-type]
        if isinstance(source.tree, ast.Lambda) and isinstance(s, ast.Return) and s.value is not None:
            text = "return " + source.cut(s.value, [])[0]
        self.origin = Origin(s.lineno, text.strip(), self.frame.source.file)

    def stmt(self, s: ast.stmt) -> None:
        """Read one statement."""
        self.place(s)
        self.walruses(s)
        getattr(self, "do_" + type(s).__name__, self.do_other)(s)
        if self.frame.walruses and self.env is not None and not isinstance(s, ast.Return):
            self.after_walruses()

    def do_other(self, s: ast.stmt) -> None:
        self.no(s, f"`{type(s).__name__.lower()}` is not differentiated")

    # ------------------------------------------------------------------ assignments

    def do_Assign(self, s: ast.Assign) -> None:
        value = self.value_of(s.value)
        targets = s.targets
        if len(targets) > 1 and value.op not in ("name", "const", "known"):
            first = next((t for t in targets if isinstance(t, ast.Name)), None)
            if first is not None:
                self.set_to(first, value, "")
                targets = [t for t in targets if t is not first]
                value = self.expr(ast.Name(first.id, ast.Load()))
            else:
                value = self.bind("value", value)
        for target in targets:
            whole = len(s.targets) == 1 and not hasattr(s, "made")
            self.set_to(target, value, self.text_of(s) if whole else "")

    def do_AnnAssign(self, s: ast.AnnAssign) -> None:
        if s.value is not None:
            self.set_to(s.target, self.value_of(s.value), "")

    def text_of(self, s: ast.stmt) -> str:
        """The user's own line, when nothing in it was renamed."""
        return ""

    def value_of(self, node: ast.expr) -> Expr:
        return self.expr(node)

    def set_to(self, target: ast.expr, value: Expr, text: str) -> None:
        """target = value."""
        match target:
            case ast.Name(id=name):
                variable = self.variable(name)
                if any(a.op == "known" for a in value.args) and value.op in ("list", "tuple", "dict"):
                    args = tuple(a if a.op in ("known", "const") else self.bind(name, a) for a in value.args)
                    self.frame.given[name] = Expr(
                        value.op, args, value.pieces, value.prec, value.kind, value.active, value.extra
                    )
                    return
                if value.op in ("either", "partial"):
                    self.frame.given[name] = value
                    return
                if self.is_alias(variable, name, value):
                    self.settle(variable)
                    self.frame.given[name] = value
                    self.frame.aliases.add(name)
                    return
                self.frame.given.pop(name, None)
                self.frame.aliases.discard(name)
                if value.op == "known":
                    assert self.env is not None
                    old = self.env.get(variable)
                    if old is not None and old.kind != value.kind and not self.unrolling:
                        self.no(
                            target, f"`{name}` is a function that changes", "Use one name for each function."
                        )
                    self.env[variable] = Val(value.kind)
                    self.frame.given[name] = value
                    return
                self.assign(variable, value, text)
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                self.unpack(target, elts, value)
            case ast.Subscript():
                self.store(target, value)
            case ast.Attribute():
                self.no(
                    target,
                    "an attribute is written",
                    "Objects are only read: keep the number in a variable of its own.",
                )
            case _:
                self.no(target, f"assignment to `{ast.unparse(target)}` is not differentiated")

    def unpack(self, target: ast.expr, elts: list[ast.expr], value: Expr) -> None:
        """a, b = ..."""
        if any(isinstance(e, ast.Starred) for e in elts):
            return self.unpack_starred(target, elts, value)
        if value.op in ("tuple", "list") and not isinstance(value.extra, dict):
            values = list(value.args)
        else:
            if value.op != "name":
                value = self.bind("items", value)
            n = len(value.kind.items) if isinstance(value.kind, Tuple) else len(elts)
            if value.kind == BOTTOM:
                values = [Expr("opaque", (value,), ("", f"[{i}]"), ex.ATOM, BOTTOM) for i in range(n)]
            elif isinstance(value.kind, Tuple):
                values = [item(value, i) for i in range(n)]
            else:
                values = [element(value, str(i), i) for i in range(n)]
        if len(values) != len(elts):
            self.no(target, f"{len(values)} values for {len(elts)} names")
        names = [self.variable(e.id) for e in elts if isinstance(e, ast.Name)]
        if len(names) < len(elts):
            values = [v if v.op == "const" else self.bind("item", v) for v in values]
            for e, v in zip(elts, values, strict=True):
                self.set_to(e, v, "")
            return None
        if any(v.op == "known" for v in values):
            for e, v in zip(elts, values, strict=True):
                self.set_to(e, v, "")
            return None
        for target_name in names:
            self.settle(target_name)
        for e in elts:
            self.frame.given.pop(e.id, None)  # type: ignore[attr-defined]
            self.frame.aliases.discard(e.id)  # type: ignore[attr-defined]
        values = [
            self.bind("item", v)
            if root(v) in self.may_change() and v.op != "name" and is_mutable(v.kind)
            else v
            for v in values
        ]
        self.out.append(Let(self.origin, tuple(names), tuple(values), tuple(v.kind for v in values)))
        assert self.env is not None
        for bound, v in zip(names, values, strict=True):
            self.env[bound] = Val(v.kind, v.active)

    def unpack_starred(self, target: ast.expr, elts: list[ast.expr], value: Expr) -> None:
        """first, *rest = ..."""
        kind = value.kind
        at = next(i for i, e in enumerate(elts) if isinstance(e, ast.Starred))
        after = len(elts) - at - 1
        if value.op not in ("tuple", "list") or isinstance(value.extra, dict):
            if value.op != "name":
                value = self.bind("items", value)
            if isinstance(kind, List):
                return self.unpack_list(elts, value, at, after)
            if not isinstance(kind, Tuple):
                self.no(target, "a starred target needs a list or a tuple", "Index instead.")
            parts = [item(value, i) for i in range(len(kind.items))]
        else:
            parts = list(value.args)
        middle = parts[at : len(parts) - after]
        pieces = ("[", *[", "] * (len(middle) - 1), "]") if middle else ("[]",)
        inner: Kind = BOTTOM
        for p in middle:
            inner = join(inner, p.kind)
        rest = Expr("list", tuple(middle), pieces, ex.ATOM, List(inner), any(p.active for p in middle))
        values = [*parts[:at], rest, *parts[len(parts) - after :]]
        plain = [e.value if isinstance(e, ast.Starred) else e for e in elts]
        values = [v if v.op == "const" else self.bind("item", v) for v in values]
        for e, v in zip(plain, values, strict=True):
            self.set_to(e, v, "")

    def unpack_list(self, elts: list[ast.expr], value: Expr, at: int, after: int) -> None:
        """first, *rest, last = xs of a list."""
        for i, e in enumerate(elts):
            if isinstance(e, ast.Starred):
                stop = str(-after) if after else ""
                part = Expr("slice", (), (f"{at or ''}:{stop}",), ex.ATOM, ty.UNKNOWN, extra=(("?", 0),) * 3)
                v = Expr("index", (value, part), ("", "[", "]"), ex.ATOM, value.kind, value.active)
                self.set_to(e.value, v, "")
            else:
                k = i if i < at else i - len(elts)
                self.set_to(e, element(value, str(k), k), "")

    def pop_at(self, node: ast.Call, xs: ast.expr, index: ast.expr) -> Expr:
        """xs.pop(i)."""
        if not isinstance(xs, ast.Name):
            self.no(node, "`.pop(i)` is differentiated for a list in a variable only")
        take = ast.copy_location(ast.Subscript(xs, index, ast.Load()), node)
        take.made = True  # type: ignore[attr-defined]
        out = self.bind("popped", self.expr(take))
        i = ast.unparse(index)
        self.rewritten(node, f"{xs.id} = {xs.id}[:{i}] + {xs.id}[{i}:][1:]")
        return out

    def mapped(self, node: ast.Call, name: str) -> Expr:
        """map, filter and functools.reduce, as the loops they stand for."""
        f, *lists = node.args
        names = [self.fresh("v") for _ in lists]
        loads: list[ast.expr] = [ast.Name(n, ast.Load()) for n in names]
        stores: list[ast.expr] = [ast.Name(n, ast.Store()) for n in names]
        new: ast.expr
        if name == "reduce":
            first = self.bind("reduced", self.expr(lists[1])) if len(lists) == 2 else None
            items = self.bind("items", self.expr(lists[0]))
            total = self.fresh("total")
            start = first.text if first is not None else f"{items.text}[0]"
            rest = items.text if first is not None else f"{items.text}[1:]"
            self.frame.locals |= {items.text, total, names[0], *([first.text] if first is not None else [])}
            step = ast.For(stores[0], ast.parse(rest, mode="eval").body, [], [])
            call = ast.Call(f, [ast.Name(total, ast.Load()), loads[0]], [])
            step.body = [ast.Assign([ast.Name(total, ast.Store())], call)]
            for s in (ast.parse(f"{total} = {start}").body[0], step):
                self.stmt(self.placed(s, node))  # type: ignore[arg-type]
            return self.expr(self.placed(ast.Name(total, ast.Load()), node))  # type: ignore[arg-type]
        over = lists[0] if len(lists) == 1 else ast.Call(ast.Name("zip", ast.Load()), lists, [])
        target = stores[0] if len(lists) == 1 else ast.Tuple(stores, ast.Store())
        made = ast.Call(f, loads, [])
        rounds = ast.comprehension(target, over, [made] if name == "filter" else [], 0)
        new = ast.ListComp(loads[0] if name == "filter" else made, [rounds])
        return self.expr(self.placed(new, node))  # type: ignore[arg-type]

    def placed(self, new: ast.AST, at: ast.expr) -> ast.AST:
        """New code, standing where the user's stands."""
        for n in ast.walk(new):
            if isinstance(n, (ast.expr, ast.stmt)) and (not hasattr(n, "lineno") or n.lineno == 1):
                ast.copy_location(n, at)
                n.made = True  # type: ignore[union-attr]
        return new

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
                xs, i = t.value.id, ast.unparse(t.slice)
                self.rewritten(s, f"{xs} = {xs}[:{i}] + {xs}[{i}:][1:]")
                continue
            self.no(s, "this `del` is not differentiated", "Build a new list.")

    def rewritten(self, s: ast.AST, code: str) -> None:
        """Read other code in place of a statement that changes a list."""
        for new in ast.parse(code).body:
            for node in ast.walk(new):
                if isinstance(node, (ast.expr, ast.stmt)):
                    ast.copy_location(node, s)
                    node.made = True  # type: ignore[union-attr]
            origin = self.origin
            if isinstance(new, ast.Assign) and isinstance(new.targets[0], ast.Name):
                name = new.targets[0].id
                if name in self.frame.given or name not in self.frame.locals:
                    self.no(
                        s, f"this changes the list `{name}` of another scope", "Return the new list instead."
                    )
                self.aliased(s, name, self.expr(ast.Name(name, ast.Load())), refuse=True)
            base = self.expr(ast.Name(new.targets[0].id, ast.Load())) if isinstance(new, ast.Assign) else None  # type: ignore[attr-defined]
            if base is not None and not isinstance(base.kind, List) and base.kind != BOTTOM:
                self.no(s, "only lists are changed this way")
            self.stmt(new)
            self.origin = origin

    def do_AugAssign(self, s: ast.AugAssign) -> None:
        load: Any = copy.copy(s.target)
        load.ctx = ast.Load()
        value = self.expr(s.value)
        sign = _OPERATORS.get(type(s.op))
        if sign is None:
            if value.active or self.expr(load).active:
                self.no(s, "this operator is not differentiated")
            sign = {ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>"}[
                type(s.op)
            ]
            old = self.expr(load)
            self.set_to(s.target, ex.binary("opaque", sign, old, value, old.kind), "")
            return None
        if isinstance(s.target, ast.Subscript):
            load = self.stable(load)
        old = self.expr(load)
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
            if isinstance(s.target, ast.Name) and self.aliased(s, s.target.id, old):
                dots = Expr("const", (), ("...",), ex.ATOM, ty.UNKNOWN)
                place = Expr("index", (old, dots), ("", "[", "]"), ex.ATOM, old.kind, old.active)
                return self.put(s, place, out, "")
            out.kind = old.kind
        if (
            isinstance(old.kind, List)
            and isinstance(s.target, ast.Name)
            and self.aliased(s, s.target.id, old)
        ):
            self.no(
                s,
                "`+=` changes a list that has another name too",
                "Use .append, or give it a list of its own.",
            )
        text = f"{old.text} {sign}= {value.text}" if isinstance(old.kind, Num) else ""
        if isinstance(load, ast.Subscript):
            self.store(load, out, f"{old.text} {sign}= {value.text}")
        else:
            self.set_to(s.target, out, text)

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
        val = self.env.get(base)
        if val is None:
            self.no(target, f"`{base}` is from outside the function and must not change", "Copy it first.")
        container = place.args[0].kind
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
        self.out.append(Store(self.origin, base, place, value, text))

    # ------------------------------------------------------------------ other statements

    def do_Expr(self, s: ast.Expr) -> None:
        if isinstance(s.value, ast.Constant):
            return None
        if isinstance(s.value, ast.Call) and isinstance(s.value.func, ast.Attribute):
            base = self.expr(s.value.func.value)
            if isinstance(base.kind, List) or base.kind == BOTTOM:
                return self.list_method(s.value, base, s.value.func.attr)
            if isinstance(base.kind, Array) and s.value.func.attr in (
                "fill",
                "sort",
                "resize",
                "put",
                "itemset",
            ):
                self.no(
                    s, f".{s.value.func.attr} changes the array in place", "Assign with x[...] = ... instead."
                )
            if is_mutable(base.kind):
                self.no(s, f".{s.value.func.attr} is not differentiated")
        value = self.effect(s.value)
        self.out.append(Effect(self.origin, value.text, value.reads))

    def effect(self, node: ast.expr) -> Expr:
        """An expression whose value is not used; derivatives stop here."""
        env, self.env = self.env, {k: Val(v.kind) for k, v in (self.env or {}).items()}
        try:
            return (
                self.expr(node)
                if isinstance(node, ast.Call) and self.is_print(node)
                else self.opaque_call(node)
            )
        finally:
            self.env = env

    def is_print(self, node: ast.Call) -> bool:
        return (
            isinstance(node.func, ast.Name) and node.func.id == "print" and "print" not in self.frame.locals
        )

    def opaque_call(self, node: ast.expr) -> Expr:
        if isinstance(node, ast.Call):
            func = self.expr(node.func)
            obj = func.kind.obj if isinstance(func.kind, Known) else None
            name = getattr(obj, "__name__", "")
            if any(is_mutable(self.expr(a).kind) for a in node.args if isinstance(a, ast.Name)):
                self.no(
                    node,
                    f"`{name or ast.unparse(node.func)}` may change its argument",
                    "Return the new value instead.",
                )
        return self.opaque(node)

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
        elif name in ("extend", "insert", "reverse", "clear") and isinstance(node.func.value, ast.Name):  # type: ignore[attr-defined]
            xs = node.func.value.id  # type: ignore[attr-defined]
            args = [ast.unparse(a) for a in node.args]
            code = {
                "extend": f"{xs} = {xs} + list({args[0] if args else ''})",
                "insert": f"{xs} = {xs}[:{args[0] if args else 0}] + [{args[-1] if args else 0}] + {xs}[{args[0] if args else 0}:]",
                "reverse": f"{xs} = {xs}[::-1]",
                "clear": f"{xs} = []",
            }[name]
            self.rewritten(node, code)
        elif name == "pop" and not node.args:
            self.pop(base, self.fresh("popped"))
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

    def do_Assert(self, s: ast.Assert) -> None:
        env, self.env = self.env, {k: Val(v.kind) for k, v in (self.env or {}).items()}
        test = self.expr(s.test)
        self.env = env
        message = f", {self.frame.source.cut(s.msg, [])[0]}" if s.msg is not None else ""
        self.out.append(Effect(self.origin, f"assert {test.text}{message}", test.reads))

    def do_Raise(self, s: ast.Raise) -> None:
        env, self.env = self.env, {k: Val(v.kind) for k, v in (self.env or {}).items()}
        what = self.opaque(s.exc) if s.exc is not None else Expr("const", (), ("",), ex.ATOM, NONE)
        self.env = env
        self.out.append(Effect(self.origin, f"raise {what.text}".strip(), what.reads))
        self.env = None

    def do_Pass(self, s: ast.Pass) -> None:
        pass

    def do_Import(self, s: ast.Import | ast.ImportFrom) -> None:
        import importlib

        for alias in s.names:
            name = alias.asname or alias.name.split(".")[0]
            if isinstance(s, ast.ImportFrom):
                obj = getattr(importlib.import_module(s.module or ""), alias.name)
            else:
                obj = importlib.import_module(alias.name if alias.asname else alias.name.split(".")[0])
            self.frame.given[name] = Expr("known", (), (name,), ex.ATOM, Known(obj))

    do_ImportFrom = do_Import

    def do_FunctionDef(self, s: ast.FunctionDef) -> None:
        if s.decorator_list:
            self.no(s.decorator_list[0], "a decorated inner function is not followed", "Define it outside.")
        closure = self.closure(s, s.name)
        self.set_to(ast.Name(s.name, ast.Store()), Expr("known", (), (s.name,), ex.ATOM, Known(closure)), "")

    def do_Break(self, s: ast.Break) -> None:
        assert self.env is not None
        self.breaks[-1].append(self.env)
        self.env = None
        self.out.append(Break(self.origin))

    def do_Return(self, s: ast.Return) -> None:
        value = Expr("const", (), ("None",), ex.ATOM, NONE) if s.value is None else self.expr(s.value)
        assert self.env is not None
        if self.frame.result:
            if value.op == "known":
                self.env[self.frame.result] = Val(value.kind)
            else:
                old = self.env.pop(self.frame.result, None)
                self.assign(self.frame.result, value)
                del old
            return
        self.result_kinds.append((value.kind, value.active))
        self.out.append(Return(self.origin, value))
        self.env = None

    # ------------------------------------------------------------------ branches

    def do_If(self, s: ast.If) -> None:
        test = self.test(s.test)
        truth = truth_of(test)
        if truth is not None:
            for inner in s.body if truth else s.orelse:
                if self.env is not None:
                    self.stmt(inner)
            return
        origin = Origin(s.lineno, self.origin.text, self.origin.file)
        env = dict(self.env or {})
        given = dict(self.frame.given)
        aliases = set(self.frame.aliases)
        then = self.block(s.body, given)
        after, self.env = self.env, dict(env)
        known = {k: v for k, v in self.frame.given.items() if k not in given and v.op in ("known", "either")}
        dropped = set(given) - set(self.frame.given) if after is not None else set()
        self.frame.given, self.frame.aliases = {**given, **known}, aliases
        other = self.block(s.orelse, given)
        dropped |= set(given) - set(self.frame.given) if self.env is not None else set()
        self.settle_dropped(dropped, given, then, other, after)
        self.env = merge(after, self.env, join)
        self.out.append(Branch(origin, test, then, other))

    def test(self, node: ast.expr) -> Expr:
        """A condition: nothing flows back through it, so any operation will do."""
        match node:
            case ast.BoolOp():
                return self.truths(node)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                a = self.test(inner)
                inner_truth = truth_of(a)
                known = None if inner_truth is None else not inner_truth
                return self.make(node, "not", [inner], [a], BOOL, False, ("truth", known))
        length = len(self.out)
        env = dict(self.env or {})
        try:
            return self.plain(self.expr(node))
        except SourceError:
            del self.out[length:]
            self.env = {k: Val(v.kind) for k, v in env.items()}
            out = self.plain(self.expr(node))
            self.env = {**self.env, **env}
            return out

    def truths(self, node: ast.BoolOp) -> Expr:
        """`and` and `or` in a condition; operands that need statements are evaluated only when reached."""
        args: list[Expr] = []
        for i, child in enumerate(node.values):
            saved, self.out = self.out, []
            env = dict(self.env or {})
            arg = self.test(child)
            late, self.out = self.out, saved
            if late and i:
                rest = ast.BoolOp(node.op, node.values[i:]) if i + 1 < len(node.values) else node.values[i]
                first = ast.BoolOp(node.op, node.values[:i]) if i > 1 else node.values[0]
                either = isinstance(node.op, ast.Or)
                stop = ast.Constant(either)
                new = ast.IfExp(first, stop if either else rest, rest if either else stop)
                for n in (new, stop, rest, first):
                    if not hasattr(n, "lineno"):
                        ast.copy_location(n, node)
                        n.made = True  # type: ignore[attr-defined]
                self.env = env
                return self.expr(new)
            self.out += late
            args.append(arg)
        known = [truth_of(a) for a in args]
        if isinstance(node.op, ast.And):
            truth = False if False in known else True if set(known) == {True} else None
        else:
            truth = True if True in known else False if set(known) == {False} else None
        return self.make(node, "bool", list(node.values), args, BOOL, False, ("truth", truth))

    def read_IfExp(self, node: ast.IfExp) -> Expr:
        """a if c else b: as a statement when a derivative flows through it."""
        test = self.test(node.test)
        truth = truth_of(test)
        if truth is not None:
            return self.expr(node.body if truth else node.orelse)
        picked = self.picks(node, test)
        if picked is not None:
            return picked
        env = dict(self.env or {})
        saved, self.out = self.out, []
        a = self.expr(node.body)
        then, self.out, after = self.out, [], self.env
        self.env = dict(env)
        b = self.expr(node.orelse)
        other, self.out = self.out, saved
        if not (a.active or b.active or then or other):
            self.env = env
            children = [node.body, node.test, node.orelse]
            return self.make(
                node, "ifexp", children, [self.plain(a), test, self.plain(b)], join(a.kind, b.kind), False
            )
        name = self.fresh("chosen")
        kind, active = join(a.kind, b.kind), a.active or b.active
        then.append(Let(self.origin, (name,), (a,), (kind,)))
        other.append(Let(self.origin, (name,), (b,), (kind,)))
        self.env = merge(after, self.env, join)
        assert self.env is not None
        self.env[name] = Val(kind, active)
        self.out.append(Branch(self.origin, test, then, other))
        return ex.name(name, kind, active)

    def picks(self, node: ast.IfExp, test: Expr) -> Expr | None:
        """f if c else g: a function picked while running."""
        if not all(isinstance(e, (ast.Name, ast.Attribute, ast.Lambda)) for e in (node.body, node.orelse)):
            return None
        a, b = self.expr(node.body), self.expr(node.orelse)
        if a.op != "known" or b.op != "known":
            return None
        flag = self.bind("picked", test)
        return Expr("either", (), ("<either>",), ex.ATOM, Known(node), extra=(flag, a, b))

    def either(self, node: ast.Call, func: Expr) -> Expr:
        """A call of a function picked while running."""
        flag, a, b = func.extra
        names = []
        for e in (a, b):
            name = self.fresh("function")
            self.frame.given[name] = e
            names.append(name)
        test = self.fresh("test")
        self.frame.given[test] = flag
        new: list[ast.expr] = []
        for name in names:
            call = copy.copy(node)
            call.func = ast.copy_location(ast.Name(name, ast.Load()), node.func)
            call.made = True  # type: ignore[attr-defined]
            new.append(call)
        choice = ast.copy_location(
            ast.IfExp(ast.copy_location(ast.Name(test, ast.Load()), node), new[0], new[1]), node
        )
        choice.made = True  # type: ignore[attr-defined]
        return self.expr(choice)

    def read_BoolOp(self, node: ast.BoolOp) -> Expr:
        """`a or b`, `a and b`: where a number is chosen so, as the choice it is."""
        env, length = dict(self.env or {}), len(self.out)
        try:
            return super().read_BoolOp(node)
        except SourceError:
            self.env = env
            del self.out[length:]
        first, rest = node.values[0], node.values[1:]
        more = rest[0] if len(rest) == 1 else ast.copy_location(ast.BoolOp(node.op, rest), node)
        name = self.bind("chosen", self.expr(first)).text
        self.frame.locals.add(name)
        one: ast.expr = ast.copy_location(ast.Name(name, ast.Load()), node)
        arms = (one, more) if isinstance(node.op, ast.Or) else (more, one)
        choice = ast.copy_location(ast.IfExp(one, *arms), node)
        choice.made = one.made = more.made = True  # type: ignore[attr-defined]
        return self.expr(choice)

    def read_NamedExpr(self, node: ast.NamedExpr) -> Expr:
        value = self.expr(node.value)
        if node in self.frame.walruses:
            held = self.bind(node.target.id, value)
            self.frame.early.setdefault(node.target.id, []).append(
                ((node.end_lineno or 0, node.end_col_offset or 0), held)
            )
            return held
        self.set_to(node.target, value, "")
        return self.expr(ast.Name(node.target.id, ast.Load()))


def root_of(e: Expr) -> Expr:
    """The variable a path starts at, as an expression."""
    while e.op in ("index", "field", "T"):
        e = e.args[0]
    return e


def truth_of(test: Expr) -> bool | None:
    """The value of a condition that is known while differentiating."""
    if not isinstance(test.extra, tuple) or not test.extra:
        return None
    if test.extra[0] == "truth":
        return test.extra[1]  # type: ignore[no-any-return]
    return bool(test.extra[1]) if test.op == "const" and test.extra[0] == "literal" else None


def root(e: Expr) -> str:
    """The variable a path like xs[i][j] starts at; "" if it is no path."""
    while e.op in ("index", "field", "T"):
        e = e.args[0]
    return e.text if e.op == "name" else ""


def activate(e: Expr) -> None:
    """A path that is written becomes active from its root on."""
    while e.op in ("index", "field"):
        e.active = is_real(e.kind) or e.active
        e = e.args[0]


def written(kind: Kind, place: Expr, value: Kind) -> Kind:
    """The kind of a container after place = value."""
    if place.op == "name":
        return join(kind, value)
    container = place.args[0].kind
    new: Kind = container
    if isinstance(container, List):
        new = List(join(container.item, value)) if place.args[1].op != "slice" else container
    elif isinstance(container, Table):
        new = Table(join(container.value, value))
    elif type(container).__name__ == "Dict":
        index = place.args[1]
        key = index.extra[1] if index.op == "const" and index.extra and index.extra[0] == "literal" else None
        items = dict(container.items)  # type: ignore[attr-defined]
        if key is None:
            new = Table(join(value, ty.element(Tuple(tuple(items.values())))))
        else:
            items[key] = value
            new = type(container)(tuple(items.items()))  # type: ignore[call-arg]
    return replaced(kind, place.args[0], new)


def replaced(kind: Kind, path: Expr, new: Kind) -> Kind:
    """The kind of the root variable when the container at `path` becomes `new`."""
    if path.op == "name":
        return new
    outer = path.args[0].kind
    if isinstance(outer, List):
        return replaced(kind, path.args[0], List(join(outer.item, new)))
    if isinstance(outer, Table):
        return replaced(kind, path.args[0], Table(join(outer.value, new)))
    return kind


def grown(kind: Kind, path: Expr, value: Kind) -> Kind:
    """The kind of the root variable after path.append(value)."""
    item = path.kind.item if isinstance(path.kind, List) else BOTTOM
    return replaced(kind, path, List(join(item, value)))


def element(whole: Expr, index: str, literal: Any = None) -> Expr:
    """whole[index]."""
    kind = ty.element(whole.kind)
    extra = ("literal", literal) if literal is not None else None
    i = Expr("const" if literal is not None else "name", (), (index,), ex.ATOM, INT, extra=extra)
    return Expr("index", (whole, i), ("", "[", "]"), ex.ATOM, kind, whole.active and is_real(kind))
