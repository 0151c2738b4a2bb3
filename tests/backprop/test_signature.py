"""What is differentiated when nothing is said: integers that count, and lists of them, are not."""

import pytest

import pricegrad as pg


def fibonacci(x, n):
    if n < 2:
        return x
    return fibonacci(x, n - 1) * 0.5 + x * fibonacci(x, n - 2)


def labelled(p, labels):
    return sum(p[j] * p[j] for o in labels for j in range(2) if o == j)


def packed(values, weights):
    room = [0.0] * 4
    for v, w in zip(values, weights, strict=True):
        for c in range(3, w - 1, -1):
            room[c] = max(room[c], room[c - w] + v)
    return room[3]


def product(v, w):
    return v[0] * w[0] + sum(a * b for a, b in zip(v, w, strict=True))


@pytest.mark.parametrize(
    ("f", "args", "derivative"),
    [
        (fibonacci, (1.5, 2), 0.5 + 2 * 1.5),
        (labelled, ([2.0, 3.0], [0, 1, 1]), [4.0, 12.0]),
        (packed, ([5.0, 7.0], [1, 2]), [1.0, 1.0]),
        (product, ([2.0, 3.0], [4, 5]), ([8.0, 5.0], [4.0, 3.0])),
    ],
)
def test_integers_that_count_are_not_differentiated(f, args, derivative):
    assert pg.grad(f)(*args) == derivative
