"""The plain programs compiled, and the adjoints a careful person writes for a compiler: arrays, no lists."""

from __future__ import annotations

import importlib.util
import math
import types
from collections.abc import Callable

import numpy as np

from . import byhand
from .programs import PROGRAMS


def available() -> bool:
    return importlib.util.find_spec("numba") is not None


def logistic(x, r):
    xs = np.empty(1000)
    for i in range(1000):
        xs[i] = x
        x = r * x * (1 - x)
    dx, dr = 1.0, 0.0
    for x in xs[::-1]:
        dr += dx * x * (1 - x)
        dx = dx * r * (1 - 2 * x)
    return dx, dr


def recursion(x, depth):
    tape = np.empty(2**depth)
    _, top = _forward(x, depth, tape, 0)
    return _backward(1.0, x, depth, tape, top)[0]


def _forward(x, depth, tape, top):
    if depth == 0:
        return x * x, top
    left, top = _forward(0.9 * x, depth - 1, tape, top)
    right, top = _forward(x, depth - 1, tape, top)
    tape[top] = right
    return left + right * x, top + 1


def _backward(dy, x, depth, tape, top):
    if depth == 0:
        return dy * 2 * x, top
    top -= 1
    right = tape[top]
    one, top = _backward(dy * x, x, depth - 1, tape, top)
    two, top = _backward(dy, 0.9 * x, depth - 1, tape, top)
    return dy * right + one + 0.9 * two, top


def rosenbrock(x):
    value, dx = 0.0, np.zeros_like(x)
    for i in range(len(x) - 1):
        gap, rest = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        value += 100.0 * gap * gap + rest * rest
        dx[i + 1] += 200.0 * gap
        dx[i] -= 400.0 * gap * x[i] + 2.0 * rest
    return dx


def product(xs):
    n = len(xs)
    p, slopes = 1.0, np.empty(n)
    for i in range(n):
        slopes[i] = p
        p = p * xs[i]
    after = 1.0
    for i in range(n - 1, -1, -1):
        slopes[i] *= after
        after = after * xs[i]
    return slopes


def pendulum(angle, speed):
    angles = np.empty(1000)
    for i in range(1000):
        angles[i] = angle
        speed = speed - 0.01 * (math.sin(angle) + 0.1 * speed)
        angle = angle + 0.01 * speed
    dangle, dspeed = 2 * angle, 2 * speed
    for angle in angles[::-1]:
        dspeed += 0.01 * dangle
        dangle -= 0.01 * dspeed * math.cos(angle)
        dspeed -= 0.001 * dspeed
    return dangle, dspeed


BY_HAND = {
    "worked example": byhand.worked_example,
    "logistic map, 1000 steps": logistic,
    "recursion, depth 10": recursion,
    "Newton's square root": byhand.newton,
    "Rosenbrock, 1e5": rosenbrock,
    "product of 1000": product,
    "pendulum, 1000 steps": pendulum,
}


def _compiled(f: Callable, *helpers: Callable) -> Callable:
    """f and what it calls, recursion included, compiled in a scope of their own."""
    import numba

    scope = dict(f.__globals__)
    for g in (*helpers, f):
        scope[g.__name__] = numba.njit(types.FunctionType(g.__code__, scope, g.__name__))
    return scope[f.__name__]


def arguments(name: str):
    """Lists become arrays: numba's reflected lists would time the copying."""
    return tuple(np.array(a) if isinstance(a, list) else a for a in PROGRAMS[name][1])


def primal(name: str) -> Callable[[], object]:
    f, args = _compiled(PROGRAMS[name][0]), arguments(name)
    f(*args)
    return lambda: f(*args)


def gradient(name: str) -> Callable[[], object]:
    f, args = _compiled(BY_HAND[name], _forward, _backward), arguments(name)
    return lambda: f(*args)
