"""The buffer between source and sink (document 002 section 2). Contract suite: `tests/staging/contract_staging.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

from inlet_worker.context import IngestionContext
from inlet_worker.described_endpoint import FieldDescriptor

Batch = pa.RecordBatch | Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class StagedObject:
    """One object of a manifest. sha256 is of its bytes."""

    key: str
    sha256: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """Closes a slice. Only objects in a sealed manifest exist for the reader."""

    run_id: str
    slice: int
    epoch: int
    objects: tuple[StagedObject, ...]
    rows: int
    bytes: int
    facts: dict[str, Any]  # cursor range, schema hash, counts: what the commit needs after a crash


class RecordWriter(Protocol):
    """Writes one slice. Not thread-safe."""

    def write_batch(self, batch: Batch) -> int:
        """Buffer a batch; returns its rows."""

    def seal(self, facts: dict[str, Any]) -> Manifest:
        """Flush and close the slice with its manifest. Sealing a sealed slice returns the first manifest."""


class RecordReader(Protocol):
    """Reads what is sealed, slices in order."""

    def manifests(self) -> tuple[Manifest, ...]:
        """The sealed manifests of the run's slices in this session."""

    def iter_batches(self, chunk_size: int) -> Iterator[pa.RecordBatch]:
        """Arrow batches of at most `chunk_size` rows. Raises RetryableError `STAGING_CORRUPT` on a checksum mismatch."""


class StagingSession(Protocol):
    """The run's own buffer. `fields` type the columns; rows may lack columns (null)."""

    id: str
    context: IngestionContext

    def writer(self) -> RecordWriter: ...

    def reader(self) -> RecordReader: ...

    def close(self) -> None:
        """Delete everything the session staged, of every slice and epoch. Idempotent."""


class StagingProvider(Protocol):
    """Allocates sessions and sweeps what killed runs left."""

    name: str

    def allocate_session(
        self, context: IngestionContext, fields: tuple[FieldDescriptor, ...] = ()
    ) -> StagingSession: ...

    def sweep(self, tenant_id: str, live_run_ids: frozenset[str]) -> int:
        """Delete sessions of runs that are not live. Returns objects deleted."""
