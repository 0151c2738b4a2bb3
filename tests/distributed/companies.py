"""Three companies' private business, as functions, as classes; and a town's mill with a secret of its own."""

from math import log


class CompanyA:
    def make(self, natgas):
        return natgas**0.5

    def marginal(self, natgas):
        return 0.5 * natgas**-0.5


class CompanyB:
    def __init__(self, offset=1.0):
        self.offset = offset

    def make(self, ethylene):
        return 1 - 1 / (ethylene + self.offset)

    def marginal(self, ethylene):
        return 1 / (ethylene + self.offset) ** 2


class CompanyC:
    def make(self, polyethylene):
        return log(polyethylene)

    def marginal(self, polyethylene):
        return {"polyethylene": 1 / polyethylene}


class Failing:
    def make(self, ethylene):
        raise RuntimeError("our secret recipe is 0.123456789")

    def marginal(self, ethylene):
        return 1.0


class Bakery:
    SECRET = 0.38713

    def make(self, grain, labour):
        return 2.25 * grain**self.SECRET * labour**0.21

    def marginal(self, grain, labour):
        made = self.make(grain, labour)
        return made * self.SECRET / grain, made * 0.21 / labour


class Brewery:
    SECRET = 0.31957

    def make(self, grain, labour):
        return 1.75 * grain**self.SECRET * labour**0.27

    def marginal(self, grain, labour):
        made = self.make(grain, labour)
        return made * self.SECRET / grain, made * 0.27 / labour
