"""Who a run is for and how far this activity may go. Travels with the staging session
(docs/design/documents.md).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from inlet_sdk.ports.described_endpoint import FieldDescriptor, Mode
from inlet_sdk.ports.doubts import Doubts
from inlet_sdk.ports.row_mapping import RowMapping

Resume = Mapping[str, Any]
"""JSON to go on from: whoever made it reads it, everybody else hands it on."""


Only = Literal["STAGE", "LAND"]
"""`STAGE`: what is read is sealed, and lands with a later slice of the run. `LAND`: what is sealed
lands, and nothing is read.
"""


def _no_progress(_: Progress) -> None:
    return None


@dataclass
class Progress:
    """Counted while a slice is read: what the run item shows live. Waits are milliseconds spent on
    vendor limits: threads that wait at the same time count once. Requests, bytes and waits are
    counted by any thread, the others by the one that reads.
    """

    rows: int = 0
    pages: int = 0
    bytes: int = 0
    requests: int = 0
    waited_ms: int = 0

    def __post_init__(self) -> None:
        self._counting, self._waiting = threading.Lock(), threading.Lock()

    def count(self, *, requests: int = 0, content: int = 0) -> None:
        """`content` in bytes."""
        with self._counting:
            self.requests += requests
            self.bytes += content

    def wait(self, seconds: float, sleep: Callable[[float], None]) -> None:
        """Sleeps, and counts it, unless another thread is counting such a wait."""
        counts = self._waiting.acquire(blocking=False)
        try:
            sleep(seconds)
        finally:
            if counts:
                self.waited_ms += round(seconds * 1000)
                self._waiting.release()


@dataclass(frozen=True)
class IngestionContext:
    """`epoch` is the fencing number, `slice` the ordinal of the slice in the run. `deadline` is
    when the activity must have sealed what it has; `cancelled()` turns true on cancel or shutdown.
    `continuation` is what the source gave as `resume` for the last batch of the activity before;
    None at the start of a run. `fields`: the typed columns that the run lands, as the source names
    them; a source that types its columns itself takes their types. Empty where none are known.
    `mapping` is how the run makes rows. `doubts`: what its listings said against themselves.
    `again`: records that runs before set aside, by key or by what QuarantinedRecord.ask says.
    `only`: the part of the work that is wanted; None for all of it.
    """

    tenant_id: str
    run_id: str
    endpoint_id: str
    endpoint_slug: str
    unit_id: str
    dataset: str
    mode: Mode
    epoch: int
    slice: int = 0
    continuation: Resume | None = None
    deadline: datetime | None = None
    cancelled: Callable[[], bool] = lambda: False
    on_progress: Callable[[Progress], None] = _no_progress
    progress: Progress = field(default_factory=Progress)
    doubts: Doubts = field(default_factory=Doubts)
    fields: tuple[FieldDescriptor, ...] = ()
    mapping: RowMapping = field(default_factory=RowMapping)
    again: tuple[str, ...] = ()
    only: Only | None = None

    @property
    def commit_id(self) -> str:
        """The identity of this slice's commit in every sink."""
        return f"{self.run_id}/{self.slice}"
