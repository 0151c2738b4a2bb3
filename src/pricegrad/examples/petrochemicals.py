"""A petrochemical chain with by-products, and a recycler that closes the loop.

The cracker makes ethylene, propylene and fuel gas of naphtha in proportions it can shift a little. Ethylene
becomes resin, resin becomes boxes, and making boxes leaves scrap. Nobody has a use for scrap, so its price
is zero and boxes alone carry the cost. Then a recycler opens, who makes resin of scrap. The network is now
a circle, which no single sweep can price, and scrap is worth more than the resin it came from.
"""

import pricegrad as pg


def chain(recycling):
    """The chain with or without the recycler."""
    economy = pg.Economy("petrochemicals", numeraire="dollars")
    economy.supply("naphtha", price=1.0)
    economy.supply("power", lambda price: 40 * price**0.8)
    economy.firm(
        name="cracker",
        makes=pg.CET({"ethylene": 0.5, "propylene": 0.3, "fuel gas": 0.2}, elasticity=0.5),
        technology=pg.Leontief({"naphtha": 1.1, "power": 0.2}),
    )
    economy.firm(
        name="resin works",
        makes="resin",
        technology=pg.CES({"ethylene": 0.8, "power": 0.2}, elasticity=0.4),
    )
    economy.firm(
        name="moulder",
        makes=pg.CET({"boxes": 1.0, "scrap": 0.25}),
        technology=pg.Leontief({"resin": 1.25, "power": 0.1}),
    )
    if recycling:
        economy.firm(
            name="recycler",
            makes="resin",
            technology=pg.CES({"scrap": 0.7, "power": 0.3}, elasticity=0.3),
        )
    economy.demand("boxes", lambda price: 100 / price)
    economy.demand("propylene", lambda price: 30 / price)
    economy.demand("fuel gas", price=0.6)
    return economy


economy = chain(recycling=True)


if __name__ == "__main__":
    before, after = chain(recycling=False).solve(), economy.solve()
    print("good         without    with the recycler")
    for good in after.prices.index:
        print(f"{good:12}{before.prices[good]:8.4f}{after.prices[good]:12.4f}")
    print()
    print("firm         without    with the recycler")
    for firm in after.activity.index:
        print(f"{firm:12}{before.activity.get(firm, 0.0):8.2f}{after.activity[firm]:12.2f}")
    saved = 1 - after.quantities["naphtha"] / before.quantities["naphtha"]
    print()
    print(f"Recycling saves {saved:.1%} of the naphtha and makes boxes "
          f"{1 - after.prices['boxes'] / before.prices['boxes']:.1%} cheaper.")  # fmt: skip
