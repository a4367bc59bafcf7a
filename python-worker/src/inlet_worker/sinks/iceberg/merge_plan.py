"""What a slice changes: which staged rows land, which landed files are rewritten and without which
keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import FileScanTask, Table

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_worker.sinks.iceberg.key_index import StagedKeys, files_that_may_hold, landed_keys
from inlet_worker.sinks.iceberg.table_schema import ROW_ID


@dataclass(frozen=True)
class MergePlan:
    """`wanted` marks, by ordinal, the staged rows that land. `rewrites` are files with the keys
    that leave them. `firsts` are the first-key values of all rows to be written, from which ranges
    are cut.
    """

    wanted: pa.Array
    rewrites: tuple[tuple[FileScanTask, pa.Array], ...]
    firsts: pa.ChunkedArray
    inserted: int
    updated: int
    deleted: int
    deduplicated: int
    unchanged: int


def plan_merge(
    table: Table, commit: SliceCommit, keys: Sequence[str], staged: StagedKeys
) -> MergePlan:
    """Compare staged versions with landed ones. FULL lands what is staged in whatever version; the
    others let the newest version win, and a tombstone give way to any. What is not staged stays.
    Rows without a primary key are appended, but for FULL, which lands them by `_row_id` and, where
    the commit is whole, removes the others.
    """
    if commit.operation == "delete":
        return _plan_tombstones(table, commit, keys, staged)
    full = commit.mode == "FULL"
    if not full and list(keys) == [ROW_ID]:
        return _all_new(staged)

    tasks = files_that_may_hold(table, keys, None if full else staged)
    landed = landed_keys(table, keys, tasks)
    joined = staged.table.join(
        landed.drop_columns(["first"]), keys="key", join_type="left outer", use_threads=False
    )
    changed = pc.fill_null(
        _newer(joined) if commit.late and not full else _changed(joined, full or commit.anew), False
    )

    inserted = joined.filter(joined.column("file").is_null()).select(staged.table.schema.names)
    updated = _with_keys(staged.table, joined.filter(changed).column("key"))
    if full:
        # Rows that landed twice (appended by runs without a key) become one again.
        twice = _with_keys(staged.table, _repeated(landed))
        updated = pa.concat_tables([updated, _without_keys(twice, updated.column("key"))])

    leaving = _with_keys(landed, updated.column("key"))
    replaces = full and commit.whole and list(keys) == [ROW_ID]
    gone = _without_keys(landed, staged.table.column("key")) if replaces else landed.slice(0, 0)
    leaving = pa.concat_tables([leaving, gone])
    rewrites = _rewrites(tasks, leaving)
    survivors = _survivors(landed, tasks, rewrites)

    landing = pa.concat_tables([inserted, updated])
    same = _with_keys(staged.table, joined.filter(pc.fill_null(_same(joined), False)).column("key"))
    first = landing.column("first")

    return MergePlan(
        wanted=marked_ordinals(landing.column("ordinal"), staged.rows),
        rewrites=rewrites,
        firsts=pa.chunked_array([*first.chunks, *survivors.cast(first.type).chunks], first.type),
        inserted=inserted.num_rows,
        updated=updated.num_rows,
        deleted=gone.num_rows,
        deduplicated=staged.rows - landing.num_rows,
        unchanged=_without_keys(same, landing.column("key")).num_rows,
    )


def _plan_tombstones(
    table: Table, commit: SliceCommit, keys: Sequence[str], staged: StagedKeys
) -> MergePlan:
    tasks = files_that_may_hold(table, keys, staged)
    landed = landed_keys(table, keys, tasks)
    leaving = _with_keys(landed, staged.table.column("key"))

    if commit.policy.deletes == "soft":
        leaving = leaving.filter(pc.invert(leaving.column("dead")))
    rewrites = _rewrites(tasks, leaving)

    return MergePlan(
        wanted=pa.array([False] * staged.rows, pa.bool_()),
        rewrites=rewrites,
        firsts=_survivors(landed, tasks, rewrites),
        inserted=0,
        updated=0,
        deleted=leaving.num_rows,
        deduplicated=0,
        unchanged=0,
    )


def _with_keys(table: pa.Table, keys: pa.ChunkedArray) -> pa.Table:
    return table.filter(pc.is_in(table.column("key"), keys))


def _without_keys(table: pa.Table, keys: pa.ChunkedArray) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table.column("key"), keys)))


def _repeated(landed: pa.Table) -> pa.ChunkedArray:
    counted = landed.group_by("key", use_threads=False).aggregate([([], "count_all")])
    return counted.filter(pc.greater(counted.column("count_all"), 1)).column("key")


def _all_new(staged: StagedKeys) -> MergePlan:
    # Every staged row is its own: equal rows of a slice have different ordinals, so different ids.
    wanted = marked_ordinals(staged.table.column("ordinal"), staged.rows)
    return MergePlan(wanted, (), staged.table.column("first"), staged.rows, 0, 0, 0, 0)


def _newer(joined: pa.Table) -> pa.ChunkedArray:
    return pc.greater(joined.column("order"), joined.column("landed_order"))


def _same(joined: pa.Table) -> pa.ChunkedArray:
    same_content = pc.equal(joined.column("hash"), joined.column("landed_hash"))
    return pc.and_(same_content, pc.equal(joined.column("order"), joined.column("landed_order")))


def _changed(joined: pa.Table, anew: bool) -> pa.ChunkedArray:
    other_content = pc.not_equal(joined.column("hash"), joined.column("landed_hash"))
    same_order = pc.equal(joined.column("order"), joined.column("landed_order"))
    dead = joined.column("dead")
    if anew:
        return pc.or_(pc.or_(other_content, pc.invert(same_order)), dead)
    return pc.or_(pc.or_(_newer(joined), pc.and_(same_order, other_content)), dead)


def _rewrites(
    tasks: Sequence[FileScanTask], leaving: pa.Table
) -> tuple[tuple[FileScanTask, pa.Array], ...]:
    return tuple(
        (
            tasks[n],
            leaving.filter(pc.equal(leaving.column("file"), n)).column("key").combine_chunks(),
        )
        for n in sorted(pc.unique(leaving.column("file")).to_pylist())
    )


def _survivors(
    landed: pa.Table,
    tasks: Sequence[FileScanTask],
    rewrites: Sequence[tuple[FileScanTask, pa.Array]],
) -> pa.ChunkedArray:
    rewritten = {task.file.file_path for task, _ in rewrites}
    numbers = [n for n, task in enumerate(tasks) if task.file.file_path in rewritten]
    return landed.filter(pc.is_in(landed.column("file"), pa.array(numbers, pa.int32()))).column(
        "first"
    )


def marked_ordinals(ordinals: pa.ChunkedArray, rows: int) -> pa.Array:
    """True for the staged rows that land, by ordinal."""
    marks = bytearray(rows)
    for ordinal in ordinals.to_pylist():
        marks[ordinal] = 1
    return pc.not_equal(pa.Array.from_buffers(pa.uint8(), rows, [None, pa.py_buffer(marks)]), 0)
