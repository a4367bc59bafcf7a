"""Nobody sends before a vendor's hold is over, whoever met it, and whenever the others took their
share of the budget.
"""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

from urllib3 import HTTPConnectionPool

from inlet_sdk.http.retry import Clock


class HeldBack(Exception):
    """A request that was not sent, since another one was refused meanwhile."""


class Gate:
    """Of the requests of one endpoint. Thread-safe. What is on the wire cannot be called back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._until: datetime | None = None

    def guard(self, pool: HTTPConnectionPool) -> None:
        """The pool's connections ask as the last thing before they send: what took its token
        before the refusal, or was busy with a handshake, is stopped, too.
        """
        pool.ConnectionCls = type("Gated", (_Gated, pool.ConnectionCls), {"gate": self})

    def hold(self, until: datetime) -> None:
        """Nothing is sent before."""
        with self._lock:
            self._until = until if self._until is None else max(self._until, until)

    def seconds_left(self) -> float:
        """Of the hold; 0 where there is none."""
        with self._lock:
            if self._until is None:
                return 0.0
            return max(0.0, (self._until - self._clock.now()).total_seconds())

    def check(self) -> None:
        """Raises HeldBack while a hold lasts."""
        if self.seconds_left() > 0:
            raise HeldBack


class _Gated:
    """Mixed into urllib3's connections."""

    gate: Gate

    def request(self, *args: Any, **named: Any) -> None:
        self.gate.check()
        super().request(*args, **named)  # type: ignore[misc]
