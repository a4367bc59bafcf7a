"""One slice of a refill: landed rows that are older than what the unit lands now are made again
from their own `_raw`, and land. The vendor is not asked for rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from inlet_sdk.errors import FatalError, SkippableError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_sdk.ports.run_stats import RunStats
from inlet_sdk.ports.source_endpoint import (
    QuarantinedRecord,
    Row,
    SourceEndpoint,
    SupportsReread,
)
from inlet_sdk.ports.staging_provider import Manifest, RecordWriter, StagingSession
from inlet_worker.pipeline.commit_step import CommitStep, Ready
from inlet_worker.pipeline.rows_behind_schema import SchemaAge
from inlet_worker.pipeline.run_stats import NOTHING
from inlet_worker.pipeline.schema_drift import landed_names, renamed
from inlet_worker.pipeline.slice_facts import RefillFacts
from inlet_worker.staging.columns import RAW

SLICE_ROWS = 50_000
SLICE_BYTES = 256 * 1024 * 1024
REMEDY = "A refill cannot make them again. Run the unit in full."


@dataclass
class _Left:
    """Rows that stay as they are: without `_raw`, or of a record that makes no row any more."""

    without_raw: int = 0
    refused: int = 0
    reason: str = ""

    def refuse(self, reason: str) -> None:
        self.refused += 1
        self.reason = self.reason or reason


class RowRefill:
    """`session` is the refill's own, `checkpoint` the unit's, of which only the pipeline's part
    changes. What has landed is not behind any more, so each slice goes on where the one before was.
    Raises FatalError `CONFIG_INVALID` where source, sink or policy cannot do it.
    """

    def __init__(
        self,
        step: CommitStep,
        source: SourceEndpoint,
        session: StagingSession,
        age: SchemaAge,
        checkpoint: Checkpoint | None,
    ) -> None:
        self._step = step
        self._source = _rereading(source)
        self._session = session
        self._age = age
        self._checkpoint = checkpoint
        self._context: IngestionContext = session.context
        _refuse_unmergeable(step)

    def run(self) -> IngestionUnitResult:
        """Land what can be made again. A slice of which nothing landed is the last one: the next
        would find the same rows.
        """
        result = self._step.take(self._ready)
        if result.receipt and not result.receipt.landed:
            result = replace(result, done=True)
        if result.done:
            self._session.close()

        result = replace(result, evidence=(self._told(result), *result.evidence))
        return self._age.after_run(result, whole=True, remedy=REMEDY)

    def _ready(self) -> Ready | IngestionUnitResult:
        manifest = self._session.sealed() or self._staged()
        self._step.on_step("sealed")
        facts = RefillFacts.of(manifest)
        stands = not manifest.rows and not self._context.cancelled()
        done = facts.exhausted or stands
        result = IngestionUnitResult(
            "COMMITTED",
            done,
            self._age.within(self._checkpoint) if self._checkpoint else None,
            facts.stats,
            evidence=facts.evidence if done else (),
            resume={},
        )
        if not manifest.rows:
            return result
        return Ready(result, self._session, since=self._context.slice)

    def _staged(self) -> Manifest:
        started = time.monotonic()
        writer, left = self._session.writer(), _Left()
        exhausted = self._write(writer, left)

        stats: RunStats = {
            **NOTHING,
            "read": writer.rows,
            "durationMs": round((time.monotonic() - started) * 1000),
            "slices": 1,
        }
        return writer.seal(RefillFacts(stats, exhausted, _left_behind(left)).dump())

    def _write(self, writer: RecordWriter, left: _Left) -> bool:
        """Whether these are all."""
        batches = self._step.sink.landed_rows(self._step.target, self._age.is_behind)
        for number, batch in enumerate(batches):
            if number and self._must_stop(writer):
                return False
            made = list(self._made_again(batch.to_pylist(), left))
            writer.write_batch(renamed(made, landed_names(self._session.fields)))
            for misfit in writer.misfits():
                left.refuse(misfit.reason)
            self._context.progress.rows = writer.rows
            self._context.on_progress(self._context.progress)
        return True

    def _must_stop(self, writer: RecordWriter) -> bool:
        deadline = self._context.deadline
        late = deadline is not None and datetime.now(UTC) >= deadline
        full = writer.rows >= SLICE_ROWS or writer.bytes >= SLICE_BYTES
        return self._context.cancelled() or late or full

    def _made_again(self, landed: Sequence[Mapping[str, Any]], left: _Left) -> Iterator[Row]:
        for row in landed:
            if row.get(RAW) is None:
                left.without_raw += 1
                continue
            try:
                yield self._row_of(row)
            except SkippableError as error:
                left.refuse(error.message)

    def _row_of(self, landed: Mapping[str, Any]) -> Row:
        """What the record does not tell (a comment's issue) is taken from the landed row."""
        names = {field.name for field in self._step.target.fields}
        known = {name: landed[name] for name in names if landed.get(name) is not None}
        keys = self._step.policy.primary_keys
        shown = ",".join(str(landed.get(key)) for key in keys)
        record = QuarantinedRecord(shown, "", "", landed[RAW], known)

        made = self._source.reread(self._context.unit_id, record, self._step.target.fields)
        if any(str(made.get(key)) != str(landed.get(key)) for key in keys):
            raise SkippableError("RECORD_INVALID", "Its `_raw` is another record's.")
        return made

    def _told(self, result: IngestionUnitResult) -> Evidence:
        stats = result.stats
        message = f"{stats['read']} rows were made again from `_raw`: {stats['landed']} landed."
        return Evidence("REFILLED", message, "info")


def _left_behind(left: _Left) -> tuple[Evidence, ...]:
    found = []
    if left.without_raw:
        message = f"{left.without_raw} rows have no `_raw` to be made again from."
        found.append(Evidence("REFILLED", message, "info"))
    if left.refused:
        message = f"{left.refused} rows stay as they are, the first because: {left.reason}"
        found.append(Evidence("REFILLED", message, "info"))
    return tuple(found)


def _rereading(source: SourceEndpoint) -> SupportsReread:
    if isinstance(source, SupportsReread):
        return source
    raise FatalError(
        "CONFIG_INVALID",
        f"{source.descriptor.name} cannot make rows of what has landed. Run the unit in full.",
        details={"field": "unitId"},
    )


def _refuse_unmergeable(step: CommitStep) -> None:
    """A refill replaces rows by key, and makes a source's row of what has landed."""
    if step.transform is not None:
        raise FatalError(
            "CONFIG_INVALID",
            "Rows that a transform made cannot be refilled. Run the unit in full.",
            details={"field": "policy.transform"},
        )
    if not step.sink.descriptor.compares_versions:
        raise FatalError(
            "CONFIG_INVALID",
            f"{step.sink.descriptor.name} never changes what it has written, so it cannot be "
            "refilled. Run the unit in full.",
            details={"field": "sinkId"},
        )
    if not step.policy.primary_keys:
        raise FatalError(
            "CONFIG_INVALID",
            "Rows without a key cannot be refilled. Set policy.primaryKeys, or run the unit in "
            "full.",
            details={"field": "policy.primaryKeys"},
        )
