"""Staged rows as the bytes of an object: an Arrow IPC stream of one record batch, and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

COMPRESSION = "lz4"
"""Staged bytes live for minutes: zstd makes them 40 % smaller, and costs four times the CPU."""


def object_bytes(batch: pa.RecordBatch) -> bytes:
    """The object of a batch; equal for equal batches."""
    sink = pa.BufferOutputStream()
    # Threads of Arrow's own would take the core on which the next page is read.
    options = pa.ipc.IpcWriteOptions(compression=COMPRESSION, use_threads=False)
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def batches_of(body: pa.Buffer, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    """The batches of an object, with `columns` only if given: the others are not decompressed."""
    schema = pa.ipc.open_stream(body).schema
    wanted = None if columns is None else [schema.get_field_index(name) for name in columns]
    options = pa.ipc.IpcReadOptions(included_fields=wanted, use_threads=False)
    for batch in pa.ipc.open_stream(body, options=options):
        yield batch if columns is None else batch.select(list(columns))
