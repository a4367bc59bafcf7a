"""A clock that moves only by the waits it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from inlet_sdk.http.retry import Clock

START = datetime(2026, 3, 2, 9, 40, 0, tzinfo=UTC)


class FakeClock:
    def __init__(self) -> None:
        self.slept = 0.0

    def clock(self, chance: float = 0.5) -> Clock:
        return Clock(
            now=self.now, monotonic=lambda: self.slept, sleep=self._sleep, random=lambda: chance
        )

    def now(self) -> datetime:
        return START + timedelta(seconds=self.slept)

    def _sleep(self, seconds: float) -> None:
        self.slept += seconds
