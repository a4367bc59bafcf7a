"""The two transactions of a table: the commit of a slice, and a fence."""

from __future__ import annotations

from dataclasses import replace

from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    ValidationException,
)
from pyiceberg.table import Table

from inlet_sdk.ports.sink_endpoint import CommitReceipt, SliceCommit
from inlet_worker.sinks.iceberg.bookkeeping import EPOCH, properties_of, summary_of
from inlet_worker.sinks.iceberg.data_files import DataFileWriter
from inlet_worker.sinks.iceberg.merge_plan import MergePlan


def commit_slice(
    table: Table, commit: SliceCommit, plan: MergePlan, writer: DataFileWriter
) -> CommitReceipt | None:
    """Commit the written files in the place of those they replace. None when the catalogue did not
    say whether it took the commit. Raises what a lost race raises, with the files deleted.
    """
    receipt = _receipt(table, commit, plan, writer)
    transaction = table.transaction()
    snapshot = transaction.update_snapshot(
        snapshot_properties=summary_of(commit, receipt)
    ).overwrite()
    receipt = replace(receipt, snapshot_id=str(snapshot.snapshot_id))
    snapshot.snapshot_properties = summary_of(commit, receipt)

    for file in writer.files:
        snapshot.append_data_file(file)
    for task, _ in plan.rewrites:
        snapshot.delete_data_file(task.file)

    try:
        snapshot.commit()
        transaction.set_properties(properties_of(table, commit, receipt))
        transaction.commit_transaction()
    except CommitStateUnknownException:
        return None  # the files may be the table's: the sweep decides later
    except (CommitFailedException, ValidationException):
        writer.delete()
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


def _receipt(
    table: Table, commit: SliceCommit, plan: MergePlan, writer: DataFileWriter
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
        bytes=sum(file.file_size_in_bytes for file in writer.files),
        bytes_rewritten=sum(task.file.file_size_in_bytes for task, _ in plan.rewrites),
        location=table.location(),
        schema_hash=f"{table.metadata.table_uuid.hex[:8]}-{table.schema().schema_id}",
    )
