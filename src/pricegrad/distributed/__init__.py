"""The market on several processes or machines: private firms that share prices and orders only; shards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pricegrad.distributed.errors import (
        Absent,
        BadMessage,
        ClusterError,
        CutOff,
        DistributedError,
        TornCheckpoint,
    )
    from pricegrad.distributed.exchange import Exchange
    from pricegrad.distributed.firm import Firm
    from pricegrad.distributed.hosting import trade
    from pricegrad.distributed.partition import lay_out
    from pricegrad.distributed.result import Trade
    from pricegrad.distributed.sharded import solve_sharded

__all__ = [
    "Absent",
    "BadMessage",
    "ClusterError",
    "CutOff",
    "DistributedError",
    "Exchange",
    "Firm",
    "TornCheckpoint",
    "Trade",
    "lay_out",
    "solve_sharded",
    "trade",
]

_HOME = {
    "Exchange": "exchange",
    "Trade": "result",
    "Firm": "firm",
    "trade": "hosting",
    "lay_out": "partition",
    "solve_sharded": "sharded",
}


def __getattr__(name: str) -> Any:
    """Names are found where they are used first, so that `import pricegrad` stays light."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)
