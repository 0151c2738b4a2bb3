"""CasADi: a graph built once by running the program on symbols; a data-dependent exit cannot be built."""

from __future__ import annotations

import casadi
import numpy as np

from .. import programs
from ..programs import PROGRAMS, logistic  # noqa: F401 (timed as they are)
from . import Refused

LABEL = "CasADi"


def worked_example(x):
    return casadi.log(1 - 1 / (casadi.sqrt(x) + 1))


def recursion(x):
    return programs.recursion(x, 10)


def newton(a):
    raise Refused("exit on data")


def network(w1, b1, w2, b2):
    _, args, _ = PROGRAMS["two-layer network"]
    x, labels = args[4:]
    h = casadi.fmax(casadi.DM(x) @ w1 + casadi.repmat(b1.T, 128, 1), 0.0)
    z = h @ w2 + casadi.repmat(b2.T, 128, 1)
    taken = casadi.DM(np.eye(10)[labels])
    return casadi.sum1(casadi.log(casadi.sum2(casadi.exp(z))) - casadi.sum2(z * taken)) / 128


def rosenbrock(x):
    return casadi.sum1(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def product(xs):
    p = 1.0
    for i in range(1000):
        p = p * xs[i]
    return p


def pendulum(angle, speed):
    for _ in range(1000):
        speed = speed - 0.01 * (casadi.sin(angle) + 0.1 * speed)
        angle = angle + 0.01 * speed
    return angle * angle + speed * speed


def gradient(name):
    original, args, wrt = PROGRAMS[name]
    symbol = casadi.MX if name in ("two-layer network", "Rosenbrock, 1e5") else casadi.SX
    shapes = [np.atleast_1d(a).shape for a in args[: len(wrt)]]
    columns = [shape if len(shape) == 2 else (shape[0], 1) for shape in shapes]
    symbols = [symbol.sym(w, *shape) for w, shape in zip(wrt, columns, strict=True)]
    result = globals()[original.__name__](*symbols)
    g = casadi.Function("g", symbols, [result, *(casadi.gradient(result, s) for s in symbols)])
    given = [casadi.DM(a) for a in args[: len(wrt)]]

    def call():
        _, *slopes = g(*given)
        return slopes

    return call
