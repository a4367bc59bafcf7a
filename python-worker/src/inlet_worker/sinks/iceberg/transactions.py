"""The two transactions of a table: the commit of a slice, and a fence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    ValidationException,
)
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from inlet_sdk.ports.sink_endpoint import CommitReceipt, SliceCommit
from inlet_worker.sinks.iceberg.bookkeeping import EPOCH, properties_of, summary_of
from inlet_worker.sinks.iceberg.merge_plan import MergePlan
from inlet_worker.sinks.iceberg.position_deletes import own_delete_files
from inlet_worker.sinks.iceberg.row_delta import RowDelta


@dataclass(frozen=True)
class WrittenFiles:
    """What a commit has written: data files, and delete files with those that they replace."""

    data: Sequence[DataFile]
    deletes: Sequence[tuple[DataFile, Sequence[DataFile]]] = ()

    @property
    def all(self) -> list[DataFile]:
        """All files."""
        return [*self.data, *(file for file, _ in self.deletes)]


def commit_slice(
    table: Table, commit: SliceCommit, plan: MergePlan, written: WrittenFiles
) -> CommitReceipt | None:
    """Commit the written files in the place of those they replace. None when the catalogue did not
    say whether it took the commit. Raises what a lost race raises, with the files deleted.
    """
    receipt = _receipt(table, commit, plan, written)
    transaction = table.transaction()
    snapshot = RowDelta(transaction, table.io, summary_of(commit, receipt))
    receipt = replace(receipt, snapshot_id=str(snapshot.snapshot_id))
    snapshot.snapshot_properties = summary_of(commit, receipt)
    _collect(snapshot, plan, written)

    try:
        snapshot.commit()
        transaction.set_properties(properties_of(table, commit, receipt))
        transaction.commit_transaction()
    except CommitStateUnknownException:
        return None  # the files may be the table's: the sweep decides later
    except (CommitFailedException, ValidationException):
        for file in written.all:
            table.io.delete(file.file_path)
        raise

    return receipt


def raise_epoch(table: Table, epoch: int) -> None:
    """Refuse every lower epoch. Raises CommitFailedException on a lost race, and
    CommitStateUnknownException when the catalogue did not say."""
    # An empty snapshot, not a property alone: it moves the head, and so refuses whoever planned on
    # the head before.
    transaction = table.transaction()
    transaction.update_snapshot(snapshot_properties={EPOCH: str(epoch)}).overwrite().commit()
    transaction.set_properties({EPOCH: str(epoch)})
    transaction.commit_transaction()


def _collect(snapshot: RowDelta, plan: MergePlan, written: WrittenFiles) -> None:
    for file in written.data:
        snapshot.append_data_file(file)
    for delete_file, replaced in written.deletes:
        snapshot.append_delete_file(delete_file)
        for file in replaced:
            snapshot.remove_delete_file(file)
    for change in plan.changes:
        if change.anew:
            snapshot.delete_data_file(change.task.file)
            for file in own_delete_files(change):
                snapshot.remove_delete_file(file)


def _receipt(
    table: Table, commit: SliceCommit, plan: MergePlan, written: WrittenFiles
) -> CommitReceipt:
    return CommitReceipt(
        commit_id=commit.commit_id,
        epoch=commit.epoch,
        landed=plan.inserted + plan.updated,
        deduplicated=plan.deduplicated,
        unchanged=plan.unchanged,
        inserted=plan.inserted,
        updated=plan.updated,
        deleted=plan.deleted,
        bytes=sum(file.file_size_in_bytes for file in written.all),
        bytes_rewritten=sum(
            change.task.file.file_size_in_bytes for change in plan.changes if change.anew
        ),
        location=table.location(),
        schema_hash=f"{table.metadata.table_uuid.hex[:8]}-{table.schema().schema_id}",
    )
