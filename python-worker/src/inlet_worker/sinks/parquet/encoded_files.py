"""The parquet files of one commit, encoded one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.staging.columns import HASH, RAW, kept_out
from inlet_worker.staging.row_version import order_columns, versions

CHUNK_ROWS = 4096
FILE_BYTES = 64 * 1024 * 1024
"""Arrow bytes of one file, which is held in memory while it is written."""
INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class EncodedFile:
    """`name` is its place in the order of rows."""

    name: str
    body: bytes
    rows: int


def encoded_files(
    reader: RecordReader, commit: SliceCommit, landed_at: datetime
) -> Iterator[EncodedFile]:
    """All staged rows as they land, in files of bounded memory; none where no rows are staged."""
    for number, rows in enumerate(_file_rows(reader, commit, landed_at)):
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink, compression="zstd")
        yield EncodedFile(f"{number:06}.parquet", sink.getvalue().to_pybytes(), rows.num_rows)


def _file_rows(
    reader: RecordReader, commit: SliceCommit, landed_at: datetime
) -> Iterator[pa.Table]:
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in reader.iter_batches(CHUNK_ROWS):
        held.append(_landed(batch, commit, landed_at))
        size += batch.nbytes
        if size >= FILE_BYTES:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held)


def _landed(batch: pa.RecordBatch, commit: SliceCommit, landed_at: datetime) -> pa.RecordBatch:
    dropped = {HASH, UNFIT if commit.policy.keep_raw else RAW, *kept_out(batch.schema)}
    columns = {name: batch.column(name) for name in batch.schema.names if name not in dropped}
    columns["_run_id"] = pa.array([commit.run_id] * batch.num_rows, pa.string())
    columns["_landed_at"] = pa.array([landed_at] * batch.num_rows, INSTANT)
    columns["_version"] = versions(batch, order_columns(commit.policy, batch.schema.names))
    columns["_deleted_at"] = pa.nulls(batch.num_rows, INSTANT)
    return pa.RecordBatch.from_pydict(columns)
