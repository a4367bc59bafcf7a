"""One slice of a redrive: quarantined records, tried again under the unit's present policy and
connector, land; or they are discarded, and what they say counts no more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from inlet_sdk.errors import SkippableError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_sdk.ports.run_stats import RunStats
from inlet_sdk.ports.source_endpoint import Row, SourceEndpoint, SupportsReread
from inlet_sdk.ports.staging_provider import Manifest, StagingSession
from inlet_worker.pipeline.commit_step import CommitStep, Ready
from inlet_worker.pipeline.continuations import RedriveOn
from inlet_worker.pipeline.identity import began_at
from inlet_worker.pipeline.quarantine_state import QuarantineState
from inlet_worker.pipeline.run_stats import NOTHING
from inlet_worker.pipeline.schema_drift import landed_names, renamed, unfit_evidence
from inlet_worker.pipeline.slice_facts import RedriveFacts
from inlet_worker.staging.quarantine_shelf import QuarantineShelf, Selection, ShelvedRecord, Verdict
from inlet_worker.staging.row_version import order_columns

SLICE_RECORDS = 5_000
SLICE_BYTES = 64 * 1024 * 1024
"""A slice holds its records in memory, to compare them with what has landed since."""
Tried = tuple[ShelvedRecord, Row]
Place = tuple[str, int]


class QuarantineRedrive:
    """`session` is the redrive's own. Called again with the same context after any failure it goes
    on where it was.
    """

    def __init__(
        self,
        step: CommitStep,
        source: SourceEndpoint,
        session: StagingSession,
        shelf: QuarantineShelf,
        wanted: Selection,
        checkpoint: Checkpoint | None,
        *,
        discard: bool = False,
    ) -> None:
        self._step = step
        self._source = source
        self._session = session
        self._shelf = shelf
        self._wanted = wanted
        self._checkpoint = checkpoint
        self._discard = discard
        self._context: IngestionContext = session.context
        self._name = f"{self._context.run_id}-{self._context.slice:06}"

        self._began = began_at(step.sink, step.target)

        # A sink that only appends compares no versions.
        self._ordered = (
            bool(order_columns(step.policy, [f.name for f in step.target.fields]))
            and step.sink.descriptor.compares_versions
        )

    def run(self) -> IngestionUnitResult:
        """Land what fits and mark it as landed once it is; the rest stays in quarantine with its
        new reason.
        """
        self._settle()
        result = self._step.take(self._ready)
        if result.receipt:
            self._shelf.confirm(self._name)
            self._step.on_step("confirmed")

        if result.done:
            self._session.close()
        return replace(result, evidence=(*result.evidence, *self._told(result)))

    def _settle(self) -> None:
        """Decide what redrives before left open. The fence keeps out a commit that is still on its
        way.
        """
        for name in self._shelf.claims():
            commit_id = self._shelf.commit_of(name)
            if name == self._name or commit_id is None:
                continue
            self._step.sink.fence(self._step.target, self._context.epoch)
            if self._step.sink.find_commit(self._step.target, commit_id):
                self._shelf.confirm(name)
            else:
                self._shelf.drop(name)

    def _ready(self) -> Ready | IngestionUnitResult:
        manifest = self._session.sealed() or self._staged()
        self._step.on_step("sealed")
        facts = RedriveFacts.of(manifest)
        aside = QuarantineState.parse(facts.aside or {})
        outstanding = aside.evidence() if facts.exhausted else ()
        result = IngestionUnitResult(
            "COMMITTED",
            facts.exhausted,
            aside.ended().within(self._checkpoint) if self._checkpoint and facts.aside else None,
            facts.stats,
            evidence=(*facts.evidence, *outstanding),
            resume=RedriveOn(facts.after, facts.aside).dump(),
        )
        if not manifest.rows:
            self._shelf.mark(self._name, facts.verdict)
            return result

        self._shelf.claim(self._name, facts.verdict)
        self._step.on_step("claimed")
        return Ready(result, self._session, since=self._context.slice, late=self._ordered)

    def _staged(self) -> Manifest:
        started = time.monotonic()
        going_on = RedriveOn.parse(self._context.continuation)
        aside = (
            QuarantineState.of(self._checkpoint)
            if going_on.aside is None
            else QuarantineState.parse(going_on.aside)
        )
        verdict = Decided(aside)
        tried, read, after, exhausted = self._tried(verdict, going_on.after)
        fresh = self._not_superseded(tried, verdict)

        writer = self._session.writer()
        names = landed_names(self._session.fields)
        writer.write_batch(renamed([row for _, row in fresh], names))
        misfits = {misfit.index: misfit for misfit in writer.misfits()}
        for index, (shelved, _) in enumerate(fresh):
            if misfit := misfits.get(index):
                verdict.refuses(shelved, misfit.code, misfit.reason)
            else:
                verdict.lands(shelved)

        refused = verdict.refusals
        stats: RunStats = {
            **NOTHING,
            "read": read,
            "quarantined": refused + verdict.discards_made,
            "unfit": writer.unfit.total(),
            "deduplicated": len(tried) - len(fresh),
            "durationMs": round((time.monotonic() - started) * 1000),
            "slices": 1,
        }

        facts = RedriveFacts(
            stats,
            exhausted,
            after,
            verdict.as_json(self._context.commit_id),
            aside.dump(),
            (*_refusals(verdict, refused), *unfit_evidence(writer.unfit)),
        )
        return writer.seal(facts.dump())

    def _tried(
        self, verdict: Decided, after: Place | None
    ) -> tuple[list[Tried], int, Place | None, bool]:
        """Rows of the records that can be rows; how many were read, up to where, and whether these
        are all. What is to be discarded makes no rows.
        """
        rows: list[Tried] = []
        read = size = 0

        for shelved in self._shelf.everything(self._wanted, after):
            if not self._shelf.is_tried(shelved, self._wanted):
                verdict.was_made_of(shelved)
                continue
            if read == SLICE_RECORDS or size > SLICE_BYTES or self._must_stop(read):
                return rows, read, after, False
            self._try(shelved, rows, verdict)
            read += 1
            size += len(shelved.record.raw)
            after = (shelved.name, shelved.line)
            self._context.progress.rows += 1
        return rows, read, after, True

    def _try(self, shelved: ShelvedRecord, rows: list[Tried], verdict: Decided) -> None:
        if self._discard:
            verdict.discards(shelved)
            return
        try:
            rows.append((shelved, self._row_of(shelved)))
        except SkippableError as error:
            verdict.refuses(shelved, error.code, error.message)

    def _must_stop(self, read: int) -> bool:
        deadline = self._context.deadline
        return self._context.cancelled() or (
            read > 0 and deadline is not None and datetime.now(UTC) >= deadline
        )

    def _row_of(self, shelved: ShelvedRecord) -> Row:
        record = shelved.record
        if shelved.epoch < self._began:
            raise SkippableError(
                "SOURCE_CHANGED",
                "It was set aside before the table's source system took it over, so it may be of "
                "another one.",
            )
        if isinstance(self._source, SupportsReread):
            return self._source.reread(self._context.unit_id, record, self._step.read_fields)
        if record.row is None:
            raise SkippableError(record.code, record.reason)
        return {**record.row, "_raw": record.raw}

    def _not_superseded(self, tried: list[Tried], verdict: Decided) -> list[Tried]:
        """Where the sink compares no versions, a row that landed after the record was read is the
        newer one.
        """
        keys = self._step.policy.primary_keys
        if self._ordered or not keys or not tried:
            return tried

        landed = self._landed_at(keys, {_key_of(row, keys) for _, row in tried})
        fresh = []
        for shelved, row in tried:
            if landed.get(_key_of(row, keys), 0.0) > shelved.epoch:
                verdict.lands(shelved)
            else:
                fresh.append((shelved, row))

        return fresh

    def _landed_at(
        self, keys: Sequence[str], wanted: set[tuple[str, ...]]
    ) -> dict[tuple[str, ...], float]:
        """When the rows of these keys landed, in epoch milliseconds."""
        found: dict[tuple[str, ...], float] = {}
        for batch in self._step.sink.live_keys(self._step.target, [*keys, "_landed_at"]):
            columns = [batch.column(name).to_pylist() for name in keys]
            for key, at in zip(
                zip(*columns, strict=True), batch.column("_landed_at").to_pylist(), strict=True
            ):
                text = tuple(map(str, key))
                if text in wanted and at is not None:
                    found[text] = max(found.get(text, 0.0), at.timestamp() * 1000)
        return found

    def _told(self, result: IngestionUnitResult) -> tuple[Evidence, ...]:
        stats, named = result.stats, self._wanted.record_ids
        evidence = [_discarded(stats) if self._discard else _redriven(stats)]
        if (
            named is not None
            and result.done
            and self._context.slice == 0
            and stats["read"] < len(named)
        ):
            unknown = f"{len(named) - stats['read']} of the named records are not in quarantine, "
            unknown += "or have landed before."
            evidence.append(Evidence("NOT_FOUND", unknown, "info"))

        return tuple(evidence)


class Decided(Verdict):
    """A verdict that tells the unit's state what it decides."""

    def __init__(self, aside: QuarantineState) -> None:
        super().__init__()
        self._aside = aside

    def lands(self, shelved: ShelvedRecord) -> None:
        super().lands(shelved)
        self._aside.is_settled_by(shelved.record, shelved.epoch)

    def discards(self, shelved: ShelvedRecord) -> None:
        super().discards(shelved)
        self._aside.discard(shelved.record, shelved.epoch)

    def was_made_of(self, shelved: ShelvedRecord) -> None:
        """A redrive before decided, and may not have been heard."""
        self._aside.was_settled_by(shelved.record, shelved.epoch, discarded=shelved.is_discarded)


def _redriven(stats: RunStats) -> Evidence:
    message = f"{stats['read']} quarantined records were tried again: {stats['landed']} landed, "
    message += f"{stats['deduplicated']} are in the sink already, "
    message += f"{stats['quarantined']} stay in quarantine."
    return Evidence("REDRIVEN", message, "info")


def _discarded(stats: RunStats) -> Evidence:
    message = f"{stats['read']} quarantined records were discarded: what they say counts no more."
    return Evidence("DISCARDED", message, "info")


def _key_of(row: Row, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in keys)


def _refusals(verdict: Verdict, count: int) -> tuple[Evidence, ...]:
    if not count:
        return ()

    code, reason = next(iter(verdict.refused))
    message = f"{count} records stay in quarantine, the first because: {reason}"
    return (Evidence(code, message, "info"),)
