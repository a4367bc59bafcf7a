"""Which failures a call sits out in place, before it leaves them to the workflow, which waits
without a slot.
"""

from __future__ import annotations

from dataclasses import dataclass

from inlet_sdk.errors import IngestError, RetryableError
from inlet_sdk.http.answer import OddAnswerError
from inlet_sdk.http.connection_failures import SilentError, WallError
from inlet_sdk.http.retry import MAX_RETRIES, Clock, backoff_seconds

SILENT_RETRIES = 1
FIRST_WALL_BACKOFF = 2  # its exponent: a second, then two, then four
SHORTEST_SECONDS = 0.5


@dataclass
class InPlace:
    """One call's failures. `patience_seconds` are spent on what looks like a wall, since name
    servers and proxies hiccup; `answered`: the site answered before, so that its silence may be a
    moment's.
    """

    clock: Clock
    patience_seconds: float
    answered: bool
    failures: int = 0
    _walls: int = 0
    _wall_since: float | None = None
    _waited_at_wall: float = 0.0

    def seconds_until_next(self, failure: IngestError) -> float | None:
        """How long to wait before the call is made again; None where it is given up."""
        self.failures += 1
        if isinstance(failure, WallError):
            return self._seconds_at_wall()
        if isinstance(failure, OddAnswerError) and self.failures <= failure.retries:
            return backoff_seconds(self.failures - 1, self.clock.random())
        if not isinstance(failure, RetryableError) or self.failures > MAX_RETRIES:
            return None
        if isinstance(failure, SilentError) and (
            not self.answered or self.failures > SILENT_RETRIES
        ):
            return None
        return backoff_seconds(self.failures - 1, self.clock.random())

    def _seconds_at_wall(self) -> float | None:
        now = self.clock.monotonic()
        if self._wall_since is None:
            self._wall_since = now
        left = self.patience_seconds - max(now - self._wall_since, self._waited_at_wall)
        if left <= 0:
            return None

        seconds = backoff_seconds(FIRST_WALL_BACKOFF + self._walls, self.clock.random())
        seconds = max(SHORTEST_SECONDS, min(seconds, left))
        self._walls += 1
        self._waited_at_wall += seconds
        return seconds
