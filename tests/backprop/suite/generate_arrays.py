"""Random NumPy programs: elementwise, broadcast, reductions, indexing, work arrays written in place."""

from __future__ import annotations

from hypothesis import strategies as st

UNARY = [
    "np.sin({0})",
    "np.tanh({0})",
    "np.exp(-{0} ** 2)",
    "np.sqrt(1.2 + {0} * {0})",
    "{0} ** 2",
    "np.abs({0})",
]
BINARY = ["{0} + {1}", "{0} * {1}", "{0} - {1}", "{0} / (2.1 + {1} ** 2)", "np.maximum({0}, {1})"]
BRANCHING = ["np.where({0} > {1}, {0}, {1} * 0.4)", "np.minimum({0}, {1})"]
M, N = 3, 4
NAMES = ["a", "b", "c", "d", "w"]


def broadcast(p, q):
    """The shape of an elementwise result, or None."""
    if len(p) < len(q):
        p, q = q, p
    q = (1,) * (len(p) - len(q)) + q
    if any(a != b and 1 not in (a, b) for a, b in zip(p, q)):
        return None
    return tuple(max(a, b) for a, b in zip(p, q))


class Writer:
    """Lines, the shape of every name, and the names that own their memory alone and may be written to."""

    def __init__(self, draw):
        self.draw, self.lines = draw, []
        self.shapes = {"x": (N,), "m": (M, N), "s": ()}
        self.owned: set[str] = set()
        self.indent = 1

    def pick(self, options):
        return options[self.draw(st.integers(0, len(options) - 1))]

    def emit(self, text):
        self.lines.append("    " * self.indent + text)

    def name_of(self, test=lambda shape: True):
        found = [n for n, shape in self.shapes.items() if test(shape)]
        return self.pick(found) if found else None

    def set(self, name, shape, text, owned):
        self.emit(f"{name} = {text}")
        self.shapes[name] = shape
        (self.owned.add if owned and shape else self.owned.discard)(name)

    def elementwise(self, name):
        a, b = self.name_of(), self.name_of()
        shape = broadcast(self.shapes[a], self.shapes[b])
        if shape is None:
            b, shape = "s", self.shapes[a]
        text = self.pick(BINARY + BRANCHING).format(a, b)
        self.set(name, shape, self.pick(["{0}", *UNARY]).format(f"({text})"), True)

    def unary(self, name):
        a = self.name_of()
        self.set(name, self.shapes[a], f"{self.pick(UNARY).format(a)} + 0.3", True)

    def reduce(self, name):
        a = self.name_of(lambda shape: shape)
        shape = self.shapes[a]
        axis, keep = self.pick([None, 0, -1]), self.pick([False, True])
        how = self.pick(["sum", "mean", "max", "prod", "min"])
        if axis is None:
            return self.set(name, (), f"np.{how}({a})", False)
        i = axis % len(shape)
        rest = shape[:i] + ((1,) if keep else ()) + shape[i + 1 :]
        text = (
            f"{a}.{how}(axis={axis}, keepdims={keep})"
            if how != "prod"
            else f"np.prod({a}, {axis}, keepdims={keep})"
        )
        return self.set(name, rest, text, rest != ())

    def matmul(self, name):
        kind = self.pick(["m @ x", "m.T @ (m @ x)", "np.einsum('ij,kj->ik', m, m) @ m", "np.outer(x, x)"])
        if self.shapes["x"] != (N,) or self.shapes["m"] != (M, N):
            return self.unary(name)
        shapes = {"m @ x": (M,), "m.T @ (m @ x)": (N,), "np.outer(x, x)": (N, N)}
        return self.set(name, shapes.get(kind, (M, N)), kind, True)

    def gather(self, name):
        a = self.name_of(lambda shape: shape)
        n = self.shapes[a][0]
        index = [self.draw(st.integers(0, n - 1)) for _ in range(3)]
        text = self.pick([f"{a}[{index}]", f"{a}[np.array({index})] * s", f"np.take({a}, {index}, axis=0)"])
        self.set(name, (3, *self.shapes[a][1:]), text, True)

    def rearrange(self, name):
        a = self.name_of(lambda shape: shape)
        shape = self.shapes[a]
        if len(shape) == 2:
            text, new = self.pick(
                [
                    (f"{a}.T * 1.5", shape[::-1]),
                    (f"{a}.reshape(-1) + s", (shape[0] * shape[1],)),
                    (f"np.concatenate([{a}, {a} * 2], axis=0)", (2 * shape[0], shape[1])),
                    (f"{a}[:, ::-1] * {a}", shape),
                    (f"{a}[0] * s", shape[1:]),
                    (f"np.cumsum({a}, axis=1)", shape),
                ]
            )
        else:
            text, new = self.pick(
                [
                    (f"np.cumsum({a})", shape),
                    (f"np.cumprod({a} * 0.6)", shape),
                    (f"np.stack([{a}, {a} * {a}])", (2, *shape)),
                    (f"np.concatenate([{a}, {a} ** 2])", (2 * shape[0],)),
                    (f"{a}[:, None] * {a}", shape * 2),
                    (f"np.roll({a}, 1) * s", shape),
                    (f"{a}[1:] * {a}[:-1]" if shape[0] > 1 else f"{a} * 2", (max(shape[0] - 1, 1),)),
                ]
            )
        self.set(name, new, text, True)

    def write(self, name):
        if not self.owned:
            return self.elementwise(name)
        y = self.pick(sorted(self.owned))
        n, row = self.shapes[y][0], self.shapes[y][1:]
        i, op = self.draw(st.integers(0, n - 1)), self.pick(["=", "+=", "*=", "-="])
        value = self.name_of(lambda shape: broadcast(row, shape) == row)
        part = self.name_of(lambda shape: shape == (1, *row) or broadcast(row, shape) == row)
        kind = self.draw(st.integers(0, 4))
        if kind == 0:
            self.emit(f"{y}[{i}] {op} {value} * 0.7")
        elif kind == 1:
            self.emit(f"{y}[{i}:] {op} {part} + 0.2")
        elif kind == 2:
            self.emit(f"{y} {self.pick(['+=', '*=', '-='])} s * 0.9")
        elif kind == 3:
            self.emit(f"{y}[{y} > 0.9] {self.pick(['=', '*='])} 0.5")
        else:
            self.emit(f"{y}[{i}] {op} {y}[{(i + 1) % n}] * 0.8")
        return None

    def loop(self, name):
        self.elementwise(name)
        a = self.name_of(lambda shape: broadcast(self.shapes[name], shape) == self.shapes[name])
        self.emit(f"for i in range({self.draw(st.integers(0, 3))}):")
        self.indent += 1
        if name in self.owned and self.draw(st.booleans()):
            self.emit(f"{name}[i % {self.shapes[name][0]}] *= s + 0.1 * i")
        self.emit(f"{name} = np.sin({name}) * {a} + 0.1 * i")
        self.indent -= 1

    def branch(self, name):
        a = self.name_of()
        self.emit(f"if np.sum({a}) > {self.pick(['0.31', '1.7', '-0.6'])}:")
        self.emit(f"    s = s * np.sum({a}) * 0.3")
        self.emit("else:")
        self.emit("    s = np.cos(s)")
        self.owned.discard("s")


@st.composite
def programs(draw):
    """The text of f(x, m, s): a vector of four, a matrix 3 by 4, a number."""
    w = Writer(draw)
    steps = [
        w.elementwise,
        w.elementwise,
        w.unary,
        w.reduce,
        w.matmul,
        w.gather,
        w.rearrange,
        w.write,
        w.write,
    ]
    steps += [w.loop, w.branch]
    for _ in range(draw(st.integers(2, 7))):
        w.pick(steps)(w.pick(NAMES + (["x"] if draw(st.integers(0, 9)) == 0 else [])))
    total = " + ".join(f"np.sum({n} * 0.{i + 3})" for i, n in enumerate(sorted(w.shapes)))
    return "def f(x, m, s):\n" + "\n".join(w.lines) + f"\n    return {total}\n"
