"""Three companies, as a user would write the file: natural gas to tupperware."""

from math import log

import pricegrad as pg

economy = pg.Economy(numeraire="tupperware")


@economy.firm(makes="ethylene")
def company_a(natgas):
    return natgas ** (1 / 2)


@economy.firm(makes="polyethylene")
def company_b(ethylene):
    return 1 - 1 / (ethylene + 1)


@economy.firm(makes="tupperware")
def company_c(polyethylene):
    return log(polyethylene)


economy.supply("natgas", 4.0)
economy.demand("tupperware", price=1.0)


def f(x):  # natural gas -> tupperware
    a = x ** (1 / 2)  # company A: ethylene from natural gas
    b = 1 - 1 / (a + 1)  # company B: polyethylene from ethylene
    c = log(b)  # company C: tupperware from polyethylene
    return c
