"""Reads the live rows of one data file in today's schema, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io.pyarrow import ArrowScan, _to_requested_schema, pyarrow_to_schema
from pyiceberg.schema import Schema, prune_columns
from pyiceberg.table import FileScanTask, Table

BATCH_ROWS = 512


def file_batches(
    table: Table, task: FileScanTask, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows, with `columns` only if given, less those that other engines marked as deleted."""
    schema = table.schema() if columns is None else table.schema().select(*columns)
    if task.delete_files:
        # Deletes are rare, and laid over files by pyiceberg, which holds the file in memory.
        yield from ArrowScan(table.metadata, table.io, schema, AlwaysTrue()).to_record_batches(
            [task]
        )
    else:
        yield from _streamed(table, task, schema)


def _streamed(table: Table, task: FileScanTask, schema: Schema) -> Iterator[pa.RecordBatch]:
    # pyiceberg's own scan reads many row groups ahead.
    with table.io.new_input(task.file.file_path).open() as stream:
        parquet = pq.ParquetFile(stream)
        stored = pyarrow_to_schema(parquet.schema_arrow, table.name_mapping())
        wanted = prune_columns(
            stored, {field.field_id for field in schema.fields}, select_full_types=False
        )
        names = [field.name for field in wanted.fields]
        for batch in parquet.iter_batches(batch_size=BATCH_ROWS, columns=names, use_threads=False):
            yield _to_requested_schema(schema, wanted, batch)
