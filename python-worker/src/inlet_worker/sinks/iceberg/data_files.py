"""Writes a table's data files: sorted by key, cut by size, with bounded memory whatever the number
of rows.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.io.pyarrow import (
    compute_statistics_plan,
    data_file_statistics_from_parquet_metadata,
    parquet_path_to_id_mapping,
    schema_to_pyarrow,
)
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.table import Table
from pyiceberg.typedef import Record

from inlet_worker.memory import trim

RANGE_BYTES = 16 * 1024 * 1024
"""Arrow bytes that are sorted at once. More rows than that are first spilled to disk by key range.
"""
ROW_GROUP_BYTES = 8 * 1024 * 1024
"""Arrow bytes of a row group at most, if its rows are of about one size."""
FILE_BYTES = 48 * 1024 * 1024
"""Compressed size at which a new file is begun: small enough that a merge rewrites little."""


class KeyRanges:
    """Takes rows in any order and gives them back sorted by key, one range at a time. Used as a
    context.
    """

    def __init__(self, keys: Sequence[str], firsts: pa.ChunkedArray, estimated_bytes: int) -> None:
        self._keys = keys
        self._cuts = _cuts(firsts, -(-estimated_bytes // RANGE_BYTES))
        self._held: list[pa.RecordBatch] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._spills: dict[int, Any] = {}

    def __enter__(self) -> KeyRanges:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._spills.values():
            writer.close()
        if self._folder:
            self._folder.cleanup()

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows."""
        if not batch.num_rows:
            return
        if not self._cuts:
            self._held.append(batch)
            return

        first = batch.column(self._keys[0])
        numbers = pa.array([0] * batch.num_rows, pa.int32())
        for cut in self._cuts:
            # Landed rows may lack a value in what has become a key since.
            behind = pc.fill_null(pc.greater_equal(first, cut), False)
            numbers = pc.add(numbers, behind.cast(pa.int32()))

        for number in pc.unique(numbers).to_pylist():
            self._spill(number, batch.filter(pc.equal(numbers, number)))

    def sorted(self) -> Iterator[pa.Table]:
        """All rows, sorted, in row groups. Each range is in memory once, and a row group or two of
        it besides.
        """
        if self._held:
            rows = pa.Table.from_batches(self._held).combine_chunks()
            self._held = []
            yield from self._row_groups(rows)
        for number in sorted(self._spills):
            yield from self._row_groups(self._unspilled(number))

    def _row_groups(self, rows: pa.Table) -> Iterator[pa.Table]:
        order = pc.sort_indices(rows, sort_keys=[(key, "ascending") for key in self._keys])
        step = -(-rows.num_rows // max(1, -(-rows.nbytes // ROW_GROUP_BYTES)))
        for start in range(0, rows.num_rows, step):
            yield rows.take(order.slice(start, step))

    def _unspilled(self, number: int) -> pa.Table:
        self._spills.pop(number).close()
        path = self._path(number)
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as reader:
            # One chunk a column: from many, each row group would be taken by copying them all.
            rows = reader.read_all().combine_chunks()
        path.unlink()
        trim()
        return rows

    def _spill(self, number: int, batch: pa.RecordBatch) -> None:
        if number not in self._spills:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            self._spills[number] = pa.ipc.new_stream(
                str(self._path(number)), batch.schema, options=options
            )
        self._spills[number].write_batch(batch)

    def _path(self, number: int) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="inlet-merge-")
        return Path(self._folder.name) / f"{number:06}.arrow"


class DataFileWriter:
    """Writes rows into files of about FILE_BYTES and describes them for the commit. `prefix` names
    run and slice.
    """

    def __init__(self, table: Table, prefix: str) -> None:
        self._table = table
        self._prefix = prefix
        self._schema = schema_to_pyarrow(table.schema(), include_field_ids=True)
        self._file: tuple[str, Any, pq.ParquetWriter] | None = None
        self.files: list[DataFile] = []

    def write(self, rows: pa.Table) -> None:
        """Append a row group, as it is ordered."""
        _, stream, writer = self._file or self._begin()
        writer.write_table(rows.cast(self._schema), row_group_size=rows.num_rows)
        if stream.tell() >= FILE_BYTES:
            self.finish()

    def finish(self) -> None:
        """Close the open file, if any."""
        if self._file is None:
            return

        location, stream, writer = self._file
        self._file = None
        writer.close()
        stream.close()

        schema, metadata = self._table.schema(), self._table.metadata
        statistics = data_file_statistics_from_parquet_metadata(
            parquet_metadata=writer.writer.metadata,
            stats_columns=compute_statistics_plan(schema, metadata.properties),
            parquet_column_mapping=parquet_path_to_id_mapping(schema),
        )

        self.files.append(
            DataFile.from_args(
                content=DataFileContent.DATA,
                file_path=location,
                file_format=FileFormat.PARQUET,
                partition=Record(),
                file_size_in_bytes=len(self._table.io.new_input(location)),
                sort_order_id=None,
                spec_id=metadata.default_spec_id,
                equality_ids=None,
                key_metadata=None,
                **statistics.to_serialized_dict(),
            )
        )

    def delete(self) -> None:
        """Delete what was written: the commit was refused, so nobody can refer to it."""
        if self._file is not None:
            self.finish()
        for file in self.files:
            self._table.io.delete(file.file_path)

    def _begin(self) -> tuple[str, Any, pq.ParquetWriter]:
        location = self._table.location_provider().new_data_location(
            f"{self._prefix}-{uuid.uuid4().hex}.parquet"
        )
        stream = self._table.io.new_output(location).create()
        # The raw column repeats nothing: a dictionary would only be built and thrown away.
        plain = [name for name in self._schema.names if name not in ("_raw", "_version")]
        writer = pq.ParquetWriter(
            stream, self._schema, compression="zstd", compression_level=1, use_dictionary=plain
        )
        self._file = (location, stream, writer)
        return self._file


def _cuts(firsts: pa.ChunkedArray, ranges: int) -> list[pa.Scalar]:
    if ranges <= 1 or not len(firsts):
        return []
    ordered = firsts.take(pc.sort_indices(firsts))
    return [ordered[len(ordered) * n // ranges] for n in range(1, ranges)]
