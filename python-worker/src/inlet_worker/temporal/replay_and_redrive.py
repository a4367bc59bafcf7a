"""Slices of runs that read no source: what an ended run staged, or what is in quarantine, lands."""

from __future__ import annotations

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.sink_endpoint import SinkEndpoint, SinkTarget
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_worker.contracts.models import RedriveInput, RunPlan
from inlet_worker.host.control_table import RunItem
from inlet_worker.pipeline.import_from_staging import keyed_fields, sink_target
from inlet_worker.pipeline.redrive_quarantine import QuarantineRedrive
from inlet_worker.pipeline.replay_staging import Replayed, StagingReplay
from inlet_worker.pipeline.schema_drift import staged_fields
from inlet_worker.staging.quarantine_shelf import QuarantineShelf, Selection
from inlet_worker.staging.registry import open_store
from inlet_worker.temporal.endpoints import open_sink, open_staging, staging_config
from inlet_worker.temporal.run_plan import fields_of, namespace_in
from inlet_worker.temporal.work import Work


def replay_slice(
    plan: RunPlan, context: IngestionContext, item: RunItem, work: Work
) -> IngestionUnitResult:
    """Raises FatalError `STAGING_GONE` when the replayed run's staging is not there any more."""
    if plan.replay is None:
        raise ValueError("the plan replays nothing")
    replayed = Replayed(plan.replay.run_id, plan.replay.epoch, plan.replay.slice, plan.replay.mode)
    sink, target = _landing(plan, context, work)
    provider = open_staging(plan.staging_provider_id, work)
    replay = StagingReplay(sink, target, plan.policy, provider, context, replayed)
    return replay.run(item.load_pending, item.save_pending)


def redrive_slice(
    plan: RunPlan, source: SourceEndpoint, context: IngestionContext, item: RunItem, work: Work
) -> IngestionUnitResult:
    sink, target = _landing(plan, context, work)
    fields = staged_fields(sink, target, plan.policy)
    session = open_staging(plan.staging_provider_id, work).allocate_session(context, fields)
    shelf = QuarantineShelf(open_store(staging_config(work.settings.staging_bucket)), context)
    redrive = QuarantineRedrive(
        source, sink, target, plan.policy, session, shelf, _selection(plan.redrive)
    )
    return redrive.run(item.load_pending, item.save_pending)


def _landing(
    plan: RunPlan, context: IngestionContext, work: Work
) -> tuple[SinkEndpoint, SinkTarget]:
    if plan.sink is None:
        raise FatalError(
            "CONFLICT", "The knowledge base cannot be landed in again. Start a run instead."
        )
    fields = keyed_fields(fields_of(plan.fields), plan.policy)
    target = sink_target(context, plan.unit_id, fields, namespace_in(plan, work.settings))
    return open_sink(plan.sink, plan.tenant_id, work), target


def _selection(wanted: RedriveInput | None) -> Selection:
    if wanted is None:
        return Selection()
    ids = None if wanted.record_ids is None else frozenset(one.root for one in wanted.record_ids)
    return Selection(ids, wanted.run_id, wanted.code)
