import numpy as np
import pytest

from pricegrad.errors import ModelError, NotSolved
from pricegrad.market.ces import random_economy
from pricegrad.market.check import certify_arrays
from pricegrad.market.rounds import solve_rounds


@pytest.mark.parametrize("labour_share", [0.4, 0.1, 0.02, 0.005])
@pytest.mark.parametrize("returns", [0.85, 1.0])
def test_ten_thousand_firms_within_the_promised_rounds(labour_share, returns):
    economy = random_economy(10_000, labour_share=labour_share, returns=returns, seed=3)
    plain = solve_rounds(economy, clear=True)
    fast = solve_rounds(economy, clear=True, accelerate=True)
    for result, most in ((plain, 60), (fast, 35)):
        assert result.converged
        assert result.rounds <= most
        assert certify_arrays(economy, result.prices, result.quantities).worst < 1e-8
        assert result.not_local
    assert np.allclose(plain.log_price, fast.log_price, rtol=0, atol=1e-6)


def test_a_hundred_thousand_firms_on_local_information_alone():
    economy = random_economy(100_000, seed=1)
    result = solve_rounds(economy)
    assert result.not_local == ()
    assert result.rounds <= 60
    assert certify_arrays(economy, result.prices, result.quantities).worst < 1e-8


def test_more_firms_take_no_more_rounds():
    few, many = (solve_rounds(random_economy(n, seed=5)).rounds for n in (1_000, 30_000))
    assert many <= few + 3


def test_the_income_loop_is_the_slow_mode_and_its_rate_is_known():
    labour_share, returns = 0.05, 0.85
    economy = random_economy(2_000, labour_share=labour_share, returns=returns, elasticity=(1.0, 1.0), seed=2)
    start = np.zeros(2_000), np.full(2_000, 1.0)
    seen = solve_rounds(economy, tolerance=1e-9, start=start).residual
    rate = (seen[-1] / seen[-31]) ** (1 / 30)
    assert rate == pytest.approx(1 - returns * labour_share, abs=3e-3)


def test_gradient_of_log_real_output_is_the_sales_shares():
    # Hulten (1978): d log(income / price index) / d log productivity = sales / income
    import dataclasses

    economy = random_economy(50, suppliers=(3, 6), returns=1.0, seed=4)
    base = solve_rounds(economy, tolerance=1e-13, clear=True)
    income = economy.labour
    shares = np.exp(base.log_revenue) / income

    def log_output(log_scale):
        changed = solve_rounds(dataclasses.replace(economy, log_scale=log_scale), tolerance=1e-13, clear=True)
        return -float(economy.taste @ changed.log_price)

    for firm in (0, 7, 23):
        up, down = economy.log_scale.copy(), economy.log_scale.copy()
        up[firm] += 1e-4
        down[firm] -= 1e-4
        assert (log_output(up) - log_output(down)) / 2e-4 == pytest.approx(shares[firm], rel=1e-6)


def test_cobb_douglas_network_has_its_closed_form():
    # Acemoglu et al. (2012): log prices solve (I - S) log p = -log scale + S's constants; a linear oracle
    economy = random_economy(60, suppliers=(3, 6), returns=1.0, elasticity=(1.0, 1.0), seed=9)
    rows, n = economy.rows, economy.firms
    shares = np.zeros((n, n + 1))
    shares[rows.row, rows.entry] = rows.weight
    exact = np.linalg.solve(np.eye(n) - shares[:, :n], rows.const - economy.log_scale)
    sales = np.linalg.solve(np.eye(n) - shares[:, :n].T, economy.taste * economy.labour)
    result = solve_rounds(economy, tolerance=1e-13, clear=True)
    assert np.allclose(result.log_price, exact, rtol=0, atol=1e-11)
    assert np.allclose(np.exp(result.log_revenue), sales, rtol=1e-11)


def test_the_certificate_notices_a_wrong_price():
    economy = random_economy(300, seed=6)
    result = solve_rounds(economy)
    price = result.prices.copy()
    price[17] *= 1 + 1e-5
    assert certify_arrays(economy, price, result.quantities).worst > 5e-6


def test_an_economy_that_cannot_feed_itself_is_refused():
    import dataclasses

    economy = random_economy(200, returns=1.0, elasticity=(0.4, 0.6), seed=1)
    barren = dataclasses.replace(economy, log_scale=np.full(200, -3.0))
    with pytest.raises(NotSolved, match="viable"):
        solve_rounds(barren)


def test_generator_refuses_what_it_cannot_draw():
    with pytest.raises(ModelError, match="too few"):
        random_economy(8)
    with pytest.raises(ModelError, match="labour_share"):
        random_economy(100, labour_share=0.0)


def test_firms_buy_from_distinct_others():
    economy = random_economy(400, seed=8)
    pairs = set(zip(economy.rows.row.tolist(), economy.rows.entry.tolist(), strict=True))
    assert len(pairs) == len(economy.rows.entry)
    assert not any(row == entry for row, entry in pairs)
    sums = np.add.reduceat(economy.rows.weight, economy.rows.ptr[:-1])
    assert np.allclose(sums, 1.0, rtol=1e-14)
