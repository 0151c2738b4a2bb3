"""Input-output tables: benchmark prices, the inverse-matrix formula, and tables that are no tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.shared import shared

import pricegrad as pg

LABELS = ["farms", "mills", "bakeries"]
FLOWS = pd.DataFrame([[10.0, 40, 0], [5, 10, 60], [2, 3, 4]], index=LABELS, columns=LABELS)
ADDED = pd.DataFrame([[30.0, 35, 50], [8, 12, 6]], index=["labour", "capital"], columns=LABELS)
Z = pd.concat([FLOWS, ADDED])


def bea(kind):
    return (shared("tables", f"bea_{kind}_2017_{part}.csv") for part in ("make", "use"))


def inverse_matrix(make, use, outside, rises):
    """Miller and Blair, chapter 5: p_industry = (1 + rise) (B' p + v), p = D' p_industry."""
    make, use = (pd.read_csv(path, index_col=0) for path in (make, use))
    total = lambda label: label.startswith("Total") or label in ("T005", "T006", "T007", "T008")
    make = make.loc[[i for i in make.index if not total(i)], [c for c in make.columns if not total(c)]]
    goods = [c for c in make.columns if c not in outside]
    B = use.loc[goods, make.index] / make.sum(axis=1)
    D = make[goods] / make[goods].sum()
    up = 1 + pd.Series(rises).reindex(make.index, fill_value=0.0).to_numpy()
    matrix = np.eye(len(goods)) - D.T.to_numpy() @ np.diag(up) @ B.T.to_numpy()
    return pd.Series(np.linalg.solve(matrix, D.T.to_numpy() @ (up * (1 - B.sum().to_numpy()))), index=goods)


@pytest.mark.parametrize(
    ("kind", "shocked", "outside"),
    [
        ("summary", "211", ["Used", "Other"]),
        ("summary", "GSLE", ["Used", "Other"]),
        ("detail", "211000", ["S00401", "S00402", "S00300"]),
    ],
)
def test_bea_tables_give_the_inverse_matrix_formula(kind, shocked, outside):
    make, use = bea(kind)
    economy = pg.Economy.from_table(make=make, use=use)
    result = economy.shock({shocked: 0.1})
    want = inverse_matrix(make, use, outside, {shocked: 0.1})
    assert np.abs(result.before - 1).max() < 1e-12
    assert len(want) == (71 if kind == "summary" else 399)
    assert np.abs(result.prices[want.index] - want).max() < 1e-12
    note = next(line for line in economy.notes if line.startswith("Not made at home"))
    assert all(name in note for name in outside)


def test_flows_of_the_world_with_industries_that_make_nothing():
    with np.load(shared("tables", "wiod_2011_41x35.npz")) as world:
        from scipy.sparse import csr_array

        flows = csr_array((world["Z"].astype(float), world["indices"], world["indptr"])).toarray()
        names = [f"{c} {i}" for c in world["countries"] for i in world["industries"]]
        output = pd.Series(world["x"], index=names)
    economy = pg.Economy.from_table(pd.DataFrame(flows, index=names, columns=names), output=output)
    assert any("22 industries without output" in note for note in economy.notes)
    result = economy.shock({"CHN c12": 0.1})
    assert len(result.movers(2000)) == 1435 - 22 + 1
    assert np.abs(result.before - 1).max() < 1e-12
    A = flows[:, output > 0][output > 0] / output[output > 0].to_numpy()
    rise = np.array([0.1 * (name == "CHN c12") for name in output.index[output > 0]])
    want = np.linalg.solve(np.eye(len(A)) - (1 + rise)[:, None] * A.T, (1 + rise) * (1 - A.sum(axis=0)))
    assert np.abs(result.prices[output.index[output > 0]] - want).max() < 1e-10


def test_a_small_table_by_hand():
    economy = pg.Economy.from_table(Z)
    assert set(economy.firms) == set(LABELS)
    result = economy.shock(prices={"labour": 0.2})
    A, labour = FLOWS / (FLOWS.sum() + ADDED.sum()), ADDED.loc["labour"] / (FLOWS.sum() + ADDED.sum())
    want = np.linalg.solve(np.eye(3) - A.T, 0.2 * labour)
    assert result.changes[LABELS].to_numpy() == pytest.approx(want, rel=1e-13)
    assert economy.notes == []


@pytest.mark.parametrize(
    ("technology", "elasticity", "s"),
    [("cobb-douglas", None, 1.0), ("ces", 0.4, 0.4), ("ces", 3.0, 3.0), ("ces", 0.0, 0.0)],
)
def test_other_technologies_are_calibrated_to_the_same_table(technology, elasticity, s):
    result = pg.Economy.from_table(Z, technology=technology, elasticity=elasticity).shock({"mills": 0.3})
    assert np.abs(result.before - 1).max() < 1e-12
    p = result.prices
    for name in LABELS:
        column = Z[name] / Z[name].sum()
        inputs = p[column.index].to_numpy()
        if s == 1.0:
            cost = np.prod(inputs ** column.to_numpy())
        else:
            cost = (column.to_numpy() @ inputs ** (1 - s)) ** (1 / (1 - s))
        assert p[name] == pytest.approx(cost * (1.3 if name == "mills" else 1.0), rel=1e-12)


def test_make_and_supply_are_one_table_turned():
    make = pd.DataFrame([[90.0, 10], [0, 60]], index=["farms", "mills"], columns=["grain", "flour"])
    use = pd.DataFrame(
        [[5.0, 40], [5, 0], [90, 20]], index=["grain", "flour", "labour"], columns=["farms", "mills"]
    )
    one = pg.Economy.from_table(make=make, use=use).shock({"mills": 0.1})
    two = pg.Economy.from_table(supply=make.T, use=use).shock({"mills": 0.1})
    assert one.prices.equals(two.prices)
    assert one.prices["flour"] == pytest.approx(
        10 / 70 * one.prices["grain"] + 60 / 70 * one.prices["mills: product"]
    )


def test_a_negative_purchase_is_a_sale():
    table = Z.copy()
    table.loc["capital", "bakeries"], table.loc["mills", "farms"] = -6.0, -5.0
    table.loc["capital", "mills"] = -40.0
    economy = pg.Economy.from_table(table)
    assert economy.notes == [
        "1 negative primary inputs (capital) taken off the largest one of the same industry.",
        "1 negative inputs (mills) count as by-products sold by the industry.",
        "1 negative primary inputs (capital) count as by-products sold by the industry.",
    ]
    result = economy.shock({"mills": 0.5})
    A = table.loc[LABELS] / table.sum()
    up = np.array([1, 1.5, 1])
    want = np.linalg.solve(np.eye(3) - up[:, None] * A.T, up * (1 - A.sum()))
    assert result.prices[LABELS].to_numpy() == pytest.approx(want, rel=1e-13)


def test_what_is_not_made_at_home_is_a_primary_input_and_said_so():
    table = FLOWS.copy()
    table.loc["bakeries", "bakeries"] = 0.0
    economy = pg.Economy.from_table(table, output=pd.Series([100.0, 100, 0], index=LABELS))
    assert "Not made at home, counted as primary inputs at a fixed price: bakeries." in economy.notes
    assert economy.shock({"farms": 0.1}).changes["bakeries"] == 0
    economy = pg.Economy.from_table(Z, primary=["mills"])
    assert economy.shock({"farms": 0.1}).changes["mills"] == 0


def test_unbalanced_tables_say_by_how_much():
    economy = pg.Economy.from_table(Z, output=pd.Series([55.5, 100, 120.0], index=LABELS))
    (note,) = economy.notes
    assert "most in 'farms': costs 55, output 55.5" in note
    assert np.abs(economy.shock().before - 1).max() < 1e-14
    with pytest.raises(pg.TableError, match="does not balance.*'farms': costs 55, output 90"):
        pg.Economy.from_table(Z, output=pd.Series([90.0, 100, 120.0], index=LABELS))


def test_a_pymrio_system_is_read_by_its_attributes():
    class System:
        Z = FLOWS.set_axis(pd.MultiIndex.from_product([["DE"], LABELS]), axis=0).set_axis(
            pd.MultiIndex.from_product([["DE"], LABELS]), axis=1
        )
        x = pd.DataFrame({"indout": (FLOWS.sum() + ADDED.sum()).to_numpy()}, index=Z.index)
        Y = None

    economy = pg.Economy.from_pymrio(System())
    assert set(economy.firms) == {"DE | farms", "DE | mills", "DE | bakeries"}
    with pytest.raises(pg.TableError, match="x is missing"):
        pg.Economy.from_pymrio(type("Bare", (), {"Z": FLOWS})())


def write(path, text):
    path.write_text(text)
    return path


def test_a_csv_as_offices_write_it(tmp_path):
    text = '﻿,a,b,Total final\na,---,"1,200",5\nb,300,..,5\nV1,1700,"2,800",0\nTotal output,2000,4000,0\n'
    economy = pg.Economy.from_table(write(tmp_path / "z.csv", text))
    assert economy.firms["b"].outputs[0].quantity == 4000
    assert "Z: cells that read '---', '..' count as 0." in economy.notes
    assert any("totals left out (Total output, Total final)" in note for note in economy.notes)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (",a,b\na,1,x\nb,2,3\n", "row 'a', column 'b' is 'x'"),
        (",a,b\na,1,nan\nb,2,3\n", "row 'a', column 'b' is nan"),
        (",a,b\na,1,inf\nb,2,3\n", "row 'a', column 'b' is inf"),
        (",a,a\na,1,2\nb,2,3\n", "columns of the Z table: 'a' is there twice"),
        (",a,b\na,1,2\na,2,3\n", "rows of the Z table: 'a' is there twice"),
        (",a,\na,1,2\nb,2,3\n", "columns of the Z table: number 2 has no name"),
        (",a,b\n,1,2\nb,2,3\n", "rows of the Z table: number 1 has no name"),
        ("a;b\n1;2\n", "single column"),
        ("", "cannot be read as CSV"),
        (",a,b\n", "is empty"),
        (",a,b\na,1,2,3\nb,2,3,4\n", "labels"),
        (",a,b\nc,1,2\nd,2,3\n", "no industry both in its rows"),
        (",a,b\na,1,2\nb,2,3\n", "flows between industries alone"),
        (",a,b\na,1,2\nb,2,3\nV,-9,4\n", "output is negative in a"),
    ],
)
def test_a_csv_that_is_no_table_is_refused_by_its_cell(tmp_path, text, word):
    with pytest.raises(pg.TableError, match=word):
        pg.Economy.from_table(write(tmp_path / "z.csv", text))


MAKE = pd.DataFrame([[90.0, 10], [0, 60]], index=["farms", "mills"], columns=["grain", "flour"])
USE = pd.DataFrame(
    [[5.0, 40], [5, 0], [90, 20]], index=["grain", "flour", "labour"], columns=["farms", "mills"]
)


@pytest.mark.parametrize(
    ("tables", "word"),
    [
        ({"Z": "nowhere.csv"}, "no file nowhere.csv"),
        ({"Z": [[1, 2], [3, 4]]}, "is a list; give a pandas DataFrame"),
        ({"Z": pd.DataFrame([[1, 2], [3, 4]])}, "have no names"),
        ({"Z": FLOWS.iloc[:, :0]}, "is empty"),
        ({}, "give two tables"),
        ({"make": MAKE}, "give two tables"),
        ({"use": USE}, "give two tables"),
        ({"make": MAKE, "supply": MAKE.T, "use": USE}, "give two tables"),
        ({"Z": Z, "make": MAKE, "use": USE}, "not both"),
        ({"make": MAKE, "use": USE, "output": ADDED}, "output= goes with a Z table"),
        ({"make": MAKE.T, "use": USE}, "lie across each other: give the make table as supply="),
        ({"make": MAKE, "use": USE.T}, "lie across each other"),
        ({"make": MAKE.rename(columns={"grain": "grains"}), "use": USE}, "'grains' .did you mean \"grain\"?"),
        ({"make": MAKE.set_axis(["x", "y"]), "use": USE}, "one says x, y, the other farms, mills"),
        ({"Z": Z, "technology": "cobb-duglas"}, 'Did you mean "cobb-douglas"?'),
        ({"Z": Z, "technology": "ces"}, "wants elasticity="),
        ({"Z": Z, "technology": "ces", "elasticity": -1.0}, "wants elasticity="),
        ({"Z": Z, "elasticity": 2.0}, "goes with 'ces'"),
        ({"Z": Z, "primary": ["mill"]}, 'Did you mean "mills"?'),
        ({"Z": Z.rename(columns={"bakeries": "Bakeries"})}, "a row 'bakeries' and a column 'Bakeries'"),
        ({"Z": FLOWS, "output": pd.Series([1.0], index=["farms"])}, "no figure for 'mills'"),
        ({"Z": "us71", "use": USE}, "ships with pricegrad; leave out use="),
    ],
)
def test_a_wrong_table_gets_one_message_that_names_the_culprit(tables, word):
    with pytest.raises(pg.TableError, match=word):
        pg.Economy.from_table(**tables)


def test_a_total_among_the_primary_inputs_does_not_pass():
    table = pd.concat([Z, ADDED.sum().to_frame("Value added (basic prices)").T])
    table["final"] = [*(Z.sum() - FLOWS.sum(axis=1)), 0, 0, 0]
    with pytest.raises(pg.TableError, match="does not balance.*Is a total among the rows"):
        pg.Economy.from_table(table)
    assert pg.Economy.from_table(table.drop(index="Value added (basic prices)")).notes == []


def test_empty_rows_and_columns_of_a_spreadsheet_are_nothing(tmp_path):
    path = write(tmp_path / "z.csv", ",a,b,\na,1,2,\nb,3,4,\nV,6,4,\n,,,\n")
    assert list(pg.Economy.from_table(path).firms) == ["a", "b"]


def test_a_make_table_lying_across_is_caught_by_the_accounts():
    make = pd.DataFrame([[80.0, 0], [40, 40]], index=["a", "b"], columns=["a", "b"])
    use = pd.DataFrame([[20.0, 20], [20, 0], [40, 60]], index=["a", "b", "labour"], columns=["a", "b"])
    pg.Economy.from_table(make=make, use=use)
    with pytest.raises(pg.TableError, match="lies across.*give it as supply="):
        pg.Economy.from_table(make=make.T, use=use)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 8), st.integers(0, 10**6), st.floats(-0.3, 0.5), st.sampled_from([0.0, 0.6, 1.0, 2.5]))
def test_every_change_is_split_exactly_among_suppliers(size, seed, rise, elasticity):
    rng = np.random.default_rng(seed)
    names = [f"s{k}" for k in range(size)]
    flows = pd.DataFrame(rng.uniform(0, 1, (size, size)) * (rng.random((size, size)) < 0.6), names, names)
    added = pd.DataFrame(rng.uniform(0.2, 1, (2, size)), ["labour", "land"], names)
    economy = pg.Economy.from_table(pd.concat([flows, added]), technology="ces", elasticity=elasticity)
    result = economy.shock({"s0": rise}, {"land": 0.2})
    for name in names:
        assert result.suppliers(name).sum() == pytest.approx(result.changes[name], rel=1e-11, abs=1e-15)


CELLS = [0.0, 0.0, 1.0, 2.0, 5.0, 10.0, -1.0, 3.5, "---", "1,200", "x", np.nan, ""]


def random_tables(rng):
    """Tables of every kind of disorder: gaps, texts, negative entries, no output, wrong sides."""

    def cells(rows, columns):
        tidy = rng.random() < 0.8
        return rng.choice(np.array(CELLS[:8] if tidy else CELLS, dtype=object), size=(rows, columns))

    n, extra = int(rng.integers(1, 5)), [f"v{k}" for k in range(rng.integers(0, 3))]
    names = [f"s{k}" for k in range(n)]
    if rng.random() < 0.5:
        tables = {"Z": pd.DataFrame(cells(n + len(extra), n + 1), [*names, *extra], [*names, "final"])}
        if rng.random() < 0.4:
            tables["output"] = pd.Series(rng.uniform(0, 60, n), names)
        return tables
    goods = names if rng.random() < 0.5 else [f"g{k}" for k in range(rng.integers(1, 5))]
    use = pd.DataFrame(cells(len(goods) + len(extra), n), [*goods, *extra], names)
    return {
        "make": pd.DataFrame(cells(n, len(goods)), names, goods),
        "use": use if rng.random() < 0.9 else use.T,
    }


def check_any_table(seed):
    rng = np.random.default_rng(seed)
    tables = random_tables(rng)
    s = float(rng.choice([0.0, 0.5, 1.0, 2.0]))
    try:
        economy = pg.Economy.from_table(**tables, technology="ces", elasticity=s)
        result = economy.shock({next(iter(economy.firms)): 0.1})
    except (pg.TableError, pg.NotSolved):
        return
    assert np.abs(result.before - 1).max() < 1e-9
    for good in result.goods:
        change = result.changes[good]
        assert result.suppliers(good).sum() == pytest.approx(change, rel=1e-9, abs=1e-9)
    assert result.explain(result.goods[0])


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_any_table_gives_prices_of_one_or_a_reason(seed):
    check_any_table(seed)


@pytest.mark.fuzz
@settings(max_examples=5000, deadline=None)
@given(st.integers(0, 10**9))
def test_thousands_of_tables_give_prices_of_one_or_a_reason(seed):
    check_any_table(seed)
