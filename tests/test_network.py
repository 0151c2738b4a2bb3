"""The compiled form against formulas written out by hand."""

import math

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.model import Flow, Nest, Sector, Tax
from pricegrad.model.parts import Endowment, Household
from pricegrad.network import compile, from_arrays
from tests.zoo import town


def small_town():
    """Farm, a mill of elasticity 0.5, and people who eat flour."""
    return town(elasticity={"mill": 0.5}, without=["bakery"], wants=pg.CobbDouglas({"flour": 1.0}))


def test_unit_costs_and_demands_of_flat_technologies():
    network = compile(small_town())
    price = np.array([{"land": 0.5, "labour": 2.0, "grain": 3.0, "flour": 7.0}[g] for g in network.goods])
    forest = network.forest
    log_leaf = forest.log_relative(network.user_price(price, np.zeros(0)))
    cost = forest.value * np.exp(forest.log_costs(log_leaf))
    assert cost[0] == pytest.approx(2 * math.sqrt(0.5 * 2.0), rel=1e-14)
    assert cost[1] == pytest.approx((0.7 * 3.0**0.5 + 0.3 * 2.0**0.5) ** 2, rel=1e-14)
    assert cost[2] == pytest.approx(3.0, rel=1e-15)
    amounts = forest.quantities(log_leaf, forest.log_costs(log_leaf))
    inputs = forest.leaves_of(1)
    assert amounts[inputs] == pytest.approx(
        [0.7 * (cost[1] / 3) ** 0.5, 0.3 * (cost[1] / 2) ** 0.5], rel=1e-14
    )


def nested(taxed=0.0):
    nests = (
        Nest("S", 0.7),
        Nest("energy", 2.0, "VA"),
        Nest("VA", 0.0, "S"),
        Nest("T", 1.5, None, "out"),
        Nest("light", 3.0, "T", "out"),
    )
    inputs = (
        Flow("ore", 2.0, 1.5),
        Flow("labour", 3.0, 1.0, "VA", (Tax("state", taxed), Tax("state", aux="rate", mult=2.0))),
        Flow("coal", 1.0, 2.0, "energy"),
        Flow("gas", 0.5, 1.2, "energy"),
    )
    outputs = (Flow("tar", 1.0), Flow("petrol", 4.0, 1.1, "light"), Flow("kerosene", 2.0, 0.9, "light"))
    economy = pg.Economy("nested")
    economy.firms["works"] = Sector("works", outputs, inputs, nests)
    economy.households["state"] = Household(
        "state",
        tuple(Endowment(g, 1.0) for g in ("ore", "labour", "coal", "gas")),
        (Flow("tar", 1.0), Flow("petrol", 1.0), Flow("kerosene", 1.0)),
    )
    economy.auxiliary("rate", "rate == 0.1")
    return economy


def test_nests_and_taxes_by_the_recursive_formula():
    network = compile(nested(0.3))
    price = dict(ore=2.0, labour=0.6, coal=1.1, gas=3.0, tar=0.4, petrol=2.0, kerosene=0.7)
    p = np.array([price[g] for g in network.goods])
    log_leaf = network.forest.log_relative(network.user_price(p, np.array([0.1])))
    index = np.exp(network.forest.log_costs(log_leaf))

    def mean(r, *parts):
        total = sum(w for w, _ in parts)
        return sum(w / total * c**r for w, c in parts) ** (1 / r)

    energy = mean(1 - 2.0, (2.0, 1.1 / 2.0), (0.6, 3.0 / 1.2))
    added = mean(1.0, (3.0, 0.6 * (1 + 0.3 + 0.2)), (2.6, energy))
    assert index[0] == pytest.approx(mean(1 - 0.7, (3.0, 2.0 / 1.5), (5.6, added)), rel=1e-14)
    light = mean(1 + 3.0, (4.4, 2.0 / 1.1), (1.8, 0.7 / 0.9))
    assert index[1] == pytest.approx(mean(1 + 1.5, (1.0, 0.4), (6.2, light)), rel=1e-14)


def test_quantities_are_the_gradient_of_cost():
    network = compile(nested(0.2))
    rng = np.random.default_rng(0)
    p = rng.uniform(0.5, 2.0, len(network.goods))
    forest = network.forest

    def evaluate(user):
        log_leaf = forest.log_relative(user)
        costs = forest.log_costs(log_leaf)
        return forest.value * np.exp(costs), forest.quantities(log_leaf, costs)

    user = network.user_price(p, np.array([0.1]))
    _, amounts = evaluate(user)
    for leaf in range(forest.leaves):
        step = np.zeros(forest.leaves)
        step[leaf] = 1e-6 * user[leaf]
        root = network.leaf_root[leaf]
        slope = (evaluate(user + step)[0][root] - evaluate(user - step)[0][root]) / (2 * step[leaf])
        assert amounts[leaf] == pytest.approx(slope, rel=1e-8)


@pytest.mark.parametrize("elasticity", [1.0, 0.0])
def test_limits_are_smooth(elasticity):
    def index(s):
        economy = pg.Economy()
        economy.firms["f"] = Sector(
            "f", (Flow("c", 1.0),), (Flow("a", 1.0, 2.0), Flow("b", 3.0)), (Nest("S", s),)
        )
        economy.household("h", endowment={"a": 1, "b": 1}, utility=pg.CobbDouglas({"c": 1}))
        forest = compile(economy).forest
        return forest.log_costs(np.log(np.array([3.0, 0.2, 1.0, 1.0])))[0]

    assert index(elasticity + 1e-9) == pytest.approx(index(elasticity), rel=1e-8)
    assert index(elasticity + 1e-15) == pytest.approx(index(elasticity), rel=1e-13)


def test_profit_nobody_is_named_for_goes_to_households_that_name_none():
    economy = small_town()
    economy.household(
        "rentier", endowment={"land": 1}, utility=pg.CobbDouglas({"flour": 1}), profits={"mill": 0.25}
    )
    own = compile(economy).ownership
    rows = sorted(zip(own.firm.tolist(), own.household.tolist(), own.share.tolist()))
    assert rows == [(0, 0, 1.0), (1, 0, 0.75), (1, 1, 0.25)]


def test_arrays_and_descriptions_compile_to_the_same_forest():
    said = compile(small_town())
    goods = list(said.goods)
    number = goods.index
    made = from_arrays(
        goods=goods,
        firm_ptr=np.array([0, 2, 4]),
        good=np.array([number("land"), number("labour"), number("grain"), number("labour")]),
        quantity=np.array([1.0, 1.0, 0.7, 0.3]),
        makes=np.array([number("grain"), number("flour")]),
        elasticity=np.array([1.0, 0.5]),
        demand=(np.array([0]), np.array([number("flour")]), np.array([1.0])),
        endowment=(np.array([0, 0]), np.array([number("land"), number("labour")]), np.array([50.0, 100.0])),
    )
    for field in ("parent", "exponent", "leaf_good", "leaf_quantity", "leaf_ptr", "leaf_share"):
        np.testing.assert_allclose(getattr(made.forest, field), getattr(said.forest, field), rtol=1e-14)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda e: e.firm(name="x", makes="y", technology=pg.Leontief({"wool": 1.0})), "'wool'.*firm 'x'"),
        (lambda e: e.fixed.update(grian=1.0), "'grian'.*grain"),
        (
            lambda e: e.household(
                "z", endowment={"land": 1}, utility=pg.CobbDouglas({"flour": 1}), profits={"mil": 1}
            ),
            "'mil'.*mill",
        ),
        (lambda e: e.household("z", endowment={"land": 1}), "'z' wants nothing"),
    ],
)
def test_what_makes_no_sense_is_named(spoil, words):
    economy = small_town()
    spoil(economy)
    with pytest.raises(pg.ModelError, match=words):
        compile(economy)


def test_a_tax_to_nobody_is_named():
    economy = nested()
    firm = economy.firms["works"]
    spoilt = (Flow("ore", 1.0, taxes=(Tax("stat", 0.1),)), *firm.inputs[1:])
    economy.firms["works"] = Sector("works", firm.outputs, spoilt, firm.nests)
    with pytest.raises(pg.ModelError, match=r"'stat'.*Did you mean \"state\""):
        compile(economy)


def test_nests_that_hang_on_each_other_are_named():
    economy = nested()
    firm = economy.firms["works"]
    nests = (Nest("VA", 0.0, "energy"), Nest("energy", 2.0, "VA"))
    economy.firms["works"] = Sector("works", firm.outputs, firm.inputs, nests)
    with pytest.raises(pg.ModelError, match="its own ancestor"):
        compile(economy)
