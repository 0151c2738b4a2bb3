"""A town that lives on bread: a farm, a mill, a bakery, and a household that owns the land and the hours.

The farm grows grain on land with labour, the mill grinds flour, the bakery bakes. The town owns 50 fields
and 100 hours, works for wages, collects rent, and spends everything on bread. What is a field worth, in
hours?

To make it your own: change a number, add a firm, then `pricegrad solve` and `pricegrad report` this file.
"""

import pricegrad as pg


def town(harvest=1.0):
    """The town in a year with a `harvest` of 1 (a good year) or less."""
    economy = pg.Economy("bakery town", numeraire="labour")
    economy.firm(
        name="farm", makes="grain", technology=pg.CobbDouglas({"land": 0.5, "labour": 0.5}, scale=harvest)
    )
    economy.firm(name="mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.7, "labour": 0.3}))
    economy.firm(name="bakery", makes="bread", technology=pg.CobbDouglas({"flour": 0.6, "labour": 0.4}))
    economy.household("town", endowment={"land": 50, "labour": 100}, utility=pg.CobbDouglas({"bread": 1.0}))
    return economy


economy = town()


if __name__ == "__main__":
    good_year = economy.solve()
    print(good_year)
    print(
        f"Is it one? The worst violation of any condition is below 1e-9: {good_year.certificate.worst < 1e-9}"
    )
    print()
    drought = town(harvest=0.8).solve()
    print("A drought takes a fifth of the harvest:")
    for good in good_year.prices.index:
        before, after = good_year.prices[good], drought.prices[good]
        print(f"  {good:8}{before:10.4f} ->{after:8.4f}  ({after / before - 1:+z.1%})")
    lost = 1 - drought.quantities["bread"] / good_year.quantities["bread"]
    print(f"The town eats {lost:.1%} less bread. Rent does not change: half the worth of grain is land's.")
