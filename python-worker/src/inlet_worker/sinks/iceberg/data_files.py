"""Writes a table's data files, cut by size."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
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
from inlet_worker.sinks.iceberg.table_schema import ROW_ID

FILE_BYTES = 48 * 1024 * 1024
"""Compressed size at which a new file of a merged table is begun: small enough that a merge that
writes one anew writes little.
"""
APPENDED_FILE_BYTES = 256 * 1024 * 1024
"""The same of a table that rows are only appended to."""
PROBED_ROWS = 1_024
REPEATING = 4
"""A column gets a dictionary where a value comes this often among the first rows."""


def file_bytes(keys: Sequence[str]) -> int:
    """The size of a table's files, by what identifies its rows."""
    return APPENDED_FILE_BYTES if list(keys) == [ROW_ID] else FILE_BYTES


class DataFileWriter:
    """Writes rows into files of about `size` bytes and describes them for the commit. `prefix`
    names run and slice. A row group is encoded in a thread while the next is made ready.
    """

    def __init__(self, table: Table, prefix: str, size: int) -> None:
        self._table = table
        self._prefix = prefix
        self._size = size
        self._schema = schema_to_pyarrow(table.schema(), include_field_ids=True)
        self._dictionaries: list[str] | None = None
        self._file: tuple[str, Any, pq.ParquetWriter] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="parquet")
        self._encoding: Future[None] | None = None
        self.files: list[DataFile] = []

    def __enter__(self) -> DataFileWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=True)

    def write(self, rows: pa.Table) -> None:
        """Append a row group, as it is ordered."""
        self._wait()
        if self._file is not None and self._file[1].tell() >= self._size:
            self.finish()
        self._encoding = self._thread.submit(self._encode, rows)

    def finish(self) -> None:
        """Close the open file, if any."""
        self._wait()
        if self._file is None:
            return

        location, stream, writer = self._file
        self._file = None
        writer.close()
        stream.close()
        trim()

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

    def _wait(self) -> None:
        encoding, self._encoding = self._encoding, None
        if encoding is not None:
            encoding.result()

    def _encode(self, rows: pa.Table) -> None:
        rows = rows.cast(self._schema)
        _, _, writer = self._file or self._begin(rows)
        writer.write_table(rows, row_group_size=rows.num_rows)

    def _begin(self, rows: pa.Table) -> tuple[str, Any, pq.ParquetWriter]:
        if self._dictionaries is None:
            self._dictionaries = _repeating(rows)
        location = self._table.location_provider().new_data_location(
            f"{self._prefix}-{uuid.uuid4().hex}.parquet"
        )
        stream = self._table.io.new_output(location).create()
        writer = pq.ParquetWriter(
            stream,
            self._schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=self._dictionaries,
        )
        self._file = (location, stream, writer)
        return self._file


def _repeating(rows: pa.Table) -> list[str]:
    """The columns whose values come again: of the others a dictionary would only be built and
    thrown away.
    """
    first = rows.slice(0, PROBED_ROWS)
    return [
        name
        for name in first.schema.names
        if len(pc.unique(first.column(name))) * REPEATING <= first.num_rows
    ]
