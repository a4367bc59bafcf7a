"""What a person sees of a run while it works. The run item has it at most every five seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from inlet_sdk.errors import FencedError, RetryableError
from inlet_sdk.ports.ingestion_context import Progress
from inlet_worker.host import logs
from inlet_worker.host.control_table import RunItem

EVERY_SECONDS = 5.0


class LiveProgress:
    """Adds up over the run's activities. `before` is what the previous activity handed on in its
    continuation; `on_fenced` is called, from the watching thread, once the run is no longer ours.
    """

    def __init__(
        self,
        item: RunItem,
        slice_: int,
        before: dict[str, int] | None,
        on_fenced: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.fenced: FencedError | None = None
        self._item = item
        self._slice = slice_
        self._before = Progress(**(before or {}))
        self._on_fenced = on_fenced
        self._monotonic = monotonic
        self._saved_at: float | None = None
        self._saved: Progress | None = None

    def see(self, progress: Progress) -> None:
        """Save when it is time and something has changed."""
        now = self._monotonic()
        if self._saved_at is None or now - self._saved_at >= EVERY_SECONDS:
            self._saved_at = now
            self.save(progress)

    def save(self, progress: Progress) -> None:
        """Save now. A table that does not answer costs the display a moment, never the run."""
        total = self.total(progress)
        if total == self._saved or self.fenced:
            return
        try:
            self._item.save_progress(total, self._slice)
            self._saved = total
        except FencedError as e:
            self.fenced = e
            self._on_fenced()
        except RetryableError as e:
            logs.get_logger(__name__).info("progress not saved", code=e.code)

    def total(self, progress: Progress) -> Progress:
        before, now = asdict(self._before), asdict(progress)
        return Progress(**{name: before[name] + now[name] for name in now})

    def handed_on(self, progress: Progress) -> dict[str, Any]:
        """For the continuation."""
        return asdict(self.total(progress))
