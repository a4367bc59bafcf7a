"""Writes one slice as objects of bounded size."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pyarrow as pa

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.staging_provider import Batch, Manifest, Misfit
from inlet_worker.staging.columns import fit
from inlet_worker.staging.object_puts import ObjectPuts
from inlet_worker.staging.object_reader import load_manifest

OBJECT_BYTES = 16 * 1024 * 1024
"""Arrow bytes of an object, all of them in one record batch: what bounds the memory of a writer and
of a reader. One row may be larger, and is an object of its own.
"""
PART_BYTES = 4 * 1024 * 1024
"""Arrow bytes by which an object may be larger."""


class ObjectWriter:
    """Gathers rows until they make an object, which is put while the next one is gathered."""

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
        self._puts = ObjectPuts(store, directory)
        self._misfits: list[Misfit] = []
        self._pending: list[pa.RecordBatch] = []
        self._pending_bytes = 0

    def write_batch(self, batch: Batch) -> int:
        fitted = fit(batch, self._schema)
        self._misfits.extend(fitted.misfits)
        self.unfit.update(fitted.unfit)
        for part in _split(fitted.batch):
            size = part.nbytes
            if self._pending_bytes + size > OBJECT_BYTES + PART_BYTES:
                self._flush()
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
        objects, context = self._puts.finish(), self._context
        manifest = Manifest(
            context.run_id,
            context.slice,
            context.epoch,
            objects,
            self.rows,
            self.bytes,
            facts,
        )

        body = orjson.dumps(manifest.as_json())
        if self._puts.create(f"{self._slice}/MANIFEST.json", body) is not None:
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
        if self._pending:
            self._puts.add(self._pending)
            self._pending, self._pending_bytes = [], 0


def _split(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    if batch.num_rows == 0:
        return []
    rows = max(1, batch.num_rows * PART_BYTES // max(batch.nbytes, 1))
    return [batch.slice(start, rows) for start in range(0, batch.num_rows, rows)]
