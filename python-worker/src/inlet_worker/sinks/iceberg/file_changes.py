"""What a merge changes in each landed file, and how: rows leave a file by being deleted by
position, or by writing anew what stays of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.table import FileScanTask, Table

from inlet_worker.sinks.iceberg.deleted_rows import deleted_rows, live_count
from inlet_worker.sinks.iceberg.row_marks import RowMarks

REWRITE_SHARE = 0.25
"""A file of whose live rows this part leaves at once is written anew: what stays costs three times
what changes.
"""
DEAD_SHARE = 0.5
"""A file of which this part is deleted is written anew too, as far as REWRITE_BUDGET goes."""
REWRITE_BUDGET = 2.0
"""Bytes written anew for deleted rows' sake, as a multiple of the bytes that leave: no merge pays
for all of those before it.
"""

SMALL_BYTES = 64 * 1024
"""A file of which no more stays is written anew: a delete file would cost each reading a request.
"""


@dataclass(frozen=True)
class FileChange:
    """`leaving` marks the live rows that leave a file, `live` counts those that it has. `anew`:
    what stays is written into other files; otherwise the leaving rows are deleted by position.
    """

    task: FileScanTask
    leaving: RowMarks
    live: int
    anew: bool = False

    @property
    def is_emptied(self) -> bool:
        """Whether nothing of the file stays."""
        return self.leaving.count == self.live

    @property
    def dead_share(self) -> float:
        """Which part of the file's rows is deleted after the change."""
        return 1 - (self.live - self.leaving.count) / self.leaving.rows

    @property
    def bytes_that_stay(self) -> float:
        """About how many bytes of the file stay."""
        return self.bytes_of(self.live - self.leaving.count)

    def bytes_of(self, rows: int) -> float:
        """About how many bytes of the file so many rows take."""
        return float(self.task.file.file_size_in_bytes) * rows / self.leaving.rows


class FileChanges:
    """Collects the rows that leave."""

    def __init__(self, table: Table, tasks: Sequence[FileScanTask]) -> None:
        self._table = table
        self._tasks = tasks
        self._leaving: dict[int, RowMarks] = {}

    def add(self, matches: pa.RecordBatch) -> None:
        """The landed rows of these matches leave."""
        for number in pc.unique(matches.column("file")).to_pylist():
            of_file = matches.filter(pc.equal(matches.column("file"), number))
            self._marks(number).add(of_file.column("position"))

    def add_all_but(self, staying: FileChanges) -> None:
        """Every live row leaves that `staying` does not name."""
        for number, task in enumerate(self._tasks):
            leaving = RowMarks.of_all(task.file.record_count)
            for gone in (deleted_rows(self._table, task), staying._leaving.get(number)):
                leaving = leaving.without(gone) if gone else leaving
            if leaving.count:
                self._leaving[number] = leaving

    @property
    def rows(self) -> int:
        """How many rows leave."""
        return sum(marks.count for marks in self._leaving.values())

    def by_file(self) -> tuple[FileChange, ...]:
        """The files that change, and how."""
        changes = [
            FileChange(self._tasks[number], marks, live_count(self._table, self._tasks[number]))
            for number, marks in sorted(self._leaving.items())
        ]
        anew = _written_anew(changes, deletes=self._table.metadata.format_version == 2)
        return tuple(replace(change, anew=number in anew) for number, change in enumerate(changes))

    def _marks(self, number: int) -> RowMarks:
        if number not in self._leaving:
            self._leaving[number] = RowMarks(self._tasks[number].file.record_count)
        return self._leaving[number]


def _written_anew(changes: Sequence[FileChange], *, deletes: bool) -> set[int]:
    """Numbers of the changes by writing anew; all where the table takes no position deletes."""
    anew = {
        number
        for number, change in enumerate(changes)
        if not deletes
        or change.leaving.count >= REWRITE_SHARE * change.live
        or change.bytes_that_stay <= SMALL_BYTES
    }

    budget = REWRITE_BUDGET * sum(change.bytes_of(change.leaving.count) for change in changes)
    for number, change in sorted(enumerate(changes), key=lambda item: -item[1].dead_share):
        affordable = change.bytes_that_stay <= budget
        if number not in anew and change.dead_share >= DEAD_SHARE and affordable:
            anew.add(number)
            budget -= change.bytes_that_stay
    return anew
