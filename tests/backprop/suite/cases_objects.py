"""Objects: made inside and outside the function, their methods, properties and operators."""

from collections import namedtuple
from dataclasses import dataclass

from .registry import case


class Plant:
    GAIN = 1.5

    def __init__(self, rate, scale=2.0):
        self.rate = rate
        self.scale = scale

    def out(self, x):
        return self.rate * x**2 + self.scale * x

    def twice(self, x):
        return self.out(self.out(x))

    @property
    def both(self):
        return self.rate * self.scale

    @staticmethod
    def squared(a):
        return a * a

    @classmethod
    def made(cls, a):
        return cls(a, a * a)

    def faster(self, k):
        return Plant(self.rate * k, scale=self.scale + k)

    def __call__(self, x):
        return self.out(x) + self.GAIN


class Lossy(Plant):
    def out(self, x):
        return self.rate * x - self.scale / x


class Checked:
    def __init__(self, a, b):
        if a > b:
            a, b = b, a
        self.low = a
        self.high = b
        self.middle = (self.low + self.high) / 2

    def of(self, t):
        if t < 0:
            return self.low
        return self.middle * t + self.high


@dataclass
class Tray:
    temp: float
    flow: float = 2.0

    def heat(self):
        return self.temp * self.flow**2


@dataclass(frozen=True)
class Vec:
    x: float
    y: float

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    def __rmul__(self, k):
        return self * k

    def dot(self, other):
        return self.x * other.x + self.y * other.y


Pair = namedtuple("Pair", "a b")
PLANT = Plant(0.7)


def made_and_called(x):
    return Plant(0.3).out(x)


def made_of_what_is_differentiated(x, r):
    p = Plant(r, scale=x)
    return p.out(x) * p.rate + p.both


def method_calls_method(x, r):
    return Plant(r).twice(x)


def object_from_module(x):
    return PLANT.out(x) * PLANT.rate + PLANT.both


def object_that_is_called(x):
    return PLANT(x) * Plant(x)(2.0)


def static_and_class_methods(x):
    return Plant.squared(x) + PLANT.squared(x) + Plant.made(x).out(x)


def method_in_a_variable(x):
    f = PLANT.out
    return f(x) + f(2 * x)


def inherited(x, r):
    return Lossy(r, x).twice(x) + Lossy.made(x).both


def object_from_a_method(x):
    p = Plant(x).faster(x * x).faster(2.0)
    return p.out(x) + p.scale


def initialised_with_branches(x, y):
    c = Checked(x, y)
    return c.of(x) * c.middle + c.of(-1.0)


def object_rebound_in_a_loop(x):
    p = Plant(x)
    for k in range(3):
        p = Plant(p.rate * x + k, p.out(x))
    return p.out(0.5)


def object_of_a_branch(x):
    p = Plant(x) if x > 1 else Plant(x * x, x)
    if x > 0.5:
        p = Plant(p.scale * x, p.rate)
    return p.both + p.out(x)


def objects_in_a_list(x):
    plants = [Plant(x * k, k) for k in (1.0, 2.0)]
    return sum(p.out(x) for p in plants) * plants[1].rate


def object_as_an_argument(x):
    def total(p, n):
        s = 0.0
        for k in range(n):
            s += p.out(k * x)
        return s

    return total(Plant(x), 3) * total(PLANT, 2)


def dataclass_by_name(x, y):
    t = Tray(x * y)
    u = Tray(flow=x, temp=y)
    return t.heat() * u.heat() + t.temp * u.flow


def dataclasses_in_a_list(x, y):
    ts = [Tray(x * k, y) for k in range(1, 4)]
    return sum(t.heat() for t in ts)


def operators_of_objects(x, y):
    a = Vec(x, y)
    b = Vec(y, x * x)
    return (a + b * x).dot(2.0 * a)


def sum_of_vectors(x, y):
    v = Vec(0.0, 0.0)
    for k in range(3):
        v = v + Vec(x * k, y) * x
    return v.dot(v)


def named_tuple_taken_apart(x):
    p = Pair(x, x * x)
    a, b = p
    return p.a * p[1] + a * b + p[-1]


def object_given(x, p):
    return p.out(x) * p.rate + p(x)


def attribute_written(x, y):
    t = Tray(x, y)
    t.temp = t.temp * y
    t.flow += x
    return t.heat()


for f in (
    made_and_called,
    object_from_module,
    object_that_is_called,
    static_and_class_methods,
    method_in_a_variable,
    object_from_a_method,
    object_rebound_in_a_loop,
    object_of_a_branch,
    objects_in_a_list,
    object_as_an_argument,
    named_tuple_taken_apart,
):
    case(f, (1.3,), (0.7,))
for f in (
    made_of_what_is_differentiated,
    method_calls_method,
    inherited,
    initialised_with_branches,
    dataclass_by_name,
    dataclasses_in_a_list,
    operators_of_objects,
    sum_of_vectors,
):
    case(f, (1.3, 0.4), (0.2, 0.9))
case(object_given, (1.3, Plant(0.4)), wrt="x")
case(attribute_written, (1.3, 0.4), may_refuse="an attribute is written")
