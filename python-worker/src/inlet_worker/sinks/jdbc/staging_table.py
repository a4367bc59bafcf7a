"""The slice in the database, before its transaction: a table of its own for each attempt. Its rows
are as they will land, with what they are merged by beside them.

    n  number in the slice     k  hash of the key     o  what orders versions     b  bytes
    c0, c1, …  the landed columns
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.ports.sink_endpoint import SliceCommit
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_sdk.ports.staging_provider import RecordReader
from inlet_worker.sinks.jdbc.bookkeeping import forget_staging, note_staging
from inlet_worker.sinks.jdbc.columns import (
    DELETED_AT,
    LANDED_AT,
    MORE,
    ROW_ID,
    RUN_ID,
    VERSION,
    Column,
    key_columns,
)
from inlet_worker.sinks.jdbc.database import Database
from inlet_worker.sinks.jdbc.packing import packed
from inlet_worker.sinks.jdbc.values import checked_instants, escaped
from inlet_worker.staging.columns import HASH, RAW
from inlet_worker.staging.key_text import key_text
from inlet_worker.staging.row_version import order_columns, orders, versions

CHUNK_ROWS = 4096
CHUNK_BYTES = 4 * 1024 * 1024
"""Of rows in memory that are written at once; a row that is larger goes alone."""
GIVEN = (RUN_ID, LANDED_AT, DELETED_AT)
"""Columns that are the same for all rows of a commit, and so are not staged. The last is null."""


class StagingTable:
    """`unit` tells equal rows of different units apart. The name is nobody else's; until `drop` or
    a sweep, the table stays.
    """

    def __init__(
        self, database: Database, target: str, unit: str, commit: SliceCommit, at: datetime
    ) -> None:
        self._database, self._commit, self._unit = database, commit, unit
        self._keys = key_columns(commit)
        self.name = f"_inlet_s_{uuid.uuid4().hex[:24]}"
        self.columns: tuple[Column, ...] = ()
        self.packed: tuple[Column, ...] = ()
        self.rows = self._longest = 0
        note_staging(database, self.name, target, at)

    @property
    def marks(self) -> str:
        """The table of what the merge decides for each row."""
        return marks_of(self.name)

    def fill(self, reader: RecordReader, landed: Sequence[Column], names: Sequence[str]) -> None:
        """Write the staged rows, with the columns of the table that they have values for; `names`
        are the slice's. Of equal keys the highest order stays, then the last ingested.
        """
        staged = self._staged_columns(landed, names)
        self.packed = tuple(column for column in staged if column.packed)
        more = (Column(MORE, MORE, "text"),) if self.packed else ()
        self.columns = (*(column for column in staged if not column.packed), *more)
        self._create()
        ordering = order_columns(self._commit.policy, list(names))
        batches = self._batches(reader, ordering)
        physical = ["n", "k", "o", "b", *(f"c{at}" for at in range(len(self.columns)))]
        self._database.load(self.name, physical, batches)

        self._database.keep_newest(self.name, self._longest)
        self._database.analyze(self.name)

    def drop(self) -> None:
        """Leave nothing behind."""
        drop_staging(self._database, self.name)

    def _staged_columns(self, landed: Sequence[Column], names: Sequence[str]) -> tuple[Column, ...]:
        if self._commit.operation == "delete":
            return ()  # only the keys count
        kept = RAW if self._commit.policy.keep_raw else UNFIT
        own = [ROW_ID] if self._keys == (ROW_ID,) else []
        wanted = {*names, kept, VERSION, *own} - set(GIVEN)
        return tuple(column for column in landed if column.name in wanted)

    def _create(self) -> None:
        types = self._database.types
        own = [("n", types["count"]), ("k", types["digest"]), ("o", types["bytes"])]
        staged = [(f"c{at}", types[column.kind]) for at, column in enumerate(self.columns)]
        self._database.create(self.name, [*own, ("b", types["count"]), *staged], key="n")
        marks = [("n", types["count"]), ("k", types["digest"]), ("act", types["act"])]
        self._database.create(self.marks, marks, key="n")

    def _batches(self, reader: RecordReader, ordering: list[str]) -> Iterator[pa.RecordBatch]:
        wanted = self._wanted(ordering)
        seen: Counter[str] = Counter()

        for chunk in reader.iter_batches(CHUNK_ROWS, columns=wanted):
            for batch in _small(chunk):
                if self._keys == (ROW_ID,):
                    batch = batch.append_column(ROW_ID, _row_ids(batch, self._unit, seen))
                yield self._dressed(batch, ordering)
                self.rows += batch.num_rows

    def _wanted(self, ordering: list[str]) -> list[str] | None:
        if self._commit.operation == "delete":
            keys = [key for key in self._keys if key != ROW_ID]
            return list(dict.fromkeys([*keys, *ordering, HASH]))
        return None

    def _dressed(self, batch: pa.RecordBatch, ordering: list[str]) -> pa.RecordBatch:
        count = batch.num_rows
        order = orders(batch, ordering)
        self._longest = max(self._longest, pc.max(pc.binary_length(order)).as_py() or 0)
        digests = [_digest(text) for text in key_text(batch, self._keys).to_pylist()]
        sizes = pa.array([0] * count, pa.int64())

        landing = []
        for column in self.columns:
            array = self._values(batch, column, ordering)
            sizes = pc.add(sizes, _sizes(array))
            landing.append(array)

        own = [
            pa.array(range(self.rows, self.rows + count), pa.int64()),
            pa.array(digests, pa.binary()),
            order.cast(pa.binary()),
            sizes,
        ]
        names = [str(at) for at in range(len(own) + len(landing))]
        return pa.RecordBatch.from_arrays([*own, *landing], names=names)

    def _values(self, batch: pa.RecordBatch, column: Column, ordering: list[str]) -> pa.Array:
        if column.name == MORE:
            return packed(self.packed, [batch.column(one.name) for one in self.packed])
        if column.name == VERSION:
            return escaped(versions(batch, ordering))
        array = batch.column(column.name)
        if column.kind == "text":
            return escaped(array.cast(pa.string()))
        return checked_instants(array, column.name) if column.kind == "timestamp" else array


def marks_of(staging: str) -> str:
    """The table of marks that belongs to a staging table."""
    return staging.replace("_inlet_s_", "_inlet_p_", 1)


def drop_staging(database: Database, staging: str) -> None:
    """Drop a staging table with what belongs to it. Idempotent."""
    database.drop(marks_of(staging))
    database.drop(staging)
    forget_staging(database, staging)


def _small(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in parts that fit in memory several times over."""
    if batch.nbytes <= CHUNK_BYTES or batch.num_rows <= 1:
        if batch.num_rows:
            yield batch
        return
    half = batch.num_rows // 2
    yield from _small(batch.slice(0, half))
    yield from _small(batch.slice(half))


def _sizes(array: pa.Array) -> pa.Array:
    if pa.types.is_string(array.type):
        return pc.fill_null(pc.binary_length(array), 0).cast(pa.int64())
    return pa.array([8] * len(array), pa.int64())


def _digest(text: str | None) -> bytes | None:
    return None if text is None else hashlib.sha256(text.encode()).digest()


def _row_ids(batch: pa.RecordBatch, unit: str, seen: Counter[str]) -> pa.Array:
    ids = []
    for content in batch.column(HASH).to_pylist():
        ids.append(hashlib.sha256(f"{unit}\n{content}\n{seen[content]}".encode()).hexdigest())
        seen[content] += 1
    return pa.array(ids, pa.string())
