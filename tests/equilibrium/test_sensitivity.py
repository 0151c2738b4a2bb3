"""Derivatives of an equilibrium against re-solved differences and against exact formulas."""

import copy
from dataclasses import replace

import numpy as np
import pytest
from tests.references import scenario
from tests.zoo import ces_network, three_companies, town

import pricegrad as pg
from pricegrad.model import Flow, Nest, Sector, Tax
from pricegrad.model.parts import Endowment, Household


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
    elif label.startswith("elasticity of "):
        *nest, name = label.removeprefix("elasticity of ").split(" of ")
        agents = other.firms if name in other.firms else other.households
        default = "S" if agents[name].nests and any(n.name == "S" for n in agents[name].nests) else None
        wanted = nest[0] if nest else default
        nests = agents[name].nests
        if wanted is None or not any(n.name == wanted for n in nests):
            usual = 1.0 if agents is other.households else 0.0
            side = "out" if wanted == "T" else "in"
            nests = (*nests, Nest(wanted or "S", usual, None, side))
        agents[name] = replace(
            agents[name],
            nests=tuple(
                replace(n, elasticity=n.elasticity + step) if n.name == (wanted or "S") else n for n in nests
            ),
        )
    elif label.startswith("reference quantity of "):
        good, rest = label.removeprefix("reference quantity of ").split(" of ")
        name, *nest = rest.split(" in ")
        agents = other.firms if name in other.firms else other.households

        def more(flows):
            return tuple(
                replace(f, quantity=f.quantity + step)
                if f.good == good and (not nest or (f.nest or "S") == nest[0])
                else f
                for f in flows
            )

        fields = ("inputs", "outputs") if agents is other.firms else ("demands",)
        agents[name] = replace(
            agents[name], **{field: more(getattr(agents[name], field)) for field in fields}
        )
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


def steps(parameter):
    """On both sides, or for an elasticity of 0 on the one there is."""
    return (1, 2, 3) if parameter.kind == "elasticity" and parameter.level == 0 else (1, -1)


def difference(values, step):
    """The slope at the first of the values, which are at 0 and then at `steps`."""
    if len(values) == 3:
        return (values[1] - values[2]) / (2 * step)
    here, one, two, three = values
    return (-11 * here + 18 * one - 9 * two + 2 * three) / (6 * step)


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
    against_differences(pg.Economy.from_json(scenario(name, k)[0]))


def refinery():
    """Nests in nests on both sides, every kind of elasticity, decreasing returns, taxes, two households."""
    economy = pg.Economy("refinery", numeraire="labour")
    heat = (Nest("S", 0.7), Nest("energy", 2.5, "VA"), Nest("VA", 1.0, "S"), Nest("T", 1.5, None, "out"))
    inputs = (
        Flow("crude", 2.0, 1.5),
        Flow("labour", 3.0, 1.0, "VA", (Tax("state", 0.2),)),
        Flow("coal", 1.0, 2.0, "energy"),
        Flow("gas", 0.5, 1.2, "energy", (Tax("people", -0.1),)),
    )
    nests = (*heat, Nest("light", 3.0, "T", "out"))
    outputs = (
        Flow("tar", 1.0, taxes=(Tax("state", 0.1),)),
        Flow("petrol", 4.0, 1.1, "light"),
        Flow("kerosene", 2.0, 0.9, "light"),
    )
    economy.firms["works"] = Sector("works", outputs, inputs, nests, returns=0.8)
    economy.firm(name="roads", makes="road", technology=pg.Leontief({"tar": 1.0, "labour": 2.0}))
    owned = tuple(Endowment(good, 10.0) for good in ("crude", "labour", "coal", "gas"))
    wants = (Flow("road", 1.0, nest="trips"), Flow("petrol", 2.0, 1.3, "trips"), Flow("kerosene", 1.0, 0.8))
    economy.households["people"] = Household(
        "people", owned, wants, (Nest("S", 1.0), Nest("trips", 0.3, "S")), {"road": 0.1}
    )
    economy.households["state"] = Household(
        "state", (Endowment("labour", 1.0),), (Flow("road", 1.0), Flow("labour", 2.0)), (Nest("S", 0.0),)
    )
    return economy


def test_every_parameter_of_nested_technologies_against_resolved_differences():
    listed = against_differences(refinery())
    assert {
        "elasticity of VA of works",
        "elasticity of light of works",
        "elasticity of trips of people",
    } <= listed
    assert {"elasticity of works", "elasticity of T of works", "reference quantity of gas of works"} <= listed


def test_the_cost_of_a_cobb_douglas_moves_with_its_recipe_as_its_formula_says():
    """ln c = ln c0 + sum theta ln p with ore at 2 and labour at 1; by elasticity, minus half the variance."""
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="mine", makes="ore", technology=pg.Leontief({"labour": 2.0}))
    economy.firm(name="mill", makes="steel", technology=pg.CobbDouglas({"ore": 0.7, "labour": 0.3}))
    economy.household("people", endowment={"labour": 10}, utility=pg.CobbDouglas({"steel": 1.0}))
    eq = economy.solve()
    by_ore = eq.elasticities(of="steel", to="reference quantity of ore of mill")
    assert by_ore == pytest.approx(0.7 * (1 + np.log(2) - 0.7 * np.log(2)), rel=1e-12)
    by_elasticity = eq.sensitivity(of="steel", to="elasticity of mill") / eq.prices["steel"]
    assert by_elasticity == pytest.approx(-0.5 * 0.7 * 0.3 * np.log(2) ** 2, rel=1e-12)
    assert eq.sensitivity(of="steel", to="mill") == pytest.approx(-eq.prices["steel"], rel=1e-12)


def against_differences(economy):
    """Compare the whole frame with re-solved differences; the labels of its parameters."""
    eq = economy.solve()
    frame = eq.sensitivity()
    for parameter in eq.differential.parameters.listed:
        if parameter.kind == "fixed":
            continue
        step = 1e-5 * max(abs(parameter.level), 0.1)
        ends = [
            outcomes(bumped(economy, parameter.label, k * step).solve(start=eq)) for k in steps(parameter)
        ]
        now = outcomes(eq)
        for label in now:
            slope = difference([now[label], *(end[label] for end in ends)], step)
            assert frame.loc[label, parameter.label] == pytest.approx(
                slope, rel=1e-6, abs=1e-6 * max(abs(now[label]), 1e-2)
            )
    return set(frame.columns)


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
