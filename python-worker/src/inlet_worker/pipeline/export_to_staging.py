"""The source phase: read one slice and seal it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa

from inlet_sdk.errors import FatalError, RateLimitedError
from inlet_sdk.ports.checkpoint import Checkpoint, Cursor
from inlet_sdk.ports.columnar_rows import ColumnarRows
from inlet_sdk.ports.doubts import UNEXPECTED_RESPONSE
from inlet_sdk.ports.ingestion_context import IngestionContext, Resume
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import Evidence, ExportResult, RecordError, Wait, Weight
from inlet_sdk.ports.source_endpoint import (
    QuarantinedRecord,
    SourceBatch,
    SourceEndpoint,
    SupportsCustomMode,
)
from inlet_sdk.ports.staging_provider import Manifest, Misfit, RecordWriter, StagingSession
from inlet_sdk.redaction import shown
from inlet_worker.pipeline.outstanding import identity_of, keys_in
from inlet_worker.pipeline.quarantine_state import QuarantineState
from inlet_worker.pipeline.schema_drift import (
    landed_names,
    renamed,
    retyped_evidence,
    unfit_evidence,
)
from inlet_worker.pipeline.slice_facts import Lists, exported, read_facts
from inlet_worker.pipeline.summed_evidence import Summing

SLICE_ROWS = 50_000
SLICE_BYTES = 256 * 1024 * 1024
"""An INCREMENTAL slice is committed when it has grown to this, at the next batch that names a
cursor.
"""
QUARANTINE_PART, QUARANTINE_BYTES = 500, 4 * 1024 * 1024
"""Records that are set aside are written when they have grown to so many, or to so much text."""
SAMPLE = 10


def export_to_staging(
    source_endpoint: SourceEndpoint,
    unit_id: str,
    checkpoint: Checkpoint | dict[str, Any] | None,
    policy: Policy | dict[str, Any],
    staging: StagingSession,
    aside: QuarantineState | None = None,
) -> ExportResult:
    """Read until the source is exhausted, the slice is full, time is up, a cancel came, or the
    vendor says wait; then seal. A slice that an earlier attempt sealed is returned as it is: the
    vendor is not asked twice. A context that is only to land reads nothing. `aside`: what is set
    aside so far in this run, the checkpoint's if not given.
    """
    manifest = staging.sealed()
    if manifest is None:
        before = Checkpoint.parse(checkpoint) if checkpoint else None
        known = aside or quarantine_before(before, staging.context)
        export = _Export(source_endpoint, unit_id, before, Policy.parse(policy), staging, known)
        manifest = export.run()

    return exported(manifest)


def quarantine_before(checkpoint: Checkpoint | None, context: IngestionContext) -> QuarantineState:
    """What is set aside when a run begins to read."""
    state = QuarantineState.of(checkpoint)
    if context.mode == "FULL":
        state.begin_full()
    return state


class _Export:
    def __init__(
        self,
        source: SourceEndpoint,
        unit_id: str,
        checkpoint: Checkpoint | None,
        policy: Policy,
        staging: StagingSession,
        aside: QuarantineState,
    ) -> None:
        self._aside = aside
        self._source = source
        self._unit_id = unit_id
        self._checkpoint = checkpoint
        self._policy = policy
        self._staging = staging
        self._context: IngestionContext = staging.context

        self._resume: Resume | None = staging.context.continuation
        self._cursor: Cursor | None = None
        self._committable = False
        self._read = 0
        self._warnings: Summing[Evidence] = Summing()
        self._quarantine: list[QuarantinedRecord] = []
        self._quarantine_bytes = 0
        self._quarantined = 0
        self._parts = 0
        self._sample: list[RecordError] = []
        self._lists = Lists()
        self._names = landed_names(staging.fields)

    def run(self) -> Manifest:
        started = time.monotonic()
        writer = self._staging.writer()
        exhausted, wait = False, None
        batches = self._batches()
        try:
            exhausted = self._take_all(batches, writer)
        except RateLimitedError as error:
            wait = Wait.of(error)
        except FatalError as error:
            if error.code != "CANCELLED" or not self._context.cancelled():
                raise
            # The worker stops us in the middle of a page: what was taken before it is sealed.
        finally:
            if close := getattr(batches, "close", None):
                close()

        for doubt in self._context.doubts.take():
            self._warnings.add(Evidence(UNEXPECTED_RESPONSE, doubt, "partial"))
        self._flush_quarantine()
        export = self._result(writer, exhausted, wait, time.monotonic() - started)
        return writer.seal(read_facts(export))

    def _batches(self) -> Iterator[SourceBatch]:
        if self._context.only == "LAND":
            return iter(())
        if self._context.mode == "FULL":
            return self._source.read_full(self._unit_id, self._policy, self._context)
        if self._resume is None and self._checkpoint is not None:
            self._context = replace(self._context, again=self._aside.again())
        given = (self._unit_id, self._checkpoint, self._policy, self._context)
        if self._context.mode != "CUSTOM":
            return self._source.read_incremental(*given)
        if not isinstance(self._source, SupportsCustomMode):
            raise FatalError(
                "CONFIG_INVALID",
                f"{self._source.descriptor.name} has no planner of its own: set the mode to FULL.",
                details={"field": "mode"},
            )
        return self._source.read_custom(*given)

    def _take_all(self, batches: Iterator[SourceBatch], writer: RecordWriter) -> bool:
        empty = 0
        for batch in batches:
            read = self._take(batch, writer)
            empty = 0 if read else empty + 1
            self._context.on_progress(self._context.progress)
            # One empty batch is how a source says that it is through: stopping on it would never
            # end.
            moved = read > 0 or empty > 1
            is_done = (moved and self._is_late()) or (read and self._is_full(writer))
            if self._context.cancelled() or is_done:
                return False
        return True

    def _take(self, batch: SourceBatch, writer: RecordWriter) -> int:
        rows = batch.rows.num_rows if isinstance(batch.rows, pa.RecordBatch) else len(batch.rows)
        read = int(rows + len(batch.quarantined))
        self._read += read
        writer.write_batch(renamed(batch.rows, self._names))
        odd = [*map(self._record_of, writer.misfits()), *batch.quarantined]
        self._settle(batch, {record.key for record in odd})
        for record in odd:
            self._set_aside(record)

        for warning in batch.warnings:
            weight: Weight = "partial" if warning.partial else "info"
            self._warnings.add(Evidence(warning.code, warning.message, weight))

        self._lists.add(batch.listed)
        self._resume = batch.resume
        self._committable = batch.cursor is not None
        if batch.cursor is not None:
            self._cursor = batch.cursor
        return read

    def _settle(self, batch: SourceBatch, odd: set[str | None]) -> None:
        """What is read after it was set aside lands, unless it is among the `odd` of its batch."""
        if not self._aside.has_names:
            return
        for key in batch.read:
            self._aside.settle(identity_of(key, ""))

        keys, rows = self._policy.primary_keys, batch.rows
        if not keys:
            return
        if isinstance(rows, pa.RecordBatch):
            named = [name for name in keys if name in rows.schema.names]
            rows = rows.select(named).to_pylist()
        elif isinstance(rows, ColumnarRows):
            rows = rows.only(keys)
        for key in keys_in(rows, keys):
            if key not in odd:
                self._aside.settle(identity_of(key, ""))

    def _is_late(self) -> bool:
        deadline = self._context.deadline
        return deadline is not None and datetime.now(UTC) >= deadline

    def _is_full(self, writer: RecordWriter) -> bool:
        if self._context.mode == "FULL" or not self._committable:
            return False
        return writer.rows >= SLICE_ROWS or writer.bytes >= SLICE_BYTES

    def _record_of(self, misfit: Misfit) -> QuarantinedRecord:
        keys = [misfit.row.get(name) for name in self._policy.primary_keys]
        raw = misfit.row.get("_raw") or orjson.dumps(dict(misfit.row), default=str)
        text = raw.decode() if isinstance(raw, bytes) else str(raw)
        key = ",".join(str(k) for k in keys) if keys and None not in keys else None
        row = {name: value for name, value in misfit.row.items() if name != "_raw"}
        return QuarantinedRecord(key, misfit.code, misfit.reason, text, row)

    def _set_aside(self, record: QuarantinedRecord) -> None:
        self._quarantined += 1
        shelved = self._aside.takes(record, self._context.epoch)
        if shelved is not None:
            self._quarantine.append(shelved)
            self._quarantine_bytes += len(shelved.raw)
        if len(self._sample) < SAMPLE:
            self._sample.append(
                {
                    "code": record.code,
                    "message": record.reason,
                    "key": shown(record.key or "") or None,
                }
            )

        is_much = self._quarantine_bytes >= QUARANTINE_BYTES
        if is_much or len(self._quarantine) >= QUARANTINE_PART:
            self._flush_quarantine()

    def _flush_quarantine(self) -> None:
        if self._quarantine:
            self._staging.quarantine(self._quarantine, self._parts)
            self._parts += 1
            self._quarantine, self._quarantine_bytes = [], 0

    def _result(
        self, writer: RecordWriter, exhausted: bool, wait: Wait | None, seconds: float
    ) -> ExportResult:
        progress = self._context.progress
        return ExportResult(
            checkpoint=Checkpoint.of(self._cursor) if self._cursor is not None else None,
            stats={
                "exported_rows": writer.rows,
                "read_rows": self._read,
                "quarantined_rows": self._quarantined,
                "unfit_values": writer.unfit.total(),
                "exported_bytes": writer.bytes,
                "requests": progress.requests,
                "pages": progress.pages,
                "waited_ms": progress.waited_ms,
                "duration_ms": round(seconds * 1000),
            },
            exhausted=exhausted,
            committable=self._committable or exhausted,
            resume=self._resume,
            wait=wait,
            warnings=(*self._warnings.result(), *self._drift(writer)),
            quarantined=tuple(self._sample),
            listed=self._lists.found,
            aside=self._aside.facts(),
            lists_cut=self._lists.are_cut,
        )

    def _drift(self, writer: RecordWriter) -> tuple[Evidence, ...]:
        """What the types of columns have to do with it. A run says once which were retyped."""
        retyped = retyped_evidence(self._staging.fields) if self._context.slice == 0 else ()
        return (*retyped, *unfit_evidence(writer.unfit))
