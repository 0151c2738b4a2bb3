"""Assignments, overwriting, names, and the values that variables hold."""

import math
from math import exp, log

import numpy as np

from .registry import case

RATE = 0.07
TABLE = [1.0, 2.0, 4.0]
SETTINGS = {"gain": 1.5, "offset": -0.25}


def overwritten_after_use(x):
    y = x * x
    x = math.sin(y)
    y = y * x
    return y + x


def reassigned_argument(x, y):
    x = x * y
    y = x + y
    x = x * y
    return x


def overwritten_by_constant(x):
    y = x * x
    z = y * 3
    y = 2.0
    return z + y


def overwritten_many_times(x):
    a = x
    a = a * a
    a = a + x
    a = a * a
    a = exp(-a)
    return a


case(overwritten_after_use, (1.3,))
case(reassigned_argument, (1.3, 0.4))
case(overwritten_by_constant, (1.3,))
case(overwritten_many_times, (0.3,))


def swap_via_tuple(x, y):
    x, y = y, x
    return x**2 * y


def rotate_three(a, b, c):
    a, b, c = b, c, a
    a, b, c = c * a, a, b
    return a + 2 * b + 3 * c * a


def nested_unpacking(x, y):
    (a, (b, c)), d = (x, (y, x * y)), y
    [e, f] = [a + d, b * c]
    return a * b + c * d + e * f


def starred_unpacking(x, y):
    first, *rest = (x, y, x * y, 2.0)
    *head, last = rest
    return first * last + head[0] * head[1]


def chained_assignment(x):
    a = b = x * x
    a = a + 1
    return a * b


def augmented_everything(x):
    y = x
    y += 2
    y *= x
    y -= x / 3
    y /= 1 + x
    y **= 2
    y -= y * 0.1
    return y


def augmented_with_itself(x):
    x *= x
    x += x
    x -= x / x
    return x * x


def multiply_by_self_expression(x):
    y = x
    y = y * y * y + y
    y = y / (y + 1)
    return y


case(swap_via_tuple, (1.3, 0.4))
case(rotate_three, (1.3, 0.4, 0.9))
case(nested_unpacking, (1.3, 0.4))
case(starred_unpacking, (1.3, 0.4))
case(chained_assignment, (1.3,))
case(augmented_everything, (1.3,))
case(augmented_with_itself, (1.3,))
case(multiply_by_self_expression, (1.3,))


def dead_code(x):
    unused = x**3
    also = math.sin(unused)
    y = x * 2
    also = 1.0
    return y


def dead_but_failing_slope(x):
    unused = math.sqrt(x)
    return 3 * x


def constant_function(x):
    return 4.0


def integer_constant_function(x):
    return 4


def constant_by_cancelling(x):
    return x - x


def unused_parameter(x, y):
    return x * x


def returns_parameter(x):
    return x


def returns_other_parameter(x, y):
    y = y * 2
    return x


case(dead_code, (1.3,))
case(dead_but_failing_slope, (0.0,), (2.0,), expected=(3.0, 3.0))
case(constant_function, (1.3,))
case(integer_constant_function, (1.3,))
case(constant_by_cancelling, (1.3,))
case(unused_parameter, (1.3, 0.4))
case(returns_parameter, (1.3,))
case(returns_other_parameter, (1.3, 0.4))


def same_variable_twice(x):
    return x * x + math.atan2(x, x) + x**x


def read_many_times(x):
    y = x * x
    a = y + 1
    b = y * a
    c = y * b + a
    return y + a * b * c


def name_collisions(x, df_dx, tape):
    df_dy = x * df_dx
    y = df_dy + tape
    df = y * x
    ys = df * y
    t1 = ys + tape
    _df_dx = t1 * x
    return _df_dx


def named_after_modules(x):
    np = x * 2
    numpy = np * x
    exp = numpy + 1
    return np * numpy * exp


def math_is_a_local(math):
    y = math * math
    return y * math


def shadowed_builtins(x):
    sum = x * 2
    max = sum + x
    list = max * sum
    range = list + 1
    float = range * x
    return float


def len_and_reversed_are_locals(x):
    len = x
    for reversed in (1.0, 2.0):
        len = len * x + reversed
    return len


def generated_looking_names(x, df, f_grad):
    d = x * df
    dx = d * f_grad
    adj_x = dx + x
    x_bar = adj_x * dx
    xs = x_bar + d
    stack = [xs, x]
    return stack[0] * stack[1]


def one_letter_name_is_f(f):
    df_df = f * f
    return df_df * f


def df_dc_as_counter(x):
    y = x
    for df_dy in range(3):
        y = y * x + df_dy
    return y


case(same_variable_twice, (1.3,))
case(read_many_times, (1.3,))
case(name_collisions, (1.3, 0.4, 0.7))
case(named_after_modules, (1.3,))
case(math_is_a_local, (1.3,))
case(shadowed_builtins, (1.3,))
case(len_and_reversed_are_locals, (1.3,))
case(generated_looking_names, (1.3, 0.4, 0.7))
case(one_letter_name_is_f, (1.3,))
case(df_dc_as_counter, (1.3,))


def module_constants(x):
    return x * RATE + TABLE[1] * x**2 + SETTINGS["gain"] * math.pi * x


def imported_names(x):
    return exp(x) * log(x + 2)


def local_import(x):
    import math as m
    from math import tanh as squash

    return m.sin(x) * squash(x)


def tuple_value(x):
    pair = (x, x * x)
    pair = (pair[1], pair[0] + 1)
    return pair[0] * pair[1]


def list_overwritten_entry(x):
    a = [x, 2 * x, 3.0]
    a[0] = a[1] * a[2]
    a[1] = a[0] * x
    return a[0] + a[1]


def list_augmented_entry(x):
    a = [x, x]
    for i in range(4):
        a[i % 2] += a[(i + 1) % 2] * x
        a[i % 2] *= 1.1
    return a[0] * a[1]


def alias_of_a_list(x):
    a = [x, x * x]
    b = a
    b[0] = b[0] * 3
    return a[0] * b[1]


def alias_of_a_scalar(x):
    a = x
    b = a
    a = a * 2
    return a * b


case(module_constants, (1.3,))
case(imported_names, (1.3,))
case(local_import, (1.3,), ref=lambda x: math.sin(x) * math.tanh(x))
case(tuple_value, (1.3,))
case(list_overwritten_entry, (1.3,))
case(list_augmented_entry, (0.6,))
case(alias_of_a_list, (1.3,))
case(alias_of_a_scalar, (1.3,))


def walrus(x):
    if (y := x * x) > 1:
        return y * x
    return (z := y + 1) * z


def walrus_inside_expression(x):
    return (a := x * 2) * a + (a := a * x) * a


def string_and_print(x):
    """Docstrings, strings, prints and assertions have no derivative."""
    label = f"x is {x:.3f}"
    assert x > 0, "positive only"
    print(label, end="")
    y = x * x
    print("", end="")
    return y if label else x


def annotated(x: float) -> float:
    y: float = x * x
    z: float
    z = y + 1
    return z * y


def global_read_not_shadowed(x):
    y = RATE
    y = y * x
    return y + RATE * x


def deleted_variable(x):
    y = x * x
    z = y * 2
    del y
    return z


def none_then_value(x):
    best = None
    for v in (x, 2 * x, x * x):
        if best is None or v > best:
            best = v
    return best


def flags(x):
    found = False
    y = x
    while not found:
        y = y * 1.5
        found = y > 3
    return y * (1 + found)


def semicolons(x):  # fmt: skip
    a = x * x
    b = a * x
    a = b  # noqa: E702
    return a * b


def type_changes(x):
    y = 2
    y = y * x
    y = [y, 1.0]
    y = y[0] + y[1]
    return y * 3


def int_then_float(x):
    total = 0
    for i in range(4):
        total += x * i
        total *= 2
    return total


def try_finally_free(x):
    y = x
    if not isinstance(y, str):
        y = y * x
    return y


case(walrus, (1.3,), (0.3,))
case(walrus_inside_expression, (1.3,))
case(string_and_print, (1.3,))
case(annotated, (1.3,))
case(global_read_not_shadowed, (1.3,))
case(deleted_variable, (1.3,))
case(none_then_value, (1.3,), (3.0,), (-1.0,))
case(flags, (1.3,), (0.2,))
case(semicolons, (1.3,))
case(type_changes, (1.3,))
case(int_then_float, (1.3,))
case(try_finally_free, (1.3,))


def dict_value(x):
    d = {"a": x, "b": x * x}
    d["a"] = d["a"] * d["b"]
    d["c"] = d["a"] + 1
    return d["c"] * d["b"]


def dict_literal_and_items(x, y):
    d = {"p": x, "q": y}
    s = 0.0
    for key, value in d.items():
        s += value * value if key == "p" else value * x
    return s + sum(d.values())


def scientific_units(x):
    return 1e3 * x + 1_000 * x**2 + 0x10 * x + 1e-3


def deep_expression(x):
    return ((((x + 1) * x + 2) * x + 3) * x + 4) / ((((x - 1) * x - 2) * x - 3) * x - 4)


def speelpenning_inline(a, b, c, d, e, g, h, i):
    return a * b * c * d * e * g * h * i


def product_with_zero(a, b, c):
    return a * b * c


def numpy_scalar_functions(x):
    return np.sin(x) * np.exp(-x) + np.sqrt(np.log(x + 2)) * np.arctan(x)


case(dict_value, (1.3,))
case(dict_literal_and_items, (1.3, 0.4))
case(scientific_units, (1.3,))
case(deep_expression, (1.3,))
case(speelpenning_inline, (1.3, 0.4, 2.0, -1.0, 0.7, 3.0, 0.9, 1.1))
case(product_with_zero, (0.0, 2.0, 3.0), (0.0, 0.0, 3.0))
case(numpy_scalar_functions, (1.3,))
