"""Logarithms and roots of what is then not taken, computed on lines of their own."""

import numpy as np

from .registry import case

X = np.array([1.0, 0.0, -1.0, 2.0])


def log_on_an_earlier_line(x):
    y = np.log(x)
    return np.sum(np.where(x > 0, y, 0.0))


def chain_on_earlier_lines(x):
    z = x + 1.0
    u = np.sqrt(z)
    y = 1.0 / u
    w = np.where(z > 0, y * x, 0.0)
    return np.sum(w * w) + np.sum(x)


def chain_guarded(x):
    z = np.where(x > -1, x + 1.0, 1.0)
    w = np.where(x > -1, x / np.sqrt(z), 0.0)
    return np.sum(w * w) + np.sum(x)


def root_and_what_was_made_of_it(x, c):
    r = np.sqrt(x)
    s = r * c
    return np.sum(np.where(x > 0, s, x))


def taken_in_both_arms(x):
    y = np.log(np.abs(x))
    return np.sum(np.where(x == 0, 0.0, x * y)) + np.sum(np.where(x > 0.5, y * y, 1.0))


def picked_by_a_mask(x):
    return np.sum(np.log(x)[x > 0] * 2) + np.sum(x)


def picked_by_a_mask_on_another_line(x):
    y = np.sqrt(x)
    m = x > 0
    return np.sum(y[m] * x[m])


def read_elsewhere_too(x):
    y = np.sqrt(x)
    a = np.sum(np.where(x > 1.5, y, 0.0))
    return a * y[3] + y[0]


QUIET = {"smooth": False, "quiet": True}
case(log_on_an_earlier_line, (X,), expected=(np.array([1.0, 0.0, 0.0, 0.5]),), **QUIET)
case(
    chain_on_earlier_lines,
    (np.array([1.0, -1.0, -3.0]),),
    expected=(np.array([1.75, 1.0, 1.0]),),
    ref=chain_guarded,
    **QUIET,
)
case(
    root_and_what_was_made_of_it,
    (X, 3.0),
    expected=((np.array([1.5, 1.0, 1.0, 1.5 / 2**0.5]), 1.0 + 2**0.5),),
    **QUIET,
)
case(
    taken_in_both_arms,
    (X,),
    expected=(np.array([1.0, 0.0, 1.0, np.log(2.0) + 1 + np.log(2.0)]),),
    **QUIET,
)
case(picked_by_a_mask, (X,), expected=(np.array([3.0, 1.0, 1.0, 2.0]),), **QUIET)
case(picked_by_a_mask_on_another_line, (X,), expected=(np.array([1.5, 0.0, 0.0, 1.5 * 2**0.5]),), **QUIET)
case(
    read_elsewhere_too,
    (np.array([1.0, 0.5, 0.25, 2.0]),),
)
