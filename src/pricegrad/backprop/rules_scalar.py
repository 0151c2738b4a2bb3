"""Derivatives of elementwise functions, one row each: what the adjoint {g} of the result becomes for each
argument.

{x} (or {x0}, {x1}) are the arguments, {z} is the result. Functions named bare (cos) come from the module
the user's own function comes from. The same rows serve numbers and arrays.
"""

from __future__ import annotations

SQRT_PI = "1.1283791670955126"  # 2 / sqrt(pi)

ELEMENTWISE: dict[str, tuple[str, ...]] = {
    "sin": ("{g} * cos({x})",),
    "cos": ("-{g} * sin({x})",),
    "tan": ("{g} * (1 + {z} ** 2)",),
    "exp": ("{g} * {z}",),
    "exp2": ("{g} * {z} * 0.6931471805599453",),
    "expm1": ("{g} * ({z} + 1)",),
    "log": ("{g} / {x}",),
    "log2": ("{g} / ({x} * 0.6931471805599453)",),
    "log10": ("{g} / ({x} * 2.302585092994046)",),
    "log1p": ("{g} / (1 + {x})",),
    "sqrt": ("{g} / (2 * {z})",),
    "cbrt": ("{g} / (3 * {z} ** 2)",),
    "asin": ("{g} / sqrt(1 - {x} ** 2)",),
    "acos": ("-{g} / sqrt(1 - {x} ** 2)",),
    "atan": ("{g} / (1 + {x} ** 2)",),
    "sinh": ("{g} * cosh({x})",),
    "cosh": ("{g} * sinh({x})",),
    "tanh": ("{g} * (1 - {z} ** 2)",),
    "asinh": ("{g} / sqrt({x} ** 2 + 1)",),
    "acosh": ("{g} / sqrt({x} ** 2 - 1)",),
    "atanh": ("{g} / (1 - {x} ** 2)",),
    "erf": (f"{{g}} * {SQRT_PI} * exp(-{{x}} ** 2)",),
    "erfc": (f"-{{g}} * {SQRT_PI} * exp(-{{x}} ** 2)",),
    "lgamma": ("{g} * digamma({x})",),
    "gamma": ("{g} * {z} * digamma({x})",),
    "digamma": ("{g} * polygamma(1, {x})",),
    "expit": ("{g} * {z} * (1 - {z})",),
    "degrees": ("{g} * 57.29577951308232",),
    "rad2deg": ("{g} * 57.29577951308232",),
    "radians": ("{g} * 0.017453292519943295",),
    "deg2rad": ("{g} * 0.017453292519943295",),
    "square": ("{g} * (2 * {x})",),
    "reciprocal": ("-{g} * {z} ** 2",),
    "negative": ("-{g}",),
    "positive": ("{g}",),
    "add": ("{g}", "{g}"),
    "subtract": ("{g}", "-{g}"),
    "multiply": ("{g} * {x1}", "{g} * {x0}"),
    "divide": ("{g} / {x1}", "-{g} * {z} / {x1}"),
    "hypot": ("{g} * {x0} / {z}", "{g} * {x1} / {z}"),
    "atan2": ("{g} * {x1} / ({x0} ** 2 + {x1} ** 2)", "-{g} * {x0} / ({x0} ** 2 + {x1} ** 2)"),
    "logaddexp": ("{g} * exp({x0} - {z})", "{g} * exp({x1} - {z})"),
    "ldexp": ("{g} * 2.0 ** {x1}", ""),
    "sinc": ("",),
}

# NumPy's and Python's other names for rows above.
ALIASES = {
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arccosh": "acosh",
    "arctanh": "atanh", "arctan2": "atan2", "fabs": "abs", "absolute": "abs", "amax": "max", "amin": "min",
}  # fmt: skip

# Flat or stepwise: the derivative is zero wherever it exists, so nothing flows back through them.
STEPS = {
    "floor", "ceil", "trunc", "rint", "fix", "round", "around", "sign", "int", "bool", "len", "isnan",
    "isinf", "isfinite", "isclose", "allclose", "argmax", "argmin", "argsort", "searchsorted", "any",
    "all", "shape", "ndim", "size", "nonzero", "logical_and", "logical_or", "logical_not", "greater",
    "less", "equal", "array_equal", "isinstance", "id", "str", "repr", "format", "print", "range",
    "type", "zeros_like", "ones_like", "full_like_shape", "zeros", "ones", "arange", "eye", "linspace",
    "floor_divide", "signbit", "count_nonzero", "callable", "hasattr", "greater_equal", "less_equal",
    "not_equal", "unique", "histogram", "digitize", "identity", "empty", "empty_like", "isqrt", "comb",
    "factorial", "gcd", "lcm", "perm", "ord", "hash", "flatnonzero", "tri", "bisect_left", "bisect_right",
}  # fmt: skip

WHOLE = {
    "floor", "ceil", "trunc", "int", "len", "isqrt", "comb", "factorial", "gcd", "lcm",
    "perm", "ord", "hash", "argmax", "argmin", "count_nonzero", "size", "ndim", "bisect_left", "bisect_right",
}  # fmt: skip
TRUTH = {
    "isnan", "isinf", "isfinite", "isclose", "allclose", "any", "all", "isinstance", "bool",
    "array_equal", "callable", "hasattr",
}  # fmt: skip
