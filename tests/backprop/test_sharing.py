"""Arguments that share memory: harmless while they are only read, refused where one of them is changed."""

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import SourceError


def writes_the_first(x, y):
    x[0] = 5.0 * y[1]
    return np.sum(x * y)


def writes_a_row(rows):
    rows[0][0] = rows[1][0] * 2
    return rows[0][0] * rows[1][1]


def writes_a_list(a, b):
    a[0] = b[1] * 2
    return a[0] * b[0]


def only_reads(x, y):
    return np.sum(x * y)


SAME = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("f", "apart", "together"),
    [
        (writes_the_first, (SAME, SAME.copy()), (SAME, SAME)),
        (writes_the_first, (SAME[:2], SAME[1:].copy()), (SAME[:2], SAME[1:])),
        (writes_a_row, ([[1.0, 2.0], [3.0, 4.0]],), ([[1.0, 2.0]] * 2,)),
        (writes_a_list, ([1.0, 2.0], [3.0, 4.0]), ([1.0, 2.0],) * 2),
    ],
)
def test_refused_at_every_call(f, apart, together):
    g = pg.grad(f)
    for _ in range(2):
        with pytest.raises(SourceError, match="changed in place"):
            g(*together)
        g(*apart)
    with pytest.raises(SourceError, match="changed in place"):
        g(*together)


def test_interleaved_views_lie_apart():
    whole = np.arange(6.0)
    g = pg.grad(writes_the_first)
    assert g(whole[::2], whole[1::2])[1] == pytest.approx(
        pg.grad(writes_the_first)(whole[::2], whole[1::2])[1]
    )


def test_reading_one_object_twice_is_no_matter():
    first, second = pg.grad(only_reads)(SAME, SAME)
    assert first == pytest.approx(SAME)
    assert second == pytest.approx(SAME)
