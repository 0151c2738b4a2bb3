"""Arrays: broadcasting, reductions, rearranging, linear algebra."""

import numpy as np

from .registry import case

rng = np.random.default_rng(3)
V3, V4 = rng.uniform(0.5, 2, 3), rng.uniform(-1, 1, 4)
A34, B43, S33 = (
    rng.uniform(-1, 2, (3, 4)),
    rng.uniform(-1, 2, (4, 3)),
    rng.uniform(-1, 1, (3, 3)) + 3 * np.eye(3),
)
T234 = rng.uniform(0.2, 2, (2, 3, 4))


def elementwise(x):
    return np.sum(np.sin(x) * np.exp(-x) + np.sqrt(x) / (1 + x**2) - np.log(x) * np.tanh(x))


def more_elementwise(x):
    return np.sum(
        np.log1p(x) * np.expm1(x) + np.arctan(x) - np.cosh(x) / np.cos(x / 4) + np.square(x) * np.log2(x)
    )


def polynomials_of_arrays(x):
    return np.sum(x**3 - 2 * x**2 + x**0.5 + x**-1 + 2**x)


def power_of_arrays(x, p):
    return np.sum(np.power(x, p) * x**p)


def broadcast_row(a, v):
    return np.sum(a * v + v**2 - a / v)


def broadcast_column(a, v):
    return np.sum((a - v[:, None]) ** 2 / v[:, None])


def broadcast_outer(u, v):
    return np.sum(np.sin(u[:, None] * v[None, :]) + u[:, None] / v)


def broadcast_ones(a, b):
    return np.sum(a * b + a**2 / b)


def broadcast_scalar(x, s):
    return np.sum(x * s + s / x - s**2) + s


def broadcast_up(v, t):
    return np.sum(t / v**2 + v)


def scalar_minus_array(x, s):
    y = s - x
    z = s / x
    return np.sum(y * z)


case(elementwise, (V3,), (A34**2 + 0.1,))
case(more_elementwise, (V3,))
case(polynomials_of_arrays, (V3,))
case(power_of_arrays, (V3, np.array([2.0, -1.0, 0.5])))
case(broadcast_row, (A34, V4 + 2), (A34[:1], V4 + 2))
case(broadcast_column, (A34, V3))
case(broadcast_outer, (V3, V4 + 2))
case(broadcast_ones, (A34[:, :1], V4[None, :] + 2), (T234[:, :1, :], T234[:1, :, :1]))
case(broadcast_scalar, (V3, 1.3), (np.array(0.7), 1.3))
case(broadcast_up, (V4 + 2, T234))
case(scalar_minus_array, (V3, 1.3))


def zero_dimensional(x):
    return x * x + np.sin(x)


def zero_d_from_reduction(x):
    s = x.sum()
    return s * s + x[0] * s


def numpy_scalar_from_index(x):
    a = x[0]
    b = x[1]
    a = a * b
    return a * b + x[2]


def python_sum_and_max_of_array(x):
    return sum(x) * max(x) - min(x)


def loop_over_array(x):
    s = 0.0
    for v in x:
        s = s * v + v**2
    return s


def loop_over_rows(a):
    s = 0.0
    for row in a:
        s = s * 0.5 + np.sum(row) * row[0]
    return s


def loop_over_indices(x, y):
    n = len(x)
    s = 0.0
    for i in range(n):
        s += x[i] * y[n - 1 - i] * i
    return s / n


def shape_unpacking(a):
    m, n = a.shape
    s = 0.0
    for i in range(m):
        s += a[i, n - 1] * a[i, 0] / a.size
    return s


case(zero_dimensional, (np.array(1.3),))
case(zero_d_from_reduction, (V3,))
case(numpy_scalar_from_index, (V3,))
case(python_sum_and_max_of_array, (V3,))
case(loop_over_array, (V3,))
case(loop_over_rows, (A34,))
case(loop_over_indices, (V3, V3[::-1].copy()))
case(shape_unpacking, (A34,))


def sums(a):
    return np.sum(a.sum(axis=0) ** 2) + np.sum(a.sum(1) ** 3) + a.sum() * np.sum(a, axis=(0, 1))


def keepdims(a):
    b = a - a.mean(axis=1, keepdims=True)
    return np.sum(b**3 / (1 + a.sum(axis=0, keepdims=True) ** 2))


def means(a):
    return np.mean(a) * np.sum(np.mean(a, axis=0) ** 2) + np.sum(a.mean(axis=-1) ** 3)


def negative_axes(t):
    return np.sum(t.sum(axis=-2) ** 2) + np.sum(t.mean(axis=(0, -1)) ** 2)


def variance(a):
    return np.var(a) + np.sum(a.var(axis=0)) + np.sum(np.std(a, axis=1, ddof=1)) + a.std()


def products(x):
    return np.prod(x) + np.sum(np.prod(x.reshape(2, 2), axis=0) ** 2)


def extremes(a):
    return np.max(a) * np.min(a) + np.sum(a.max(axis=0) ** 2) + np.sum(np.min(a, axis=1, keepdims=True) * a)


def softmax(a):
    z = a - a.max(axis=1, keepdims=True)
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.sum(np.log(p[:, 0])) + np.sum(p**2)


def logsumexp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


case(sums, (A34,))
case(keepdims, (A34,))
case(means, (A34,))
case(negative_axes, (T234,))


def variance_by_functions(a):
    return np.var(a) + np.sum(np.var(a, axis=0)) + np.sum(np.std(a, axis=1, ddof=1)) + np.std(a)


case(variance, (A34,), ref=variance_by_functions)
case(variance_by_functions, (A34,))
case(products, (V4,), (np.array([0.0, 2.0, 3.0, 4.0]),), (np.array([0.0, 2.0, 0.0, 4.0]),))
case(extremes, (A34,))
case(softmax, (A34,))
case(logsumexp, (V4,), (V4 + 800,), rtol=1e-9)


def maximum_at_tie(x, y):
    return np.maximum(x, y) + np.minimum(x, y)


def largest_of_stack_of_itself(x):
    return np.max(np.stack([x, x]))


case(maximum_at_tie, (1.3, 1.3), expected=((1.0, 1.0),), smooth=False)
case(largest_of_stack_of_itself, (1.3,), expected=(1.0,))


def cumsum_all(a):
    return np.sum(np.cumsum(a[0]) ** 2) + np.sum(np.cumsum(a, axis=1) ** 2) + np.sum(np.cumsum(a) ** 3)


def cumprod_all(x):
    return np.sum(np.cumprod(x) * np.array([1.0, 2.0, 3.0, 4.0]))


def cumprod_squared(x):
    return np.sum(np.cumprod(x) ** 2) + x.cumsum()[-1]


def differences(x):
    return np.sum(np.diff(x) ** 2 * x[1:])


case(cumsum_all, (A34,))
case(
    cumprod_all,
    (V4,),
    (np.array([0.0, 2.0, 3.0, 4.0]),),
    (np.array([2.0, 0.0, 0.0, 3.0]),),
    (np.array([2.0, 3.0, 4.0, 0.0]),),
)
case(cumprod_squared, (np.array([2.0, 0.0, 0.5, 3.0]),))
case(differences, (V4,))


def matmul_kinds(a, b, v):
    return np.sum((a @ b) ** 2) + v @ (a @ b) @ v + np.sum(v @ a) + np.sum(b @ v)


def dot_kinds(a, v):
    return np.dot(v, v) + np.sum(np.dot(a, v) ** 2) + v.dot(v) * np.sum(a.dot(a))


def outer_and_inner(u, v):
    return np.sum(np.outer(u, v) ** 2) + np.inner(u, u) + np.vdot(v, v) + np.trace(np.outer(u, u))


def batched_matmul(t, b):
    return np.sum((t @ b) ** 2)


def einsum_kinds(a, b):
    return (
        np.sum(np.einsum("ij,jk->ik", a, b) ** 2)
        + np.einsum("ij,ij->", a, b.T)
        + np.sum(np.einsum("ij,kj->ki", a, a) ** 2)
        + np.sum(np.einsum("ij->j", a) ** 2)
    )


def einsum_trace_and_outer(s, u):
    return np.einsum("ii->", s) * np.einsum("ii->i", s)[0] + np.sum(np.einsum("i,j->ij", u, u) ** 2)


def einsum_three(u, a, v):
    return np.einsum("i,ij,j->", u, a, v)


def einsum_batched(t, a):
    return np.sum(np.einsum("bij,ij->b", t, a) ** 2)


def transposes(a, t):
    return np.sum(a.T @ a) + np.sum(np.transpose(t, (2, 0, 1))[1] ** 2) + np.sum(np.swapaxes(t, 0, 2)[0] ** 3)


def reshapes(a):
    b = a.reshape(2, 6)
    c = np.reshape(a, (4, -1))
    d = a.ravel()
    return np.sum(b[0] * b[1]) + np.sum(c[0] * c[1]) + d[3] * d[7] + np.sum(a.flatten() ** 3)


def stacking(u, v):
    c = np.concatenate([u, v, u * 2])
    s = np.stack([u, u * u], axis=1)
    h = np.hstack([v, u])
    w = np.vstack([u, u + 1])
    return np.sum(c**2 * np.arange(10)) + np.sum(s[:, 0] * s[:, 1]) + h[2] * h[5] + np.sum(w[0] * w[1])


def concatenate_axis(a, b):
    return np.sum(np.concatenate([a, b.T], axis=0) ** 2 * np.arange(24.0).reshape(6, 4)) + np.sum(
        np.concatenate((a, a), axis=1)[:, 3:5]
    )


def array_from_scalars(x, y):
    v = np.array([x, y, x * y])
    m = np.array([[x, 1.0], [y, x]])
    return np.sum(v**2) + np.sum(m @ m) + v[2] * m[1, 1]


def splitting(x):
    a, b = np.split(x, 2)
    return np.sum(a * b) + a[0]


def tiling(x):
    return np.sum(np.repeat(x, 2) * np.arange(6)) + np.sum(np.tile(x, 3) ** 2 * np.arange(9))


def expand_and_squeeze(x):
    y = np.expand_dims(x, 0)
    z = x[np.newaxis, :, None]
    return np.sum(y * y.T) + np.sum(np.squeeze(z) ** 2) + np.sum(np.broadcast_to(x, (2, 3)) ** 2)


def diag_and_tri(s, u):
    return (
        np.sum(np.diag(s) ** 2)
        + np.sum(np.diag(u) @ s)
        + np.sum(np.triu(s) ** 2)
        + np.sum(np.tril(s, -1) ** 3)
        + np.trace(s)
    )


def flips_and_rolls(x):
    return np.sum(x[::-1] * x) + np.sum(np.flip(x) * np.arange(4)) + np.sum(np.roll(x, 1) * x) + x[::-2][0]


case(matmul_kinds, (A34, B43, V3), wrt=("a", "b"), name="matmul_matrices")
case(matmul_kinds, (A34, B43, V3), wrt="v", name="matmul_vectors")
case(dot_kinds, (S33, V3))
case(outer_and_inner, (V3, V4))
case(batched_matmul, (T234, B43))
case(einsum_kinds, (A34, B43))
case(einsum_trace_and_outer, (S33, V3))
case(einsum_three, (V3, A34, V4))
case(einsum_batched, (T234, A34))
case(transposes, (A34, T234))
case(reshapes, (A34,))
case(stacking, (V3, V4))
case(concatenate_axis, (A34, B43))
case(array_from_scalars, (1.3, 0.4))
case(splitting, (V4,), may_refuse="np.split")
case(tiling, (V3,))
case(expand_and_squeeze, (V3,))
case(diag_and_tri, (S33, V3))
case(flips_and_rolls, (V4,))


def solves(a, b):
    return np.sum(np.linalg.solve(a, b) ** 2)


def solve_matrix(a, b):
    x = np.linalg.solve(a, b)
    return np.sum(x[0] * x[1])


def inverse(a):
    return np.sum(np.linalg.inv(a) ** 2) + np.linalg.inv(a)[0, 1]


def determinant(a):
    return np.linalg.det(a) * 0.1


def norms(x, a):
    return np.linalg.norm(x) + np.linalg.norm(a) ** 2 + np.sum(np.linalg.norm(a, axis=1))


def leontief_prices(a, v):
    return np.sum(np.linalg.solve(np.eye(3) - 0.1 * a.T, v))


case(solves, (S33, V3))
case(solve_matrix, (S33, S33[:, :2] + 1))
case(inverse, (S33,))
case(determinant, (S33,), may_refuse="np.linalg.det")
case(norms, (V3, A34))
case(leontief_prices, (S33, V3))


def norm_squared_at_zero(x):
    return np.sum(x**2)


def where_plain(x, y):
    return np.sum(np.where(x > 1, x * y, y**2))


def where_scalar_branch(x):
    return np.sum(np.where(x > 1, x**2, 0.0)) + np.sum(np.where(x < 1, 1.0, x))


def where_over_its_own_operand(x, y):
    d = x.max(axis=-1, keepdims=True)
    x = np.where(y > d, y, d * 0.4)
    return np.sum(d * 0.4) + np.sum(x * 0.8)


def where_nan_untaken(x):
    return np.sum(np.where(x > 0, np.sqrt(np.abs(x)), 0.0) * 2 + x)


def where_log_untaken(x):
    return np.sum(np.where(x > 0, np.log(x), -x))


def where_log_untaken_silenced(x):
    with np.errstate(all="ignore"):
        return np.sum(np.where(x > 0, np.log(x), -x))


def where_root_then_square(x):
    return np.sum(np.where(x == 0, 0.0, x * np.sqrt(x)) + np.where(x > 0, x**0.5, x))


def where_quotient_untaken(x, y):
    return np.sum(np.where(y != 0, x / y, x * 3))


def where_safe(x):
    safe = np.where(x > 0, x, 1.0)
    return np.sum(np.where(x > 0, np.log(safe), 0.0))


def where_with_mask_variable(x):
    mask = x > 1
    return np.sum(np.where(mask, x, -x)) + np.sum(x * mask)


def clipped(x):
    return np.sum(np.clip(x, 0.8, 1.2) * x) + np.sum(np.maximum(x, 1.0)) + np.sum(np.minimum(x, 0.9) ** 2)


def absolute_and_sign(x):
    return np.sum(np.abs(x) * x) + np.sum(np.sign(x) * x**2)


def pairwise(x, y):
    return np.sum(
        np.arctan2(x, y) * np.hypot(x, y) + np.logaddexp(x, y) - np.maximum(x, y) * np.minimum(y, 0.7)
    )


X4 = np.array([1.5, -2.0, 0.4, 3.0])
with np.errstate(all="ignore"):
    LOG_SLOPE = np.where(X4 > 0, 1 / X4, -1.0)
ZERO4 = np.array([0.0, 1.0, 4.0, 0.25])


case(norm_squared_at_zero, (np.zeros(3),))
case(where_plain, (V3, V3 + 0.5))
case(where_scalar_branch, (V3,))
case(where_over_its_own_operand, (V3, np.array([0.1, 2.0, 3.0, 4.0])))
case(where_nan_untaken, (ZERO4,), expected=(np.array([1.0, 2.0, 1.5, 3.0]),), smooth=False)
case(where_log_untaken, (X4,), expected=(LOG_SLOPE,), smooth=False, quiet=True)
case(
    where_log_untaken_silenced,
    (X4,),
    expected=(LOG_SLOPE,),
    smooth=False,
    may_refuse="a with statement",
)
case(
    where_root_then_square,
    (ZERO4,),
    expected=(np.array([1.0, 1.5 + 0.5, 3.0 + 0.25, 0.75 + 1.0]),),
    smooth=False,
    quiet=True,
)
case(
    where_quotient_untaken,
    (V3, np.array([2.0, 0.0, -1.0])),
    expected=((np.array([0.5, 3.0, -1.0]), np.array([-V3[0] / 4, 0.0, -V3[2]])),),
    ref=lambda x, y: x[0] / y[0] + 3 * x[1] + x[2] / y[2],
    smooth=False,
    quiet=True,
)
case(where_safe, (X4,))
case(where_with_mask_variable, (V3,))
case(clipped, (np.array([0.5, 1.1, 2.0]),))
case(absolute_and_sign, (X4,))
case(pairwise, (V3, np.array([1.4, 0.3, 0.9])))


def two_layers(x, w1, b1, w2, b2):
    h = np.maximum(x @ w1 + b1, 0)
    z = h @ w2 + b2
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -logp[np.arange(3), np.array([0, 2, 1])].mean()


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def diffusion(u):
    for _ in range(4):
        u = u + 0.1 * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    return np.sum(u**2)


def power_iteration(a, v):
    for _ in range(5):
        v = a @ v
        v = v / np.sqrt(np.sum(v * v))
    return v @ a @ v


def mixed_scalar_and_array(x, s):
    y = 0.0
    for i in range(3):
        y = y + x * s**i
    t = np.sum(y)
    return t * s + y[0]


def shape_changes_between_calls(x):
    return np.sum(x * x) / np.size(x)


case(
    two_layers,
    (A34, rng.normal(size=(4, 5)), rng.normal(size=5), rng.normal(size=(5, 3)), rng.normal(size=3)),
)
case(rosenbrock, (rng.normal(size=6),))
case(diffusion, (V4,))
case(power_iteration, (S33, V3))
case(mixed_scalar_and_array, (V3, 1.3))
case(shape_changes_between_calls, (V3,), (A34,), (np.array(2.0),), (1.3,), (T234,))


def gathered_by_a_list_written_out(x, m):
    a = x[[0, 1, 2]]
    b = m[[1, 0]]
    x = np.sin(m) + 0.3
    return np.sum(a * 0.3) + np.sum(b * m) + np.sum(x * 0.6)


case(gathered_by_a_list_written_out, (np.array([0.3, 0.7, 1.1, 0.2]), np.array([[0.2, 0.5], [1.0, 0.7]])))
