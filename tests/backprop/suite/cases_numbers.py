"""Powers, kinks, integers: where calculus and floating point have corners."""

import math
from bisect import bisect_left

import numpy as np

from .registry import case


def integer_power(x):
    return x**2 + x**3 + x**1


def power_zero(x):
    return x**0 + 3 * x


def negative_power(x):
    return x**-1 + x**-2 + x**-0.5


def variable_power(x, p):
    return x**p


def power_of_constant(x):
    return 2**x + 2.0 ** (x * x) + math.e**x


def power_both(x):
    return x**x


def power_negative_base(x):
    return x**3 + (x - 5) ** 2


def integer_exponent_variable(x, n):
    return x**n


def pow_functions(x, y):
    return pow(x, y) + math.pow(y, x) + pow(x, 3)


def square_root_power(x):
    return x ** (1 / 2) * x**0.5 + x ** (3 / 2)


def between_two_entries(xs, ys, x):
    i = min(max(bisect_left(xs, x), 1), len(xs) - 1)
    left, right = xs[i - 1], xs[i]
    low, high = ys[i - 1], ys[i]
    w = (x - left) / (right - left)
    return low + (high - low) * w


case(integer_power, (1.3,), (-2.0,), (0.0,))
case(power_zero, (1.3,), (0.0,), (-1.0,))
case(negative_power, (1.3,))
case(variable_power, (1.3, 2.5), (2.0, -1.0), (3.0, 0.0))
case(
    variable_power,
    (0.0, 2.0),
    (0.0, 1.0),
    (0.0, 3.5),
    expected=((0.0, 0.0), (1.0, 0.0), (0.0, 0.0)),
    name="power_at_zero_base",
    smooth=False,
)
case(variable_power, (-2.0, 2.0), (-1.5, 3), wrt="x", name="power_of_negative_base")
case(
    variable_power, (0.0, 0.0), (0.0, 0), wrt="x", expected=(0.0, 0.0), name="zero_to_the_zero", smooth=False
)
case(power_of_constant, (1.3,), (-2.0,), (0.0,))
case(power_both, (1.3,), (0.2,))
case(power_negative_base, (-1.3,))
case(
    integer_exponent_variable, (1.3, 0), (1.3, 1), (1.3, 2), (1.3, -2), (0.0, 1), (0.0, 2), (-2.0, 3), wrt="x"
)
case(pow_functions, (1.3, 0.4))
case(square_root_power, (1.3,))


def zero_base_constant(p):
    return 0.0**p + p


case(zero_base_constant, (2.0,), (0.5,), expected=(1.0, 1.0), smooth=False)


def absolute(x):
    return abs(x) * x + math.fabs(x - 1)


def absolute_at_zero(x):
    return abs(x) + 2 * x


def maximum_of_two(x, y):
    return max(x, y) * 2 + min(x, y) * 3


def maximum_of_three(x, y):
    return max(x, y, x * y) - min(x, y, 1.0)


def relu(x):
    return max(x, 0.0) + max(0, x) ** 2


def clamp(x):
    return min(max(x, -1.0), 1.0) * x


def maximum_of_itself(x):
    return max(x, x) + min(x, x)


case(absolute, (1.3,), (-0.4,), (0.2,))
case(maximum_of_two, (1.3, 0.4), (0.4, 1.3))
case(maximum_of_three, (1.3, 0.4), (2.0, 3.0), (0.4, 0.2))
case(relu, (1.3,), (-0.7,))
case(clamp, (0.3,), (2.0,), (-4.0,))
case(maximum_of_itself, (1.3,), expected=(2.0,))


def integer_argument(x):
    return x**2 / 3


def integer_argument_loop(x):
    s = 0
    for i in range(3):
        s = s + x * i
    return s * s


def integer_division_counter(x, n):
    s = x
    while n > 0:
        s = s * x + n % 3
        n = n // 2
    return s


def integer_modulo_branch(x, n):
    for i in range(n):
        if i % 3 == 0:
            x = x * 1.1
        elif i % 3 == 1:
            x = x + i // 2
        else:
            x = x - 0.1 * (i & 1) * x
    return x


def float_modulo(x, y):
    return x % y + y * (x // y)


def floor_and_round(x):
    return math.floor(x) * x + round(x) * 2.0 + int(x) * x**2 + math.ceil(x) * x


def divmod_of_counter(x):
    s = 0.0
    for i in range(7):
        q, r = divmod(i, 3)
        s += x**q * r
    return s


def true_division_of_integers(x):
    return x * (1 / 2) + x * 3 / 4 + 1 / x + 7 // 2 * x


def bit_counter(x, mask):
    y = 1.0
    while mask:
        if mask & 1:
            y = y * x
        mask >>= 1
        x = x * x
    return y


def casts(x):
    return float(x) * 2 + float("0.5") * x + bool(x) * x


case(integer_argument, (3,), (-2,), wrt="x", may_refuse="a whole number as argument")
case(integer_argument_loop, (3,), wrt="x", may_refuse="a whole number as argument")
case(
    integer_argument,
    (3,),
    expected=(2.0,),
    may_refuse="a whole number as argument",
    name="integer_argument_default_wrt",
)
case(integer_division_counter, (1.1, 13), wrt="x")
case(integer_modulo_branch, (1.1, 10), wrt="x")
case(float_modulo, (7.3, 2.1), (-7.3, 2.1))
case(floor_and_round, (2.7,), (-1.2,))
case(divmod_of_counter, (1.3,))
case(true_division_of_integers, (1.3,))
case(bit_counter, (1.1, 0b1011), (1.1, 0), wrt="x")
case(casts, (1.3,))


def trigonometry(x):
    return math.sin(x) * math.cos(x) + math.tan(x) - math.asin(x / 9) * math.acos(x / 8) + math.atan(x)


def hyperbolic(x):
    return math.sinh(x) + math.cosh(x) * math.tanh(x) + math.asinh(x) + math.acosh(x + 2) + math.atanh(x / 9)


def logarithms(x):
    return math.log(x) + math.log2(x) * math.log10(x) + math.log1p(x) + math.log(x, 3) + math.log(7, x)


def exponentials(x):
    return math.exp(-x) + math.expm1(x) * math.sqrt(x)


def special_functions(x):
    return math.erf(x) * math.gamma(x + 1) + math.lgamma(x + 0.5) - math.erfc(x)


def two_argument_functions(x, y):
    return math.atan2(x, y) * math.hypot(x, y) + math.copysign(x, -y) + math.fmod(x, 0.3)


def degrees_and_radians(x):
    return math.degrees(x) * 0.01 + math.radians(x)


def fsum_prod_dist(x, y):
    return math.fsum([x, y, x * y]) * math.prod([x, 2.0, y]) + math.dist((x, y), (1.0, 2.0))


case(trigonometry, (0.7,))
case(hyperbolic, (0.7,))
case(logarithms, (1.7,))
case(exponentials, (0.7,))
case(special_functions, (0.7,), may_refuse="gamma functions")
case(two_argument_functions, (0.7, -1.1))
case(degrees_and_radians, (0.7,))
case(fsum_prod_dist, (0.7, 3.1))


def tiny_and_huge(x):
    return x * 1e-200 * 1e180 + (x * 1e150) / 1e149


def stable_logsumexp(a):
    largest = a[0]
    for i in range(1, len(a)):
        if a[i] > largest:
            largest = a[i]
    total = 0.0
    for i in range(len(a)):
        total += math.exp(a[i] - largest)
    return math.log(total) + largest


def softplus(x):
    return math.log1p(math.exp(-abs(x))) + max(x, 0.0)


def cancellation(x):
    return (1 - math.cos(x)) / x**2


def sqrt_at_zero_dead(x):
    y = 0.0 if x == 0 else math.sqrt(x)
    return y + 2 * x


def safe_division(x, y):
    return x / y if y != 0 else x * 3


def piecewise_tax(income):
    tax, brackets = 0.0, [(0.0, 0.1), (10.0, 0.2), (40.0, 0.4)]
    for floor, rate in brackets:
        if income > floor:
            tax += (income - floor) * rate
    return tax


def numpy_float_argument(x):
    return x * x + np.exp(x)


case(tiny_and_huge, (1.3,))
case(stable_logsumexp, ([1.0, 2.0, 3.0, 4.0],), ([800.0, 801.0],))
case(softplus, (1.3,), (-30.0,))
case(cancellation, (0.5,), rtol=1e-11)
case(sqrt_at_zero_dead, (0.0,), (4.0,), expected=(2.0, 2.25))
case(safe_division, (1.3, 0.4), (1.3, 0.0), expected=((1 / 0.4, -1.3 / 0.4**2), (3.0, 0.0)))
case(piecewise_tax, (5.0,), (25.0,), (80.0,))
case(numpy_float_argument, (np.float64(1.3),))


def chosen_by_numpy(x):
    root = np.where(x > 0, np.sqrt(x), x * x + x)
    y = float(root)
    z = np.where(x != 0, 1 / x, 0.0)
    return y * z + x


def chosen_plainly(x):
    y = math.sqrt(x) if x > 0 else x * x + x
    return y * (1 / x) + x


case(chosen_by_numpy, (0.3,), (2.0,), (-1.5,), ref=chosen_plainly, quiet=True)
case(between_two_entries, ([0.0, 1.0, 2.5], [1.0, 3.0, 2.0], 0.7), ([0.0, 1.0, 2.5], [1.0, 3.0, 2.0], 1.7))
