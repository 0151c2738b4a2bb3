"""Sectors of industries: as the user says them, and refused where they name nobody."""

import pandas as pd
import pytest
from tests.zoo import town

import pricegrad as pg
from pricegrad import data
from pricegrad.model.groups import sectors
from pricegrad.report.page import page

LABELS = ["A01", "A02", "C10", "labour"]
FLOWS = pd.DataFrame([[1, 2, 3], [4, 5, 6], [2, 2, 2], [9, 9, 9]], index=LABELS, columns=LABELS[:3])


@pytest.mark.parametrize(
    "groups", [1, {"A01": "A", "A02": "A", "C10": "C"}, pd.Series(["A", "A", "C"], LABELS[:3])]
)
def test_a_number_a_mapping_and_a_series_say_the_same(groups):
    assert pg.Economy.from_table(FLOWS, groups=groups).groups == {"A01": "A", "A02": "A", "C10": "C"}


def test_a_file_and_its_mistakes(tmp_path):
    path = tmp_path / "sectors.csv"
    path.write_text('industry,sector\nA01,"Farms, all"\nA02,Farms\n')
    assert pg.Economy.from_table(FLOWS, groups=path).groups == {"A01": "Farms, all", "A02": "Farms"}
    path.write_text("industry\nA01\n")
    with pytest.raises(pg.TableError, match="row 1 has 1 columns"):
        pg.Economy.from_table(FLOWS, groups=path)
    with pytest.raises(pg.TableError, match="cannot be read"):
        pg.Economy.from_table(FLOWS, groups=tmp_path / "nothing.csv")


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({"A03": "A"}, "names 'A03', no industry.*Did you mean \"A02\""),
        (0, "first characters"),
        (1.5, "is a float"),
    ],
)
def test_refusals(groups, said):
    with pytest.raises(pg.TableError, match=said):
        pg.Economy.from_table(FLOWS, groups=groups)


def test_labels_of_several_levels_are_gathered_by_the_first():
    assert sectors(None, ["DE | steel", "FR | steel"]) == {"DE | steel": "DE", "FR | steel": "FR"}
    assert sectors(None, ["DE | steel", "steel"]) == {}


def test_the_table_that_ships_has_a_sector_for_each_of_its_71_industries():
    known = data.sectors("us71")
    economy = pg.Economy.from_table("us71")
    assert len(known) == 71
    assert {firm for firm in economy.firms if firm not in economy.groups} == {
        "Imports",
        "Margins and product taxes",
    }
    groups = {agent.name: agent.group for agent in page(economy.price()).agents}
    assert groups["Farms"] == groups["Farms: market"] == "Agriculture and forestry"


def test_groups_of_firms_are_kept_by_changes_and_by_files():
    economy = town()
    economy.group("food", ["mill", "bakery"])
    assert economy.change(productivity={"mill": 2.0}).groups == economy.groups
    assert pg.Economy.from_json(economy.to_json()).groups == {"mill": "food", "bakery": "food"}
    assert {agent.name: agent.group for agent in page(economy.solve()).agents}["mill"] == "food"
    with pytest.raises(pg.ModelError, match='Did you mean "mill"'):
        economy.group("food", ["mil"])
