"""Natural gas to tupperware: three companies, each of which knows one derivative.

Company A cracks natural gas to ethylene, company B makes polyethylene of it, company C tupperware. What can
each pay for what it buys? The price of what it sells, times the derivative of its own production function.
Nobody needs to know more, and the prices that come out are the gradient of the whole chain.
"""

from math import log

import pricegrad as pg


def f(x):  # natural gas -> tupperware
    a = x ** (1 / 2)  # company A: ethylene from natural gas
    b = 1 - 1 / (a + 1)  # company B: polyethylene from ethylene
    c = log(b)  # company C: tupperware from polyethylene
    return c


economy = pg.Economy("three companies", numeraire="tupperware")


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


if __name__ == "__main__":
    value, slope = pg.value_and_grad(f)(4.0)
    plan = economy.price()
    market = economy.solve()
    print("The whole chain as one function, differentiated:")
    print(pg.grad(f).source)
    print(f"f(4) = {value:.6f} and df/dx = {slope:.6f}")
    print()
    print("The same chain as three firms, one line each:")
    print(plan.explain())
    print()
    print("          chain rule   sweep of prices   market equilibrium")
    for good in plan.prices.index:
        chain = f"{slope:12.6f}" if good == "natgas" else " " * 12
        print(f"{good:12}{chain}{plan.prices[good]:16.6f}{market.prices[good]:18.6f}")
