"""Functions that call themselves and change what is not theirs alone: lists, tables, numbers around them."""

from dataclasses import dataclass

import numpy as np

from .registry import case

W = {"wrt": "x"}


def visited_in_order(x, n):
    out = []

    def go(k, v):
        if k == 0:
            return
        out.append(v)
        go(k - 1, v * x)

    go(n, x)
    return sum(out)


def leaves_of_a_tree(x, n):
    out = []

    def go(k, v):
        if k == 0:
            out.append(v * v)
        else:
            go(k - 1, v * x)
            go(k - 1, v + x)

    go(n, 1.0)
    s = 0.0
    for v in out:
        s += v * x
    return s


def total_around(x, n):
    total = 0.0

    def go(k, v):
        nonlocal total
        if k == 0:
            total += v * v
        else:
            go(k - 1, v * x)
            go(k - 1, v + x)

    go(n, 1.0)
    return total * x


def table_around(x, n):
    memo = {}

    def fib(k):
        if k < 2:
            return x if k else 1.0
        if k not in memo:
            memo[k] = fib(k - 1) * x + fib(k - 2)
        return memo[k]

    return fib(n)


def table_handed_on(x, n):
    def fib(k, memo):
        if k in memo:
            return memo[k]
        r = fib(k - 1, memo) * x + fib(k - 2, memo)
        memo[k] = r
        return r

    return fib(n, {0: 1.0, 1: x})


def table_of_pairs(x, n):
    memo = {}

    def paths(i, j):
        if i == 0 or j == 0:
            return 1.0
        if (i, j) in memo:
            return memo[i, j]
        memo[i, j] = paths(i - 1, j) * x + paths(i, j - 1)
        return memo[i, j]

    return paths(n, n)


def list_as_table(x, n):
    memo = [-1.0] * (n + 1)

    def go(k):
        if k < 2:
            return x
        if memo[k] < 0:
            memo[k] = go(k - 1) * x + go(k - 2)
        return memo[k]

    return go(n)


def back_and_forth(x, n):
    path = []
    total = [0.0]

    def go(k):
        if k == n:
            p = 1.0
            for v in path:
                p *= v
            total[0] += p
            return
        for c in (x, 1.0, x * x):
            path.append(c + k)
            go(k + 1)
            path.pop()

    go(0)
    return total[0]


def subsets(items, i, chosen, out):
    if i == len(items):
        s = 0.0
        for v in chosen:
            s += v
        out.append(s * s)
        return
    subsets(items, i + 1, chosen, out)
    chosen.append(items[i])
    subsets(items, i + 1, chosen, out)
    chosen.pop()


def all_subsets(items):
    out = []
    subsets(items, 0, [], out)
    t = 0.0
    for i, v in enumerate(out):
        t += v * (i + 1)
    return t


def quicksort(a, low, high):
    if low < high:
        pivot = a[high]
        i = low
        for j in range(low, high):
            if a[j] < pivot:
                a[i], a[j] = a[j], a[i]
                i += 1
        a[i], a[high] = a[high], a[i]
        quicksort(a, low, i - 1)
        quicksort(a, i + 1, high)


def quicksorted(items):
    a = items[:]
    quicksort(a, 0, len(a) - 1)
    return sum((i + 1) * v * v for i, v in enumerate(a))


def own_argument_sorted(items):
    quicksort(items, 0, len(items) - 1)
    return sum((i + 1) * v * v for i, v in enumerate(items))


def array_sorted(items):
    a = items.copy()
    quicksort(a, 0, len(a) - 1)
    return np.sum(a * np.arange(4) * a)


def hanoi(n, a, b, c):
    if n == 0:
        return 0.0
    r = hanoi(n - 1, a, c, b)
    v = a.pop()
    c.append(v * 1.1)
    return r + v + hanoi(n - 1, b, a, c)


def three_pegs(x, n):
    a = [x * (i + 1) for i in range(n)]
    b = []
    c = []
    r = hanoi(n, a, b, c)
    return r * sum(c)


@dataclass
class Node:
    value: float
    left: "Node | None" = None
    right: "Node | None" = None


def tree_in_order(tree, x):
    out = []

    def go(t):
        if t is None:
            return
        go(t.left)
        out.append(t.value * x)
        go(t.right)

    go(tree)
    s = 0.0
    for v in out:
        s = s * x + v
    return s


def by_a_helper(x, n):
    out = []

    def add(v):
        out.append(v)

    def go(k, v):
        if k == 0:
            add(v)
            return
        go(k - 1, v * x)
        go(k - 1, v + x)

    go(n, 1.0)
    return sum(v * v for v in out)


def counted_calls(x, n):
    c = 0
    values = [x, x * x, 2.0, x + 1]

    def go(k):
        nonlocal c
        if k == 0:
            return 1.0
        v = values[c % 4]
        c += 1
        return v * go(k - 1) + go(k - 1)

    return go(n) + c


def list_around_bound_anew(x, n):
    out = []

    def go(k, v):
        nonlocal out
        if k == 0:
            return
        out = out + [v]
        go(k - 1, v * x)

    go(n, x)
    return sum(out)


def value_and_change(x, n):
    out = [x]

    def go(k, v):
        out.append(v)
        if k == 0:
            return v
        return v * go(k - 1, v * x) + out[-1]

    r = go(n, x)
    return r * sum(out)


def read_before_and_after(x, n):
    out = [x]

    def go(k):
        if k == 0:
            return x
        out.append(out[-1] * x)
        return out[-1] + go(k - 1) * out[-1]

    return out[-1] + go(n) * out[-1] + go(1)


def number_of_two(x, n):
    t = 0.0

    def a(k, v):
        nonlocal t
        t += v
        return b(k - 1, v * x) if k > 0 else v

    def b(k, v):
        return a(k - 1, v + x) * 2 if k > 0 else -v

    return b(n, x) * t


def list_of_two(x, n):
    t = [0.0]

    def a(k, v):
        t[0] += v
        return b(k - 1, v * x) if k > 0 else v

    def b(k, v):
        return a(k - 1, v + x) * t[0] if k > 0 else -v

    return b(n, x) * t[0]


def field_walked(a):
    b = a.copy()

    def go(i, j):
        if i < 0 or j < 0:
            return
        b[i, j] = b[i, j] * b[0, 0] + a[1, 1]
        go(i - 1, j)
        go(i, j - 1)

    go(1, 1)
    return np.sum(b * b)


def called_on_a_branch(x, n):
    out = [x]

    def go(k):
        if k > 0:
            out.append(out[-1] * x)
            go(k - 1)

    if x > 0.5:
        go(n)
    else:
        out.append(2.0)
    while len(out) < 6:
        go(1)
    return sum(out)


def sums_in_a_dict(x, n):
    state = {"sum": 0.0, "n": 0}

    def go(k, v):
        state["sum"] += v
        state["n"] += 1
        if k == 0:
            return
        go(k - 1, v * x)

    go(n, x)
    return state["sum"] / state["n"]


def called_in_a_comprehension(x, n):
    out = []

    def go(k):
        if k == 0:
            return x
        out.append(x * k)
        return go(k - 1) * x

    t = [go(k) for k in range(n)]
    return sum(t) * sum(out)


def grown_result(x, n):
    def build(k):
        if k == 0:
            return [x]
        r = build(k - 1)
        r.append(r[-1] * x)
        r[0] = r[0] * r[-1]
        return r

    return sum(build(n))


def rest_is_asked_only_then(x, n):
    def go(k, v):
        return k == 0 or (v < 5 and go(k - 1, v * 2))

    return x * x if go(n, x) else x


for made in (visited_in_order, leaves_of_a_tree, total_around, table_around, table_handed_on, table_of_pairs,
             list_as_table, back_and_forth, three_pegs, by_a_helper, counted_calls, list_around_bound_anew,
             value_and_change, read_before_and_after, number_of_two, list_of_two, called_on_a_branch,
             sums_in_a_dict, called_in_a_comprehension, grown_result, rest_is_asked_only_then):  # fmt: skip
    case(made, (0.7, 3), (1.3, 2), **W)
case(all_subsets, ([1.0, 2.0, 0.5],))
case(quicksorted, ([3.0, 1.0, 2.0, 0.5],))
case(own_argument_sorted, ([3.0, 1.0, 2.0, 0.5],))
case(array_sorted, (np.array([3.0, 1.0, 2.0, 0.5]),))
case(field_walked, (np.array([[1.0, 2.0], [3.0, 0.5]]),))
case(tree_in_order, (Node(1.0, Node(2.0), Node(3.0, Node(4.0))), 0.7), wrt="x")
