"""Straight-line code: exact derivatives, the promised form, a small cost, code that stands alone."""

import ast
import linecache
import math
import re
import subprocess
import sys
from math import log

import numpy as np
import pytest

import pricegrad as pg

from .registry import Case, judge

SCALE = 1.7


# fmt: off
def f(x):                 # natural gas -> tupperware
    a = x ** (1/2)        # company A: ethylene from natural gas
    b = 1 - 1/(a + 1)     # company B: polyethylene from ethylene
    c = log(b)            # company C: tupperware from polyethylene
    return c
# fmt: on


def one_return(x):
    return x * x


def several_inputs(x, y, z):
    u = x * y
    v = u / z + y
    return u * v - z


def augmented(x, y):
    s = x
    s += y
    s *= s
    s -= x * y / 9
    s /= 3
    s **= 1.5
    return s


def chained_and_tuple(x, y):
    a = b = x + y
    c, d = a * b, b / x
    (e, f), g = (c, d), a
    return e * f + g


def read_and_overwritten(x):
    a = x * x
    b = a + x
    a = b * a
    x = a - b
    return x * a * b


def dead(x, y):
    a = x / y
    b = a * 100
    a = x * 2
    return a


def functions_of_math(x, y):
    a = math.sin(x) + math.cos(y) * math.exp(-x)
    b = math.sqrt(a * a + 1) + math.log(y) + math.atan2(x, y)
    return math.tanh(b) * math.pow(y, x) + math.hypot(a, b)


def functions_of_numpy(x, y):
    a = np.sin(x) * np.exp(y) + np.log1p(x)
    return np.sqrt(a) + np.arctan(y) * np.power(x, y)


def constants(x):
    a = SCALE * x + math.pi
    return a**2 - math.e / a


def colliding(df_dx, tape, x):
    df_dtape = df_dx * tape
    df_dc = df_dtape + x
    c = df_dc * df_dx
    _df = c / tape
    return _df * x


def signs(x, y):
    return -x * +y - -(x - y) / -(y**2)


def long_product(a, b, c, d, e, g, h, i, j, k):
    return a * b * c * d * e * g * h * i * j * k


def quotients_and_powers(x, y):
    return x / y / x**2 * y**-3 + (x + y) ** (x * y) - 2**y


def nested_calls(x):
    return math.exp(math.sin(math.log(x + math.sqrt(x))) * math.cos(math.exp(-x)))


def conditional(x, y):
    return (x * y if x > y else x - y) * abs(x - y) + max(x, y) - min(x * 2, y)


POINTS = {1: [(1.3,), (0.4,)], 2: [(1.3, 0.4), (2.2, 0.7)], 3: [(1.3, 0.4, -0.8), (0.2, 2.5, 3.0)]}
FUNCTIONS = [
    f,
    one_return,
    several_inputs,
    augmented,
    chained_and_tuple,
    read_and_overwritten,
    dead,
    functions_of_math,
    functions_of_numpy,
    constants,
    colliding,
    signs,
    quotients_and_powers,
    nested_calls,
    conditional,
]


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_exact_to_twelve_digits(f):
    points = POINTS[f.__code__.co_argcount]
    verdict = judge(Case(f, tuple(points)))
    assert verdict.kind == "right", f"{verdict}\n{pg.grad(f).source}"


def test_speelpenning_in_one_line():
    verdict = judge(Case(long_product, ((1.3, 0.4, 2.0, -1.0, 0.7, 3.0, 0.9, 1.1, 0.0, 2.5),)))
    assert verdict.kind == "right", verdict


WORKED = """\
def df_dx(x):
    a = x ** (1/2)
    b = 1 - 1/(a + 1)
    c = log(b)
    df_dc = 1.0
    df_db = df_dc / b  # c = log(b)
    df_da = df_db / (a + 1) ** 2  # b = 1 - 1/(a + 1)
    df_dx = df_da * (1/2) * x ** (1/2 - 1)  # a = x ** (1/2)
    return df_dx
"""


def shape_of(source: str) -> list[tuple[str, str]]:
    """The name each statement of the last function assigns to, and its comment without spaces."""
    lines = source[source.rindex("def ") :].splitlines()[1:]
    named = []
    for line in lines:
        code, _, comment = line.partition("#")
        if code.strip():
            left = code.split("=")[0].strip() if "=" in code else code.split()[0]
            named.append((left, comment.replace(" ", "")))
    return named


def test_worked_example_has_the_promised_form():
    source = pg.grad(f).source
    got, wanted = shape_of(source), shape_of(WORKED)
    assert [n for n, _ in got] == [n for n, _ in wanted], source
    assert [c for n, c in got if n.startswith("df_")] == [c for n, c in wanted if n.startswith("df_")], source
    assert "def df_dx(x):" in source


def test_worked_example_prices():
    assert math.isclose(pg.grad(f)(4.0), 1 / 24, rel_tol=1e-14)
    value, slope = pg.value_and_grad(f)(4.0)
    assert math.isclose(value, math.log(2 / 3), rel_tol=1e-14)
    assert math.isclose(slope, 1 / 24, rel_tol=1e-14)


def reads_twice(x):
    a = x * x
    b = a * 2
    c = a + b
    return c * b


def test_first_contribution_assigns_and_later_ones_add():
    source = pg.grad(reads_twice).source
    tree = ast.parse(source[source.rindex("def ") :])
    seen: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            assert isinstance(node.op, (ast.Add, ast.Sub))
    for node in tree.body[0].body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        for t in targets:
            if isinstance(t, ast.Name) and t.id.startswith("df_"):
                assert t.id not in seen, f"{t.id} is assigned twice:\n{source}"
                seen.add(t.id)
    assert "+=" in source, source


def operations(source: str) -> int:
    work = (ast.BinOp, ast.UnaryOp, ast.Call, ast.AugAssign)
    return sum(isinstance(n, work) for n in ast.walk(ast.parse(source)))


def written(name: str, text: str):
    """A function from text that `inspect` can read."""
    file = f"<{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope: dict = {"math": math, "np": np}
    exec(compile(text, file, "exec"), scope)
    return scope[name]


def one_line(kind: str, n: int):
    names = [f"x{i}" for i in range(n)]
    body = {
        "product": " * ".join(names),
        "sum_of_products": " + ".join(f"{a} * {b}" for a, b in zip(names, names[1:])),
        "continued_fraction": " + 1 / (".join(names) + ")" * (n - 1),
        "nested_sines": "math.sin(".join([*(f"{a} * " for a in names[:-1]), names[-1]]) + ")" * (n - 1),
    }[kind]
    name = f"{kind}_{n}"
    return written(name, f"def {name}({', '.join(names)}):\n    return {body}\n")


@pytest.mark.parametrize("kind", ["product", "sum_of_products", "continued_fraction", "nested_sines"])
def test_cost_of_one_long_line_stays_linear(kind):
    small, large = one_line(kind, 12), one_line(kind, 48)
    ops = [operations(pg.grad(f).source) for f in (small, large)]
    assert ops[1] <= 4.6 * ops[0] + 10, f"{ops} operations for 12 and 48 factors"
    point = tuple(0.9 + 0.01 * i for i in range(48))
    verdict = judge(Case(large, (point,)))
    assert verdict.kind == "right", verdict


def test_emitted_code_stands_alone():
    source = pg.grad(functions_of_math).source
    name = re.findall(r"^def (\w+)", source, re.MULTILINE)[-1]
    program = (
        f"{source}\nimport sys\nprint(repr({name}(1.3, 0.4)))\n"
        "assert not any(name.startswith('pricegrad') for name in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr + source
    assert eval(run.stdout) == pg.grad(functions_of_math)(1.3, 0.4)


def test_emitted_code_imports_only_math_and_numpy():
    for f in FUNCTIONS:
        for node in ast.walk(ast.parse(pg.grad(f).source)):
            if isinstance(node, ast.Import):
                assert {a.name for a in node.names} <= {"math", "numpy"}
            if isinstance(node, ast.ImportFrom):
                assert node.module in ("math", "numpy")


def test_selection_of_parameters():
    full = pg.grad(several_inputs)(1.3, 0.4, -0.8)
    assert isinstance(full, tuple)
    assert pg.grad(several_inputs, wrt="y")(1.3, 0.4, -0.8) == pytest.approx(full[1], rel=1e-14)
    assert pg.grad(several_inputs, wrt=2)(1.3, 0.4, -0.8) == pytest.approx(full[2], rel=1e-14)
    swapped = pg.grad(several_inputs, wrt=("z", "x"))(1.3, 0.4, -0.8)
    assert swapped == pytest.approx((full[2], full[0]), rel=1e-14)
    assert pg.grad(several_inputs)(x=1.3, y=0.4, z=-0.8) == pytest.approx(full, rel=1e-14)


def test_whole_number_is_never_a_silent_zero():
    try:
        slope = pg.grad(one_return)(3)
    except pg.errors.PricegradError:
        return
    assert slope == 6.0
    assert isinstance(slope, float)
