"""Payloads of real results: what the page says is what the engine found."""

import json
from dataclasses import replace

import numpy as np
import pytest

import pricegrad as pg
from pricegrad.report.page import page, render
from pricegrad.report.page.fill import certificate
from pricegrad.report.page.thin import thin
from tests.report.towns import crowd
from tests.zoo import three_companies, town


def value(flows, sells: bool) -> float:
    return sum(q * p for q, p, s in zip(flows.quantity, flows.price, flows.sells, strict=True) if s == sells)


@pytest.fixture(scope="module")
def solved() -> pg.Economy:
    return town().solve()


def test_an_equilibrium_says_prices_links_and_certificate(solved):
    shown = page(solved)
    assert {good.name: good.price for good in shown.goods} == solved.price_dict()
    assert value(shown.flows, True) == pytest.approx(value(shown.flows, False), rel=1e-12)
    firms = {agent.name: agent for agent in shown.agents if agent.kind == "firm"}
    for name, row in solved.firms.iterrows():
        assert firms[name].revenue == pytest.approx(row["revenue"], rel=1e-12)
        assert firms[name].activity == pytest.approx(row["activity"], rel=1e-12)
    assert shown.certificate.holds
    assert shown.certificate.worst == solved.certificate.worst
    assert {check.condition for check in shown.certificate.checks} == set(solved.certificate.conditions)
    assert all(check.meaning for check in shown.certificate.checks)


def test_the_explanation_leads_down_and_up_the_chain(solved):
    why = {good.name: good.why for good in page(solved).goods}
    assert why["flour"][0].text == (
        "flour is worth 2.399 to bakery because one more unit gives 0.7239 more bread, and bread brings "
        "it 3.313."
    )
    assert why["flour"][0].to == "bread"
    assert "A unit of flour costs mill: grain 1.679, labour 0.7196." in [step.text for step in why["flour"]]
    assert "numeraire" in why["labour"][0].text


def test_a_certificate_that_fails_says_where():
    from pricegrad.certify import Certificate
    from pricegrad.certify.certificate import Violation

    bad = certificate(Certificate((Violation("zero profit", "firm 'mill'", 0.25),)))
    assert not bad.holds
    assert bad.verdict == "This is not an equilibrium: zero profit of firm 'mill' is missed by 0.25."


def test_marginal_values_of_a_firm_given_by_code_are_its_own_derivatives():
    shown = page(three_companies().solve())
    at = {
        (shown.agents[a].name, shown.goods[g].name): m
        for a, g, m in zip(shown.flows.agent, shown.flows.good, shown.flows.marginal, strict=True)
    }
    assert at["company_b", "ethylene"] == pytest.approx(1.5 / 9, rel=1e-6)
    assert at["company_a", "natgas"] == pytest.approx(1.5 / 9 / 4, rel=1e-6)
    assert at["company_b", "polyethylene"] is None


def test_a_priced_plan():
    economy = pg.Economy("chain", numeraire="dollars")
    economy.firm(name="a", makes="ethylene", technology=pg.CobbDouglas({"natgas": 0.5}))
    economy.supply("natgas", 4.0)
    economy.demand("ethylene", price=1.5)
    shown = page(economy.price())
    assert {good.name: good.price for good in shown.goods} == pytest.approx(
        {"natgas": 1.5 / 4, "ethylene": 1.5}, rel=1e-12
    )
    assert {good.name: good.quantity for good in shown.goods} == pytest.approx({"natgas": 4, "ethylene": 2})
    assert {agent.name for agent in shown.agents[1:]} == {
        "outside supply of natgas",
        "outside demand of ethylene",
    }
    assert shown.agents[0].profit == pytest.approx(1.5)
    why = {good.name: good.why for good in shown.goods}
    assert why["natgas"][0].formula == "0.25 × 1.5 = 0.375"


def test_firms_given_by_code_show_the_line_that_prices():
    for result in (three_companies().price(), three_companies().solve()):
        why = {good.name: good.why for good in page(result).goods}
        assert "df_dethylene = " in why["ethylene"][0].code
        assert "(ethylene + 1) ** 2" in why["ethylene"][0].code
    why = {good.name: good.why for good in page(three_companies().price()).goods}
    assert why["ethylene"][0].where.startswith("chain.py line")


def test_stocks_and_shortages_of_a_market_with_inventories():
    run = town().market("inventory").run(rounds=40, shocks=["10 productivity farm 0.2"])
    shown = page(run).path
    names = [page(run).goods[g].name for g in shown.good]
    assert len(shown.stocks) == len(shown.shortages) == len(shown.rounds)
    assert shown.stocks[-1][names.index("flour")] == pytest.approx(run.stocks["flour"].iloc[-1])
    short = run.shortages.fillna(0)
    assert (short.to_numpy() >= 0).all()
    assert short.loc[11:20, "grain"].max() > 0
    assert town().market().run(rounds=5).stocks.empty


def test_a_run_of_the_market_over_its_equilibrium(solved):
    run = town().market().run(start={"bread": 30.0, "flour": 0.2})
    shown = page(run)
    names = [shown.goods[g].name for g in shown.path.good]
    assert shown.path.prices[0][names.index("bread")] == pytest.approx(run.prices["bread"].iloc[0])
    assert shown.path.prices[-1] == pytest.approx([solved.price_dict()[name] for name in names], rel=1e-6)
    assert shown.path.distance[1] > 0.5
    cosine = [np.nan if x is None else x for x in shown.path.cosine[1:]]
    assert cosine == pytest.approx(list(run.downhill["cosine"]), nan_ok=True)
    assert shown.path.distance[-1] < 1e-6
    assert "settled" in shown.path.verdict


def test_shocks_are_marked_where_they_strike():
    run = town().market().run(shocks=["5 productivity farm 0.8", "7 supply land 0.5"])
    events = page(run).path.events
    assert [(event.round, event.text) for event in events] == [
        (5, "productivity farm 0.8"),
        (7, "supply land 0.5"),
    ]


def test_scenarios_side_by_side(solved):
    drought = town(scale=0.8).solve()
    shown = page({"before": solved, "drought": drought})
    values = {(one.name, one.what): one.values for one in shown.comparison.movers}
    assert values["grain", "price"][1] == pytest.approx(1.25 * values["grain", "price"][0])
    assert shown.comparison.scenarios == ["before", "drought"]


def test_what_has_no_page_is_refused():
    with pytest.raises(pg.ModelError, match="a dict has no page"):
        page({"before": 1})
    with pytest.raises(pg.ModelError, match="two scenarios"):
        page({})


def test_results_write_themselves(solved, tmp_path):
    written = solved.report(tmp_path / "town.html")
    assert written.read_text("utf-8").startswith("<!doctype html>")
    with pytest.raises(pg.PricegradError, match="cannot be written"):
        solved.report(tmp_path / "nowhere" / "town.html")


def test_the_us_economy_is_small_fast_and_quiet(visit):
    shown = page(pg.Economy.from_table("us71").price())
    assert len(render(shown)) < 1_000_000
    browser = visit(shown)
    assert browser.evaluate("performance.getEntriesByName('drawn')[0].startTime") < 1000
    assert "outside demand" in browser.locator("#flow").inner_text()


def test_a_large_economy_is_thinned_and_no_value_is_lost_unsaid():
    whole = crowd(2000)
    shown = thin(whole)
    assert len(shown.agents) == 1001
    assert len(shown.goods) == 1001
    assert len(shown.flows.agent) <= 12_000
    assert "The 1000 largest of 2001 agents" in shown.notes[-1]
    share = float(shown.notes[-1].split("themselves, ")[1].split("%")[0]) / 100
    total = value(whole.flows, True) + value(whole.flows, False)
    kept = value(shown.flows, True) + value(shown.flows, False)
    assert kept == pytest.approx(total * (1 - share), rel=2e-3)
    names = {good.name for good in shown.goods}
    largest = max(whole.goods[:-1], key=lambda good: good.quantity).name
    assert largest in names
    bare = [replace(good, why=()) for good in shown.goods]
    assert len(render(replace(shown, goods=bare))) < 1_000_000
    assert json.loads(shown.to_json())["flows"]["agent"]


def test_a_page_of_two_thousand_firms_explains_the_most_traded_goods_and_stays_small():
    draw, firms = np.random.default_rng(1), 1900
    economy = pg.Economy("many", numeraire="labour")
    for i in range(firms):
        bought = draw.choice(firms, 6, False)
        shares = {f"good {j}": 0.1 for j in bought}
        economy.firm(name=f"firm {i}", makes=f"good {i}", technology=pg.Leontief({**shares, "labour": 0.4}))
    wants = draw.pareto(1.2, firms) + 0.01
    wants = {f"good {i}": float(x) for i, x in enumerate(wants / wants.sum())}
    economy.household("people", endowment={"labour": 1000.0}, utility=pg.CobbDouglas(wants))
    shown = page(economy.solve())
    assert len(render(shown)) < 1_000_000
    explained = [good for good in shown.goods if good.why]
    assert len(explained) == 300
    assert min(good.price * good.quantity for good in explained) >= max(
        good.price * good.quantity
        for good in shown.goods
        if not good.why and not good.name.startswith("all others")
    )


def test_thinning_leaves_a_small_one_alone(solved):
    shown = page(solved)
    assert thin(shown) is shown
    assert np.isfinite(shown.flows.price).all()


def test_what_the_solver_wrote_out_for_itself_is_not_on_the_page():
    economy = pg.Economy(numeraire="labour")

    @economy.firm(makes="bread")
    def bakery(flour, labour):
        return min(flour / 0.5, labour / 0.25)

    economy.household(
        "people",
        endowment={"flour": 2.0, "labour": 6.0},
        utility=pg.CobbDouglas({"bread": 0.5, "labour": 0.5}),
    )
    result = economy.solve()
    shown = page(result)
    assert [good.name for good in shown.goods] == list(result.prices.index) == ["flour", "labour", "bread"]
    assert [(agent.name, agent.kind) for agent in shown.agents] == [
        ("bakery", "firm"),
        ("people", "household"),
    ]
    traded = {
        (shown.agents[a].name, shown.goods[g].name): q if s else -q
        for a, g, s, q in zip(
            shown.flows.agent, shown.flows.good, shown.flows.sells, shown.flows.quantity, strict=True
        )
        if shown.agents[a].kind == "firm"
    }
    wanted = result.flows[result.flows["agent"] == "bakery"].set_index(["agent", "good"])["quantity"]
    assert traded == pytest.approx(dict(wanted))
    told = " ".join(step.text for good in shown.goods for step in good.why)
    assert "limit" not in told
    assert "flour is worth 2 to bakery" in told


def test_the_users_of_a_good_that_is_not_used_up_are_named_and_pay_together():
    economy = pg.Economy(numeraire="labour")
    economy.good("design", rival=False)
    economy.firm(name="lab", makes="design", technology=pg.CobbDouglas({"labour": 1.0}))
    for makes in ("chairs", "desks"):
        economy.firm(
            name=f"{makes} maker", makes=makes, technology=pg.CobbDouglas({"design": 0.25, "labour": 0.75})
        )
    utility = pg.CobbDouglas({"chairs": 0.5, "desks": 0.5})
    economy.household("people", endowment={"labour": 6.0}, utility=utility)
    shown = page(economy.solve())
    assert {agent.name: agent.kind for agent in shown.agents}["users of design"] == "users"
    why = {good.name: good.why for good in shown.goods}["design"][0]
    assert why.text == "The users of design use it all at once, so what they pay adds up."
    assert why.formula == "0.5 + 0.5 = 1"


def test_a_run_without_equilibrium_is_drawn_from_what_was_traded(visit):
    economy = pg.Economy(numeraire="labour")
    recipe = {"labour": 1.0, "height": 1.2}
    economy.firm(name="tower", makes="height", technology=pg.Leontief(recipe))
    economy.household("people", endowment={"labour": 10.0}, utility=pg.CobbDouglas({"height": 1.0}))
    run = economy.market("make-to-order").run(rounds=30)
    shown = page(run)
    assert not shown.certificate.holds
    assert "no equilibrium to compare it with" in shown.certificate.verdict
    assert "no price brings enough of 'height'" in shown.certificate.how
    bought = {
        (shown.agents[a].name, shown.goods[g].name): q
        for a, g, s, q in zip(
            shown.flows.agent, shown.flows.good, shown.flows.sells, shown.flows.quantity, strict=True
        )
        if not s
    }
    assert bought == dict(run.purchases.iloc[-1])
    assert value(shown.flows, True) == pytest.approx(value(shown.flows, False))
    browser = visit(shown)
    assert browser.locator("#flow .links path").count() == 3  # the rest is too little to see
    browser.locator("#round").fill("3")
    assert "distance" not in browser.locator("#round-said").inner_text()
    assert browser.locator("#chart-prices").count() == 1


def test_a_run_of_a_market_made_from_arrays_has_a_page_too():
    from pricegrad.market.market import Market
    from pricegrad.network.arrays import from_arrays

    network = from_arrays(
        goods=["grain", "labour"],
        firm_ptr=np.array([0, 1]),
        good=np.array([1]),
        quantity=np.array([2.0]),
        makes=np.array([0]),
        demand=(np.array([0]), np.array([0]), np.array([1.0])),
        endowment=(np.array([0]), np.array([1]), np.array([6.0])),
        firms=["farm"],
    )
    shown = page(Market(network).run(rounds=50))
    assert "made from arrays" in shown.certificate.how
    assert {agent.name for agent in shown.agents} >= {"farm"}
    assert len(shown.flows.agent) == 4
