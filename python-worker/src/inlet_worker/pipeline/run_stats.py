"""The figures of a slice, by the names of RunStats, and the identity that they must keep."""

from __future__ import annotations

from collections.abc import Sequence

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.ingestion_context import Progress
from inlet_sdk.ports.sink_endpoint import CommitReceipt

NOTHING = dict.fromkeys(
    (
        *(
            "read",
            "quarantined",
            "landed",
            "deduplicated",
            "unchanged",
            "inserted",
            "updated",
            "deleted",
        ),
        *("bytes", "bytesRewritten", "requests", "pages", "waitedMs", "durationMs", "slices"),
    ),
    0,
)
"""The figures of a slice that did nothing."""


def read_stats(
    exports: Sequence[dict[str, int]], last: dict[str, int] | None = None, *, landed: bool = True
) -> dict[str, int]:
    """Before the commit. `exports` are the slices that land together; requests, pages, waits and
    time are those of `last` alone, since each slice before told its own. With `landed` false only
    these are told.
    """
    own = last or exports[-1]
    total = {
        "read": sum(e["read_rows"] for e in exports) if landed else 0,
        "quarantined": sum(e["quarantined_rows"] for e in exports) if landed else 0,
    }
    sinks = (
        "landed",
        "deduplicated",
        "unchanged",
        "inserted",
        "updated",
        "deleted",
        "bytes",
        "bytesRewritten",
    )
    zero = dict.fromkeys(sinks, 0)
    effort = {
        "requests": own["requests"],
        "pages": own["pages"],
        "waitedMs": own["waited_ms"],
        "durationMs": own["duration_ms"],
        "slices": 1,
    }
    return {**total, **zero, **effort}


def effort_stats(now: Progress, before: Progress, seconds: float) -> dict[str, int]:
    """What was asked of the vendor between two looks at the progress."""
    return {
        "requests": now.requests - before.requests,
        "pages": now.pages - before.pages,
        "waitedMs": now.waited_ms - before.waited_ms,
        "durationMs": round(seconds * 1000),
    }


def committed_stats(stats: dict[str, int], receipt: CommitReceipt) -> dict[str, int]:
    """After the commit. Raises `INTERNAL` if read is not landed + deduplicated + quarantined."""
    deduplicated = stats["deduplicated"] + receipt.deduplicated
    accounted = receipt.landed + deduplicated + receipt.quarantined + stats["quarantined"]
    if accounted != stats["read"]:
        raise FatalError(
            "INTERNAL",
            f"{stats['read']} records were read, but {accounted} are accounted for: report this with the run's id.",
        )
    return {
        **stats,
        "landed": receipt.landed,
        "deduplicated": deduplicated,
        "unchanged": receipt.unchanged,
        "quarantined": stats["quarantined"] + receipt.quarantined,
        "inserted": receipt.inserted,
        "updated": receipt.updated,
        "deleted": receipt.deleted,
        "bytes": receipt.bytes,
        "bytesRewritten": receipt.bytes_rewritten,
    }


def refuse_unbalanced(exports: Sequence[dict[str, int]], staged_rows: int) -> None:
    """Raises `INTERNAL` if the manifests do not hold every record that was read and not
    quarantined.
    """
    read = sum(e["read_rows"] - e["quarantined_rows"] for e in exports)
    if read != staged_rows:
        raise FatalError(
            "INTERNAL",
            f"{read} records were to be staged, but {staged_rows} were: report this with the run's id.",
        )
