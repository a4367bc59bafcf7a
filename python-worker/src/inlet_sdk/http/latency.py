"""How long a site takes to answer, as it was measured lately."""

from __future__ import annotations

import threading

SHARE_OF_LATEST = 0.1
SHARE_OF_RISE = 0.01
"""Of the distance to a slower answer that the fastest rises, so that it is one of lately."""


class Latency:
    """Thread-safe. `seconds` is a moving average, `least` the fastest of lately."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds = 0.0
        self.least = 0.0

    def saw(self, seconds: float) -> None:
        """One answer, from the sending to its last byte."""
        with self._lock:
            if self.seconds == 0.0:
                self.seconds = self.least = seconds
                return
            self.seconds += SHARE_OF_LATEST * (seconds - self.seconds)
            share = SHARE_OF_RISE if seconds > self.least else 1.0
            self.least += share * (seconds - self.least)

    @property
    def is_crowded(self) -> bool:
        """Answers take twice as long as the fastest: more requests at once would only wait."""
        return self.seconds > 2 * self.least
