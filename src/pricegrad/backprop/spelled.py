"""NumPy functions as other NumPy code: for which arguments, and how it is spelled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .bound import literal, shape_of
from .expr import Expr
from .kinds import INT, Num

Parts = dict[str, Expr]


def _dims(e: Expr) -> int | None:
    shape = shape_of(e)
    return None if shape is None else len(shape)


def _vectors(*names: str) -> Callable[[Parts], bool]:
    return lambda c: all(_dims(c[n]) == 1 for n in names)


def _whole(c: Parts) -> bool:
    """No axis: over all elements."""
    return "axis" not in c


def _always(c: Parts) -> bool:
    return True


def _table(c: Parts) -> bool:
    return isinstance(c["a"].kind, Num) and (c["fp"].active or c["xp"].active)


def _polynomial(c: Parts) -> bool:
    return _dims(c["p"]) == 1 and isinstance(c["x"].kind, Num)


def _sorted(c: Parts) -> bool:
    return _dims(c["a"]) == 1 and "axis" not in c


def _along(c: Parts) -> bool:
    return "axis" in c and isinstance(literal(c["axis"]), int)


def _sections(c: Parts) -> bool:
    return isinstance(literal(c["n"]), int) and bool(_dims(c["a"]))


def _active(name: str) -> Callable[[Parts], bool]:
    return lambda c: name in c and c[name].active and _dims(c["a"]) == 1


def _number(name: str) -> Callable[[Parts], bool]:
    return lambda c: isinstance(c[name].kind, Num)


def _order(c: Parts) -> bool:
    """A vector's norm of an order with no rule of its own."""
    found = literal(c["ord"]) if "ord" in c else None
    return _dims(c["a"]) == 1 and "axis" not in c and isinstance(found, (int, float)) and 2 < found < np.inf


def _largest(c: Parts) -> bool:
    return _dims(c["a"]) == 1 and "axis" not in c and "ord" in c and literal(c["ord"]) == np.inf


def _matrix(c: Parts) -> bool:
    return _dims(c["a"]) == 2


def _matrix_order(order: float) -> Callable[[Parts], bool]:
    return lambda c: _matrix(c) and "axis" not in c and literal(c["ord"]) == order


def _axis(n: int) -> Callable[[Parts], bool]:
    return lambda c: _matrix(c) and literal(c["axis"]) == n


def _with(*names: str) -> Callable[[Parts], bool]:
    return lambda c: set(c) == set(names)


def _longer(c: Parts) -> bool:
    return _vectors("a", "v")(c) and "mode" not in c


def _one_place(c: Parts) -> bool:
    return _dims(c["a"]) == 1 and c["i"].kind == INT and "axis" not in c


def _around(c: Parts) -> bool:
    return _dims(c["a"]) == 1 and literal(c["mode"]) in ("edge", "reflect", "wrap", "symmetric")


def _counts(axis: int) -> Callable[[Parts], bool]:
    return lambda c: _axis(axis)(c) and not isinstance(c["repeats"].kind, Num)


def _power(c: Parts) -> bool:
    n = literal(c["n"])
    return isinstance(n, int) and 1 <= n <= 8


# function: parameters, then what it is for which arguments; the first that fits
TABLE: dict[int, tuple[str, tuple[tuple[Callable[[Parts], bool], str], ...]]] = {
    id(np.median): ("a axis", ((_whole, "middle"),)),
    id(np.quantile): ("a q axis", ((_sorted, "between(np.sort(a), q * (np.size(a) - 1))"),)),
    id(np.percentile): ("a q axis", ((_sorted, "between(np.sort(a), q / 100 * (np.size(a) - 1))"),)),
    id(np.kron): (
        "a b",
        (
            (_vectors("a", "b"), "np.ravel(np.outer(a, b))"),
            (
                lambda c: _dims(c["a"]) == _dims(c["b"]) == 2,
                "np.reshape(a[:, None, :, None] * b[None, :, None, :],"
                " (a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))",
            ),
        ),
    ),
    id(np.ptp): ("a axis", ((_whole, "np.max(a) - np.min(a)"),)),
    id(np.average): (
        "a axis weights",
        (
            (lambda c: "weights" not in c and "axis" not in c, "np.mean(a)"),
            (lambda c: "weights" not in c, "np.mean(a, axis=axis)"),
            (_whole, "np.sum(a * weights) / np.sum(weights)"),
        ),
    ),
    id(np.cross): (
        "a b",
        (
            (
                _vectors("a", "b"),
                "np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])",
            ),
            (
                lambda c: bool(_dims(c["a"])) and bool(_dims(c["b"])),
                "np.stack([a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1], a[..., 2] * b[..., 0]"
                " - a[..., 0] * b[..., 2], a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]], axis=-1)",
            ),
        ),
    ),
    id(np.sinc): (
        "x",
        ((_always, "np.sin(np.pi * np.where(x == 0, 1e-20, x)) / (np.pi * np.where(x == 0, 1e-20, x))"),),
    ),
    id(np.trace): ("a offset", ((lambda c: _matrix(c) and "offset" in c, "np.sum(np.diagonal(a, offset))"),)),
    id(np.array_split): (
        "a n",
        (
            (
                _sections,
                "[a[len(a) // n * i + min(i, len(a) % n):len(a) // n * (i + 1) + min(i + 1, len(a) % n)]"
                " for i in range(n)]",
            ),
        ),
    ),
    id(np.delete): ("a i axis", ((_one_place, "np.concatenate([a[:i % len(a)], a[i % len(a) + 1:]])"),)),
    id(np.insert): (
        "a i v axis",
        ((lambda c: _one_place(c) and _number("v")(c), "np.concatenate([a[:i], np.array([v]), a[i:]])"),),
    ),
    id(np.bincount): (
        "x weights",
        ((_with("x", "weights"), "np.where(np.arange(np.max(x) + 1)[:, None] == x, 1.0, 0.0) @ weights"),),
    ),
    id(np.gradient): (
        "a h",
        (
            (
                lambda c: "h" not in c and _vectors("a")(c),
                "np.concatenate([a[1:2] - a[:1], (a[2:] - a[:-2]) / 2, a[-1:] - a[-2:-1]])",
            ),
            (
                lambda c: _vectors("a")(c) and _number("h")(c),
                "np.concatenate([a[1:2] - a[:1], (a[2:] - a[:-2]) / 2, a[-1:] - a[-2:-1]]) / h",
            ),
        ),
    ),
    id(np.correlate): (
        "a v mode",
        (
            (
                _longer,
                "np.convolve(a, v[::-1], 'valid') if len(a) >= len(v)"
                " else np.convolve(v, a[::-1], 'valid')[::-1]",
            ),
        ),),
    id(np.sum): (
        "a axis where",
        (
            (_with("a", "where"), "np.sum(np.where(where, a, 0.0))"),
            (_with("a", "axis", "where"), "np.sum(np.where(where, a, 0.0), axis=axis)"),
        ),
    ),
    id(np.mean): (
        "a axis where",
        ((_with("a", "where"), "np.sum(np.where(where, a, 0.0)) / np.sum(where)"),),
    ),
    id(np.clip): (
        "a min max",
        (
            (_with("a", "min"), "np.clip(a, min, None)"),
            (_with("a", "max"), "np.clip(a, None, max)"),
        ),
    ),
    id(np.linspace): (
        "start stop num endpoint",
        (
            (
                lambda c: "num" in c and literal(c["endpoint"]) is False,
                "start + (stop - start) * np.arange(num) / num",
            ),
        ),
    ),
    id(np.geomspace): (
        "start stop num",
        (
            (_with("start", "stop", "num"), "np.exp(np.linspace(np.log(start), np.log(stop), num))"),
            (_with("start", "stop"), "np.exp(np.linspace(np.log(start), np.log(stop), 50))"),
        ),
    ),
    id(np.logspace): (
        "start stop num",
        (
            (_with("start", "stop", "num"), "10.0 ** np.linspace(start, stop, num)"),
            (_with("start", "stop"), "10.0 ** np.linspace(start, stop, 50)"),
        ),
    ),
    id(np.cov): ("a", ((_vectors("a"), "np.var(a, ddof=1)"),)),
    id(np.nan_to_num): (
        "a",
        (
            (
                _always,
                "np.where(np.isnan(a), 0.0, np.clip(a, -1.7976931348623157e308, 1.7976931348623157e308))",
            ),
        ),
    ),
    id(np.pad): ("a width mode", ((_around, "a[np.pad(np.arange(len(a)), width, mode)]"),)),
    id(np.repeat): (
        "a repeats axis",
        (
            (_counts(0), "a[np.repeat(np.arange(len(a)), repeats)]"),
            (_counts(1), "a[:, np.repeat(np.arange(a.shape[1]), repeats)]"),
        ),
    ),
    id(np.linalg.pinv): (
        "a",
        (
            (
                _matrix,
                "np.linalg.inv(a.T @ a) @ a.T if len(a) >= len(a.T) else a.T @ np.linalg.inv(a @ a.T)",
            ),
        ),
    ),
    id(np.linalg.matrix_power): ("a n", ((_power, "power"),)),
    id(np.polyval): (
        "p x",
        (
            (_polynomial, "np.sum(p * x ** np.arange(len(p) - 1, -1, -1))"),
            (_vectors("p", "x"), "np.sum(p * x[:, None] ** np.arange(len(p) - 1, -1, -1), axis=1)"),
        ),
    ),
    id(np.nansum): ("a axis", ((_whole, "np.sum(a[~np.isnan(a)])"),)),
    id(np.nanmean): ("a axis", ((_whole, "np.mean(a[~np.isnan(a)])"),)),
    id(np.nanmax): ("a axis", ((_whole, "np.max(a[~np.isnan(a)])"),)),
    id(np.nanmin): ("a axis", ((_whole, "np.min(a[~np.isnan(a)])"),)),
    id(np.split): (
        "a n",
        ((_sections, "[a[i * (len(a) // n):(i + 1) * (len(a) // n)] for i in range(n)]"),),
    ),
    id(np.append): ("a b axis", ((_whole, "np.concatenate([np.ravel(a), np.ravel(np.atleast_1d(b))])"),)),
    id(np.rot90): ("a", ((_always, "np.flip(np.transpose(a), 0)"),)),
    id(np.meshgrid): (
        "a b",
        ((_vectors("a", "b"), "(np.zeros((len(b), 1)) + a, b[:, None] + np.zeros(len(a)))"),),
    ),
    id(np.trapezoid): ("a x dx axis", ((_active("x"), "np.sum((a[1:] + a[:-1]) * np.diff(x)) / 2"),)),
    id(np.interp): ("a xp fp", ((_table, "between two of a table"),)),
    id(np.float_power): ("a b", ((_always, "np.power(a, b)"),)),
    id(np.float64): ("a", ((_number("a"), "float(a)"),)),
    id(np.take_along_axis): (
        "a indices axis",
        (
            (_vectors("a", "indices"), "a[indices]"),
            (_axis(1), "a[np.arange(len(a))[:, None], indices]"),
            (_axis(0), "a[indices, np.arange(a.shape[1])]"),
        ),
    ),
    id(np.linalg.norm): (
        "a ord axis",
        (
            (_order, "np.sum(np.abs(a) ** ord) ** (1 / ord)"),
            (_largest, "np.max(np.abs(a))"),
            (_matrix_order(1), "np.max(np.sum(np.abs(a), axis=0))"),
            (_matrix_order(np.inf), "np.max(np.sum(np.abs(a), axis=1))"),
        ),
    ),
}  # fmt: skip


# functions that have rules of their own but for these arguments
ONLY_WITH: dict[int, set[str]] = {
    id(np.sum): {"where"},
    id(np.mean): {"where"},
    id(np.clip): {"min", "max"},
    id(np.linspace): {"endpoint"},
}


def fits_with(test: Callable[[Parts], bool], parts: Parts) -> bool:
    """Does a test hold for these arguments? One that is not given fits nothing."""
    try:
        return test(parts)
    except KeyError:
        return False
