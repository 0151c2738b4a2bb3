"""Idioms that are short for a few simpler lines: keys of order, iterators, starred displays, operators."""

import functools
import itertools
import math
import operator

import numpy as np

from .registry import case

TEXT = "ab"
XS = [3.0, -1.5, 2.2, 0.4]


def sorted_by_key(v):
    s = sorted(v, key=lambda t: -t * t)
    return s[0] * 1 + s[1] * 2 + s[2] * 3 + s[3] * 4


def sorted_backwards(v):
    s = sorted(v, reverse=True)
    return s[0] * 1 + s[1] ** 2 + s[2] * 3 + s[3] * 4


def sorted_in_place(v):
    w = [t * t + t for t in v]
    w.sort(key=abs)
    u = v.copy()
    u.sort()
    return w[0] * 1 + w[1] * 2 + w[2] * 3 + w[3] * u[0] * u[1]


def extremes_by_key(v):
    a = max(v, key=abs)
    b = min(v, key=lambda t: (t - 1) ** 2)
    return a * a * b + max(v[0], v[1] * 2, key=lambda t: -t)


def extremes_of_displays(x, y):
    return max(*[x, y, x * y]) * 2 + min([x, y]) + max(x, y, 0.4)


def sum_of_lists(v):
    z = sum([[t, t * t] for t in v], [])
    return z[0] * z[1] * z[3] + sum(v, 10.0) * sum((t * t for t in v), v[0])


def starred_displays(x, y):
    xs = [x, *[y, x * y], 1.0]
    ys = (*xs, x)
    zs = [*xs, *xs[1:]]
    return xs[1] * xs[2] + xs[3] * x + ys[4] * ys[1] + zs[4] * zs[6]


def accumulates(v):
    running = list(itertools.accumulate(v))
    products = list(itertools.accumulate(v, operator.mul))
    return running[2] * running[3] + products[1] * products[3]


def operators_by_name(x, y):
    a = operator.mul(x, x) + operator.add(x, 1) + operator.truediv(y, x) + operator.neg(x)
    return a * operator.pow(x, 3) - operator.sub(x, y) + functools.reduce(operator.mul, [x, y, a])


def neighbours_and_pairs(v):
    near = sum((b - a) ** 2 for a, b in itertools.pairwise(v))
    every = sum(a * b for a, b in itertools.combinations(v, 2))
    return near * every + sum(a * b * b for a, b in itertools.product(v, v[:2]))


def tuples_kept_as_a_list(v):
    pairs = list(zip(v, v[1:]))
    marked = list(enumerate(v))
    backwards = list(reversed(v))
    table = dict(zip("abcd", v))
    return pairs[0][1] * pairs[2][0] + marked[2][1] ** 2 + backwards[0] * v[0] + table["b"] ** 3


def product_with_a_start(x, y):
    return math.prod([x, y, 3.0], start=x) * math.fsum(a * b for a, b in zip([x, y], [y, x]))


def reductions_by_ufunc(x):
    top = np.maximum.reduce(x) * np.add.reduce(x**2)
    return (
        top + np.sum(np.add.accumulate(x) * np.multiply.accumulate(x)) + np.sum(np.multiply.outer(x, x) ** 2)
    )


def _measured(v):
    a = v * 2
    s = f"{a:.2f} {TEXT} {[b for b in (1, 2)]}"
    return a * len(s)


def text_in_a_helper(x):
    a = x + 1
    return _measured(x) * a


def hidden_builtins(x):
    sum = x * 2
    len = 3
    list = [sum, x]
    range = [v * v for v in list]
    return sum * len * list[0] + range[1]


def one_list_in_two_loops(v):
    t = 0.0
    for a in v:
        for b in v:
            if a < b:
                t += a * b * b
    return t + sum(a * b for a in v for b in v)


def bound_in_a_comprehension(x):
    ys = [z * z for k in range(4) if (z := x * k) > 1.0]
    return sum(ys) + z


def queue_taken_from_the_front(x):
    q = [x, x * x, 2 * x]
    t = 0.0
    while q:
        v = q.pop(0)
        t = t * v + v
        if t < 1 and len(q) < 5:
            q.append(t + v)
    return t


def place_of_a_number(v):
    w = [t * t for t in v]
    return w[w.index(max(w))] * v[v.index(min(v))] + v.count(v[0]) * w[1]


def popped_by_a_call(v):
    xs = [t * t for t in v]
    at = [2, 0]
    xs.insert(at.pop(), v[0])
    y = xs.pop(len(xs) - 3)
    del xs[at.pop()]
    return xs[0] * xs[1] * 2 + y * xs[2]


case(sorted_by_key, (XS,), ([0.1, 2.0, -3.0, 1.0],))
case(sorted_backwards, (XS,))
case(sorted_in_place, (XS,))
case(extremes_by_key, (XS,), ([0.1, 2.0, -3.0, 1.0],))
case(extremes_of_displays, (0.3, 0.5), (2.0, 3.0))
case(sum_of_lists, (XS,))
case(starred_displays, (0.7, 0.2))
case(accumulates, (XS,))
case(operators_by_name, (0.7, 0.2))
case(neighbours_and_pairs, (XS,))
case(tuples_kept_as_a_list, (XS,))
case(product_with_a_start, (0.7, 0.2))
case(
    reductions_by_ufunc,
    (np.array(XS),),
    ref=lambda x: (
        np.max(x) * np.sum(x**2) + np.sum(np.cumsum(x) * np.cumprod(x)) + np.sum(np.outer(x, x) ** 2)
    ),
)
case(text_in_a_helper, (0.7,), smooth=False)
case(hidden_builtins, (0.7,))
case(one_list_in_two_loops, (XS,))
case(bound_in_a_comprehension, (0.7,))
case(queue_taken_from_the_front, (0.5,))
case(place_of_a_number, (XS,))
case(popped_by_a_call, (XS,))


def entry_by_its_value(x):
    d = {"a": x, "b": x * x}
    k = max(d, key=d.get)
    return d[k] * 3


def pairs_sorted_by_their_second(x):
    ps = [(x, 2.0), (x * x, 1.0), (0.5, x)]
    ps.sort(key=lambda p: p[1])
    i, v = max(enumerate([x, x * x, 0.2]), key=lambda p: p[1])
    return ps[0][0] * 3 + ps[1][0] * ps[1][1] + ps[2][0] + v * i


def calls_for_their_effect(x):
    log = []

    def note(v):
        log.append(v * v)

    note(x)
    for k in range(2):
        note(x * k)
    return sum(log) * len(log)


def slice_that_grows(x):
    a = [x] * 4
    a[1:3] = [x * x, 2.0]
    a[:0] = [5.0]
    return a[0] * a[1] + a[2] * a[4]


case(entry_by_its_value, (1.3,), (0.7,))
case(pairs_sorted_by_their_second, (1.3,))
case(calls_for_their_effect, (1.3,))
case(slice_that_grows, (1.3,), may_refuse="a slice is given a list of another length")
