"""What is read before it changes, in one statement and across scopes; `match`, `try`, and dicts that grow."""

import math
from collections import defaultdict

import numpy as np

from .registry import case


def doubled(xs):
    xs[0] = xs[0] * 2
    return xs[0]


def read_then_changed(x):
    xs = [x]
    y = xs[0] * doubled(xs) + xs[0]
    return y * doubled(xs)


def added_to_what_changes(x):
    xs = [x]
    y = 3 * x
    y += doubled(xs) * xs[0]
    xs[0] += doubled(xs)
    return y * xs[0]


def length_before_it_grows(x):
    xs = [x]

    def grow():
        xs.append(xs[-1] * x)
        return xs[-1]

    return len(xs) * xs[-1] + grow() * xs[-1] + len(xs)


def compared_with_what_changes(x):
    xs = [x]
    if xs[0] < doubled(xs):
        return xs[0] * x
    return x


def pair_of_before_and_after(x):
    xs = [x]
    a, b = xs[0], doubled(xs)
    c = [xs[0], doubled(xs), xs[0]]
    return a * b * b + c[0] + c[1] ** 2 + c[2] ** 3 + math.pow(xs[0], doubled(xs))


def array_changed_by_an_operand(x):
    xs = np.array([x, 2.0])

    def triple():
        xs[0] *= 3
        return xs[0]

    return np.sum(xs) * 2 + xs[0] * triple() * np.sum(xs**2)


def stored_after_the_value(x):
    xs = [x, 0.0]
    xs[1] = doubled(xs)
    i = 0
    xs[i] = xs[0] + doubled(xs)
    return xs[0] * xs[1]


def popped_while_read(x):
    a = [x, x * x, 3 * x]
    s = 0.0
    while a:
        s = s * a[-1] + a.pop(0) * len(a)
        if len(a) > 1:
            s += a[0] * a.pop() - a.pop() * s
    return s


def walrus_after_its_variable(x):
    y = x
    return y * (y := y * x) + y * (y := y + x) * y


def nonlocal_total(x):
    total = x

    def add(v):
        nonlocal total
        total = total * v + v * x
        return total

    y = total + add(x) * total
    add(2.0)
    return y * total + add(total)


def nonlocal_in_a_loop(x):
    n = 0
    acc = 1.0

    def step(v):
        nonlocal n, acc
        n += 1
        if n % 2 == 0:
            acc *= v
        else:
            acc += v * n

    for k in range(5):
        step(x * k)
        if acc > 50:
            break
    return acc * n


def nonlocal_and_an_argument(x):
    t = x * x

    def f(v):
        nonlocal t
        t = t + v
        t = t * v
        return v * t

    return f(t) + t


def nonlocal_through_two_scopes(x):
    a = x

    def outer():
        b = 2.0

        def inner():
            nonlocal a, b
            a = a * b
            b = b + x
            return b

        inner()
        inner()
        return b

    r = outer()
    return r * a


def nonlocal_of_two_closures(x):
    def make(s):
        c = s

        def inc(d):
            nonlocal c
            c = c * d + 1
            return c

        return inc

    f = make(x)
    g = make(2 * x)
    return f(x) * f(2.0) + g(x) * f(1.0)


def nonlocal_bound_of_a_range(x):
    n = 3
    s = 0.0

    def grow():
        nonlocal n
        n += 1

    for _ in range(n):
        grow()
        s += x**n
    while n > 4:
        n -= 1
        s *= x
    return s * n


def nonlocal_from_none(x):
    best = None

    def see(v):
        nonlocal best
        if best is None or v > best:
            best = v

    for k in range(4):
        see(math.sin(k * x))
    return best * x


def matched_numbers(x):
    t = 0.0
    for k in range(4):
        match k:
            case 0:
                t += x
            case 1 | 2:
                t += x * x
            case _:
                t *= x
    return t


def matched_pairs(x, y):
    match (x, y):
        case (a, b) if a < b:
            return a
        case (a, b):
            return a * b * b


def matched_lists(x):
    v = [x, x * x, 3.0, x**3]
    match v:
        case []:
            return x
        case [a]:
            return a
        case [a, *r, b] if len(r) > 1:
            return a * b + r[0] * r[-1]
        case _:
            return 0.0 * x


def matched_words_in_a_loop(x):
    t = x
    for op in ["add", "square", "skip", "add"]:
        match op:
            case "add":
                t += x
            case "square":
                t *= t
            case "skip":
                if t > 100:
                    break
                continue
        t = t * 1.1
    return t


def tried_logarithm(x):
    try:
        y = math.log(x - 2)
    except ValueError:
        y = x * x
    return y * x


def tested_logarithm(x):
    y = math.log(x - 2) if x > 2 else x * x
    return y * x


def positive(v):
    if v < 0:
        raise ValueError("negative")
    return v * v


def tried_in_a_loop(x):
    t = 0.0
    for k in range(4):
        try:
            t += positive(x - k)
        except ValueError:
            t -= x
        else:
            t *= 2
    return t


def tried_keys_and_indices(x):
    d = {"a": x}
    xs = [x, x * x]
    t = 0.0
    for k in ["a", "b"]:
        try:
            t += d[k] * x
        except KeyError:
            t += 1.0
    for k in range(4):
        try:
            v = xs[k]
        except IndexError:
            break
        t += v
    return t


def dict_copied_and_read(x, y):
    p = {"a": x, "b": y}
    q = dict(p)
    q["c"] = p["a"] * p["b"]
    r = 0.0
    for k in sorted(q):
        r += q[k] ** 2
    return r * q.get("z", x) + sum(q.values()) + len(q)


def dict_that_counts(x):
    d = {}
    for i in range(5):
        d[i % 2] = d.get(i % 2, 0.0) + x**i
    c = defaultdict(float)
    for k in [1, 2, 1]:
        c[k] += x * k
    return d[0] * d[1] + sum(d.values()) + max(d.values()) * c[1] * c[2]


def dict_views(x):
    d = {"p": x, "q": x * x}
    t = 0.0
    for i, (_, v) in enumerate(d.items()):
        t += (i + 1) * v
    for v in d.values():
        t *= v
    return t + sum(k * v for k, v in zip([1.0, 2.0], d.values()))


for f in (
    read_then_changed,
    added_to_what_changes,
    length_before_it_grows,
    compared_with_what_changes,
    pair_of_before_and_after,
    array_changed_by_an_operand,
    stored_after_the_value,
    popped_while_read,
    walrus_after_its_variable,
    nonlocal_total,
    nonlocal_in_a_loop,
    nonlocal_and_an_argument,
    nonlocal_through_two_scopes,
    nonlocal_of_two_closures,
    nonlocal_bound_of_a_range,
    nonlocal_from_none,
    matched_numbers,
    matched_lists,
    matched_words_in_a_loop,
    tried_in_a_loop,
    tried_keys_and_indices,
    dict_that_counts,
    dict_views,
):
    case(f, (1.3,), (0.7,))
case(matched_pairs, (1.3, 0.4), (0.3, 0.4))
case(tried_logarithm, (3.3,), (1.0,), ref=tested_logarithm)
case(dict_copied_and_read, (1.3, 0.4))
