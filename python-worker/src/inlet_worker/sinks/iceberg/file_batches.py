"""Reads one data file in today's schema, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import _to_requested_schema, pyarrow_to_schema
from pyiceberg.schema import prune_columns
from pyiceberg.table import FileScanTask, Table

from inlet_worker.sinks.iceberg.deleted_rows import deleted_rows

BATCH_BYTES = 2 * 1024 * 1024
"""Bytes of a batch at most as the file encodes them, if its rows are of about one size."""
BATCH_ROWS = 8_192
GROUPS_AT_ONCE = 16
"""Row groups whose bytes are fetched together when only some columns are read."""


class LandedFile:
    """An open data file. Positions count its rows, deleted ones too."""

    def __init__(self, table: Table, task: FileScanTask, parquet: pq.ParquetFile) -> None:
        self._table = table
        self._parquet = parquet
        self._metadata = parquet.metadata
        self._stored = pyarrow_to_schema(parquet.schema_arrow, table.name_mapping())
        self._columns = {name: n for n, name in enumerate(parquet.schema_arrow.names)}
        self._starts = [0]
        for group in range(self._metadata.num_row_groups):
            self._starts.append(self._starts[-1] + self._metadata.row_group(group).num_rows)

    @property
    def groups(self) -> range:
        """Numbers of the row groups."""
        return range(self._metadata.num_row_groups)

    def rows_of(self, group: int) -> tuple[int, int]:
        """The position of a row group's first row, and how many it has."""
        start = self._starts[group]
        return start, self._starts[group + 1] - start

    def bounds(self, group: int, name: str) -> pa.Array | None:
        """The lowest and the highest value of a column in a row group; None where the file does
        not say.
        """
        field = self._stored_field(name)
        if field is None:
            return None
        statistics = self._metadata.row_group(group).column(self._columns[field]).statistics
        if statistics is None or not statistics.has_min_max:
            return None
        type_ = self._parquet.schema_arrow.field(field).type
        return pa.array([statistics.min, statistics.max], type_)

    def slices(
        self, columns: Sequence[str] | None = None, groups: Sequence[int] | None = None
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The rows of the row groups in order: the position of a batch's first row, and it."""
        schema = self._table.schema() if columns is None else self._table.schema().select(*columns)
        wanted = prune_columns(
            self._stored, {field.field_id for field in schema.fields}, select_full_types=False
        )
        names = [field.name for field in wanted.fields]
        batch_rows = self._batch_rows(names)

        for run in _runs(self.groups if groups is None else groups):
            position = self._starts[run[0]]
            for batch in self._parquet.iter_batches(
                batch_size=batch_rows, row_groups=run, columns=names, use_threads=False
            ):
                yield position, _to_requested_schema(schema, wanted, batch)
                position += batch.num_rows

    def _stored_field(self, name: str) -> str | None:
        field_id = self._table.schema().find_field(name).field_id
        return next((f.name for f in self._stored.fields if f.field_id == field_id), None)

    def _batch_rows(self, names: Sequence[str]) -> int:
        rows = max(1, self._metadata.num_rows)
        size = sum(
            self._metadata.row_group(group).column(self._columns[name]).total_uncompressed_size
            for group in self.groups
            for name in names
        )
        return int(max(1, min(BATCH_ROWS, BATCH_BYTES * rows // max(1, size))))


@contextmanager
def open_file(table: Table, task: FileScanTask, *, some_columns: bool) -> Iterator[LandedFile]:
    """The data file. `some_columns`: not all are read, so what is read is fetched in few requests
    beforehand.
    """
    with table.io.new_input(task.file.file_path).open() as stream:
        yield LandedFile(table, task, pq.ParquetFile(stream, pre_buffer=some_columns))


def file_batches(
    table: Table, task: FileScanTask, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The live rows in the order of the file, with `columns` only if given."""
    deleted = deleted_rows(table, task)
    with open_file(table, task, some_columns=columns is not None) as file:
        for position, batch in file.slices(columns):
            if deleted is not None:
                batch = batch.filter(pc.invert(deleted.slice(position, batch.num_rows)))
            if batch.num_rows:
                yield batch


def _runs(groups: Sequence[int]) -> Iterator[list[int]]:
    """Row groups that follow each other, a few at a time."""
    run: list[int] = []
    for group in groups:
        if run and (group != run[-1] + 1 or len(run) == GROUPS_AT_ONCE):
            yield run
            run = []
        run.append(group)
    if run:
        yield run
