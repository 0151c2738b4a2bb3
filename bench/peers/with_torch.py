"""PyTorch on the CPU, one thread: eager loops over float64 tensors."""

from __future__ import annotations

import torch

from .. import programs
from ..programs import PROGRAMS, logistic, newton, product  # noqa: F401 (timed as they are)

LABEL = "torch"
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def worked_example(x):
    return torch.log(1 - 1 / (torch.sqrt(x) + 1))


def recursion(x):
    return programs.recursion(x, 10)


def network(w1, b1, w2, b2):
    _, args, _ = PROGRAMS["two-layer network"]
    x, labels = torch.from_numpy(args[4]), torch.from_numpy(args[5])
    z = torch.relu(x @ w1 + b1) @ w2 + b2
    return torch.nn.functional.cross_entropy(z, labels)


def rosenbrock(x):
    return torch.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def pendulum(angle, speed):
    for _ in range(1000):
        speed = speed - 0.01 * (torch.sin(angle) + 0.1 * speed)
        angle = angle + 0.01 * speed
    return angle * angle + speed * speed


def gradient(name):
    original, args, wrt = PROGRAMS[name]
    f = globals()[original.__name__]
    given = [torch.tensor(a, requires_grad=True) for a in args[: len(wrt)]]

    def call():
        slopes = torch.autograd.grad(f(*given), given)
        return [s.numpy() for s in slopes]

    return call
