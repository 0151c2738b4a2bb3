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


def picked_by_a_number(x, k):
    return CHAIN[k](x) * x


def picked_in_a_loop(x, order):
    y = x
    for k in order:
        f = CHAIN[k]
        y = f(y) * 0.5 + x
    return y


def picked_by_a_key(x, words):
    s = 0.0
    for w in words:
        s += TABLE[w](x) * s + x
    return s


def picked_out_of_a_display(x, k):
    y = [lambda v: v * x, sin, lambda v: v / x][k](x * x)
    return y + {"a": cos, "b": exp}["ab"[k % 2]](y)


def picked_of_a_local_list(x, n):
    steps = [square, lambda v: v + x, sin]
    y = x
    for i in range(n):
        y = steps[i % 3](y)
    return y


def picked_backwards(x, k):
    return CHAIN[-k](x) + CHAIN[k - 3](x * 2)


def picked_once_called_often(x, k):
    f = CHAIN[k]
    y = x
    for _ in range(3):
        y = f(y)
    return y


case(picked_by_a_number, (0.7, 0), (0.7, 1), (0.7, 2), (0.7, -1))
case(picked_in_a_loop, (0.7, [0, 2, 1, 1, 0]), (0.3, [2]))
case(picked_by_a_key, (0.7, ["sin", "cube", "sin", "square"]), (0.7, ["cube"]))
case(picked_out_of_a_display, (0.7, 0), (0.7, 1), (0.7, 2))
case(picked_of_a_local_list, (0.7, 7), (0.7, 0))
case(picked_backwards, (0.7, 1), (0.7, 2), (0.7, 3))
case(picked_once_called_often, (0.7, 0), (0.7, 1), (0.7, 2))


def replaced_on_a_branch(x):
    f = sin
    if x > 0.5:
        f = cos
        if x > 0.6:
            f = exp
        x = x * f(x)
    else:
        x = f(x)
    return f(x)


def one_name_in_turn(x):
    f = sin
    y = f(x)
    f = cos
    return y * f(x)


def one_of_three_on_branches(x):
    if x > 0.5:
        f = cos
    elif x > 0.1:
        f = exp
    else:
        f = sin

    def g(v):
        return f(v) * v

    return g(x) + f(x)


def one_of_two_in_each_round(x):
    s = 0.0
    for k in range(3):
        if k == 1:
            f = cos
        else:
            f = sin
        s += f(x * k)
    return s * f(x)


def choice_within_a_choice(x):
    f = sin if x > 0.5 else (cos if x > 0.1 else exp)
    g = f
    f = exp
    return g(f(x))


def inner_function_defined_twice(x):
    def f(v):
        return v * v

    if x > 0.5:

        def f(v):
            return v * x

    return f(3.0) * x


def got_out_of_a_dict(x):
    d = {"s": sin, "c": cos}
    return d.get("s", exp)(x) + d.get("z", exp)(x)


for made in (replaced_on_a_branch, one_name_in_turn, one_of_three_on_branches, one_of_two_in_each_round,
             choice_within_a_choice, inner_function_defined_twice, got_out_of_a_dict):  # fmt: skip
    case(made, (0.7,), (0.55,), (0.2,), (0.05,))
