"""Derivatives of an equilibrium against re-solved differences and against exact formulas."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from tests.references import scenario
from tests.zoo import ces_network, three_companies, town

import pricegrad as pg
from pricegrad.model import Flow, Sector


def bumped(economy, label, step):
    """The economy with one parameter moved by `step`, by changing its description."""
    other = copy.copy(economy)
    other.firms, other.households = dict(economy.firms), dict(economy.households)
    if label.startswith("productivity of "):
        firm = other.firms[label.removeprefix("productivity of ")]
        # More of everything at reference prices that fall with it is the same technology, times 1 + step.
        outputs = [
            replace(o, quantity=o.quantity * (1 + step), price=o.price / (1 + step)) for o in firm.outputs
        ]
        other.firms[firm.name] = replace(firm, outputs=tuple(outputs))
    elif label.startswith("endowment of "):
        good, name = label.removeprefix("endowment of ").split(" of ")
        home = other.households[name]
        owned = [replace(o, quantity=o.quantity + step) if o.good == good else o for o in home.endowments]
        other.households[name] = replace(home, endowments=tuple(owned))
    else:
        good, rest = label.removeprefix("tax on ").split(" of ")
        name, to = rest.split(" to ")

        def taxed(flows):
            return tuple(
                replace(
                    f,
                    taxes=tuple(
                        replace(t, rate=t.rate + step) if t.aux is None and t.to == to else t for t in f.taxes
                    ),
                )
                if f.good == good
                else f
                for f in flows
            )

        firm = other.firms[name]
        other.firms[name] = replace(firm, inputs=taxed(firm.inputs), outputs=taxed(firm.outputs))
    return other


def outcomes(eq):
    """Everything but sales shares and real output, by label."""
    found = {
        f"{kind} of {n}": x
        for kind in ("price", "quantity", "activity", "income", "aux")
        for n, x in getattr(eq, f"{kind}_dict")().items()
    }
    return found | {f"utility of {n}": x for n, x in eq.households["utility"].items()}


@pytest.mark.parametrize(
    ("name", "k"),
    [
        ("shoven_whalley_1984_2x2x2", 1),
        ("markusen_m33_equal_yield", 3),
        ("markusen_m51_monopoly", 0),
        ("mpsgejl_joint_production_cet", 3),
        ("markusen_m41_small_open_economy", 1),
    ],
)
def test_derivatives_against_resolved_differences(name, k):
    document, _ = scenario(name, k)
    economy = pg.Economy.from_json(document)
    eq = economy.solve()
    frame = eq.sensitivity()
    for parameter in eq.differential.parameters.listed:
        if parameter.kind == "fixed":
            continue
        step = 1e-5 * max(abs(parameter.level), 0.1)
        up = outcomes(bumped(economy, parameter.label, step).solve(start=eq))
        down = outcomes(bumped(economy, parameter.label, -step).solve(start=eq))
        now = outcomes(eq)
        for label in now:
            slope = (up[label] - down[label]) / (2 * step)
            assert frame.loc[label, parameter.label] == pytest.approx(
                slope, rel=1e-6, abs=1e-6 * max(abs(now[label]), 1e-2)
            )


def test_forward_and_adjoint_are_the_same_numbers():
    document, _ = scenario("markusen_m33_equal_yield", 3)
    differential = pg.Economy.from_json(document).solve().differential
    chosen = np.arange(len(differential.parameters))
    moved = differential.forward(chosen)
    for label in (
        "price of PL",
        "quantity of PX",
        "utility of CONS",
        "sales share of X",
        "real output",
        "aux of TXK",
    ):
        outcome = differential.outcomes.make(label)
        forward = outcome.by_variable @ moved + outcome.by_parameter
        assert differential.adjoint(outcome) == pytest.approx(forward, rel=1e-9, abs=1e-12)


def test_hulten():
    eq = ces_network(6, inputs=2, labour=0.4, land=0.2, elasticity=(0.3, 2.5), seed=1).solve()
    gradient = eq.elasticities(of="real output", to=["productivity"])
    shares = [
        eq.flows.query("agent == @firm and quantity > 0")["value"].sum() / eq.income.sum()
        for firm in eq.model.firms
    ]
    assert gradient.to_numpy() == pytest.approx(shares, rel=1e-10)
    assert eq.elasticities(of="utility of people", to=["productivity"]).to_numpy() == pytest.approx(
        shares, rel=1e-10
    )


def test_baqaee_and_farhi_second_order():
    economy = ces_network(6, inputs=2, labour=0.4, land=0.2, elasticity=(0.3, 2.5), seed=1)
    eq = economy.solve()
    second = eq.second_order()
    assert second.to_numpy() == pytest.approx(second.to_numpy().T, rel=1e-9, abs=1e-12)
    for firm in ("f0", "f3"):
        step = 1e-4
        up = bumped(economy, f"productivity of {firm}", step).solve()
        down = bumped(economy, f"productivity of {firm}", -step).solve()
        labels = [f"sales share of {name}" for name in economy.firms]
        # d ln(1 + step) on both sides: the mean of the two, to second order in the step.
        rise = [
            up.differential.outcomes.make(a).value - down.differential.outcomes.make(a).value for a in labels
        ]
        slope = np.array(rise) / (np.log1p(step) - np.log1p(-step))
        assert second[firm].to_numpy() == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_a_fixed_supply_is_worth_its_price():
    eq = three_companies().solve()
    assert eq.sensitivity(of="quantity of tupperware", to="outside supply of natgas") == pytest.approx(
        1 / 24, rel=1e-8
    )


def test_coefficients_and_productivity_of_code():
    def economy(alpha):
        found = pg.Economy(numeraire="labour")

        @found.firm(makes="bread", alpha=alpha)
        def bakery(land, labour, *, alpha=0.5):
            return land**alpha * labour ** (1 - alpha)

        found.household(
            "people", endowment={"land": 50, "labour": 100}, utility=pg.CobbDouglas({"bread": 1.0})
        )
        return found

    eq = economy(0.4).solve()
    # land's income share is alpha: price of land = alpha / (1 - alpha) * labour / land
    assert eq.sensitivity(of="land", to="alpha of bakery") == pytest.approx(2 / 0.6**2, rel=1e-6)
    assert eq.elasticities(of="bread", to="productivity of bakery") == pytest.approx(-1.0, rel=1e-6)
    assert eq.elasticities(of="real output", to="bakery") == pytest.approx(1.0, rel=1e-6)


def test_names_are_forgiving_and_wrong_ones_are_told():
    eq = town().solve()
    frame = eq.elasticities(of=["price"], to=["productivity"])
    assert frame.loc["price of bread", "productivity of bakery"] == pytest.approx(-1.0, rel=1e-9)
    assert frame.shape == (5, 3)
    assert eq.elasticities(of="bread", to="bakery") == pytest.approx(-1.0, rel=1e-9)
    with pytest.raises(pg.ModelError, match="Did you mean"):
        eq.sensitivity(of="price of braed")
    with pytest.raises(pg.ModelError, match="no parameter"):
        eq.sensitivity(to="productivity of baker")


def test_where_an_idle_recipe_just_breaks_even_the_derivative_says_one_sided():
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="one", makes="bread", technology=pg.Leontief({"labour": 1.0}))
    economy.firms["two"] = Sector("two", (Flow("bread", 1.0),), (Flow("bread", 0.5), Flow("labour", 0.5)))
    economy.household("people", endowment={"labour": 10}, utility=pg.CobbDouglas({"bread": 1.0}))
    eq = economy.solve()
    assert eq.prices["bread"] == pytest.approx(1.0)
