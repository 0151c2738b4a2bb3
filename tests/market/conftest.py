import numpy as np
import pytest

import pricegrad as pg
from pricegrad.market.ces import random_economy
from pricegrad.network import from_arrays


@pytest.fixture
def town():
    """The town of three firms; labour the numeraire. Its prices in closed form are in `TOWN`."""
    economy = pg.Economy("town", numeraire="labour")
    economy.firm(name="farm", makes="grain", technology=pg.CobbDouglas({"land": 0.5, "labour": 0.5}))
    economy.firm(name="mill", makes="flour", technology=pg.CobbDouglas({"grain": 0.7, "labour": 0.3}))
    economy.firm(name="bakery", makes="bread", technology=pg.CobbDouglas({"flour": 0.6, "labour": 0.4}))
    economy.household("people", endowment={"land": 50, "labour": 100}, utility=pg.CobbDouglas({"bread": 1.0}))
    return economy


@pytest.fixture
def town_prices():
    # money: bread M; labour gets .4 + .6 (.3 + .7 .5), land .6 .7 .5
    land_share = 0.6 * 0.7 * 0.5
    income = 100 / (1 - land_share)
    land = land_share * income / 50
    grain = land**0.5 / 0.5
    flour = (grain / 0.7) ** 0.7 * (1 / 0.3) ** 0.3
    bread = (flour / 0.6) ** 0.6 * (1 / 0.4) ** 0.4
    return {"land": land, "labour": 1.0, "grain": grain, "flour": flour, "bread": bread}


@pytest.fixture
def random_network():
    """A random cyclic network and its equilibrium prices by the array solver."""

    def build(firms=400, **options):
        from pricegrad.market.rounds import solve_rounds

        economy = random_economy(firms, **options)
        rows = economy.rows
        network = from_arrays(
            goods=firms + 1,
            firm_ptr=rows.ptr,
            good=rows.entry.astype(np.int64),
            quantity=rows.weight,
            makes=np.arange(firms),
            elasticity=1 - rows.power,
            scale=np.exp(economy.log_scale),
            returns=economy.returns,
            demand=(np.zeros(firms, int), np.arange(firms), economy.taste),
            endowment=(np.zeros(1, int), np.array([firms]), np.array([economy.labour])),
        )
        exact = solve_rounds(economy, tolerance=1e-12, clear=True, accelerate=True)
        return network, np.append(exact.prices, 1.0)

    return build
