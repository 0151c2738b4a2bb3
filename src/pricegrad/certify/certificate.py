"""What an audit found: violations by condition, the worst of them, remarks."""

from __future__ import annotations

import math
from dataclasses import dataclass

READING = ("outside price", "budget", "income balance", "constraint", "zero profit", "first order",
           "second order", "minimum", "market clearing", "Walras' law")  # fmt: skip


@dataclass(frozen=True)
class Violation:
    """One condition and by how much it fails, relative to its own size."""

    condition: str
    who: str
    amount: float


@dataclass(frozen=True)
class Certificate:
    """The worst violation of each condition, who it is, and remarks that are no violations.

    `worst` is the largest of all; `conditions` maps each condition to its worst violation.
    """

    violations: tuple[Violation, ...]
    remarks: tuple[str, ...] = ()

    @property
    def worst(self) -> float:
        """The largest relative violation of any condition; nan where something is undefined."""
        amounts = [v.amount for v in self.violations]
        return math.nan if any(math.isnan(a) for a in amounts) else max(amounts, default=0.0)

    @property
    def where(self) -> Violation | None:
        """The condition that fails most."""
        undefined = [v for v in self.violations if math.isnan(v.amount)]
        return undefined[0] if undefined else max(self.violations, key=lambda v: v.amount, default=None)

    @property
    def conditions(self) -> dict[str, Violation]:
        """The worst violation of each condition, signs first, then in the order one reads them."""
        found: dict[str, Violation] = {}
        for violation in self.violations:
            kept = found.get(violation.condition)
            if kept is None or not violation.amount <= kept.amount:
                found[violation.condition] = violation
        place = {condition: i for i, condition in enumerate(READING)}
        return dict(sorted(found.items(), key=lambda item: place.get(item[0], -1)))

    def as_dict(self) -> dict[str, object]:
        """For JSON: the worst of all and of each condition."""
        return {
            "worst": self.worst,
            **{name: violation.amount for name, violation in self.conditions.items()},
            "remarks": list(self.remarks),
        }

    def __str__(self) -> str:
        head = f"certificate: worst relative violation {self.worst:.1e}"
        lines = [f"  {name:<28} {v.amount:.1e}  {v.who}" for name, v in self.conditions.items()]
        return "\n".join([head, *lines, *(f"  note: {remark}" for remark in self.remarks)])
