"""Adjoints as variables: which exist, what flows to them, what is added up."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .adjoint import Flow
from .bound import shape_of
from .broadcasting import fills
from .expr import ATOM, Expr
from .kinds import Array, Dict, Kind, List, Num, Record, Tuple, is_container
from .module import Module
from .recorded import words
from .term import Factor, Term, signed, total
from .zeros import added, copied, quoted, zeros

State = dict[str, str]
OWNED, SHARED = "owned", "shared"
_WIDTH = 88


class Accumulation:
    """Starts adjoints and adds to them.

    `State` says which adjoints exist at a point of the reverse sweep: those not in it are zero and not yet
    variables. "owned" adjoints may be changed in place, "shared" ones may be the same object as another.
    """

    module: Module
    numpy: str
    kinds: dict[str, Kind]
    alone: dict[str, str]  # lines that add to an element, and what they are where nothing was there before

    def adj(self, name: str) -> str:
        return self.module.names.adjoint(name)

    def zero(self, kind: Kind, text: str) -> str:
        code = zeros(kind, text, "NUMPY.")
        if "NUMPY." in code:
            code = code.replace("NUMPY.zeros_like", self.module.function(f"np:{self.numpy}", "zeros_like"))
        return code

    def zero_of(self, adjoint: str, state: State) -> str:
        """A zero for an adjoint by its name."""
        variable = self.module.names.variable(adjoint)
        kind = self.kinds[variable]
        if isinstance(kind, Array) and adjoint in state:
            return self.zero(kind, adjoint)
        return self.zero(kind, variable)

    def exists(self, base: str, kind: Kind, state: State, lines: list[str]) -> str:
        """Make sure the adjoint of a container exists and may be changed in place."""
        name = self.adj(base)
        if name not in state:
            lines.append(f"{name} = {self.zero(kind, base)}")
        elif state[name] == SHARED:
            lines.append(f"{name} = {copied(kind, name)}")
        state[name] = OWNED
        return name

    def accumulate_all(self, flows: Iterable[Flow], state: State, lines: list[str]) -> None:
        """Several flows; the parts of a tuple or dict that has no adjoint yet make one at once."""
        left = list(flows)
        for base in dict.fromkeys(f.base for f in left):
            parts = [f for f in left if f.base == base]
            code = self.display(parts) if self.adj(base) not in state else ""
            if code:
                lines.append(f"{self.adj(base)} = {code}")
                state[self.adj(base)] = SHARED if any(is_container(f.kind) for f in parts) else OWNED
                left = [f for f in left if f.base != base]
        for f in left:
            self.accumulate(f, state, lines)

    def display(self, parts: list[Flow]) -> str:
        """The adjoint of a tuple or dict, written out, from what flows to its items; "" if it cannot be."""
        base, kind = parts[0].base, parts[0].base_kind
        given: dict[object, str] = {}
        for f in parts:
            key = _key(f.suffix)
            plain = isinstance(f.kind, Num) or (is_container(f.kind) and len(f.terms) == 1)
            if key is None or key in given or f.add_at or not plain:
                return ""
            given[key] = total(f.terms).text
        match kind:
            case Tuple(items):
                own: dict[object, str] = {i: self.zero(k, f"{base}[{i}]") for i, k in enumerate(items)}
            case Dict(fields):
                own = {k: self.zero(v, f"{base}[{quoted(k)}]") for k, v in fields}
            case Record(_, fields, _):
                own = {k: self.zero(v, f"{base}.{k}") for k, v in fields}
            case _:
                return ""
        if not given.keys() <= own.keys():
            return ""
        own |= given
        if isinstance(kind, Tuple):
            code = f"[{', '.join(own.values())}]"
        else:
            code = "{" + ", ".join(f"{quoted(k)}: {v}" for k, v in own.items()) + "}"
        return code if len(code) <= _WIDTH else ""

    def accumulate(self, flow: Flow, state: State, lines: list[str], alive: bool = False) -> None:
        """adjoint += flow, or = where it is the first. `alive`: the adjoint it comes from lives on."""
        name = self.adj(flow.base)
        if is_container(flow.kind) and len(flow.terms) > 1:
            flow.terms = [self.joined(flow, lines)]
        sign, f = signed(flow.terms)
        first = name not in state and isinstance(flow.kind, Array) and not (flow.suffix or flow.add_at)
        if first and not filled(flow):
            text = f.text if sign == "+" else Term((f,), sign=-1).factor().text
            code = f"{self.module.function(f'np:{self.numpy}', 'full_like')}({flow.base}, {text})"
            sign, f = "+", Factor(code, whole=True, fresh=True)
        elif first and sign == "+" and not f.fresh and (alive or words([f.text]) & self.module.mutated):
            f = Factor(
                f"{f.at(ATOM)}.copy()", whole=True, fresh=True
            )  # what it shows is changed in place later
        if flow.suffix or flow.add_at:
            self.exists(flow.base, flow.base_kind, state, lines)
            place = name + flow.suffix
            if flow.add_at:
                call = self.module.function(f"np:{self.numpy}", "add.at" if sign == "+" else "subtract.at")
                lines.append(f"{call}({place}, {flow.add_at}, {f.text})")
            elif is_container(flow.kind):
                lines.append(f"{place} = {added(flow.kind, place, f.text)}")
                self.alone[lines[-1]] = f"{place} = {f.text}"
            else:
                lines.append(f"{place} {sign}= {f.text}")
                self.alone[lines[-1]] = f"{place} = {Term((f,), sign=1 if sign == '+' else -1).factor().text}"
            return
        text = f.text if sign == "+" else Term((f,), sign=-1).factor().text
        if name not in state:
            lines.append(f"{name} = {text}")
            fresh = isinstance(flow.kind, Num) or (isinstance(flow.kind, Array) and (f.fresh or sign == "-"))
            flat = isinstance(flow.kind, List) and isinstance(flow.kind.item, Num)
            fresh = fresh or (flat and text.startswith("["))  # a list made here
            state[name] = OWNED if fresh else SHARED
        elif is_container(flow.kind):
            lines.append(f"{name} = {added(flow.kind, name, f.text)}")
            state[name] = SHARED
        elif isinstance(flow.kind, Array) and state[name] == SHARED:
            lines.append(f"{name} = {name} {sign} {f.text}")
            state[name] = OWNED
        else:
            lines.append(f"{name} {sign}= {f.text}")

    def joined(self, flow: Flow, lines: list[str]) -> Term:
        """The sum of several containers, element by element."""
        names = []
        for t in flow.terms:
            names.append(self.module.temporary(lines))
            lines.append(f"{names[-1]} = {t.factor().text}")
        first = names[0]
        lines += [f"{first} = {added(flow.kind, first, other)}" for other in names[1:]]
        return Term((Factor(first),))


def filled(flow: Flow) -> bool:
    """Does the sum of what flows surely have the shape of the variable?"""
    shape = shape_of(Expr("", (), (), 0, flow.kind))
    return not isinstance(flow.kind, Array) or any(t.whole or fills(t.shape, shape) for t in flow.terms)


def _key(suffix: str) -> object:
    """The one literal key of a suffix like [2] or ["name"]; None for anything else."""
    try:
        node = ast.parse(f"x{suffix}", mode="eval").body
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            key: object = ast.literal_eval(node.slice)
            return key if isinstance(key, (int, str)) else None
    except (SyntaxError, ValueError):
        pass
    return None
