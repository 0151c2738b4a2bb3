"""The certificate must notice every kind of lie, and must not lean on what it proves."""

import ast
import inspect
from dataclasses import replace
from pathlib import Path

import pytest

import pricegrad as pg
import pricegrad.certify as certify_package
from pricegrad.certify import certify
from pricegrad.certify.trees import tree_value
from pricegrad.model import Flow, Nest
from tests.references import scenario
from tests.zoo import increasing_returns, three_companies, town


def test_it_imports_no_engine():
    folder = Path(inspect.getfile(certify_package)).parent
    names = []
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                names.append(node.module)
            elif isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
    ours = {name for name in names if name and name.startswith("pricegrad")}
    assert all(name.startswith(("pricegrad.certify", "pricegrad.model", "pricegrad.errors")) for name in ours)


def changed(claim, table, name, factor):
    values = dict(getattr(claim, table))
    values[name] = values[name] * factor
    return replace(claim, **{table: values})


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("prices", "PX"),
        ("prices", "PL"),
        ("activity", "X"),
        ("activity", "W"),
        ("income", "CONS"),
        ("aux", "TXK"),
    ],
)
def test_a_change_of_one_number_shows(table, name):
    document, _ = scenario("markusen_m33_equal_yield", 2)
    economy = pg.Economy.from_json(document)
    claim = economy.solve().claim()
    assert certify(economy, claim).worst < 1e-12
    for factor in (1 + 1e-6, 1 - 1e-6):
        worst = certify(economy, changed(claim, table, name, factor)).worst
        assert 1e-8 < worst < 1e-5


def test_an_activity_that_loses_and_a_good_left_over():
    document, _ = scenario("markusen_m41_small_open_economy", 0)
    economy = pg.Economy.from_json(document)
    claim = economy.solve().claim()
    spoilt = replace(claim, activity={**claim.activity, "E2": 0.01})
    assert certify(economy, spoilt).conditions["zero profit"].who == "firm 'E2'"
    spoilt = replace(claim, prices={**claim.prices, "PK": 0.0})
    assert not certify(economy, spoilt).worst < 0.1  # demand for a free factor is infinite: nan


def test_a_plan_that_is_not_best_shows():
    economy = three_companies()
    claim = economy.solve().claim()
    plans = {**claim.plans, "company_b": {"ethylene": 2.0 * (1 + 1e-6)}}
    found = certify(economy, replace(claim, plans=plans))
    assert 1e-8 < found.worst < 1e-5
    assert "company_b" in str(found)


def test_a_plan_that_is_a_minimum_of_profit_shows():
    economy = increasing_returns()
    claim = town().solve().claim()
    lie = replace(
        claim,
        prices={"labour": 1.0, "bread": 1 / 6},
        activity={},
        income={"people": 1.5},
        plans={"bakery": {"labour": 3.0}},
        held=frozenset({"labour"}),
    )
    found = certify(economy, lie)
    assert found.conditions["second order"].amount > 0.1
    assert any("rather shut down" in remark for remark in found.remarks)


def test_a_budget_that_is_not_income_shows():
    economy = town()
    claim = economy.solve().claim()
    found = certify(economy, changed(claim, "income", "people", 1.001))
    assert found.conditions["income balance"].amount == pytest.approx(0.001, rel=0.01)


@pytest.mark.parametrize("share", [1e-3, 1e-6, 1e-9])
def test_a_wrong_price_of_a_tiny_firm_shows(share):
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"labour": 2.0}))
    economy.firm(name="pinmaker", makes="pin", technology=pg.Leontief({"labour": 1e-3}))
    wants = pg.CobbDouglas({"bread": 1 - share, "pin": share})
    economy.household("people", endowment={"labour": 100}, utility=wants)
    claim = economy.solve().claim()
    assert certify(economy, claim).worst < 1e-12
    for factor in (0.99, 1.01):
        spoilt = changed(changed(claim, "prices", "pin", factor), "activity", "pinmaker", 1 / factor)
        assert certify(economy, spoilt).worst > 1e-4


def test_a_free_input_is_used_as_its_limit_says():
    """Elasticity 2 between clay that is free and gold: four clay alone make what one of each makes."""
    inputs, nests = (Flow("clay", 1.0), Flow("gold", 1.0)), (Nest("S", 2.0),)
    nearly = tree_value(inputs, nests, "in", 0.0, [1e-12, 1.0])[1]
    cost, amounts = tree_value(inputs, nests, "in", 0.0, [0.0, 1.0])
    assert cost == 0.0
    assert amounts == pytest.approx([4.0, 0.0], abs=1e-12)
    assert nearly == pytest.approx(amounts, abs=1e-9)
    assert tree_value(inputs, (Nest("S", 0.5),), "in", 0.0, [0.0, 1.0])[0] == pytest.approx(0.5)
