"""What speaks against the completeness of what a source showed, from where it is seen to the run's
evidence: whoever reads a listing need not hand it on, and so cannot lose it.
"""

from __future__ import annotations

import threading

UNEXPECTED_RESPONSE = "UNEXPECTED_RESPONSE"
"""Code of the evidence."""
MOST = 1_000


class Doubts:
    """Messages, each once, in the order in which they came. Thread-safe: pages are read ahead."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said: dict[str, None] = {}

    def add(self, message: str) -> None:
        with self._lock:
            if len(self._said) < MOST:
                self._said.setdefault(message)

    def take(self) -> tuple[str, ...]:
        """What was said since the last call."""
        with self._lock:
            taken, self._said = self._said, {}
        return tuple(taken)
