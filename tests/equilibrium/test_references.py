"""Published models solved by others: every price, activity and income, from two starts."""

import pytest
from tests.references import FILES, SCENARIOS, scenario

import pricegrad as pg


def deviation(eq, expected):
    """The largest difference from the expected values, relative, a unit below 0.001."""
    found = {
        "price": eq.price_dict(),
        "activity": eq.activity_dict(),
        "income": eq.income_dict(),
        "aux": eq.aux_dict(),
    }
    return max(
        abs(found[kind][name] - value) / max(abs(value), 1e-3)
        for kind in found
        for name, value in expected.get(kind, {}).items()
    )


@pytest.mark.parametrize(("name", "k"), SCENARIOS)
def test_the_published_equilibrium_is_found(name, k):
    document, one = scenario(name, k)
    eq = pg.Economy.from_json(document).solve()
    assert deviation(eq, one["expected"]) < 1e-7
    assert eq.certificate.worst < 1e-11


@pytest.mark.parametrize(("name", "k"), SCENARIOS)
def test_from_all_ones_too(name, k):
    document, one = scenario(name, k)
    document.pop("start", None)
    eq = pg.Economy.from_json(document).solve()
    assert deviation(eq, one["expected"]) < 1e-7
    assert eq.certificate.worst < 1e-11


@pytest.mark.parametrize(("name", "k"), SCENARIOS)
def test_what_is_written_reads_back_the_same(name, k):
    document, _ = scenario(name, k)
    economy = pg.Economy.from_json(document)
    written = economy.to_json()
    assert {key: value for key, value in written.items() if key != "name"} == {
        key: value for key, value in document.items() if value
    }
    assert vars(pg.Economy.from_json(written)) == vars(economy)


@pytest.mark.parametrize("name", [n for n in FILES if not n.startswith("windc")])
def test_utility_indices(name):
    document, one = scenario(name, FILES[name] - 1)
    eq = pg.Economy.from_json(document).solve()
    for household, index in one["expected_utility_index"].items():
        assert eq.households.loc[household, "utility"] == pytest.approx(index, rel=1e-7, abs=1e-9)
