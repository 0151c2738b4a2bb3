"""At a kink any subgradient is right; a number outside the subdifferential, or NaN, is wrong."""

import math

import numpy as np
import pytest

import pricegrad as pg


def within(got, low, high):
    got = np.asarray(got, dtype=float)
    return bool(np.all(got >= low) and np.all(got <= high))


def absolute(x):
    return abs(x)


def fabs(x):
    return math.fabs(x)


def relu(x):
    return max(x, 0.0)


def relu_other_way(x):
    return max(0.0, x)


def clamp(x):
    return min(max(x, 0.0), 1.0)


@pytest.mark.parametrize(
    ("f", "x", "low", "high"),
    [
        (absolute, 0.0, -1, 1),
        (fabs, 0.0, -1, 1),
        (relu, 0.0, 0, 1),
        (relu_other_way, 0.0, 0, 1),
        (clamp, 1.0, 0, 1),
    ],
)
def test_scalar_kinks(f, x, low, high):
    assert within(pg.grad(f)(x), low, high)


def larger(x, y):
    return max(x, y)


def smaller(x, y):
    return min(x, y)


def larger_of_numpy(x, y):
    return np.maximum(x, y)


def largest(x, y, z):
    return max(x, y, z)


@pytest.mark.parametrize("f", [larger, smaller, larger_of_numpy])
def test_two_equal_arguments_share_one(f):
    slopes = pg.grad(f)(1.3, 1.3)
    assert within(slopes, 0, 1)
    assert sum(slopes) == pytest.approx(1)


def test_three_equal_arguments_share_one():
    slopes = pg.grad(largest)(1.3, 1.3, 1.3)
    assert within(slopes, 0, 1)
    assert sum(slopes) == pytest.approx(1)


def top(x):
    return np.max(x)


def bottom_of_rows(x):
    return np.sum(np.min(x, axis=1))


def top_of_list(x):
    return max(x)


def elementwise_top(x):
    return np.sum(np.maximum(x, 0.0))


def clipped(x):
    return np.sum(np.clip(x, 0.0, 1.0))


def moduli(x):
    return np.sum(np.abs(x))


def ordered(x):
    return np.sum(np.sort(x) * np.arange(1.0, 4.0))


def test_equal_entries_share_one():
    slopes = pg.grad(top)(np.array([1.0, 3.0, 3.0, 2.0, 3.0]))
    assert within(slopes, 0, 1)
    assert np.sum(slopes) == pytest.approx(1)
    assert slopes[0] == slopes[3] == 0


def test_equal_entries_of_rows_share_one():
    slopes = pg.grad(bottom_of_rows)(np.array([[1.0, 1.0, 2.0], [5.0, 4.0, 4.0]]))
    assert np.sum(slopes, axis=1) == pytest.approx([1, 1])
    assert within(slopes, 0, 1)
    assert slopes[0, 2] == slopes[1, 0] == 0


def test_equal_items_of_a_list_share_one():
    slopes = pg.grad(top_of_list)([3.0, 1.0, 3.0])
    assert isinstance(slopes, list)
    assert within(slopes, 0, 1)
    assert sum(slopes) == pytest.approx(1)
    assert slopes[1] == 0


def test_elementwise_kinks():
    assert within(pg.grad(elementwise_top)(np.array([-1.0, 0.0, 2.0])), [0, 0, 1], [0, 1, 1])
    assert within(pg.grad(clipped)(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])), [0, 0, 1, 0, 0], [0, 1, 1, 1, 0])
    assert within(pg.grad(moduli)(np.array([-1.0, 0.0, 2.0])), [-1, -1, 1], [-1, 1, 1])


def test_sorting_equal_entries():
    slopes = pg.grad(ordered)(np.array([2.0, 1.0, 2.0]))
    assert slopes[1] == pytest.approx(1)
    assert sorted(slopes[[0, 2]]) == pytest.approx([2, 3]) or slopes[[0, 2]] == pytest.approx([2.5, 2.5])


def norm(x):
    return np.linalg.norm(x)


def test_norm_at_zero_is_no_nan_without_a_word():
    """Any vector of length at most one is a subgradient; refusing or warning would do too."""
    try:
        slopes = pg.grad(norm)(np.zeros(3))
    except (pg.errors.PricegradError, RuntimeWarning):
        return
    assert np.sum(slopes**2) <= 1
