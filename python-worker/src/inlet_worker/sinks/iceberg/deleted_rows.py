"""Which rows of a data file are deleted by position: by our delete files and other engines'."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.io import FileIO
from pyiceberg.io.pyarrow import _read_deletes
from pyiceberg.manifest import DataFile, FileFormat
from pyiceberg.table import FileScanTask, Table
from pyiceberg.table.delete_file_index import PATH_FIELD_ID

from inlet_worker.sinks.iceberg.row_marks import RowMarks

BATCH_ROWS = 65_536


def deleted_rows(table: Table, task: FileScanTask) -> RowMarks | None:
    """The deleted rows; None where no delete file applies."""
    if not task.delete_files:
        return None
    marks = RowMarks(task.file.record_count)
    for file in task.delete_files:
        for positions in _positions(table.io, file, task.file.file_path):
            marks.add(positions)
    return marks


def live_count(table: Table, task: FileScanTask) -> int:
    """Rows of the file that are not deleted; tombstones are rows."""
    deleted = deleted_rows(table, task)
    return int(task.file.record_count) - (deleted.count if deleted else 0)


def is_of_one_file(delete_file: DataFile, path: str) -> bool:
    """Whether the delete file speaks of no other data file, and so goes with it."""
    bounds = (delete_file.lower_bounds or {}, delete_file.upper_bounds or {})
    return all(bound.get(PATH_FIELD_ID) == path.encode() for bound in bounds)


def _positions(io: FileIO, file: DataFile, path: str) -> Iterator[pa.Array | pa.ChunkedArray]:
    if file.file_format != FileFormat.PARQUET:
        yield _read_deletes(io, file).get(path, pa.chunked_array([], pa.int64()))
        return
    with io.new_input(file.file_path).open() as stream:
        parquet = pq.ParquetFile(stream)
        for batch in parquet.iter_batches(
            batch_size=BATCH_ROWS, columns=["file_path", "pos"], use_threads=False
        ):
            of_file = pc.equal(batch.column("file_path").cast(pa.string()), path)
            yield batch.column("pos").filter(of_file)
