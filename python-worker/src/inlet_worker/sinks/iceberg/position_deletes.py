"""Writes position deletes (Iceberg format version 2): a parquet file that names a data file and, in
order, the positions of its rows that are deleted. pyiceberg 0.12 reads them and writes none.

One of ours speaks of one data file: it is found by its bounds without opening it, and goes with its
data file.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table import Table
from pyiceberg.table.delete_file_index import PATH_FIELD_ID
from pyiceberg.typedef import Record

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_worker.sinks.iceberg.deleted_rows import deleted_rows, is_of_one_file
from inlet_worker.sinks.iceberg.file_changes import FileChange

POSITION_FIELD_ID = 2147483545
FIELD_ID = b"PARQUET:field_id"
SCHEMA = pa.schema(
    [
        pa.field("file_path", pa.string(), False, {FIELD_ID: str(PATH_FIELD_ID).encode()}),
        pa.field("pos", pa.int64(), False, {FIELD_ID: str(POSITION_FIELD_ID).encode()}),
    ]
)
KEPT_FILES = 8
"""Delete files of a data file before the next takes the place of them all: each costs every reading
a request.
"""
WRITERS = 4
"""Files written at a time: they are small, so a request is mostly waiting."""


def write_position_deletes(
    table: Table, commit: SliceCommit, changes: Sequence[FileChange]
) -> list[tuple[DataFile, list[DataFile]]]:
    """A delete file for each file that is not written anew, and those that it replaces."""
    prefix = commit.commit_id.replace("/", "-")
    deleting = [change for change in changes if not change.anew]
    with ThreadPoolExecutor(WRITERS, thread_name_prefix="deletes") as threads:
        return list(threads.map(lambda change: _write(table, prefix, change), deleting))


def own_delete_files(change: FileChange) -> list[DataFile]:
    """The delete files that speak of the change's data file only."""
    path = change.task.file.file_path
    return [file for file in change.task.delete_files if is_of_one_file(file, path)]


def _write(table: Table, prefix: str, change: FileChange) -> tuple[DataFile, list[DataFile]]:
    replaced = own_delete_files(change)
    if len(replaced) < KEPT_FILES:
        replaced = []
    positions = change.leaving.positions()
    if replaced and (deleted := deleted_rows(table, change.task)):
        deleted.add(positions)
        positions = deleted.positions()

    path = change.task.file.file_path
    location = table.location_provider().new_data_location(
        f"{prefix}-{uuid.uuid4().hex}-deletes.parquet"
    )
    paths = pa.repeat(pa.scalar(path, pa.string()), len(positions))
    rows = pa.Table.from_arrays([paths, positions], schema=SCHEMA)
    with table.io.new_output(location).create() as stream:
        pq.write_table(rows, stream, compression="zstd", use_dictionary=["file_path"])
    return _described(table, location, path, positions), replaced


def _described(table: Table, location: str, path: str, positions: pa.Array) -> DataFile:
    count = len(positions)
    ends = [struct.pack("<q", positions[at].as_py()) for at in (0, count - 1)]
    lower, upper = ({PATH_FIELD_ID: path.encode(), POSITION_FIELD_ID: end} for end in ends)
    return DataFile.from_args(
        content=DataFileContent.POSITION_DELETES,
        file_path=location,
        file_format=FileFormat.PARQUET,
        partition=Record(),
        record_count=count,
        file_size_in_bytes=len(table.io.new_input(location)),
        column_sizes=None,
        value_counts={PATH_FIELD_ID: count, POSITION_FIELD_ID: count},
        null_value_counts={PATH_FIELD_ID: 0, POSITION_FIELD_ID: 0},
        nan_value_counts=None,
        lower_bounds=lower,
        upper_bounds=upper,
        key_metadata=None,
        split_offsets=None,
        equality_ids=None,
        sort_order_id=None,
        spec_id=table.metadata.default_spec_id,
    )
