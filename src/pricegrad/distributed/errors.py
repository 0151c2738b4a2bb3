"""What can go wrong between machines, each with the name of who did it.

DistributedError        base, a `PricegradError`
├── BadMessage          a frame that breaks the protocol
├── CutOff              a firm was shut out of the market; the others are untouched
├── Absent              a firm or a shard stays away longer than the market's patience
├── TornCheckpoint      a checkpoint that was not written to its end, or was altered
└── ClusterError        the engine underneath did not start, or is not there
"""

from __future__ import annotations

from pricegrad.errors import PricegradError


class DistributedError(PricegradError):
    """Anything that goes wrong between processes or machines."""


class BadMessage(DistributedError):  # noqa: N818
    """A frame that breaks the protocol: size, version, sender, sequence or value."""


class CutOff(DistributedError):  # noqa: N818
    """A firm was shut out. `firm` and `why` say who and for what."""

    def __init__(self, firm: str, why: str) -> None:
        self.firm, self.why = firm, why
        super().__init__(f"firm {firm!r} was cut off: {why}")

    def __reduce__(self) -> tuple[type[CutOff], tuple[str, str]]:
        return CutOff, (self.firm, self.why)


class Absent(DistributedError):  # noqa: N818
    """Somebody did not answer in time. `names` says who."""

    def __init__(self, names: list[str], what: str) -> None:
        self.names, self.what = names, what
        super().__init__(what)

    def __reduce__(self) -> tuple[type[Absent], tuple[list[str], str]]:
        return Absent, (self.names, self.what)


class TornCheckpoint(DistributedError):  # noqa: N818
    """A checkpoint whose checksum does not fit its content."""


class ClusterError(DistributedError):
    """Ray is not installed, did not start, or cannot be reached."""
