import numpy as np
import pytest

from pricegrad.model import CobbDouglas, Model
from pricegrad.network import compile
from pricegrad.report.page.trades import State, trades
from tests.report.towns import town


def by_name(network, agents, flows):
    return {
        (agents[a].name, network.goods[g]): (-q if s else q, p)
        for a, g, s, q, p in zip(
            flows.agent, flows.good, flows.sells, flows.quantity, flows.price, strict=True
        )
    }


def test_the_town_buys_and_sells_what_its_shares_say():
    network, state = town()
    agents, flows = trades(network, state)
    links = by_name(network, agents, flows)
    assert len(links) == 12
    income = 100 / 0.79
    bread = dict(zip(network.goods, state.price, strict=True))["bread"]
    assert bread == pytest.approx(3.3134, abs=5e-5)
    assert links["people", "bread"][0] == pytest.approx(income / bread)
    assert links["people", "land"] == pytest.approx((-50, 0.21 * income / 50))
    assert links["bakery", "labour"][0] == pytest.approx(0.4 * income)
    assert links["mill", "labour"][0] == pytest.approx(0.18 * income)
    assert links["bakery", "bread"][0] == pytest.approx(-income / bread)


def test_in_equilibrium_every_good_balances_and_no_firm_profits():
    network, state = town()
    agents, flows = trades(network, state)
    net = np.bincount(flows.good, np.where(flows.sells, -1, 1) * flows.quantity, len(network.goods))
    np.testing.assert_allclose(net, 0, atol=1e-12 * 130)
    for agent in agents:
        if agent.kind == "firm":
            assert agent.profit == pytest.approx(0, abs=1e-12 * agent.revenue)


def test_firms_given_by_code_and_outside_markets():
    model = Model("chain")
    model.firm(lambda gas: gas**0.5, name="a", makes="ethylene", buys={"gas": "gas"})
    model.supply("gas", 4.0)
    model.demand("ethylene", price=1.0)
    network = compile(model)
    state = State(
        np.array([0.25, 1.0]),
        np.zeros(0),
        np.zeros(0),
        np.zeros(0),
        plans=[(np.array([4.0]), np.array([2.0]))],
        outside=[4.0, 2.0],
    )
    agents, flows = trades(network, state)
    assert [agent.name for agent in agents] == ["a", "outside supply of gas", "outside demand of ethylene"]
    assert agents[0].revenue == 2.0
    assert agents[0].cost == 1.0
    links = by_name(network, agents, flows)
    assert links["outside supply of gas", "gas"] == (-4.0, 0.25)
    assert links["outside demand of ethylene", "ethylene"] == (2.0, 1.0)


def test_decreasing_returns_and_taxes_show_in_profit():
    model = Model("one")
    model.firm(name="farm", makes="grain", technology=CobbDouglas({"labour": 0.5}))
    model.household("home", endowment={"labour": 1}, utility=CobbDouglas({"grain": 1.0}))
    network = compile(model)
    agents, flows = trades(
        network, State(np.array([1.0, 2.0]), np.array([0.25]), np.array([2.0]), np.zeros(0))
    )
    links = by_name(network, agents, flows)
    assert links["farm", "labour"][0] == pytest.approx(0.25)
    assert links["farm", "grain"][0] == pytest.approx(-(0.25**0.5))
    assert agents[0].profit == pytest.approx(2 * 0.5 - 0.25)
