"""One slice of a replay: what an ended run staged lands again. The vendor is not asked, the
checkpoint stays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import pyarrow as pa

from inlet_sdk.errors import FatalError, RetryableError
from inlet_sdk.ports.described_endpoint import FieldDescriptor, Mode
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget, SliceCommit
from inlet_sdk.ports.staging_provider import (
    Manifest,
    RecordReader,
    StagingProvider,
    StagingSession,
)
from inlet_worker.pipeline.import_from_staging import land_sealed
from inlet_worker.pipeline.pending_slice import Pending, pending_of, recorded
from inlet_worker.pipeline.run_stats import NOTHING, committed_stats
from inlet_worker.staging.columns import staged_schema
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
    FatalError `STAGING_GONE` when the run's staging is not there any more.
    """

    def __init__(
        self,
        sink: SinkEndpoint,
        target: SinkTarget,
        policy: dict[str, Any],
        provider: StagingProvider,
        context: IngestionContext,
        replayed: Replayed,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._sink = sink
        self._target = target
        self._policy = policy
        self._provider = provider
        self._context = context
        self._replayed = replayed
        self._on_step = on_step
        self._since: int = (context.continuation or {}).get("since", 0)
        ordered = bool(order_columns(policy, [f.name for f in target.fields]))
        # Where nothing orders versions, only a full run that nothing has landed after is replayed:
        # it is the newest.
        self._as_full = replayed.mode == "FULL" and not (
            ordered and sink.descriptor.compares_versions
        )

    def run(
        self, load_pending: Callable[[], Pending | None], save_pending: Callable[[Pending], None]
    ) -> IngestionUnitResult:
        if receipt := self._sink.find_commit(self._target, self._context.commit_id):
            result = recorded(receipt, self._context, load_pending())
        else:
            result = self._land(save_pending)
        stats = result.stats
        told = f"{stats['read']} rows that run {self._replayed.run_id} staged: {stats['landed']} landed, "
        told += f"{stats['unchanged']} were there unchanged, {stats['deduplicated'] - stats['unchanged']} gave way."
        return replace(result, evidence=(*result.evidence, Evidence("REPLAYED", told, "info")))

    def _land(self, save_pending: Callable[[Pending], None]) -> IngestionUnitResult:
        started = time.monotonic()
        manifests = self._manifests()
        taken = self._taken(manifests[self._since :])
        rows = sum(manifest.rows for manifest in taken)
        until = self._since + len(taken)
        self._context.progress.rows += rows
        figures = {"read": rows, "slices": 1}
        result = IngestionUnitResult(
            "COMMITTED",
            until == len(manifests),
            None,
            {**NOTHING, **figures},
            resume={"since": until},
        )
        if not rows:
            return result
        save_pending(pending_of(self._context, result))
        self._on_step("pending")
        session = self._session(until - 1)
        commit = SliceCommit(
            commit_id=self._context.commit_id,
            run_id=self._context.run_id,
            epoch=self._context.epoch,
            mode=session.context.mode,
            policy={**self._policy, "schema": _kept_whole(self._policy)},
            complete=False,
            late=True,
        )
        landed = land_sealed(
            self._sink,
            self._context.unit_id,
            session,
            commit,
            since=self._since,
            namespace=self._target.namespace,
        )
        self._on_step("committed")
        stats = committed_stats(result.stats, landed.receipt)
        stats["durationMs"] = round((time.monotonic() - started) * 1000)
        return replace(result, stats=stats, receipt=landed.receipt)

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
            if manifest is None or "exhausted" not in manifest.facts:
                break
            found.append(manifest)
        if not found or not (
            found[-1].facts["exhausted"] or found[-1].slice == self._replayed.slice
        ):
            raise _gone(self._replayed.run_id)
        return found

    def _original(self, number: int) -> StagingSession:
        replayed = self._replayed
        context = replace(
            self._context,
            run_id=replayed.run_id,
            epoch=replayed.epoch,
            slice=number,
            continuation=None,
        )
        return self._provider.allocate_session(context, self._target.fields)

    def _session(self, last: int) -> ReplayedSession:
        mode: Mode = "FULL" if self._as_full else "INCREMENTAL"
        return ReplayedSession(
            replace(self._context, mode=mode), self._target.fields, self._original(last)
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
            for name in set(self._staged_.names) & set(self._schema.names):
                was, now = self._staged_.field(name).type, self._schema.field(name).type
                if was != now:
                    raise FatalError(
                        "SINK_REJECTED",
                        f"Column {name} was staged as {was} and is {now} now: start a run instead.",
                    )
        return self._staged_


def _column(batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
    return (
        batch.column(field.name)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
    )


def _kept_whole(policy: dict[str, Any]) -> str:
    """Rows that are staged already cannot be set aside: a column that may not come stops the
    replay.
    """
    schema = str(policy.get("schema", "evolve"))
    return "freeze" if schema == "quarantine" else schema


def _gone(run_id: str) -> FatalError:
    return FatalError(
        "STAGING_GONE",
        f"What run {run_id} staged is not there any more. Start a run; policy.retainStagingDays keeps what it stages.",
    )
