"""Methods, objects that are called and partial functions, differentiated as they are."""

import functools

import pytest

import pricegrad as pg
from pricegrad.errors import SourceError


class Line:
    slope = 3.0

    def __init__(self, weight):
        self.weight = weight

    def of(self, x, b=2.0):
        return self.weight * x * x + b * self.again(x, 2)

    def again(self, x, n=3):
        return x if n == 0 else self.again(x * self.weight, n - 1)

    def __call__(self, x):
        return self.weight * x * x

    @classmethod
    def steep(cls, x):
        return cls.slope * x * x


def weighed(a, b, c=1.5, *, p=2.0):
    return a * b**p + c * a


@pytest.mark.parametrize(
    ("f", "args", "wrt", "derivative"),
    [
        (Line(2.0).of, (1.5, 3.0), None, (4 * 1.5 + 3 * 4, 1.5 * 4)),
        (Line(5.0).of, (1.5, 3.0), None, (10 * 1.5 + 3 * 25, 1.5 * 25)),
        (Line(2.0).again, (1.5,), "x", 8.0),
        (Line(2.0), (1.5,), None, 6.0),
        (Line.steep, (1.5,), None, 9.0),
        (functools.partial(weighed, 2.0), (1.5, 1.0), ("b", "c"), (2.0 * 2 * 1.5, 2.0)),
        (functools.partial(weighed, 2.0, p=3.0), (1.5, 1.0), None, (2.0 * 3 * 1.5**2, 2.0)),
        (functools.partial(functools.partial(weighed, 2.0), 1.5), (1.0,), "c", 2.0),
    ],
)
def test_what_is_given_already_is_no_parameter(f, args, wrt, derivative):
    g = pg.grad(f, wrt=wrt)
    assert g(*args) == pytest.approx(derivative, rel=1e-14)
    assert g(*args) == pytest.approx(derivative, rel=1e-14)
    assert pg.value_and_grad(f, wrt=0)(*args)[0] == pytest.approx(f(*args), rel=1e-15)


def test_the_object_is_read_at_each_call():
    line = Line(2.0)
    g = pg.grad(line)
    assert g(1.0) == 4.0
    line.weight = 3.0
    assert g(1.0) == 6.0


def test_a_partial_that_moves_the_places_of_others_is_refused():
    with pytest.raises(SourceError, match="is a partial"):
        pg.grad(functools.partial(weighed, a=2.0))
