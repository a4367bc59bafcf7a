"""Which slices a table holds, and up to which epoch. Said twice, in one transaction with the data:
in the snapshot's summary, and in table properties that outlive snapshot expiry.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson
from pyiceberg.table import Table

from inlet_sdk.errors import FencedError
from inlet_sdk.ports.sink_endpoint import CommitReceipt, SliceCommit

COMMIT_ID = "ctl.commit-id"
EPOCH = "ctl.epoch"
CURSOR_TO = "ctl.cursor-to"
RECEIPT = "ctl.receipt"
RECEIPTS = "ctl.receipts"
FACT = "ctl.fact."
KEPT_RECEIPTS = 8


def find_receipt(table: Table, commit_id: str) -> CommitReceipt | None:
    """The receipt of a commit on the main branch, by summary or by property."""
    for summary in _summaries(table):
        if summary.get(COMMIT_ID) == commit_id:
            return CommitReceipt(**orjson.loads(summary[RECEIPT]))
    kept = orjson.loads(table.properties.get(RECEIPTS, "[]"))
    return next((CommitReceipt(**r) for r in kept if r["commit_id"] == commit_id), None)


def refuse_if_fenced(table: Table, epoch: int) -> None:
    """Raises FencedError when a higher epoch has committed."""
    seen = highest_epoch(table)
    if seen > epoch:
        raise FencedError(
            "A newer run has committed to this table; leave the unit to it.",
            details={"epoch": epoch, "seen": seen},
        )


def highest_epoch(table: Table) -> int:
    """The highest epoch that has touched the table; 0 for none."""
    return max(
        [int(table.properties.get(EPOCH, 0)), *(int(s.get(EPOCH, 0)) for s in _summaries(table))]
    )


def summary_of(commit: SliceCommit, receipt: CommitReceipt) -> dict[str, str]:
    """What the snapshot says of the slice."""
    cursor = {CURSOR_TO: commit.cursor_to} if commit.cursor_to is not None else {}
    encoded = orjson.dumps(receipt.as_json()).decode()
    return {COMMIT_ID: commit.commit_id, EPOCH: str(commit.epoch), RECEIPT: encoded, **cursor}


def properties_of(table: Table, commit: SliceCommit, receipt: CommitReceipt) -> dict[str, str]:
    """What the table says of its last slices."""
    kept = [receipt.as_json(), *orjson.loads(table.properties.get(RECEIPTS, "[]"))][:KEPT_RECEIPTS]
    summary = summary_of(commit, receipt)
    del summary[RECEIPT]
    facts = {FACT + name: value for name, value in commit.facts.items()}
    return {**summary, **facts, RECEIPTS: orjson.dumps(kept).decode()}


def facts_of(table: Table) -> dict[str, str]:
    """What its commits made the table say of itself."""
    return {
        name.removeprefix(FACT): value
        for name, value in table.properties.items()
        if name.startswith(FACT)
    }


def _summaries(table: Table) -> Iterator[Mapping[str, str]]:
    # By id: looked up one by one, a chain of many snapshots is walked in quadratic time.
    by_id = {snapshot.snapshot_id: snapshot for snapshot in table.snapshots()}
    snapshot = table.current_snapshot()
    while snapshot is not None:
        yield snapshot.summary.additional_properties if snapshot.summary else {}
        parent = snapshot.parent_snapshot_id
        snapshot = by_id.get(parent) if parent is not None else None
