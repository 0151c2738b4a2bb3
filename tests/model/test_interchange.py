"""The interchange format: what is wrong is named by its path; constraints are parsed, never run."""

import copy
import json

import pytest
from tests.zoo import two_sectors

import pricegrad as pg
from pricegrad.model.expression import Variable, gradient, parse, value

GOOD = {
    "goods": ["x", "labour"],
    "sectors": [
        {
            "name": "X",
            "outputs": [{"good": "x", "q": 2.0, "taxes": [{"to": "h", "aux": "t", "mult": 2.0}]}],
            "inputs": [{"good": "labour", "q": 2.0, "p": 1.5, "nest": "va"}],
            "nests": [
                {"name": "S", "elas": 0.5, "parent": None, "side": "in"},
                {"name": "va", "elas": 1, "parent": "S", "side": "in"},
            ],
        }
    ],
    "households": [
        {
            "name": "h",
            "demands": [{"good": "x", "q": 1}],
            "endowments": [{"good": "labour", "q": 3, "rationed_by": "t"}],
            "nests": [],
        }
    ],
    "aux": [{"name": "t", "constraint": "t == 0.1"}],
    "fix": {"labour": 1},
    "lower": {"t": None},
    "start": {"t": 0.1},
}


def spoil(change):
    document = copy.deepcopy(GOOD)
    change(document)
    return document


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda d: d["sectors"][0]["inputs"][0].update(q="two"),
            r"sectors\[0\].inputs\[0\].q: it is \"two\"",
        ),
        (lambda d: d["sectors"][0]["inputs"][0].update(q=True), r"sectors\[0\].inputs\[0\].q"),
        (lambda d: d["sectors"][0]["inputs"][0].update(q=-1), "'labour'.*positive"),
        (
            lambda d: d["sectors"][0]["inputs"][0].update(good="labor"),
            r"inputs\[0\].good: 'labor'.*\"labour\"",
        ),
        (lambda d: d["sectors"][0]["inputs"][0].update(nest="av"), "'av', but there is no such nest"),
        (lambda d: d["sectors"][0].pop("outputs"), r"sectors\[0\]: the field 'outputs' is missing"),
        (lambda d: d["sectors"][0].update(ouputs=[]), r"sectors\[0\].ouputs: .*\"outputs\""),
        (lambda d: d.update(goods="x"), "goods: .*must be a list"),
        (lambda d: d["goods"].append("x"), r"goods\[2\].*twice"),
        (lambda d: d["sectors"][0]["outputs"][0]["taxes"][0].update(to="gov"), "'gov'.*household"),
        (lambda d: d["sectors"][0]["outputs"][0]["taxes"][0].update(rate=0.1), r"taxes\[0\]: give the tax"),
        (lambda d: d["sectors"][0]["nests"][1].update(side="left"), r"nests\[1\].side"),
        (lambda d: d["sectors"][0]["nests"][1].update(elas=-1), "elasticity is -1"),
        (lambda d: d["fix"].update(labor=1), "'labor'.*\"labour\""),
        (lambda d: d["households"].append(d["households"][0]), r"households\[1\].name"),
        (lambda d: d["households"][0]["endowments"][0].update(rationed_by="u"), "'u'.*auxiliary"),
        (lambda d: d["aux"][0].pop("constraint"), r"aux\[0\]: the field 'constraint'"),
        (lambda d: d["sectors"].append(7), r"sectors\[1\]: it is 7; it must be an object"),
    ],
)
def test_the_wrong_field_is_named(change, words):
    with pytest.raises(pg.ModelError, match=words):
        pg.Economy.from_json(spoil(change))


def test_a_file_round_trip_is_exact(tmp_path):
    economy = pg.Economy.from_json(GOOD)
    economy.to_json(tmp_path / "economy.json")
    again = pg.Economy.from_json(tmp_path / "economy.json")
    assert vars(again) == vars(economy)
    assert again.to_json() == economy.to_json()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON.*line 1"),
        ('{"goods": [], "goods": []}', "'goods' stands twice"),
        ("[]", "an object"),
        ("[" * 100000, "nested"),
    ],
)
def test_a_file_that_is_no_economy(tmp_path, text, words):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(pg.ModelError, match=words):
        pg.Economy.from_json(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(pg.ModelError, match="cannot be read"):
        pg.Economy.from_json(tmp_path / "none.json")


def test_what_python_alone_can_say_is_not_written():
    economy = pg.Economy()
    economy.firm(lambda a: a, name="f", makes="b")
    with pytest.raises(pg.ModelError, match="'f' is a Python function"):
        economy.to_json()


def test_extensions_round_trip():
    economy = pg.Economy("wide", numeraire="labour")
    economy.good("idea", rival=False)
    economy.firm(name="f", makes="idea", technology=pg.CobbDouglas({"labour": 0.5}))
    economy.household(
        "h",
        endowment={"labour": 1},
        utility=pg.CobbDouglas({"idea": 1}),
        profits={"f": 0.5},
        subsistence={"idea": 0.1},
    )
    economy.supply("labour", 2.0)
    economy.demand("idea", price=3.0)
    again = pg.Economy.from_json(json.loads(json.dumps(economy.to_json())))
    assert again.to_json() == economy.to_json()
    assert again.firms["f"].returns == 0.5


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true') == 1",
        "x.y == 1",
        "f(x) == 1",
        "x",
        "x == 1 == 2",
        "x < 1",
        "[x] == 1",
        "x ==",
        "x == True",
        "x % 2 == 1",
        "(" * 500 + "x",
        "x == 1 if x else 1",
        "lambda: 1 == 1",
    ],
)
def test_constraints_that_are_not_arithmetic_are_refused(text):
    with pytest.raises(pg.ModelError, match="the constraint of 't'"):
        parse(text, "the constraint of 't'")


def test_a_constraint_and_its_gradient():
    constraint = parse("2 * x ** 2 / y - (z + -1.5) >= 'odd name' ** 0.5", "here")
    names = {"x": 3.0, "y": 4.0, "z": 0.5, "odd name": 2.0}
    at = {Variable(name): x for name, x in names.items()}
    assert not constraint.equality
    worth, slopes = gradient(constraint.slack, at)
    assert worth == pytest.approx(2 * 9 / 4 - (0.5 - 1.5) - 2**0.5, rel=1e-15)
    for name, x in names.items():
        up, down = ({**at, Variable(name): x + d} for d in (1e-6, -1e-6))
        slope = (value(constraint.slack, up) - value(constraint.slack, down)) / 2e-6
        assert slopes[Variable(name)] == pytest.approx(slope, rel=1e-8)


def test_at_most_turns_around():
    assert value(parse("x <= 3", "here").slack, {Variable("x"): 1.0}) == 2.0


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda d: d["sectors"][0]["inputs"][0].update(q=10**400),
            r"inputs\[0\]\.q: .*finite number",
        ),
        (lambda d: d["sectors"][0]["inputs"][0].update(nest=["a"]), r"inputs\[0\]\.nest: .*text"),
        (lambda d: d["sectors"][0].update(nests=[{"name": "a", "elas": 1, "parent": 3}]), r"parent: it is 3"),
        (lambda d: d["households"][0]["endowments"][0].update(rationed_by=["r"]), "rationed_by: it is"),
        (lambda d: d.update(outside={"good": "PX"}), "outside: it is"),
        (lambda d: d.update(outside=[{"good": "PX", "side": "demand", "p": -1}]), "must not be negative"),
        (lambda d: d.update(split={"PX": [1]}), "split.PX: it is"),
        (lambda d: d["sectors"][0].update(inputs=[]), "'X' has no input"),
        (lambda d: d.update(fix={"PU": -1}), "price of 'PU' is -1"),
        (lambda d: d.update(scenarios=[]), "holds scenarios, not one economy"),
    ],
)
def test_further_mistakes_are_named(spoil, words):
    document = json.loads(json.dumps(two_sectors()))
    spoil(document)
    with pytest.raises(pg.ModelError, match=words):
        pg.Economy.from_json(document)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "marked.json"
    path.write_text(json.dumps(two_sectors()), encoding="utf-8-sig")
    assert pg.Economy.from_json(path).solve().prices["PL"] == pytest.approx(1.0)
