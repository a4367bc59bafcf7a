"""Between staging and sink: the rows that were read become those that land. They are staged again,
so that an attempt after a crash lands the same ones.

The program sees the rows in batches, in which a record stands once. It answers rows of these keys,
each at most once, in any order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence
from inlet_sdk.ports.source_endpoint import UNFIT
from inlet_sdk.ports.staging_provider import (
    Manifest,
    RecordReader,
    RecordWriter,
    SealedSlices,
    StagingProvider,
    StagingSession,
)
from inlet_worker.pipeline.schema_drift import landed_names
from inlet_worker.pipeline.transform import ROWS, Transform
from inlet_worker.staging.columns import HASH, RAW, landing_fields, staged_schema
from inlet_worker.staging.key_text import key_text
from inlet_worker.staging.mapping import fingerprint_of

BATCH_ROWS = 20_000
BATCH_BYTES = 32 * 2**20
"""What a program is given at once, at most: rows, and their bytes in memory."""
APART = "transformed"
"""Below the run's own staging."""


@dataclass(frozen=True)
class SlicesAs:
    """Sealed slices as the commit of `context`, in the columns `fields`."""

    context: IngestionContext
    fields: tuple[FieldDescriptor, ...]
    staged: SealedSlices

    def reader(self, since: int = 0) -> RecordReader:
        return self.staged.reader(since)


@dataclass(frozen=True)
class Transformed:
    """filtered: rows that the program left out. altered: source columns whose values it changed."""

    slices: SealedSlices
    filtered: int
    altered: tuple[str, ...]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        if not self.filtered:
            return ()
        message = (
            f"{self.filtered} rows were left out by policy.transform. A record that had landed "
            "before keeps the row that it had."
        )
        return (Evidence("ROWS_FILTERED", message, "info"),)


@dataclass(frozen=True)
class TransformStep:
    """The transform of a run's slices. fields: those of the transform as they land, in the target's
    columns.
    """

    transform: Transform
    fields: tuple[FieldDescriptor, ...]
    provider: StagingProvider
    context: IngestionContext

    @property
    def dropped(self) -> frozenset[str]:
        """Columns of the source that do not land."""
        made = {field.name for field in self.transform.fields}
        return frozenset(f.name for f in self.transform.read if f.name not in made)

    @property
    def fingerprint(self) -> str:
        """Of the mapping that makes the rows that land."""
        return fingerprint_of(landing_fields(self.fields), self.context.mapping)

    def taken(self, slices: SealedSlices, since: int) -> Transformed:
        """The rows from `since` on, as they land. Raises FatalError `TRANSFORM_FAILED` where the
        program fails on them, makes rows of no record, or leaves some out that it may not.
        """
        session = self._session()
        manifest = session.sealed() or self._staged(session, slices.reader(since))
        facts = manifest.facts
        return Transformed(
            SlicesAs(slices.context, self.fields, session),
            int(facts["filtered"]),
            tuple(facts["altered"]),
        )

    def passed_by(self, slices: SealedSlices) -> SealedSlices:
        """Tombstones: of their rows only the keys count."""
        return SlicesAs(slices.context, self.fields, slices)

    def close(self) -> None:
        """Delete what was staged again."""
        self._session().close()

    def _session(self) -> StagingSession:
        apart = replace(self.context, run_id=f"{self.context.run_id}/{APART}")
        return self.provider.allocate_session(apart, self.fields)

    def _staged(self, session: StagingSession, reader: RecordReader) -> Manifest:
        writer, altered = session.writer(), set[str]()
        read = 0
        for batch in batches(reader, self.transform):
            read += batch.num_rows
            for rows in apart(batch, self.transform.keys):
                self._write(rows, writer, altered)
        facts = {"filtered": read - writer.rows, "altered": sorted(altered)}
        return writer.seal(facts)

    def _write(self, rows: pa.RecordBatch, writer: RecordWriter, altered: set[str]) -> None:
        made = self._made(rows.select(self.transform.given.names))
        at = _positions(rows, made, self.transform)
        if made.num_rows < rows.num_rows and not self.transform.order.filters:
            raise _failed(
                f"The transform leaves out {rows.num_rows - made.num_rows} of {rows.num_rows} "
                "rows. Let it keep all, or set policy.transform.filters to true."
            )

        order = pc.sort_indices(at)
        at, made = at.take(order), made.take(order)
        altered |= _altered(rows, made, at, self.transform)
        landing = self._landing(rows.take(at), made)
        if writer.write_batch(landing) != landing.num_rows:
            raise _failed("The transform makes rows that do not fit their own columns. Mend it.")

    def _made(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        bound, output = self.transform.bound, self.transform.answer
        reader = pa.RecordBatchReader.from_batches(rows.schema, [rows])
        found = list(bound.tool.run(bound.program, {ROWS: reader}, output))
        return _joined([*found, pa.RecordBatch.from_pylist([], output)])

    def _landing(self, given: pa.RecordBatch, made: pa.RecordBatch) -> pa.RecordBatch:
        """Columns by the names that they land under, and the vendor's record as it was read."""
        schema = staged_schema(self.fields, self.context.mapping)
        names = {landed: of for of, landed in landed_names(self.fields).items()}
        own = {
            RAW: given.column(RAW),
            UNFIT: given.column(UNFIT),
            HASH: pa.nulls(made.num_rows, pa.string()),
        }
        arrays = [
            own[f.name] if f.name in own else made.column(names.get(f.name, f.name)) for f in schema
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def batches(reader: RecordReader, transform: Transform) -> Iterator[pa.RecordBatch]:
    """The staged rows, as many at once as a program is given."""
    columns = [*transform.given.names, UNFIT]
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader.iter_batches(BATCH_ROWS, columns):
        for part in _small(batch):
            if waiting and (rows + part.num_rows > BATCH_ROWS or size + part.nbytes > BATCH_BYTES):
                yield _joined(waiting)
                waiting, rows, size = [], 0, 0
            waiting.append(part)
            rows, size = rows + part.num_rows, size + part.nbytes
    if waiting:
        yield _joined(waiting)


def apart(batch: pa.RecordBatch, keys: Sequence[str]) -> list[pa.RecordBatch]:
    """The batch cut so that no key stands twice in a part: its first rows, its second ones, and so
    on. So the order of a record's rows stays.
    """
    texts = key_text(batch, keys)
    if len(pc.unique(texts)) == batch.num_rows:
        return [batch]

    seen: dict[str, int] = {}
    turns: list[int] = []
    for text in texts.to_pylist():
        turns.append(seen.get(text, 0))
        seen[text] = turns[-1] + 1
    turn = pa.array(turns, pa.int64())
    return [batch.filter(pc.equal(turn, number)) for number in range(max(turns) + 1)]


def _small(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows = max(1, batch.num_rows * BATCH_BYTES // max(batch.nbytes, 1))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _joined(parts: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    return pa.concat_batches(parts)


def _positions(rows: pa.RecordBatch, made: pa.RecordBatch, transform: Transform) -> pa.Array:
    """Of each row that was made, where the row of its key stands among those that were given."""
    at = pc.index_in(key_text(made, transform.keys), value_set=key_text(rows, transform.keys))
    keys = ", ".join(transform.keys)
    if at.null_count:
        raise _failed(
            f"The transform makes rows whose {keys} no given row has. Hand on {keys} as it is."
        )
    if len(pc.unique(at)) != made.num_rows:
        raise _failed(
            f"The transform makes two rows of one {keys}. Make one row of each record at most."
        )

    given = rows.take(at)
    for name in transform.ordering:
        if not _are_equal(given.column(name), made.column(name)):
            raise _failed(
                f"The transform changes {name}, which orders the versions of a record. Hand on "
                f"{name} as it is, and give what you make of it another name."
            )
    return at


def _altered(
    rows: pa.RecordBatch, made: pa.RecordBatch, at: pa.Array, transform: Transform
) -> set[str]:
    given = rows.take(at)
    shared = [name for name in transform.given.names if name in made.schema.names and name != RAW]
    return {
        name
        for name in shared
        if given.column(name).type != made.column(name).type
        or not _are_equal(given.column(name), made.column(name))
    }


def _are_equal(one: pa.Array, other: pa.Array) -> bool:
    return bool(one.equals(other))


def _failed(message: str) -> FatalError:
    return FatalError("TRANSFORM_FAILED", message, details={"field": "policy.transform"})
