"""One slice of one run: the plan opened, `run_ingestion_unit` called, its answer told in the
contract's words.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.results import IngestionUnitResult
from inlet_sdk.ports.source_endpoint import SourceEndpoint
from inlet_worker.contracts import models
from inlet_worker.host.control_table import RunItem
from inlet_worker.pipeline.endpoint_registry import ResolvedEndpoints
from inlet_worker.pipeline.run_ingestion_unit import run_ingestion_unit
from inlet_worker.pipeline.summed_evidence import evidence_as_told, summed
from inlet_worker.temporal.artifact_of import artifact_of
from inlet_worker.temporal.common_data import as_landed, mapped_source
from inlet_worker.temporal.endpoints import bind_transform, open_sink, open_source, open_staging
from inlet_worker.temporal.live_progress import LiveProgress
from inlet_worker.temporal.replay_and_redrive import redrive_slice, refill_slice, replay_slice
from inlet_worker.temporal.run_plan import context_of, fields_of, namespace_in
from inlet_worker.temporal.work import Work

TOLD = "progress"
"""Beside the pipeline's own members of a continuation: the figures of the activities before."""


def run_ingestion_unit_activity(given: Any, work: Work) -> models.RunUnitResult:
    """Raises FencedError when the run ended or lost its unit meanwhile, else what the pipeline
    raises.
    """
    task = models.RunUnitInput.model_validate(given)
    plan = task.plan
    item = RunItem(
        work.aws.dynamodb, work.settings.control_table, plan.tenant_id, plan.run_id, plan.epoch
    )

    live = LiveProgress(item, task.slice, (task.continuation or {}).get(TOLD), work.stopping.set)
    work.watchers.append(live.see)

    result = _worked(task, item, work)

    live.save(work.progress)
    if live.fenced:
        raise live.fenced
    artifact = artifact_of(result.receipt, as_landed(plan), work) if result.receipt else None
    return _told(result, artifact, task.slice, live.handed_on(work.progress))


def _worked(task: models.RunUnitInput, item: RunItem, work: Work) -> IngestionUnitResult:
    asked, plan = task.plan, as_landed(task.plan)
    task = task.model_copy(update={"plan": plan})
    if plan.replay is not None:
        return replay_slice(plan, _context(task, work), item, work)
    opened = open_source(plan.source, plan.tenant_id, work, people=plan.trigger == "MANUAL")
    source = mapped_source(opened, asked)
    try:
        if plan.redrive is not None:
            return redrive_slice(plan, source, _context(task, work), item, work)
        if plan.refill:
            return refill_slice(plan, source, _context(task, work), item, work)
        return _run(task, source, item, work)
    finally:
        source.close()


def _run(
    task: models.RunUnitInput, source: SourceEndpoint, item: RunItem, work: Work
) -> IngestionUnitResult:
    plan = task.plan
    registry = ResolvedEndpoints(
        sources={plan.source.endpoint_id: source},
        sinks={plan.sink.sink_id: open_sink(plan.sink, plan.tenant_id, work)} if plan.sink else {},
        providers={plan.staging_provider_id: open_staging(plan.staging_provider_id, work)},
        columns={plan.unit_id: fields_of(plan.fields)},
        transforms=lambda order: bind_transform(order, plan.tenant_id, work),
    )

    return run_ingestion_unit(
        plan.source.endpoint_id,
        plan.sink.sink_id if plan.sink else None,
        plan.unit_id,
        plan.checkpoint.model_dump(mode="json", by_alias=True) if plan.checkpoint else None,
        plan.policy,
        plan.staging_provider_id,
        context=_context(task, work),
        registry=registry,
        load_pending=item.load_pending,
        save_pending=item.save_pending,
        namespace=namespace_in(plan, work.settings),
    )


def _context(task: models.RunUnitInput, work: Work) -> IngestionContext:
    return replace(
        context_of(task.plan),
        slice=task.slice,
        continuation=task.continuation,
        deadline=work.deadline,
        cancelled=work.stopping.is_set,
        progress=work.progress,
        only=task.only,
    )


def _told(
    result: IngestionUnitResult,
    artifact: models.LandedArtifact | None,
    slice_: int,
    figures: dict[str, Any],
) -> models.RunUnitResult:
    """The wire's form: only the next activity needs a continuation."""
    going_on = None if result.done else {**(result.resume or {}), TOLD: figures}

    return models.RunUnitResult.model_validate(
        {
            "outcome": result.outcome,
            "done": result.done,
            "slice": slice_,
            "newCheckpoint": result.new_checkpoint,
            "nextCheckpoint": result.new_checkpoint,
            "stats": result.stats,
            "errors": list(result.errors),
            "artifact": artifact,
            "evidence": [evidence_as_told(evidence) for evidence in summed(result.evidence)],
            "continuation": going_on,
            "resumeAt": result.wait.resume_at if result.wait else None,
            "waitReason": result.wait.reason if result.wait else None,
            "enrichment": asdict(result.enrichment) if result.enrichment else None,
        }
    )
