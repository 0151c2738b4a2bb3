"""A workshop whose parts are made of parts, and a plant that iterates until it settles.

Neither firm has a formula. The workshop's function calls itself for every part inside a part. The plant cures
latex: what one pass leaves uncured goes round again, and its function follows the flow until the next round
would be like the last. Both are differentiated as they stand, recursion and loop, and are priced in one
equilibrium with firms that do have formulas. Where the plant settles there is a formula after all, by the
implicit function theorem; it confirms what came out of the loop.
"""

import pricegrad as pg

PARTS = {  # what a part takes: shares of steel, rubber and hours, and the parts inside with their shares
    "bicycle": (0.05, 0.0, 0.25, [("frame", 0.3), ("wheel", 0.4)]),
    "frame": (0.6, 0.0, 0.4, []),
    "wheel": (0.1, 0.0, 0.2, [("tyre", 0.3), ("rim", 0.4)]),
    "tyre": (0.0, 0.7, 0.3, []),
    "rim": (0.5, 0.0, 0.5, []),
}
RECYCLED = 0.9  # of the latex that one pass leaves uncured


def made(part, steel, rubber, labour):
    """How many of a part can be made of these."""
    metal, soft, hours, inside = PARTS[part]
    count = steel**metal * rubber**soft * labour**hours
    for inner, share in inside:
        count *= made(inner, steel, rubber, labour) ** share
    return count


economy = pg.Economy("workshop", numeraire="labour")


@economy.firm(makes="bicycles")
def workshop(steel, rubber, labour):
    return made("bicycle", steel, rubber, labour)


@economy.firm(makes="rubber")
def plant(latex, power):
    flow = latex
    while True:
        cured = flow * power / (flow + power)
        again = latex + RECYCLED * (flow - cured)
        if abs(again - flow) <= 1e-13 * flow:
            return cured
        flow = again


economy.firm(makes="steel", technology=pg.Leontief({"ore": 1.5, "power": 0.4}))
economy.firm(makes="power", technology=pg.CobbDouglas({"sun": 0.4, "labour": 0.6}))
economy.household(
    "town",
    endowment={"ore": 500, "latex": 60, "sun": 100, "labour": 2000},
    utility=pg.CobbDouglas({"bicycles": 0.4, "power": 0.1, "leisure": 0.5}),
)


def settled(latex, power):
    """The plant's two derivatives without the loop: those of one round, where the next is like it."""
    flow = latex
    for _ in range(10_000):
        flow = latex + RECYCLED * flow * flow / (flow + power)
    passing = (power / (flow + power)) ** 2  # what a little more flow adds to what is cured
    more_power = (flow / (flow + power)) ** 2
    echo = 1 / (1 - RECYCLED * (1 - passing))  # a little more latex comes round again and again
    return passing * echo, more_power * (1 - passing * RECYCLED * echo)


if __name__ == "__main__":
    year = economy.solve()
    print("good          price   quantity")
    for good in ("bicycles", "steel", "rubber", "latex", "power"):
        print(f"{good:9}{year.prices[good]:10.4f}{year.quantities[good]:11.2f}")
    print(f"Worst violation of any condition: {year.certificate.worst:.0e}")
    print()
    latex, power = 60.0, 20.0
    print("What a little more makes at the plant, 60 of latex and 20 of power:")
    for name, loop, formula in zip(
        ("latex", "power"), pg.grad(plant)(latex, power), settled(latex, power), strict=True
    ):
        print(f"  {name}: {loop:.9f} out of the loop, {formula:.9f} by the formula")
