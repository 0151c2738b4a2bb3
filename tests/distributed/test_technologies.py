"""The technologies of a market cut into shares give the bits of the whole, with nests and taxes too."""

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.distributed.technologies import share_out
from pricegrad.errors import ModelError
from pricegrad.market.demands import Demands
from pricegrad.network import compile, from_arrays
from tests.references import scenario
from tests.zoo import town


def tuned_town():
    wants = pg.CobbDouglas({"bread": 0.8, "flour": 0.2})
    return town(elasticity={"mill": 0.5, "bakery": 1.7}, wants=wants)


def random_network(firms, seed=0):
    draw = np.random.default_rng(seed)
    degree = draw.integers(3, 8, firms)
    ptr = np.concatenate([[0], np.cumsum(degree + 1)])
    good = draw.integers(0, firms, ptr[-1])
    good[ptr[1:] - 1] = firms
    everyone = np.arange(firms)
    return from_arrays(
        goods=firms + 1,
        firm_ptr=ptr,
        good=good,
        quantity=draw.uniform(0.5, 1.5, ptr[-1]),
        makes=everyone,
        elasticity=draw.uniform(0.4, 1.6, firms),
        scale=degree + 1.0,
        returns=0.85,
        demand=(np.zeros(firms, int), everyone, draw.uniform(0.5, 1.5, firms)),
        endowment=(np.zeros(1, int), np.array([firms]), np.array([float(firms)])),
    )


def check(network, shards, seed=0):
    draw = np.random.default_rng(seed)
    whole = Demands(network)
    spend = draw.uniform(0.5, 2.0, whole.buyers)
    for price in (draw.normal(0, 0.3, len(network.goods)), draw.normal(0, 0.3, (1, whole.links))):
        cost, orders = whole.plan(price, spend)
        for share in share_out(whole, shards):
            seen = price[:, share.links] if price.ndim == 2 else price[share.goods]
            got_cost, got_orders = share.demands.plan(seen, spend[share.buyers])
            assert np.array_equal(got_cost, cost[share.buyers])
            assert np.array_equal(got_orders, orders[share.links])


@pytest.mark.parametrize("shards", [1, 2, 3, 4])
def test_shares_of_flat_technologies(shards):
    check(compile(tuned_town()), shards)
    check(random_network(500), shards)


@pytest.mark.parametrize("shards", [1, 2, 5])
def test_shares_of_nested_technologies_with_taxes(shards):
    network = compile(pg.Economy.from_json(scenario("markusen_m47_armington", -1)[0]))
    assert network.forest.depth > 1
    check(network, shards)


def test_a_rule_that_does_not_plan_by_technologies_is_refused_before_ray_starts():
    with pytest.raises(ModelError, match="runs the rule 'make-to-order'.*'optimistic'"):
        tuned_town().market("optimistic").run(on="ray", shards=2)
