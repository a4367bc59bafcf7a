"""The figures of a slice, and the identities that they must keep."""

from __future__ import annotations

from collections.abc import Sequence

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.ingestion_context import Progress
from inlet_sdk.ports.run_stats import EffortStats, ExportStats, RunStats
from inlet_sdk.ports.sink_endpoint import CommitReceipt

NOTHING = RunStats(
    read=0,
    landed=0,
    deduplicated=0,
    unchanged=0,
    quarantined=0,
    inserted=0,
    updated=0,
    deleted=0,
    bytes=0,
    bytesRewritten=0,
    requests=0,
    pages=0,
    waitedMs=0,
    durationMs=0,
    slices=0,
    unfit=0,
    filtered=0,
)
"""The figures of a slice that did nothing."""


def sealed_stats(own: ExportStats) -> RunStats:
    """Of a slice that is sealed and waits for the commit of a later one: what the reading cost.
    What was read is told with the commit.
    """
    return {
        **NOTHING,
        "requests": own["requests"],
        "pages": own["pages"],
        "waitedMs": own["waited_ms"],
        "durationMs": own["duration_ms"],
        "slices": 1,
    }


def read_stats(exports: Sequence[ExportStats], last: ExportStats) -> RunStats:
    """Before the commit. `exports` are the slices that land together; requests, pages, waits and
    time are those of the `last` alone, since each slice before told its own.
    """
    return {
        **sealed_stats(last),
        "read": sum(export["read_rows"] for export in exports),
        "quarantined": sum(export["quarantined_rows"] for export in exports),
        "unfit": sum(export["unfit_values"] for export in exports),
    }


def effort_stats(now: Progress, before: Progress, seconds: float) -> EffortStats:
    """What was asked of the vendor between two looks at the progress."""
    return {
        "requests": now.requests - before.requests,
        "pages": now.pages - before.pages,
        "waitedMs": now.waited_ms - before.waited_ms,
        "durationMs": round(seconds * 1000),
    }


def with_effort(stats: RunStats, effort: EffortStats) -> RunStats:
    """The figures with a further effort."""
    return {
        **stats,
        "requests": stats["requests"] + effort["requests"],
        "pages": stats["pages"] + effort["pages"],
        "waitedMs": stats["waitedMs"] + effort["waitedMs"],
        "durationMs": stats["durationMs"] + effort["durationMs"],
    }


def committed_stats(stats: RunStats, receipt: CommitReceipt) -> RunStats:
    """After the commit. Raises `INTERNAL` if read is not landed + deduplicated + quarantined +
    filtered.
    """
    deduplicated = stats["deduplicated"] + receipt.deduplicated
    quarantined = stats["quarantined"] + receipt.quarantined
    accounted = receipt.landed + deduplicated + quarantined + stats["filtered"]
    if accounted != stats["read"]:
        raise FatalError(
            "INTERNAL",
            f"{stats['read']} records were read, but {accounted} are accounted for: "
            "report this with the run's id.",
        )

    return {
        **stats,
        "landed": receipt.landed,
        "deduplicated": deduplicated,
        "unchanged": receipt.unchanged,
        "quarantined": quarantined,
        "inserted": receipt.inserted,
        "updated": receipt.updated,
        "deleted": receipt.deleted,
        "bytes": receipt.bytes,
        "bytesRewritten": receipt.bytes_rewritten,
    }


def refuse_unbalanced(exports: Sequence[ExportStats], staged_rows: int) -> None:
    """Raises `INTERNAL` if the manifests do not hold every record that was read and not
    quarantined.
    """
    read = sum(export["read_rows"] - export["quarantined_rows"] for export in exports)
    if read != staged_rows:
        raise FatalError(
            "INTERNAL",
            f"{read} records were to be staged, but {staged_rows} were: "
            "report this with the run's id.",
        )
