"""Make src/pricegrad/data/us71_*.csv from the tables in the PyPI package `quantecon-book-networks` (MIT).

    pip download --no-deps quantecon-book-networks==1.6 && unzip quantecon_book_networks-*.whl
    python tools/us71.py quantecon_book_networks/data/csv_files

The package has the domestic supply table at basic prices and the use table at purchasers' prices (BEA,
2021). Two columns close the accounts: imports, and what purchasers pay above basic prices.
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
    added = use.loc[ADDED].iloc[:, :INDUSTRIES].set_axis(industries, axis=1)

    imported = supply["Total Industry Output"].iloc[:-1] - made.sum(axis=1)
    above = use.loc[commodities, "T019"] - supply["Total Industry Output"].iloc[:-1]
    # scrap and noncomparable imports are not produced at home: imports and margins would hide that
    rest = commodities[INDUSTRIES:]
    kept = 1 - above[rest].clip(lower=0).sum() / above.clip(lower=0).sum()
    taxes, bundle = kept * above.sum(), kept * (-above).clip(lower=0)
    imported[rest] = above[rest] = 0.0
    for name, wedge, bought in ((IMPORTS, imported, (-imported).clip(lower=0)), (MARGINS, above, bundle)):
        made[name], used[name], added[name] = wedge.clip(lower=0), bought, 0.0
    added.loc["Imports from the rest of the world"] = 0.0
    added.loc["Product taxes less subsidies"] = 0.0
    added.loc["Imports from the rest of the world", IMPORTS] = imported.sum()
    added.loc["Product taxes less subsidies", MARGINS] = taxes

    target = Path(__file__).parent.parent / "src" / "pricegrad" / "data"
    used["Final demand"] = use.loc[commodities, "T019"] - use.loc[commodities, "T001"]
    added["Final demand"] = 0.0
    made.round().astype(int).to_csv(target / "us71_supply.csv")
    pd.concat([used, added]).round().astype(int).to_csv(target / "us71_use.csv")
    print(f"imports {imported.sum():,.0f}, margins {above.clip(lower=0).sum():,.0f}, taxes {taxes:,.0f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
