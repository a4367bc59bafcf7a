"""Upkeep of one table beside whatever commits to it: compaction, expiry of snapshots, orphans
(docs/adr/0042). Each step stands by itself and begins from what the table says then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from inlet_sdk.ports.sink_maintenance import MaintenanceReport, Upkeep
from inlet_worker.sinks.iceberg.compaction import GivenUp, compact
from inlet_worker.sinks.iceberg.compaction_plan import Compaction, plan_compaction
from inlet_worker.sinks.iceberg.expiry import expire_snapshots
from inlet_worker.sinks.iceberg.orphans import sweep_orphans

MOST_COMMITS = 4
"""Of one call. A run that plans anew after each of them has attempts to spare."""
MOST_LOST_RACES = 3


@dataclass(frozen=True)
class TableUpkeep:
    """`load`: the table as it is now; None where it is not there."""

    load: Callable[[], Table | None]
    now: Callable[[], datetime]
    orphans_after: timedelta
    on_step: Callable[[str], None]

    def run(self, upkeep: Upkeep) -> MaintenanceReport:
        report = self._compacted(upkeep)
        # Also where more is left to be compacted: a table that always has more grows no history.
        table = None if upkeep.is_over() else self.load()
        if table is None:
            return replace(report, done=report.done and not upkeep.is_over())

        expired = expire_snapshots(table, self.now())
        self.on_step("expired")
        return self._swept(replace(report, snapshots_expired=expired), upkeep)

    def _compacted(self, upkeep: Upkeep) -> MaintenanceReport:
        """`done` where nothing is left to be compacted, or where runs keep coming in between."""
        report = MaintenanceReport(done=False)
        commits = 0
        while commits < MOST_COMMITS and not upkeep.is_over():
            table = self.load()
            plan = plan_compaction(table) if table else None
            if table is None or plan is None:
                return replace(report, done=True)

            try:
                written = compact(table, plan, upkeep, self.on_step)
            except GivenUp:
                return report
            if written is None and report.lost_races + 1 == MOST_LOST_RACES:
                return replace(report, done=True, lost_races=MOST_LOST_RACES)
            commits += written is not None
            report = _counted(report, plan, written)
        return report

    def _swept(self, report: MaintenanceReport, upkeep: Upkeep) -> MaintenanceReport:
        table = self.load()
        if table is None:
            return report
        deleted = sweep_orphans(table, self.now() - self.orphans_after, upkeep)
        self.on_step("swept")
        return replace(report, files_deleted=deleted, done=report.done and not upkeep.is_over())


def _counted(
    report: MaintenanceReport, plan: Compaction, written: Sequence[DataFile] | None
) -> MaintenanceReport:
    if written is None:
        return replace(report, lost_races=report.lost_races + 1)
    return replace(
        report,
        files_compacted=report.files_compacted + len(plan.tasks),
        files_written=report.files_written + len(written),
        bytes_written=report.bytes_written + sum(f.file_size_in_bytes for f in written),
    )
