"""Keys and versions of what is staged, without the rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.iceberg.table_schema import ROW_ID
from inlet_worker.staging.columns import HASH
from inlet_worker.staging.key_order import Key, descents, key_at
from inlet_worker.staging.key_runs import KeyRuns
from inlet_worker.staging.key_text import key_text
from inlet_worker.staging.row_version import order_columns, orders

CHUNK_ROWS = 8192


@dataclass(frozen=True)
class StagedKeys:
    """`rows` are all that is staged, `descents` how often the key of one is below that of the one
    before, in the order of ingestion.
    """

    keys: Sequence[str]
    rows: int
    descents: int
    runs: KeyRuns

    def ranges(self) -> Iterator[pa.RecordBatch]:
        """The newest version of each staged key, in ranges of bounded size that ascend: the key
        columns, `key` (as text), `order`, `hash`, and `ordinal` in the order of ingestion.
        """
        return self.runs.ranges()


def staged_batches(
    reader: RecordReader, unit: str, keys: Sequence[str], columns: Sequence[str] | None
) -> Iterator[pa.RecordBatch]:
    """Staged rows in order of ingestion; with `_row_id` where nothing else identifies them."""
    seen: Counter[str] = Counter()

    for batch in reader.iter_batches(CHUNK_ROWS, columns=columns):
        yield (
            batch.append_column(ROW_ID, _row_ids(batch, unit, seen))
            if list(keys) == [ROW_ID]
            else batch
        )


@contextmanager
def staged_keys(
    reader: RecordReader, commit: SliceCommit, unit: str, keys: Sequence[str], names: Sequence[str]
) -> Iterator[StagedKeys]:
    """Read the keys of the staged rows; of equal keys the highest order wins, then the last
    ingested.
    """
    ordering = order_columns(commit.policy, list(names))
    wanted = list(dict.fromkeys([*(k for k in keys if k != ROW_ID), *ordering, HASH]))
    runs = KeyRuns(keys)

    try:
        rows = falls = 0
        last: Key = ()
        for batch in staged_batches(reader, unit, keys, wanted):
            runs.add(_key_rows(batch, keys, ordering, rows))
            falls += descents(batch, keys) + (key_at(batch, keys, 0) < last)
            last = key_at(batch, keys, batch.num_rows - 1)
            rows += batch.num_rows
        yield StagedKeys(keys, rows, falls, runs)
    finally:
        runs.close()


def _key_rows(
    batch: pa.RecordBatch, keys: Sequence[str], ordering: list[str], first: int
) -> pa.RecordBatch:
    columns = {
        **{key: batch.column(key) for key in keys},
        "key": key_text(batch, keys),
        "order": orders(batch, ordering),
        "hash": batch.column(HASH),
        "ordinal": pa.arange(first, first + batch.num_rows),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _row_ids(batch: pa.RecordBatch, unit: str, seen: Counter[str]) -> pa.Array:
    ids = []
    for content in batch.column(HASH).to_pylist():
        ids.append(hashlib.sha256(f"{unit}\n{content}\n{seen[content]}".encode()).hexdigest())
        seen[content] += 1
    return pa.array(ids, pa.string())
