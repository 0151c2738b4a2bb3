"""Inner functions handed to functions that call themselves, and lists that change length under a loop."""

from math import cos, exp, sin

from .registry import case


def times(f, n, v):
    return v if n == 0 else times(f, n - 1, f(v))


def by(k):
    return lambda v: v * k


def in_turn(f, g, n, v):
    return v if n == 0 else in_turn(g, f, n - 1, f(v))


def halves(f, a, n):
    x = a * 0.5  # the caller has an `x` too
    return f(a) + x if n == 0 else halves(f, a / 2, n - 1) + halves(f, a / 3, n - 1)


def one_text_two_constants(y):
    return times(by(3.0), 2, y) + times(by(5.0), 2, y)


def one_text_two_captured(y):
    def plus(k):
        return lambda v: v * k + y

    return times(plus(y * 2), 3, y) + times(plus(3.0), 2, y) + times(plus(5.0), 2, y)


def one_text_two_functions(y):
    s = 0.0
    for g in (sin, cos):
        s += times(lambda v: g(v) * y, 2, y)  # noqa: B023
    return s


def one_text_two_defaults(y):
    def mul(k=y):
        return lambda v, q=k: v * q

    return times(mul(2.0), 2, y) + times(mul(3.0), 2, y) + times(mul(), 1, y)


def inner_recursion_over_two_functions(y):
    def outer(g):
        def go(n, v):
            return v if n == 0 else go(n - 1, g(v) * y)

        return go

    return outer(sin)(2, y) + outer(cos)(2, y)


def handed_with_a_name_taken(x):
    return halves(lambda z: x * z * z, 2.0, 3)


def handed_after_rebinding(y):
    w = y
    f = lambda v: v * w  # noqa: E731
    r = times(f, 2, y)
    w = y * y
    return r + times(f, 2, y)


def two_that_change_places(y):
    return in_turn(lambda v: v * y, sin, 4, y)


def adaptive_simpson(x):
    def area(f, a, b, eps, depth):
        m = (a + b) / 2
        whole = (b - a) / 6 * (f(a) + 4 * f(m) + f(b))
        left = (m - a) / 6 * (f(a) + 4 * f((a + m) / 2) + f(m))
        right = (b - m) / 6 * (f(m) + 4 * f((m + b) / 2) + f(b))
        if abs(left + right - whole) < eps or depth > 5:
            return left + right
        return area(f, a, m, eps / 2, depth + 1) + area(f, m, b, eps / 2, depth + 1)

    return area(lambda z: exp(-x * z * z), 0.0, 2.0, 1e-4, 0)


def list_grows_under_its_loop(v):
    s = 0.0
    for a in v:
        if len(v) < 6:
            v.append(a * a)
        s += a
    return s


def list_shrinks_under_its_loop(v):
    s = 0.0
    for i, a in enumerate(v, 1):
        if len(v) > 2 and a < 2.5:
            s += v.pop() * i
            continue
        s += a * a * i
    else:
        s *= 2
    return s


def inserted_under_its_loop(v):
    s = 0.0
    for a in v:
        s += a * a
        if s > 4.6:
            break
        v.insert(0, a * 0.5)
    return s * len(v)


def counted_once_grown_after(x):
    v = [x, 2 * x]
    for a in v[:]:
        v.append(a * a)
    for i in range(len(v)):
        v.append(v[i] * x)
    return sum(v)


def powers_from_a_set(x):
    s = 0.0
    for k in {1, 2, 3}:
        s += x**k
    return s


def each_only_once(x):
    s, seen = 0.0, set()
    for k in [1, 2, 2, 3]:
        if k in seen:
            continue
        seen.add(k)
        s += k * x
    return s


def parameter_listed_anew(m):
    m = [[v * v for v in row] for row in m]
    m = [list(row) for row in m]
    m[0][1] = m[1][0] * 2
    return m[0][1] * m[0][0]


def list_made_in_a_loop_read_after(a, z, n):
    x = [z] * n
    for _ in range(2):
        y = [a * v / (1 + (a - 1) * v) for v in x]
        for i in range(1, n - 1):
            x[i] = 0.5 * x[i] + 0.25 * (x[i - 1] + y[i + 1])
    return x[n // 2] + y[0] * x[1]


def pivots_by_key(m):
    det = 1.0
    for k in range(2):
        p = max(range(k, 2), key=lambda i: abs(m[i][k]))  # noqa: B023
        det *= m[p][k]
    return det


for f in (
    one_text_two_constants,
    one_text_two_captured,
    one_text_two_functions,
    one_text_two_defaults,
    inner_recursion_over_two_functions,
    handed_with_a_name_taken,
    handed_after_rebinding,
    two_that_change_places,
    adaptive_simpson,
    counted_once_grown_after,
    powers_from_a_set,
):
    case(f, (0.7,), (1.2,))
for f in (list_grows_under_its_loop, list_shrinks_under_its_loop, inserted_under_its_loop):
    case(f, ([1.0, 2.0, 3.0],), ([0.5, 3.0],))
case(parameter_listed_anew, ([[1.0, 2.0], [3.0, 4.0]],))
case(list_made_in_a_loop_read_after, (2.5, 0.4, 6), (1.5, 0.6, 5))
case(pivots_by_key, ([[4.0, 1.0], [1.0, 3.0]],), ([[0.1, 1.0], [4.0, 3.0]],))
case(each_only_once, (0.7,), may_refuse="a set is changed that a test reads")
