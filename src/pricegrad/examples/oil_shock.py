"""The United States in 71 industries, and oil that becomes a tenth dearer to extract.

Prices are calibrated to the table, so all are 1 to begin with. With fixed coefficients every industry
passes on what its inputs cost more; with substitution it buys less of what has become dear, and the shock
is damped on its way.
"""

import pricegrad as pg

OIL = "Oil and gas extraction"

economy = pg.Economy.from_table("us71", name="United States, 71 industries")


if __name__ == "__main__":
    fixed = economy.shock(costs={OIL: 0.10})
    flexible = pg.Economy.from_table("us71", technology="ces", elasticity=2.0).shock(costs={OIL: 0.10})
    print("Whose prices rise when oil costs 10% more to extract?     fixed   elastic")
    for good, change in fixed.movers(8).items():
        print(f"{good:54}{change:9.2%}{flexible.changes[good]:10.2%}")
    print()
    dearest = fixed.movers(3).index[-1]
    print(f"Through whom does {dearest} become dearer?")
    for supplier, part in fixed.suppliers(dearest).head(3).items():
        print(f"  {supplier:52}{part:9.2%}")
