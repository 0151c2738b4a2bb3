"""JAX under jit, float64, loops rewritten by hand in `lax`; compiled before the timing, which is told apart.

Reverse mode does not go through a `while_loop` whose trip count depends on data: Newton is refused.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

from .. import programs
from ..programs import PROGRAMS
from . import Refused

LABEL = "JAX jit"
jax.config.update("jax_enable_x64", True)


def worked_example(x):
    return jnp.log(1 - 1 / (jnp.sqrt(x) + 1))


def logistic(x, r):
    return lax.fori_loop(0, 1000, lambda _, x: r * x * (1 - x), x)


def recursion(x):
    return programs.recursion(x, 10)


def newton(a):
    return lax.while_loop(lambda x: jnp.abs(x * x - a) > 1e-10, lambda x: 0.5 * (x + a / x), a)


def network(w1, b1, w2, b2):
    _, args, _ = PROGRAMS["two-layer network"]
    x, labels = args[4:]
    z = jnp.maximum(x @ w1 + b1, 0.0) @ w2 + b2
    return -jnp.mean(jax.nn.log_softmax(z, axis=1)[jnp.arange(128), labels])


def rosenbrock(x):
    return jnp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def product(xs):
    return lax.fori_loop(0, 1000, lambda i, p: p * xs[i], 1.0)


def pendulum(angle, speed):
    def step(_, state):
        angle, speed = state
        speed = speed - 0.01 * (jnp.sin(angle) + 0.1 * speed)
        return angle + 0.01 * speed, speed

    angle, speed = lax.fori_loop(0, 1000, step, (angle, speed))
    return angle * angle + speed * speed


def gradient(name):
    original, args, wrt = PROGRAMS[name]
    f = globals()[original.__name__]
    g = jax.jit(jax.value_and_grad(f, tuple(range(len(wrt)))))
    given = [jnp.asarray(a) for a in args[: len(wrt)]]

    def call():
        return jax.block_until_ready(g(*given))[1]

    try:
        call()
    except ValueError as error:
        raise Refused("while_loop") from error
    return call
