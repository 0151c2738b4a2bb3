"""What all pictures share: a figure without a window, its colours, and how it is written to a file."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any

from pricegrad.errors import PricegradError, did_you_mean

FORMATS = (".png", ".svg", ".pdf")
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#999999")  # Okabe and Ito 2008, safe for colour-blind


def figure(width: float, height: float, rows: int = 1) -> tuple[Any, Any]:
    """A matplotlib figure of so many inches, and its axes (one, or one a row)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    axes = made.subplots(rows, 1, sharex=True)
    for one in axes if rows > 1 else [axes]:
        one.spines[["top", "right"]].set_visible(False)
    return made, axes


def save(made: Any, path: str | PathLike[str] | None) -> Any:
    """The figure, written in the format that the ending of `path` says when one is given."""
    if path is None:
        return made
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        near = did_you_mean(target.suffix, FORMATS)
        raise PricegradError(
            f"a picture in {target}: the ending says the format, one of .png, .svg, .pdf.{near}"
        )
    try:
        made.savefig(target, dpi=150)
    except OSError as error:
        raise PricegradError(f"{target} cannot be written: {error.strerror}") from None
    return made
