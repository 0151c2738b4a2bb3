"""A tax put on what a firm buys or sells."""

from __future__ import annotations

from dataclasses import replace

from pricegrad.errors import ModelError, did_you_mean
from pricegrad.model.parts import CodeFirm, Firm, Flow, Sector, Tax


def taxed(firm: Firm, good: str, tax: Tax) -> Sector:
    """The firm with `tax` on its purchases and sales of `good`. Raises ModelError when it trades none."""
    if isinstance(firm, CodeFirm):
        raise ModelError(
            f"firm {firm.name!r} is a Python function, which cannot be taxed; give it a technology, as in "
            "firm(name=..., makes=..., technology=pg.CobbDouglas({...}))"
        )
    traded = [flow.good for flow in (*firm.inputs, *firm.outputs)]
    if good not in traded:
        raise ModelError(f"firm {firm.name!r} neither buys nor makes {good!r}.{did_you_mean(good, traded)}")

    def bear(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
        return tuple(replace(flow, taxes=(*flow.taxes, tax)) if flow.good == good else flow for flow in flows)

    return replace(firm, inputs=bear(firm.inputs), outputs=bear(firm.outputs))
