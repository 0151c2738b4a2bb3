"""The eight programs whose derivatives are timed: plain functions, and the point each is taken at."""

from __future__ import annotations

import math
from math import log

import numpy as np


def worked_example(x):
    a = x ** (1 / 2)
    b = 1 - 1 / (a + 1)
    c = log(b)
    return c


def logistic(x, r):
    for _ in range(1000):
        x = r * x * (1 - x)
    return x


def recursion(x, depth):
    if depth == 0:
        return x * x
    return recursion(0.9 * x, depth - 1) + recursion(x, depth - 1) * x


def newton(a):
    x = a
    while abs(x * x - a) > 1e-10:
        x = 0.5 * (x + a / x)
    return x


def network(w1, b1, w2, b2, x, labels):
    h = np.maximum(x @ w1 + b1, 0.0)
    z = h @ w2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    logs = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(logs[np.arange(128), labels])


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def product(xs):
    p = 1.0
    for v in xs:
        p = p * v
    return p


def pendulum(angle, speed):
    for _ in range(1000):
        speed = speed - 0.01 * (math.sin(angle) + 0.1 * speed)
        angle = angle + 0.01 * speed
    return angle * angle + speed * speed


_rng = np.random.default_rng(7)
_NETWORK = (
    _rng.normal(size=(64, 128)) / 8,
    _rng.normal(size=128) / 8,
    _rng.normal(size=(128, 10)) / 11,
    _rng.normal(size=10) / 11,
    _rng.normal(size=(128, 64)),
    _rng.integers(0, 10, 128),
)

# name -> (function, arguments, parameters to differentiate)
PROGRAMS = {
    "worked example": (worked_example, (4.0,), ("x",)),
    "logistic map, 1000 steps": (logistic, (0.3, 3.0), ("x", "r")),
    "recursion, depth 10": (recursion, (0.97, 10), ("x",)),
    "Newton's square root": (newton, (2.7,), ("a",)),
    "two-layer network": (network, _NETWORK, ("w1", "b1", "w2", "b2")),
    "Rosenbrock, 1e5": (rosenbrock, (_rng.normal(size=100_000),), ("x",)),
    "product of 1000": (product, ([1.0 + 0.001 * math.sin(i) for i in range(1000)],), ("xs",)),
    "pendulum, 1000 steps": (pendulum, (1.1, 0.3), ("angle", "speed")),
}
