"""Writes one slice as objects of bounded size."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import obstore
import orjson
import pyarrow as pa
from obstore.exceptions import AlreadyExistsError

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.staging_provider import Batch, Manifest, Misfit, StagedObject
from inlet_worker.staging.columns import fit
from inlet_worker.staging.object_reader import load_manifest

OBJECT_BYTES = 16 * 1024 * 1024
"""Arrow bytes buffered before an object is written: what bounds a writer's memory."""
BATCH_BYTES = 4 * 1024 * 1024
"""Arrow bytes of one record batch in an object: what bounds a reader's memory."""
PUT_ATTEMPTS = 5


class ObjectWriter:
    """Names are counted, so that a retry writes the same keys. A key that is taken by other bytes
    moves this attempt to a directory of its own: the copy before may be in use by a writer that is
    still alive.
    """

    def __init__(
        self, store: Any, context: IngestionContext, schema: pa.Schema, directory: str
    ) -> None:
        self.rows = 0
        self.bytes = 0
        self.unfit: Counter[str] = Counter()
        self._store = store
        self._context = context
        self._schema = schema
        self._slice = directory
        self._attempt = 0
        self._objects: list[StagedObject] = []
        self._misfits: list[Misfit] = []
        self._pending: list[pa.RecordBatch] = []
        self._pending_bytes = 0

    def write_batch(self, batch: Batch) -> int:
        fitted = fit(batch, self._schema)
        self._misfits.extend(fitted.misfits)
        self.unfit.update(fitted.unfit)
        for part in _split(fitted.batch):
            size = part.nbytes
            self._pending.append(part)
            self._pending_bytes += size
            self.rows += part.num_rows
            self.bytes += size
            if self._pending_bytes >= OBJECT_BYTES:
                self._flush()
        return int(fitted.batch.num_rows)

    def misfits(self) -> tuple[Misfit, ...]:
        taken, self._misfits = tuple(self._misfits), []
        return taken

    def seal(self, facts: dict[str, Any]) -> Manifest:
        self._flush()
        context = self._context
        manifest = Manifest(
            context.run_id,
            context.slice,
            context.epoch,
            tuple(self._objects),
            self.rows,
            self.bytes,
            facts,
        )

        body = orjson.dumps(manifest.as_json())
        if self._create(f"{self._slice}/MANIFEST.json", body) is not None:
            first = load_manifest(self._store, self._slice)
            if first is None:
                raise RetryableError(
                    "STAGING_CORRUPT",
                    f"{self.id} was deleted while it was sealed; run the slice again.",
                )
            return first

        return manifest

    @property
    def id(self) -> str:
        return self._slice

    def _flush(self) -> None:
        if not self._pending:
            return
        body, rows = _ipc(self._schema, self._pending), sum(b.num_rows for b in self._pending)
        digest = hashlib.sha256(body).hexdigest()
        while True:
            key = self._key(len(self._objects))
            existing = self._create(key, body)
            if existing is None or existing == digest:
                break
            self._attempt += 1
        self._objects.append(StagedObject(key, digest, rows, len(body)))
        self._pending, self._pending_bytes = [], 0

    def _key(self, number: int) -> str:
        directory = f"{self._slice}/attempt-{self._attempt}" if self._attempt else self._slice
        return f"{directory}/{number:06}"

    def _create(self, key: str, body: bytes) -> str | None:
        """Put if absent. Returns the sha256 of what was there, or None if this copy is the
        first.
        """
        for _ in range(PUT_ATTEMPTS):
            try:
                obstore.put(self._store, key, body, mode="create")
                return None
            except AlreadyExistsError:
                try:
                    return hashlib.sha256(obstore.get(self._store, key).bytes()).hexdigest()
                except FileNotFoundError:
                    continue  # S3 answers 409 while another conditional put of the key is in flight

        raise RetryableError(
            "STAGING_CORRUPT", f"{key} cannot be written: others write it; try again."
        )


def _split(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    if batch.num_rows == 0:
        return []
    rows = max(1, batch.num_rows * BATCH_BYTES // max(batch.nbytes, 1))
    return [batch.slice(start, rows) for start in range(0, batch.num_rows, rows)]


def _ipc(schema: pa.Schema, batches: list[pa.RecordBatch]) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(
        sink, schema, options=pa.ipc.IpcWriteOptions(compression="zstd")
    ) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]
