"""Read assignments: names bound, tuples and lists taken apart."""

from __future__ import annotations

import ast
import copy

from . import expr as ex
from . import typing_rules as ty
from .asked import is_empty_set, only_a_growing_set
from .expr import Expr
from .frame import Val
from .in_place import InPlace
from .ir import Let
from .kinds import BOTTOM, NONE, Array, Kind, Known, List, Record, Tuple, is_mixed, is_mutable, join
from .objects import field_of
from .ordering import refers, shares, twin
from .paths import element, item, root
from .threading import copied


class Assignments(InPlace):
    """Reads assignments."""

    unrolling: int

    def do_Assign(self, s: ast.Assign) -> None:
        s = self.with_rows_of_their_own(s)
        if self.grows_only(s):  # a table: what is asked of it is in the order of time
            s = copy.copy(s)
            s.value = ast.copy_location(ast.Dict([], []), s.value)
            s.value.made = s.made = True  # type: ignore[attr-defined]
        filled = self.wanted = self.filled_at_once(s)
        value = self.value_of(s.value)
        if filled and value.op == "name" and value.text == filled:
            return
        targets = s.targets
        named = value.op == "name" and value.text not in self.module.unnamed
        if len(targets) > 1 and not named and value.op not in ("const", "known"):
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

    def grows_only(self, s: ast.Assign) -> bool:
        """seen = set(), to which things are only added, and in which they are looked for."""
        target = s.targets[0]
        if len(s.targets) > 1 or not isinstance(target, ast.Name) or not is_empty_set(s.value):
            return False
        func = self.expr(s.value.func)  # type: ignore[attr-defined]
        known = isinstance(func.kind, Known) and func.kind.obj is set
        return known and only_a_growing_set(self.frame.source.tree, target.id)

    def with_rows_of_their_own(self, s: ast.Assign) -> ast.Assign:
        """m[i], m[j] = m[j], m[i] of lists: copies of them, where nothing else holds them."""
        target = s.targets[0]
        if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(s.value, (ast.Tuple, ast.List)):
            return s
        places, values = (list(map(ast.unparse, side.elts)) for side in (target, s.value))
        first = target.elts[0] if places else None
        if sorted(places) != sorted(values) or not isinstance(first, ast.Subscript):
            return s
        roots = {
            e.value.id for e in target.elts if isinstance(e, ast.Subscript) and isinstance(e.value, ast.Name)
        }
        if len(roots) != 1 or not self.holds_its_rows_alone(*roots):
            return s
        new = copy.copy(s)
        rows = [ast.Call(ast.Attribute(e, "copy", ast.Load()), [], []) for e in s.value.elts]
        new.value = ast.copy_location(ast.Tuple(list(rows), ast.Load()), s.value)
        for n in (new.value, *rows, *(row.func for row in rows)):
            ast.copy_location(n, s.value)
            n.made = True  # type: ignore[attr-defined]
        new.made = True  # type: ignore[attr-defined]
        return new

    def holds_its_rows_alone(self, name: str) -> bool:
        """Is this a list of lists, no row of which has another name?"""
        e = self.expr(ast.Name(name, ast.Load()))
        if e.op != "name" or not isinstance(e.kind, List) or not isinstance(e.kind.item, List):
            return False
        return self.stands_alone(e.text, name)

    def stands_alone(self, variable: str, but: str = "") -> bool:
        """Has an object no second name, and no part of it one?"""
        val, named = self.val(variable), set()
        for frame in (self.frame, *self.callers):
            named |= {frame.rename.get(n, n) for n in frame.locals}
            for a in frame.aliases & set(frame.given) - ({but} if frame is self.frame else set()):
                named |= frame.given[a].reads
                if variable in frame.given[a].reads:
                    return False
        others = [v for n, v in (self.env or {}).items() if n in named and n != variable]
        held = any(variable in v.twins | v.deep or v.inserted == variable for v in others)
        return not (held or val.inserted or (val.twins | val.deep) & named)

    def do_AnnAssign(self, s: ast.AnnAssign) -> None:
        if s.value is not None:
            self.set_to(s.target, self.value_of(s.value), "")

    def filled_at_once(self, s: ast.Assign) -> str:
        """The variable that a comprehension fills by its own name: where it is bound nowhere else."""
        target = s.targets[0]
        if not isinstance(s.value, (ast.ListComp, ast.DictComp)) or len(s.targets) > 1:
            return ""
        if not isinstance(target, ast.Name) or target.id in self.frame.given:
            return ""
        names = [n for n in ast.walk(self.frame.source.tree) if isinstance(n, ast.Name) and n.id == target.id]
        once = sum(isinstance(n.ctx, ast.Store) for n in names) == 1
        read = any(isinstance(n, ast.Name) and n.id == target.id for n in ast.walk(s.value))
        own = target.id in self.frame.locals and not read
        return self.variable(target.id) if once and own else ""

    def text_of(self, s: ast.stmt) -> str:
        """The user's own line, when nothing in it was renamed."""
        return ""

    def value_of(self, node: ast.expr) -> Expr:
        self.lasting(node)
        return self.expr(node)

    def set_to(self, target: ast.expr, value: Expr, text: str) -> None:
        """target = value."""
        match target:
            case ast.Name(id=name):
                variable = self.variable(name)
                value = self.apart(target, value)
                if value.op == "index" and isinstance(value.kind, Known):
                    value = ex.function_itself(value.kind)
                if name in self.frame.outer:
                    self.hold_for_others(target, variable, value)
                if any(a.op == "known" for a in value.args) and value.op in ("list", "tuple", "dict"):
                    args = tuple(a if a.op in ("known", "const") else self.bind(name, a) for a in value.args)
                    self.frame.given[name] = Expr(
                        value.op, args, value.pieces, value.prec, value.kind, value.active, value.extra
                    )
                    return
                if value.op in ("either", "partial", "method", "by element"):
                    self.frame.given[name] = value
                    return
                if self.is_alias(variable, name, value):
                    self.settle(variable)
                    self.frame.given[name] = value
                    self.frame.aliases.add(name)
                    return
                self.frame.given.pop(name, None)
                self.frame.aliases.discard(name)
                if self.is_another_thing(name, variable, value):
                    variable, text = self.fresh(name), ""
                    self.frame.rename[name] = variable
                if value.op == "known":
                    assert self.env is not None
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

    def apart(self, target: ast.expr, value: Expr) -> Expr:
        """A value; a copy if its reverse function reads it as it was and it is changed here."""
        if not isinstance(target, ast.Name) or not shares(value.kind):
            return value
        if root(value) not in self.module.returned or self.variable(target.id) not in self.may_change():
            return value
        code = copied("a", value.kind)
        return self.spelled(target, code, a=value) if code else value

    def is_another_thing(self, name: str, variable: str, value: Expr) -> bool:
        """Is a name that was a number, say, a list from here on? Then that is another variable."""
        if not isinstance(self.statement, (ast.Assign, ast.AnnAssign)):
            return False  # the target of a loop has its name already
        old = self.val(variable).kind
        bound_here = name not in self.frame.outer and variable not in self.module.rebound
        unlike = NONE not in (old, value.kind) and is_mixed(join(old, value.kind))
        sure = not is_mixed(old) and not is_mixed(value.kind)
        return id(self.statement) in self.frame.straight and bound_here and unlike and sure

    def hold_for_others(self, target: ast.expr, variable: str, value: Expr) -> None:
        """A nonlocal variable is bound: to a value of its own, and while nothing else stands for it."""
        stands = any(
            variable in frame.given[a].reads
            for frame in self.callers
            for a in frame.aliases & set(frame.given)
        )
        if (
            stands
            or value.op in ("known", "either", "partial", "by element")
            or (shares(value.kind) and root(value))
        ):
            self.no(
                target,
                "this binds a nonlocal variable to something that has another name",
                "Return the value instead.",
            )

    def unpack(self, target: ast.expr, elts: list[ast.expr], value: Expr) -> None:
        """a, b = ..."""
        starred = any(isinstance(e, ast.Starred) for e in elts)
        if starred and isinstance(value.kind, Array):
            value = self.spelled(target, "[v for v in a]", a=value)
        if starred and isinstance(value.kind, List) and not _display(value):
            at = next(i for i, e in enumerate(elts) if isinstance(e, ast.Starred))
            value = value if value.op == "name" else self.bind("items", value)
            return self.unpack_list(elts, value, at, len(elts) - at - 1)
        pairs = [(e, self.apart(e, v)) for e, v in self.matched(target, elts, value)]
        names = [self.variable(e.id) for e, _ in pairs if isinstance(e, ast.Name)]
        if len(names) < len(pairs) or any(v.op == "known" for _, v in pairs):
            kept = [(e, v if v.op in ("const", "known") else self.item(v)) for e, v in pairs]
            for e, v in kept:
                self.set_to(e, v, "")
            return None
        changing = self.may_change()
        shown = any(
            shares(v.kind) and {n, root(v)} & changing for n, (_, v) in zip(names, pairs, strict=True)
        )
        if shown and not {r for _, v in pairs for r in v.reads} & set(names):
            for e, v in pairs:  # each stands for the part it shows
                self.set_to(e, v, "")
            return None
        for name in names:
            self.settle(name)
        for e, _ in pairs:
            self.frame.given.pop(e.id, None)  # type: ignore[attr-defined]
            self.frame.aliases.discard(e.id)  # type: ignore[attr-defined]
        last = {name: self.of_its_own(v) for name, (_, v) in zip(names, pairs, strict=True)}
        values = tuple(last.values())
        self.out.append(Let(self.origin, tuple(last), values, tuple(v.kind for v in values)))
        assert self.env is not None
        for bound, v in last.items():
            self.env[bound] = Val(v.kind, v.active)

    def item(self, v: Expr) -> Expr:
        """A value set aside while others are bound; what shows another's elements stays another's."""
        held = self.bind("item", v)
        if refers(v) and self.env is not None:
            for name in v.reads:
                twin(self.env, held.text, name)
        return held

    def of_its_own(self, v: Expr) -> Expr:
        """A part of something that changes in place gets a variable before it is taken apart."""
        changes = root(v) in self.may_change() and v.op != "name" and is_mutable(v.kind)
        return self.bind("item", v) if changes else v

    def matched(self, target: ast.expr, elts: list[ast.expr], value: Expr) -> list[tuple[ast.expr, Expr]]:
        """What each name or place in a target gets, nested targets taken apart too."""
        values = self.parts(target, elts, value)
        if len(values) != len(elts):
            self.no(target, f"{len(values)} values for {len(elts)} names")
        out: list[tuple[ast.expr, Expr]] = []
        for e, v in zip(elts, values, strict=True):
            inner = e.elts if isinstance(e, (ast.Tuple, ast.List)) else []
            if inner and not any(isinstance(i, ast.Starred) for i in inner) and v.kind != BOTTOM:
                out += self.matched(e, inner, v)
            else:
                out.append((e.value if isinstance(e, ast.Starred) else e, v))
        return out

    def parts(self, target: ast.expr, elts: list[ast.expr], value: Expr) -> list[Expr]:
        """The values of a display or of something held, one for each target."""
        if _display(value):
            parts = list(value.args)
        else:
            path = value.op == "index" and root(value) and value.cost <= 2 and isinstance(value.kind, Tuple)
            if value.op != "name" and not path:
                value = self.bind("items", value)
            if value.kind == BOTTOM:
                parts = [Expr("opaque", (value,), ("", f"[{i}]"), ex.ATOM, BOTTOM) for i in range(len(elts))]
            elif isinstance(value.kind, Record) and hasattr(value.kind.cls, "_fields"):
                parts = [field_of(value, name) for name in value.kind.cls._fields]
            elif isinstance(value.kind, Tuple):
                parts = [item(value, i) for i in range(len(value.kind.items))]
            else:
                parts = [element(value, str(i), i) for i in range(len(elts))]
        at = next((i for i, e in enumerate(elts) if isinstance(e, ast.Starred)), None)
        if at is None:
            return parts
        if not isinstance(value.kind, Tuple) and not _display(value):
            self.no(target, "a starred target needs a list or a tuple", "Index instead.")
        stop = len(parts) - (len(elts) - at - 1)
        return [*parts[:at], _listed(parts[at:stop]), *parts[stop:]]

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


def _display(value: Expr) -> bool:
    """Is it a tuple or list written out?"""
    return value.op in ("tuple", "list") and not isinstance(value.extra, dict)


def _listed(parts: list[Expr]) -> Expr:
    """A list of some parts."""
    pieces = ("[", *[", "] * (len(parts) - 1), "]") if parts else ("[]",)
    inner: Kind = BOTTOM
    for p in parts:
        inner = join(inner, p.kind)
    return Expr("list", tuple(parts), pieces, ex.ATOM, List(inner), any(p.active for p in parts))
