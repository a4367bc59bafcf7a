"""Slices of runs that read no source: what an ended run staged, what is in quarantine, or what has
landed already, lands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from inlet_sdk.errors import FatalError
from inlet_sdk.ports.checkpoint import Checkpoint
from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.policy import Policy
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.row_mapping import RowMapping, mapping_version_of
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_worker.contracts.models import QuarantinePlan, RunPlan
from inlet_worker.host.control_table import RunItem
from inlet_worker.pipeline.commit_step import CommitStep
from inlet_worker.pipeline.endpoint_registry import ResolvedEndpoints
from inlet_worker.pipeline.import_from_staging import keyed_fields, sink_target
from inlet_worker.pipeline.redrive_quarantine import QuarantineRedrive
from inlet_worker.pipeline.refill_rows import RowRefill
from inlet_worker.pipeline.replay_staging import Replayed, StagingReplay
from inlet_worker.pipeline.rows_behind_schema import SchemaAge
from inlet_worker.pipeline.schema_drift import kept_whole, staged_fields
from inlet_worker.pipeline.transform import Transform, open_transform
from inlet_worker.pipeline.transform_rows import TransformStep
from inlet_worker.staging.quarantine_shelf import QuarantineShelf, Selection
from inlet_worker.staging.registry import open_store
from inlet_worker.temporal.endpoints import (
    bind_transform,
    open_sink,
    open_staging,
    staging_config,
)
from inlet_worker.temporal.run_plan import fields_of, namespace_in
from inlet_worker.temporal.work import Work


def replay_slice(
    plan: RunPlan, context: IngestionContext, item: RunItem, work: Work
) -> IngestionUnitResult:
    """Raises FatalError `STAGING_GONE` when the replayed run's staging is not there any more."""
    if plan.replay is None:
        raise ValueError("the plan replays nothing")
    replayed = Replayed(plan.replay.run_id, plan.replay.epoch, plan.replay.slice, plan.replay.mode)
    provider = open_staging(plan.staging_provider_id, work)
    with _step(plan, context, item, work) as step:
        return StagingReplay(step, provider, replayed).run()


def redrive_slice(
    plan: RunPlan, source: SourceEndpoint, context: IngestionContext, item: RunItem, work: Work
) -> IngestionUnitResult:
    context = _mapped(context, plan, source)
    shelf = QuarantineShelf(open_store(staging_config(work.settings.staging_bucket)), context)
    wanted = plan.redrive
    checkpoint = plan.checkpoint and plan.checkpoint.model_dump(mode="json", by_alias=True)

    with _step(plan, context, item, work) as step:
        return QuarantineRedrive(
            step,
            source,
            open_staging(plan.staging_provider_id, work).allocate_session(
                step.context, _staged_fields(step)
            ),
            shelf,
            _selection(wanted),
            Checkpoint.parse(checkpoint) if checkpoint else None,
            discard=bool(wanted and wanted.discard),
        ).run()


def refill_slice(
    plan: RunPlan, source: SourceEndpoint, context: IngestionContext, item: RunItem, work: Work
) -> IngestionUnitResult:
    """Raises FatalError `CONFIG_INVALID` for a unit that cannot be refilled."""
    context = _mapped(context, plan, source)
    stored = plan.checkpoint
    checkpoint = Checkpoint.parse(stored.model_dump(mode="json")) if stored else None

    with _step(plan, context, item, work) as step:
        fields = _staged_fields(step)
        session = open_staging(plan.staging_provider_id, work).allocate_session(context, fields)
        age = SchemaAge.of(step.sink, step.target, fields, context.mapping, checkpoint)
        return RowRefill(replace(step, facts=age.facts), source, session, age, checkpoint).run()


def _mapped(context: IngestionContext, plan: RunPlan, source: SourceEndpoint) -> IngestionContext:
    policy = Policy.parse(plan.policy)
    version = mapping_version_of(source, plan.unit_id)
    return replace(context, mapping=RowMapping(version, policy.keep_raw))


@contextmanager
def _step(
    plan: RunPlan, context: IngestionContext, item: RunItem, work: Work
) -> Iterator[CommitStep]:
    """The step with the transform of the policy, which is ended with it."""
    if plan.sink is None:
        raise FatalError(
            "CONFLICT", "The knowledge base cannot be landed in again. Start a run instead."
        )

    policy = Policy.parse(plan.policy)
    fields = keyed_fields(fields_of(plan.fields), policy)
    registry = ResolvedEndpoints(
        transforms=lambda order: bind_transform(order, plan.tenant_id, work)
    )
    transform = open_transform(registry, policy, fields)
    try:
        landing = transform.fields if transform else fields
        target = sink_target(context, plan.unit_id, landing, namespace_in(plan, work.settings))
        sink = open_sink(plan.sink, plan.tenant_id, work)
        step = CommitStep(sink, target, policy, context, item.load_pending, item.save_pending)
        yield _transforming(step, plan, transform, work) if transform else step
    finally:
        if transform:
            transform.close()


def _transforming(step: CommitStep, plan: RunPlan, transform: Transform, work: Work) -> CommitStep:
    context = step.context
    keeps = step.policy.keep_raw
    mapping = replace(context.mapping, keep_raw=keeps, transform=transform.digest)
    own = replace(context, mapping=mapping)
    policy = kept_whole(step.policy)
    fields = staged_fields(step.sink, step.target, policy)
    provider = open_staging(plan.staging_provider_id, work)
    made = TransformStep(transform, fields, provider, own)
    return replace(step, policy=policy, transform=made, context=own)


def _staged_fields(step: CommitStep) -> tuple[FieldDescriptor, ...]:
    """What is staged to be landed: rows of the source where a transform makes others of them."""
    if step.transform:
        return step.read_fields
    return staged_fields(step.sink, step.target, step.policy)


def _selection(wanted: QuarantinePlan | None) -> Selection:
    if wanted is None:
        return Selection()
    ids = None if wanted.record_ids is None else frozenset(one.root for one in wanted.record_ids)
    return Selection(ids, wanted.run_id, wanted.code)
