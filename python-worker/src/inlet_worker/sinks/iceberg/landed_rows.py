"""The rows that a merge writes: staged ones dressed with the system columns, and landed ones again
that stay of a file written anew, or that get a tombstone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.table import Table

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.iceberg.deleted_rows import deleted_rows
from inlet_worker.sinks.iceberg.file_batches import open_file
from inlet_worker.sinks.iceberg.file_changes import FileChange
from inlet_worker.sinks.iceberg.row_marks import RowMarks
from inlet_worker.sinks.iceberg.staged_keys import staged_batches
from inlet_worker.sinks.iceberg.table_schema import DELETED_AT
from inlet_worker.staging.columns import RAW
from inlet_worker.staging.row_version import order_columns, versions


def staged_rows(
    table: Table,
    reader: RecordReader,
    commit: SliceCommit,
    unit: str,
    keys: Sequence[str],
    wanted: RowMarks,
    landed_at: datetime,
) -> Iterator[pa.RecordBatch]:
    """The staged rows that are wanted, in the table's schema and in the order of ingestion."""
    if not wanted.count:
        return
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    at = 0
    for batch in staged_batches(reader, unit, keys, None):
        marks = wanted.slice(at, batch.num_rows)
        at += batch.num_rows
        rows = batch if marks.true_count == batch.num_rows else batch.filter(marks)
        if rows.num_rows:
            yield _dressed(rows, schema, commit, landed_at)


def staying_rows(table: Table, change: FileChange) -> Iterator[pa.RecordBatch]:
    """The live rows of a file that do not leave it."""
    if change.is_emptied:
        return
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    deleted = deleted_rows(table, change.task)
    with open_file(table, change.task, some_columns=False) as file:
        for position, batch in file.slices():
            gone = change.leaving.slice(position, batch.num_rows)
            if deleted is not None:
                gone = pc.or_(gone, deleted.slice(position, batch.num_rows))
            rows = batch.filter(pc.invert(gone))
            if rows.num_rows:
                yield _conformed(rows, schema)


def buried_rows(table: Table, change: FileChange, deleted_at: datetime) -> Iterator[pa.RecordBatch]:
    """The rows that leave a file, as tombstones."""
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    with open_file(table, change.task, some_columns=False) as file:
        groups = [
            group for group in file.groups if change.leaving.slice(*file.rows_of(group)).true_count
        ]
        for position, batch in file.slices(groups=groups):
            rows = batch.filter(change.leaving.slice(position, batch.num_rows))
            if rows.num_rows:
                yield _conformed(_marked(rows, deleted_at), schema)


def _dressed(
    rows: pa.RecordBatch, schema: pa.Schema, commit: SliceCommit, landed_at: datetime
) -> pa.RecordBatch:
    count = rows.num_rows
    system = {
        "_run_id": pa.repeat(pa.scalar(commit.run_id, pa.string()), count),
        "_landed_at": pa.repeat(pa.scalar(landed_at, pa.timestamp("us", tz="UTC")), count),
        "_version": versions(rows, order_columns(commit.policy, rows.schema.names)),
    }

    columns = {**dict(zip(rows.schema.names, rows.columns, strict=True)), **system}
    columns.pop(UNFIT if commit.policy.keep_raw else RAW, None)

    arrays = [
        _cast(columns[f.name], f.type) if f.name in columns else pa.nulls(count, f.type)
        for f in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _marked(batch: pa.RecordBatch, deleted_at: datetime) -> pa.RecordBatch:
    at = batch.schema.get_field_index(DELETED_AT)
    type_ = batch.schema.field(at).type
    marks = pa.repeat(pa.scalar(deleted_at, type_), batch.num_rows)
    return batch.set_column(at, batch.schema.field(at), marks)


def _conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [_cast(batch.column(f.name), f.type) for f in schema], schema=schema
    )


def _cast(array: Any, type_: pa.DataType) -> Any:
    return array if array.type == type_ else array.cast(type_)
