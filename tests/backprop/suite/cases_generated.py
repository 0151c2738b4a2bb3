"""Generators, `try` of several lines, `with`, unlike things in tuples, queues, and arrangements of lists."""

import contextlib
import copy
import functools
import heapq
import itertools
import math
from collections import deque

import numpy as np

from .registry import case

W = {"wrt": "x"}


def powers(x, n):
    y = x
    for i in range(n):
        yield y
        y = y * x + i


def sum_of_a_generator(x, n):
    return sum(powers(x, n))


def loop_over_a_generator(x, n):
    s = 1.0
    for v in powers(x, n):
        s = s * v + x
    return s


def list_of_a_generator(x, n):
    t = list(powers(x, n))
    return t[-1] * t[0] if t else x


def generator_inside(x, n):
    def products():
        a, b = x, 1.0
        for _ in range(n):
            yield a * b
            a, b = b, a + b

    return sum(v * v for v in products())


def halvings(x):
    while x > 0.1:
        yield x
        x = x * 0.5


def generator_with_an_end_in_the_data(x):
    p = 1.0
    for i, v in enumerate(halvings(x)):
        if i > 3:
            break
        p *= v
    return p


def leaves(t, x):
    if isinstance(t, tuple):
        for c in t:
            yield from leaves(c, x)
    else:
        yield t * x


def generator_that_calls_itself(t, x):
    return sum(v * v for v in leaves(t, x))


def value_of(e, x):
    if isinstance(e, str):
        return x
    if not isinstance(e, tuple):
        return e
    op, a, b = e
    if op == "+":
        return value_of(a, x) + value_of(b, x)
    if op == "*":
        return value_of(a, x) * value_of(b, x)
    return value_of(a, x) / value_of(b, x)


def expression_tree(e, x):
    return value_of(e, x) * x


def loop_over_unlike_things(x):
    s = 0.0
    for a in (x, (x, 2.0), [x, x, 3.0]):
        if isinstance(a, (tuple, list)):
            s += a[0] * a[1] + s
        else:
            s += a * a
    return s


def several_lines_tried(x, y):
    try:
        a = y / (x * x)
        b = a * a + 1.0 / y
        c = b * 1.0
    except ZeroDivisionError:
        c = x + 2 * y
    return c * c + x


def else_and_finally(x, i):
    items = [1.0, 2.0]
    try:
        c = items[i] * x
    except IndexError:
        c = items[-1] + x
    else:
        c = c * c
    finally:
        x = x + 1.0
    return c * x


def inverse(v):
    if v == 0:
        raise ValueError("zero")
    return 1 / v


def two_errors_caught(x):
    try:
        y = inverse(x)
        return y * y if y > 0 else -y
    except ValueError:
        return x * 3
    except ZeroDivisionError:
        return x


def next_round_after_an_error(x, y):
    s = 0.0
    for k in range(3):
        try:
            s += x / (y * k)
        except ZeroDivisionError:
            continue
        s *= 2
    return s + x * y


def warnings_off(x):
    with np.errstate(all="ignore"):
        y = x * x
        if y > 0.1:
            return y * 3
    return y


def suppressed(x, items, i):
    with contextlib.suppress(IndexError):
        x = x * items[i]
    return x * x


STEPS = [math.sin, math.cos, math.exp]


def left_at_a_function(x, limit):
    s = 0.0
    for f in STEPS:
        s += f(x) * x
        if s > limit:
            break
    return s * x + f(s)


def returns_at_a_function(x, limit):
    for f in STEPS:
        if f(x) > limit:
            return f(x) * x
    return x


def passes_over_a_function(x, limit):
    s = 0.0
    for f in STEPS:
        if f(x) > limit:
            continue
        s += f(x) * s + x
    return s


def numbered_functions(x):
    s = 0.0
    for i, f in enumerate(STEPS):
        s += f(x) * (i + 1)
    for f, w in zip(STEPS, [1.0, 2.0, 3.0]):
        s += f(x) * w
    for w, f in zip([1.0, 2.0, x], STEPS):
        s *= f(x) * w
    return s + sum(f(x) for f in STEPS)


def columns_of_rows(m):
    s = 0.0
    for a, b in zip(*m):
        s += a * b
    t = [list(r) for r in zip(*m)]
    return s + t[0][1] * t[1][0] + t[1][1] ** 2


def queue_of_numbers(x, n):
    d = deque([x, 1.0])
    for _ in range(n):
        d.append(d[0] * d[1] + x)
        d.popleft()
    d.appendleft(x)
    return d[0] * d[1] + d.pop()


def arrangements(items):
    s = 0.0
    for a, b in itertools.product(items, repeat=2):
        s += a * b * b
    for a, b, c in itertools.product(items, items, [1.0, 2.0]):
        s += a * b * b + c
    for a, b, c in itertools.combinations(items, 3):
        s += a * b * b + c
    for a, b in itertools.permutations(items, 2):
        s += a * b * b
    return s


def cached_inside(x, n):
    @functools.lru_cache(None)
    def fib(k):
        return (x if k else 1.0) if k < 2 else fib(k - 1) * x + fib(k - 2)

    return fib(n)


def changed_on_a_condition(x, n):
    a = np.array([x, 1.0, 2.0])
    out = [x]
    for k in range(n):
        a.fill(a[0] * x) if k == 1 else None
        k > 0 and out.append(a[1] * x)
    return np.sum(a) * sum(out)


def end_of_a_list_elsewhere(x, n):
    def put(items, v):
        items.insert(0, v)

    t = [x]
    put(t, x * x)
    put(t, t[0] * n)
    return t[0] * t[-1] + t[1]


def lists_in_every_way(items, x):
    def shorter(a):
        if len(a) == 1:
            return a[0] * x
        del a[0]
        a.reverse()
        a.sort(reverse=True)
        a[0] = a[0] * x
        a.extend([a[0], x])
        a.pop(0)
        a.pop(1)
        return shorter(a)

    q = list(items)
    return shorter(q) * q[0]


for made in (sum_of_a_generator, loop_over_a_generator, list_of_a_generator, generator_inside,
             queue_of_numbers, cached_inside, changed_on_a_condition, end_of_a_list_elsewhere):  # fmt: skip
    case(made, (0.7, 4), (1.2, 3), **W)
case(generator_with_an_end_in_the_data, (0.7,), (1.9,))
case(generator_that_calls_itself, (((1.0, 2.0), (3.0, (4.0, 5.0))), 0.7), **W)
case(expression_tree, (("+", ("*", "x", "x"), ("/", 2.0, ("+", "x", 1.0))), 0.7), **W)
case(loop_over_unlike_things, (0.7,))
case(several_lines_tried, (0.7, 0.0), (0.0, 0.7), (-1.0, 2.0), smooth=False)
case(else_and_finally, (0.7, 5), (0.7, 1), **W)
case(two_errors_caught, (0.7,), (0.0,), (-0.7,), smooth=False)
case(next_round_after_an_error, (0.7, 0.0), (0.7, 1.0), smooth=False)
case(warnings_off, (0.7,), (0.1,))
case(suppressed, (0.7, [1.0, 2.0], 5), (0.7, [1.0, 2.0], 1), **W)
case(left_at_a_function, (0.7, 0.9), (0.7, 0.5), (0.1, 0.05), **W)
case(returns_at_a_function, (0.7, 0.9), (0.7, 0.5), (0.1, 0.05), **W)
case(passes_over_a_function, (0.7, 0.9), (0.7, 0.5), (0.1, 0.05), **W)
case(numbered_functions, (0.7,))
case(columns_of_rows, ([[1.0, 2.0], [3.0, 4.0]],))
case(arrangements, ([1.0, 2.0, 3.0],))
case(lists_in_every_way, ([1.0, 2.0, 3.0, 0.4], 0.7))


def longer_under_two_names(x):
    a = [x]
    b = a
    a += [x * x, 3.0]
    a.extend([x, 1.0])
    b += a
    b.append(2 * x)
    return sum(a) * a[-1] + b[0]


def repeated_tuples(x):
    t = (x,) * 3 + (x * x, 1.0) * 2
    a, b, *c = t
    return a * b + sum(c)


def slices_of_iterators(items):
    return (
        sum(v * v for v in itertools.islice(items, 3)) + sum(itertools.islice(items, 1, None, 2)) * items[0]
    )


def first_and_rest_of_an_array(a):
    first, *rest = a
    return first * sum(rest) + rest[-1]


case(longer_under_two_names, (0.7,))
case(repeated_tuples, (0.7,))
case(slices_of_iterators, ([1.0, 2.0, 3.0, 4.0, 5.0],))
case(first_and_rest_of_an_array, (np.array([1.0, 2.0, 3.0]),))


def shortest_path_by_a_heap(x):
    roads = {"a": {"b": x, "c": 4.0}, "b": {"c": x * x, "d": 3.0}, "c": {"d": x}, "d": {}}
    far, todo, done = {"a": 0.0}, [(0.0, "a")], []
    while todo:
        d, here = heapq.heappop(todo)
        if here in done:
            continue
        done.append(here)
        for there, length in roads[here].items():
            new = d + length
            if new < far.get(there, 1e9):
                far[there] = new
                heapq.heappush(todo, (new, there))
    return far["d"] * x


def least_first(x):
    h = [x, 2.0, 0.5]
    heapq.heapify(h)
    a = heapq.heappop(h)
    heapq.heappush(h, x * x * a)
    return heapq.heappop(h) * x + heapq.heappop(h) * 2


def removed_by_value(x):
    r = [x, 0.0, x * x]
    r.remove(0)
    r.remove(x)
    return sum(r) * len(r) * x


def deep_copies(x):
    o = copy.deepcopy([[x], [x * x]])
    p = copy.copy(o[0])
    p[0] = 3.0
    o[0][0] *= 2
    d = copy.deepcopy({"a": x})
    d["a"] *= 2
    return o[0][0] * o[1][0] * p[0] + d["a"] * copy.copy(x)


for made in (shortest_path_by_a_heap, least_first, removed_by_value):
    case(made, (1.3,), (0.9,))
case(deep_copies, (1.3,), (0.9,), smooth=False)  # long numbers do not survive a deep copy


def seen_once(x):
    s, t = set(), 0.0
    seen = set()
    for k in [1, 2, 1, 3]:
        if k in seen:
            continue
        seen.add(k)
        t += x**k * len(seen)
    return t + len(s)


def seen_by_a_walk(x):
    roads = {0: [1, 2], 1: [2, 3], 2: [3], 3: [0]}
    seen = set()
    out = []

    def go(u, v):
        if u in seen:
            return
        seen.add(u)
        out.append(v * x)
        for c in roads[u]:
            go(c, v * 0.5 + x)

    go(0, x)
    return sum(out) * len(seen)


def pairs_seen(x):
    seen = set()
    todo = [(0, x)]
    s = 0.0
    while todo:
        u, v = todo.pop()
        if (u, u + 1) in seen:
            continue
        seen.add((u, u + 1))
        s += v * u
        if u < 5:
            todo.append((u + 1, v * x))
            todo.append((u + 2, v + 1))
    return s


for made in (seen_once, seen_by_a_walk, pairs_seen):
    case(made, (1.3,), (0.9,))
