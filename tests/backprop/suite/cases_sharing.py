"""One object under several names: rows of arrays changed in place, arguments changed by what is called."""

import numpy as np

from .registry import case

M = np.array([[2.0, 0.5, 0.1], [0.3, 1.5, 0.2], [0.1, 0.4, 3.0]])
V = np.array([1.0, 2.0, 3.0])
W = np.arange(9.0).reshape(3, 3)
SHOWS = "a change through another name"


def rows_divided(a):
    b = a.copy()
    for r in b:
        r /= r.sum()
    return np.sum(b**2 * W)


def rows_counted_and_changed(a):
    b = a.copy()
    for i, r in enumerate(b):
        r *= r[0]
        r += i
    return np.sum(b**2 * W)


def rows_changed_twice(a):
    b = a.copy()
    for r in b:
        r[0] = r[1] * r[2]
    for r in b:
        r -= r[0]
    return np.sum(b**2 * W)


def rows_beside_each_other(a):
    y = a * 1.0
    z = a * 2.0
    for p, q in zip(y, z):
        p += q * p[0]
    return np.sum(y**2 * W)


def rows_of_a_list(a):
    rows = [a[0] * 1.0, a[1] * 1.0]
    for r in rows:
        r /= r.sum()
    return rows[0] @ rows[1] + rows[0][1] ** 2


def lists_of_a_list(a):
    b = [r.copy() for r in a]
    for r in b:
        r[0] += r[1]
    for r in b:
        r.append(r[0] * 2)
    return b[0][0] * b[0][2] + b[1][0] ** 2 * b[1][2]


def rows_unpacked(a):
    y = a * 1.0
    p, q, r = y
    p += q
    q *= r[0]
    return np.sum(y**2 * W)


def row_read_after_its_loop(a):
    b = a.copy()
    for r in b:
        r[0] = r[1] * 3
    b[-1, 0] *= 2
    return r[0] * b[0, 0] + np.sum(b**2)


def argument_changed_by_a_call(a):
    def shifted(v):
        v += 1
        return np.sum(v**2)

    y = a * 2
    s = shifted(y)
    return s * np.sum(y**3)


def row_changed_by_a_call(a):
    def scaled(v):
        v *= v[0]
        return v[1]

    y = a * 2
    s = scaled(y[1])
    return s * np.sum(y**3)


def _scale(v, k):
    v *= k
    return v.sum()


def _fresh(v):
    v = v + 1.0
    v *= 2.0
    return v


def arguments_changed_and_not(a):
    y = a * 2
    z = y[0]
    s = _scale(y, 3.0) + _scale(z, y[0, 0])
    w = _fresh(y)
    return s * np.sum(y**3) + np.sum(w * y)


def arrays_in_a_dict(a):
    d = {"p": a[0] * 2, "q": a[1] * 1.0}
    for k in d:
        d[k] /= d[k].sum()
    d["p"] *= d["q"]
    return np.sum(d["p"] ** 2 * V)


def arrays_in_a_list(a):
    d = [a[0] * 2, a[1] * 1.0]
    d[0] *= d[1]
    u = d[1]
    u += d[0]
    d[0][1] = u[2]
    return np.sum(d[0] * d[1]) + np.sum(u**2)


def returned_and_changed(a):
    def same(v):
        return v

    y = a[0] * 2
    z = same(y)
    z += 1
    return np.sum(y**2 * V)


def rows_swapped_by_index(a):
    y = a * 1.0
    y[[0, 1]] = y[[1, 0]]
    return np.sum(y * W)


def shifted_over_itself(a):
    y = a[0] * 1.0
    y[1:] = y[:-1] * 2
    y[:-1] += y[1:]
    return np.sum(y**2 * V)


def adjoint_handed_to_two(a):
    x = a * 2
    y = a * 3
    x[0] = 5.0
    x = x + y
    return np.sum(x**2)


def adjoint_handed_on_in_place(a):
    x = a * 2
    y = a * 3
    z = a * 4
    x[0] = 5.0
    y[1] = a[0]
    x[1:] += y[1:]
    z = z + x
    x = x + z
    z[0] *= 2
    return np.sum(x**2 * z) + np.sum(z * y)


def lists_handed_on(a):
    x = [v * 2 for v in a]
    y = [v * 3 for v in a]
    x[0] = 5.0
    x = x + y
    x[1] = x[4] * 2
    y = x[2:]
    y[0] = x[1]
    return sum(v * v for v in x) * sum(y) * y[1]


def rows_collected(a):
    y = a * 1.0
    rows = [r for r in y]
    rows[0][0] = 7.0
    return np.sum(y**2)


def rows_as_a_list(a):
    y = a * 1.0
    rows = list(y)
    rows[0][0] = 7.0
    return np.sum(y**2)


def rows_swapped_as_views(a):
    y = a * 1.0
    y[0], y[1] = y[1], y[0]
    return np.sum(y * W)


def row_twice_in_a_list(x):
    row = [x, 2 * x]
    m = [row, row]
    m[0][1] = x**3
    return m[1][1] * m[0][0]


def changed_by_a_recursion(a):
    def h(v, n):
        v *= 2.0
        return h(v, n - 1) + v[0, 0] if n > 0 else v[0, 1]

    y = a * 2
    s = h(y, 2)
    return s * np.sum(y**3)


def held_in_a_list_and_changed(a):
    y = a[0] * 2
    rows = [y]
    y += 1
    return np.sum(rows[0] ** 2)


for f in (
    rows_divided,
    rows_counted_and_changed,
    rows_changed_twice,
    rows_beside_each_other,
    rows_of_a_list,
    rows_unpacked,
    row_read_after_its_loop,
    argument_changed_by_a_call,
    row_changed_by_a_call,
    arguments_changed_and_not,
    arrays_in_a_dict,
    arrays_in_a_list,
    returned_and_changed,
    rows_swapped_by_index,
    shifted_over_itself,
):
    case(f, (M,))
for f in (adjoint_handed_to_two, adjoint_handed_on_in_place):
    case(f, (V,))
case(lists_of_a_list, ([[1.0, 2.0], [3.0, 4.0]],))
case(lists_handed_on, ([1.0, 2.0, 3.0],))
for f in (
    rows_collected,
    rows_as_a_list,
    rows_swapped_as_views,
    changed_by_a_recursion,
    held_in_a_list_and_changed,
):
    case(f, (M,), may_refuse=SHOWS)
case(row_twice_in_a_list, (1.3,), may_refuse=SHOWS)


def buffers_that_change_places(m):
    a, b = m.copy(), np.zeros_like(m)
    for _ in range(3):
        b[1:] = a[:-1] * a[1:]
        b[0] = a[-1]
        a, b = b, a
    return np.sum(a * b)


def written_before_its_name_is_bound_anew(m):
    a = np.zeros_like(m)
    b = a
    b += m
    a = a * 2
    b[0] = 9.0
    return np.sum(a * b)


def _doubled_into(row, values):
    row[:] = values * 2


def rows_filled_by_a_call(m):
    v = np.zeros_like(m)
    for i in range(len(m)):
        _doubled_into(v[i], m[i] ** 2)
    return np.sum(v**2)


for f in (rows_filled_by_a_call, buffers_that_change_places, written_before_its_name_is_bound_anew):
    case(f, (M,))


def buffers_told_apart_by_their_place(x):
    buffers = [[x, 1.0], [0.5, 0.0]]
    for k in range(3):
        old, new = buffers[k % 2], buffers[(k + 1) % 2]
        new[0] = old[0] ** 2 * 0.3 + x * 0.1
        new[1] = old[0] * old[1]
    return buffers[0][0] * buffers[1][1]


def two_names_left_when_a_third_is_bound_anew(m):
    a = np.zeros_like(m)
    b = a
    a += m
    c = a
    a = c * b
    c += 1.0
    return np.sum(a * b * c)


def one_of_two_lists(x):
    a, b = [x, 1.0], [2.0, x]
    d = a if x > 0.5 else b
    d[0] = x * x
    return a[0] * b[0] * d[1]


def one_of_two_pairs_of_lists(x):
    a, b = [x, 1.0], [2.0, x]
    s, d = (a, b) if x > 0.5 else (b, a)
    d[0] = x * s[0]
    return a[0] * b[0] * d[1]


def held_in_two_lists(x):
    a, b = [x, 1.0], [2.0, x]
    for r, q in zip([a, b], [b, a]):
        r[0] = q[0] * x + r[1]
    return a[0] * b[0]


case(buffers_told_apart_by_their_place, (1.3,))
case(two_names_left_when_a_third_is_bound_anew, (M,))
for f in (one_of_two_lists, one_of_two_pairs_of_lists, held_in_two_lists):
    case(f, (0.3,), (0.7,), may_refuse="a list that is changed in place has another name")
