"""What a distributed run says of itself while it runs: messages and bytes a second, who is slowest."""

from __future__ import annotations

import time

from pricegrad import progress


class Traffic:
    """Counts what travels, and tells it through `pricegrad.progress` beside rounds and distance."""

    def __init__(self) -> None:
        self.messages = self.sent = 0
        self._since = time.monotonic()

    def tell(self, rounds: int, distance: float, slowest: str = "") -> None:
        """Say where the run is; who listens, and how often a line is drawn, is `progress`'s business."""
        span = max(time.monotonic() - self._since, 1e-9)
        text = f"{self.messages / span:,.0f} messages/s"
        if self.sent:
            text += f", {self.sent / span / 1e6:,.2f} MB/s"
        progress.note(rounds, distance, f"{text}, slowest: {slowest}" if slowest else text)
