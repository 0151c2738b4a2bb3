"""The adjoints a careful person writes for the eight programs: what emitted code is measured against."""

from __future__ import annotations

import math
from math import log

import numpy as np


def worked_example(x):
    a = x ** (1 / 2)
    b = 1 - 1 / (a + 1)
    log(b)
    return 1 / b / (a + 1) ** 2 * 0.5 / a


def logistic(x, r):
    xs = []
    for _ in range(1000):
        xs.append(x)
        x = r * x * (1 - x)
    dx, dr = 1.0, 0.0
    for x in xs[::-1]:
        dr += dx * x * (1 - x)
        dx = dx * r * (1 - 2 * x)
    return dx, dr


def _forward(x, depth, tape):
    if depth == 0:
        return x * x
    left = _forward(0.9 * x, depth - 1, tape)
    right = _forward(x, depth - 1, tape)
    tape.append(right)
    return left + right * x


def _backward(dy, x, depth, tape):
    if depth == 0:
        return dy * 2 * x
    right = tape.pop()
    dx = dy * right
    dx += _backward(dy * x, x, depth - 1, tape)
    dx += 0.9 * _backward(dy, 0.9 * x, depth - 1, tape)
    return dx


def recursion(x, depth):
    tape = []
    _forward(x, depth, tape)
    return _backward(1.0, x, depth, tape)


def newton(a):
    x, xs = a, []
    while abs(x * x - a) > 1e-10:
        xs.append(x)
        x = 0.5 * (x + a / x)
    dx, da = 1.0, 0.0
    for x in xs[::-1]:
        half = 0.5 * dx
        da += half / x
        dx = half - half * a / (x * x)
    return da + dx


def network(w1, b1, w2, b2, x, labels):
    rows = np.arange(128)
    h = x @ w1
    h += b1
    np.maximum(h, 0.0, out=h)
    z = h @ w2
    z += b2
    z -= z.max(axis=1, keepdims=True)
    p = np.exp(z)
    total = p.sum(axis=1, keepdims=True)
    -(z[rows, labels] - np.log(total[:, 0])).mean()
    p /= total
    p[rows, labels] -= 1
    p /= 128
    dh = p @ w2.T
    dh *= h > 0
    return x.T @ dh, dh.sum(axis=0), h.T @ p, p.sum(axis=0)


def rosenbrock(x):
    head = x[:-1]
    gap = head * head
    np.subtract(x[1:], gap, out=gap)
    rest = 1.0 - head
    np.sum(100.0 * gap**2 + rest**2)
    dx = np.empty_like(x)
    dx[0] = 0.0
    np.multiply(gap, 200.0, out=dx[1:])
    gap *= head
    gap *= -400.0
    rest *= 2.0
    gap -= rest
    dx[:-1] += gap
    return dx


def product(xs):
    p, before = 1.0, []
    for v in xs:
        before.append(p)
        p = p * v
    after, slopes = 1.0, []
    for v, p in zip(xs[::-1], before[::-1], strict=True):
        slopes.append(after * p)
        after = after * v
    return slopes[::-1]


def pendulum(angle, speed):
    angles = []
    for _ in range(1000):
        angles.append(angle)
        speed = speed - 0.01 * (math.sin(angle) + 0.1 * speed)
        angle = angle + 0.01 * speed
    dangle, dspeed = 2 * angle, 2 * speed
    for angle in angles[::-1]:
        dspeed += 0.01 * dangle
        dangle -= 0.01 * dspeed * math.cos(angle)
        dspeed -= 0.001 * dspeed
    return dangle, dspeed


BY_HAND = {
    "worked example": worked_example,
    "logistic map, 1000 steps": logistic,
    "recursion, depth 10": recursion,
    "Newton's square root": newton,
    "two-layer network": network,
    "Rosenbrock, 1e5": rosenbrock,
    "product of 1000": product,
    "pendulum, 1000 steps": pendulum,
}
