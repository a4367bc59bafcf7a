"""The record of a commit that is on its way: written before it, read by whoever comes after a
crash.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, IngestionUnitResult, Wait
from inlet_sdk.ports.sink_endpoint import CommitReceipt
from inlet_worker.pipeline.run_stats import committed_stats

Pending = dict[str, Any]
"""PendingSlice of `schemas/run.ts`: {slice, commitId, epoch, nextCheckpoint, stats}."""


def pending_of(context: IngestionContext, result: IngestionUnitResult) -> Pending:
    """What is saved before the sink commits."""
    return {
        "slice": context.slice,
        "commitId": context.commit_id,
        "epoch": context.epoch,
        "nextCheckpoint": result.new_checkpoint,
        "stats": {**result.stats, "result": asdict(replace(result, stats={}, new_checkpoint=None))},
    }


def recorded(
    receipt: CommitReceipt, context: IngestionContext, pending: Pending | None
) -> IngestionUnitResult:
    """The answer of an attempt that committed and was not heard."""
    if pending is None or pending["commitId"] != context.commit_id:
        raise FatalError(
            "INTERNAL",
            "The slice is committed, but its pending record is gone: run the unit again.",
        )
    told = dict(pending["stats"]["result"])
    told["evidence"] = tuple(Evidence(**e) for e in told["evidence"])
    told["errors"] = tuple(told["errors"])
    told["wait"] = Wait(**told["wait"]) if told["wait"] else None
    stats = {name: value for name, value in pending["stats"].items() if name != "result"}
    told |= {
        "stats": committed_stats(stats, receipt),
        "new_checkpoint": pending["nextCheckpoint"],
        "receipt": receipt,
    }
    return IngestionUnitResult(**told)
