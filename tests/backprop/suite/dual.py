"""Dual numbers at sixty digits: a value and one directional derivative, carried through ordinary code."""

from __future__ import annotations

import math
from collections.abc import Callable

from mpmath import MPContext

mp = MPContext()
mp.dps = 60


def to_mp(x):
    """A Python or NumPy number as an mpf, exactly."""
    if isinstance(x, mp.mpf):
        return x
    if isinstance(x, mp.mpc):  # outside the domain of a real function
        return mp.nan
    if isinstance(x, (bool, int)):
        return mp.mpf(int(x))
    return mp.mpf(float(x)) if not hasattr(x, "dtype") or x.dtype.kind == "f" else mp.mpf(int(x))


def bounded(x):
    """x, unless its size is far beyond any double: sines of such numbers take forever."""
    _, digits, exponent, width = x._mpf_
    if digits and abs(exponent + width) > 4000:
        raise OverflowError("a number far beyond any double")
    return x


class Margin:
    """How near the closest decision came to a tie, relative to what was compared, since `reset`."""

    closest = math.inf

    @classmethod
    def reset(cls):
        cls.closest = math.inf

    @classmethod
    def note(cls, a, b):
        cls.closest = min(cls.closest, abs(a - b) / (1 + abs(a) + abs(b)))


class Dual:
    """v + d * epsilon. Comparisons, truth and integer conversions look at the value alone."""

    __slots__ = ("d", "v")

    def __init__(self, v, d=0):
        self.v, self.d = bounded(to_mp(v)), bounded(to_mp(d))

    def __repr__(self):
        return f"Dual({float(self.v)!r}, {float(self.d)!r})"

    def __format__(self, spec):
        return format(float(self.v), spec)

    def __float__(self):
        if self.d != 0:
            raise TypeError("a dual number made into a float would lose its derivative without a word")
        return float(self.v)

    def __int__(self):
        return int(self.v)

    __trunc__ = __int__

    def __floor__(self):
        return int(mp.floor(self.v))

    def __ceil__(self):
        return int(mp.ceil(self.v))

    def __round__(self, digits=None):
        whole = round(float(self.v), digits)
        return whole if digits is None else Dual(whole)

    def __bool__(self):
        Margin.note(self.v, 0)
        return self.v != 0

    def __hash__(self):
        return hash(float(self.v))

    def __eq__(self, other):
        if not is_number(other):
            return NotImplemented
        Margin.note(self.v, lift(other).v)
        return self.v == lift(other).v

    def __ne__(self, other):
        return not self == other if is_number(other) else NotImplemented

    def __lt__(self, other):
        if not is_number(other):
            return NotImplemented
        Margin.note(self.v, lift(other).v)
        return self.v < lift(other).v

    def __le__(self, other):
        return self < other or self == other if is_number(other) else NotImplemented

    def __gt__(self, other):
        return not self <= other if is_number(other) else NotImplemented

    def __ge__(self, other):
        return not self < other if is_number(other) else NotImplemented

    def __neg__(self):
        return Dual(-self.v, -self.d)

    def __pos__(self):
        return self

    def __abs__(self):
        Margin.note(self.v, 0)
        return Dual(abs(self.v), self.d * mp.sign(self.v))

    def is_integer(self):
        return self.v == mp.floor(self.v)

    def conjugate(self):
        return self


def is_number(x) -> bool:
    return isinstance(x, (Dual, int, float, mp.mpf)) or (
        hasattr(x, "dtype") and getattr(x, "ndim", 1) == 0 and x.dtype.kind in "biuf"
    )


def lift(x) -> Dual:
    return x if isinstance(x, Dual) else Dual(x)


def _power(a: Dual, b: Dual) -> Dual:
    """a ** b; an exponent that does not move differentiates as a plain power, also at zero and below."""
    value = a.v**b.v if a.v != 0 or b.v != 0 else mp.mpf(1)
    d = mp.mpf(0)
    if a.d != 0 and b.v != 0:
        d += a.d * b.v * (a.v ** (b.v - 1) if a.v != 0 or b.v != 1 else mp.mpf(1))
    if b.d != 0:
        d += b.d * (value * mp.log(a.v) if a.v != 0 else 0)
    return Dual(value, d)


def _mod(a: Dual, b: Dual) -> Dual:
    whole = mp.floor(a.v / b.v)
    return Dual(a.v - b.v * whole, a.d - b.d * whole)


BINARY: dict[str, Callable[[Dual, Dual], Dual]] = {
    "add": lambda a, b: Dual(a.v + b.v, a.d + b.d),
    "sub": lambda a, b: Dual(a.v - b.v, a.d - b.d),
    "mul": lambda a, b: Dual(a.v * b.v, a.d * b.v + a.v * b.d),
    "truediv": lambda a, b: Dual(a.v / b.v, (a.d - a.v / b.v * b.d) / b.v),
    "floordiv": lambda a, b: Dual(mp.floor(a.v / b.v)),
    "mod": _mod,
    "pow": _power,
}


def _install() -> None:
    for name, rule in BINARY.items():

        def forward(self, other, rule=rule):
            return rule(self, lift(other)) if is_number(other) else NotImplemented

        def backward(self, other, rule=rule):
            return rule(lift(other), self) if is_number(other) else NotImplemented

        setattr(Dual, f"__{name}__", forward)
        setattr(Dual, f"__r{name}__", backward)
    Dual.__divmod__ = lambda a, b: (a // b, a % b)
    Dual.__rdivmod__ = lambda a, b: (b // a, b % a)


_install()


def _unary(value, slope):
    def rule(x):
        x = lift(x)
        v = value(x.v)
        return Dual(v, x.d * slope(x.v, v) if x.d != 0 else 0)

    return rule


_SQRT_PI = mp.sqrt(mp.pi)
UNARY: dict[str, Callable[[Dual], Dual]] = {
    "exp": _unary(mp.exp, lambda x, v: v),
    "exp2": _unary(lambda x: mp.mpf(2) ** x, lambda x, v: v * mp.log(2)),
    "expm1": _unary(mp.expm1, lambda x, v: v + 1),
    "log": _unary(mp.log, lambda x, v: 1 / x),
    "log2": _unary(lambda x: mp.log(x) / mp.log(2), lambda x, v: 1 / (x * mp.log(2))),
    "log10": _unary(mp.log10, lambda x, v: 1 / (x * mp.log(10))),
    "log1p": _unary(mp.log1p, lambda x, v: 1 / (1 + x)),
    "sqrt": _unary(mp.sqrt, lambda x, v: 1 / (2 * v)),
    "cbrt": _unary(lambda x: mp.sign(x) * mp.cbrt(abs(x)), lambda x, v: 1 / (3 * v * v)),
    "sin": _unary(mp.sin, lambda x, v: mp.cos(x)),
    "cos": _unary(mp.cos, lambda x, v: -mp.sin(x)),
    "tan": _unary(mp.tan, lambda x, v: 1 + v * v),
    "asin": _unary(mp.asin, lambda x, v: 1 / mp.sqrt(1 - x * x)),
    "acos": _unary(mp.acos, lambda x, v: -1 / mp.sqrt(1 - x * x)),
    "atan": _unary(mp.atan, lambda x, v: 1 / (1 + x * x)),
    "sinh": _unary(mp.sinh, lambda x, v: mp.cosh(x)),
    "cosh": _unary(mp.cosh, lambda x, v: mp.sinh(x)),
    "tanh": _unary(mp.tanh, lambda x, v: 1 - v * v),
    "asinh": _unary(mp.asinh, lambda x, v: 1 / mp.sqrt(x * x + 1)),
    "acosh": _unary(mp.acosh, lambda x, v: 1 / mp.sqrt(x * x - 1)),
    "atanh": _unary(mp.atanh, lambda x, v: 1 / (1 - x * x)),
    "erf": _unary(mp.erf, lambda x, v: 2 * mp.exp(-x * x) / _SQRT_PI),
    "erfc": _unary(mp.erfc, lambda x, v: -2 * mp.exp(-x * x) / _SQRT_PI),
    "gamma": _unary(mp.gamma, lambda x, v: v * mp.psi(0, x)),
    "lgamma": _unary(mp.loggamma, lambda x, v: mp.psi(0, x)),
    "degrees": _unary(lambda x: x * 180 / mp.pi, lambda x, v: 180 / mp.pi),
    "radians": _unary(lambda x: x * mp.pi / 180, lambda x, v: mp.pi / 180),
    "fabs": lambda x: abs(lift(x)),
    "square": lambda x: lift(x) * x,
    "reciprocal": lambda x: 1 / lift(x),
    "sign": lambda x: Dual(mp.sign(lift(x).v)),
    "floor": lambda x: Dual(mp.floor(lift(x).v)),
    "ceil": lambda x: Dual(mp.ceil(lift(x).v)),
    "trunc": lambda x: Dual(int(lift(x).v)),
}


def atan2(y, x) -> Dual:
    y, x = lift(y), lift(x)
    moves = y.d != 0 or x.d != 0
    return Dual(mp.atan2(y.v, x.v), (x.v * y.d - y.v * x.d) / (x.v**2 + y.v**2) if moves else 0)


def hypot(*xs) -> Dual:
    return UNARY["sqrt"](sum(lift(x) * x for x in xs))


def copysign(x, y) -> Dual:
    return abs(lift(x)) * (1 if lift(y).v >= 0 else -1)


def fmod(x, y) -> Dual:
    x, y = lift(x), lift(y)
    whole = int(x.v / y.v)
    return Dual(x.v - y.v * whole, x.d - y.d * whole)


def logaddexp(x, y) -> Dual:
    return UNARY["log"](UNARY["exp"](x) + UNARY["exp"](y))


def log(x, base=math.e) -> Dual:
    rule = UNARY["log"]
    return rule(x) if base is math.e else rule(x) / rule(base)
