import numpy as np
import pytest
from tests import zoo

from pricegrad.market.ces import random_economy
from pricegrad.network import from_arrays


@pytest.fixture
def town():
    """The town of three firms; labour the numeraire."""
    return zoo.town()


@pytest.fixture
def town_prices():
    return zoo.TOWN_PRICES


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
