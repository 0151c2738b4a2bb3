"""Tables that know which equilibria they were read off, so that they can be written as a page and saved.

What is cut out of them is a plain frame or series. This module imports pandas: import it where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import pandas as pd

from pricegrad.doors import Reported

if TYPE_CHECKING:
    from pricegrad.equilibrium.result import Equilibrium


class Comparison(pd.DataFrame, Reported):
    """Scenarios side by side, by variable and name; `scenarios` holds the equilibria."""

    _metadata: ClassVar[list[str]] = ["scenarios"]
    scenarios: Mapping[str, Equilibrium]


class Sensitivities(pd.DataFrame, Reported):
    """d(outcome) / d(parameter), outcomes by rows; `relative` where they are elasticities."""

    _metadata: ClassVar[list[str]] = ["equilibrium", "relative"]
    equilibrium: Equilibrium
    relative: bool


class Gradient(pd.Series, Reported):
    """How one outcome moves with many parameters, or many outcomes with one; see `Sensitivities`."""

    _metadata: ClassVar[list[str]] = ["_name", "equilibrium", "relative", "one"]
    equilibrium: Equilibrium
    relative: bool
    one: str  # "outcome" or "parameter": which of the two the name is
