"""One slice of a redrive: quarantined records, tried again under the unit's present policy and
connector, land.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from inlet_sdk.errors import SkippableError
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, IngestionUnitResult
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget
from inlet_sdk.ports.source_endpoint import Row, SourceEndpoint, SupportsReread
from inlet_sdk.ports.staging_provider import Manifest, StagingSession
from inlet_worker.pipeline.import_from_staging import import_from_staging
from inlet_worker.pipeline.pending_slice import Pending, pending_of, recorded
from inlet_worker.pipeline.run_stats import NOTHING, committed_stats
from inlet_worker.staging.quarantine_shelf import QuarantineShelf, Selection, ShelvedRecord, Verdict
from inlet_worker.staging.row_version import order_columns

SLICE_RECORDS = 5_000
SLICE_BYTES = 64 * 1024 * 1024
"""A slice holds its records in memory, to compare them with what has landed since."""
Tried = tuple[ShelvedRecord, Row]


class QuarantineRedrive:
    """`session` is the redrive's own. Called again with the same context after any failure it goes
    on where it was.
    """

    def __init__(
        self,
        source: SourceEndpoint,
        sink: SinkEndpoint,
        target: SinkTarget,
        policy: dict[str, Any],
        session: StagingSession,
        shelf: QuarantineShelf,
        wanted: Selection,
        on_step: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._source = source
        self._sink = sink
        self._target = target
        self._policy = policy
        self._session = session
        self._shelf = shelf
        self._wanted = wanted
        self._on_step = on_step
        self._context: IngestionContext = session.context
        self._name = f"{self._context.run_id}-{self._context.slice:06}"
        # A sink that only appends compares no versions.
        self._ordered = (
            bool(order_columns(policy, [f.name for f in target.fields]))
            and sink.descriptor.compares_versions
        )

    def run(
        self, load_pending: Callable[[], Pending | None], save_pending: Callable[[Pending], None]
    ) -> IngestionUnitResult:
        """Land what fits and mark it as landed once it is; the rest stays in quarantine with its
        new reason.
        """
        self._settle()
        if receipt := self._sink.find_commit(self._target, self._context.commit_id):
            result = recorded(receipt, self._context, load_pending())
            self._shelf.confirm(self._name)
        else:
            result = self._land(save_pending)
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
            self._sink.fence(self._target, self._context.epoch)
            if self._sink.find_commit(self._target, commit_id):
                self._shelf.confirm(name)
            else:
                self._shelf.drop(name)

    def _land(self, save_pending: Callable[[Pending], None]) -> IngestionUnitResult:
        manifest = self._session.sealed() or self._staged()
        self._on_step("sealed")
        facts = manifest.facts
        result = IngestionUnitResult(
            "COMMITTED",
            facts["exhausted"],
            None,
            facts["stats"],
            evidence=tuple(Evidence(**e) for e in facts["evidence"]),
            resume={"after": facts["after"]},
        )
        if not manifest.rows:
            self._shelf.mark(self._name, facts["verdict"])
            return result
        self._shelf.claim(self._name, facts["verdict"])
        self._on_step("claimed")
        save_pending(pending_of(self._context, result))
        self._on_step("pending")
        landed = import_from_staging(
            self._sink,
            self._context.unit_id,
            self._session,
            self._policy,
            since=self._context.slice,
            namespace=self._target.namespace,
            late=self._ordered,
        )
        self._on_step("committed")
        self._shelf.confirm(self._name)
        self._on_step("confirmed")
        return replace(
            result, stats=committed_stats(result.stats, landed.receipt), receipt=landed.receipt
        )

    def _staged(self) -> Manifest:
        started = time.monotonic()
        verdict = Verdict()
        tried, read, after, exhausted = self._tried(verdict)
        fresh = self._not_superseded(tried, verdict)
        writer = self._session.writer()
        writer.write_batch([row for _, row in fresh])
        misfits = {misfit.index: misfit for misfit in writer.misfits()}
        for index, (shelved, _) in enumerate(fresh):
            if misfit := misfits.get(index):
                verdict.refuses(shelved, misfit.code, misfit.reason)
            else:
                verdict.lands(shelved)
        refused = sum(
            len(numbers) for lines in verdict.refused.values() for numbers in lines.values()
        )
        figures = {
            "read": read,
            "quarantined": refused,
            "deduplicated": len(tried) - len(fresh),
            "slices": 1,
        }
        spent = {"durationMs": round((time.monotonic() - started) * 1000)}
        return writer.seal(
            {
                "newCheckpoint": None,
                "stats": {**NOTHING, **figures, **spent},
                "exhausted": exhausted,
                "after": after,
                "verdict": verdict.as_json(self._context.commit_id),
                "evidence": _refusals(verdict, refused),
            }
        )

    def _tried(self, verdict: Verdict) -> tuple[list[Tried], int, list[Any] | None, bool]:
        """Rows of the records that can be rows; how many were read, up to where, and whether these
        are all.
        """
        after = (self._context.continuation or {}).get("after")
        rows: list[Tried] = []
        read = size = 0
        for shelved in self._shelf.records(self._wanted, (after[0], after[1]) if after else None):
            if read == SLICE_RECORDS or size > SLICE_BYTES or self._must_stop(read):
                return rows, read, after, False
            try:
                rows.append((shelved, self._row_of(shelved)))
            except SkippableError as error:
                verdict.refuses(shelved, error.code, error.message)
            read, size, after = (
                read + 1,
                size + len(shelved.record.raw),
                [shelved.name, shelved.line],
            )
            self._context.progress.rows += 1
        return rows, read, after, True

    def _must_stop(self, read: int) -> bool:
        deadline = self._context.deadline
        return self._context.cancelled() or (
            read > 0 and deadline is not None and datetime.now(UTC) >= deadline
        )

    def _row_of(self, shelved: ShelvedRecord) -> Row:
        record = shelved.record
        if isinstance(self._source, SupportsReread):
            return self._source.reread(self._context.unit_id, record, self._target.fields)
        if record.row is None:
            raise SkippableError(record.code, record.reason)
        return {**record.row, "_raw": record.raw}

    def _not_superseded(self, tried: list[Tried], verdict: Verdict) -> list[Tried]:
        """Where the sink compares no versions, a row that landed after the record was read is the
        newer one.
        """
        keys = list(self._policy.get("primaryKeys") or ())
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
        for batch in self._sink.live_keys(self._target, [*keys, "_landed_at"]):
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
        told = f"{stats['read']} quarantined records were tried again: {stats['landed']} landed, "
        told += f"{stats['deduplicated']} are in the sink already, {stats['quarantined']} stay in quarantine."
        evidence = [Evidence("REDRIVEN", told, "info")]
        if (
            named is not None
            and result.done
            and self._context.slice == 0
            and stats["read"] < len(named)
        ):
            unknown = f"{len(named) - stats['read']} of the named records are not in quarantine, or have landed before."
            evidence.append(Evidence("NOT_FOUND", unknown, "info"))
        return tuple(evidence)


def _key_of(row: Row, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in keys)


def _refusals(verdict: Verdict, count: int) -> list[dict[str, str]]:
    if not count:
        return []
    code, reason = next(iter(verdict.refused))
    message = f"{count} records stay in quarantine, the first because: {reason}"
    return [{"code": code, "message": message, "weight": "info"}]
