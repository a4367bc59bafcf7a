"""Removes old snapshots from a table's history. Facts, epoch and receipts are in its properties and
stay; the files that only these snapshots named are the sweep's.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

from pydantic import Field
from pyiceberg.exceptions import CommitFailedException, CommitStateUnknownException
from pyiceberg.table import Table
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.table.refs import MAIN_BRANCH, SnapshotRef
from pyiceberg.table.snapshots import ancestors_of
from pyiceberg.table.update import (
    AssertRefSnapshotId,
    AssertTableUUID,
    RemoveSnapshotsUpdate,
)
from pyiceberg.utils.datetime import datetime_to_millis

KEPT = timedelta(days=8)
"""A run that staged for a replay is replayed within seven days of its end, and an activity is tried
for half a day: by then everybody has asked for the receipts that only snapshots hold.
"""
OWN_AGE = "history.expire.max-snapshot-age-ms"
OWN_COUNT = "history.expire.min-snapshots-to-keep"
MOST, DIGITS = 100 * 365 * 24 * 3600 * 1000, 15
"""A century of milliseconds; what is longer than these digits is more."""


def expire_snapshots(table: Table, now: datetime) -> int:
    """Remove snapshots older than `KEPT`, or than the table's own properties say where that is
    longer; the heads of branches and tags stay. Answers how many; 0 when a commit came in between.
    """
    expired = _expired(table.metadata, now)
    if not expired:
        return 0

    requirements = (
        AssertTableUUID(uuid=table.metadata.table_uuid),
        _SameRefs.of(table.metadata),
    )
    try:
        table._do_commit((RemoveSnapshotsUpdate(snapshot_ids=expired),), requirements)
    except (CommitFailedException, CommitStateUnknownException, ValueError):
        return 0  # the library's ValueError: another expiry was first
    return len(expired)


class _SameRefs(AssertRefSnapshotId):
    """Nothing was committed meanwhile, and no branch or tag was made that keeps a snapshot which
    goes: the library would remove it, too.
    """

    seen: dict[str, SnapshotRef] = Field(exclude=True)

    @classmethod
    def of(cls, metadata: TableMetadata) -> _SameRefs:
        head = metadata.refs.get(MAIN_BRANCH)
        return cls(
            ref=MAIN_BRANCH,
            snapshot_id=head.snapshot_id if head else None,
            seen=dict(metadata.refs),
        )

    def validate(self, base_metadata: TableMetadata | None) -> None:  # type: ignore[override]
        super().validate(base_metadata)
        if base_metadata is None or base_metadata.refs != self.seen:
            raise CommitFailedException("A branch or a tag was changed meanwhile.")


def _expired(metadata: TableMetadata, now: datetime) -> list[int]:
    own_age = timedelta(milliseconds=_number(metadata, OWN_AGE))
    oldest = datetime_to_millis(now - max(KEPT, own_age))
    kept = {ref.snapshot_id for ref in metadata.refs.values()}
    for ref in metadata.refs.values():
        newest = ancestors_of(metadata.snapshot_by_id(ref.snapshot_id), metadata)
        kept.update(one.snapshot_id for one in islice(newest, _number(metadata, OWN_COUNT)))

    return [
        one.snapshot_id
        for one in metadata.snapshots
        if one.timestamp_ms < oldest and one.snapshot_id not in kept
    ]


def _number(metadata: TableMetadata, name: str) -> int:
    """What a property says; 0 for one that is missing or that we cannot read."""
    text = metadata.properties.get(name, "")
    return min(int(text[:DIGITS]), MOST) if text.isascii() and text.isdigit() else 0
