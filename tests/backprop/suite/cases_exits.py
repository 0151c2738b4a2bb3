"""Ways out of loops: returns and breaks from several depths, in loops that run again, and what follows."""

import math

from .registry import case


def returns_from_three_depths(x):
    y = x
    for i in range(4):
        y = y * 1.1
        for j in range(3):
            y = y + 0.1 * j * x
            for k in range(3):
                y = y * 1.02 + 0.01 * k
                if y > 3.4:
                    return y * x + k
            if y > 3.0:
                z = y * x
                return z * z + j
            y = y - 0.05 * x
        if y > 2.6:
            return y / x + i
        y = y * x
    return y**2


case(returns_from_three_depths, (1.3,), (1.0,), (0.7,), (1.12,), (1.15,), (1.2,), (1.25,), (0.2,))


def middle_loop_returns_after_inner(x):
    y = x
    for i in range(5):
        for j in range(2):
            y = y * x
            if y > 30:
                return y + x
        y = y + 0.3 * x * i
        if y > 9:
            return y * y * x
    return y


case(middle_loop_returns_after_inner, (1.3,), (1.1,), (0.9,), (2.5,), (1.6,))


def first_above(x, limit):
    y = x
    for i in range(6):
        y = y * 1.3 + 0.1 * x
        if y > limit:
            return y * i
    return -y


def search_run_again(x):
    total = 0.0
    for limit in (1.5, 2.5, 100.0, 0.1):
        total = total * x + first_above(x, limit)
    return total


case(search_run_again, (1.0,), (0.6,), (2.0,))


def leaves_by_flag_that_is_read_again(x):
    y, s, done = x, 0.0, False
    for i in range(8):
        y = y * 1.2
        done = y > 2.5
        if done:
            s = s + y * x
        s = s + y
        if done:
            break
    return s * y


case(leaves_by_flag_that_is_read_again, (1.0,), (0.3,), (3.0,))


def leaves_in_else(x):
    y, n = x, 0
    while n < 12:
        n += 1
        if y < 4:
            y = y * 1.3 + 0.01 * n * x
        else:
            break
    return y * n


case(leaves_in_else, (1.0,), (0.1,), (5.0,))


def inner_search_many_times(x):
    total = 1.0
    for i in range(5):
        y = x + 0.2 * i
        for j in range(5):
            y = y * 1.4
            if y > 3:
                break
            total = total * 1.01 + y * x
        total = total + y
    return total


case(inner_search_many_times, (1.0,), (0.5,), (2.9,))


def break_before_and_after_work(x):
    y, s = x, 0.0
    for i in range(10):
        if y > 6:
            break
        s = s + y * y
        y = y * 1.5
        if s > 9:
            s = s * x
            break
        s = s - 0.1 * y * x
    return s * y


case(break_before_and_after_work, (1.0,), (0.2,), (4.5,), (2.0,))


def found_or_else(x):
    total = 0.0
    for k in range(4):
        y = x * (k + 1)
        for j in range(4):
            y = y * 0.8
            if y < 0.9:
                total = total + y * x
                break
        else:
            total = total - y * y
    return total


case(found_or_else, (1.0,), (0.4,), (2.2,))


def returns_element_of_loop(xs, y):
    for i, v in enumerate(xs):
        y = y + 0.5 * v
        if y > 2:
            w = v * y
            return w * w + i
    return y * y


case(returns_element_of_loop, ([0.5, 1.5, 2.5, 3.5], 0.7), ([0.5, 0.1, 0.2, 0.3], 0.7))


def returns_from_endless_loops(x):
    n = 0
    while True:
        n += 1
        while True:
            x = x * 1.1
            if x > 5:
                return x * n
            if x > 2 * n:
                break
        x = x - 0.3 * n / x


case(returns_from_endless_loops, (1.0,), (3.3,), (6.0,))


def returns_a_loop_of_its_own(x):
    for i in range(6):
        x = x * 1.3
        if x > 2:
            s = 0.0
            for j in range(3):
                s = s + x**j
            return s
    return x


case(returns_a_loop_of_its_own, (1.0,), (0.1,))


def dead_append_in_an_arm(x):
    y = x
    for k in range(3):
        xs = [x, x * x]
        y = y * 1.1 + xs[-1]
        if y > 4:
            break
        xs.append(0.9 * x)
    return y


case(dead_append_in_an_arm, (1.0,), (0.3,), (2.2,))


def dead_entry_in_an_arm(x):
    d = {"a": x}
    total = len(d) * x
    for key in d:
        total = total + d[key] * x
    if x > 0.5:
        d["b"] = 2 * x
    return total * x


case(dead_entry_in_an_arm, (1.0,), (0.3,))


def with_a_tape_of_its_own(p, q):
    tape = max(q * p, p * p - (p * 0.9 - 0.07))
    q, tape = tape, math.hypot(min(tape, q) + 0.41, q * 1.61)
    return tape**3


def recursing(u, n=2):
    if n <= 0:
        return u - (u * 0.9 - 0.07)
    w = recursing(0.83 * 0.83 - u, n - 1)
    if u < with_a_tape_of_its_own(w, u) * 0.93:
        return with_a_tape_of_its_own(3, u)
    return math.sin(math.cos(u) + w)


def recursion_first_met_in_a_loop(x, y):
    for k in range(2):
        xs = [x / (2.3 + (x * 0.9 - 0.07) * (x * 0.9 - 0.07)), math.sin(x)]
    xs = [x**2, y]
    n = 0
    while n < 3 and (y > recursing(x)):
        n += 1
        for i in range(1, 0, -1):
            a = math.sin((xs[-1] ** 2) + recursing(y))
            tape = sum([v * 0.3 for v in xs])
            c = 0.9 * 0.37
    else:
        y, x = x, (x / (2.3 + 0.37 * 0.37)) - (y**2)
        xs[-1] = with_a_tape_of_its_own(with_a_tape_of_its_own(y, (y * 0.9 - 0.07)), (x**2))
    x = max(math.exp(-(x * x)), 1.61 - x)
    return x + x + y + x + y


case(recursion_first_met_in_a_loop, (1.0334126789, 0.0123456789))


def list_made_in_one_arm_and_read_in_another(x, y):
    if y > 0:
        xs = [x, x * y]
    z = x * 2
    if y > 0:
        z = z + xs[0] * xs[1]
    return z * y


case(list_made_in_one_arm_and_read_in_another, (1.3, -0.4), (1.3, 0.4))
