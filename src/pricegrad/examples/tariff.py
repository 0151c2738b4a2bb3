"""A small open economy puts a tariff on cloth. Who gains, who loses, and when does trade stop?

The country has much land and few hands, so it grows food and buys cloth abroad at world prices it cannot
move. A tariff makes cloth dear at home: weavers hire, land loses its rent, the treasury collects, and
everyone together is worse off, since the country now makes at home what it could buy for less. At some rate
the last ship stays away: the importer is idle, the tariff collects nothing, and raising it further changes
nothing.
"""

import pricegrad as pg


def country(tariff):
    """The country with a tariff on imported cloth (0.1: ten per cent of the world price)."""
    economy = pg.Economy("small open economy", numeraire="food")
    economy.firm(name="farms", makes="food", technology=pg.CobbDouglas({"land": 0.7, "labour": 0.3}))
    economy.firm(name="weavers", makes="cloth", technology=pg.CobbDouglas({"land": 0.3, "labour": 0.7}))
    economy.firm(name="exporters", makes="dollars", technology=pg.Leontief({"food": 1.0}))
    economy.firm(name="importers", makes="cloth", technology=pg.Leontief({"dollars": 1.0}))
    economy.tax("importers", "dollars", tariff, to="people")
    economy.household(
        "people",
        endowment={"land": 100, "labour": 60},
        utility=pg.CobbDouglas({"food": 0.5, "cloth": 0.5}),
    )
    return economy


economy = country(0.1)


if __name__ == "__main__":
    print("tariff   cloth    rent    wage   woven  bought  revenue  welfare")
    free = country(0.0).solve().households["utility"]["people"]
    for tariff in (0.0, 0.05, 0.1, 0.2, 0.4):
        year = country(tariff).solve()
        price, activity = year.prices, year.activity
        welfare = year.households["utility"]["people"] / free - 1
        print(
            f"{tariff:6.0%}{price['cloth']:8.3f}{price['land']:8.3f}{price['labour']:8.3f}"
            f"{activity['weavers']:8.2f}{activity['importers']:8.2f}"
            f"{year.households['taxes']['people']:9.3f}{welfare:+z9.2%}"
        )
