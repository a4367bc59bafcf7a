"""Rewrites a table's small files, and those with deleted rows, into files of the size that they
should have, sorted by key. The rows are the same, column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
from pyiceberg.exceptions import (
    CommitFailedException,
    CommitStateUnknownException,
    ValidationException,
)
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table

from inlet_sdk.ports.sink_maintenance import Upkeep
from inlet_worker.sinks.iceberg.compaction_plan import Compaction
from inlet_worker.sinks.iceberg.data_files import DataFileWriter
from inlet_worker.sinks.iceberg.file_batches import file_batches
from inlet_worker.sinks.iceberg.key_ranges import KeyRanges
from inlet_worker.sinks.iceberg.replace_files import replace_files

SAMPLED_KEYS = 65_536
"""From which the ranges are cut that are sorted one by one: enough for even ones."""
EXPANSION = 4
"""Arrow bytes for a byte of a data file, as merges reckon."""


class GivenUp(Exception):
    """Time was up, or the work was cancelled: nothing has changed."""


def compact(
    table: Table, plan: Compaction, upkeep: Upkeep, on_step: Callable[[str], None]
) -> list[DataFile] | None:
    """Replace the plan's files; answers those that were written. None: a commit came in between, or
    the catalogue did not say, and the rows are as they were. Raises GivenUp.
    """
    written = _rewritten(table, plan, upkeep)
    on_step("compacted")

    try:
        replace_files(table, written, [task.file for task in plan.tasks], plan.dangling)
    except CommitStateUnknownException:
        return None  # the files may be the table's: the sweep decides later
    except (CommitFailedException, ValidationException):
        _delete(table, written)
        return None

    on_step("replaced")
    return written


def _rewritten(table: Table, plan: Compaction, upkeep: Upkeep) -> list[DataFile]:
    sample = pa.Table.from_batches([*_sampled(table, plan, upkeep)])
    with DataFileWriter(table, "compacted", plan.file_bytes) as writer:
        try:
            with KeyRanges(plan.keys, sample, plan.bytes * EXPANSION) as ranges:
                for batch in _rows(table, plan, upkeep):
                    ranges.add(batch)
                for rows in ranges.sorted():
                    if upkeep.is_over():
                        raise GivenUp
                    writer.write(rows)
        except GivenUp:
            writer.finish()
            _delete(table, writer.files)
            raise
        writer.finish()
    return writer.files


def _delete(table: Table, files: Sequence[DataFile]) -> None:
    for file in files:
        table.io.delete(file.file_path)


def _rows(table: Table, plan: Compaction, upkeep: Upkeep) -> Iterator[pa.RecordBatch]:
    schema = schema_to_pyarrow(table.schema(), include_field_ids=False)
    for task in plan.tasks:
        for batch in file_batches(table, task):
            if upkeep.is_over():
                raise GivenUp
            yield _conformed(batch, schema)


def _sampled(table: Table, plan: Compaction, upkeep: Upkeep) -> Iterator[pa.RecordBatch]:
    """Every so many rows' keys."""
    total = sum(task.file.record_count for task in plan.tasks)
    step = max(1, total // SAMPLED_KEYS)
    whole = schema_to_pyarrow(table.schema(), include_field_ids=False)
    schema = pa.schema([whole.field(key) for key in plan.keys])
    yield pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)

    at = 0
    for task in plan.tasks:
        for batch in file_batches(table, task, plan.keys):
            if upkeep.is_over():
                raise GivenUp
            wanted = batch.take(pa.array(range(-at % step, batch.num_rows, step), pa.int64()))
            yield _conformed(wanted, schema)
            at += batch.num_rows


def _conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    arrays = [batch.column(field.name).cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
