"""What a commit changes that replaces all that has landed: every landed row leaves, tombstones too,
and every staged key lands, whatever version of it was there.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import Table

from inlet_worker.sinks.iceberg.key_index import StagedKeys, files_that_may_hold, landed_keys
from inlet_worker.sinks.iceberg.merge_plan import MergePlan, marked_ordinals


def plan_replacement(table: Table, keys: Sequence[str], staged: StagedKeys) -> MergePlan:
    """`keys` are columns that every landed row has."""
    tasks = files_that_may_hold(table, keys, None)
    landed = landed_keys(table, keys, tasks)
    of_file = [
        landed.filter(pc.equal(landed.column("file"), number)).column("key").combine_chunks()
        for number in range(len(tasks))
    ]

    live = landed.filter(pc.invert(landed.column("dead"))).column("key")
    stays = pc.is_in(live, staged.table.column("key"))
    updated = len(pc.unique(live.filter(stays)))
    return MergePlan(
        wanted=marked_ordinals(staged.table.column("ordinal"), staged.rows),
        rewrites=tuple(zip(tasks, of_file, strict=True)),
        firsts=pa.chunked_array(staged.table.column("first")),
        inserted=staged.table.num_rows - updated,
        updated=updated,
        deleted=pc.sum(pc.invert(stays)).as_py() or 0,
        deduplicated=staged.rows - staged.table.num_rows,
        unchanged=0,
    )
