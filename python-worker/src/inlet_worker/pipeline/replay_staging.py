"""One slice of a replay: what an ended run staged lands again. The vendor is not asked, the
checkpoint stays.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import pyarrow as pa

from inlet_sdk.errors import FatalError, RetryableError
from inlet_sdk.ports.described_endpoint import FieldDescriptor, Mode
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_sdk.ports.run_stats import RunStats
from inlet_sdk.ports.staging_provider import (
    Manifest,
    RecordReader,
    StagingProvider,
    StagingSession,
)
from inlet_worker.pipeline.commit_step import CommitStep, Ready
from inlet_worker.pipeline.continuations import ReplayOn
from inlet_worker.pipeline.identity import began_at
from inlet_worker.pipeline.run_stats import NOTHING
from inlet_worker.pipeline.schema_drift import kept_whole, staged_fields
from inlet_worker.pipeline.slice_facts import exported, was_read
from inlet_worker.pipeline.summed_evidence import summed
from inlet_worker.staging.columns import OF, staged_schema
from inlet_worker.staging.row_version import order_columns

SLICE_ROWS = 50_000


@dataclass(frozen=True)
class Replayed:
    """The ended run: its slices 0 to `slice` have landed, staged under `epoch`."""

    run_id: str
    epoch: int
    slice: int
    mode: Mode


class StagingReplay:
    """Called again with the same context after any failure it goes on where it was. Raises
    FatalError `STAGING_GONE` when the run's staging is not there any more, and `SOURCE_CHANGED`
    when it is older than the source system of the table.
    """

    def __init__(self, step: CommitStep, provider: StagingProvider, replayed: Replayed) -> None:
        whole = kept_whole(step.policy)
        self._step = replace(step, policy=whole)
        self._fields = (
            step.read_fields if step.transform else staged_fields(step.sink, step.target, whole)
        )
        self._provider = provider
        self._context: IngestionContext = step.context
        self._replayed = replayed
        self._since = ReplayOn.parse(step.context.continuation).since
        ordered = bool(order_columns(step.policy, [f.name for f in step.target.fields]))
        # Where nothing orders versions, only a full run that nothing has landed after is replayed:
        # it is the newest.
        self._as_full = replayed.mode == "FULL" and not (
            ordered and step.sink.descriptor.compares_versions
        )

    def run(self) -> IngestionUnitResult:
        self._refuse_other_system()
        started = time.monotonic()
        result = self._step.take(self._ready)
        stats: RunStats = {
            **result.stats,
            "durationMs": round((time.monotonic() - started) * 1000),
        }

        message = f"{stats['read']} rows that run {self._replayed.run_id} staged: "
        message += f"{stats['landed']} landed, {stats['unchanged']} were there unchanged, "
        message += f"{stats['deduplicated'] - stats['unchanged']} gave way."
        evidence = (*result.evidence, Evidence("REPLAYED", message, "info"))
        return replace(result, stats=stats, evidence=evidence)

    def _refuse_other_system(self) -> None:
        """What was staged before the table's system took it over may be of another one."""
        if self._replayed.epoch < began_at(self._step.sink, self._step.target):
            raise FatalError(
                "SOURCE_CHANGED",
                f"What run {self._replayed.run_id} staged is older than the source system of the "
                "table, so it may be of another one. Start a run instead.",
            )

    def _ready(self) -> Ready | IngestionUnitResult:
        manifests = self._manifests()
        taken = self._taken(manifests[self._since :])
        rows = sum(manifest.rows for manifest in taken)
        until = self._since + len(taken)
        self._context.progress.rows += rows
        result = IngestionUnitResult(
            "COMMITTED",
            until == len(manifests),
            None,
            {**NOTHING, "read": rows, "slices": 1},
            # What the run could not see is not in its staging either.
            evidence=summed(one for manifest in taken for one in exported(manifest).warnings),
            resume=ReplayOn(until).dump(),
        )

        if not rows:
            return result
        slices = self._session(until - 1)
        return Ready(result, slices, since=self._since, late=True)

    def _taken(self, manifests: Sequence[Manifest]) -> Sequence[Manifest]:
        """As many as one commit takes; all of them where they replace each other."""
        if self._as_full:
            return manifests
        sums = list(accumulate(manifest.rows for manifest in manifests))
        return manifests[: max(1, sum(total <= SLICE_ROWS for total in sums))]

    def _manifests(self) -> list[Manifest]:
        """Of the slices that were read from the source; those of a census follow them and hold
        tombstones, which are as old as the run and not repeated.
        """
        found: list[Manifest] = []
        for number in range(self._replayed.slice + 1):
            manifest = self._original(number).sealed()
            if manifest is None or not was_read(manifest):
                break
            found.append(manifest)
        if found and (found[-1].slice == self._replayed.slice or exported(found[-1]).exhausted):
            return found
        raise _gone(self._replayed.run_id)

    def _original(self, number: int) -> StagingSession:
        replayed = self._replayed
        context = replace(
            self._context,
            run_id=replayed.run_id,
            epoch=replayed.epoch,
            slice=number,
            continuation=None,
        )
        return self._provider.allocate_session(context, self._step.target.fields)

    def _session(self, last: int) -> ReplayedSession:
        mode: Mode = "FULL" if self._as_full else "INCREMENTAL"
        return ReplayedSession(
            replace(self._context, mode=mode), self._fields, self._original(last)
        )


@dataclass(frozen=True)
class ReplayedSession:
    """The staging of another run under our name: what `land_sealed` needs of a session."""

    context: IngestionContext
    fields: tuple[FieldDescriptor, ...]
    original: StagingSession

    def reader(self, since: int = 0) -> RecordReader:
        return ReplayedReader(
            self.original.reader(since), staged_schema(self.fields), self.original.context.run_id
        )


class ReplayedReader:
    """Rows as they were staged, with the columns that the dataset has now: new ones are null, old
    ones are left to `_raw`. Raises FatalError `SINK_REJECTED` where a column has another type by
    now.
    """

    def __init__(self, original: RecordReader, schema: pa.Schema, run_id: str) -> None:
        self._original = original
        self._schema = schema
        self._run_id = run_id
        self._staged_: pa.Schema | None = None

    def manifests(self) -> tuple[Manifest, ...]:
        return self._original.manifests()

    def iter_batches(
        self, chunk_size: int, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        wanted = (
            [self._schema.field(name) for name in columns]
            if columns is not None
            else list(self._schema)
        )

        try:
            there = [field.name for field in wanted if field.name in self._staged.names]
            for batch in self._original.iter_batches(chunk_size, there):
                yield pa.RecordBatch.from_arrays(
                    [_column(batch, f) for f in wanted], schema=pa.schema(wanted)
                )
        except RetryableError as error:
            if error.code != "STAGING_CORRUPT":
                raise
            raise _gone(self._run_id) from error  # nobody stages it again

    @property
    def _staged(self) -> pa.Schema:
        """All slices of a run are staged with the columns of its plan."""
        if self._staged_ is None:
            first = next(iter(self._original.iter_batches(1)), None)
            self._staged_ = pa.schema([]) if first is None else first.schema
            for field in self._schema:
                _refuse_retyped(self._staged_, field)
        return self._staged_


def _refuse_retyped(staged: pa.Schema, field: pa.Field) -> None:
    """A column that was staged with another type, under its own name or its field's."""
    of = (field.metadata or {}).get(OF.encode(), b"").decode()
    name = of if of and field.name not in staged.names else field.name
    if name not in staged.names or staged.field(name).type == field.type:
        return
    was = staged.field(name).type
    raise FatalError(
        "SINK_REJECTED",
        f"Column {name} was staged as {was} and is {field.type} now: start a run instead.",
    )


def _column(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    return (
        batch.column(field.name)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
    )


def _gone(run_id: str) -> FatalError:
    return FatalError(
        "STAGING_GONE",
        f"What run {run_id} staged is not there any more. "
        "Start a run; policy.retainStagingDays keeps what it stages.",
    )
