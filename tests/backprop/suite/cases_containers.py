"""Lists, tuples, dicts, dataclasses, comprehensions and iterators."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from .registry import case


def append_and_read(x):
    xs = []
    for i in range(5):
        xs.append(x * i)
    return xs[2] * xs[-1] + xs[-2]


def append_in_recurrence(x):
    xs = [x]
    for i in range(6):
        xs.append(math.sin(xs[-1]) * x + xs[i])
    return xs[-1] * xs[3]


def append_and_pop(x):
    stack = [x, x * 2]
    stack.append(stack[0] * stack[1])
    top = stack.pop()
    stack.append(top * x)
    first = stack.pop(0)
    return first * top + stack[-1] * stack.pop()


def stack_machine(x, y):
    stack = []
    for token in ("x", "y", "*", "x", "+", "y", "*"):
        if token == "x":
            stack.append(x)
        elif token == "y":
            stack.append(y)
        else:
            b = stack.pop()
            a = stack.pop()
            stack.append(a * b if token == "*" else a + b)
    return stack.pop()


def insert_and_extend(x):
    xs = [x]
    xs.insert(0, x * x)
    xs.extend([x**3, 2.0])
    xs += [xs[0] * xs[1]]
    return xs[0] * xs[2] + xs[-1] * xs[3]


def list_slices(x):
    xs = [x, 2 * x, x * x, 4.0, x**3]
    a = xs[1:4]
    b = xs[::-1]
    c = xs[::2]
    return a[0] * b[0] + c[1] * a[-1] + sum(xs[:2])


def slice_assignment(x):
    xs = [x, 2.0, 3.0, x * x]
    xs[1:3] = [x * 5, x * x]
    return xs[1] * xs[2] + xs[0]


def list_repetition_and_concatenation(x):
    xs = [x] * 3
    xs[1] = xs[1] * x
    ys = xs + [x * 4]
    return xs[0] * ys[1] * ys[3] + ys[2]


def nested_lists(x, y):
    m = [[x, y], [y * x, 1.0]]
    m[0][1] = m[1][0] * 2
    m[1][1] += m[0][0] * m[0][1]
    return m[0][0] * m[1][1] - m[0][1] * m[1][0]


def rows_share_memory(x):
    row = [x, 1.0]
    m = [row, row]
    m[0][1] = m[1][0] * 3
    return m[1][1] * x


def list_in_place_sort_free(x, y):
    xs = sorted([x, y, x * y])
    return xs[0] + 2 * xs[1] + 3 * xs[2]


case(append_and_read, (1.3,))
case(append_in_recurrence, (0.8,))
case(append_and_pop, (1.3,))
case(stack_machine, (1.3, 0.4))
case(insert_and_extend, (1.3,))
case(list_slices, (1.3,))
case(slice_assignment, (1.3,))
case(list_repetition_and_concatenation, (1.3,))
case(nested_lists, (1.3, 0.4))
case(rows_share_memory, (1.3,), may_refuse="two names for one list inside a list")
case(list_in_place_sort_free, (1.3, 0.4), (-1.0, 2.0))


def list_parameter(xs):
    s = 0.0
    for v in xs:
        s = s * 0.5 + v * v
    return s


def list_parameter_by_index(xs):
    s = 1.0
    for i in range(len(xs)):
        s = s * xs[i] + xs[len(xs) - 1 - i]
    return s


def nested_list_parameter(m):
    return sum(row[0] * row[1] for row in m) * m[0][0]


def tuple_parameter(p):
    a, b = p
    return a * a * b + p[0]


def dict_parameter(d):
    return d["gas"] ** 2 * d["power"] + d["labor"]


def dict_parameter_partly_used(d):
    return d["gas"] * 2.0


def dict_of_lists(d):
    s = 0.0
    for w, v in zip(d["weights"], d["values"]):
        s += w * v
    return s * d["scale"]


def mixed_parameter(p):
    return p["x"] * p["n"] * len(p["label"]) + p["pair"][0] * p["pair"][1]


case(list_parameter, ([1.0, -2.0, 3.0],), ([0.5],))
case(list_parameter_by_index, ([1.1, -2.0, 0.7],))
case(nested_list_parameter, ([[1.0, 2.0], [3.0, -4.0], [0.5, 0.1]],))
case(tuple_parameter, ((1.3, 0.4),))
case(dict_parameter, ({"gas": 1.3, "power": 0.4, "labor": 2.0},))
case(dict_parameter_partly_used, ({"gas": 1.3, "power": 0.4},))
case(dict_of_lists, ({"weights": [1.0, 2.0], "values": [0.5, -3.0], "scale": 1.5},))
case(
    mixed_parameter,
    ({"x": 1.3, "n": 2, "label": "abc", "pair": (0.5, 4.0)},),
    loose=True,
    expected=([6.0, 3.9, 4.0, 0.5],),
    may_refuse="a dict that also holds strings and counts",
)


def mutates_callers_list(xs):
    xs[0] = xs[0] * xs[1]
    xs.append(3.0)
    return xs[0] * xs[0] + xs[2]


def mutates_callers_dict(d):
    d["a"] = d["a"] * 2
    d["new"] = d["a"] * d["b"]
    return d["new"] * d["a"]


def scale_in_place(xs, k):
    for i in range(len(xs)):
        xs[i] = xs[i] * k


def helper_mutates_list(x):
    xs = [x, 2 * x]
    scale_in_place(xs, x)
    return xs[0] * xs[1]


def push(stack, v):
    stack.append(v)
    return stack


def helper_appends(x):
    stack = [x]
    push(stack, x * x)
    push(stack, stack[-1] * x)
    return stack[1] + stack[2]


def mutable_default(x, seen=[]):
    return x * x + len(seen)


case(
    mutates_callers_list,
    ([1.3, 0.4],),
    may_refuse="an argument changed in place",
    expected=([1.3 * 2 * 0.4**2, 1.3**2 * 2 * 0.4],),
)
case(
    mutates_callers_dict,
    ({"a": 1.3, "b": 0.4},),
    may_refuse="an argument changed in place",
    expected=({"a": 8 * 1.3 * 0.4, "b": 4 * 1.3**2},),
)
case(helper_mutates_list, (1.3,), may_refuse="a helper that changes its argument")
case(helper_appends, (1.3,), may_refuse="a helper that changes its argument")
case(mutable_default, (1.3,), wrt="x")


@dataclass
class Firm:
    scale: float
    share: float = 0.3

    def make(self, v):
        return self.scale * v**self.share


class Point(NamedTuple):
    x: float
    y: float


FIRM = Firm(2.0, 0.4)


def dataclass_argument(firm, x):
    return firm.scale * x**firm.share


def dataclass_from_module(x):
    return FIRM.scale * x**FIRM.share


def dataclass_made_inside(x):
    firm = Firm(scale=x, share=0.5)
    return firm.scale * x**firm.share


def namedtuple_argument(p):
    return p.x**2 * p.y


def namedtuple_made_inside(x):
    p = Point(x, x * x)
    return p.x * p.y + p[0]


case(dataclass_argument, (Firm(1.5, 0.5), 1.3), wrt="x")
case(dataclass_from_module, (1.3,))
case(dataclass_made_inside, (1.3,), may_refuse="an object made inside")
case(namedtuple_argument, (Point(1.3, 0.4),), loose=True, may_refuse="a named tuple")
case(namedtuple_made_inside, (1.3,), may_refuse="an object made inside")


def comprehension(x):
    ys = [x**k / (k + 1) for k in range(5)]
    return sum(ys)


def comprehension_with_condition(x):
    return sum([x * i for i in range(6) if i % 2 == 1]) * x


def comprehension_nested(x, y):
    grid = [[x * i + y * j for j in range(3)] for i in range(2)]
    return sum(grid[0]) * grid[1][2]


def comprehension_two_fors(x):
    return sum(x**i * j for i in range(3) for j in range(i + 1))


def comprehension_hides_name(x):
    x2 = [x * x for x in (x, 2.0, 3.0)]
    return x2[0] * x


def generator_sum(xs):
    return sum(v * v for v in xs) + max(v for v in xs)


def dict_comprehension(x):
    d = {k: x**k for k in range(4)}
    return d[1] * d[3] + d[0]


def any_and_all(x):
    xs = [x, 2 * x]
    return x * 2 if all(v > 1 for v in xs) else (x**3 if any(v > 1 for v in xs) else x)


case(comprehension, (1.3,))
case(comprehension_with_condition, (1.3,))
case(comprehension_nested, (1.3, 0.4))
case(comprehension_two_fors, (1.3,))
case(comprehension_hides_name, (1.3,))
case(generator_sum, ([1.0, -2.0, 3.0],))
case(dict_comprehension, (1.3,))
case(any_and_all, (1.3,), (0.7,), (0.3,))


def zip_loop(xs, ys):
    s = 1.0
    for a, b in zip(xs, ys):
        s = s * a + b
    return s


def zip_three_uneven(xs, ys):
    s = 0.0
    for i, a, b in zip(range(10), xs, ys):
        s += i * a * b
    return s


def enumerate_loop(xs):
    s = 0.0
    for i, v in enumerate(xs, start=1):
        s = s * v + i * v
    return s


def reversed_loop(xs):
    s = 0.0
    for v in reversed(xs):
        s = s * 0.7 + v**2
    for i in reversed(range(3)):
        s = s + xs[i] * s
    return s


def enumerate_zip(xs, ys):
    s = 0.0
    for i, (a, b) in enumerate(zip(xs, ys)):
        s += a**i * b
    return s


def loop_over_pairs(x):
    s = x
    for a, (b, c) in [(1.0, (x, 2.0)), (x, (3.0, x * x))]:
        s = s * a + b * c
    return s


def zip_of_reversed(x):
    s = 0.0
    for a, b in zip([x, 2 * x, 3.0], reversed([1.0, x, x**2])):
        s = s * a + b
    return s


def index_read_from_the_list(x):
    order = [2, 0, 1]
    values = [x, x * x, 3.0]
    i = 0
    for _ in range(4):
        values[order[i]], i = values[i] * x, order[i]
    return values[0] + values[1] * values[2]


case(zip_of_reversed, (1.3,))
case(index_read_from_the_list, (1.3,))


def loop_writes_the_list(x):
    xs = [x, 2.0, 3.0]
    for i in range(len(xs)):
        xs[i] = xs[i] * xs[i - 1]
    return xs[0] + xs[1] * xs[2]


def bubble_pass(xs):
    ys = [v * v for v in xs]
    for i in range(len(ys) - 1):
        if ys[i] > ys[i + 1]:
            ys[i], ys[i + 1] = ys[i + 1], ys[i]
    return ys[0] + 2 * ys[1] + 3 * ys[2]


def swap_entries(x):
    xs = [x, x * x, 3.0]
    xs[0], xs[2] = xs[2], xs[0]
    xs[1], xs[2] = xs[2] * xs[0], xs[1]
    return xs[1] + xs[2] * x


def min_max_of_lists(xs):
    return max(xs) * min(xs) + max(xs[0], xs[1], 0.5) + sum(xs, 1.0)


def membership_and_len(x):
    keys = ("a", "b")
    y = x * len(keys)
    if "a" in keys and "z" not in keys:
        y = y * x
    return y


def list_multiplication_table(x):
    table = [[0.0] * 3 for _ in range(3)]
    for i in range(3):
        for j in range(3):
            table[i][j] = x * i + j + (table[i - 1][j] if i else 0.0) * x
    return table[2][2] * table[1][0]


def edit_distance_like(x):
    d = [[0.0 for _ in range(4)] for _ in range(4)]
    for i in range(4):
        d[i][0] = i * x
        d[0][i] = i * x * x
    for i in range(1, 4):
        for j in range(1, 4):
            d[i][j] = min(d[i - 1][j] + x, d[i][j - 1] + 0.5, d[i - 1][j - 1] + x * x)
    return d[3][3]


case(zip_loop, ([1.0, 2.0], [0.5, -1.0]))
case(zip_three_uneven, ([1.0, 2.0, 3.0], [0.5, -1.0]))
case(enumerate_loop, ([1.0, 2.0, 0.3],))
case(reversed_loop, ([1.0, 2.0, 0.3],))
case(enumerate_zip, ([1.0, 2.0, 0.3], [0.5, -1.0, 2.0]))
case(loop_over_pairs, (1.3,))
case(loop_writes_the_list, (1.3,))
case(bubble_pass, ([3.0, 1.0, 2.0],), ([1.0, 2.0, 3.0],))
case(swap_entries, (1.3,))
case(min_max_of_lists, ([1.0, 2.0, 0.3],))
case(membership_and_len, (1.3,))
case(list_multiplication_table, (1.3,))
case(edit_distance_like, (0.7,), (1.3,))
