"""The commit of a compaction: data files in the place of others with the same rows. It says so of
itself (`operation: replace`), takes no part in the bookkeeping of slices, and is refused if
anything was committed since it was planned.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyiceberg.exceptions import CommitFailedException
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Operation, Summary
from pyiceberg.typedef import EMPTY_DICT

from inlet_worker.sinks.iceberg.row_delta import RowDelta


def replace_files(
    table: Table, added: Sequence[DataFile], replaced: Sequence[DataFile], gone: Sequence[DataFile]
) -> None:
    """`gone` are delete files that mean none of the files that stay. Raises CommitFailedException,
    with nothing changed, when the head is not the one of `table` any more, and
    CommitStateUnknownException when the catalogue did not say.
    """
    transaction = table.transaction()
    snapshot = _Replacement(transaction, table.io, {})
    for file in added:
        snapshot.append_data_file(file)
    for file in replaced:
        snapshot.delete_data_file(file)
    for file in gone:
        snapshot.remove_delete_file(file)

    snapshot.commit()
    transaction.commit_transaction()


class _Replacement(RowDelta):
    def _summary(self, snapshot_properties: dict[str, str] = EMPTY_DICT) -> Summary:
        """The library counts for appends, overwrites and deletions only; what it counts holds here,
        too.
        """
        said = super()._summary(snapshot_properties).additional_properties
        return Summary(operation=Operation.REPLACE, **said)

    def _refresh_for_retry(self) -> None:
        raise CommitFailedException("Something was committed since the compaction was planned.")
