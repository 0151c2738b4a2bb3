"""Every result writes a page, and a file from which the same numbers and the same page come back."""

import json
import math

import pandas as pd
import pytest

import pricegrad as pg
from pricegrad import cli, examples
from pricegrad.distributed.result import Deal, Trade
from pricegrad.report import jsons
from pricegrad.report.page import page, render
from tests.report.towns import NASTY
from tests.zoo import three_companies, town


def chain():
    return three_companies().price()


def table():
    flows = pd.DataFrame(
        [[10, 40], [5, 10], [35, 50]], index=["farms", "mills", "labour"], columns=["farms", "mills"]
    )
    return pg.Economy.from_table(flows)


def trade():
    deals = (Deal("supply of ore", "mine", "ore", 2.0, 3.0), Deal("mine", "smith", "iron", 1.0, 9.0))
    prices = pd.Series({"ore": 3.0, "iron": 9.0}, name="price")
    return Trade(prices, pd.Series({"ore": 2.0, "iron": 1.0}, name="quantity"), 12, 1e-13, True, 80, deals)


def solved():
    return town().solve()


def run():
    return town().market("inventory").run(30, shocks=["9 supply land 0.5"])


RESULTS = {
    "the sweep": (chain, "prices"),
    "table prices": (lambda: table().price(), "prices"),
    "equilibrium": (solved, "equilibrium"),
    "scenarios": (lambda: solved().compare(dry=town(scale=0.5).solve()), "comparison"),
    "sensitivity of one": (lambda: solved().sensitivity(of="bread"), "sensitivities"),
    "sensitivity to one": (lambda: solved().elasticities(to="productivity of mill"), "sensitivities"),
    "sensitivities": (lambda: solved().elasticities(of=["price", "real output"]), "sensitivities"),
    "price change": (lambda: table().shock({"farms": 0.1}), "change"),
    "trajectory": (run, "trajectory"),
    "private trade": (trade, "trade"),
}


@pytest.fixture(scope="module", params=RESULTS, ids=list(RESULTS))
def result(request):
    make, kind = RESULTS[request.param]
    return make(), kind


def test_every_result_writes_a_page(result, tmp_path):
    result, kind = result
    written = result.report(tmp_path / "page.html")
    assert written == tmp_path / "page.html"
    assert page(result).kind == kind
    assert 100_000 < written.stat().st_size < 400_000


def test_a_saved_result_comes_back_to_the_last_digit_with_the_same_page(result, tmp_path):
    result, kind = result
    result.save(tmp_path / "one.json")
    again = pg.load(tmp_path / "one.json")
    again.save(tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert again.kind == kind
    assert again.report(tmp_path / "again.html").read_bytes() == render(page(result)).encode()
    prices = getattr(result, "prices", None)
    if isinstance(prices, pd.Series):
        assert again.prices.to_dict() == prices.to_dict()
        if hasattr(result, "quantities"):
            assert again.quantities.to_dict() == result.quantities.to_dict()
    elif isinstance(prices, pd.DataFrame):
        pd.testing.assert_frame_equal(again.prices, prices, check_exact=True)
        pd.testing.assert_frame_equal(again.quantities, result.quantities, check_exact=True)
        assert again.as_dict()["path"]["gaps"] == result.gaps.tolist()


def test_numbers_that_json_cannot_write_come_back():
    said = {"a": math.inf, "b": [-math.inf, 1.5, None, True], "float": {"float": 2.0}, "c": 0.1 + 0.2}
    again = jsons.restored(json.loads(json.dumps(jsons.exact(said), allow_nan=False)))
    assert again == said
    assert math.isnan(jsons.restored(jsons.exact([math.nan]))[0])


def test_scenarios_side_by_side_come_back_by_name(tmp_path):
    base, dry = town().solve(), town(scale=0.5).solve()
    base.compare(dry=dry).save(tmp_path / "both.json")
    again = pg.load(tmp_path / "both.json")
    assert again.prices["dry"].to_dict() == dry.price_dict()
    assert again.prices["base"].to_dict() == base.price_dict()


def test_a_table_of_sensitivities_is_what_it_was():
    frame = town().solve().elasticities(of=["price"], to=["productivity"])
    shown = page(frame).tornados
    assert [one.title for one in shown][-1] == "What the price of bread hangs on"
    bars = {bar.name: bar.value for bar in shown[-1].bars}
    assert bars == dict(frame.loc["price of bread"])
    assert list(bars) == sorted(bars, key=lambda name: -abs(bars[name]))
    moves = page(town().solve().elasticities(to="productivity of mill")).tornados[0]
    assert moves.title == "What the productivity of mill moves"
    assert {bar.name: round(bar.value, 9) for bar in moves.bars}["price of flour"] == -1.0


def test_a_price_change_says_through_whom_it_came():
    change = table().shock({"farms": 0.1})
    shown = {good.name: good for good in page(change).goods}
    assert shown["mills"].price == change.prices["mills"]
    told = " ".join(step.text for step in shown["mills"].why)
    assert f"{change.suppliers('mills')['farms']:+.3%} came through farms." in told
    assert "Along the chain farms -> mills" in told
    assert page(change).title == "table, after a change in farms"
    dearer = page(table().shock(prices={"labour": 0.1}))
    assert dearer.title == "table, after a change in the price of labour"
    moved = {mover.name: mover.values for mover in page(change).comparison.movers}
    assert moved["farms"] == [1.0, change.prices["farms"]]


def test_a_derivative_is_reported_as_the_chain_of_firms_it_is(tmp_path):
    def f(x):
        a = x ** (1 / 2)
        b = 1 - 1 / (a + 1)
        return b

    df = pg.grad(f)
    text = df.report(tmp_path / "f.html", x=4.0).read_text("utf-8")
    shown = json.loads(text.split('id="payload">')[1].split("</script>")[0])
    prices = {good["name"]: good["price"] for good in shown["goods"]}
    assert prices["x"] == pytest.approx(df(4.0), rel=1e-12)
    assert prices["b"] == 1.0


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    examples.write("town.py")
    dry = (tmp_path / "town.py").read_text("utf-8").replace("town()", "town(0.8)")
    (tmp_path / "dry.py").write_text(dry)
    return tmp_path


def shown(path):
    return json.loads(path.read_text("utf-8").split('id="payload">')[1].split("</script>")[0])


def test_the_command_saves_and_reports_what_it_saved(folder, capsys):
    for command in (["solve"], ["market", "--rounds", "80"]):
        assert cli.main([*command, "town.py", "--save", "kept.json"]) == 0
        assert cli.main(["report", "kept.json", "-o", "kept.html"]) == 0
        once = (folder / "kept.html").read_text()
        assert (
            cli.main(["report", "town.py", "-o", "town.html", *(["--market"] if "market" in command else [])])
            == 0
        )
        assert once == (folder / "town.html").read_text()


def test_what_json_printed_is_reported_with_what_it_knows(folder, capsys):
    assert cli.main(["solve", "town.py", "--json"]) == 0
    (folder / "printed.json").write_text(capsys.readouterr().out)
    assert cli.main(["report", "printed.json", "-o", "printed.html"]) == 0
    found, whole = shown(folder / "printed.html"), pg.load(folder / "printed.json")
    assert {good["name"]: good["price"] for good in found["goods"]} == whole.prices.to_dict()
    assert found["certificate"]["holds"]
    assert "Read from numbers alone" in found["notes"][0]


def test_two_saved_equilibria_stand_side_by_side(folder, capsys):
    for name in ("town", "dry"):
        assert cli.main(["solve", f"{name}.py", "--save", f"{name}.json"]) == 0
    assert cli.main(["report", "town.json", "--against", "dry.json"]) == 0
    found = shown(folder / "report.html")["comparison"]
    assert found["scenarios"] == ["town", "dry"]
    values = {(mover["name"], mover["what"]): mover["values"] for mover in found["movers"]}
    assert values["grain", "price"][1] == pytest.approx(1.25 * values["grain", "price"][0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "kept.json", "--market"], "--market has no effect"),
        (["report", "kept.json", "--against", "town.py"], "save that one too"),
        (["report", "other.json"], "was saved as pricegrad-result/9"),
        (["report", "broken.json"], "not whole"),
        (["report", "odd.json"], "not what --json prints"),
        (["report", "kep.json"], "kept.json"),
        (["solve", "town.py", "--save", "kept.txt"], "saved as .json"),
        (["solve", "town.py", "--save", "no/kept.json"], "cannot be written"),
    ],
)
def test_refusals(arguments, said, folder, capsys):
    assert cli.main(["solve", "town.py", "--save", "kept.json"]) == 0
    (folder / "other.json").write_text('{"format": "pricegrad-result/9"}')
    (folder / "broken.json").write_text('{"format": "pricegrad-result/1", "kind": "prices"}')
    (folder / "odd.json").write_text('{"prices": 3}')
    assert cli.main(arguments) == 2
    assert said in capsys.readouterr().err


def test_the_state_of_a_market_is_no_result(tmp_path):
    town().market().run(5).save(tmp_path / "town.npz")
    with pytest.raises(pg.ModelError, match="to go on from"):
        pg.load(tmp_path / "town.npz")
    with pytest.raises(pg.ModelError, match="cannot be read"):
        pg.load(tmp_path / "nothing.json")


def test_names_with_script_stay_text_in_a_saved_result(tmp_path):
    economy = pg.Economy(NASTY)
    economy.firm(name=NASTY, makes="bread", technology=pg.Leontief({"labour": 1.0}))
    economy.household("town", endowment={"labour": 1.0}, utility=pg.CobbDouglas({"bread": 1.0}))
    economy.solve().save(tmp_path / "nasty.json")
    again = pg.load(tmp_path / "nasty.json")
    assert again.payload.title == NASTY
    assert NASTY not in again.report(tmp_path / "nasty.html").read_text("utf-8")
