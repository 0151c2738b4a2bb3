"""Pictures of results, by matplotlib; a file's ending says the format."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from pricegrad.figures import COLOURS, figure, save

if TYPE_CHECKING:
    from pricegrad.pricing.shock import PriceChange

WIDE = 50


def movers(
    result: PriceChange, path: str | PathLike[str] | None = None, top: int = 12, heading: str = ""
) -> Any:
    """A figure of the prices that move most, each bar divided by the suppliers through which it moved."""
    shown = result.movers(top)
    made, axes = figure(8.5, 1.6 + 0.34 * max(len(shown), 3))
    named = _largest_suppliers(result, [str(good) for good in shown.index])
    for row, good in enumerate(shown.index):
        left = 0.0
        parts = result.suppliers(str(good)) * 100
        rest = float(parts.sum() - parts.reindex(named).fillna(0.0).sum())
        for name, colour in zip([*named, ""], COLOURS, strict=False):
            width = float(parts.get(name, 0.0)) if name else rest
            axes.barh(row, width, left=left, color=colour if name else COLOURS[-1], height=0.7)
            left += width
        axes.text(float(parts.sum()), row, f" {float(shown[good]):+.2%}", va="center", fontsize=8)
    axes.set_yticks(range(len(shown)), [_short(str(good)) for good in shown.index])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("change of price, per cent")
    axes.set_title(heading, loc="left", fontsize=11)
    handles = [axes.barh(0, 0, color=c) for c in [*COLOURS[: len(named)], COLOURS[-1]]]
    axes.legend(
        handles, [*(f"through {_short(n)}" for n in named), "through others"], fontsize=8, loc="lower right"
    )
    return save(made, path)


def ladder(result: Any, path: str | PathLike[str] | None = None, top: int = 40) -> Any:
    """A figure of the prices of a result, the dearest on top; on a logarithmic scale where they span much."""
    prices = sorted(result.price_dict().items(), key=lambda item: -item[1])
    shown = prices[:top]
    made, axes = figure(7.0, 1.2 + 0.26 * max(len(shown), 3))
    values = [price for _, price in shown]
    rows = range(len(shown))
    wide = min(values) > 0 and max(values) / min(values) > WIDE
    if wide:  # a bar has no foot on a logarithmic scale
        axes.set_xscale("log")
        axes.hlines(rows, min(values) / 2, values, color="#cccccc", linewidth=0.8)
        axes.plot(values, rows, "o", color=COLOURS[0], markersize=5)
    else:
        axes.barh(rows, values, color=COLOURS[0], height=0.66)
    for row, price in zip(rows, values, strict=True):
        axes.annotate(f"{price:.4g}", (max(price, 0.0), row), (5, 0), textcoords="offset points", va="center",
                      fontsize=8)  # fmt: skip
    axes.set_yticks(rows, [_short(name) for name, _ in shown], fontsize=9)
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.set_xlabel(f"price, in {result.numeraire}" if result.numeraire else "price")
    if len(prices) > top:
        axes.set_title(f"the {top} dearest of {len(prices)} goods", loc="left", fontsize=9)
    return save(made, path)


def _largest_suppliers(result: PriceChange, goods: list[str]) -> list[str]:
    """The four suppliers through which most of the change came, over all goods shown."""
    total: dict[str, float] = {}
    for good in goods:
        change = abs(float(result.changes[good])) or 1.0
        for name, part in result.suppliers(good).items():
            total[str(name)] = total.get(str(name), 0.0) + abs(float(part)) / change
    return sorted(total, key=lambda name: -total[name])[: len(COLOURS) - 1]


def _short(name: str) -> str:
    return name if len(name) <= 42 else name[:41] + "…"
