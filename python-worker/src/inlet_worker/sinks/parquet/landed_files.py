"""Reads rows of landed files, whose bodies are at hand one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from inlet_sdk.ports.sink_endpoint import WantedVersions


def keys_in(body: bytes, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """`columns` and `_version` of a file's rows; a column that it lacks is null."""
    names = [*columns, "_version"]
    file = pq.ParquetFile(pa.BufferReader(body))
    landed = [name for name in names if name in file.schema_arrow.names]
    for batch in file.iter_batches(columns=landed):
        yield pa.RecordBatch.from_arrays(
            [
                batch.column(n) if n in landed else pa.nulls(batch.num_rows, pa.string())
                for n in names
            ],
            names,
        )


def rows_in(body: bytes, wanted: WantedVersions) -> Iterator[pa.RecordBatch]:
    """Every column of a file's rows whose `_version` is wanted."""
    for batch in pq.ParquetFile(pa.BufferReader(body)).iter_batches():
        rows = batch.filter(wanted(batch.column("_version")))
        if rows.num_rows:
            yield rows
