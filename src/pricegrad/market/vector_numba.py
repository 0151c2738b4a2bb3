"""exp and log of many numbers at once: short, without branches or calls, so that loops over them vectorise.

exp: x = n ln 2 + r with |r| <= ln 2 / 2, and Taylor's polynomial of degree 13 of exp(r). log: x = 2**k m with
m between sqrt(1/2) and sqrt(2), and the series of 2 artanh(s), s = (m - 1) / (m + 1), up to s**21. Both are
within 2 units in the last place. Callers compile with `SWIFT`.
"""

from __future__ import annotations

import math
from typing import Any

from numba import njit, types
from numba.extending import intrinsic

# "contract": a * b + c in one instruction, the same bits wherever the expression is the same; "numpy": a
# division by zero is inf or nan, and no branch
SWIFT: dict[str, Any] = {"fastmath": {"contract"}, "error_model": "numpy", "cache": True}

_LOG2E = 1.0 / math.log(2.0)
_HALF = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number, held in the low bits
_LN2 = math.ldexp(math.floor(math.ldexp(math.log(2.0), 32)), -32)  # so many bits that n * _LN2 is exact
_LN2_REST = 1.9082149292705877e-10  # ln 2 - _LN2
_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13 = (1 / math.factorial(k) for k in range(2, 14))
_L3, _L5, _L7, _L9, _L11, _L13, _L15, _L17, _L19, _L21 = (2 / k for k in range(3, 23, 2))
_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
_FRACTION = (1 << 52) - 1
_SMALLEST = 2.2250738585072014e-308


@intrinsic
def _bits(typingctx: Any, x: Any) -> Any:
    def code(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.bitcast(args[0], context.get_value_type(types.int64))

    return types.int64(types.float64), code


@intrinsic
def _float(typingctx: Any, x: Any) -> Any:
    def code(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.bitcast(args[0], context.get_value_type(types.float64))

    return types.float64(types.int64), code


@njit(inline="always")
def exp(x):  # type: ignore[no-untyped-def]
    """exp(x) for |x| up to 700, the value at 700 beyond; nan for nan."""
    if x < -700.0:
        x = -700.0
    if x > 700.0:
        x = 700.0
    t = x * _LOG2E + _HALF
    n = t - _HALF
    r = (x - n * _LN2) - n * _LN2_REST
    p = _E13
    p = p * r + _E12
    p = p * r + _E11
    p = p * r + _E10
    p = p * r + _E9
    p = p * r + _E8
    p = p * r + _E7
    p = p * r + _E6
    p = p * r + _E5
    p = p * r + _E4
    p = p * r + _E3
    p = p * r + _E2
    p = (p * r) * r + r
    scale: Any = _float((_bits(t) + 1023) << 52)  # type: ignore[call-arg]
    return scale + scale * p


@njit(inline="always")
def log(x):  # type: ignore[no-untyped-def]
    """log(x) for positive normal x; -inf below them, nan for nan and inf."""
    off = _bits(x) - _ROOT_HALF_BITS  # type: ignore[call-arg]
    k = off >> 52
    m = _float((off & _FRACTION) + _ROOT_HALF_BITS)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = _L21
    p = p * z + _L19
    p = p * z + _L17
    p = p * z + _L15
    p = p * z + _L13
    p = p * z + _L11
    p = p * z + _L9
    p = p * z + _L7
    p = p * z + _L5
    p = p * z + _L3
    p = p * z
    found = k * _LN2 + ((2.0 * s + s * p) + (k * _LN2_REST + x * 0.0))
    if x < _SMALLEST:
        found = -math.inf
    return found
