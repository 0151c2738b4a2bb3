"""tangent-ad: source transformation; needs the functions of NumPy, since it has no rules for `math`."""

from __future__ import annotations

import inspect

import numpy as np
import tangent

from ..programs import PROGRAMS
from . import Refused

LABEL = "tangent-ad"


def worked_example(x):
    a = x ** (1 / 2)
    b = 1 - 1 / (a + 1)
    c = np.log(b)
    return c


def pendulum(angle, speed):
    for _ in range(1000):
        speed = speed - 0.01 * (np.sin(angle) + 0.1 * speed)
        angle = angle + 0.01 * speed
    return angle * angle + speed * speed


MINE = {"worked example": worked_example, "pendulum, 1000 steps": pendulum}


def gradient(name):
    f, args, wrt = PROGRAMS[name]
    f = MINE.get(name, f)
    places = tuple(list(inspect.signature(f).parameters).index(w) for w in wrt)
    try:
        g = tangent.grad(f, wrt=places)
        g(*args)
    except Exception as error:
        raise Refused(type(error).__name__) from error
    return lambda: g(*args)
