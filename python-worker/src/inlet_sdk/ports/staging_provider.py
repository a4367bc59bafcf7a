"""The buffer between source and sink (document 002 section 2). Contract suite:
`testing/contract_staging.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord

if TYPE_CHECKING:
    import pyarrow as pa

Batch: TypeAlias = "pa.RecordBatch | Iterable[Mapping[str, Any]]"


@dataclass(frozen=True)
class StagedObject:
    """One object of a manifest. sha256 is of its bytes."""

    key: str
    sha256: str
    rows: int
    bytes: int

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> StagedObject:
        """The object of its stored JSON; members that this release does not know are left out."""
        return cls(**{field.name: stored[field.name] for field in fields(cls)})


@dataclass(frozen=True)
class Manifest:
    """Closes a slice. Only objects in a sealed manifest exist for the reader. `bytes` counts the
    rows as they are in memory, not as they are stored.
    """

    run_id: str
    slice: int
    epoch: int
    objects: tuple[StagedObject, ...]
    rows: int
    bytes: int
    facts: dict[str, Any]  # cursor, resume, counts: what the commit needs after a crash

    def as_json(self) -> dict[str, Any]:
        """JSON as it is stored."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Manifest:
        """The manifest of its stored JSON."""
        return cls(**{**stored, "objects": tuple(map(StagedObject.from_json, stored["objects"]))})


@dataclass(frozen=True)
class Misfit:
    """A row that was left out: its position in the batch, why, and the row."""

    index: int
    reason: str
    row: Mapping[str, Any]
    code: str = "RECORD_INVALID"


class RecordWriter(Protocol):
    """Writes one slice. Not thread-safe. `unfit`: how many values of the rows that fitted did not,
    by column; each is null in its column, and in `_unfit` of its row.
    """

    rows: int
    bytes: int
    unfit: Counter[str]

    def write_batch(self, batch: Batch) -> int:
        """Fit a batch to the columns and buffer it; returns the rows that fitted. The others, which
        what identifies them does not tell from others, wait in `misfits()`.
        """

    def misfits(self) -> tuple[Misfit, ...]:
        """Rows that did not fit since the last call."""

    def seal(self, facts: dict[str, Any]) -> Manifest:
        """Flush and close the slice with its manifest. Sealing a sealed slice returns the first
        manifest.
        """


class RecordReader(Protocol):
    """Reads what is sealed, slices in order."""

    def manifests(self) -> tuple[Manifest, ...]:
        """The sealed manifests from slice `since` to the context's. Raises `STAGING_CORRUPT` if one
        is missing.
        """

    def iter_batches(
        self, chunk_size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """Arrow batches of at most `chunk_size` rows, in the order of ingestion, with `columns`
        only if given. Can be called again from the start. Raises RetryableError `STAGING_CORRUPT`
        on a checksum mismatch.
        """


class SealedSlices(Protocol):
    """What a sink lands: slices that are sealed, as a context's commit."""

    @property
    def context(self) -> IngestionContext: ...

    @property
    def fields(self) -> tuple[FieldDescriptor, ...]: ...

    def reader(self, since: int = 0) -> RecordReader: ...


class StagingSession(Protocol):
    """The run's own buffer. `fields` type the columns; rows may lack columns (null), and carry
    `_raw`.
    """

    id: str
    context: IngestionContext
    fields: tuple[FieldDescriptor, ...]

    def writer(self) -> RecordWriter: ...

    def reader(self, since: int = 0) -> RecordReader:
        """Reads the slices `since` to the context's, of the context's epoch."""

    def sealed(self) -> Manifest | None:
        """The manifest of the context's slice and epoch, if an earlier attempt sealed it."""

    def quarantine(self, records: Sequence[QuarantinedRecord], part: int) -> str:
        """Keep records that cannot land, as JSON lines, beyond the session. Returns the key.
        Idempotent by `part`.
        """

    def hand_over(self, name: str, body: bytes) -> str:
        """Keep an object of this slice for the control plane to read until the session closes.
        Returns its key in the staging bucket. A retry writes the same.
        """

    def close(self) -> None:
        """Delete everything the session staged, of every slice and epoch. Idempotent."""


class StagingProvider(Protocol):
    """Allocates sessions and sweeps what killed runs left."""

    def allocate_session(
        self, context: IngestionContext, fields: tuple[FieldDescriptor, ...] = ()
    ) -> StagingSession: ...

    def sweep(self, is_kept: Callable[[str, str], bool]) -> int:
        """Delete what every run staged that is not kept. `is_kept` is asked by tenant and run id
        right before, so that a run that starts meanwhile keeps its rows. Returns runs deleted.
        """
