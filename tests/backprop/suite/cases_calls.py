"""Functions that call functions: helpers, recursion, closures, defaults, decorators."""

import functools
import math
from functools import partial, reduce

from .registry import case


def square(v):
    return v * v


def blend(a, b, weight=0.25):
    return a * weight + b * (1 - weight)


def overwrites_own_argument(v):
    v = v * v
    v = v + 1
    return v


def calls_helper(x):
    return square(x) + square(square(x) + 1)


def helper_overwrites(x):
    y = overwrites_own_argument(x)
    return y * overwrites_own_argument(y) + x


def helper_twice_in_statement(x, y):
    return blend(x, y) * blend(y, x, 0.5) + blend(a=x, b=y, weight=x)


def keyword_order(x, y):
    return blend(b=x, a=y) - 2 * blend(x, weight=0.75, b=y)


def same_argument_twice(x):
    return blend(x, x) * blend(x, 2.0, x)


def helper_in_loop(x):
    for i in range(4):
        x = blend(x, square(x), 0.9) + 0.01 * i
    return x


case(calls_helper, (1.3,))
case(helper_overwrites, (1.3,))
case(helper_twice_in_statement, (1.3, 0.4))
case(keyword_order, (1.3, 0.4))
case(same_argument_twice, (1.3,))
case(helper_in_loop, (0.7,))


def two_results(a, b):
    s = a + b
    return s, a * b


def uses_two_results(x, y):
    s, p = two_results(x, y)
    both = two_results(p, s)
    return s * p + both[0] * both[1]


def ignores_one_result(x, y):
    _, p = two_results(x, y)
    return p * p


def list_result(x):
    return [x, x * x, 3.0]


def uses_list_result(x):
    a, b, c = list_result(x)
    return a * b + c * list_result(b)[1]


case(uses_two_results, (1.3, 0.4))
case(ignores_one_result, (1.3, 0.4))
case(uses_list_result, (1.3,))


def with_default(x, k=3.0):
    return k * x**2


def with_default_from_module(x, scale=math.pi, n=2):
    return scale * x**n


def keyword_only(x, *, gain=2.0, power=3):
    return gain * x**power


def positional_only(x, y, /, z=1.0):
    return x * y + z * x


case(with_default, (1.3,), (1.3, 2.0), wrt="x")
case(with_default_from_module, (1.3,), wrt="x")
case(keyword_only, (1.3,), wrt="x")
case(positional_only, (1.3, 0.4), (1.3, 0.4, 2.0), wrt=("x", "y"))


def varargs_sum(*xs):
    total = 0.0
    for i, v in enumerate(xs):
        total += v * v * (i + 1)
    return total


def passes_varargs(x, y):
    return varargs_sum(x, y, x * y) + varargs_sum(*[y, x])


def first_and_rest(x, *rest):
    y = x
    for r in rest:
        y = y * r + x
    return y


def passes_keywords(x, y):
    options = {"weight": 0.3}
    return blend(x, y, **options)


def kwargs_collected(**parts):
    return parts["a"] * parts["b"] + parts.get("c", 2.0)


def calls_kwargs(x, y):
    return kwargs_collected(a=x, b=y) * kwargs_collected(a=x, b=x, c=y)


case(varargs_sum, (1.3, 0.4, 2.0), loose=True)
case(passes_varargs, (1.3, 0.4))
case(first_and_rest, (1.3, 0.4, 2.0), (1.3,), wrt="x")
case(passes_keywords, (1.3, 0.4))
case(calls_kwargs, (1.3, 0.4))


def fibonacci_like(x, n):
    if n < 2:
        return x + n
    return fibonacci_like(x, n - 1) * 0.5 + x * fibonacci_like(x, n - 2)


def binary_tree(x, depth):
    if depth == 0:
        return math.sin(x)
    return binary_tree(x * 0.9, depth - 1) * binary_tree(x + 0.1, depth - 1) + x


def recursion_to_convergence(x):
    if abs(x) < 0.1:
        return x * x
    return recursion_to_convergence(x / 2) + x


def power_by_squaring(x, n):
    if n == 0:
        return 1.0
    half = power_by_squaring(x, n // 2)
    return half * half if n % 2 == 0 else half * half * x


def is_even_product(x, n):
    return x if n == 0 else is_odd_product(x * 1.1, n - 1)


def is_odd_product(x, n):
    y = x * x if n == 0 else is_even_product(x + 0.5, n - 1)
    return y * x


def sum_of_list(xs):
    if not xs:
        return 0.0
    return xs[0] ** 2 + sum_of_list(xs[1:])


def bill_of_materials(part, price):
    parts = {"bike": [("wheel", 2), ("frame", 1)], "wheel": [("steel", 3)], "frame": [("steel", 5)]}
    if part not in parts:
        return price * 1.0
    total = 0.0
    for name, count in parts[part]:
        total += count * bill_of_materials(name, price)
    return total + 0.01 * total * price


def ackermann_like(x, m, n):
    if m == 0:
        return x + n
    if n == 0:
        return ackermann_like(x * 1.01, m - 1, 1)
    return 0.5 * ackermann_like(x, m - 1, 1) + ackermann_like(x, m, n - 1) * 0.25


def recursion_in_a_loop(x, depth):
    s = x
    for i in range(2):
        if depth > 0:
            s = s * recursion_in_a_loop(x + i, depth - 1) * 0.3 + 1
    return s


def horner_by_recursion(x, coefficients, k):
    if k == len(coefficients):
        return 0.0
    return coefficients[k] + x * horner_by_recursion(x, coefficients, k + 1)


def recursion_with_a_tape(x, n):
    if n <= 0:
        return x * x
    half = recursion_with_a_tape(x * 0.5, n - 1)
    for i in range(2):
        tape = 0.9 * half + i
    stack = math.sin(tape + recursion_with_a_tape(x * 0.7, n - 1))
    half = half * stack
    return half * tape * x


def recursion_with_a_dead_tape(x, n):
    if n <= 0:
        return x * x
    half = recursion_with_a_dead_tape(x * 0.5, n - 1)
    tape = 0.9 * half
    return half * math.sin(half * x)


def calls_recursion_with_a_dead_tape(x):
    return recursion_with_a_dead_tape(x * x, 2)


def recursion_from_a_constant(x, n):
    if n == 0:
        return 0.3
    before = recursion_from_a_constant(x, n - 1)
    return math.atan2(x, 1.9 + before**2) - x * before


def recursion_of_active_and_constant(x):
    return power_by_squaring(x, 5) * power_by_squaring(1.1, 3) + power_by_squaring(2, 2) * x


def sine_tower(u, n):
    if n <= 0:
        return u * 0.5
    w = sine_tower(u, n - 1)
    return math.sin(w) + w


def recursion_of_a_constant_on_one_path(x, y):
    if y > x:
        x = sine_tower(0.11, 2)
    return x * y


def recursion_of_a_constant_in_a_loop(x, y):
    for _ in range(3):
        y = y * x
        x = sine_tower(0.11, 2)
    return x * y + sine_tower(y, 2)


case(recursion_of_a_constant_on_one_path, (0.7, 0.3), (0.3, 0.7))
case(recursion_of_a_constant_in_a_loop, (0.5, 1.9))
case(recursion_with_a_tape, (1.3, 3), wrt="x")
case(recursion_with_a_dead_tape, (1.3, 3), wrt="x")
case(calls_recursion_with_a_dead_tape, (1.3,))
case(recursion_from_a_constant, (1.3, 3), wrt="x")
case(recursion_of_active_and_constant, (1.3,))
case(fibonacci_like, (1.3, 6), (1.3, 0), wrt="x")
case(binary_tree, (0.7, 4), wrt="x")
case(recursion_to_convergence, (3.3,), (0.05,))
case(power_by_squaring, (1.1, 13), (0.0, 1), (-2.0, 6), wrt="x")
case(is_even_product, (0.3, 0), (0.3, 5), (0.3, 4), wrt="x", name="mutual_recursion")
case(sum_of_list, ([1.0, -2.0, 3.5],), ([],), expected=([2.0, -4.0, 7.0], []), name="recursion_over_list")
case(bill_of_materials, ("bike", 2.0), wrt="price")
case(ackermann_like, (1.3, 2, 2), wrt="x")
case(recursion_in_a_loop, (0.8, 3), wrt="x")
case(horner_by_recursion, (1.3, [1.0, 2.0, 3.0, 4.0], 0), wrt=("x", "coefficients"))


def inner_function(x):
    def inner(v):
        return v * x + 1

    return inner(x) * inner(2.0)


def inner_reads_later_value(x):
    y = x

    def inner():
        return y * y

    y = y * 3
    return inner() + y


def inner_in_a_loop(x):
    total = 0.0
    for i in range(3):

        def scaled(v):
            return v * i * x

        total += scaled(total + 1)
    return total


def inner_recursion(x):
    def go(v, n):
        return v if n == 0 else go(v * x, n - 1) + v

    return go(x, 3)


def lambdas(x):
    f = lambda v: v * v + x
    g = lambda v, w=2.0: f(v) * w
    return g(x) + g(x, x)


def passed_function(f, x):
    return f(f(x)) * f(2 * x)


def compose_here(x):
    def twice(f, v):
        return f(f(v))

    return twice(square, x) + twice(lambda v: v * x, 3.0)


def make_line(slope, offset):
    def line(v):
        return slope * v + offset

    return line


line_2_1 = make_line(2.0, 1.0)


def uses_closure_of_module(x):
    return line_2_1(x) * x


def builds_closure(x):
    line = make_line(x, x * x)
    return line(x) * line(1.0)


def function_in_a_list(x):
    steps = [square, math.sin, overwrites_own_argument]
    for step in steps:
        x = step(x)
    return x


def picks_function(x):
    f = square if x > 1 else math.exp
    return f(x) * 2


def nonlocal_counter(x):
    total = 0.0

    def add(v):
        nonlocal total
        total = total + v * v

    add(x)
    add(total * x)
    return total


case(inner_function, (1.3,))
case(inner_reads_later_value, (1.3,))
case(inner_in_a_loop, (1.3,))
case(inner_recursion, (1.3,))
case(lambdas, (1.3,))
case(passed_function, (square, 1.3), (math.sin, 1.3), (overwrites_own_argument, 0.5), wrt="x")
case(compose_here, (1.3,))
case(line_2_1, (1.3,), name="closure_itself")
case(make_line(3.0, 0.5), (1.3,), name="closure_made_in_place")
case(uses_closure_of_module, (1.3,))
case(builds_closure, (1.3,))
case(function_in_a_list, (1.3,))
case(picks_function, (1.3,), (0.3,))
case(nonlocal_counter, (1.3,), may_refuse="an inner function that rebinds an outer variable")
case(lambda x: x * x + math.cos(x), (1.3,), name="lambda_itself")


def unchanged(f):
    return f


def registered(name):
    def mark(f):
        f.label = name
        return f

    return mark


def doubled(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        return 2 * f(*args, **kwargs)

    return wrapper


@unchanged
def decorated_unchanged(x):
    return x**3


@registered("ore")
@unchanged
def decorated_with_arguments(x):
    return x**3 + x


@doubled
def decorated_changed(x):
    return x**3


@unchanged
def decorated_helper(x):
    return x * 3


def calls_decorated_helper(x):
    return decorated_helper(x) * decorated_helper(x + 1)


def decorated_changed_truth(x):
    return 2 * x**3


case(decorated_unchanged, (1.3,))
case(decorated_with_arguments, (1.3,))
case(decorated_changed, (1.3,), ref=decorated_changed_truth, may_refuse="a wrapper with *args and **kwargs")
case(calls_decorated_helper, (1.3,))

half_blend = partial(blend, weight=0.5)


def uses_partial(x, y):
    return half_blend(x, y) * x


def uses_reduce(x):
    return reduce(lambda a, b: a * b + x, [x, 2.0, x * x], 1.0)


def uses_map_and_filter(x):
    return sum(map(square, [x, 2 * x])) + sum(v for v in filter(lambda v: v > 2, [x, 3 * x, x * x]))


class Plant:
    def __init__(self, gain):
        self.gain = gain

    def output(self, v):
        return self.gain * v * v


plant = Plant(1.5)


def calls_method(x):
    return plant.output(x) + plant.gain * x


case(uses_partial, (1.3, 0.4), may_refuse="functools.partial")
case(uses_reduce, (1.3,), may_refuse="functools.reduce")
case(uses_map_and_filter, (1.3,), may_refuse="map and filter")
case(calls_method, (1.3,), may_refuse="a method of an object")
