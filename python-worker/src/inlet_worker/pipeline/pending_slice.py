"""The record of a commit that is on its way: written before it, read by whoever comes after a
crash. PendingSlice of `schemas/run.ts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, IngestionUnitResult, RecordError, Wait
from inlet_sdk.ports.run_stats import RunStats
from inlet_sdk.ports.sink_endpoint import CommitReceipt
from inlet_worker.pipeline.run_stats import NOTHING, committed_stats


@dataclass(frozen=True)
class PendingSlice:
    """`result` is what the slice answers once it is committed, all but the receipt: its checkpoint
    and its figures are the ones that the control plane settles.
    """

    slice: int
    commit_id: str
    epoch: int
    result: IngestionUnitResult

    @classmethod
    def of(cls, context: IngestionContext, result: IngestionUnitResult) -> PendingSlice:
        """What is saved before the sink commits `result`."""
        return cls(context.slice, context.commit_id, context.epoch, result)

    @classmethod
    def parse(cls, stored: Mapping[str, Any]) -> PendingSlice:
        """Of its JSON, written by this release or the one before. What is among the figures counts:
        a worker of before leaves beside the slice what belongs to an earlier one.
        """
        of_before = "result" in stored["stats"]
        wire = _result_of_before(stored) if of_before else stored["result"]
        checkpoint = stored["nextCheckpoint"]

        result = IngestionUnitResult(
            "COMMITTED",
            wire["done"],
            Checkpoint.parse(checkpoint) if checkpoint else None,
            _figures(stored["stats"]),
            errors=tuple(cast("list[RecordError]", wire["errors"])),
            evidence=tuple(_evidence(one) for one in wire["evidence"]),
            resume=wire["continuation"],
            wait=Wait(wire["resumeAt"], wire["waitReason"]) if wire["resumeAt"] else None,
        )
        return cls(stored["slice"], stored["commitId"], stored["epoch"], result)

    def dump(self) -> dict[str, Any]:
        result = self.result
        return {
            "slice": self.slice,
            "commitId": self.commit_id,
            "epoch": self.epoch,
            "nextCheckpoint": result.new_checkpoint,
            "stats": result.stats,
            "result": {
                "done": result.done,
                "errors": list(result.errors),
                "evidence": [asdict(one) for one in result.evidence],
                "continuation": result.resume,
                "resumeAt": result.wait.resume_at if result.wait else None,
                "waitReason": result.wait.reason if result.wait else None,
            },
        }


def recorded(
    receipt: CommitReceipt, context: IngestionContext, pending: PendingSlice | None
) -> IngestionUnitResult:
    """The answer of an attempt that committed and was not heard."""
    if pending is None or pending.commit_id != context.commit_id:
        raise FatalError(
            "INTERNAL",
            "The slice is committed, but its pending record is gone: run the unit again.",
        )
    return committed(pending.result, receipt)


def committed(result: IngestionUnitResult, receipt: CommitReceipt) -> IngestionUnitResult:
    """The answer, with what the sink recorded of its commit."""
    return replace(result, stats=committed_stats(result.stats, receipt), receipt=receipt)


def _result_of_before(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """The release before kept the result among the figures, in its own names."""
    wire = stored["stats"]["result"]
    wait = wire["wait"] or {"resume_at": None, "reason": None}
    return {
        **wire,
        "continuation": wire["resume"],
        "resumeAt": wait["resume_at"],
        "waitReason": wait["reason"],
    }


def _figures(stored: Mapping[str, Any]) -> RunStats:
    """Of an earlier release: it may lack a figure of this one, and keep more beside them."""
    return cast("RunStats", {name: stored.get(name, 0) for name in NOTHING})


def _evidence(wire: Mapping[str, Any]) -> Evidence:
    return Evidence(wire["code"], wire["message"], wire["weight"], wire.get("more") or 0)
