"""Every row of the table of NumPy functions, over shapes and axes, against oracles that share no code."""

import ast

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pricegrad as pg
from pricegrad.backprop import rules_array, source
from pricegrad.errors import SourceError

# What is called for each row. {k} is an axis of the matrix a (m, n), {keep} a truth value; b has the shape of
# a or one that broadcasts to it; v (n,) is a row, s (n, n) a square matrix, t (2, m, n) a stack, x a number.
CALLS = {
    "sum": [
        "np.sum(a, axis={k}, keepdims={keep})",
        "a.sum()",
        "a.sum(axis=(0, 1), keepdims={keep})",
        "sum(v)",
    ],
    "mean": [
        "np.mean(a, axis={k}, keepdims={keep})",
        "a.mean()",
        "t.mean(axis=(0, -1))",
        "np.mean(x * a, {k})",
    ],
    "prod": [
        "np.prod(a, axis={k}, keepdims={keep})",
        "a.prod()",
        "np.prod(t, axis=1)",
        "np.prod(z, axis={k})",
    ],
    "max": ["np.max(a, axis={k}, keepdims={keep})", "a.max()", "max(v)", "t.max(axis=-1)", "np.amax(a, 0)"],
    "min": ["np.min(a, axis={k}, keepdims={keep})", "a.min()", "min(v)", "t.min(axis=(0, 2))"],
    "var": ["np.var(a, axis={k}, keepdims={keep})", "a.var()", "np.var(t, axis=0, ddof=1)"],
    "std": ["np.std(t, axis=0, keepdims={keep})", "t.std()", "np.std(t, axis=(0, 1), ddof=1)"],
    "cumsum": ["np.cumsum(a, axis={k})", "a.cumsum()", "np.cumsum(v)", "np.cumsum(t, axis=1)"],
    "cumprod": [
        "np.cumprod(a, axis={k})",
        "a.cumprod()",
        "np.cumprod(v)",
        "np.cumprod(z, axis={k})",
        "np.cumprod(z)",
    ],
    "trace": ["np.trace(s)", "a.trace()"],
    "trapezoid": ["np.trapezoid(v)", "np.trapezoid(v, dx=0.5)", "np.trapezoid(v, np.arange(len(v)) ** 1.5)"],
    "interp": [
        "np.interp(a, np.array([0.0, 1.0, 3.0]), np.array([1.0, 0.5, 2.5]))",
        "np.interp(x, [0.0, 1.0, 3.0], [1.0, 0.5, 2.5])",
    ],
    "linalg.norm": [
        "np.linalg.norm(a)",
        "np.linalg.norm(v)",
        "np.linalg.norm(a, axis={k}, keepdims={keep})",
        "np.linalg.norm(v, 1)",
        "np.linalg.norm(a, 'fro')",
    ],
    "matmul": [
        "np.matmul(a, s)",
        "a @ v",
        "v @ s",
        "v @ v",
        "t @ s",
        "a @ np.swapaxes(t, 1, 2)",
        "t @ v",
        "v @ a.T",
        "np.swapaxes(t, 1, 2) @ t",
        "v @ np.swapaxes(t, 1, 2)",
        "(a[:, :1] * b) @ s",
        "a[None] @ t.swapaxes(1, 2)",
    ],
    "dot": ["np.dot(a, s)", "np.dot(a, v)", "v.dot(v)", "np.dot(x, a)", "t.dot(v)"],
    "vdot": ["np.vdot(v, v)", "np.vdot(a, a * x)", "np.vdot(a, (a * x).ravel())"],
    "inner": ["np.inner(v, v)", "np.inner(a, v)", "np.inner(a, s)"],
    "outer": ["np.outer(v, v * x)", "np.outer(a[0], a[:, 0])"],
    "einsum": [
        "np.einsum('ij,jk->ik', a, s)",
        "np.einsum('ij,kj', a, a)",
        "np.einsum('ii->i', s)",
        "np.einsum('ii', s)",
        "np.einsum('ij->j', a)",
        "np.einsum('ij,j,j->', a, v, v)",
        "np.einsum('bij,ij->b', t, a)",
        "np.einsum('ij->ji', a)",
        "np.einsum('ij->', a)",
        "np.einsum('i,i->i', v, v)",
        "np.einsum('...i->...', a)",
        "np.einsum('...ij,jk', t, s)",
        "np.einsum('...j,...j->...', t, a)",
    ],
    "tensordot": [
        "np.tensordot(t, s, 1)",
        "np.tensordot(t, a, axes=([1, 2], [0, 1]))",
        "np.tensordot(t, a)",
        "np.tensordot(a, a, axes=([0], [0]))",
    ],
    "linalg.solve": [
        "np.linalg.solve(s, v)",
        "np.linalg.solve(s, s * x + 1)",
        "np.linalg.solve(s.T @ s, v * x)",
    ],
    "linalg.inv": ["np.linalg.inv(s)", "np.linalg.inv(s @ s)"],
    "linalg.det": ["np.linalg.det(s)"],
    "linalg.cholesky": ["np.linalg.cholesky(s @ s.T)", "np.linalg.cholesky(s.T @ s + a.T @ a)"],
    "linalg.eigh": [
        "np.linalg.eigh(s + s.T)[0]",
        "np.linalg.eigh(s @ s.T)[1] ** 2",
        "np.linalg.eigh(s)[0] * np.linalg.eigh(s)[1][0] ** 2",
    ],
    "linalg.eigvalsh": ["np.linalg.eigvalsh(s @ s.T)", "np.linalg.eigvalsh(s)"],
    "convolve": [
        "np.convolve(v, v[:2])",
        "np.convolve(v[:2], a.ravel(), 'same')",
        "np.convolve(a.ravel(), v, mode='valid')",
    ],
    "running_max": ["np.maximum.accumulate(v)", "np.maximum.accumulate(a.ravel() * x)"],
    "running_min": ["np.minimum.accumulate(v)"],
    "tolist": ["np.array(v.tolist()) * v", "sum(v.tolist())", "np.array((a * x).tolist())"],
    "linalg.slogdet": ["np.linalg.slogdet(s)[1]"],
    "where": [
        "np.where(c, a, b)",
        "np.where(c, x, a)",
        "np.where(a > 1.1, np.log(a), b)",
        "np.where(v > 1, a, v)",
        "np.where(c, np.sqrt(a - 0.4), x / a)",
    ],
    "maximum": ["np.maximum(a, b)", "np.maximum(a, x)", "np.maximum(a * b, 1.0)", "np.maximum(v, a)"],
    "minimum": ["np.minimum(a, b)", "np.minimum(x, a)", "np.minimum(a * b, 1.0)"],
    "fmax": ["np.fmax(a, b)"],
    "fmin": ["np.fmin(a, b)"],
    "clip": ["np.clip(a, 0.8, 1.3)", "a.clip(0.7, None)", "np.clip(a, x * 0.7, b + 0.2)"],
    "reshape": [
        "a.reshape(-1)",
        "np.reshape(a, (-1, 1))",
        "a.reshape({n}, {m})",
        "a.reshape(a.shape[1], a.shape[0])",
    ],
    "ravel": ["a.ravel()", "np.ravel(t)"],
    "flatten": ["a.flatten()"],
    "squeeze": ["np.squeeze(a[None])", "np.squeeze(a[:, None], axis=1)", "a[:1].squeeze(0)"],
    "expand_dims": ["np.expand_dims(a, {k})", "np.expand_dims(v, -1) * v"],
    "atleast_1d": ["np.atleast_1d(v)"],
    "atleast_2d": ["np.atleast_2d(v) * a"],
    "transpose": [
        "np.transpose(a)",
        "a.transpose()",
        "np.transpose(t, (2, 0, 1))",
        "t.transpose(1, 2, 0)",
        "a.T * x",
    ],
    "swapaxes": ["np.swapaxes(t, 0, 2)", "t.swapaxes(-1, 0)"],
    "moveaxis": ["np.moveaxis(t, 0, -1)", "np.moveaxis(t, 2, 0)"],
    "flip": ["np.flip(a)", "np.flip(a, {k})"],
    "fliplr": ["np.fliplr(a)"],
    "flipud": ["np.flipud(a)"],
    "roll": ["np.roll(a, 1)", "np.roll(a, -2, axis={k})", "np.roll(v, 1)"],
    "sort": ["np.sort(a, axis={k})", "np.sort(v)"],
    "take": [
        "np.take(a, [0, 0], axis={k})",
        "np.take(v, [0, 0, -1])",
        "np.take(a, [0, 1, 1])",
        "a.take([0], axis=1)",
    ],
    "concatenate": [
        "np.concatenate([a, a * b], axis={k})",
        "np.concatenate((v, 2 * v, v))",
        "np.concatenate([r * x for r in a])",
        "np.concatenate([t, t * x], axis=-1)",
    ],
    "stack": [
        "np.stack([a, b * a, a], axis={k})",
        "np.stack((v, v * x), -1)",
        "np.stack([r * x for r in a], axis=1)",
    ],
    "hstack": ["np.hstack([v, v * x])", "np.hstack([a, a * b])"],
    "vstack": ["np.vstack([v, v * x])", "np.vstack([a, a * b])"],
    "column_stack": ["np.column_stack([v, v * x])", "np.column_stack([a, a * b])"],
    "repeat": [
        "np.repeat(v, 3)",
        "np.repeat(a, 2)",
        "np.repeat(a, 2, axis={k})",
        "v.repeat(2)",
        "np.repeat(v, np.arange(len(v)))",
    ],
    "tile": ["np.tile(v, 2)", "np.tile(a, 2)", "np.tile(a, (2, 3))", "np.tile(v, (2, 1, 2))"],
    "broadcast_to": [
        "np.broadcast_to(v, a.shape)",
        "np.broadcast_to(x, (2, 3))",
        "np.broadcast_to(a, (2, {m}, {n}))",
    ],
    "pad": ["np.pad(a, 1)", "np.pad(v, (2, 0))", "np.pad(a, [(0, 1), (2, 0)])"],
    "diff": ["np.diff(v)", "np.diff(a, axis={k})", "np.diff(t)"],
    "diag": ["np.diag(v)", "np.diag(s)", "np.diag(v, 1)", "np.diag(a)"],
    "diagonal": ["a.diagonal()", "np.diagonal(s)"],
    "tril": ["np.tril(a)", "np.tril(s, -1)"],
    "triu": ["np.triu(a, 1)", "np.triu(s)"],
    "copy": ["a.copy()", "np.copy(a)"],
    "array": [
        "np.array(a)",
        "np.array([x, x * x, 1.0])",
        "np.array([[x, v[0]], [2.0, x]])",
        "np.array([v, v * x])",
    ],
    "asarray": ["np.asarray(a)", "np.asarray([x, 2 * x])"],
    "ascontiguousarray": ["np.ascontiguousarray(a.T)"],
    "astype": ["a.astype(float)"],
    "real": ["np.real(a)"],
    "item": ["a[:1, :1].item()"],
    "full": ["np.full(3, x)", "np.full((2, {n}), v * x)"],
    "full_like": ["np.full_like(a, x)"],
    "linspace": ["np.linspace(x, 2.0 + x * x, 5)"],
}
# Functions that do otherwise with complex numbers: differences are asked.
REAL = {
    "linalg.cholesky",
    "linalg.eigh",
    "linalg.eigvalsh",
    "interp",
    "linalg.norm",
    "var",
    "std",
    "clip",
    "vdot",
    "astype",
    "item",
    "linalg.slogdet",
    "full_like",
    "fmax",
    "fmin",
    "maximum",
    "minimum",
    "where",
    "pad",
    "real",
}
FLAT = {n for n, row in rules_array.ROWS.items() if row.back is None}


def arguments(m, n):
    rng = np.random.default_rng([m, n])  # the same whichever tests run before
    a = rng.permutation(np.linspace(0.5, 1.9, m * n)).reshape(m, n)
    z = a.copy()
    z.flat[:: max(m * n // 2, 1)] = 0.0
    return {
        "a": a,
        "b": a[:1] + 0.017 + 0.03 * np.arange(n),
        "v": rng.uniform(0.5, 1.5, n),
        "x": 1.07,
        "z": z,
        "s": rng.uniform(-0.3, 0.3, (n, n)) + np.eye(n) * 1.5,
        "t": rng.permutation(np.linspace(0.5, 2, 2 * m * n)).reshape(2, m, n),
        "c": rng.uniform(size=(m, n)) > 0.5,
    }


def programs(call):
    head = "import numpy as np\n\n\ndef f(a, b, v, x, z, s, t, c, w):\n"
    yield head + f"    return np.sum({call})\n"
    yield head + f"    r = {call}\n    return np.sum(r * w + r**2)\n"


def by_complex_step(f, given, name):
    value = np.asarray(given[name], float)
    out = np.zeros(value.shape)
    for i in np.ndindex(value.shape):
        moved = value.astype(complex)
        moved[i] += 1e-30j
        out[i] = np.imag(f(**{**given, name: moved if value.shape else moved[()]})) / 1e-30
    return out


def by_differences(f, given, name):
    """Four points, fourth order."""
    value = np.asarray(given[name], float)
    out = np.zeros(value.shape)
    for i in np.ndindex(value.shape):

        def at(h, i=i):
            moved = value.copy()
            moved[i] += h
            return f(**{**given, name: moved if value.shape else float(moved)})

        h = 2e-4
        out[i] = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    return out


def compare(row, call, m, n):
    given, rng = arguments(m, n), np.random.default_rng(5)
    for text in programs(call):
        f = source.from_text(text, file=f"<{row} {abs(hash(text))}>")
        shape = np.shape(eval(call, {"np": np, **given}))
        given_w = {**given, "w": rng.uniform(-1, 1, shape) if shape else 0.7}
        used = [p for p in "abvxzst" if p in f.__code__.co_varnames and reads(call, p)]
        got = pg.grad(f, wrt=tuple(used) if len(used) > 1 else used[0], check=False)(**given_w)
        got = got if len(used) > 1 else (got,)
        for name, slope in zip(used, got, strict=True):
            real = row in REAL
            expected = (by_differences if real else by_complex_step)(f, given_w, name)
            assert np.shape(slope) == np.shape(given[name]), (call, name)
            np.testing.assert_allclose(
                slope,
                expected,
                rtol=1e-8 if real else 1e-10,
                atol=1e-8 if real else 1e-10,
                err_msg=f"{text}{name}",
            )


def reads(call, name):
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(ast.parse(call)))


def test_every_row_is_called():
    assert set(CALLS) == set(rules_array.ROWS) - FLAT


@pytest.mark.parametrize("row", sorted(CALLS))
@settings(max_examples=2, deadline=None, derandomize=True, database=None)
@given(m=st.integers(2, 4), n=st.integers(2, 4), k=st.sampled_from([0, 1, -1]), keep=st.booleans())
def test_row(row, m, n, k, keep):
    for call in CALLS[row]:
        compare(row, call.format(k=k, keep=keep, m=m, n=n), m, n)


@pytest.mark.parametrize(
    "row", ["sum", "mean", "max", "prod", "cumsum", "cumprod", "matmul", "maximum", "where", "roll"]
)
@pytest.mark.parametrize(("m", "n"), [(1, 3), (3, 1), (1, 1)])
def test_lengths_of_one(row, m, n):
    for call in CALLS[row]:
        compare(row, call.format(k=1, keep=True, m=m, n=n), m, n)


ELEMENTWISE = [
    "sin",
    "cos",
    "tan",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sqrt",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arctanh",
    "arcsin",
    "arccos",
    "square",
    "reciprocal",
    "negative",
]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise(name):
    compare("elementwise", f"np.{name}(a * 0.5) * v", 2, 3)


@pytest.mark.parametrize("call", ["np.{}(a, b)", "np.{}(b, a)", "np.{}(a, x)", "np.{}(x, v)"])
@pytest.mark.parametrize(
    "name", ["add", "subtract", "multiply", "divide", "power", "arctan2", "hypot", "logaddexp", "mod"]
)
def test_elementwise_of_two(name, call):
    compare("maximum", call.format(name), 2, 3)


@pytest.mark.parametrize("name", sorted(FLAT))
def test_what_is_flat_gives_no_derivative(name):
    calls = {
        "zeros": "np.zeros(3)",
        "ones": "np.ones((2, 3))",
        "empty": "np.empty(3) * 0",
        "arange": "np.arange(4)",
        "eye": "np.eye(3)",
        "identity": "np.identity(2)",
        "argsort": "np.argsort(a)",
        "size": "np.size(a)",
        "empty_like": "np.empty_like(a) * 0",
    }
    two = "a b" in rules_array.ROWS[name].parameters
    call = calls.get(name, f"np.{name}(a, b)" if two else f"np.{name}(a)")
    f = source.from_text(
        f"import numpy as np\n\n\ndef f(a, b):\n    return np.sum({call}) * np.sum(a * b)\n", file=f"<{name}>"
    )
    given = arguments(2, 3)
    value = np.sum(eval(call, {"np": np, **given}))
    slope = pg.grad(f, wrt="a", check=False)(given["a"], given["b"])
    assert slope == pytest.approx(value * np.broadcast_to(given["b"], (2, 3)))


@pytest.mark.parametrize(
    "call",
    [
        "np.sum(a, initial=2.0)",
        "np.max(a, initial=0.0)",
        "np.cumsum(a, dtype=int)",
        "np.reshape(a, -1, order='F')",
        "np.prod(a, axis=(0, 1))",
        "np.linalg.norm(a, 2)",
        "np.pad(a, 1, mode='edge')",
        "np.diff(a, 2)",
        "np.nan_to_num(a, nan=1.0)",
        "np.interp(a, a, a)",
    ],
)
def test_what_is_not_in_the_table_is_refused_in_its_place(call):
    f = source.from_text(
        f"import numpy as np\n\n\ndef f(a):\n    return np.sum({call})\n", file="<refused.py>"
    )
    with pytest.raises(SourceError, match=r"refused.py"):
        pg.grad(f)(np.ones((2, 2)))


def test_another_shape_at_the_second_call():
    def f(a, b):
        return np.sum(a * b - a / (b + 3))

    g = pg.grad(f)
    for p, q in [
        ((3,), (3,)),
        ((1,), (4,)),
        ((4,), (1,)),
        ((2, 3), (3,)),
        ((3,), (2, 1)),
        ((), (2,)),
        ((2, 1), (1, 5)),
    ]:
        rng = np.random.default_rng(5)
        a, b = rng.uniform(1, 2, p), rng.uniform(1, 2, q)
        da, db = g(a, b)
        expected = autograd.grad(lambda a, b: anp.sum(a * b - a / (b + 3)), (0, 1))(a, b)
        np.testing.assert_allclose(da, expected[0], rtol=1e-12)
        np.testing.assert_allclose(db, expected[1], rtol=1e-12)
        assert np.shape(da) == p
        assert np.shape(db) == q
