"""Writes the rows of a plan: sorted by key where they come in disorder, else as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.iceberg.data_files import DataFileWriter, file_bytes
from inlet_worker.sinks.iceberg.file_batches import open_file
from inlet_worker.sinks.iceberg.file_changes import FileChange
from inlet_worker.sinks.iceberg.key_ranges import RANGE_BYTES, KeyRanges, row_groups
from inlet_worker.sinks.iceberg.landed_rows import buried_rows, staged_rows, staying_rows
from inlet_worker.sinks.iceberg.merge_plan import SAMPLED, MergePlan

EXPANSION = 4
"""Arrow bytes for a byte of a data file: prose, which compresses well, and `_raw` beside the
columns made of it.
"""
ORDERED_BYTES = 4 * RANGE_BYTES
"""Rows that ascend for so long are written as they come: files of theirs have narrow bounds."""


def write_rows(
    table: Table,
    reader: RecordReader,
    commit: SliceCommit,
    unit: str,
    keys: Sequence[str],
    plan: MergePlan,
    landed_at: datetime,
) -> list[DataFile]:
    """Write what lands and what stays of files that are written anew. Returns the new files."""
    fresh = staged_rows(table, reader, commit, unit, keys, plan.wanted, landed_at)
    again = _rows_again(table, commit, plan, landed_at)
    size = _staged_bytes(reader, plan) + sum(_bytes_again(change) for change, _ in again)

    prefix = commit.commit_id.replace("/", "-")
    with DataFileWriter(table, prefix, file_bytes(keys)) as writer:
        if not again and _is_ordered(plan, size):
            for rows in row_groups(fresh):
                writer.write(rows)
        else:
            sample = _sample(table, keys, plan, [change for change, _ in again], size)
            with KeyRanges(keys, sample, size) as ranges:
                for batch in fresh:
                    ranges.add(batch)
                for _, batches in again:
                    for batch in batches:
                        ranges.add(batch)
                for rows in ranges.sorted():
                    writer.write(rows)
        writer.finish()
        return writer.files


def _rows_again(
    table: Table, commit: SliceCommit, plan: MergePlan, landed_at: datetime
) -> list[tuple[FileChange, Iterator[pa.RecordBatch]]]:
    """The changed files of which rows are written again, with those rows."""
    marks = commit.operation == "delete" and commit.policy.deletes == "soft"
    rows = [
        (change, staying_rows(table, change))
        for change in plan.changes
        if change.anew and not change.is_emptied
    ]
    if marks:
        rows += [(change, buried_rows(table, change, landed_at)) for change in plan.changes]
    return rows


def _is_ordered(plan: MergePlan, size: int) -> bool:
    return plan.descents == 0 or size // (plan.descents + 1) >= ORDERED_BYTES


def _staged_bytes(reader: RecordReader, plan: MergePlan) -> int:
    manifests = reader.manifests()
    rows = sum(manifest.rows for manifest in manifests)
    return plan.wanted.count * sum(m.bytes for m in manifests) // rows if rows else 0


def _bytes_again(change: FileChange) -> int:
    rows = change.live if change.anew else change.leaving.count
    return int(change.bytes_of(rows) * EXPANSION)


def _sample(
    table: Table,
    keys: Sequence[str],
    plan: MergePlan,
    again: Sequence[FileChange],
    size: int,
) -> pa.Table:
    """Keys of the rows, to cut ranges by; none where all of them are one range."""
    parts = list(plan.sample)
    if size > RANGE_BYTES:
        parts += [part for change in again for part in _sample_of_file(table, keys, change)]
    if not parts:
        return pa.table({key: pa.array([], pa.string()) for key in keys})
    return pa.concat_tables(parts, promote_options="permissive")


def _sample_of_file(table: Table, keys: Sequence[str], change: FileChange) -> Iterator[pa.Table]:
    with open_file(table, change.task, some_columns=True) as file:
        for _, batch in file.slices(keys):
            yield pa.Table.from_batches([batch.take(pa.arange(0, batch.num_rows, SAMPLED))])
