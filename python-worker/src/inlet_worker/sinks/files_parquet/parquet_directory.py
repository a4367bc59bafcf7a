"""Writes the parquet files of one commit into a directory of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
from obstore.store import S3Store

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.staging.columns import HASH, RAW, kept_out
from inlet_worker.staging.row_version import order_columns, versions

CHUNK_ROWS = 4096
FILE_BYTES = 64 * 1024 * 1024
"""Arrow bytes of one file, which is held in memory while it is written."""
INSTANT = pa.timestamp("us", tz="UTC")


def write_directory(
    store: Any, directory: str, reader: RecordReader, commit: SliceCommit, landed_at: datetime
) -> list[dict[str, Any]]:
    """Write all staged rows. Returns {key, rows, bytes} of each file."""
    files = []
    for number, rows in enumerate(_file_rows(reader, commit, landed_at)):
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink, compression="zstd")
        body = sink.getvalue().to_pybytes()
        key = f"{directory}/{number:06}.parquet"
        obstore.put(store, key, body, attributes=_checksum(store, body))
        files.append({"key": key, "rows": rows.num_rows, "bytes": len(body)})
    return files


def _checksum(store: Any, body: bytes) -> dict[str, str] | None:
    """Metadata by which a download is checked; a local folder keeps none."""
    return {"sha256": hashlib.sha256(body).hexdigest()} if isinstance(store, S3Store) else None


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
