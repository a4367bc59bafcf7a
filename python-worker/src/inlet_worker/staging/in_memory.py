"""Staging inside the process: for tests, benches and small runs. Gone with the process, so a retry
reads again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from inlet_sdk.errors import RetryableError
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.source_endpoint import QuarantinedRecord
from inlet_sdk.ports.staging_provider import Batch, Manifest, Misfit, StagedObject
from inlet_worker.staging.columns import HASH, fit, staged_schema
from inlet_worker.staging.quarantine import json_lines, quarantine_key

Slot = tuple[int, int]  # slice, epoch
Sealed = tuple[Manifest, tuple[pa.RecordBatch, ...]]


class InMemoryStaging:
    """Provider `in_memory`: sessions by tenant and run. `quarantined` holds JSON lines by key,
    `handed_over` what no other service can read: only tests look at it."""

    def __init__(self) -> None:
        self._runs: dict[str, dict[str, dict[Slot, Sealed]]] = {}
        self.quarantined: dict[str, bytes] = {}
        self.handed_over: dict[str, bytes] = {}

    def allocate_session(
        self, context: IngestionContext, fields: tuple[FieldDescriptor, ...] = ()
    ) -> InMemorySession:
        return InMemorySession(self, context, fields)

    def sweep(self, is_kept: Callable[[str, str], bool]) -> int:
        staged = [
            (tenant_id, run_id)
            for tenant_id, runs in self._runs.items()
            for run_id, slices in runs.items()
            if slices
        ]
        dead = [run for run in staged if not is_kept(*run)]

        for tenant_id, run_id in dead:
            self.forget(tenant_id, run_id)
        return len(dead)

    def sealed_slices(self, context: IngestionContext) -> dict[Slot, Sealed]:
        """The sealed slices of a run."""
        return self._runs.setdefault(context.tenant_id, {}).setdefault(context.run_id, {})

    def forget(self, tenant_id: str, run_id: str) -> None:
        """Drop a run's slices."""
        self._runs.get(tenant_id, {}).pop(run_id, None)
        ours = f"mem/{tenant_id}/{run_id}/"
        self.handed_over = {
            key: body for key, body in self.handed_over.items() if not key.startswith(ours)
        }


class InMemorySession:
    """One slice's view of the run's buffer."""

    def __init__(
        self,
        provider: InMemoryStaging,
        context: IngestionContext,
        fields: tuple[FieldDescriptor, ...],
    ):
        self.id = f"mem/{context.tenant_id}/{context.run_id}"
        self.context = context
        self.fields = fields
        self._provider = provider

    def writer(self) -> InMemoryWriter:
        return InMemoryWriter(
            self.context,
            staged_schema(self.fields, self.context.mapping),
            self._provider.sealed_slices(self.context),
        )

    def reader(self, since: int = 0) -> InMemoryReader:
        return InMemoryReader(self.context, self._provider.sealed_slices(self.context), since)

    def sealed(self) -> Manifest | None:
        sealed = self._provider.sealed_slices(self.context).get(
            (self.context.slice, self.context.epoch)
        )
        return sealed[0] if sealed else None

    def quarantine(self, records: Sequence[QuarantinedRecord], part: int) -> str:
        key = quarantine_key(self.context, part)
        self._provider.quarantined[key] = json_lines(records, self.context.epoch)
        return key

    def hand_over(self, name: str, body: bytes) -> str:
        key = f"{self.id}/{self.context.slice}/{self.context.epoch}/kb/{name}"
        self._provider.handed_over[key] = body
        return key

    def close(self) -> None:
        self._provider.forget(self.context.tenant_id, self.context.run_id)


class InMemoryWriter:
    """Keeps the batches of one slice until they are sealed."""

    def __init__(
        self, context: IngestionContext, schema: pa.Schema, slices: dict[Slot, Sealed]
    ) -> None:
        self.rows = 0
        self.bytes = 0
        self.unfit: Counter[str] = Counter()
        self._context = context
        self._schema = schema
        self._slices = slices
        self._batches: list[pa.RecordBatch] = []
        self._misfits: list[Misfit] = []

    def write_batch(self, batch: Batch) -> int:
        fitted = fit(batch, self._schema)
        self._misfits.extend(fitted.misfits)
        self.unfit.update(fitted.unfit)
        if fitted.batch.num_rows:
            self._batches.append(fitted.batch)
            self.rows += fitted.batch.num_rows
            self.bytes += fitted.batch.get_total_buffer_size()
        return int(fitted.batch.num_rows)

    def misfits(self) -> tuple[Misfit, ...]:
        taken, self._misfits = tuple(self._misfits), []
        return taken

    def seal(self, facts: dict[str, Any]) -> Manifest:
        context = self._context
        objects = tuple(
            StagedObject(
                f"{context.slice}/{context.epoch}/{n:06}",
                _digest(b),
                b.num_rows,
                b.nbytes,
            )
            for n, b in enumerate(self._batches)
        )
        manifest = Manifest(
            context.run_id, context.slice, context.epoch, objects, self.rows, self.bytes, facts
        )
        return self._slices.setdefault(
            (context.slice, context.epoch), (manifest, tuple(self._batches))
        )[0]


class InMemoryReader:
    """Reads the sealed slices of the context's epoch."""

    def __init__(self, context: IngestionContext, slices: dict[Slot, Sealed], since: int) -> None:
        self._sealed = [slices.get((n, context.epoch)) for n in range(since, context.slice + 1)]

    def manifests(self) -> tuple[Manifest, ...]:
        return tuple(manifest for manifest, _ in self._complete())

    def iter_batches(
        self, chunk_size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        for manifest, batches in self._complete():
            for staged, batch in zip(manifest.objects, batches, strict=True):
                if _digest(batch) != staged.sha256:
                    raise RetryableError(
                        "STAGING_CORRUPT",
                        f"Staged batch {staged.key} changed; start the run again.",
                    )
                wanted = batch if columns is None else batch.select(list(columns))
                for start in range(0, wanted.num_rows, chunk_size):
                    yield wanted.slice(start, chunk_size)

    def _complete(self) -> list[Sealed]:
        while self._sealed and self._sealed[-1] is None:
            self._sealed.pop()
        if any(sealed is None for sealed in self._sealed):
            raise RetryableError(
                "STAGING_CORRUPT", "A sealed slice of the run is missing; start the run again."
            )
        return [sealed for sealed in self._sealed if sealed]


def _digest(batch: pa.RecordBatch) -> str:
    return hashlib.sha256("".join(batch.column(HASH).to_pylist()).encode()).hexdigest()
