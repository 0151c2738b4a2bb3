"""The ladder of prices as a picture."""

import pytest

import pricegrad as pg
from tests.zoo import three_companies, town


@pytest.mark.parametrize("result", [town().solve(), three_companies().price()], ids=["equilibrium", "plan"])
def test_every_price_is_a_rung_dearest_first(result, tmp_path):
    axes = result.plot(tmp_path / "ladder.png").axes[0]
    prices = sorted(result.price_dict().items(), key=lambda item: -item[1])
    assert [label.get_text() for label in axes.get_yticklabels()] == [name for name, _ in prices]
    assert [bar.get_width() for bar in axes.patches] == pytest.approx([price for _, price in prices])
    assert (tmp_path / "ladder.png").read_bytes().startswith(b"\x89PNG")


def test_prices_far_apart_are_on_a_logarithmic_scale_without_bars():
    economy = pg.Economy(numeraire="dust")
    economy.supply("dust", price=1.0)
    economy.firm(name="jeweller", makes="gold", technology=pg.Leontief({"dust": 900.0}))
    economy.demand("gold", 2.0)
    axes = economy.price().plot().axes[0]
    assert axes.get_xscale() == "log"
    assert not axes.patches
    assert list(axes.lines[0].get_xdata()) == [900.0, 1.0]


def test_of_many_goods_the_dearest_are_drawn_and_it_says_so():
    axes = pg.Economy.from_table("us71").price().plot().axes[0]
    assert len(axes.patches) == 40
    assert axes.get_title(loc="left") == "the 40 dearest of 147 goods"


def test_the_picture_of_a_price_change(tmp_path):
    change = pg.Economy.from_table("us71").shock({"Farms": 0.1})
    axes = change.plot(tmp_path / "farms.svg", top=5).axes[0]
    assert [label.get_text()[:30] for label in axes.get_yticklabels()] == [
        name[:30] for name in change.movers(5).index
    ]
    assert (tmp_path / "farms.svg").exists()


def test_an_unknown_ending_is_refused(tmp_path):
    with pytest.raises(pg.PricegradError, match=r"one of .png, .svg, .pdf"):
        town().solve().plot(tmp_path / "ladder.jpeg")
