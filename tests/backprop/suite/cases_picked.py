"""Functions kept in lists and dicts, and names that become another thing on the way."""

from math import cos, exp, log, sin, sqrt

from .registry import case


def square(v):
    return v * v


def cube(v):
    return v * v * v


TABLE = {"square": square, "cube": cube, "sin": sin}
CHAIN = [sin, square, exp]
WEIGHED = [(0.5, sin), (2.0, cube)]
BY_NAME = {"a": (1.5, square), "b": (2.5, cos)}


def called_out_of_a_table(x):
    return TABLE["square"](x) + TABLE["cube"](x) * TABLE["sin"](x)


def through_a_chain(x):
    for f in CHAIN:
        x = f(x)
    return x


def sum_of_weighed(x):
    s = 0.0
    for w, f in WEIGHED:
        s += w * f(x)
    return s


def sum_of_items(x):
    s = 0.0
    for name, (w, f) in BY_NAME.items():
        s += w * f(x) if name == "a" else f(w * x)
    return s


def sum_of_values(x):
    s = 0.0
    for f in TABLE.values():
        s += f(x) * x
    return s


def number_then_list(x):
    t = x * 2
    s = t * t
    t = [x, s]
    y = 0.0
    for u in t:
        y += u * s
    return y


def list_then_number(x):
    t = [x, x * x, 3.0]
    t = sum(t) * x
    return t * t


def number_then_tuple_then_number(x):
    t = sqrt(x)
    t = (t, t * x)
    t = t[0] * t[1] + log(x)
    return t * x


def list_then_another_length_of_pairs(x, y):
    t = [x, y]
    a = t[0] * t[1]
    t = [(x, a), (y, a * a)]
    s = 0.0
    for p, q in t:
        s += p * q
    return s


case(called_out_of_a_table, (0.7,), (1.9,))
case(through_a_chain, (0.7,), (1.9,))
case(sum_of_weighed, (0.7,), (1.9,))
case(sum_of_items, (0.7,), (1.9,))
case(sum_of_values, (0.7,), (1.9,))
case(number_then_list, (0.7,), (1.9,))
case(list_then_number, (0.7,), (1.9,))
case(number_then_tuple_then_number, (0.7,), (1.9,))
case(list_then_another_length_of_pairs, (0.7, 1.2), (1.9, -0.4))
