"""What a commit changes that replaces all that has landed: every landed row leaves, tombstones too,
and every staged key lands, whatever version of it was there.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import Table

from inlet_worker.sinks.iceberg.file_batches import file_batches
from inlet_worker.sinks.iceberg.file_changes import FileChanges
from inlet_worker.sinks.iceberg.landed_matches import landed_matches
from inlet_worker.sinks.iceberg.merge_plan import Landing, MergePlan, landed_files
from inlet_worker.sinks.iceberg.row_marks import RowMarks
from inlet_worker.sinks.iceberg.staged_keys import StagedKeys
from inlet_worker.sinks.iceberg.table_schema import DELETED_AT


def plan_replacement(table: Table, keys: Sequence[str], staged: StagedKeys) -> MergePlan:
    """`keys` are columns that every landed row has."""
    tasks = landed_files(table)
    landing = Landing(keys, RowMarks(staged.rows))
    landed = staying = updated = 0

    for range_ in staged.ranges():
        landing.add(range_, pa.arange(0, range_.num_rows))
        landed += range_.num_rows
        matches = landed_matches(table, keys, tasks, range_)
        live = matches.filter(pc.invert(matches.column("dead")))
        staying += live.num_rows
        updated += len(pc.unique(live.column("staged")))

    alive = sum(
        batch.column(DELETED_AT).null_count
        for task in tasks
        for batch in file_batches(table, task, [DELETED_AT])
    )
    leaving = FileChanges(table, tasks)
    leaving.add_all_but(FileChanges(table, tasks))
    return MergePlan(
        wanted=landing.wanted,
        sample=tuple(landing.sample),
        descents=staged.descents,
        changes=leaving.by_file(),
        inserted=landed - updated,
        updated=updated,
        deleted=alive - staying,
        deduplicated=staged.rows - landed,
    )
