"""What a person says wrongly in Python is told in one sentence that names it."""

import math

import pytest
from tests.zoo import bread_and_cloth, town

import pricegrad as pg

WANTS = pg.CobbDouglas({"bread": 1.0})
RECIPE = pg.Leontief({"labour": 1.0})


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (lambda e: pg.Economy(3), "name of an economy .* not 3"),
        (lambda e: pg.Economy(numeraire=["gold"]), r"name of a numeraire .* not \['gold'\]"),
        (lambda e: e.household("h", endowment=["labour"], utility=WANTS), "endowment: .* by name"),
        (lambda e: e.household("h", endowment={"labour": "ten"}, utility=WANTS), "'labour' is 'ten'"),
        (lambda e: e.household("h", endowment={3: 1.0}, utility=WANTS), "endowment: 3 is no name"),
        (lambda e: e.household("h", endowment={"labour": math.nan}, utility=WANTS), "'labour' is nan"),
        (lambda e: e.household("h", utility=WANTS, subsistence={"bread": "a"}), "subsistence .* is 'a'"),
        (lambda e: e.household("h", utility=WANTS, profits=["bakery"]), "profits: .* by name"),
        (lambda e: e.household("h", utility=WANTS, profits={"bakery": None}), "share of 'bakery' is None"),
        (lambda e: e.household("h", utility={"bread": 1}), "its utility is .*pg.CobbDouglas"),
        (lambda e: e.firm(name="f", makes="x", technology={"labour": 1}), "its technology is .*pg.CES"),
        (lambda e: e.firm(lambda a: a, name="f", makes=3), "'f': it makes 3"),
        (lambda e: e.firm(lambda a: a, name="f", makes=("x", 3)), "not 3"),
        (lambda e: e.auxiliary("t", 3), "constraint of 't' is 3"),
        (lambda e: e.auxiliary("t", "t == 1", lower="a"), "lower bound of 't' is 'a'"),
        (lambda e: e.auxiliary("t", "t == 1", start=math.inf), "start of 't' is inf"),
        (lambda e: e.demand("bread", lambda: 3), "curve must take one price"),
        (lambda e: e.demand("bread", lambda p: "lots"), "curve gives 'lots'"),
        (lambda e: e.demand("bread", price=-1.0), "price is -1; it must not be negative"),
        (lambda e: e.supply("bread", True), "is True"),
        (lambda e: e.split("bread", {"people": "all"}), "for 'people' is 'all'"),
        (lambda e: e.fix("labour", "one"), "'labour' is 'one'"),
        (lambda e: (e.fix("labour", 0.0), e.solve()), "price of 'labour' is 0; it must be positive"),
        (lambda e: (e.tax("tailor", "cloth", 1.0, to="people"), e.solve()), "taxes take 1 of the price"),
        (lambda e: (e.tax("tailor", "labour", -1.0, to="people"), e.solve()), "subsidies pay 1 of"),
        (
            lambda e: e.change(endowment={"people": {"labour": 0}}).solve(),
            "nobody owns or brings in anything",
        ),
    ],
)
def test_what_is_said_wrongly_is_named(say, words):
    economy = bread_and_cloth(pg.CobbDouglas({"bread": 0.5, "cloth": 0.5}))
    with pytest.raises(pg.ModelError, match=words):
        say(economy)


def test_a_curve_that_is_not_defined_at_one_is_taken():
    economy = pg.Economy(numeraire="labour")
    economy.firm(name="bakery", makes="bread", technology=pg.Leontief({"labour": 2.0}))
    economy.household("people", endowment={"labour": 100}, utility=pg.CobbDouglas({"labour": 1.0}))
    economy.demand("bread", lambda p: 3 / (p - 1))
    assert economy.solve(start={"bread": 2.1}).quantities["bread"] == pytest.approx(3.0)


def test_a_technology_under_a_misspelt_keyword_is_refused():
    economy = pg.Economy()
    with pytest.raises(pg.ModelError, match="firm 'mill': tecnology= is given a technology.*\"technology\""):
        economy.firm(name="mill", makes="flour", tecnology=pg.CobbDouglas({"grain": 1.0}))


def test_what_is_only_owed_comes_from_nowhere_and_the_line_is_shown():
    economy = pg.Economy(numeraire="labour")
    economy.firm(
        name="farm",
        makes="grain",
        technology=pg.CobbDouglas({"land": 0.5, "labour": 0.5}),
    )
    economy.household("town", endowment={"land": -5, "labour": 9}, utility=pg.CobbDouglas({"grain": 1.0}))
    with pytest.raises(pg.ModelError) as told:
        economy.solve()
    first, place, line, caret = str(told.value).splitlines()
    assert first.startswith("nobody makes, owns or brings in 'land', which firm 'farm' uses.")
    assert "test_words.py, line " in place
    assert line[caret.index("^") :].startswith("land")


@pytest.mark.parametrize("side", ["supply", "demand"])
def test_a_negative_amount_from_outside_is_refused(side):
    with pytest.raises(pg.ModelError, match=f"{side} of 'coal': its quantity is -4; it must not be negative"):
        getattr(pg.Economy(), side)("coal", -4)


def test_a_numeraire_in_which_nothing_is_priced_is_refused():
    economy = town()
    economy.numeraire = "labor"
    with pytest.raises(pg.ModelError, match="no good is named 'labor', the numeraire.*\"labour\""):
        economy.solve()
