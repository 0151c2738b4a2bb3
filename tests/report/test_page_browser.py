"""The page in a real browser: what it shows, and that hover, click, keys, slider and search work."""

import csv
import re

import pytest
from playwright.sync_api import expect

from pricegrad.report.page import page as payload_of
from pricegrad.report.page import render
from tests import chain, zoo
from tests.report.towns import NASTY, crowd, full_payload, payload, town


def text(page, where: str) -> str:
    return page.locator(where).inner_text()


def node(page, name: str):
    return page.locator(f'#flow .node[aria-label^="{name},"]')


def test_everything_is_drawn_and_names_with_script_stay_text(visit):
    page = visit(full_payload(f"bread & {NASTY}"))
    assert text(page, "h1") == f"bread & {NASTY}"
    assert page.title() == f"bread & {NASTY}"
    assert page.evaluate("window.broken") is None
    assert page.locator("img").count() == 0
    assert "5 goods, 3 firms, 1 household, 12 links" in text(page, "#summary")
    assert "This is an equilibrium." in text(page, "#certificate h2")
    assert text(page, "#worst") == "3×10⁻¹⁴"
    page.click("#certificate summary")
    assert NASTY in text(page, "#certificate table")
    assert page.locator("#flow .node").count() == 10
    assert page.locator("#flow .links path").count() == 12
    assert f"drought {NASTY}" in text(page, "#path")
    node(page, "flour").click()
    assert NASTY in text(page, "#detail")
    assert page.evaluate("window.broken") is None


def test_hover_tells_quantity_price_and_value(visit):
    page = visit(full_payload("town"))
    node(page, "flour").locator("rect").hover()
    assert text(page, "#tip").split("\n") == ["flour", "price 2.399", "quantity 31.66", "value 75.95"]
    node(page, "mill").locator("rect").hover()
    assert text(page, "#tip").split("\n")[0] == "mill"
    assert "revenue 75.95" in text(page, "#tip")
    page.mouse.move(5, 5)
    assert page.locator("#tip").is_hidden()


def test_a_click_explains_and_leads_upstream_and_downstream(visit):
    page = visit(full_payload("town"))
    page.locator("#ladder .rung", has_text="flour").click()
    detail = text(page, "#detail")
    assert "because of flour" in detail
    assert "2 × 3 = 6" in detail
    assert node(page, "flour").get_attribute("aria-pressed") == "true"
    lit = page.locator('#flow .node:not([data-light="off"])').count()
    assert lit == 10
    page.locator("#detail .go", has_text="mill").click()
    assert "firm" in text(page, "#detail h2")
    page.locator("#detail .go", has_text="grain").click()
    assert text(page, "#detail h2") == "grain"
    page.locator("#detail .go", has_text="why bread").click()
    assert text(page, "#detail h2") == "bread"
    page.locator("#detail button", has_text="Clear").click()
    assert text(page, "#detail h2") == "Explain"


def test_upstream_and_downstream_of_a_branch_leave_the_other_branch_dark(visit):
    page = visit(full_payload("town"))
    page.locator("#ladder .rung", has_text="land").click()
    page.mouse.move(5, 5)
    dark = page.locator('#flow .node[data-light="off"]')
    assert [
        one.split(",")[0] for one in dark.evaluate_all("all => all.map(n => n.getAttribute('aria-label'))")
    ] == ["labour"]


def test_keys_walk_along_the_flow(visit):
    page = visit(full_payload("town"))
    assert page.locator('#flow .node[tabindex="0"]').count() == 1
    node(page, "farm").focus()
    for key, name in (
        ("ArrowRight", "grain"),
        ("ArrowRight", "mill"),
        ("ArrowLeft", "grain"),
        ("ArrowLeft", "farm"),
    ):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(f"{name},")
    page.keyboard.press("Enter")
    assert text(page, "#detail h2") == "farm firm"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("farm,")
    page.keyboard.press("Escape")
    assert text(page, "#detail h2") == "Explain"


def test_search_finds_names_and_says_when_there_is_none(visit):
    page = visit(full_payload("town"))
    page.fill("#search", "FLOUR")
    page.keyboard.press("Enter")
    assert text(page, "#detail h2") == "flour"
    page.fill("#search", "gold")
    page.keyboard.press("Enter")
    assert text(page, "#search-said") == "no such name"


def test_the_slider_moves_prices_and_every_chart(visit):
    page = visit(full_payload("town"))
    page.locator("#ladder .rung", has_text="flour").click()
    price = page.locator("#detail .facts dd").first
    assert price.inner_text() == "2.399"
    colour = node(page, "flour").locator("rect").evaluate("one => one.style.fill")
    page.locator("#round").fill("0")
    assert price.inner_text() == "3.598"
    assert re.match("0 · traded 573.* · distance 0.5", text(page, "#round-said"))
    assert node(page, "flour").locator("rect").evaluate("one => one.style.fill") != colour
    page.locator("#round").focus()
    page.keyboard.press("ArrowRight")
    assert text(page, "#round-said").startswith("1 ·")
    places = page.locator(".now").evaluate_all("all => all.map(one => one.getAttribute('x1'))")
    assert len(places) == 3
    assert len(page.locator("#chart-prices .series").all()) >= 5
    page.click("#play")
    expect(page.locator("#round-said")).to_have_text(re.compile("^[4-9] ·"))
    page.click("#play")


def test_ribbons_are_as_wide_as_what_was_traded_in_the_round_of_the_slider(visit):
    run = zoo.town().market("inventory").run(40, start={"bread": 9.0}, shocks=["20 productivity farm 0.5"])
    shown = payload_of(run)
    page = visit(shown)
    agents = [agent.name for agent in shown.agents]
    scales = []
    for frame in (1, 7, 21, 40):
        page.locator("#round").fill(str(frame))
        drawn = page.evaluate("graph.links.map(link => [link.from.name, link.to.name, link.w])")
        wide = {(one, other): w for one, other, w in drawn}
        bought, price = run.purchases.loc[frame], run.prices.loc[frame]
        for (buyer, good), amount in bought.items():
            if amount * price[good] > 1:
                scales.append(wide[good, buyer] / (amount * price[good]))
                assert buyer in agents
    assert len(scales) >= 24
    assert scales == pytest.approx([scales[0]] * len(scales), rel=1e-3)
    node(page, "flour").locator("rect").hover()
    assert text(page, "#tip").split("\n")[2] == f"quantity {run.quantities['flour'].iloc[-1]:.4g}"


def test_comparison_and_tornado_are_sorted_and_signed(visit):
    page = visit(full_payload("town"))
    assert page.locator("#movers tbody tr").count() == 5
    assert "+10%" in text(page, "#movers tbody tr:first-child")
    rows = page.locator("#tornado tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == ["yeast", "land"]
    assert page.locator("#tornado i.down").count() == 1


def test_tables_are_copied_and_saved_with_every_digit(visit, tmp_path):
    network, state = town()
    page = visit(full_payload("town"), permissions=["clipboard-read", "clipboard-write"])
    page.click("#goods-table summary")
    expect(page.locator("#goods-table tbody tr")).to_have_count(5)
    with page.expect_download() as saved:
        page.locator("#goods-table button", has_text="CSV").click()
    saved.value.save_as(tmp_path / "goods.csv")
    rows = list(csv.DictReader((tmp_path / "goods.csv").read_text("utf-8").splitlines()))
    assert {row["good"]: float(row["price"]) for row in rows} == dict(
        zip(network.goods, state.price, strict=True)
    )
    page.locator("#goods-table button", has_text="Copy").click()
    expect(page.locator("#goods-table button").first).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied[0] == "good\tprice\tquantity"
    assert len(copied) == 6


def test_a_thousand_firms_are_drawn_at_once_and_say_what_is_hidden(visit):
    big = crowd(1000)
    page = visit(big)
    drawn, loaded = (
        "getEntriesByName('drawn')[0].startTime",
        "getEntriesByType('navigation')[0].loadEventStart",
    )
    assert page.evaluate(
        f"performance.{drawn} <= performance.{loaded}"
    )  # at once, without waiting for anything
    assert page.locator("#flow .node").count() == 24 + 24 + 1 + 1
    assert "977 smaller agents and 977 smaller goods" in text(page, "#hidden-note")
    smallest = min(range(1000), key=lambda g: big.goods[g].quantity)
    page.fill("#search", f"good {smallest}")
    page.keyboard.press("Enter")
    assert text(page, "#detail h2") == f"good {smallest}"
    assert node(page, f"good {smallest}").count() == 1
    page.select_option("#top", "96")
    assert page.locator("#flow .node").count() == 96 + 96 + 3
    assert len(render(big)) < 1_000_000


def test_loops_of_a_cyclic_economy_are_drawn_below_and_small_ones_when_one_points_at_them(visit):
    page = visit(crowd(12))
    assert page.locator("#flow .links path").count() == 12 * 7 + 12 + 12 + 1
    loops = page.evaluate("graph.links.filter(link => link.back).map(link => [link.faint, link.value])")
    assert f"the 24 largest of {len(loops)}" in text(page, "#hidden-note")
    shown, faint = ([value for is_faint, value in loops if is_faint == side] for side in (False, True))
    assert len(shown) == 24
    assert min(shown) >= max(faint)
    assert page.locator("#flow .links path.faint:visible").count() == 0
    end = page.evaluate("graph.links.find(link => link.faint).from.name")
    node(page, end).locator("rect").hover()
    assert page.locator("#flow .links path.faint:visible").count() > 0


def test_where_value_comes_from_adds_up_and_is_silent_where_a_firm_loses(visit):
    page = visit(full_payload("town"))
    rent = 50 * zoo.TOWN_PRICES["land"]
    shares = {name: 100 * earned / (100 + rent) for name, earned in (("labour", 100), ("land", rent))}
    said = page.locator(".origin-names li").all_inner_texts()
    assert said == [f"{name} {share:.1f}" for name, share in shares.items()]
    wide = page.locator(".origin i").evaluate_all("all => all.map(one => one.offsetWidth)")
    assert wide[0] / wide[1] == pytest.approx(shares["labour"] / shares["land"], rel=0.02)
    assert visit(payload_of(chain.economy.price())).locator(".origin").count() == 0


def test_goods_of_a_comparison_are_coloured_by_how_far_their_price_moved(visit):
    page = visit(payload_of({"before": zoo.town().solve(), "after": zoo.town(scale=0.5).solve()}))
    share = {
        good: float(
            re.search(r"--up\) ([\d.]+)%", node(page, good).locator("rect").get_attribute("style"))[1]
        )
        for good in zoo.TOWN_PRICES
    }
    grain, bread = 2 - 1, 2**0.42 - 1  # half the harvest; grain is 0.7 of flour, flour 0.6 of bread
    assert share["land"] == share["labour"] == 0
    assert share["grain"] == 100
    assert share["bread"] == pytest.approx(100 * (bread / grain) ** 0.5, abs=0.1)
    assert "+100%" in text(page, "#legend")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_dark_and_the_switch(visit, scheme):
    page = visit(full_payload("town"), color_scheme=scheme)
    background = "getComputedStyle(document.body).backgroundColor"
    assert (page.evaluate(background) == "rgb(21, 24, 28)") == (scheme == "dark")
    before = page.evaluate(background)
    page.click("#theme")
    assert page.evaluate(background) != before


def test_at_phone_width_nothing_runs_over_the_side(visit):
    page = visit(full_payload("town"), viewport={"width": 380, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 380


def test_paper_is_light_and_nothing_is_cut_off(visit, tmp_path):
    page = visit(full_payload("town"), color_scheme="dark")
    page.click("#theme")
    page.click("#theme")  # dark by the switch as well as by the system
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 700, "height": 1000})  # the width of A4 within its margins
    dark_bar = node(page, "bread").locator("rect").evaluate("one => one.style.fill")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert node(page, "bread").locator("rect").evaluate("one => one.style.fill") != dark_bar
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    assert page.locator("#flow svg").bounding_box()["width"] <= 700
    for hidden in ("#time", "#page-tools", "#search", "#detail"):
        assert page.locator(hidden).is_hidden()
    assert page.locator("#goods-table tbody tr").count() == 5
    assert page.locator("#certificate table").is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#goods-table table").is_hidden()
    assert node(page, "bread").locator("rect").evaluate("one => one.style.fill") == dark_bar
    written = page.pdf(path=tmp_path / "page.pdf", format="A4")
    assert 1 <= written.count(b"/Type /Page\n") <= 5


UNNAMED = """
[...document.querySelectorAll("button, input, select, summary, [role=button], [role=img], [role=region]")]
  .filter((one) => !(one.textContent.trim() || one.getAttribute("aria-label") || one.labels?.length))
  .map((one) => one.outerHTML.slice(0, 120))
"""
CONTRAST = """
(() => {
  const light = (c) => {
    const line = (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    const part = c.match(/[\\d.]+/g).slice(0, 3).map((x) => line(x / 255));
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const ground = (one) => {
    for (; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const kinds = "h1, h2, h3, p, td, th, button, summary, dt, dd, li, .mark, .legend span";
  const seen = (one) => one.textContent.trim() && one.offsetParent;
  return [...document.querySelectorAll(kinds)].filter(seen).map((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(ground(one))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), one.tagName + "." + one.className];
  }).filter(([ratio]) => ratio < 4.5);
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_can_be_read(visit, scheme):
    page = visit(full_payload("town"), color_scheme=scheme)
    page.click("#certificate summary")
    page.click("#goods-table summary")
    page.locator("#ladder .rung", has_text="flour").click()
    assert page.evaluate(UNNAMED) == []
    assert page.evaluate(CONTRAST) == []  # WCAG 2.2, level AA
    page.evaluate("document.documentElement.style.setProperty('--quiet', '#777')")
    assert page.evaluate(CONTRAST) != []  # the check sees what it is there for
    heads = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(one => +one.tagName[1])")
    assert heads[0] == 1
    assert all(after <= before + 1 for before, after in zip(heads, heads[1:], strict=False))
    assert node(page, "flour").get_attribute("aria-pressed") == "true"
    assert page.locator("#detail").get_attribute("aria-live") == "polite"
    assert page.locator("#flow .node[tabindex='0']").count() == 1


def test_sectors_are_gathered_and_opened(visit):
    from dataclasses import replace

    network, state = town()
    whole = payload(network, state, "town")
    grouped = [
        replace(one, group="food" if one.name in ("mill", "bakery") else "land") for one in whole.agents
    ]
    page = visit(replace(whole, agents=grouped))
    page.check("#gather")
    assert node(page, "food").count() == 1
    assert node(page, "products of food").count() == 1
    assert "3 firms and what they make are gathered in 2 sectors" in text(page, "#hidden-note")
    assert node(page, "mill").count() == 0
    node(page, "food").locator("rect").click()
    assert node(page, "mill").count() == 1
