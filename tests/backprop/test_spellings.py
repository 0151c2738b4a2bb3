"""NumPy calls that are short for others, and calls that change an array in place, against differences."""

import math

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.errors import SourceError

from .test_rules_array import by_differences, compare

CALLS = [
    "np.median(a * s[0, 0])",
    "np.median(v)",
    "np.quantile(v * x, 0.3)",
    "np.percentile(a[0] + v, 60)",
    "np.kron(a, s)",
    "np.kron(v, v * x)",
    "np.ptp(a * x)",
    "np.average(v, weights=v**2)",
    "np.average(a, axis=0)",
    "np.cross(t.ravel()[:3], t.ravel()[1:4] ** 2)",
    "np.linalg.matrix_power(s, 3)",
    "np.polyval(v, x)",
    "np.polyval(v, v**2)",
    "np.split(v * x, 1)[0] * np.array([*np.split(a, 1)])[0]",
    "np.logaddexp.reduce(v) * v[0].item()",
    "np.nansum(a) * np.nanmax(v) + np.nanmean(a) * np.nanmin(v)",
    "np.append(a, x)",
    "np.concatenate([v, [x, v[0] * 2], v[::-1]]) ** 2",
    "np.rot90(a)",
    "np.meshgrid(v, v * x)[0] * np.meshgrid(v, v * x)[1]",
    "np.trapezoid(v, np.cumsum(v**2))",
    "np.interp(0.7, np.arange(float(len(v))), v)",
    "np.interp(x * 0.5, np.cumsum(v**2), v)",
    "np.float_power(a, 1.5)",
    "np.float64(x) * a",
    "np.linalg.norm(v, np.inf) * np.linalg.norm(v, 3)",
    "np.max(a * x) - np.min(a * x) - np.min(v)",
    "np.select([a < 1, a > 1.3], [a**2, x * a], default=v)",
    "np.r_[v, x, v[0] * x]",
    "np.c_[v, v**2]",
    "np.maximum.reduce(v) * np.add.reduce(a) + np.multiply.reduce(a, axis=0)",
    "np.take_along_axis(v, np.argsort(v), axis=0) * np.arange(len(v))",
    "np.take_along_axis(a, np.argsort(-a, axis=1), axis=1) * v",
    "np.take_along_axis(a, np.argsort(-a, axis=0), axis=0) * v",
    "np.cross(np.stack([v, v**2, v * x], axis=-1), np.array([x, 1.0, x * x]))",
    "np.sinc(a * 0.3) + np.sinc(x)",
    "np.trace(s, offset=1) + np.trace(s * x, offset=-1)",
    "sum([np.prod(p + 1) for p in np.array_split(t.ravel(), 3)])",
    "np.delete(v**2, 1) * np.delete(v, -1)",
    "np.insert(v**2, 1, v[0] * x)",
    "np.bincount(np.arange(len(v)) % 2, weights=v**2)",
    "np.gradient(v**2) * np.gradient(v**3, 0.5)",
    "np.correlate(v, v[:2]) ** 2",
    "np.correlate(v[:2], v**2) * np.arange(1, len(v))",
    "np.sum(a * a, where=a > 1.2) + np.mean(a, where=a > 1.2) * np.sum(a, axis=0, where=a > 1.2)",
    "np.clip(a, min=1.2) * np.clip(a, max=1.4) + a.clip(min=1.1) * v.sum(where=v > 1)",
    "np.nan_to_num(a**2)",
    "np.pad(v**2, 1, mode='edge') * np.pad(v, (1, 1), mode='reflect') + np.pad(v, 1, mode='wrap')",
    "np.repeat(a**2, np.arange(1, len(a) + 1), axis=0)",
    "np.repeat(a**2, np.arange(1, len(v) + 1), axis=1)",
    "np.linalg.pinv(a) * x",
    "np.linalg.pinv(a.T) ** 2",
    "np.linalg.norm(s, 1) * np.linalg.norm(s, np.inf)",
    "np.linspace(x, 2 * x, 4, endpoint=False) + np.geomspace(x, 2 * x, 4) * np.logspace(0.1, x * 0.1, 4)",
    "np.cov(v**2)",
    "np.finfo(float).eps + v / (v + np.finfo(np.float64).tiny)",
]


@pytest.mark.parametrize("call", CALLS)
def test_spelled_out(call):
    compare("interp", call, 2, 3)


def scattered(x):
    y = np.zeros(3)
    np.add.at(y, [0, 1, 1, 2], x**2)
    np.subtract.at(y, np.array([2, 2]), y[:2] * x[0])
    return np.sum(y * np.array([1.0, 2.0, 3.0])) + y[1] ** 2


def multiplied_where_it_repeats(x):
    y = x[:3].copy()
    np.multiply.at(y, [0, 1, 1, 2], x)
    np.divide.at(y, [1, 1], 2.0)
    return np.sum(y**2)


def pairs_of_indices(x):
    y = np.ones((2, 2)) * x[0]
    np.add.at(y, ([0, 1, 0], [1, 1, 1]), x[1:])
    np.add.at(y, (slice(None), 0), x[0])
    return np.sum(y**3)


def written_out(x):
    y = np.empty(4)
    np.multiply(x, x, out=y)
    np.add(y, 1.0, out=y)
    z = np.sqrt(y, out=y)
    return np.sum(y * x) + z[0]


def filled_and_copied(x):
    y = np.empty(4)
    y.fill(2.0)
    y[:] = x * y
    np.copyto(y, y * x)
    y.sort()
    m = np.outer(y, x)
    np.fill_diagonal(m, 0.5)
    return np.sum(m**2) + y[1]


@pytest.mark.parametrize(
    "f",
    [scattered, multiplied_where_it_repeats, pairs_of_indices, written_out, filled_and_copied],
)
def test_changed_in_place(f):
    x = np.array([0.5, 2.0, 1.5, -0.7])
    assert pg.grad(f)(x) == pytest.approx(by_differences(f, {"x": x}, "x"), rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("f", [scattered, written_out])
def test_changed_in_place_twice_over(f):
    x = np.array([0.5, 2.0, 1.5, -0.7])
    gradient = pg.grad(f)
    rows = [by_differences(lambda x, i=i: gradient(x)[i], {"x": x}, "x") for i in range(len(x))]
    assert pg.hessian(f)(x) == pytest.approx(np.array(rows), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("x", [0.4, 2.3, 5.0])
def test_gamma_and_digamma(x):
    from scipy import special

    def f(x):
        return math.lgamma(x) * math.gamma(x) + special.expit(x) * special.digamma(x)

    logarithm, value, psi, s = math.lgamma(x), math.gamma(x), special.digamma(x), special.expit(x)
    slope = psi * value * (1 + logarithm) + s * (1 - s) * psi + s * special.polygamma(1, x)
    assert pg.grad(f)(x) == pytest.approx(slope, rel=1e-12)


def test_an_inner_gradient_is_refused_with_a_way_out():
    def f(x):
        return x * pg.grad(lambda y: y * y)(2.0)

    with pytest.raises(SourceError, match="Differentiate the inner function"):
        pg.grad(f)(1.3)
