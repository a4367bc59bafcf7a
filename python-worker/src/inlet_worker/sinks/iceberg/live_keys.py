"""The keys of what has landed and is no tombstone: what a census compares with the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyiceberg.table import Table

from inlet_worker.sinks.iceberg.file_batches import file_batches
from inlet_worker.sinks.iceberg.table_schema import DELETED_AT


def live_keys(table: Table, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """`columns` and `_version` of the live rows, file by file; null where the table lacks a
    column.
    """
    names = [*columns, "_version"]
    landed = {field.name for field in table.schema().fields}

    for task in table.scan().plan_files():
        for batch in file_batches(
            table, task, [*(name for name in names if name in landed), DELETED_AT]
        ):
            live = batch.filter(batch.column(DELETED_AT).is_null())
            if live.num_rows:
                yield pa.RecordBatch.from_arrays(
                    [_column(live, name) for name in names], names=names
                )


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    return (
        batch.column(name) if name in batch.schema.names else pa.nulls(batch.num_rows, pa.string())
    )
