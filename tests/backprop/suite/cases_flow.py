"""Loops, branches and exits."""

import math

import numpy as np

from .registry import case


def zero_trip_for(x):
    y = x * 2
    for i in range(0):
        y = y * 100 + i
    return y * x


def zero_trip_while(x):
    y = x
    while y < 0:
        y = y + x * x
    return y * y


case(zero_trip_for, (1.7,))
case(zero_trip_while, (1.7,), (-0.3,), (-2.4,))


def multiplicative_loop(x):
    p = 1.0
    for i in range(1, 8):
        p = p * (x + i)
    return p


def power_by_loop(x, n):
    y = 1.0
    for _ in range(n):
        y *= x
    return y


case(multiplicative_loop, (0.3,), (-3.0,))
case(power_by_loop, (1.1, 7), (-2.0, 3), (0.0, 1), (0.0, 2), (3.0, 0), wrt="x")


def overwrites_its_input(x):
    for _ in range(5):
        x = math.sin(x) + 0.1 * x * x
    return x


def logistic_map(x, r):
    for _ in range(12):
        x = r * x * (1 - x)
    return x


def swaps_in_a_loop(a, b):
    for _ in range(6):
        a, b = b, a + 0.5 * b * b
    return a * b


case(overwrites_its_input, (0.7,), (2.1,))
case(logistic_map, (0.3, 3.1))
case(swaps_in_a_loop, (0.2, 0.3))


def nested_loops(x, y):
    s = 0.0
    for i in range(3):
        t = x
        for j in range(i + 1):
            t = t * y + j
        s += t * t
    return s


def nested_overwrite_outer(x):
    y = x
    for i in range(3):
        for j in range(2):
            y = y * x + i - j
        x = x * 0.5 + y * 0.01
    return x + y


def triple_nested(x):
    s = 0.0
    for i in range(2):
        for j in range(i, 3):
            for k in range(j):
                s = s * 0.9 + x ** (k + 1) * (i + 1)
    return s


def rows_of_a_triangle(x):
    s = 0.0
    rows, cols = x.shape
    for i in np.arange(rows):
        for j in np.arange(i, cols):
            s = s + x[i, j] ** 2
    return s


case(nested_loops, (0.7, 1.3))
case(nested_overwrite_outer, (0.8,))
case(triple_nested, (1.1,))
case(rows_of_a_triangle, (np.arange(12.0).reshape(3, 4) / 7,))


def inner_break(x):
    s = 0.0
    for i in range(4):
        t = x
        for j in range(5):
            t = t * 1.5
            if t > 3 + i:
                break
            s += t * j
        s += t
    return s


def inner_continue(x):
    s = 0.0
    for i in range(4):
        for j in range(4):
            if (i + j) % 3 == 0:
                continue
            s += x**i * (j + 1)
        s *= 1.01
    return s


def continue_then_overwrite(x):
    y = 1.0
    for i in range(6):
        y = y * x
        if y < 0.8:
            y = y + 1.0
            continue
        y = math.sqrt(y)
    return y


def argmax_by_continue(x, y, z):
    best = -1e20
    for c, v in ((1.0, x), (2.0, y), (0.0, 5.0), (3.0, z)):
        if c == 0.0:
            continue
        w = c * v * v
        if w > best:
            best = w
    return best


case(inner_break, (0.5,), (1.1,), (4.1,))
case(inner_continue, (1.2,))
case(continue_then_overwrite, (0.6,), (1.4,))
case(argmax_by_continue, (3.0, 1.0, 0.5), (0.2, 1.0, 0.5), (0.2, 0.3, 0.5))


def while_data_dependent(x):
    n = 0
    y = x
    while y < 100.0:
        y = y * y + 1
        n += 1
    return y / (n + 1)


def newton_sqrt(a):
    x = a
    while abs(x * x - a) > 1e-12 * a:
        x = 0.5 * (x + a / x)
    return x


def while_true_break(x):
    s, k = 0.0, 0
    while True:
        s += x**k
        k += 1
        if s > 5 or k > 20:
            break
    return s


def while_with_continue(x):
    s, i = 0.0, 0
    while i < 8:
        i += 1
        if i % 2:
            continue
        s += x / i
        if s > 3.0:
            break
    return s * s


def collatz_of_reals(x):
    steps = 0
    while x > 1.5 and steps < 50:
        if int(x) % 2 == 0:
            x = x / 2
        else:
            x = 0.7 * x + 0.3
        steps = steps + 1
    return x * steps


case(while_data_dependent, (1.2,), (30.0,), (200.0,))
case(newton_sqrt, (2.0,), (9.5,), rtol=1e-9, expected=(0.5 / 2.0**0.5, 0.5 / 9.5**0.5))
case(while_true_break, (0.5,), (1.9,))
case(while_with_continue, (1.0,), (9.0,))
case(collatz_of_reals, (13.3,), (1.2,))


def for_else(x, limit):
    s = x
    for i in range(5):
        s = s * 1.3
        if s > limit:
            s = s * s
            break
    else:
        s = s + x**3
    return s


def while_else(x):
    n = 0
    while n < 4:
        x = x * x
        if x > 50:
            break
        n += 1
    else:
        x = math.log(x)
    return x


def nested_else(x):
    s = 0.0
    for i in range(3):
        for j in range(3):
            if x * j > 2 + i:
                s += x * x
                break
            s += x
        else:
            s *= x
            continue
        s -= 0.5 * x
    return s


case(for_else, (1.0, 2.0), (1.0, 100.0), wrt="x")
case(while_else, (1.05,), (2.0,), (60.0,))
case(nested_else, (0.4,), (1.2,), (3.2,))


def early_return(x):
    if x < 0:
        return -x * 3
    y = x * x
    if y > 4:
        return math.log(y)
    return y + x


def early_return_in_loop(x):
    s = x
    for i in range(10):
        s = s * 1.2 + i * 0.1
        if s > 4:
            return s * s
    return s


def early_return_in_nested_loop(x):
    y = 1.0
    for i in range(4):
        for j in range(4):
            y = y * x + 0.1 * j
            if y > 3.0:
                return y + i * x
        x = x * 1.1
    return y * x


def return_from_while(x):
    while True:
        x = x * 1.7
        if x > 10:
            return math.sqrt(x)


def guard_clauses(x, y):
    if x > y:
        return x - y
    elif x == y:
        return x * y
    elif x < 0 and y > 0:
        return x**2 * y
    return x + 2 * y


case(early_return, (-1.5,), (1.1,), (3.0,))
case(early_return_in_loop, (0.5,), (3.9,), (-2.0,))
case(early_return_in_nested_loop, (0.9,), (1.6,), (0.2,))
case(return_from_while, (0.3,), (8.0,), (100.0,))
case(guard_clauses, (2.0, 1.0), (-1.0, 3.0), (0.5, 3.0))


def branch_defined(x):
    if x > 1:
        a = x * x
        b = 2.0
    else:
        a = 3.0
        b = x
    return a * b


def branch_one_side(x):
    y = x
    if x > 1:
        y = y**3
    return y * 2


def branch_in_loop(x):
    s = 0.0
    for i in range(6):
        if i % 2 == 0:
            t = x * i
        elif i == 3:
            t = x * x
        else:
            t = 1.0
        s = s + t * s + t
    return s


def branch_on_overwritten(x):
    y = x * x
    if y > 2:
        y = y - 1
        if y > 3:
            y = y * x
    else:
        y = -y
    if y > 0:
        y = math.sqrt(y)
    return y


def variable_defined_only_later(x):
    for i in range(4):
        if i > 0:
            s = s * x + last  # noqa: F821
        else:
            s = x
        last = s * 0.5
    return s


def loop_variable_after_loop(x):
    for i in range(5):
        x = x * 0.9
    return x * i


def loop_variable_reassigned(x):
    s = 0.0
    for i in range(4):
        i = i * x
        s += i * i
    return s + i


def local_of_loop_after_loop(x):
    for k in range(1, 4):
        t = x**k
    return t * t


case(branch_defined, (2.0,), (0.5,))
case(branch_one_side, (2.0,), (0.5,))
case(branch_in_loop, (0.3,))
case(branch_on_overwritten, (1.1,), (1.6,), (2.5,))
case(variable_defined_only_later, (1.3,))
case(loop_variable_after_loop, (1.3,))
case(loop_variable_reassigned, (1.3,))
case(local_of_loop_after_loop, (1.3,))


def conditional_expression(x):
    y = x**2 if x > 0 else -x
    return (y if y > 1 else y * y) + (1 if x else 2)


def boolean_logic(x, y):
    if (x > 0 and not y > 1) or x * y < -2:
        return x * y
    z = x and y
    w = x or y
    return z * w + 1 * x


def chained_comparison(x):
    if 0 < x <= 1 < x + 1:
        return x**2
    return x**3 if -1 <= x < 0 else 2 * x


def side_effect_in_condition(x):
    s = 0.0
    while (s := s + x) < 3:
        x = x * 1.1
    return s * x


def loop_from_active_bounds(lower, upper):
    s, x, dx = 0.0, lower, (upper - lower) / 10
    for i in range(10):
        s += x * x * dx
        x += dx
    return s


def float_counter(lower, upper):
    s, x = 0.0, lower
    while x < upper:
        s += x * x * 0.25
        x += 0.25
    return s * upper


case(conditional_expression, (2.0,), (0.5,), (-3.0,))
case(boolean_logic, (1.0, 0.5), (2.0, 3.0), (-3.0, 3.0), (0.0, 3.0))
case(chained_comparison, (0.5,), (-0.5,), (4.0,))
case(side_effect_in_condition, (0.4,), (5.0,))
case(loop_from_active_bounds, (0.5, 2.0))
case(float_counter, (0.1, 2.03))


def before_and_after_a_loop(x, s, n):
    area = x * x
    total = 0.0
    for k in range(n):
        total += s * k
    return area * total + area


def divisor_in_a_loop(a):
    s = 0.0
    for i in range(3):
        x = i + 1.0
        s += 1.0 / (x + a * a)
        a = a * 1.5
    return s


def plastic_return_map(theta):
    strain = [0.0]
    total = 0.0
    for i in range(40):
        trial = 100.0 * (theta * math.sin(0.3 * i) - strain[i])
        d = 0.0
        if abs(trial) > 2.0:
            d = (abs(trial) - 2.0) / 100.0
            total += d
        strain.append(strain[i] + (d if trial > 0 else -d))
    return total


def range_with_step_and_negative(x):
    s = 0.0
    for i in range(10, 0, -3):
        s = s * x + i
    return s


def range_bound_changes_inside(x, n):
    s = 0.0
    for i in range(n):
        n = n - 1
        s = s * x + n
    return s


def trip_count_from_value(x):
    y = 1.0
    for _ in range(int(x)):
        y = y * x
    return y


def two_loops_share_variables(x):
    y = x
    for i in range(3):
        y = y * x
    z = y
    for i in range(2):
        y = y + z * x
        z = z * y
    return z + y


def loop_over_floats(x):
    s = 0.0
    for c in [0.5, 1.5, -2.0]:
        s = s * x + c
    for c in (3.0, x, 2.0):
        s = s + c * x
    return s


def pass_and_ellipsis(x):
    if x > 0:
        pass
    else:
        x = -x
    for _ in range(3):
        ...
    return x * x


def dead_branch(x):
    if False:
        x = x / 0
    if 1 > 2:
        return x**100
    return x * 3


def code_after_return(x):
    return x * x
    x = x * 2
    return x


def long_while_two_exits(x):
    n, y = 0, x
    while n < 30:
        n += 1
        y = 0.5 * y + 1 / (1 + y * y)
        if y > 1.4:
            continue
        if y < 0.1:
            return y * n
        if n == 17:
            break
        y = y + 0.01 * n * x
    return y * x


def match_like_chain(kind, x):
    if kind == "linear":
        return 2 * x
    elif kind == "square":
        return x * x
    raise ValueError(kind)


case(before_and_after_a_loop, (1.5, 0.7, 4), (1.5, 0.7, 0), wrt=("x", "s"))
case(divisor_in_a_loop, (0.8,))
case(plastic_return_map, (0.09,), (0.001,))
case(range_with_step_and_negative, (1.3,))
case(range_bound_changes_inside, (1.3, 5), wrt="x")
case(trip_count_from_value, (3.6,), (0.5,))
case(two_loops_share_variables, (1.1,))
case(loop_over_floats, (1.3,))
case(pass_and_ellipsis, (1.3,), (-2.0,))
case(dead_branch, (1.3,))
case(code_after_return, (1.3,))
case(long_while_two_exits, (0.9,), (2.0,), (-3.0,))
case(match_like_chain, ("linear", 3.0), ("square", 3.0), wrt="x")
