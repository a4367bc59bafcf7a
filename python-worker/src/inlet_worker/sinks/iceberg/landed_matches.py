"""Finds the landed rows of staged keys, by the keys and versions of the row groups that may hold
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import FileScanTask, Table

from inlet_worker.sinks.iceberg.deleted_rows import deleted_rows
from inlet_worker.sinks.iceberg.file_batches import open_file
from inlet_worker.sinks.iceberg.key_bounds import KeyBounds
from inlet_worker.sinks.iceberg.row_marks import RowMarks
from inlet_worker.sinks.iceberg.table_schema import DELETED_AT
from inlet_worker.staging.key_text import key_text
from inlet_worker.staging.row_version import hash_of, order_of

PROBE_ROWS = 65_536
"""Landed rows that are looked up together: each look-up hashes all keys of the range."""
PROBE_BYTES = 8 * 1024 * 1024

MATCHES = pa.schema(
    {
        "staged": pa.int64(),  # row of the range
        "file": pa.int64(),  # number of the task
        "position": pa.int64(),
        "landed_order": pa.string(),
        "landed_hash": pa.string(),
        "dead": pa.bool_(),  # a tombstone
    }
)


def landed_matches(
    table: Table, keys: Sequence[str], tasks: Sequence[FileScanTask], range_: pa.RecordBatch
) -> pa.RecordBatch:
    """The live landed rows whose key is in the range, one a row as `MATCHES` says."""
    bounds = KeyBounds.of(range_, keys)
    names = range_.column("key")
    found = [
        match
        for number, task in enumerate(tasks)
        if bounds.may_be_in_file(task.file, table.schema())
        for match in _matches_in(table, keys, task, number, bounds, names)
    ]
    return pa.concat_batches([pa.RecordBatch.from_pylist([], MATCHES), *found])


def _matches_in(
    table: Table,
    keys: Sequence[str],
    task: FileScanTask,
    number: int,
    bounds: KeyBounds,
    names: pa.Array,
) -> Iterator[pa.RecordBatch]:
    with open_file(table, task, some_columns=True) as file:
        groups = bounds.groups(file)
        deleted = deleted_rows(table, task) if groups else None
        slices = file.slices([*keys, "_version", DELETED_AT], groups)
        for probe in _probes(slices):
            texts = [key_text(batch, keys).cast(pa.string()) for _, batch in probe]
            index = pc.index_in(pa.concat_arrays(texts), value_set=names, skip_nulls=True)
            start = 0
            for position, batch in probe:
                of_batch = index.slice(start, batch.num_rows)
                start += batch.num_rows
                if of_batch.null_count < len(of_batch):
                    yield _match(number, position, batch, of_batch, deleted)


def _match(
    number: int, position: int, batch: pa.RecordBatch, index: pa.Array, deleted: RowMarks | None
) -> pa.RecordBatch:
    is_found = index.is_valid()
    if deleted is not None:
        is_found = pc.and_not(is_found, deleted.slice(position, batch.num_rows))
    at = pc.indices_nonzero(is_found).cast(pa.int64())
    version = batch.column("_version").take(at).cast(pa.string())
    return pa.RecordBatch.from_arrays(
        [
            index.take(at).cast(pa.int64()),
            pa.repeat(number, len(at)),
            pc.add(at, position),
            order_of(version),
            hash_of(version),
            batch.column(DELETED_AT).take(at).is_valid(),
        ],
        schema=MATCHES,
    )


def _probes(
    slices: Iterator[tuple[int, pa.RecordBatch]],
) -> Iterator[list[tuple[int, pa.RecordBatch]]]:
    held: list[tuple[int, pa.RecordBatch]] = []
    rows = size = 0
    for position, batch in slices:
        held.append((position, batch))
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= PROBE_ROWS or size >= PROBE_BYTES:
            yield held
            held, rows, size = [], 0, 0
    if held:
        yield held
