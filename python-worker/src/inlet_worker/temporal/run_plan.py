"""A run's plan in the words of the data plane's ports."""

from __future__ import annotations

from inlet_sdk.ports.described_endpoint import FieldDescriptor
from inlet_sdk.ports.ingestion_context import IngestionContext
from inlet_sdk.ports.sink_endpoint import SinkTarget
from inlet_worker.config import RunSettings
from inlet_worker.contracts.models import DatasetField, RunPlan
from inlet_worker.pipeline.import_from_staging import sink_target
from inlet_worker.temporal.lake import namespace_of
from inlet_worker.temporal.written_through import place_of


def context_of(plan: RunPlan) -> IngestionContext:
    """Who the run is for. The activity adds how far it may go."""
    return IngestionContext(
        tenant_id=plan.tenant_id,
        run_id=plan.run_id,
        endpoint_id=plan.source.endpoint_id,
        endpoint_slug=plan.source.slug,
        unit_id=plan.unit_id,
        dataset=plan.dataset,
        mode=plan.mode,
        epoch=plan.epoch,
    )


def target_of(plan: RunPlan, settings: RunSettings) -> SinkTarget:
    """Where the run lands: what its commits are asked about."""
    return sink_target(
        context_of(plan), plan.unit_id, fields_of(plan.fields), namespace_in(plan, settings)
    )


def namespace_in(plan: RunPlan, settings: RunSettings) -> str | None:
    """The namespace of the run's tables in its sink."""
    return (
        namespace_of(plan.source.slug, place_of(plan.sink), plan.tenant_id, settings)
        if plan.sink
        else None
    )


def fields_of(fields: list[DatasetField]) -> tuple[FieldDescriptor, ...]:
    return tuple(FieldDescriptor(f.name, f.type, f.nullable, f.description or "") for f in fields)
