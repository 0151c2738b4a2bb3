"""A bicycle is made of parts, which are made of parts: a bill of materials that calls itself.

What a part costs is what goes into it: metal, rubber, hours, and other parts at their own cost. The
function below says just that, and calls itself for every part in a part. Its derivative in the price of
steel is how much steel is in a bicycle, down to the last spoke (Shephard's lemma), so one backward sweep is
the whole parts list added up.
"""

import pricegrad as pg

PARTS = {  # kilograms of steel, kilograms of rubber, hours of work, and the parts inside: (count, part)
    "bicycle": (0.0, 0.0, 2.5, [(1, "frame"), (2, "wheel"), (1, "drive")]),
    "frame": (3.2, 0.0, 1.5, []),
    "wheel": (0.1, 0.0, 0.6, [(36, "spoke"), (1, "rim"), (1, "tyre"), (1, "hub")]),
    "spoke": (0.007, 0.0, 0.01, []),
    "rim": (0.8, 0.0, 0.2, []),
    "tyre": (0.05, 0.55, 0.1, []),
    "hub": (0.3, 0.0, 0.3, [(18, "ball")]),
    "drive": (1.1, 0.0, 0.8, [(2, "hub"), (112, "link")]),
    "link": (0.003, 0.0, 0.002, []),
    "ball": (0.001, 0.0, 0.001, []),
}


def cost(part, steel, rubber, wage):
    """What a part costs at the prices of steel, rubber and an hour's work."""
    metal, soft, hours, inside = PARTS[part]
    total = metal * steel + soft * rubber + hours * wage
    for count, inner in inside:
        total += count * cost(inner, steel, rubber, wage)
    return total


PRICES = ("steel", "rubber", "wage")
contains = pg.grad(cost, wrt=PRICES)

steel, rubber, hours = contains("bicycle", 2.0, 5.0, 30.0)
economy = pg.Economy("bicycles", numeraire="labour")
economy.firm(makes="steel", technology=pg.Leontief({"ore": 1.5, "labour": 0.02}))
economy.firm(makes="rubber", technology=pg.Leontief({"latex": 1.2, "labour": 0.1}))
economy.firm(makes="bicycles", technology=pg.Leontief({"steel": steel, "rubber": rubber, "labour": hours}))
economy.household(
    "town",
    endowment={"ore": 500, "latex": 60, "labour": 2000},
    utility=pg.CobbDouglas({"bicycles": 0.2, "leisure": 0.8}),
)


if __name__ == "__main__":
    print(f"A bicycle costs {cost('bicycle', 2.0, 5.0, 30.0):.2f}, at steel 2, rubber 5, an hour 30.")
    print()
    print("What is in it?    steel kg   rubber kg      hours")
    for part in ("bicycle", "wheel", "hub"):
        amounts = contains(part, 2.0, 5.0, 30.0)
        print(f"  {part:12}" + "".join(f"{amount:12.4f}" for amount in amounts))
    print()
    year = economy.solve()
    print(f"The town makes {year.quantities['bicycles']:.1f} bicycles a year, each worth "
          f"{year.prices['bicycles']:.3f} hours of work.")  # fmt: skip
    for good in ("ore", "latex"):
        print(f"A kilogram of {good} is worth {year.prices[good]:.4f} hours.")
