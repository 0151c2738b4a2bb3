"""Jets of users' functions: curvature from code is the formula's, and what code cannot give is said."""

import numpy as np
import pytest

from pricegrad.equilibrium.derivatives import Derived


def cobb_douglas(x, y, *, a=0.3):
    return x**a * y ** (1 - a)


def with_a_branch(x, y):
    made = (x * y) ** 0.5
    if made > 1:
        made = made * 1.1
    return made


def linear(x, y):
    return 2 * x + 3 * y


def one(x):
    return 1 - 1 / (x + 1)


def test_curvature_is_the_second_derivative():
    x, y, a = 2.0, 3.0, 0.4
    found = Derived(cobb_douglas, 2).curvature(np.array([x, y]), np.array([1.5]), {"a": a})
    f = 1.5 * cobb_douglas(x, y, a=a)
    cross = a * (1 - a) * f
    assert found == pytest.approx(
        np.array([[-cross / x**2, cross / (x * y)], [cross / (x * y), -cross / y**2]]), rel=1e-13
    )
    assert Derived(one, 1).curvature(np.array([x]), np.ones(1), {}) == pytest.approx(-2 / 27, rel=1e-13)
    assert Derived(linear, 2).curvature(np.array([x, y]), np.ones(1), {}).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("function", [cobb_douglas, with_a_branch, linear])
@pytest.mark.parametrize("at", [[0.5, 0.7], [2.0, 3.0], [1e-6, 4.0]])
def test_code_and_differences_agree(function, at):
    derived = Derived(function, 2)
    code = derived.curvature(np.array(at), np.ones(1), {})
    assert derived.differences == ""
    size = np.abs(code).max()
    assert code == pytest.approx(
        derived._by_differences(np.array(at), np.ones(1), {}), rel=1e-7, abs=1e-9 * size + 1e-9
    )


def joint(x, y):
    return (x * y) ** 0.5, x**0.3


def test_what_makes_several_goods_is_taken_by_differences_and_says_so():
    derived = Derived(joint, 2)
    found = derived.curvature(np.array([2.0, 3.0]), np.array([1.0, 2.0]), {})
    assert derived.differences == "it makes several goods"
    assert found[1, 1] == pytest.approx(-0.25 * 6**0.5 / 9, rel=1e-9)


def test_where_it_is_not_defined_curvature_is_nan_and_code_is_used_elsewhere():
    derived = Derived(cobb_douglas, 2)
    assert np.isnan(derived.curvature(np.array([0.0, 3.0]), np.ones(1), {})).all()
    assert np.isfinite(derived.curvature(np.array([1.0, 3.0]), np.ones(1), {})).all()
    assert derived.second is not None
