"""Upkeep of what has landed (docs/adr/0042): a part of the sink's port for sinks that have more to
do than to sweep. Contract suite: `testing/contract_maintenance.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Upkeep:
    """`is_over`: time is up, or the work was cancelled. What is at work then is given up, and the
    next call goes on.
    """

    is_over: Callable[[], bool] = _never


@dataclass(frozen=True)
class MaintenanceReport:
    """`done`: nothing is left that could be done now. `files_compacted` were replaced by
    `files_written`, of `bytes_written`. `files_deleted`: what nothing refers to any more.
    `lost_races`: work that was given up since a run had committed meanwhile.
    """

    done: bool = True
    files_compacted: int = 0
    files_written: int = 0
    bytes_written: int = 0
    snapshots_expired: int = 0
    files_deleted: int = 0
    lost_races: int = 0


@runtime_checkable
class SupportsMaintenance(Protocol):
    """A sink whose tables want upkeep."""

    def maintain(self, target: SinkTarget, upkeep: Upkeep) -> MaintenanceReport:
        """Bring the table into shape, beside whatever commits to it. Readers see the same rows,
        facts and receipts before and after; no commit is fenced by it. The target has no fields.
        Killed at any point it loses nothing, and the next call removes what is left.
        """


def maintain(sink: SinkEndpoint, target: SinkTarget, upkeep: Upkeep) -> MaintenanceReport:
    """The sink's own upkeep, which ends with a sweep; of a sink without any, the sweep alone."""
    if isinstance(sink, SupportsMaintenance):
        return sink.maintain(target, upkeep)
    return MaintenanceReport(files_deleted=sink.sweep(target))
