"""When a run is alive: while its figures grow or its process works. One that does neither for two
minutes is given up, so that Temporal can start it elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inlet_sdk.ports.ingestion_context import Progress
from inlet_worker.temporal.child_process import Sample

BEAT_SECONDS = 2.0
STALL_SECONDS = 120.0
WORKING_CPU_SECONDS = 0.5  # over the stall's length; what the child's reporter uses stays far below


@dataclass
class Pulse:
    """Told the time in seconds, the figures and the kernel's sample, it says whether the run still
    moves.
    """

    stall_seconds: float = STALL_SECONDS
    _figures: Progress | None = None
    _cpu_seconds: float = 0.0
    _moved_at: float = field(default=0.0)

    def is_alive(self, now: float, figures: Progress, sample: Sample | None) -> bool:
        cpu_seconds = sample.cpu_seconds if sample else 0.0
        if figures != self._figures or cpu_seconds - self._cpu_seconds >= WORKING_CPU_SECONDS:
            self._figures, self._cpu_seconds, self._moved_at = figures, cpu_seconds, now
        return now - self._moved_at < self.stall_seconds
