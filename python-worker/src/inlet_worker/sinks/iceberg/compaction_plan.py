"""Which data files of a table are worth rewriting: many small ones, and those of which much has
been deleted by position.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow.parquet as pq
from pyiceberg.conversions import from_bytes
from pyiceberg.io.pyarrow import _read_deletes
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table import FileScanTask, Table
from pyiceberg.types import PrimitiveType

from inlet_worker.sinks.iceberg.data_files import file_bytes
from inlet_worker.sinks.iceberg.deleted_rows import is_of_one_file
from inlet_worker.sinks.iceberg.table_schema import keys_of

GROUP_BYTES = 256 * 1024 * 1024
"""Of the files that one commit replaces, if no single one is larger: a minute's work, so that a
commit of a run in between costs no more.
"""
SMALL = 0.5
"""Of the size that files should have. Above it a file is left alone, so that each byte is rewritten
a few times in all.
"""
MUCH_DELETED = 0.1
"""Of a file's rows. Below it reading past them costs less than rewriting."""
FORMAT_VERSION = 2


@dataclass(frozen=True)
class Compaction:
    """`tasks` are the files to replace, in the order of their lowest keys. `dangling`: delete files
    that mean no other file.
    """

    keys: tuple[str, ...]
    file_bytes: int
    tasks: tuple[FileScanTask, ...]
    dangling: tuple[DataFile, ...]

    @property
    def bytes(self) -> int:
        return sum(task.file.file_size_in_bytes for task in self.tasks)


def plan_compaction(table: Table) -> Compaction | None:
    """The next files to replace; None when the table is in shape, or of a kind that we do not
    write: partitioned by somebody, or of another version of the format.
    """
    if table.spec().fields or table.metadata.format_version != FORMAT_VERSION:
        return None
    keys = keys_of(table)
    size = file_bytes(keys)

    tasks = _by_lowest_key(table, keys[0], list(table.scan().plan_files()))
    positions = _positions(table, tasks)
    deleted = _total(positions)
    group = _first_group(tasks, deleted, size)
    if not group:
        return None

    going = {task.file.file_path for task in group}
    staying = {task.file.file_path for task in tasks} - going
    dangling = tuple(file for file, of in positions if not of.keys() & staying)
    return Compaction(keys, size, tuple(group), dangling)


def _first_group(
    tasks: Sequence[FileScanTask], deleted: Mapping[str, int], file_bytes: int
) -> list[FileScanTask]:
    """The first that is worth it, of files that are small or hold many deleted rows."""
    group: list[FileScanTask] = []
    size = 0
    for task in tasks:
        if not _is_heavy(task, deleted) and task.file.file_size_in_bytes >= SMALL * file_bytes:
            continue
        if group and size + task.file.file_size_in_bytes > GROUP_BYTES:
            if _is_worth_it(group, size, deleted, file_bytes):
                return group
            group, size = [], 0
        group.append(task)
        size += task.file.file_size_in_bytes

    return group if _is_worth_it(group, size, deleted, file_bytes) else []


def _is_worth_it(
    group: Sequence[FileScanTask], size: int, deleted: Mapping[str, int], file_bytes: int
) -> bool:
    fewer = -(-size // file_bytes) < len(group)
    return fewer or any(_is_heavy(task, deleted) for task in group)


def _is_heavy(task: FileScanTask, deleted: Mapping[str, int]) -> bool:
    return deleted.get(task.file.file_path, 0) >= max(1, MUCH_DELETED * task.file.record_count)


def _by_lowest_key(table: Table, key: str, tasks: Sequence[FileScanTask]) -> list[FileScanTask]:
    field = table.schema().find_field(key)
    type_ = cast(PrimitiveType, field.field_type)

    def place(task: FileScanTask) -> tuple[bool, Any, str]:
        low = (task.file.lower_bounds or {}).get(field.field_id)
        # Files without a bound come last, and by name: the order is the same in every process.
        bound = 0 if low is None else from_bytes(type_, low)
        return (low is None, bound, task.file.file_path)

    return sorted(tasks, key=place)


def _positions(table: Table, tasks: Sequence[FileScanTask]) -> list[tuple[DataFile, Counter[str]]]:
    """How many rows each delete file deletes of each data file."""
    found: dict[str, tuple[DataFile, Counter[str]]] = {}
    for task in tasks:
        for file in task.delete_files:
            if file.content != DataFileContent.POSITION_DELETES or file.file_path in found:
                continue
            path = task.file.file_path
            if is_of_one_file(file, path):
                rows = Counter({path: file.record_count})
            else:
                rows = _rows_by_file(table, file)
            found[file.file_path] = (file, rows)
    return list(found.values())


def _rows_by_file(table: Table, file: DataFile) -> Counter[str]:
    if file.file_format != FileFormat.PARQUET:
        return Counter({path: len(rows) for path, rows in _read_deletes(table.io, file).items()})
    counted: Counter[str] = Counter()
    with table.io.new_input(file.file_path).open() as stream:
        for batch in pq.ParquetFile(stream).iter_batches(columns=["file_path"]):
            for entry in batch.column(0).value_counts().to_pylist():
                counted[entry["values"]] += entry["counts"]
    return counted


def _total(positions: Sequence[tuple[DataFile, Counter[str]]]) -> Counter[str]:
    return sum((rows for _, rows in positions), Counter())
