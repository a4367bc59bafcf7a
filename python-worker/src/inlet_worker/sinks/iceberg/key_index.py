"""Keys and versions, without the rows: of what is staged, and of what has landed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.conversions import from_bytes
from pyiceberg.manifest import DataFile
from pyiceberg.table import FileScanTask, Table
from pyiceberg.types import PrimitiveType

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.iceberg.file_batches import file_batches
from inlet_worker.sinks.iceberg.table_schema import DELETED_AT, ROW_ID
from inlet_worker.staging.columns import HASH
from inlet_worker.staging.key_text import key_text
from inlet_worker.staging.row_version import hash_of, order_columns, order_of, orders

CHUNK_ROWS = 8192


@dataclass(frozen=True)
class StagedKeys:
    """The newest version of each staged key. `table`: key, first (the first key column), order,
    hash, ordinal.
    """

    table: pa.Table
    rows: int


def staged_batches(
    reader: RecordReader,
    commit: SliceCommit,
    unit: str,
    keys: Sequence[str],
    columns: Sequence[str] | None,
) -> Iterator[pa.RecordBatch]:
    """Staged rows in order of ingestion; with `_row_id` where nothing else identifies them."""
    seen: Counter[str] = Counter()

    for batch in reader.iter_batches(CHUNK_ROWS, columns=columns):
        yield (
            batch.append_column(ROW_ID, _row_ids(batch, unit, seen))
            if list(keys) == [ROW_ID]
            else batch
        )


def staged_keys(
    reader: RecordReader, commit: SliceCommit, unit: str, keys: Sequence[str], names: Sequence[str]
) -> StagedKeys:
    """Read the keys of the staged rows; of equal keys the highest order wins, then the last
    ingested.
    """
    ordering = order_columns(commit.policy, list(names))
    wanted = list(dict.fromkeys([*(k for k in keys if k != ROW_ID), *ordering, HASH]))

    parts, rows = [], 0
    for batch in staged_batches(reader, commit, unit, keys, wanted):
        ordinals = pa.array(range(rows, rows + batch.num_rows), pa.int64())
        parts.append(
            pa.table(
                {
                    "key": key_text(batch, keys),
                    "first": batch.column(keys[0]),
                    "order": orders(batch, ordering),
                    "hash": batch.column(HASH),
                    "ordinal": ordinals,
                }
            )
        )
        rows += batch.num_rows

    if not parts:
        return StagedKeys(_no_keys(), 0)
    newest = _newest(pa.concat_tables(parts))
    return StagedKeys(newest, rows)


def _no_keys() -> pa.Table:
    text = pa.array([], pa.string())
    return pa.table(
        {
            "key": text,
            "first": text,
            "order": text,
            "hash": text,
            "ordinal": pa.array([], pa.int64()),
        }
    )


def _newest(table: pa.Table) -> pa.Table:
    table = table.sort_by(
        [("key", "ascending"), ("order", "ascending"), ("ordinal", "ascending")]
    ).combine_chunks()
    key = table.column("key").combine_chunks()
    last = pa.array([True])
    if len(key) > 1:
        last = pa.concat_arrays([pc.not_equal(key.slice(0, len(key) - 1), key.slice(1)), last])
    return table.filter(last)


def files_that_may_hold(
    table: Table, keys: Sequence[str], staged: StagedKeys | None
) -> list[FileScanTask]:
    """The data files whose bounds of the first key column enclose a staged key; all of them for
    None.
    """
    tasks = sorted(table.scan().plan_files(), key=lambda task: task.file.file_path)
    if staged is None or not tasks:
        return tasks
    field = table.schema().find_field(keys[0])
    firsts = staged.table.column("first")
    ordered = _as_bounds(firsts.take(pc.sort_indices(firsts)).combine_chunks())

    type_ = cast(PrimitiveType, field.field_type)

    def may_hold(file: DataFile) -> bool:
        low, high = (
            (file.lower_bounds or {}).get(field.field_id),
            (file.upper_bounds or {}).get(field.field_id),
        )
        if low is None or high is None:
            return True
        at = _first_not_below(ordered, from_bytes(type_, low))
        return at < len(ordered) and ordered[at].as_py() <= from_bytes(type_, high)

    return [task for task in tasks if may_hold(task.file)]


def _as_bounds(keys: pa.Array) -> pa.Array:
    """Days and instants as the numbers that a file's bounds have for them."""
    if pa.types.is_date32(keys.type):
        return keys.view(pa.int32())
    return keys.view(pa.int64()) if pa.types.is_timestamp(keys.type) else keys


def _first_not_below(ordered: pa.Array, value: object) -> int:
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if ordered[middle].as_py() < value:
            low = middle + 1
        else:
            high = middle
    return low


def landed_keys(table: Table, keys: Sequence[str], tasks: Sequence[FileScanTask]) -> pa.Table:
    """key, first, landed_order, landed_hash, dead (a tombstone) and file (position in `tasks`) of
    those files' rows.
    """
    parts = [
        pa.table(
            {
                "key": key_text(batch, keys).cast(pa.string()),
                "first": batch.column(keys[0]),
                "landed_order": order_of(batch.column("_version").cast(pa.string())),
                "landed_hash": hash_of(batch.column("_version").cast(pa.string())),
                "dead": batch.column(DELETED_AT).is_valid(),
                "file": pa.array([n] * batch.num_rows, pa.int32()),
            }
        )
        for n, task in enumerate(tasks)
        for batch in file_batches(table, task, [*keys, "_version", DELETED_AT])
    ]

    if not parts:
        text = pa.array([], pa.string())
        columns = {"key": text, "first": text, "landed_order": text, "landed_hash": text}
        return pa.table(
            {**columns, "dead": pa.array([], pa.bool_()), "file": pa.array([], pa.int32())}
        )

    return pa.concat_tables(parts, promote_options="permissive")


def _row_ids(batch: pa.RecordBatch, unit: str, seen: Counter[str]) -> pa.Array:
    ids = []
    for content in batch.column(HASH).to_pylist():
        ids.append(hashlib.sha256(f"{unit}\n{content}\n{seen[content]}".encode()).hexdigest())
        seen[content] += 1
    return pa.array(ids, pa.string())
