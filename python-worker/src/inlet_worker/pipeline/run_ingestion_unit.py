"""One slice of one unit, from source to sink, in the order that survives a kill after any step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.entities import EntityMap
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import Evidence, ExportResult, IngestionUnitResult
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget, refuse_deletes
from inlet_sdk.ports.staging_provider import Manifest, StagingSession
from inlet_worker.pipeline.census_phase import CensusPhase, open_phase
from inlet_worker.pipeline.census_state import deletes
from inlet_worker.pipeline.endpoint_registry import EndpointRegistry
from inlet_worker.pipeline.export_to_staging import export_to_staging
from inlet_worker.pipeline.hand_over_records import entities_of, hand_over_records
from inlet_worker.pipeline.import_from_staging import import_from_staging, keyed_fields, sink_target
from inlet_worker.pipeline.pending_slice import Pending, pending_of, recorded
from inlet_worker.pipeline.run_stats import committed_stats, read_stats, refuse_unbalanced
from inlet_worker.pipeline.schema_drift import staged_fields


def run_ingestion_unit(
    source_endpoint_id: str,
    sink_endpoint_id: str | None,
    unit_id: str,
    checkpoint: dict[str, Any] | None,
    policy: dict[str, Any],
    staging_provider_id: str,
    *,
    context: IngestionContext,
    registry: EndpointRegistry,
    load_pending: Callable[[], Pending | None],
    save_pending: Callable[[Pending], None],
    namespace: str | None = None,
    on_step: Callable[[str], None] = lambda _: None,
) -> IngestionUnitResult:
    """Land the slice `context.slice`. Called again with the same context after any failure it goes
    on where it was.

    FULL reads in as many slices as its deadlines cut, and commits once, as the slice that exhausts
    the source. INCREMENTAL commits each slice that ends on a cursor. The staging session is closed
    when the unit is done and when a retry could not help. Tables are in `namespace`, the endpoint's
    slug if not given; `on_step` hears how far it is.
    """
    reading = context.continuation or {}
    since = reading.get("since", context.slice)
    source_context = replace(context, continuation=reading.get("source"))
    fields = keyed_fields(registry.fields(unit_id), policy)
    session = registry.staging(staging_provider_id).allocate_session(source_context, fields)
    try:
        sink = registry.sink(sink_endpoint_id) if sink_endpoint_id is not None else None
        source = registry.source(source_endpoint_id)
        target = sink_target(context, unit_id, fields, namespace)
        receiver = sink or entities_of(source, unit_id)
        if sink:
            refuse_deletes(sink, policy)
            staged = staged_fields(sink, target, policy)
            session = registry.staging(staging_provider_id).allocate_session(source_context, staged)
        phase = open_phase(source, sink, target, policy, session, checkpoint, reading)
        if sink and (receipt := sink.find_commit(target, context.commit_id)):
            result = recorded(receipt, context, load_pending())
        elif phase and phase.is_now:
            result = phase.land(save_pending, on_step)
        else:
            export = export_to_staging(source, unit_id, checkpoint, policy, session)
            on_step("sealed")
            landing = _Landing(
                session,
                unit_id,
                checkpoint,
                policy,
                since,
                reading.get("cursor"),
                export,
                target,
                phase,
            )
            result = landing.land(receiver, save_pending, on_step)
        if phase and not phase.is_now:
            result = phase.after_reading(result)
    except FatalError:
        _close(session, policy)
        raise
    if result.done and not result.enrichment:  # else it is closed once the records were taken
        _close(session, policy)
    return result


def _close(session: StagingSession, policy: dict[str, Any]) -> None:
    if not policy.get("retainStagingDays"):  # else the bucket's lifecycle rule deletes it
        session.close()


class _Landing:
    """From a sealed slice to the answer."""

    def __init__(
        self,
        session: StagingSession,
        unit_id: str,
        checkpoint: dict[str, Any] | None,
        policy: dict[str, Any],
        since: int,
        cursor_before: dict[str, Any] | None,
        export: ExportResult,
        target: SinkTarget,
        phase: CensusPhase | None,
    ) -> None:
        self._session = session
        self._context = session.context
        self._unit_id = unit_id
        self._checkpoint = checkpoint
        self._policy = policy
        self._since = since
        self._export = export
        self._target = target
        self._phase = phase
        self._reached = export.new_checkpoint or cursor_before

    def land(
        self,
        sink: SinkEndpoint | EntityMap,
        save_pending: Callable[[Pending], None],
        on_step: Callable[[str], None],
    ) -> IngestionUnitResult:
        if not self._may_commit():
            outcome = "WAIT" if self._export.wait else "CONTINUE"
            resume = {"source": self._export.resume, "since": self._since, "cursor": self._reached}
            return self._answer(
                outcome=outcome, stats=read_stats([self._export.stats], landed=False), resume=resume
            )
        manifests = self._session.reader(self._since).manifests()
        exports = [m.facts["stats"] for m in manifests]
        refuse_unbalanced(exports, sum(m.rows for m in manifests))
        stats = read_stats(exports, self._export.stats)
        committed = self._answer(
            new_checkpoint=self._next_checkpoint(), stats=stats, done=self._export.exhausted
        )
        if not committed.done:
            resume = {
                "source": self._export.resume,
                "since": self._context.slice + 1,
                "cursor": None,
            }
            committed = replace(committed, resume=resume)
        if not self._has_work(exports):
            return committed
        if isinstance(sink, EntityMap):
            return self._hand_over(committed, sink)
        save_pending(pending_of(self._context, committed))
        on_step("pending")
        try:
            landed = import_from_staging(
                sink,
                self._unit_id,
                self._session,
                self._policy,
                since=self._since,
                namespace=self._target.namespace,
                cursor_to=self._reached,
                complete=self._is_complete(manifests),
            )
        except FatalError as error:
            if error.code != "SUSPICIOUS_EMPTY":
                raise
            doubt = Evidence(error.code, error.message, "suspicious")
            return replace(committed, new_checkpoint=None, evidence=(*committed.evidence, doubt))
        on_step("committed")
        return replace(
            committed, stats=committed_stats(stats, landed.receipt), receipt=landed.receipt
        )

    def _hand_over(
        self, committed: IngestionUnitResult, entities: EntityMap
    ) -> IngestionUnitResult:
        """No pending slice: what the knowledge base takes twice, it has once."""
        enrichment = hand_over_records(self._session, entities, self._policy, since=self._since)
        return (
            replace(committed, outcome="ENRICH", enrichment=enrichment) if enrichment else committed
        )

    def _may_commit(self) -> bool:
        if self._context.mode == "FULL":
            return self._export.exhausted
        return self._export.committable

    def _has_work(self, exports: list[dict[str, int]]) -> bool:
        # A tick that found nothing new leaves no trace in the table.
        nothing = not any(e["exported_rows"] for e in exports)
        return not (nothing and self._context.mode != "FULL" and self._checkpoint is not None)

    def _next_checkpoint(self) -> dict[str, Any] | None:
        """Never behind the one before."""
        before, reached = self._checkpoint, self._reached
        if reached is None:
            return None
        old, new = (before or {}).get("position"), reached.get("position")
        if before is not None and old is not None and new is not None and new < old:
            reached = before
        return self._phase.opened(reached) if self._phase else reached

    def _is_complete(self, manifests: Sequence[Manifest]) -> bool:
        """Whether what is not staged is gone. Where a census decides, it is what removes."""
        if self._phase and deletes(self._policy):
            return False
        if any(manifest.facts["stats"]["quarantined_rows"] for manifest in manifests):
            return False  # what was set aside is not gone
        return not any(
            warning["weight"] == "partial" for m in manifests for warning in m.facts["warnings"]
        )

    def _answer(self, **changes: Any) -> IngestionUnitResult:
        export = self._export
        evidence = (*export.warnings, *changes.pop("evidence", ()), *_quarantine_evidence(export))
        base = IngestionUnitResult(
            "COMMITTED",
            False,
            None,
            {},
            errors=export.quarantined,
            evidence=evidence,
            wait=export.wait,
        )
        return replace(base, **changes)


def _quarantine_evidence(export: ExportResult) -> tuple[Evidence, ...]:
    count = export.stats["quarantined_rows"]
    if not count:
        return ()
    first = export.quarantined[0]["message"]
    return (
        Evidence(
            "RECORD_INVALID", f"{count} records were set aside, the first because {first}.", "info"
        ),
    )
