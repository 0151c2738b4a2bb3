"""Results in files: every digit of their numbers, and what their page shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pricegrad.doors import Reported
from pricegrad.errors import ModelError, PricegradError
from pricegrad.report import jsons
from pricegrad.report.numbers import numbers
from pricegrad.report.page import read
from pricegrad.report.page.choose import page
from pricegrad.report.page.lean import lean
from pricegrad.report.page.payload import Comparison, Payload
from pricegrad.report.page.scenarios import movers

if TYPE_CHECKING:
    import pandas as pd

FORMAT = "pricegrad-result/1"


@dataclass(frozen=True, eq=False)
class SavedResult(Reported):
    """A result read from a file: its `kind`, its `numbers` as dictionaries, and what its page shows.

    `prices` and `quantities` are what the result itself gave: by good, by round and good for a market's run,
    by good and scenario for a comparison.
    """

    kind: str
    numbers: dict[str, Any]
    payload: Payload

    @property
    def prices(self) -> pd.Series | pd.DataFrame:
        """Price of each good."""
        return self._table("prices")

    @property
    def quantities(self) -> pd.Series | pd.DataFrame:
        """Amount of each good."""
        return self._table("quantities")

    @property
    def certificate(self) -> dict[str, Any]:
        """The worst violation, and that of each condition, where the result has them."""
        found: dict[str, Any] = self.numbers.get("certificate", {})
        return found

    def as_dict(self) -> dict[str, Any]:
        """The numbers, as `--json` prints them."""
        return self.numbers

    def _table(self, what: str) -> pd.Series | pd.DataFrame:
        import pandas as pd

        if "path" in self.numbers:
            kept = self.numbers["path"][what]
            return pd.DataFrame(
                kept["values"], index=pd.Index(kept["rows"], name="round"), columns=kept["columns"]
            )
        if "scenarios" in self.numbers:
            return pd.DataFrame({name: one[what] for name, one in self.numbers["scenarios"].items()})
        if what not in self.numbers:
            raise ModelError(f"this result has no {what}; it has {', '.join(self.numbers)}")
        return pd.Series(self.numbers[what], name="price" if what == "prices" else "quantity", dtype=float)

    def __repr__(self) -> str:
        return f"SavedResult of {self.payload.title!r}: {self.kind}, {len(self.payload.goods)} goods"


def beside(results: Mapping[str, SavedResult]) -> SavedResult:
    """Saved results side by side; the picture is that of the last. Raises ModelError for runs and tables."""
    for name, one in results.items():
        if "prices" not in one.numbers or "path" in one.numbers:
            raise ModelError(
                f"{name} is saved as {one.kind!r}; only prices and equilibria stand side by side"
            )
    kinds = {"price": "prices", "activity": "activity", "income": "income", "aux": "aux"}
    tables = {what: [one.numbers.get(key, {}) for one in results.values()] for what, key in kinds.items()}
    last = list(results.values())[-1].payload
    shown = Comparison(list(results), list(movers(tables)))
    numbers = {"scenarios": {name: one.numbers for name, one in results.items()}}
    return SavedResult("comparison", numbers, replace(last, kind="comparison", comparison=shown))


def save(result: Any, path: str | PathLike[str]) -> None:
    """Write a result to `path`. Raises PricegradError when that cannot be."""
    target = Path(path)
    if target.suffix.lower() != ".json":
        raise PricegradError(f"{path}: a result is saved as .json; name the file so")
    shown = page(result)
    said = result.numbers if isinstance(result, SavedResult) else numbers(result)
    head = {"format": FORMAT, "kind": shown.kind, "numbers": jsons.exact(said)}
    text = json.dumps(head, indent=1, allow_nan=False).removesuffix("\n}")
    try:
        target.write_text(f'{text},\n "page": {shown.to_json()}\n}}\n', encoding="utf-8")
    except OSError as error:
        raise PricegradError(f"{path} cannot be written: {error.strerror}") from None


def load(path: str | PathLike[str]) -> SavedResult:
    """The result saved in a file by `.save(path)`, or printed there by `--json`.

    The numbers are the same to the last digit, and so is the page. What `--json` printed has no flows to
    draw; its page says so. Raises ModelError when the file is neither.
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        if Path(path).suffix == ".npz":
            raise ModelError(
                f"{path} is the state of a market, to go on from with run(resume=...); a result is saved as "
                ".json"
            ) from None
        raise ModelError(f"{path} cannot be read: {error}") from None
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ModelError(f"{path} is no JSON: {error.msg}, line {error.lineno}") from None
    if not is_result(document):
        raise ModelError(f"{path} holds no result; .save(path) and --json write one")
    return _read(document, Path(path))


def is_result(document: Any) -> bool:
    """Whether a JSON document is a result, and not an economy."""
    return isinstance(document, dict) and (
        str(document.get("format", "")).startswith("pricegrad-result/")
        or (("prices" in document or "scenarios" in document) and "goods" not in document)
    )


def _read(document: dict[str, Any], path: Path) -> SavedResult:
    if "scenarios" in document and "format" not in document:
        named = document["scenarios"].items()
        return beside({name: SavedResult("numbers", one, lean(one, name)) for name, one in named})
    if "format" not in document:
        return SavedResult("numbers", document, lean(document, path.stem))
    if document["format"] != FORMAT:
        raise ModelError(f"{path} was saved as {document['format']}; this version reads {FORMAT}")
    try:
        payload = read.payload(document["page"])
        return SavedResult(str(document["kind"]), jsons.restored(document["numbers"]), payload)
    except (KeyError, ValueError) as error:
        raise ModelError(f"{path} is not whole: {error}") from None
