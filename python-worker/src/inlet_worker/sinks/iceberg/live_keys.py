"""What has landed and is no tombstone: the keys, which a census compares with the source, and whole
rows, of which a refill makes rows again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import Table

from inlet_sdk.ports.sink_endpoint import WantedVersions
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


def live_rows(table: Table, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
    """All columns of the live rows whose version is wanted, file by file, by name: names begin with
    the run that wrote them, so that what a run lands meanwhile comes last. Of a file without such a
    row only the versions are read.
    """
    for task in sorted(table.scan().plan_files(), key=lambda task: task.file.file_path):
        if not any(
            _wanted(batch, wanted).true_count
            for batch in file_batches(table, task, ["_version", DELETED_AT])
        ):
            continue
        for batch in file_batches(table, task):
            rows = batch.filter(_wanted(batch, wanted))
            if rows.num_rows:
                yield rows


def _wanted(batch: pa.RecordBatch, wanted: WantedVersions) -> pa.Array:
    version = batch.column("_version").cast(pa.string())
    marks = pc.and_(wanted(version), batch.column(DELETED_AT).is_null())
    return pc.fill_null(marks, False)


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    return (
        batch.column(name) if name in batch.schema.names else pa.nulls(batch.num_rows, pa.string())
    )
