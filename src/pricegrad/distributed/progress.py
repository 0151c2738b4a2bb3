"""One line on a terminal while a run goes on; silence everywhere else."""

from __future__ import annotations

import sys
import time

_QUIET = 1.0  # seconds before the first line, and the least between two


class Progress:
    """Rounds, distance, messages and bytes a second, the slowest part: on stderr, if that is a terminal."""

    def __init__(self, parts: int, what: str) -> None:
        self.parts, self.what = parts, what
        self.shown = False
        self._start = self._last = time.monotonic()
        self._messages = self._bytes = self._round = 0
        self._on = sys.stderr.isatty()

    def show(self, number: int, distance: float, messages: int, bytes_: int = 0, slowest: str = "") -> None:
        """Rewrite the line, at most once a second. `messages` and `bytes_` are totals so far."""
        now = time.monotonic()
        if not self._on or now - self._last < _QUIET:
            return
        span = now - self._last
        line = f"round {number}, distance {distance:.1e}, {self.parts} {self.what}, "
        line += f"{(number - self._round) / span:.1f} rounds/s, "
        line += f"{(messages - self._messages) / span:,.0f} messages/s"
        if bytes_:
            line += f", {(bytes_ - self._bytes) / span / 1e6:,.2f} MB/s"
        if slowest:
            line += f", slowest: {slowest}"
        print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        self.shown, self._last = True, now
        self._messages, self._bytes, self._round = messages, bytes_, number

    def done(self) -> None:
        """Leave the terminal on a line of its own."""
        if self.shown:
            print(file=sys.stderr, flush=True)
            self.shown = False
