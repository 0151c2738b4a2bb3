"""Arrays changed in place: whose memory is shown by what, and which write stays."""

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import SourceError


def slopes(f, args, k):
    """Differences of fourth order."""
    x = np.asarray(args[k], float)
    out = np.zeros(x.shape)
    for i in np.ndindex(x.shape):

        def at(h, i=i):
            moved = x.copy()
            moved[i] += h
            return f(*(moved if j == k else np.copy(a) for j, a in enumerate(args)))

        out[i] = (8 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 12e-3
    return out


def the_gradient_is_a_view_of_what_is_put_back(v):
    m = v.reshape(2, 2)
    n = m.copy()
    n[0] = n[1] * m[0]
    n[:, 1] -= 1.0
    return n.ravel() @ v


def a_part_is_augmented_and_then_its_adjoint_overwritten(x, z):
    y = z * 2
    y[1] = 3 * z[0]
    y[1:3] += x
    return np.sum(y**2)


def a_factor_is_overwritten_later(x, a):
    m = x * 2
    n = m @ a
    m[0] = 7.0
    return n + np.sum(m * a)


def a_parameter_becomes_its_sum(x, s):
    x = np.sum(x)
    return x * x * s[0]


def two_parameters_trade_sums(x, y):
    x, y = np.sum(y) * x[0], np.sum(x)
    return x * y


def an_index_repeated(v, w):
    w = w * 2
    w[[0, 0, 1]] = v
    return np.sum(w**2 * np.arange(1.0, 4.0))


def an_index_repeated_and_added(v, w):
    w = w * 2
    w[[0, 0, 1]] += v
    return np.sum(w**2 * np.arange(1.0, 4.0))


def rows_repeated(v, w):
    m = np.outer(w, w)
    m[np.array([1, 1, 0])] = v * 2
    return np.sum(m**2 * np.arange(9.0).reshape(3, 3))


def a_mask_of_what_it_changes(v, w):
    y = v * w
    y[y > 0.5] *= y[y > 0.5]
    y[np.argmax(y)] *= 2
    return np.sum(y * w)


def arrays_appended(v, w):
    rows = [v * 2]
    for r in np.outer(w, v):
        rows.append(r * v[0] + rows[-1])
    return np.sum(np.concatenate(rows) ** 2)


CASES = [
    (the_gradient_is_a_view_of_what_is_put_back, (np.array([1.0, 2, 3, 4]),)),
    (a_part_is_augmented_and_then_its_adjoint_overwritten, (np.array([1.0, 2]), np.arange(4.0))),
    (a_factor_is_overwritten_later, (np.array([1.0, 2]), np.array([0.5, 0.6]))),
    (a_parameter_becomes_its_sum, (np.ones(3), np.array([2.0]))),
    (two_parameters_trade_sums, (np.array([1.0, 2]), np.array([0.5, 0.6, 0.7]))),
    (an_index_repeated, (np.array([1.0, 2, 3]), np.array([0.3, 0.4, 0.5]))),
    (an_index_repeated_and_added, (np.array([1.0, 2, 3]), np.array([0.3, 0.4, 0.5]))),
    (rows_repeated, (np.array([1.0, 2, 3]), np.array([0.3, 0.4, 0.5]))),
    (a_mask_of_what_it_changes, (np.array([1.0, 2, 3]), np.array([0.3, 0.4, 0.5]))),
    (arrays_appended, (np.array([1.0, 2]), np.array([0.5, 0.6, 0.7]))),
]


@pytest.mark.parametrize(("f", "args"), CASES, ids=lambda c: getattr(c, "__name__", ""))
def test_in_place(f, args):
    kept = [a.copy() for a in args]
    got = pg.grad(f, check=False)(*args)
    got = got if isinstance(got, tuple) else (got,)
    for k, slope in enumerate(got):
        assert slope.shape == args[k].shape
        np.testing.assert_allclose(slope, slopes(f, args, k), rtol=1e-8, atol=1e-8)
    assert all(np.array_equal(a, b) for a, b in zip(args, kept))


def test_a_value_that_the_reverse_sweep_puts_back_is_returned_as_it_was():
    def f(x):
        y = x * x
        y[0] = y[1] * y[2]
        return y

    value, slope = pg.vjp(f)(np.array([1.0, 2, 3]), np.ones(3))
    assert value.tolist() == [36.0, 4.0, 9.0]
    assert slope.tolist() == [0.0, 40.0, 30.0]


def test_a_derivative_shares_no_memory_with_arguments_or_its_fellows():
    a, b = np.ones(3), np.arange(3.0)
    slopes_of_product = pg.grad(lambda a, b: a @ b)(a, b)
    assert not any(np.shares_memory(s, x) for s in slopes_of_product for x in (a, b))
    one, two = pg.grad(lambda a, b: np.sum((a + b) * np.arange(3.0)))(a, b)
    assert not np.shares_memory(one, two)


def reshaped(x):
    y = x * 2
    v = y.reshape(1, -1)
    v[0, 0] = 1.0
    return np.sum(y**2)


def transposed_base_written(x):
    y = np.outer(x, x)
    v = np.transpose(y)
    y[0] = 1.0
    return np.sum(v**2)


@pytest.mark.parametrize("f", [reshaped, transposed_base_written])
def test_writes_through_what_only_shows_another_array_are_refused(f):
    with pytest.raises(
        SourceError, match=r"(?s)shows the elements of `y`.*test_arrays_in_place.py, line .*copy"
    ):
        pg.grad(f, check=False)(np.ones(3))


def test_whole_numbers_used_as_an_index_are_no_parameters():
    def f(x, labels):
        totals = np.zeros(3)
        for i in range(len(x)):
            totals[labels[i]] += x[i] ** 2
        return np.sum(totals**1.5)

    x, labels = np.array([0.5, 1.0, 2.0, 0.3]), np.array([0, 2, 0, 1])
    assert pg.grad(f)(x, labels) == pytest.approx(slopes(lambda x: f(x, labels), (x,), 0))


def test_a_result_whose_shape_is_not_known_must_be_one_number():
    def f(x, s):
        y = 0.0
        for i in range(3):
            y = y + x * s**i
        return y

    g = pg.grad(f)
    assert g(1.0, 2.0) == (7.0, 5.0)
    with pytest.raises(SourceError, match="single number"):
        g(np.ones(3), 2.0)


def test_a_list_read_as_an_array_and_as_a_list_in_one_line():
    def f(xs):
        return np.sum(np.array(xs) ** 2) + sum(xs)

    assert pg.grad(f)([1.0, 2.0]) == [3.0, 5.0]


def test_an_axis_is_no_parameter():
    def f(x, axis):
        return np.sum(np.sum(x, axis=axis) ** 2)

    assert pg.grad(f)(np.ones((2, 3)), 1).tolist() == [[6.0] * 3] * 2
