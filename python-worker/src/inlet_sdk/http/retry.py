"""How often and how long to try again inside one activity. Longer troubles are Temporal's."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.ingestion_context import IngestionContext

MAX_RETRIES = 4
FIRST_DELAY_SECONDS = 0.25
MAX_DELAY_SECONDS = 30.0
CANCEL_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Clock:
    """Time as the retries see it; tests hand in one that does not wait."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random


def backoff_seconds(attempt: int, chance: float) -> float:
    """Delay before retry `attempt` (0, 1, …): doubling, times 0.7 to 1.3 by `chance` in [0, 1), at
    most 30 s.
    """
    return min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * float(2**attempt) * (0.7 + 0.6 * chance))


def named_wait_seconds(seconds: float, chance: float) -> float:
    """A wait the vendor named: never shorter, up to 30 % longer so that workers do not return as
    one.
    """
    return seconds * (1.0 + 0.3 * chance)


def check_cancelled(context: IngestionContext | None) -> None:
    """Raises FatalError `CANCELLED` when the run is to stop."""
    if context is not None and context.cancelled():
        raise FatalError("CANCELLED", "The run was cancelled. Start it again to continue.")


def wait(seconds: float, clock: Clock, context: IngestionContext | None) -> None:
    """Wait, counted in `progress.waited_ms`, and leave within a quarter of a second of a cancel."""
    left = seconds
    while left > 0:
        check_cancelled(context)
        step = min(left, CANCEL_POLL_SECONDS)
        if context is None:
            clock.sleep(step)
        else:
            context.progress.wait(step, clock.sleep)
        left -= step
    check_cancelled(context)
