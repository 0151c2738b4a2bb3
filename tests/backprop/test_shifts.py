"""Shifts on which a result does not depend: softmax and log-sum-exp, and what only looks like them."""

import numpy as np
import pytest

import pricegrad as pg

WEIGHTS = np.array([0.3, -1.2, 0.8, 2.0])
TABLE = np.array([[0.2, -0.4, 1.1, 0.6], [1.3, 0.1, -0.7, 0.9], [-0.2, 0.5, 0.4, 1.9]])


def log_sum_exp(x):
    m = x.max()
    return m + np.log(np.exp(x - m).sum())


def log_sum_exp_in_a_line(x):
    return np.max(x) + np.log(np.sum(np.exp(x - np.max(x))))


def softmax(x):
    e = np.exp(x - np.max(x))
    return np.sum(WEIGHTS * e / e.sum())


def softmax_of_rows(x):
    x = x.reshape(2, 2)
    z = x - np.max(x, axis=-1, keepdims=True)
    e = np.exp(z)
    return np.sum(WEIGHTS.reshape(2, 2) * e / np.sum(e, axis=1, keepdims=True))


def softmax_in_a_loop(x):
    total = 0.0
    for i in range(3):
        z = x * WEIGHTS * (i + 1)
        z = z - np.max(z)
        p = np.exp(z) / np.sum(np.exp(z))
        total = total + p @ WEIGHTS
    return total


def shift_that_comes_back(x):
    m = np.max(x)
    return np.mean(x - m) * 2 + m


def unnormalised(x):
    e = np.exp(x - np.max(x))
    return np.sum(WEIGHTS * e)


def other_axis(x):
    x = x.reshape(2, 2)
    z = x - np.max(x, axis=0, keepdims=True)
    e = np.exp(z)
    return np.sum(WEIGHTS.reshape(2, 2) * e / np.sum(e, axis=1, keepdims=True))


def carried_to_the_next_round(x):
    z, total = x, 0.0
    for _ in range(3):
        total = total + np.sum(z**2)
        z = z * 1.1
        z = z - np.max(z)
        p = np.exp(z) / np.sum(np.exp(z))
        total = total + p @ WEIGHTS
    return total


def read_in_a_branch(x):
    z = x - np.max(x)
    extra = np.sum(z * WEIGHTS) if x[0] > 0 else 0.0
    e = np.exp(z)
    return extra + np.sum(WEIGHTS * e / np.sum(e))


def written_to(x):
    z = x - np.max(x)
    z[0] = 1.0
    e = np.exp(z)
    return np.sum(WEIGHTS * e / np.sum(e))


def kept_in_a_list(x):
    z = x - np.max(x)
    kept = [z]
    e = np.exp(z)
    return np.sum(WEIGHTS * e / np.sum(e)) + np.sum(kept[0] * WEIGHTS)


def differences(f, x):
    out = np.zeros_like(x)
    for i in range(len(x)):
        step = np.zeros_like(x)
        step[i] = 1e-6
        out[i] = (f(x + step) - f(x - step)) / 2e-6
    return out


@pytest.mark.parametrize(
    "f",
    [log_sum_exp, log_sum_exp_in_a_line, softmax, softmax_of_rows, softmax_in_a_loop],
    ids=lambda f: f.__name__,
)
def test_the_largest_element_is_not_differentiated(f):
    for x in TABLE:
        g = pg.grad(f)
        assert g(x) == pytest.approx(differences(f, x), abs=1e-8)
        assert "==" not in g.source


@pytest.mark.parametrize(
    "f",
    [
        shift_that_comes_back,
        unnormalised,
        other_axis,
        carried_to_the_next_round,
        read_in_a_branch,
        written_to,
        kept_in_a_list,
    ],
    ids=lambda f: f.__name__,
)
def test_it_is_where_something_depends_on_it(f):
    for x in TABLE:
        g = pg.grad(f)
        assert g(x) == pytest.approx(differences(f, x), abs=1e-8)
        assert "==" in g.source


def test_second_derivatives_of_softmax():
    def probability(x):
        e = np.exp(x - x.max())
        return e[1] / e.sum()

    x = TABLE[0]
    p = np.exp(x) / np.exp(x).sum()
    unit = np.eye(4)[1]
    expected = p[1] * (np.outer(unit - p, unit - p) - np.diag(p) + np.outer(p, p))
    assert pg.hessian(probability)(x) == pytest.approx(expected, abs=1e-12)
