"""The emitted module: its imports, its constants, its functions, and the names already taken."""

from __future__ import annotations

import bisect
import builtins
import math
import re
from collections import defaultdict
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

from .names import Names
from .values import plain_object

_CANONICAL: dict[int, str] = {}
for _module in (builtins, math, np.linalg, np):
    for _name, _object in list(vars(_module).items()):  # dir() and getattr would import numpy's lazy parts
        if callable(_object):
            _CANONICAL[id(_object)] = f"{_module.__name__}.{_name}"
for _name in (
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "arctan2",
    "sinh",
    "cosh",
    "tanh",
    "absolute",
):
    _CANONICAL[id(getattr(np, _name))] = f"numpy.{_name}"
for _name in ("bisect_left", "bisect_right"):
    _CANONICAL[id(getattr(bisect, _name))] = f"bisect.{_name}"
_CANONICAL[id(pow)], _CANONICAL[id(math.pow)] = "builtins.pow", "math.pow"
for _alias, _name in {
    "absolute": "abs", "power": "power", "amax": "max", "amin": "min", "asin": "arcsin", "acos": "arccos",
    "atan": "arctan", "atan2": "arctan2", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "multiply": "multiply", "true_divide": "divide", "row_stack": "vstack", "concat": "concatenate",
    "pow": "power", "permute_dims": "transpose", "conj": "conjugate", "fabs": "fabs",
}.items():  # fmt: skip
    if hasattr(np, _alias):
        _CANONICAL[id(getattr(np, _alias))] = f"numpy.{_name}"
_CANONICAL[id(np.linalg.norm)] = "numpy.linalg.norm"
_CANONICAL[id(np.linalg.inv)], _CANONICAL[id(np.linalg.solve)] = "numpy.linalg.inv", "numpy.linalg.solve"


# Builtins that emitted code calls: a user's variable of such a name gets another.
EMITTED = {
    "dict", "enumerate", "float", "int", "len", "list", "max", "min", "range", "reversed", "slice", "sorted",
    "sum", "tuple", "zip",
}  # fmt: skip


# scipy.special's functions, by the names they have there and here.
_SPECIAL = {
    "psi": "scipy.special.digamma", "gammaln": "scipy.special.lgamma", "gamma": "scipy.special.gamma",
    "erf": "scipy.special.erf", "erfc": "scipy.special.erfc", "expit": "scipy.special.expit",
}  # fmt: skip


def canonical(obj: Any) -> str:
    """ "math.sin" for the function itself, by whatever name it was reached; "" for an unknown one."""
    if obj is builtins.print:  # looked up anew: frameworks that draw progress put their own in its place
        return "builtins.print"
    if id(obj) in _CANONICAL:
        return _CANONICAL[id(obj)]
    return _SPECIAL.get(obj.__name__, "") if isinstance(obj, np.ufunc) else ""


class Size:
    """How many parts a container has, as its one part."""

    def __init__(self, of: Any) -> None:
        self.of = of

    def __getitem__(self, _: int) -> int:
        return len(self.of)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and other.of is self.of

    __hash__ = None  # type: ignore[assignment]


class Module:
    """Collects what the emitted functions need around them."""

    def __init__(self, taken: set[str], again: bool = False) -> None:
        self.again = again  # is this code to be differentiated once more?
        self.names = Names(taken)
        self.objects: dict[str, Any] = {}  # emitted global name -> object
        self.values: dict[str, Any] = {}  # those of them that are data, not code
        self.variables: set[str] = set()  # local variables of emitted functions
        self.functions: list[str] = []  # emitted helper functions
        self.helpers: dict[str, str] = {}  # those of them that know nothing of the user's code
        self.pairs: dict[Any, Any] = {}
        self.states: dict[Any, set[str]] = defaultdict(set)  # what the functions among them change
        self.threaded: set[str] = set()  # variables that are handed to such functions
        self.unnamed: set[str] = set()  # variables for values that the user gave no name
        self.returned: set[str] = set()  # variables that hold what a function that calls itself returned
        self.pair_list: list[Any] = []  # pairs in the order they were made
        self.fixed: set[str] = set()  # names of functions, given out once and for all
        self.mutated: set[str] = set()  # variables changed in place
        self.rebound: set[str] = set()  # variables that an inner function binds anew
        self._temporaries: list[str] = []
        self.watched: list[
            tuple[Any, Any, Any]
        ] = []  # (namespace, cell or container, name, object): stale if it changes

    def temporary(self, lines: Iterable[str]) -> str:
        """A short-lived adjoint that the lines of this statement do not use yet."""
        used = {word for line in lines for word in re.findall(r"\w+", line)}
        for name in self._temporaries:
            if name not in used:
                return name
        n = len(self._temporaries)
        self._temporaries.append(self.names.new("df_dt" if not n else f"df_dt{n + 1}"))
        return self._temporaries[-1]

    def watch(self, where: Any, name: Any, obj: Any) -> None:
        """Remember where something stood: the code is stale once something else stands there."""
        if not any(w is where and n == name and o is obj for w, n, o in self.watched):
            self.watched.append((where, name, obj))

    def use(self, name: str, obj: Any) -> str:
        """The global name under which `obj` is available to the emitted code, `name` if that can be."""
        if getattr(builtins, name, None) is obj and name not in self.variables:
            return name
        for known, other in self.objects.items():
            if other is obj and known.split("#")[0] == name:
                return known
        if name in self.objects or name in self.variables:
            name = self.names.new(name)
        self.names.taken.add(name)
        self.objects[name] = obj
        return name

    def constant(self, name: str, obj: Any) -> str:
        """The global name of a piece of data."""
        name = self.use(name, obj)
        if name in self.objects:
            self.values[name] = obj
        return name

    def function(self, style: str, name: str) -> str:
        """Code that calls math's or numpy's `name`, written the way the user writes (`math.`, `np.` or
        bare).
        """
        module: ModuleType = math if style.startswith("math") else np
        prefix = style.partition(":")[2]
        if prefix:
            return f"{self.use(prefix, module)}.{name}"
        return self.use(name, getattr(module, name))

    def helper(self, name: str, code: str) -> str:
        """A small function that stands before the emitted ones, once; the name it got."""
        for known, text in self.helpers.items():
            if text == code:
                return known
        free = self.names.new(name)
        self.helpers[free] = code
        self.functions.insert(0, code.replace(name, free))
        return free

    def header(self) -> list[str]:
        """Import lines and constants."""
        imports: set[str] = set()
        constants: list[str] = []
        for name, obj in sorted(self.objects.items()):
            if name in self.values:
                try:
                    constants.append(f"{name} = {literal(obj, imports)}")
                except RecursionError:
                    constants.append(f"{name} = None  # holds itself: put the object here")
            elif isinstance(obj, ModuleType):
                short = obj.__name__
                imports.add(f"import {short}" if short == name else f"import {short} as {name}")
            elif getattr(builtins, name, None) is not obj:
                imports.add(_import(name, obj))
        return [*sorted(imports), *([""] if imports and constants else []), *constants]


def _import(name: str, obj: Any) -> str:
    path = canonical(obj) or f"{getattr(obj, '__module__', '__main__')}.{getattr(obj, '__name__', name)}"
    module, _, own = path.rpartition(".")
    module = "scipy.special" if module.startswith("scipy.special") else module
    own = getattr(obj, "__name__", own) if module in ("numpy", "math", "scipy.special") else own
    own = own if hasattr(__import__(module, fromlist=["x"]), own) else path.rpartition(".")[2]
    return f"from {module} import {own}" if own == name else f"from {module} import {own} as {name}"


def literal(obj: Any, imports: set[str]) -> str:
    """Code for a piece of data; adds the import it needs."""
    if isinstance(obj, np.ndarray):
        imports.add("import numpy")
        return f"numpy.array({obj.tolist()!r}, dtype={obj.dtype.name!r})"
    if isinstance(obj, np.generic):
        return repr(obj.item())
    if isinstance(obj, (list, tuple)):
        inner = ", ".join(literal(v, imports) for v in obj)
        return f"[{inner}]" if isinstance(obj, list) else f"({inner}{',' if len(obj) == 1 else ''})"
    if isinstance(obj, dict):
        return "{" + ", ".join(f"{k!r}: {literal(v, imports)}" for k, v in obj.items()) + "}"
    if isinstance(obj, float) and obj != obj:
        return 'float("nan")'
    if isinstance(obj, float) and obj in (float("inf"), float("-inf")):
        return f'float("{obj}")'
    if callable(obj) and not plain_object(obj):  # held by a list or a dict: followed where it is called
        name = getattr(obj, "__name__", "")
        if not name.isidentifier() or "<locals>" in getattr(obj, "__qualname__", ""):
            return "None"
        imports.add(_import(name, obj))
        return name
    if dataclass_like(obj):
        imports.add("from types import SimpleNamespace")
        fields = ", ".join(f"{k}={literal(v, imports)}" for k, v in vars(obj).items())
        return f"SimpleNamespace({fields})"
    return repr(obj)


def dataclass_like(obj: Any) -> bool:
    """A plain object whose attributes make it up."""
    return hasattr(obj, "__dict__") and (not callable(obj) or plain_object(obj))
