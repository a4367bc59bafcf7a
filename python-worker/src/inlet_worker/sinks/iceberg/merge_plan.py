"""What a slice changes: which staged rows land, and which rows leave which landed files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import FileScanTask, Table

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_worker.sinks.iceberg.file_changes import FileChange, FileChanges
from inlet_worker.sinks.iceberg.landed_matches import landed_matches
from inlet_worker.sinks.iceberg.row_marks import RowMarks
from inlet_worker.sinks.iceberg.staged_keys import StagedKeys
from inlet_worker.sinks.iceberg.table_schema import ROW_ID

SAMPLED = 64
"""Of so many landing keys one is kept, to cut ranges by."""


@dataclass(frozen=True)
class MergePlan:
    """`wanted` marks, by ordinal, the staged rows that land; `sample` has keys of them. `descents`
    is how often a staged key is below the one before. `changes` are rows that leave.
    """

    wanted: RowMarks
    sample: tuple[pa.Table, ...] = ()
    descents: int = 0
    changes: tuple[FileChange, ...] = ()
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    deduplicated: int = 0
    unchanged: int = 0


@dataclass
class Landing:
    """Collects the staged rows that land, range by range."""

    keys: Sequence[str]
    wanted: RowMarks
    sample: list[pa.Table] = field(default_factory=list)

    def add(self, range_: pa.RecordBatch, indexes: pa.Array) -> None:
        """These rows of the range land."""
        self.wanted.add(range_.column("ordinal").take(indexes))
        every = pa.arange(0, len(indexes), SAMPLED)
        sampled = range_.select(list(self.keys)).take(indexes.take(every))
        self.sample.append(pa.Table.from_batches([sampled]))


@dataclass(frozen=True)
class _Compared:
    """Rows of a range: those that land over landed ones, those that are new, how many are
    unchanged. `leaves` marks the matches that the first replace.
    """

    updated: pa.Array
    new: pa.Array
    unchanged: int
    leaves: Any


def plan_merge(
    table: Table, commit: SliceCommit, keys: Sequence[str], staged: StagedKeys
) -> MergePlan:
    """Compare staged versions with landed ones. FULL lands what is staged in whatever version; the
    others let the newest version win, and a tombstone give way to any. What is not staged stays.
    Rows without a primary key land by `_row_id`, and where the commit is whole the others go.
    """
    tasks = landed_files(table)
    landing, leaving = Landing(keys, RowMarks(staged.rows)), FileChanges(table, tasks)
    staying = FileChanges(table, tasks)
    replaces = commit.mode == "FULL" and commit.whole and list(keys) == [ROW_ID]
    inserted = updated = unchanged = 0

    for range_ in staged.ranges():
        matches = landed_matches(table, keys, tasks, range_)
        compared = _compare(matches, range_, commit)
        landing.add(range_, _sorted(compared.updated, compared.new))
        leaving.add(matches.filter(compared.leaves))
        if replaces:
            staying.add(matches.filter(pc.invert(compared.leaves)))
        inserted, updated = inserted + len(compared.new), updated + len(compared.updated)
        unchanged += compared.unchanged

    replaced = leaving.rows
    if replaces:
        leaving.add_all_but(staying)
    return MergePlan(
        wanted=landing.wanted,
        sample=tuple(landing.sample),
        descents=staged.descents,
        changes=leaving.by_file(),
        inserted=inserted,
        updated=updated,
        deleted=leaving.rows - replaced,
        deduplicated=staged.rows - inserted - updated,
        unchanged=unchanged,
    )


def plan_tombstones(
    table: Table, commit: SliceCommit, keys: Sequence[str], staged: StagedKeys
) -> MergePlan:
    """The landed rows of the staged keys leave; where they are marked, those not yet marked."""
    tasks = landed_files(table)
    leaving = FileChanges(table, tasks)

    for range_ in staged.ranges():
        matches = landed_matches(table, keys, tasks, range_)
        if commit.policy.deletes == "soft":
            matches = matches.filter(pc.invert(matches.column("dead")))
        leaving.add(matches)

    return MergePlan(RowMarks(staged.rows), changes=leaving.by_file(), deleted=leaving.rows)


def plan_append(rows: int) -> MergePlan:
    """All staged rows land: without a key each is its own."""
    return MergePlan(RowMarks.of_all(rows), inserted=rows)


def landed_files(table: Table) -> list[FileScanTask]:
    """The data files, in an order that stays the same."""
    return sorted(table.scan().plan_files(), key=lambda task: str(task.file.file_path))


def _compare(matches: pa.RecordBatch, range_: pa.RecordBatch, commit: SliceCommit) -> _Compared:
    staged = matches.column("staged")
    updated = staged.filter(pc.fill_null(_is_changed(matches, range_, commit), False))
    if commit.mode == "FULL":
        # Rows that landed twice (appended by runs without a key) become one again.
        updated = pa.concat_arrays([updated, _repeated(staged)])
    updated = pc.unique(updated)

    leaves = pc.is_in(staged, value_set=updated)
    same = pc.and_not(pc.fill_null(_is_same(matches, range_), False), leaves)
    known = pc.is_in(pa.arange(0, range_.num_rows), value_set=staged)
    new = pc.indices_nonzero(pc.invert(known)).cast(pa.int64())
    return _Compared(updated, new, len(pc.unique(staged.filter(same))), leaves)


def _is_changed(matches: pa.RecordBatch, range_: pa.RecordBatch, commit: SliceCommit) -> Any:
    full = commit.mode == "FULL"
    order, landed_order = _staged(matches, range_, "order"), matches.column("landed_order")
    newer = pc.greater(order, landed_order)
    if commit.late and not full:
        return newer
    other_content = pc.not_equal(_staged(matches, range_, "hash"), matches.column("landed_hash"))
    same_order = pc.equal(order, landed_order)
    if full or commit.anew:
        changed = pc.or_(other_content, pc.invert(same_order))
    else:
        changed = pc.or_(newer, pc.and_(same_order, other_content))
    return pc.or_(changed, matches.column("dead"))


def _is_same(matches: pa.RecordBatch, range_: pa.RecordBatch) -> Any:
    pairs = (("order", "landed_order"), ("hash", "landed_hash"))
    equal = [
        pc.equal(_staged(matches, range_, own), matches.column(landed)) for own, landed in pairs
    ]
    return pc.and_(*equal)


def _staged(matches: pa.RecordBatch, range_: pa.RecordBatch, name: str) -> Any:
    return range_.column(name).take(matches.column("staged"))


def _repeated(staged: pa.Array) -> pa.Array:
    counted = pc.value_counts(staged)
    return counted.field("values").filter(pc.greater(counted.field("counts"), 1))


def _sorted(*indexes: pa.Array) -> pa.Array:
    together = pa.concat_arrays(list(indexes))
    return together.take(pc.sort_indices(together))
