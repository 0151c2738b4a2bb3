"""A production function in Python and the technology that says the same: the same equilibrium to nine
digits.
"""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pricegrad as pg


def ces_of_two(first, second, *, share=0.5, power=0.5, scale=1.0, returns=1.0):
    """scale * (sum_i share_i^(1/s) x_i^((s-1)/s))^(returns * s/(s-1)) with power = (s-1)/s."""
    inner = share ** (1 - power) * first**power + (1 - share) ** (1 - power) * second**power
    return scale * inner ** (returns / power)


def economy(rng, count, by_code):
    """Random CES firms that buy labour and another good, every second one by code or all as technologies."""
    made = pg.Economy(numeraire="labour")
    for j in range(count):
        elasticity = float(rng.choice([0.4, 0.6, 1.5, 2.0]))
        share, scale = float(rng.uniform(0.2, 0.6)), float(rng.lognormal(0.3, 0.2))
        returns = float(rng.choice([1.0, 0.8]))
        # A cycle of good substitutes could make itself from nothing; inputs come from earlier goods and land.
        other = f"g{rng.integers(j)}" if j and rng.random() < 0.7 else "land"
        if by_code and j % 2 == 0:
            made.firm(
                name=f"f{j}", makes=f"g{j}", buys={"first": other, "second": "labour"},
                share=share, power=(elasticity - 1) / elasticity, scale=scale, returns=returns,
            )(ces_of_two)  # fmt: skip
        else:
            technology = pg.CES(
                {other: share, "labour": 1 - share}, elasticity=elasticity, scale=scale, returns=returns
            )
            made.firm(name=f"f{j}", makes=f"g{j}", technology=technology)
    wants = pg.CobbDouglas({f"g{j}": 1 / count for j in range(count)})
    made.household("people", endowment={"labour": 10.0, "land": 3.0}, utility=wants)
    return made


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_they_agree(seed, count):
    code = economy(np.random.default_rng(seed), count, True).solve()
    technology = economy(np.random.default_rng(seed), count, False).solve()
    for found in ("prices", "quantities", "income"):
        ours, theirs = getattr(code, found), getattr(technology, found)
        assert ours.to_dict() == pytest.approx(theirs[ours.index].to_dict(), rel=1e-9, abs=1e-12)
    assert code.certificate.worst < 1e-9
