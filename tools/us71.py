"""Make src/pricegrad/data/us71_*.csv from the tables in the PyPI package `quantecon-book-networks` (MIT).

    pip download --no-deps quantecon-book-networks==1.6 && unzip quantecon_book_networks-*.whl
    python tools/us71.py quantecon_book_networks/data/csv_files

The package has the domestic supply table at basic prices and the use table at purchasers' prices (BEA,
2021). Two columns close the accounts: imports, and what purchasers pay above basic prices. No entry
of the result is negative.
"""

import sys
from pathlib import Path

import pandas as pd

INDUSTRIES = 71
IMPORTS = "Imports"
MARGINS = "Margins and product taxes"
ADDED = ["Compensation of employees", "Other taxes on production", "Less: Other subsidies on production",
         "Gross operating surplus"]  # fmt: skip


def table(path: Path) -> pd.DataFrame:
    frame = pd.read_csv(path, index_col=0, dtype=str).replace("---", "0").fillna("0").astype(float)
    frame.index = frame.index.astype(str).str.strip()
    return frame


def main(folder: Path) -> None:
    supply, use = table(folder / "make_71.csv"), table(folder / "use_71.csv")
    commodities = list(supply.index[:-1])
    industries = [name.strip() for name in supply.columns[:INDUSTRIES]]
    assert commodities[:INDUSTRIES] == industries == list(use.index[:INDUSTRIES])
    made = supply.iloc[:-1, :INDUSTRIES].set_axis(industries, axis=1)
    used = use.loc[commodities].iloc[:, :INDUSTRIES].set_axis(industries, axis=1)
    pay, taxes, subsidies, surplus = (use.loc[row].iloc[:INDUSTRIES].set_axis(industries) for row in ADDED)

    # a negative purchase is a sale, a negative sale a purchase
    sold, bought = (-used).clip(lower=0), (-made).clip(lower=0)
    made, used = made.clip(lower=0) + sold, used.clip(lower=0) + bought

    imported = supply["Total Industry Output"].iloc[:-1] - (made - sold - bought).sum(axis=1)
    above = use.loc[commodities, "T019"] - supply["Total Industry Output"].iloc[:-1]
    rest = made.sum() - used.sum() - pay  # figures are rounded: the surplus takes up the difference
    print(f"rounding: {(rest - surplus - taxes + subsidies).abs().max():g} at most")
    added = pd.DataFrame({"Compensation of employees": pay, "Surplus and taxes less subsidies": rest}).T

    # scrap and noncomparable imports are not produced at home: imports and margins would hide that
    outside = commodities[INDUSTRIES:]
    kept = 1 - above[outside].clip(lower=0).sum() / above.clip(lower=0).sum()
    bundle = kept * (-above).clip(lower=0)
    imported[outside] = above[outside] = 0.0
    for name, wedge, bought in ((IMPORTS, imported, (-imported).clip(lower=0)), (MARGINS, above, bundle)):
        made[name], used[name], added[name] = wedge.clip(lower=0), bought.round(), 0.0
    for row, name in (
        ("Imports from the rest of the world", IMPORTS),
        ("Product taxes less subsidies", MARGINS),
    ):
        added.loc[row] = 0.0
        added.loc[row, name] = made[name].sum() - used[name].sum()
    assert (made.sum() == used.sum() + added.sum()).all()
    assert (made.min().min(), used.min().min(), added.min().min()) >= (0, 0, 0)

    target = Path(__file__).parent.parent / "src" / "pricegrad" / "data"
    used["Final demand"] = use.loc[commodities, "T019"] - use.loc[commodities, "T001"]
    added["Final demand"] = 0.0
    made.astype(int).to_csv(target / "us71_supply.csv")
    pd.concat([used, added]).astype(int).to_csv(target / "us71_use.csv")
    print(added.sum(axis=1).map("{:,.0f}".format).to_string())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
