"""Random scalar programs: nested loops, branches, overwritten names, lists, helpers, recursion, exits."""

from __future__ import annotations

from hypothesis import strategies as st

FLOATS = ["x", "y", "a", "b", "c", "s", "df_dx", "tape"]
CONSTANTS = ["0.37", "1.61", "2.0", "0.83", "-0.59", "3", "1", "0.11"]
UNARY = ["math.sin({0})", "math.cos({0})", "math.tanh({0})", "math.atan({0})", "abs({0})", "(-{0})"]
TAME = [
    "math.sqrt(1.3 + {0} * {0})",
    "math.log(2.1 + {0} * {0})",
    "math.exp(-({0} * {0}))",
    "1 / (1.7 + {0} ** 2)",
]
BINARY = ["{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / (2.3 + {1} * {1})", "{0} * {0} - {1}"]
ODD = ["max({0}, {1})", "min({0}, {1})", "({0} if {0} > {1} else {1} * 0.7)", "(1.2 + {0} * {0}) ** ({1})"]
SMALL = ["{0} ** 2", "{0} ** 3", "math.hypot({0} + 0.41, {1})", "math.atan2({0}, 1.9 + {1} ** 2)"]
COMPARE = [
    "{0} > {1}",
    "{0} < {1}",
    "{0} >= {1} and {1} > {2}",
    "not {0} < {2} or {1} > {0}",
    "{0} < {1} < {2}",
]


class Writer:
    """One function in the making: its lines, and which names hold what at this point."""

    def __init__(self, draw, helpers, floats, depth=2):
        self.draw, self.helpers, self.depth = draw, helpers, depth
        self.floats, self.ints, self.lists, self.dicts = list(floats), [], [], []
        self.pairs: list[str] = []
        self.returns_pair = False
        self.lines: list[str] = []
        self.loops = 0
        self.fuel = draw(st.integers(4, 11))

    def pick(self, options):
        return options[self.draw(st.integers(0, len(options) - 1))]

    def chance(self, one_in):
        return self.draw(st.integers(0, one_in - 1)) == one_in - 1

    def emit(self, indent, text):
        self.lines.append("    " * indent + text)

    def atom(self):
        options = [*self.floats, *self.floats, self.pick(CONSTANTS), *self.ints]
        if self.lists:
            xs = self.pick(self.lists)
            options += [f"{xs}[{self.pick([0, -1])}]"]
        if self.dicts:
            options += [f'{self.pick(self.dicts)}["{self.pick("uv")}"]']
        return self.pick(options)

    def expression(self, depth=2):
        if depth == 0 or self.chance(5):
            return self.atom()
        kind = self.draw(st.integers(0, 9))
        a, b = self.expression(depth - 1), self.expression(depth - 1)
        if a in b or b in a:
            b = f"({b} * 0.9 - 0.07)"
        if kind < 4:
            return f"({self.pick(BINARY).format(a, b)})"
        if kind < 6:
            return self.pick(UNARY + TAME).format(a)
        if kind < 8:
            return f"({self.pick(ODD + SMALL).format(a, b)})"
        if self.helpers:
            name, arity = self.pick(self.helpers)
            return f"{name}({', '.join([a, b][:arity])})"
        return f"({a} * {b})"

    def condition(self):
        if self.ints and self.chance(4):
            return f"{self.pick(self.ints)} % 2 == {self.pick([0, 1])}"
        a, b = self.pick(self.floats), self.expression(1)
        return self.pick(COMPARE).format(a, f"{b} * 0.93" if a in b else b, self.pick(CONSTANTS))

    def squashed(self):
        """What a loop assigns: kept near one, so that repeating it does not overflow."""
        text = self.expression()
        return (
            f"math.sin({text})" if self.loops and self.chance(2) else f"0.9 * {text}" if self.loops else text
        )

    def scoped(self, block):
        before = list(self.floats), list(self.ints), list(self.lists), list(self.dicts)
        block()
        after = list(self.floats)
        self.floats, self.ints, self.lists, self.dicts = before
        return after

    def block(self, indent, depth):
        for _ in range(self.draw(st.integers(1, 3))):
            self.statement(indent, depth)

    def statement(self, indent, depth):
        self.fuel -= 1
        simple = [self.assign, self.assign, self.augment, self.swap, self.chain, self.use_list]
        simple += [self.use_dict, self.take_pair]
        nested = [self.branch, self.branch, self.for_range, self.while_loop, self.for_list, self.exit_early]
        choices = simple + (nested if depth > 0 and self.fuel > 0 else [])
        self.pick(choices)(indent, depth)

    def target(self):
        name = self.pick(FLOATS)
        return name

    def bind(self, name):
        if name not in self.floats:
            self.floats.append(name)

    def assign(self, indent, depth):
        text, name = self.squashed(), self.target()
        self.emit(indent, f"{name} = {text}")
        self.bind(name)

    def augment(self, indent, depth):
        op = self.pick(["+=", "-=", "*="])
        text = f"math.cos({self.expression(1)})" if op == "*=" else self.expression(1)
        self.emit(indent, f"{self.pick(self.floats)} {op} {text}")

    def swap(self, indent, depth):
        a, b = self.pick(self.floats), self.pick(self.floats)
        if a != b:
            self.emit(indent, f"{a}, {b} = {b}, {self.squashed()}")
        else:
            self.assign(indent, depth)

    def chain(self, indent, depth):
        text, a, b = self.squashed(), self.target(), self.target()
        self.emit(indent, f"{a} = {b} = {text}" if a != b else f"{a} = {text}")
        self.bind(a)
        self.bind(b)

    def use_list(self, indent, depth):
        if not self.lists or (self.chance(3) and not self.loops):
            name = self.pick(["xs", "ys"])
            self.emit(indent, f"{name} = [{self.expression(1)}, {self.expression(1)}]")
            if name not in self.lists:
                self.lists.append(name)
            return
        xs, name = self.pick(self.lists), self.target()
        kind = self.draw(st.integers(0, 4))
        if kind == 0:
            self.emit(indent, f"{xs}.append({self.squashed()})")
        elif kind == 1:
            self.emit(indent, f"{xs}[{self.pick([0, 1, -1])}] = {self.squashed()}")
        elif kind == 2:
            self.emit(indent, f"{xs}.append({self.squashed()})")
            self.emit(indent, f"{name} = {xs}.pop() * {self.atom()}")
            self.bind(name)
        elif kind == 3:
            self.emit(indent, f"{name} = sum([v * 0.3 for v in {xs}])")
            self.bind(name)
        else:
            self.emit(indent, f"{xs}[0] += {self.expression(1)} * 0.5")

    def use_dict(self, indent, depth):
        if not self.dicts:
            self.emit(indent, f'd = {{"u": {self.expression(1)}, "v": {self.expression(1)}}}')
            self.dicts.append("d")
        elif self.chance(2):
            self.emit(indent, f'd["{self.pick("uv")}"] = {self.squashed()}')
        else:
            self.emit(indent, f'd["{self.pick("uv")}"] {self.pick(["+=", "-="])} {self.expression(1)}')

    def take_pair(self, indent, depth):
        if not self.pairs:
            return self.assign(indent, depth)
        a, b = self.target(), self.target()
        if a == b:
            return self.swap(indent, depth)
        self.emit(indent, f"{a}, {b} = {self.pick(self.pairs)}({self.atom()}, {self.expression(1)})")
        self.bind(a)
        self.bind(b)
        return None

    def branch(self, indent, depth):
        self.emit(indent, f"if {self.condition()}:")
        first = self.scoped(lambda: self.block(indent + 1, depth - 1))
        if self.chance(4):
            self.emit(indent, f"elif {self.condition()}:")
            other = self.scoped(lambda: self.block(indent + 1, depth - 1))
            first = [n for n in first if n in other]
        if self.chance(2):
            self.emit(indent, "else:")
            second = self.scoped(lambda: self.block(indent + 1, depth - 1))
            self.floats = [n for n in first if n in second]

    def body(self, indent, depth):
        self.loops += 1
        self.block(indent, depth - 1)
        if self.chance(3):
            self.emit(indent, f"if {self.condition()}:")
            self.emit(indent + 1, self.pick(["break", "continue"]))
            self.block(indent, 0)
        self.loops -= 1

    def orelse(self, indent, depth):
        if self.chance(5):
            self.emit(indent, "else:")
            self.scoped(lambda: self.block(indent + 1, 0))

    def for_range(self, indent, depth):
        i, n = self.pick(["i", "j", "k"]), self.draw(st.integers(0, 3))
        if i in self.ints:
            return self.assign(indent, depth)
        self.emit(
            indent, f"for {i} in {self.pick([f'range({n})', f'range({n}, 0, -1)', f'reversed(range({n}))'])}:"
        )

        def inside():
            self.ints.append(i)
            self.body(indent + 1, depth)

        self.scoped(inside)
        self.orelse(indent, depth)
        return None

    def while_loop(self, indent, depth):
        n = f"n{len(self.lines)}"
        self.emit(indent, f"{n} = 0")
        self.emit(indent, f"while {n} < {self.draw(st.integers(1, 4))} and ({self.condition()}):")
        self.emit(indent + 1, f"{n} += 1")

        def inside():
            self.ints.append(n)
            self.body(indent + 1, depth)

        self.scoped(inside)
        self.orelse(indent, depth)

    def for_list(self, indent, depth):
        if not self.lists:
            return self.for_range(indent, depth)
        xs, v = self.pick(self.lists), f"v{len(self.lines)}"
        i = f"i{len(self.lines)}"
        head = self.pick(
            [
                f"for {v} in [{xs}[0], {self.atom()}, {xs}[-1]]:",
                f"for {i}, {v} in enumerate([{self.atom()}, {xs}[1]]):",
                f"for {v}, {i} in zip({xs}[:2], (1, 2)):",
                f"for {v} in reversed([{xs}[0], {self.atom()}]):",
            ]
        )
        self.emit(indent, head)

        def inside():
            self.floats.append(v)
            if i in head:
                self.ints.append(i)
            self.body(indent + 1, depth)

        self.scoped(inside)
        return None

    def exit_early(self, indent, depth):
        if self.returns_pair:
            return self.branch(indent, depth)
        self.emit(indent, f"if {self.condition()}:")
        self.emit(indent + 1, f"return {self.expression(1)}")
        return None


@st.composite
def programs(draw):
    """The text of a module whose last function is f(x, y)."""
    parts, helpers = [], []
    for n in range(draw(st.integers(0, 2))):
        w = Writer(draw, helpers, ["p", "q"], depth=1)
        w.fuel = 3
        w.block(1, 1)
        parts.append(f"def h{n}(p, q):\n" + "\n".join(w.lines) + f"\n    return {w.expression(1)}\n")
        helpers = [*helpers, (f"h{n}", 2)]
    if draw(st.integers(0, 2)) == 0:
        w = Writer(draw, helpers, ["u"], depth=1)
        w.fuel = 2
        lines = [f"    if n <= 0:\n        return {w.expression(1)}"]
        w.emit(1, f"w = r({w.expression(1)}, n - 1)")
        w.floats.append("w")
        w.block(1, 1)
        if draw(st.booleans()):
            w.emit(1, f"w = math.sin(w + r(u * 0.7, n - {draw(st.integers(1, 2))}))")
        lines += [*w.lines, f"    return math.sin({w.expression(1)} + w)"]
        parts.append("def r(u, n=2):\n" + "\n".join(lines) + "\n")
        helpers = [*helpers, ("r", 1)]
    if draw(st.integers(0, 2)) == 0:
        w = Writer(draw, helpers, ["p", "q"], depth=1)
        w.fuel, w.returns_pair = 2, True
        w.block(1, 1)
        body = "\n".join(w.lines)
        parts.append(f"def two(p, q):\n{body}\n    return {w.expression(1)}, math.sin({w.expression(1)})\n")
        pairs = ["two"]
    else:
        pairs = []
    w = Writer(draw, helpers, ["x", "y"])
    w.pairs = pairs
    if draw(st.integers(0, 3)) == 0:
        w.emit(1, f"g = lambda z: {w.expression(1)} * z")
        w.helpers = [*helpers, ("g", 1)]
    elif draw(st.integers(0, 3)) == 0:
        w.emit(1, "def inner(z):")
        w.emit(2, f"z = z * {w.expression(1)}")
        w.emit(2, f"return math.cos(z + {w.atom()})")
        w.helpers = [*helpers, ("inner", 1)]
    for _ in range(draw(st.integers(2, 5))):
        w.statement(1, 2)
    total = " + ".join([w.expression(2), *w.floats[:3], *w.floats[-2:]])
    parts.append("def f(x, y):\n" + "\n".join(w.lines) + f"\n    return {total}\n")
    return "\n\n".join(parts)
