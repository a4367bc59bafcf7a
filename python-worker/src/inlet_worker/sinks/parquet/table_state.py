"""What a target of parquet files keeps of its commits, in one JSON document that changes one step
at a time: the epoch, the last receipts, the columns, and from which commit on its files count.
"""

from __future__ import annotations

import uuid

from inlet_sdk.errors import FatalError, FencedError
from inlet_sdk.ports.sink_endpoint import (
    CommitReceipt,
    SinkEndpoint,
    SinkTarget,
    SliceCommit,
    refuse_deletes,
)
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.parquet.columns import Json, columns_of, refuse_other_columns

KEPT_RECEIPTS = 32


def refuse_policy(sink: SinkEndpoint, commit: SliceCommit) -> None:
    """Raises FatalError `CONFIG_INVALID` for a mode that merges, or for deletes."""
    if commit.mode not in sink.descriptor.modes:
        raise FatalError(
            "CONFIG_INVALID",
            f"{sink.descriptor.name} has no mode {commit.mode}: use FULL or INCREMENTAL.",
        )
    refuse_deletes(sink, commit.policy)


def refuse_lower(state: Json, epoch: int) -> None:
    """Raises FencedError where a higher epoch was seen."""
    seen = state.get("epoch", 0)
    if seen > epoch:
        raise FencedError(
            "A newer run has committed to these files; leave the unit to it.",
            details={"epoch": epoch, "seen": seen},
        )


def refuse_empty(state: Json, reader: RecordReader, commit: SliceCommit) -> None:
    """Raises FatalError `SUSPICIOUS_EMPTY` for a FULL of nothing over something."""
    held = state.get("rows", 0)
    allowed = commit.policy.allow_empty or commit.replaces
    if commit.mode == "FULL" and held and not allowed:
        if any(manifest.rows for manifest in reader.manifests()):
            return
        raise FatalError(
            "SUSPICIOUS_EMPTY",
            f"The source shows no rows where {held} have landed; nothing was replaced. Check the "
            "account's permissions, or set policy.allowEmpty if the source is really empty.",
            details={"landed": held},
        )


def settled_entry(state: Json, commit_id: str) -> Json | None:
    """What is kept of a commit that happened, its `receipt` among it; None for one that did not, or
    so long ago that its receipt is not kept.
    """
    kept: list[Json] = state.get("commits", [])
    return next((one for one in kept if one["receipt"]["commit_id"] == commit_id), None)


def receipt_of(entry: Json) -> CommitReceipt:
    """The receipt, as it was first given."""
    return CommitReceipt(**entry["receipt"])


def hides_before(commit: SliceCommit) -> bool:
    """Whether only what lands with this commit, and after it, counts from then on."""
    return commit.mode == "FULL" or commit.replaces


def committed(state: Json, target: SinkTarget, commit: SliceCommit, entry: Json) -> Json:
    """The state after a commit; `entry` has its `receipt` and `sequence`. Raises as `refuse_lower`
    and `refuse_other_columns` do.
    """
    refuse_lower(state, commit.epoch)
    refuse_other_columns(state, target, commit)

    rows = entry["receipt"]["landed"]
    after = {
        **state,
        "made": state.get("made") or uuid.uuid4().hex,
        "facts": {**state.get("facts", {}), **commit.facts},
        "epoch": commit.epoch,
        "commits": [entry, *state.get("commits", [])][:KEPT_RECEIPTS],
        "sequence": entry["sequence"],
        "columns": {**columns_of(target, commit), **state.get("columns", {})},
    }

    if hides_before(commit):
        return {**after, "snapshot": entry, "rows": rows}
    return {**after, "rows": rows + state.get("rows", 0)}
