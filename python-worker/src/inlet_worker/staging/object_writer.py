"""Writes one slice as objects of bounded size."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pyarrow as pa

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.columnar_rows import ColumnarRows
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.staging_provider import Batch, Manifest, Misfit
from inlet_worker.staging.columnar_fit import ColumnarFit, unfit_in
from inlet_worker.staging.columns import fit
from inlet_worker.staging.object_puts import ObjectPuts
from inlet_worker.staging.object_reader import load_manifest

OBJECT_BYTES = 16 * 1024 * 1024
"""Arrow bytes of an object, all of them in one record batch: what bounds the memory of a writer and
of a reader. One row may be larger, and is an object of its own.
"""
PART_BYTES = 4 * 1024 * 1024
"""Arrow bytes by which an object may be larger; and the bytes of records that are gathered before
their columns are made: for each column of each batch there is a price.
"""


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
        self._columnar = ColumnarFit(schema)
        self._pages: list[ColumnarRows] = []
        self._pages_size = 0

    def write_batch(self, batch: Batch) -> int:
        if isinstance(batch, ColumnarRows) and self._columnar.takes(batch):
            return self._gather(batch)

        self._fit_pages()
        fitted = fit(batch, self._schema)
        self._misfits.extend(fitted.misfits)
        self.unfit.update(fitted.unfit)
        rows = int(fitted.batch.num_rows)
        self.rows += rows
        self._append(fitted.batch)
        return rows

    def misfits(self) -> tuple[Misfit, ...]:
        taken, self._misfits = tuple(self._misfits), []
        return taken

    def seal(self, facts: dict[str, Any]) -> Manifest:
        self._fit_pages()
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

    def _gather(self, rows: ColumnarRows) -> int:
        self._pages.append(rows)
        self._pages_size += rows.size
        self.rows += len(rows)
        self.unfit.update(unfit_in(rows))
        if self._pages_size >= PART_BYTES:
            self._fit_pages()
        return len(rows)

    def _fit_pages(self) -> None:
        if self._pages:
            pages, self._pages, self._pages_size = self._pages, [], 0
            self._append(self._columnar.fit(pages))

    def _append(self, batch: pa.RecordBatch) -> None:
        for part in _split(batch):
            size = part.nbytes
            if self._pending_bytes + size > OBJECT_BYTES + PART_BYTES:
                self._flush()
            self._pending.append(part)
            self._pending_bytes += size
            self.bytes += size
            if self._pending_bytes >= OBJECT_BYTES:
                self._flush()

    def _flush(self) -> None:
        if self._pending:
            self._puts.add(self._pending)
            self._pending, self._pending_bytes = [], 0


def _split(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    if batch.num_rows == 0:
        return []
    rows = max(1, batch.num_rows * PART_BYTES // max(batch.nbytes, 1))
    return [batch.slice(start, rows) for start in range(0, batch.num_rows, rows)]
