"""Dicts whose keys are known only while running; rows that change places; functions that make functions."""

from math import sin

from .registry import case


def numbers_as_keys(x):
    d = {i: x**i for i in range(4)}
    t = 0.0
    for k, v in d.items():
        t += k * v
    for k in d:
        t += d[k] * (k + 1)
    return t


def numbers_as_keys_of_a_parameter(d):
    return sum(k * v for k, v in d.items())


def pairs_as_keys(x):
    d = {(i, j): x * (i + j) for i in range(2) for j in range(2)}
    t = 0.0
    for i, j in d:
        t += d[i, j] * i
    return t + sum(v * j for (_, j), v in d.items())


def computed_keys(x):
    n = "k" + str(3)
    d = {n: x, "b": x * x}
    e = {**d, "b": 3.0 * x}
    return sum(e.values()) * d[n]


def update_one_by_one(x):
    d = {"a": x, "b": 2.0}
    d.update(b=x * x)
    d.update({"a": d["b"] * 2, "b": d["a"]}, c=3 * x)
    return d.get("b") * d.get("z", x) + d["a"] * d["c"]


def dict_from_keywords(x, y):
    d = dict(a=x, b=y)
    e = dict(d, a=x * y)

    def f(a, b):
        return a * b

    return f(**d) + e["a"] * e["b"]


def swap_in_a_dict(x):
    d = {0: x, 1: 2 * x, 2: x * x}
    for i in range(2):
        d[i], d[i + 1] = d[i + 1] * x, d[i]
    return d[0] * d[2] - d[1]


def sorted_items(x):
    d = {"b": x, "a": x * x}
    t = 0.0
    for i, (_, v) in enumerate(sorted(d.items())):
        t += i * v
    return t + len(d)


def values_over_a_graph(x):
    g = {"s": [("a", 1.0), ("b", 2.0)], "a": [("t", 3.0)], "b": [("t", 1.0)], "t": []}
    value = {}
    for n in ["t", "b", "a", "s"]:
        value[n] = x if n == "t" else sum(w * value[m] * x for m, w in g[n])
    return value["s"]


def relaxed_edges(x):
    edges = [(0, 1, x), (1, 2, x * x), (0, 2, 3.0)]
    far = {0: 0.0, 1: 1e9, 2: 1e9}
    for _ in range(2):
        for u, v, w in edges:
            if far[u] + w < far[v]:
                far[v] = far[u] + w
    return far[2]


def sums_of_what_was_made_before(x):
    made = []
    for n in range(4):
        if n == 0:
            made.append(x)
        else:
            made.append(sum(made[m] * x for m in range(n)))
    return made[3]


def elimination_with_pivots(m, b):
    a, x, n = [r[:] for r in m], b[:], len(b)
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(a[i][k]))
        if p != k:
            a[k], a[p] = a[p], a[k]
            x[k], x[p] = x[p], x[k]
        for i in range(k + 1, n):
            f = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= f * a[k][j]
            x[i] -= f * x[k]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            x[i] -= a[i][j] * x[j]
        x[i] /= a[i][i]
    return x[0] + 2 * x[1] * x[2]


def swapped_row_with_another_name(x):
    m = [[x, 1.0], [2.0, x * x]]
    r = m[0]
    m[0], m[1] = m[1], m[0]
    r[0] = 5 * x
    return m[0][0] * m[1][0] + m[0][1]


def swapped_row_put_in_before(x):
    m = [[x, 1.0], [2.0, x * x]]
    r = [3 * x, x]
    m.append(r)
    m[0], m[2] = m[2], m[0]
    r[0] = 5 * x
    return m[0][0] * m[1][0] + m[0][1]


def twice_twice(x):
    def twice(f):
        return lambda v: f(f(v))

    return twice(twice(lambda v: v * sin(v) * 0.7 + x))(x)


def a_float_as_key(x):
    d = {x * 2: x}
    return sum(k * v for k, v in d.items())


case(numbers_as_keys, (1.3,))
case(numbers_as_keys_of_a_parameter, ({1: 2.0, 3: 4.0},))
case(pairs_as_keys, (1.3,))
case(computed_keys, (1.3,))
case(update_one_by_one, (1.3,))
case(dict_from_keywords, (1.3, 0.4))
case(swap_in_a_dict, (1.3,))
case(sorted_items, (1.3,))
case(values_over_a_graph, (1.3,))
case(relaxed_edges, (1.3,), (2.0,))
case(sums_of_what_was_made_before, (1.3,))
case(elimination_with_pivots, ([[4.0, 2.0, 1.0], [8.0, 4.0, 0.5], [1.0, 2.0, 6.0]], [1.0, 2.0, 3.0]))
case(swapped_row_with_another_name, (1.3,), may_refuse="a row that is swapped has another name")
case(swapped_row_put_in_before, (1.3,), may_refuse="a row that is swapped has another name")
case(twice_twice, (0.7,))
case(a_float_as_key, (1.3,), may_refuse="nothing flows to a number that is a key")
