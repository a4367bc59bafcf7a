"""The rows of a merge: staged ones dressed with the system columns, and what survives of rewritten
files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.table import Table

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.iceberg.file_batches import file_batches
from inlet_worker.sinks.iceberg.key_index import staged_batches
from inlet_worker.sinks.iceberg.merge_plan import MergePlan
from inlet_worker.sinks.iceberg.table_schema import DELETED_AT
from inlet_worker.staging.columns import RAW
from inlet_worker.staging.key_text import key_text
from inlet_worker.staging.row_version import order_columns, versions


def landing_rows(
    table: Table,
    reader: RecordReader,
    commit: SliceCommit,
    unit: str,
    keys: Sequence[str],
    plan: MergePlan,
    landed_at: datetime,
) -> Iterator[pa.RecordBatch]:
    """Rows to be written, in the table's schema: new ones of the slice, then survivors. Soft
    tombstones survive.
    """
    marks = commit.operation == "delete" and commit.policy.deletes == "soft"
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)

    at = 0
    for batch in staged_batches(reader, commit, unit, keys, None):
        wanted = plan.wanted.slice(at, batch.num_rows)
        at += batch.num_rows
        rows = batch.filter(wanted)
        if rows.num_rows:
            yield _dressed(rows, schema, commit, landed_at)

    for task, leaving in plan.rewrites:
        if len(leaving) == task.file.record_count and not task.delete_files and not marks:
            continue  # nothing survives
        for batch in file_batches(table, task):
            leaves = pc.is_in(key_text(batch, keys).cast(pa.string()), leaving)
            kept = _marked(batch, leaves, landed_at) if marks else batch.filter(pc.invert(leaves))
            yield _conformed(kept, schema)


def _dressed(
    rows: pa.RecordBatch, schema: pa.Schema, commit: SliceCommit, landed_at: datetime
) -> pa.RecordBatch:
    count = rows.num_rows
    system = {
        "_run_id": pa.array([commit.run_id] * count, pa.string()),
        "_landed_at": pa.array([landed_at] * count, pa.timestamp("us", tz="UTC")),
        "_version": versions(rows, order_columns(commit.policy, rows.schema.names)),
    }

    columns = {**dict(zip(rows.schema.names, rows.columns, strict=True)), **system}
    columns.pop(UNFIT if commit.policy.keep_raw else RAW, None)

    arrays = [
        _cast(columns[f.name], f.type) if f.name in columns else pa.nulls(count, f.type)
        for f in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _marked(batch: pa.RecordBatch, leaves: pa.Array, deleted_at: datetime) -> pa.RecordBatch:
    at = batch.schema.get_field_index(DELETED_AT)
    held = batch.column(at)
    marked = pc.if_else(pc.and_(leaves, held.is_null()), pa.scalar(deleted_at, held.type), held)
    return batch.set_column(at, batch.schema.field(at), marked)


def _conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [_cast(batch.column(f.name), f.type) for f in schema], schema=schema
    )


def _cast(array: pa.Array, type_: pa.DataType) -> pa.Array:
    return array if array.type == type_ else array.cast(type_)
