"""Which suppliers a price change came through."""

import math

import numpy as np
import pytest

import pricegrad as pg


def chain():
    economy = pg.Economy(numeraire="money")
    economy.supply("labour", price=2.0)
    economy.firm(name="mine", makes="ore", technology=pg.Leontief({"labour": 3.0}))
    economy.firm(name="mill", makes="steel", technology=pg.Leontief({"ore": 2.0, "labour": 1.0}))
    economy.firm(name="forge", makes="tools", technology=pg.Leontief({"steel": 1.0, "ore": 0.5}))
    return economy


def test_prices_are_costs_and_changes_add_up_along_paths():
    result = chain().shock({"mine": 0.1})
    assert result.before[["ore", "steel", "tools"]].tolist() == pytest.approx([6.0, 14.0, 17.0], rel=1e-15)
    assert result.prices[["ore", "steel", "tools"]].tolist() == pytest.approx([6.6, 15.2, 18.5], rel=1e-15)
    parts = result.suppliers("tools")
    assert parts.to_dict() == pytest.approx({"steel": 1.2 / 17, "ore": 0.3 / 17}, rel=1e-13)
    assert [path.goods for path in result.paths("tools")] == [
        ("costs of mine", "ore", "steel", "tools"),
        ("costs of mine", "ore", "tools"),
    ]
    assert [path.change for path in result.paths("tools")] == pytest.approx([1.2 / 17, 0.3 / 17])
    assert result.suppliers("ore").to_dict() == pytest.approx({"costs of mine": 0.1})
    assert "costs of mine -> ore -> steel -> tools: +7.059%" in result.explain("tools")


def test_nested_technologies_are_solved_and_split_exactly():
    economy = chain()
    inner = pg.CES({"labour": 0.5, "tools": 0.5}, elasticity=0.5)
    economy.firm(name="yard", makes="ship", technology=pg.CES({"steel": 0.6, inner: 0.4}, elasticity=3.0))
    result = economy.shock({"mine": 0.4}, {"labour": -0.2})
    p = result.prices
    nest = (0.5 * p["labour"] ** 0.5 + 0.5 * p["tools"] ** 0.5) ** 2
    assert p["ship"] == pytest.approx((0.6 * p["steel"] ** -2 + 0.4 * nest**-2) ** -0.5, rel=1e-13)
    assert result.suppliers("ship").sum() == pytest.approx(result.changes["ship"], rel=1e-12)


def test_cobb_douglas_changes_are_the_shares():
    economy = pg.Economy()
    economy.supply("labour", price=1.0)
    economy.firm(name="a", makes="a", technology=pg.CobbDouglas({"labour": 0.7, "b": 0.3}))
    economy.firm(name="b", makes="b", technology=pg.CobbDouglas({"labour": 0.6, "a": 0.4}))
    result = economy.shock({"a": math.e - 1})
    moved = np.log(result.prices / result.before)
    assert moved["a"] == pytest.approx(1 / (1 - 0.12), rel=1e-13)
    assert moved["b"] == pytest.approx(0.4 / (1 - 0.12), rel=1e-13)


@pytest.mark.parametrize(
    ("costs", "prices", "word"),
    [
        ({"mines": 0.1}, {}, 'Did you mean "mine"?'),
        ({"mine": -1.0}, {}, "leaves nothing"),
        ({"mine": math.nan}, {}, "leaves nothing"),
        ({}, {"labor": 0.1}, 'Did you mean "labour"?'),
        ({}, {"ore": 0.1}, "made by a firm"),
    ],
)
def test_a_shock_that_makes_no_sense_is_named(costs, prices, word):
    with pytest.raises(pg.ModelError, match=word):
        chain().shock(costs, prices)


def test_an_economy_whose_costs_do_not_decide_is_refused_with_the_reason():
    economy = chain()
    economy.firm(name="mine2", makes="ore", technology=pg.Leontief({"labour": 1.0}))
    with pytest.raises(pg.ModelError, match="'ore' is made by 'mine' and by 'mine2'"):
        economy.shock()
    economy = chain()
    economy.firm(name="wood", makes="wood", technology=pg.CobbDouglas({"labour": 0.5}))
    with pytest.raises(pg.ModelError, match="'wood' has returns 0.5"):
        economy.shock()
    economy = chain()
    economy.firm(name="town", makes="towns", technology=pg.Leontief({"brick": 1.0}))
    with pytest.raises(pg.ModelError, match="'brick'"):
        economy.shock()
    economy = chain()
    economy.firm(name="self", makes="loop", technology=pg.Leontief({"loop": 1.2, "labour": 1.0}))
    with pytest.raises(pg.NotSolved, match="Hawkins-Simon"):
        economy.shock()
    with pytest.raises(pg.ModelError, match="no good is named 'steal'"):
        chain().shock().explain("steal")
