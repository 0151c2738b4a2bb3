"""A derivative as a live function: specialised on the kinds of its arguments at the first call.

The function a user holds is a plain Python function. Its code is first a dispatcher; after the first call
it is the emitted code itself behind a guard on the types of the arguments, so that a call costs next to
nothing more than the emitted code. Arguments of other kinds go through the dispatcher to code of their own.
"""

from __future__ import annotations

import ast
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

from pricegrad.doors import DOORS
from pricegrad.errors import SourceError

from . import check as checking
from . import source as src
from .compiled import register
from .derive import Derived, Deriver
from .fence import check as fence
from .kinds import Array, Kind, List, Num, Other, promote
from .memory import settle
from .sharing import apart
from .sharing import tests as sharing_tests
from .signature import Parameters, as_float

_TYPES = {"float": "float", "int": "int", "bool": "bool"}


class Derivative:
    """One function to differentiate. `function` is what the user holds."""

    def __init__(self, f: Any, wrt: Any, what: str, compiler: str | None, check: bool) -> None:
        if compiler not in (None, "numba"):
            raise SourceError(f'compile={compiler!r} is not known: use compile="numba" or leave it out.')
        self.f, self.wrt, self.what, self.compiler, self.check = f, wrt, what, compiler, check
        self.inner: Derivative | None = getattr(f, "derivative", None)
        self.source = src.of(self.inner.stub() if self.inner else f)
        fence(self.source)
        self.parameters = Parameters(self.source)
        if self.inner:
            self.parameters.defaults = self.inner.parameters.defaults
        if wrt is not None:
            self.parameters.chosen(wrt, {})
        self.made: dict[Any, tuple[Any, Derived, frozenset[str]]] = {}
        self.derived: Derived | None = None
        self.guessed: tuple[dict[str, Kind], Derived] | None = None  # from before the first call
        self.pending: Exception | None = None  # why there is no code before the first call
        self.fast = False
        self.function = self._dispatcher()
        self._describe_before_any_call()

    # ------------------------------------------------------------------ the live function

    def _dispatcher(self) -> Any:
        self.namespace: dict[str, Any] = {"__name__": "pricegrad.emitted", "__builtins__": __builtins__}
        exec("def derivative(*args, **kwargs):\n    return dispatch_(args, kwargs)\n", self.namespace)
        self.namespace["dispatch_"] = self.call
        function = self.namespace.pop("derivative")
        function.derivative = self
        function.report = self.report
        function.__doc__ = f"Derivative of {self.source.name}, made by pricegrad."
        return function

    def report(self, path: Any, **amounts: float) -> Any:
        """Write the function, read as a chain of firms, as one HTML page: its adjoints are their prices.

        `amounts`: a number for each parameter. Returns the path.
        """
        return DOORS["function"](self.f, path, amounts)

    def _describe_before_any_call(self) -> None:
        kinds = self.parameters.guess()
        try:
            derived = self.derive(kinds)
            self.guessed = kinds, derived
            self._describe(derived)
        except Exception as error:  # the kinds are only guesses; the first call has the real ones
            why = str(error).splitlines()[:1]
            self.function.source = "".join(f"# made at the first call: {line}\n" for line in why)
            self.function.__name__ = "derivative"
            self.pending = error

    def _describe(self, derived: Derived) -> None:
        self.derived = derived
        self.function.source = derived.source
        self.function.__name__ = self.function.__qualname__ = derived.name

    def derive(self, kinds: dict[str, Kind], again: bool = False) -> Derived:
        """Emitted code for arguments of these kinds."""
        source = self.source
        if self.inner is not None:
            kinds = {n: promote(k) if n in self.inner.chosen(kinds) else k for n, k in kinds.items()}
            source = src.of(self.inner.emitted(kinds))
        wrt = self.parameters.chosen(self.wrt, kinds)
        for n in wrt:
            self.parameters.differentiable_or_refused(n, kinds[n])
        kinds = {n: promote(k) if n in wrt else k for n, k in kinds.items()}
        return Deriver(source, kinds, wrt, self.what, again).run()

    def chosen(self, kinds: dict[str, Kind]) -> tuple[str, ...]:
        """What it is differentiated by, for arguments of these kinds."""
        return self.parameters.chosen(
            self.wrt, {n: k for n, k in kinds.items() if n in self.parameters.names}
        )

    def stub(self) -> Any:
        """A function with the parameters of the derivative, to derive it again before its kinds are known."""
        signature = ast.unparse(self.source.tree.args)
        seed = ", seed" if self.what == "vjp" else ""
        text = f"def derivative({signature}{seed}):\n    return 0.0\n"
        return src.from_text(text, "derivative", f"<pricegrad derivative of {self.source.name} {id(self)}>")

    def emitted(self, kinds: dict[str, Kind]) -> Any:
        """The emitted function for these kinds, as a function whose source can be read again."""
        derived = self.derive({n: kinds[n] for n in self.parameters.names}, again=True)
        function = src.from_text(derived.source, derived.name, register(derived.source, derived.name))
        function.__globals__.update(derived.live)
        return function

    # ------------------------------------------------------------------ calls

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Dispatch on the kinds of the arguments."""
        seed: Any = ()
        if self.what == "vjp":
            seed = (kwargs["seed"],) if "seed" in kwargs else args[-1:]
            args = args if "seed" in kwargs else args[:-1]
            kwargs = {k: v for k, v in kwargs.items() if k != "seed"}
        values = self.parameters.bind(args, kwargs)
        kinds = {n: kind_for(v, n) for n, v in values.items()}
        signature = tuple(kinds.items())
        made = self.made.get(signature)
        if made is None or stale(made[1]):
            made = self.make(kinds, values)
            self.made[signature] = made
            apart(self.source, made[1].changed, values)
            settle(values.values())
            live = made[0]
            given = {n: as_float(v, kinds[n]) if n in made[2] else v for n, v in values.items()}
            if self.check:
                seed = as_list(seed, made[1].result)
                return checking.checked(self.source, self.f, self.what, made[1], live, given, seed)
        seed = as_list(seed, made[1].result)
        live, derived, wrt = made
        apart(self.source, derived.changed, values)
        given = {n: as_float(v, kinds[n]) if n in wrt else v for n, v in values.items()}
        return live(*arguments(self.parameters, given, seed), **keywords(self.parameters, given, seed))

    def make(self, kinds: dict[str, Kind], values: dict[str, Any]) -> tuple[Any, Derived, frozenset[str]]:
        """Derive, compile and remember code for these kinds; the first becomes the fast path."""
        guessed = self.guessed
        known = guessed is not None and guessed[0] == kinds and not stale(guessed[1])
        derived = guessed[1] if guessed and known else self.derive(kinds)
        namespace = {k: v for k, v in self.namespace.items() if k.startswith("__")}
        file = register(derived.source, derived.name)
        exec(compile(derived.source, file, "exec"), namespace)
        namespace.update(derived.live)
        live = namespace[derived.name]
        if self.compiler == "numba":
            from .numba import Compiled

            live = Compiled(self.source, derived)
            text = _through(derived, "compiled_")
        else:
            text = derived.source
        if text and not self.fast and not self.parameters.vararg:
            if self.compiler:
                self.namespace["compiled_"], self.namespace["owner_"] = live.direct, live
            self._become(
                derived, kinds, register(text, derived.name) if self.compiler else file, values, text
            )
        self._describe(derived)
        return live, derived, frozenset(derived.wrt)

    def _become(
        self, derived: Derived, kinds: dict[str, Kind], file: str, values: dict[str, Any], text: str
    ) -> None:
        """Give the live function the emitted code behind a guard."""
        tests = [guard(n, k, values[n]) for n, k in kinds.items()]
        if self.what == "vjp" and set(self.parameters.positional) & set(self.parameters.defaults):
            return
        if self.what == "vjp" and isinstance(derived.result, List):  # the seed may be a tuple
            return
        if None in tests or any(promote(k) != k and n in derived.wrt for n, k in kinds.items()):
            return
        names = self.namespace
        names.update(ndarray_=np.ndarray, type_=type, float_=float, int_=int, bool_=bool)
        names.update(list_=list, array_=np.array, may_share_memory_=np.may_share_memory)
        tests += sharing_tests(derived.changed, kinds)
        names.update({f"{n}_dtype_": v.dtype for n, v in values.items() if isinstance(v, np.ndarray)})
        for i, (where, name, obj) in enumerate(derived.watched):
            cell = _cell(where, name)
            names.update({f"where{i}_": cell or where, f"key{i}_": name, f"seen{i}_": obj})
            reach = (
                ".cell_contents" if cell else f".get(key{i}_)" if isinstance(where, dict) else f"[key{i}_]"
            )
            tests.append(f"where{i}_{reach} is seen{i}_")
        tree = ast.parse(text, file)
        body = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == derived.name)
        positional = "".join(f"{n}, " for n in self.parameters.positional)
        positional += f"{derived.seed}, " if derived.seed else ""
        keyword = ", ".join(f"{n!r}: {n}" for n in self.parameters.keyword)
        expected = " and ".join(filter(None, tests)) or "True"
        line = f"if not ({expected}): return dispatch_(({positional}), {{{keyword}}})"
        gate = ast.parse(line).body[0]
        for node in ast.walk(gate):
            if hasattr(node, "lineno"):
                node.lineno = node.end_lineno = body.lineno  # type: ignore[attr-defined]
        body.body.insert(0, gate)
        exec(compile(tree, file, "exec"), names)
        names.update(derived.live)
        made = names.pop(derived.name)
        assert isinstance(made, FunctionType)
        self.function.__code__ = _code(made)
        behind = self.f if isinstance(self.f, FunctionType) else self.source.function
        self.function.__defaults__ = behind.__defaults__
        self.function.__kwdefaults__ = behind.__kwdefaults__
        self.fast = True


def as_list(seed: Any, result: Kind) -> Any:
    """The seed of a tuple of unknown length as a list, which the code may change."""
    return (list(seed[0]),) if seed and isinstance(result, List) else seed


def _through(derived: Derived, name: str) -> str:
    """A function that only hands its arguments on."""
    tree = ast.parse(derived.source)
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == derived.name)
    a = function.args
    if a.kwonlyargs or a.vararg:
        return ""
    names = [p.arg for p in (*a.posonlyargs, *a.args)]
    lists = {n for n, k in derived.kinds if isinstance(k, List)}
    given = [f"array_({n}, float_)" if n in lists else n for n in names]
    return f"def {derived.name}({', '.join(names)}):\n    return {name}({', '.join(given)})\n"


def _code(function: FunctionType) -> CodeType:
    return function.__code__


def kind_for(value: Any, name: str) -> Kind:
    kind = kind_of_argument(value, name)
    if isinstance(kind, Other) and kind.name.startswith("array of"):
        raise SourceError(f"the argument `{name}` is an {kind.name}", hint="Use an array of floats.")
    return kind


def kind_of_argument(value: Any, name: str) -> Kind:
    from .values import kind_of

    return kind_of(value, name)


def guard(name: str, kind: Kind, value: Any) -> str | None:
    """A cheap test that an argument is of the kind the code was made for; None if there is none."""
    match kind:
        case Num(n):
            plain = {"float": float, "int": int, "bool": bool}[n]
            return f"type_({name}) is {n}_" if type(value) is plain else None
        case Array(_, shape) if shape is not None:
            test = (
                f"type_({name}) is ndarray_ and {name}.dtype is {name}_dtype_ and {name}.ndim == {len(shape)}"
            )
            ones = [i for i, d in enumerate(shape) if d == 1]
            lengths = [f"{name}.shape[{i}] {'==' if i in ones else '!='} 1" for i in range(len(shape))]
            return " and ".join([test, *(lengths if ones else [f"1 not in {name}.shape"] if shape else [])])
        case List(Num("float")):
            return f"type_({name}) is list_ and {name} and type_({name}[0]) is float_ is type_({name}[-1])"
    return None


def stale(derived: Derived) -> bool:
    """Has a constant from outside been replaced since?"""
    for where, name, obj in derived.watched:
        cell = _cell(where, name)
        try:
            now = cell.cell_contents if cell else where[name]
        except LookupError:
            return True
        if now is not obj:
            return True
    return False


def _cell(where: Any, name: Any) -> Any:
    """The cell that holds a variable of an enclosing function; None if the container holds the object."""
    found = where.get(name) if isinstance(where, dict) else None
    return found if isinstance(found, CellType) else None


def arguments(parameters: Parameters, given: dict[str, Any], seed: tuple[Any, ...]) -> list[Any]:
    """Positional arguments for the emitted function."""
    out = [given[n] for n in parameters.positional]
    if parameters.vararg:
        return out + list(given[parameters.vararg])
    return [*out, *seed]


def keywords(parameters: Parameters, given: dict[str, Any], seed: tuple[Any, ...]) -> dict[str, Any]:
    """Keyword arguments for it; the seed among them behind `*args`."""
    out = {n: given[n] for n in parameters.keyword}
    return {**out, "seed": seed[0]} if seed and parameters.vararg else out
