"""The independent oracle: run the same source on sixty-digit dual numbers, one pass for each number given.

Nothing of pricegrad is used. `math` and `numpy` in the function's globals are replaced by look-alikes that
know duals.
"""

from __future__ import annotations

import copy
import functools
import inspect
import math
import types

import numpy as np

from . import dual
from .dual import UNARY, Dual, lift, mp


class _Module:
    """Attributes of ours first, else those of the module it stands for."""

    def __init__(self, original, replaced):
        self.__dict__.update(replaced)
        self._original = original

    def __getattr__(self, name):
        return getattr(self._original, name)


def _fsum(xs):
    return sum(xs, Dual(0))


MATH = _Module(
    math,
    {k: v for k, v in UNARY.items() if hasattr(math, k) and k not in ("floor", "ceil", "trunc")}
    | {
        "log": dual.log,
        "pow": lambda x, y: lift(x) ** y,
        "atan2": dual.atan2,
        "hypot": dual.hypot,
        "copysign": dual.copysign,
        "fmod": dual.fmod,
        "fsum": _fsum,
        "prod": lambda xs, start=1: functools.reduce(lambda a, b: a * b, xs, start),
        "dist": lambda p, q: dual.hypot(*(a - b for a, b in zip(p, q))),
        "isnan": lambda x: bool(mp.isnan(lift(x).v)),
        "isinf": lambda x: bool(mp.isinf(lift(x).v)),
        "isfinite": lambda x: bool(mp.isfinite(lift(x).v)),
    },
)


def _elementwise(rule, inputs=1):
    ufunc = np.frompyfunc(rule, inputs, 1)

    def apply(*args, **kwargs):
        where = kwargs.pop("out", None)
        result = ufunc(*args, **kwargs)
        if where is not None:
            where[...] = result
            return where
        return result

    apply.at = ufunc.at
    apply.outer = ufunc.outer if inputs == 2 else None
    return apply


def _objects(make):
    """A NumPy constructor whose floating arrays become arrays of objects, so that duals fit in."""

    @functools.wraps(make)
    def construct(*args, **kwargs):
        made = make(*args, **kwargs)
        return made.astype(object) if made.dtype.kind == "f" else made

    return construct


def _array(data, dtype=None, **kwargs):
    """np.array of anything, as objects unless whole numbers were meant."""
    if dtype is not None and np.dtype(dtype).kind in "biu":
        return np.array(data, dtype=dtype)
    made = np.array(data, dtype=object)
    plain = [type(v) for v in made.ravel()]
    if dtype is None and plain and all(issubclass(t, (bool, np.bool_)) for t in plain):
        return made.astype(bool)
    if dtype is None and plain and all(issubclass(t, (int, np.integer)) for t in plain):
        return made.astype(int)
    return made


def _maximum(a, b):
    return a if lift(a) >= b else b


def _minimum(a, b):
    return a if lift(a) <= b else b


def _var(x, axis=None, ddof=0, keepdims=False):
    mean = np.mean(x, axis=axis, keepdims=True)
    n = np.size(x) if axis is None else np.shape(x)[axis]
    return np.sum((x - mean) ** 2, axis=axis, keepdims=keepdims) / (n - ddof)


def _std(x, axis=None, ddof=0, keepdims=False):
    return NUMPY.sqrt(_var(x, axis, ddof, keepdims))


def _eliminate(a, b):
    """Gaussian elimination with partial pivoting; also gives the determinant."""
    a, b, n, det = np.array(a, dtype=object), np.array(b, dtype=object), len(a), Dual(1)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(lift(a[i, k]).v))
        if pivot != k:
            a[[k, pivot]], b[[k, pivot]], det = a[[pivot, k]], b[[pivot, k]], -det
        det = det * a[k, k]
        for i in range(k + 1, n):
            factor = a[i, k] / a[k, k]
            a[i, k:] = a[i, k:] - factor * a[k, k:]
            b[i] = b[i] - factor * b[k]
    for k in reversed(range(n)):
        b[k] = (b[k] - (a[k, k + 1 :] @ b[k + 1 :] if k + 1 < n else 0)) / a[k, k]
    return b, det


def _inv(a):
    return _eliminate(a, np.eye(len(a)))[0]


def _norm(x, ord=None, axis=None, keepdims=False):
    if ord is None or ord == "fro" or (ord == 2 and (axis is not None or np.ndim(x) == 1)):
        return NUMPY.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims))
    if ord == 1 and (axis is not None or np.ndim(x) == 1):
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord == np.inf and (axis is not None or np.ndim(x) == 1):
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    raise NotImplementedError(f"norm of order {ord}")


def _where(condition, *branches):
    if not branches:
        return np.where(condition)
    return np.where(np.asarray(condition, dtype=bool), *(np.asarray(b, dtype=object) for b in branches))[()]


def _matrix_power(a, n):
    return functools.reduce(lambda p, _: p @ a, range(n), np.eye(len(a), dtype=object))


_ARC = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh"}
NUMPY = _Module(
    np,
    {k: _elementwise(v) for k, v in UNARY.items() if hasattr(np, k)}
    | {k: _elementwise(UNARY[v]) for k, v in (_ARC | {"arctanh": "atanh"}).items()}
    | {
        "abs": _elementwise(lambda x: abs(lift(x))),
        "absolute": _elementwise(lambda x: abs(lift(x))),
        "rad2deg": _elementwise(UNARY["degrees"]),
        "deg2rad": _elementwise(UNARY["radians"]),
        "maximum": _elementwise(_maximum, 2),
        "minimum": _elementwise(_minimum, 2),
        "fmax": _elementwise(_maximum, 2),
        "fmin": _elementwise(_minimum, 2),
        "power": _elementwise(lambda a, b: lift(a) ** b, 2),
        "float_power": _elementwise(lambda a, b: lift(a) ** b, 2),
        "mod": _elementwise(lambda a, b: lift(a) % b, 2),
        "remainder": _elementwise(lambda a, b: lift(a) % b, 2),
        "arctan2": _elementwise(dual.atan2, 2),
        "hypot": _elementwise(dual.hypot, 2),
        "logaddexp": _elementwise(dual.logaddexp, 2),
        "copysign": _elementwise(dual.copysign, 2),
        "isnan": lambda x: np.vectorize(lambda v: bool(mp.isnan(lift(v).v)), otypes=[bool])(x)[()],
        "isfinite": lambda x: np.vectorize(lambda v: bool(mp.isfinite(lift(v).v)), otypes=[bool])(x)[()],
        "where": _where,
        "clip": lambda x, lo, hi: NUMPY.minimum(NUMPY.maximum(x, lo), hi),
        "array": _array,
        "asarray": lambda x, dtype=None: x if isinstance(x, np.ndarray) else _array(x, dtype),
        "asfarray": _array,
        "float64": lambda x: x,
        "var": _var,
        "std": _std,
        "linspace": _objects(np.linspace),
        "arange": _objects(np.arange),
        "eye": _objects(np.eye),
        "identity": _objects(np.identity),
        "diag": np.diag,
        "interp": None,
        "linalg": _Module(
            np.linalg,
            {
                "solve": lambda a, b: _eliminate(a, b)[0],
                "inv": _inv,
                "det": lambda a: _eliminate(a, np.eye(len(a)))[1],
                "slogdet": lambda a: (1.0, NUMPY.log(abs(_eliminate(a, np.eye(len(a)))[1]))),
                "norm": _norm,
                "matrix_power": _matrix_power,
            },
        ),
    }
    | {
        k: _objects(getattr(np, k))
        for k in ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "full_like", "empty_like")
    },
)

_BUILTINS = {"float": lambda x=0.0: float(x) if isinstance(x, str) else x}


def holds_function(value) -> bool:
    """Is it a function, or a container of some?"""
    if isinstance(value, dict):
        return any(map(holds_function, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(holds_function, value))
    return isinstance(value, (types.BuiltinFunctionType, types.FunctionType, np.ufunc))


class Rebinder:
    """Copies of functions in which `math`, `numpy` and the helpers of the same module know duals."""

    def __init__(self):
        self.memo: dict[int, object] = {}
        self.scopes: dict[int, dict] = {}

    def scope(self, namespace: dict) -> dict:
        if id(namespace) not in self.scopes:
            mine = self.scopes[id(namespace)] = dict(namespace)
            for name, value in namespace.items():
                mine[name] = self(value, home=namespace)
            for name, value in _BUILTINS.items():
                mine.setdefault(name, value)
        return self.scopes[id(namespace)]

    def __call__(self, value, home=None):
        if value is math:
            return MATH
        if value is np:
            return NUMPY
        if value is np.linalg:
            return NUMPY.linalg
        if isinstance(value, (types.BuiltinFunctionType, np.ufunc)):
            return self._named(value)
        if isinstance(value, functools.partial):
            return functools.partial(self(value.func), *value.args, **value.keywords)
        if isinstance(value, types.FunctionType):
            if value.__module__ == "numpy" or getattr(np, value.__name__, None) is value:
                return self._named(value)
            if home is None or value.__globals__ is home:
                return self.function(value)
        if type(value) in (list, tuple) and any(map(holds_function, value)):
            return type(value)(self(part, home) for part in value)
        if type(value) is dict and holds_function(value):
            return {key: self(part, home) for key, part in value.items()}
        return value

    @staticmethod
    def _named(value):
        name = value.__name__
        for original, stand_in in ((math, MATH), (np, NUMPY)):
            if getattr(original, name, None) is value:
                return getattr(stand_in, name)
        return value

    def function(self, f: types.FunctionType) -> types.FunctionType:
        if id(f) not in self.memo:
            cells = tuple(types.CellType() for _ in f.__closure__ or ())
            mine = types.FunctionType(
                f.__code__, self.scope(f.__globals__), f.__name__, f.__defaults__, cells or None
            )
            mine.__kwdefaults__ = f.__kwdefaults__
            self.memo[id(f)] = mine
            for cell, original in zip(cells, f.__closure__ or ()):
                cell.cell_contents = self(original.cell_contents)
        return self.memo[id(f)]


def as_duals(x, seed=None, bump=None):
    """The same nest with duals for floats; that at `seed` gets derivative 1, that at `bump[0]` moves."""
    if seed == () or (bump and bump[0] == ()):
        return Dual(dual.to_mp(x) + (bump[1] if bump else 0), 0 if bump else 1)
    inner = (
        lambda k: (  # noqa: E731
            seed[1:] if seed and seed[0] == k else None,
            (bump[0][1:], bump[1]) if bump and bump[0][0] == k else None,
        )
    )
    if isinstance(x, np.ndarray) and (x.dtype.kind == "f" or (x.dtype.kind in "iu" and (seed or bump))):
        made = np.empty(x.shape, dtype=object)
        for i in np.ndindex(x.shape):
            made[i] = as_duals(x[i], *inner(i))
        return made
    if isinstance(x, dict):
        return {k: as_duals(v, *inner(k)) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        made = [as_duals(v, *inner(i)) for i, v in enumerate(x)]
        return type(x)(made) if type(x) in (list, tuple) else type(x)(*made)
    if isinstance(x, (float, np.floating, mp.mpf)):
        return Dual(x)
    return copy.copy(x) if isinstance(x, np.ndarray) else x


def _scalar(result):
    while isinstance(result, np.ndarray):
        result = result.item() if result.ndim == 0 else result.reshape(-1)[0] if result.size == 1 else None
    return lift(result)


def _run(f, args, where, path, bump):
    rebind = Rebinder()
    given = []
    for i, arg in enumerate(args):
        if callable(arg):
            given.append(rebind(arg))
        elif i == where:
            given.append(as_duals(arg, *((None, (path, bump)) if bump else (path, None))))
        else:
            given.append(as_duals(arg if isinstance(arg, mp.mpf) else copy.deepcopy(arg)))
    return _scalar(rebind(f)(*given))


def value(f, args):
    """f(*args) at sixty digits, rounded once."""
    return float(_run(f, args, None, (), None).v)


def exact_slope(f, args, where, path=()):
    """d f(*args) / d args[where][path], by one dual pass, to sixty digits."""
    return _run(f, args, where, path, None).d


def slope(f, args, where, path):
    """The same, rounded once."""
    return float(exact_slope(f, args, where, path))


def slope_by_difference(f, args, where, path):
    """The same by a central difference at sixty digits: shares no derivative rule with the dual numbers."""
    h = mp.mpf(10) ** -20
    up, down = (_run(f, args, where, path, step).v for step in (h, -h))
    return float((up - down) / (2 * h))


def _nest(x, number):
    def build(x, path):
        if isinstance(x, (bool, str, np.bool_)) or x is None:
            return None
        if isinstance(x, np.ndarray):
            made = np.zeros(x.shape)
            for i in np.ndindex(x.shape):
                made[i] = number((*path, i))
            return made
        if isinstance(x, dict):
            return {k: build(v, (*path, k)) for k, v in x.items()}
        if isinstance(x, (list, tuple)):
            made = [build(v, (*path, i)) for i, v in enumerate(x)]
            return type(x)(made) if type(x) in (list, tuple) else type(x)(*made)
        return number(path)

    return build(x, ())


def parameter_index(f, name):
    return name if isinstance(name, int) else list(inspect.signature(f).parameters).index(name)


def gradient(f, args, where, by=slope):
    """The derivative of f at args with respect to args[where], in the shape of that argument."""
    return _nest(args[where], lambda path: by(f, args, where, path))
